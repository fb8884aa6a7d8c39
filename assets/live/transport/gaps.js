/** How often something was missing, so that asking again neither runs hot nor goes on in vain. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /** Gaps that follow each other so closely, in ms, are one trouble. */
  const CLOSELY = 10_000;

  class Gaps {
    /** @param {number} most gaps in vain before what is held is given up */
    constructor(most) {
      this.most = most;
      /** In all. */
      this.count = 0;
      /** Closely one after the other. */
      this.row = 0;
      /** Since a message was of use. */
      this.vain = 0;
      this.at = -Infinity;
    }

    /** One more. @param {number} now epoch ms @returns {number} how many came closely, from 1 */
    found(now) {
      this.row = now - this.at < CLOSELY ? this.row + 1 : 1;
      this.at = now;
      this.count += 1;
      this.vain += 1;
      return this.row;
    }

    closed() {
      this.vain = 0;
    }

    /** Whether what is held leads nowhere, and the whole snapshot is to be asked for. */
    get hopeless() {
      return this.vain > this.most;
    }
  }

  (northstar.transport ??= {}).Gaps = Gaps;
}
