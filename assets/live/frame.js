/** Draws once a frame however much was news; while nobody looks, not at all. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /** A browser may hold back the frames of a page that it shows: then it is drawn without one. */
  const LATEST_MS = 250;

  class Frame {
    /** @param {() => void} draw @param {() => boolean} hidden @param {Window | any} page */
    constructor(draw, hidden, page) {
      this.draw = draw;
      this.hidden = hidden;
      this.page = page;
      this.dirty = false;
      this.waiting = false;
    }

    /** Something is to be drawn. */
    mark() {
      this.dirty = true;
      if (this.waiting || this.hidden()) return;
      this.waiting = true;
      const frame = this.page.requestAnimationFrame(() => this.run());
      const timer = this.page.setTimeout(() => this.run(), LATEST_MS);
      this.cancel = () => {
        this.page.cancelAnimationFrame(frame);
        this.page.clearTimeout(timer);
      };
    }

    /** Draw at once, for an answer to a hand on the page. */
    now() {
      this.dirty = true;
      this.run();
    }

    /** Draw what was marked, if it was not drawn since. */
    run() {
      if (this.waiting) this.cancel?.();
      this.waiting = false;
      if (!this.dirty || this.hidden()) return;
      this.dirty = false;
      this.draw();
    }
  }

  northstar.Frame = Frame;
}
