/**
 * What the browser keeps of the product for when the server is away: the frame and every page without a
 * figure, and the scripts, styles and fonts that a page really used. All of it is of one version; what
 * is of another is deleted.
 */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const OURS = "pnl ";
  /** A page uses some forty files; whatever is named beyond this is not kept. */
  const MOST_FILES = 120;
  const FILES = /^(?:assets|_dash-component-suites)\//;
  /** What a page may do is said with it: it is kept as strict as it came. */
  const HEADERS = ["Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Permissions-Policy", "Cross-Origin-Opener-Policy"];

  /** The server says who one is before anything else: nobody, by now. @param {Response} answer */
  const isRefusal = (answer) => answer.type === "opaqueredirect" || answer.status === 401;

  class Kept {
    /** @param {{caches: CacheStorage, fetch: typeof fetch, origin: string, root: string}} parts `root` is the path of the product, with a slash at its end */
    constructor({ caches, fetch, origin, root }) {
      this.caches = caches;
      this.fetch = fetch;
      this.origin = origin;
      this.root = root;
      /** How often all was forgotten: what was asked for before is not kept after. */
      this.forgotten = 0;
      /** @type {Promise<unknown>} one after the other */
      this.turn = Promise.resolve();
    }

    /** Whether an address is that of a file that may be kept. @param {URL} url */
    isFile(url) {
      return url.origin === this.origin && url.pathname.startsWith(this.root) && FILES.test(url.pathname.slice(this.root.length));
    }

    /** The names of all that is kept. */
    async names() {
      return (await this.caches.keys()).filter((name) => name.startsWith(OURS));
    }

    /** What the server told, whole; null where nothing is kept. @returns {Promise<Response | null>} */
    async told() {
      for (const name of await this.names()) {
        const found = await (await this.caches.open(name)).match(`${this.root}kept`);
        if (found) return found;
      }
      return null;
    }

    /** A file as it was kept. @param {Request} request @returns {Promise<Response | undefined>} */
    async file(request) {
      for (const name of await this.names()) {
        const found = await (await this.caches.open(name)).match(request, { ignoreVary: true });
        if (found) return found;
      }
      return undefined;
    }

    /** The document of every page, without a figure. @param {string} path @returns {Promise<Response | null>} null where no page that is kept has this path */
    async document(path) {
      const answer = await this.told();
      const told = await answer?.json();
      if (!answer || !this.pageOf(told, path)) return null;
      return new Response(told.document, { headers: { ...strictness(answer.headers), "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store" } });
    }

    /** What the app asks for as it starts. @param {"layout" | "dependencies"} name @returns {Promise<Response | null>} */
    async start(name) {
      const told = await (await this.told())?.json();
      return told ? json(told[name]) : null;
    }

    /** The answer of the app's router for a path. @param {string} path @returns {Promise<Response | null>} */
    async content(path) {
      const page = this.pageOf(await (await this.told())?.json(), path);
      return page ? json(page.answer) : null;
    }

    /** @param {any} told @param {string} path */
    pageOf(told, path) {
      if (!told || !path.startsWith(this.root)) return null;
      const asked = `/${path.slice(this.root.length)}`.replace(/(?<=.)\/$/, "").split("/");
      return told.pages.find((/** @type {{path: string}} */ page) => {
        const parts = page.path.split("/");
        return parts.length === asked.length && parts.every((part, place) => (part.startsWith("<") ? asked[place] !== "" : part === asked[place]));
      });
    }

    /** Keep the pages as they are now, and the files that one of them used. @param {string[]} used addresses */
    keep(used) {
      const begun = this.forgotten;
      this.turn = this.turn.then(() => this.take(used, begun)).catch(() => undefined); // the server is away: what is kept stays
      return this.turn;
    }

    /** @param {string[]} used @param {number} begun */
    async take(used, begun) {
      const held = await (await this.told())?.json();
      const answer = await this.fetch(`${this.root}kept?version=${held?.version ?? ""}`, { cache: "no-store", redirect: "manual" });
      if (isRefusal(answer)) return this.forget();
      if (answer.status !== 200 && answer.status !== 204) return;
      const text = answer.status === 200 ? await answer.text() : null;
      const version = text === null ? held?.version : JSON.parse(text).version;
      if (!version) return;
      const name = OURS + version;
      const cache = await this.caches.open(name);
      await this.takeFiles(cache, used);
      // The pages come last: as long as a file is missing, those of before are shown.
      if (text !== null) await cache.put(`${this.root}kept`, new Response(text, { headers: strictness(answer.headers) }));
      if (begun !== this.forgotten) return this.forget();
      for (const other of await this.names()) if (other !== name) await this.caches.delete(other);
    }

    /** @param {Cache} cache @param {string[]} used */
    async takeFiles(cache, used) {
      const files = [...new Set(used)].filter((address) => this.isFile(new URL(address, this.origin))).slice(0, MOST_FILES);
      for (const address of files) {
        if (await cache.match(address, { ignoreVary: true })) continue;
        const answer = await this.fetch(address, { cache: "force-cache" });
        if (answer.status !== 200) throw new Error(`${address} was answered ${answer.status}`);
        await cache.put(address, answer);
      }
      const all = await cache.keys();
      const beyond = all.filter(({ url }) => this.isFile(new URL(url)) && !files.includes(url));
      for (const request of beyond.slice(0, Math.max(0, files.length + beyond.length - MOST_FILES))) await cache.delete(request);
    }

    /** Keep nothing any more. */
    async forget() {
      this.forgotten += 1;
      for (const name of await this.names()) await this.caches.delete(name);
    }
  }

  /** @param {Headers} headers @returns {Record<string, string>} */
  const strictness = (headers) => Object.fromEntries(HEADERS.flatMap((name) => (headers.has(name) ? [[name, /** @type {string} */ (headers.get(name))]] : [])));

  /** @param {unknown} content */
  const json = (content) => new Response(JSON.stringify(content), { headers: { "Content-Type": "application/json", "Cache-Control": "no-store" } });

  Object.assign(northstar, { Kept, isRefusal });
}
