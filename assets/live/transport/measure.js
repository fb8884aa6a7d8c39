/** What the answers of the server tell of the way to it, and of its clock. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /** @param {number[]} values not empty */
  function median(values) {
    const sorted = [...values].sort((one, two) => one - two);
    const middle = sorted.length >> 1;
    return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** The median of the last few values; one that is far off moves it little. */
  class Recent {
    /** @param {number} most how many count */
    constructor(most) {
      this.most = most;
      /** @type {number[]} */
      this.values = [];
    }

    /** @param {number} value */
    add(value) {
      this.values.push(value);
      if (this.values.length > this.most) this.values.shift();
    }

    clear() {
      this.values.length = 0;
    }

    /** @returns {number | null} */
    get median() {
      return this.values.length ? median(this.values) : null;
    }
  }

  /** How many ms the server's clock is ahead of ours. */
  class Ahead {
    /** @param {number} most how many answers count */
    constructor(most) {
      this.close = new Recent(most);
      this.rough = 0;
      /** Whether the server has said what time it is. */
      this.known = false;
    }

    /**
     * An answer that names the server's time to the ms.
     * @param {string | undefined} stamp RFC 3339 @param {number} asked epoch ms @param {number} answered epoch ms
     */
    precise(stamp, asked, answered) {
      const at = Date.parse(stamp ?? "");
      if (Number.isNaN(at)) return;
      this.close.add(at - (asked + answered) / 2);
      this.known = true;
    }

    /**
     * An answer with a Date header. It has whole seconds, so what is within two of them counts as no difference.
     * @param {string | null} stamp @param {number} asked @param {number} answered
     */
    coarse(stamp, asked, answered) {
      const at = Date.parse(stamp ?? "");
      if (Number.isNaN(at)) return;
      this.told(at + 500 - (asked + answered) / 2);
    }

    /** What is known to a second or so; less than two count as no difference. @param {number} difference ms */
    told(difference) {
      this.rough = Math.abs(difference) < 2000 ? 0 : Math.round(difference);
      this.known = true;
    }

    /** Measure anew: the computer slept, and its clock may have been set. What was known holds until then, for nothing better is. */
    clear() {
      this.rough = this.ms;
      this.close.clear();
    }

    get ms() {
      const known = this.close.median;
      return known === null ? this.rough : Math.round(known);
    }
  }

  Object.assign((northstar.transport ??= {}), { Recent, Ahead, median });
}
