/** The tier of the WebSocket: one connection at a time, given up when it says nothing. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  class SocketTier {
    /**
     * @param {{open: OpenSocket, url: (attempt: number) => string, deadlines: any, times: Times, clock: Clock,
     *   message: (text: string) => void, lost: (code: number, why: string, bye: Bye | null) => void}} parts
     */
    constructor(parts) {
      this.parts = parts;
      /** @type {ReturnType<OpenSocket> | null} */
      this.socket = null;
      /** Whether it has brought a message that was of use. */
      this.up = false;
      this.attempts = 0;
      /** @type {Bye | null} what the server said before it closes */
      this.bye = null;
    }

    get open() {
      return this.socket !== null;
    }

    /** Open a connection in place of the one that is there. */
    start() {
      this.stop();
      const { open, url, deadlines, times, message, lost } = this.parts;
      this.attempts += 1;
      deadlines.set("opening", times.opening, () => this.giveUp("the WebSocket does not answer"));
      this.socket = open(url(this.attempts), {
        message,
        closed: (code, reason) => {
          const bye = this.bye;
          const said = bye?.reason ?? reason;
          this.forget();
          lost(code, said ? `the WebSocket was closed: ${said}` : `the WebSocket was closed (${code})`, bye);
        },
      });
    }

    /** It brought something. @param {boolean} useful */
    heard(useful) {
      const { deadlines, times } = this.parts;
      if (useful) {
        this.up = true;
        deadlines.clear("opening");
      }
      if (!this.up) return;
      deadlines.clear("doubt");
      deadlines.set("silence", times.silence, () => this.giveUp("the WebSocket is silent"));
    }

    ping() {
      this.socket?.send(JSON.stringify({ t: "ping", at: this.parts.clock.now() }));
    }

    /** Ask for a sign of life, and give the connection up when there is none. */
    doubt() {
      const { deadlines, times } = this.parts;
      this.ping();
      if (deadlines.at("doubt") === null) deadlines.set("doubt", times.doubt, () => this.giveUp("the WebSocket does not answer a ping"));
    }

    /** @param {string} why */
    giveUp(why) {
      this.stop();
      this.parts.lost(0, why, null);
    }

    stop() {
      const socket = this.socket;
      this.forget();
      socket?.close();
    }

    forget() {
      this.socket = null;
      this.up = false;
      this.bye = null;
      this.parts.deadlines.clear("opening", "silence", "doubt");
    }
  }

  (northstar.transport ??= {}).SocketTier = SocketTier;
}
