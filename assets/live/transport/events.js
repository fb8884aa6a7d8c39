/**
 * The tier of Server-Sent Events, by the browser's own `EventSource`. Left to itself that would come
 * back at once and for ever; so it is closed at its first error, and opened anew from here.
 */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  class EventsTier {
    /**
     * @param {{EventSource: typeof EventSource | undefined, url: () => string, message: (text: string) => void,
     *   lost: (bye: Bye | null) => void}} parts
     */
    constructor(parts) {
      this.parts = parts;
      /** @type {EventSource | null} */
      this.source = null;
      /** Whether it has brought a message since it was opened. */
      this.up = false;
      /** @type {Bye | null} what the server said before it closes */
      this.bye = null;
    }

    get open() {
      return this.source !== null;
    }

    /** Whether this browser has it at all. */
    get possible() {
      return this.parts.EventSource !== undefined;
    }

    start() {
      this.stop();
      const { EventSource, url, message, lost } = this.parts;
      if (!EventSource) return;
      const source = (this.source = new EventSource(url()));
      source.onmessage = (event) => {
        if (this.source === source) message(event.data);
      };
      source.onerror = () => {
        if (this.source !== source) return;
        const bye = this.bye;
        this.stop();
        lost(bye);
      };
    }

    stop() {
      this.source?.close();
      this.source = null;
      this.up = false;
      this.bye = null;
    }
  }

  (northstar.transport ??= {}).EventsTier = EventsTier;
}
