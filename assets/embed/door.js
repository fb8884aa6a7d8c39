/**
 * The way to the figures of one panel: plain requests show the token, and a socket or a stream of events
 * is opened by a ticket that is good once, so that no token stands in an address that lasts.
 */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const NOT_ALLOWED = 4401;
  const REFUSED = [401, 403];

  class Door {
    /**
     * @param {{base: string, panel: string, token: () => string | null, fetch: typeof fetch, WebSocket: typeof WebSocket,
     *   EventSource: typeof EventSource | undefined, refused: (why: string, expired: boolean) => void}} parts
     */
    constructor(parts) {
      this.parts = parts;
      const door = this;
      /** What takes the place of the browser's own `EventSource`; undefined where there is none. */
      this.EventSource = parts.EventSource && class {
        /** @param {string} url */
        constructor(url) {
          this.closed = false;
          /** @type {EventSource | null} */
          this.source = null;
          /** @type {((event: MessageEvent) => void) | null} */
          this.onmessage = null;
          /** @type {(() => void) | null} */
          this.onerror = null;
          void this.open(url);
        }

        /** @param {string} url */
        async open(url) {
          const ticket = await door.ticket();
          if (this.closed) return;
          if (!ticket) return this.onerror?.();
          const Source = /** @type {typeof EventSource} */ (parts.EventSource);
          const source = (this.source = new Source(door.withTicket(url, ticket)));
          source.onmessage = (event) => this.onmessage?.(event);
          source.onerror = () => this.onerror?.();
        }

        close() {
          this.closed = true;
          this.source?.close();
        }
      };
    }

    /** Ask with the token. @type {typeof fetch} */
    fetch = async (url, options) => {
      const token = this.parts.token();
      const answer = await this.parts.fetch(url, { ...options, credentials: "omit", headers: { ...options?.headers, Authorization: `Bearer ${token ?? ""}` } });
      // What is said of a token that was renewed meanwhile says nothing of the newer one.
      if (REFUSED.includes(answer.status) && token === this.parts.token()) {
        const body = await answer.clone().json().catch(() => null);
        this.parts.refused(typeof body?.detail === "string" ? body.detail : `The server answered ${answer.status}.`, body?.expired === true);
      }
      return answer;
    };

    /** A ticket for one connection; null where there is none to be had. */
    async ticket() {
      try {
        const answer = await this.fetch(`${this.parts.base}ticket?panel=${this.parts.panel}`, { method: "POST" });
        if (!answer.ok) return REFUSED.includes(answer.status) ? undefined : null;
        return /** @type {string} */ ((await answer.json()).ticket);
      } catch {
        return null; // the server is not reached: whoever asked tries again
      }
    }

    /** @param {string} url @param {string} ticket */
    withTicket(url, ticket) {
      return `${url}${url.includes("?") ? "&" : "?"}ticket=${encodeURIComponent(ticket)}`;
    }

    /**
     * Open a socket; once it is closed from here, nothing more is heard of it.
     * @type {OpenSocket}
     */
    open = (url, heard) => {
      const end = new AbortController();
      /** @type {WebSocket | null} */
      let socket = null;
      void this.ticket().then((ticket) => {
        if (end.signal.aborted) return;
        if (!ticket) return heard.closed(ticket === undefined ? NOT_ALLOWED : 1006, "");
        try {
          socket = new this.parts.WebSocket(this.withTicket(url, ticket));
        } catch (error) {
          // A browser, or a policy of the page around us, allows none: there are other ways.
          return heard.closed(1006, String(error));
        }
        socket.addEventListener("message", (event) => heard.message(event.data), { signal: end.signal });
        socket.addEventListener("close", (event) => heard.closed(event.code, event.reason), { signal: end.signal, once: true });
      });
      return {
        send: (text) => {
          if (socket?.readyState === 1) socket.send(text);
        },
        close: () => {
          end.abort();
          socket?.close();
        },
      };
    };
  }

  (northstar.embed ??= {}).Door = Door;
}
