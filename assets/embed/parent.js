/** What a panel and the page around it say to each other; only sites that the link names are spoken to, or heard. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  class Parent {
    /**
     * @param {{page: Window, own: string, origins: string[]}} parts the origins that may frame the panel; `self` is our own
     */
    constructor({ page, own, origins }) {
      this.page = page;
      this.origins = origins.map((origin) => (origin === "self" ? own : origin));
      this.framed = page.parent !== page;
      /** @type {string | null} the one that it is, once that is known */
      this.known = [...(page.location?.ancestorOrigins ?? [])][0] ?? null;
    }

    /** Tell the page around us. @param {string} type @param {object} [more] */
    say(type, more = {}) {
      if (!this.framed) return;
      const targets = this.known ? this.origins.filter((origin) => origin === this.known) : this.origins;
      for (const origin of targets) this.page.parent.postMessage({ type: `northstar:${type}`, ...more }, origin);
    }

    /** Hear what it says. @param {Record<string, (message: any) => void>} handlers by the type without its prefix */
    hear(handlers) {
      this.page.addEventListener("message", (event) => {
        if (!this.framed || event.source !== this.page.parent || !this.origins.includes(event.origin)) return;
        const type = event.data?.type;
        if (typeof type !== "string" || !type.startsWith("northstar:")) return;
        const handler = Object.hasOwn(handlers, type.slice(10)) ? handlers[type.slice(10)] : null;
        if (!handler) return;
        this.known = event.origin;
        handler(event.data);
      });
    }

    /** Tell how high the panel is, now and whenever that changes. @param {HTMLElement} element */
    measure(element) {
      let told = 0;
      new ResizeObserver(() => {
        const height = Math.ceil(element.getBoundingClientRect().height);
        if (height === told) return;
        told = height;
        this.say("size", { height });
      }).observe(element);
    }
  }

  /** @param {string} name */
  const meta = (name) => document.querySelector(`meta[name="pnl:${name}"]`)?.getAttribute("content") ?? "";
  const parent = () => new Parent({ page: window, own: location.origin, origins: meta("parents").split(" ").filter(Boolean) });

  Object.assign((northstar.embed ??= {}), { Parent, parent, meta });
}
