/** The one region that a screen reader reads out: what is said stays in it for a while before the next takes its place. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /** So long each text stays, in ms: what is replaced sooner may never be read out. */
  const STAYS_MS = 1500;
  /** After so long the last one is taken away: a figure is no longer the newest then, and the region can be walked to. */
  const GONE_MS = 8500;
  /** Where more than this wait, the oldest are no news any more. */
  const MOST = 4;

  class Speech {
    /** @param {(text: string) => void} show @param {(act: () => void, ms: number) => unknown} later */
    constructor(show, later) {
      this.show = show;
      this.later = later;
      /** @type {string[]} */
      this.waiting = [];
      this.speaking = false;
      /** What the silence after a text is known by. */
      this.shown = {};
    }

    /** Say a text, after those that were said before; what is `last` makes whatever still waits no news. @param {string} text @param {boolean} [last] */
    say(text, last = false) {
      if (last) this.waiting.length = 0;
      this.waiting.push(text);
      if (this.waiting.length > MOST) this.waiting.shift();
      if (!this.speaking) this.next();
    }

    next() {
      const text = this.waiting.shift();
      this.speaking = text !== undefined;
      if (text === undefined) return this.fade();
      this.show(text);
      this.later(() => this.next(), STAYS_MS);
    }

    fade() {
      const shown = (this.shown = {});
      this.later(() => !this.speaking && this.shown === shown && this.show(""), GONE_MS);
    }
  }

  northstar.Speech = Speech;
}
