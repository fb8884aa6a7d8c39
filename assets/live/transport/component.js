/**
 * Opens sockets through the `WebSocket` component of the page. The component opens one whenever its
 * `url` changes, never on its own, and shows only the newest message; so each attempt has a url of
 * its own, and we listen to the socket itself.
 */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const ID = "live-socket";

  /** @typedef {{url: string, heard: SocketListener, end: AbortController, socket: WebSocket | null}} Attempt */

  class Component {
    /**
     * @param {{WebSocket: typeof WebSocket}} page whose sockets are made known; only those of `path` are touched
     * @param {string} path
     * @param {(id: string, props: object) => void} setProps
     */
    constructor(page, path, setProps) {
      this.path = path;
      this.setProps = setProps;
      this.mounted = false;
      /** @type {Attempt | null} what waits for its socket */
      this.wanted = null;
      const made = (/** @type {WebSocket} */ socket, /** @type {string} */ url) => this.made(socket, url);
      page.WebSocket = new Proxy(page.WebSocket, {
        construct(native, given) {
          const socket = Reflect.construct(native, given);
          made(socket, String(given[0]));
          return socket;
        },
      });
    }

    /** Dash has put the component on the page: it takes a url from now on. */
    ready() {
      if (this.mounted) return;
      this.mounted = true;
      if (this.wanted) this.setProps(ID, { url: this.wanted.url });
    }

    /**
     * Open a socket; once it is closed from here, nothing more is heard of it.
     * @type {OpenSocket}
     */
    open(url, heard) {
      /** @type {Attempt} */
      const attempt = { url, heard, end: new AbortController(), socket: null };
      this.wanted = attempt;
      if (this.mounted) this.setProps(ID, { url });
      return {
        send: (text) => {
          if (attempt.socket?.readyState === 1) attempt.socket.send(text);
        },
        close: () => {
          attempt.end.abort();
          attempt.socket?.close();
          if (this.wanted === attempt) this.wanted = null;
        },
      };
    }

    /** @param {WebSocket} socket @param {string} url */
    made(socket, url) {
      if (new URL(url, "ws://page").pathname !== this.path) return;
      const attempt = this.wanted;
      // One that is no longer wanted must not keep a place at the server.
      if (attempt?.url !== url) return socket.close();
      this.wanted = null;
      attempt.socket = socket;
      const { signal } = attempt.end;
      socket.addEventListener("message", (event) => attempt.heard.message(event.data), { signal });
      socket.addEventListener("close", (event) => attempt.heard.closed(event.code, event.reason), { signal, once: true });
    }
  }

  Object.assign((northstar.transport ??= {}), { Component, ID });
}
