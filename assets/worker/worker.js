/**
 * The service worker: it lets every request through to the server, and answers from what is kept where
 * the server is away, so that a reload shows our page with its warning and not the browser's error.
 */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /** A server that has not begun to answer for so long is as good as away; what it says later is still heard. */
  const PATIENCE_MS = 4000;
  /** What a proxy answers whose server is away. */
  const AWAY = [502, 503, 504];
  const NO_PAGES = /^(?:api|embed|assets|healthz|readyz|metrics|kept|_[^/]*|[^/]*\.js)(?:\/|$)/;
  const STARTS = /** @type {Record<string, "layout" | "dependencies">} */ ({ "_dash-layout": "layout", "_dash-dependencies": "dependencies" });

  class Worker {
    /**
     * @param {{kept: any, fetch: typeof fetch, origin: string, root: string, later: (act: () => void, ms: number) => unknown,
     *   refused: () => Promise<unknown>}} parts `refused` tells the open pages that nobody is signed in
     */
    constructor({ kept, fetch, origin, root, later, refused }) {
      this.kept = kept;
      this.fetch = fetch;
      this.origin = origin;
      this.root = root;
      this.later = later;
      this.refused = refused;
      /** @type {Map<string, boolean>} by client: a page that came from what is kept, and whether its content is still to come */
      this.started = new Map();
    }

    /**
     * Answer a request, where that is ours to do.
     * @param {any} event of the worker: `request`, `clientId`, `resultingClientId`, `respondWith`, `waitUntil`
     */
    asked(event) {
      const { request } = event;
      const url = new URL(request.url);
      if (url.origin !== this.origin || !url.pathname.startsWith(this.root)) return;
      const path = url.pathname.slice(this.root.length);
      if (request.mode === "navigate") {
        // Whoever signs out, or is asked to sign in, leaves no page behind, whether or not the server is there.
        if (/^sign(?:in|out)(?:\/|$)/.test(path)) return event.waitUntil(this.kept.forget());
        if (request.method === "GET" && !NO_PAGES.test(path)) event.respondWith(this.page(event, url.pathname));
        return;
      }
      if (path === "_dash-update-component" && request.method === "POST") return event.respondWith(this.content(event));
      if (request.method !== "GET") return;
      if (STARTS[path]) return event.respondWith(this.start(event, STARTS[path]));
      if (this.kept.isFile(url)) event.respondWith(this.file(request, url));
    }

    /** @param {any} event @param {string} path @returns {Promise<Response>} */
    async page(event, path) {
      const answering = this.fetch(event.request).then(async (answer) => {
        if (northstar.isRefusal(answer)) await this.forget();
        return answer;
      });
      event.waitUntil(answering.catch(() => undefined));
      const patience = new Promise((done) => void this.later(() => done(null), PATIENCE_MS));
      const answer = /** @type {Response | null} */ (await Promise.race([answering.catch(() => null), patience]));
      if (answer && !AWAY.includes(answer.status)) return answer;
      const kept = await this.kept.document(path);
      if (!kept) return answering;
      if (event.resultingClientId) this.started.set(event.resultingClientId, true);
      return kept;
    }

    /** @param {any} event @param {"layout" | "dependencies"} name @returns {Promise<Response>} */
    async start(event, name) {
      const kept = async () => (await this.kept.start(name)) ?? Response.error();
      // What was kept goes together, and the server may have another version by now.
      return this.started.has(event.clientId) ? kept() : this.orKept(this.fetch(event.request), kept);
    }

    /** What the app's router asks for: the content of a page. @param {any} event @returns {Promise<Response>} */
    async content(event) {
      const asked = event.request.clone();
      const kept = async () => {
        const path = routed(await asked.json().catch(() => null));
        return (path && (await this.kept.content(path))) || Response.error();
      };
      if (this.started.get(event.clientId)) {
        this.started.set(event.clientId, false);
        return kept();
      }
      return this.orKept(this.fetch(event.request), kept);
    }

    /** @param {Promise<Response>} answering @param {() => Promise<Response>} kept */
    async orKept(answering, kept) {
      const answer = await answering.catch(() => null);
      return answer && !AWAY.includes(answer.status) ? answer : kept();
    }

    /** What has its fingerprint in its address never changes; anything else is asked for first. @param {Request} request @param {URL} url @returns {Promise<Response>} */
    async file(request, url) {
      const kept = await this.kept.file(request);
      if (kept?.headers.get("Cache-Control")?.includes("immutable")) return kept;
      const answering = this.fetch(request);
      return kept ? this.orKept(answering, async () => kept) : answering;
    }

    async forget() {
      await this.kept.forget();
      await this.refused();
    }
  }

  /** The path that the router is asked for; null where it is another callback. @param {any} body */
  function routed(body) {
    const given = Array.isArray(body?.inputs) ? body.inputs.find((/** @type {any} */ one) => one?.id === "_pages_location" && one.property === "pathname") : null;
    return typeof given?.value === "string" ? given.value : null;
  }

  northstar.Worker = Worker;

  const scope = /** @type {any} */ (globalThis).registration?.scope;
  if (scope && typeof (/** @type {any} */ (globalThis).skipWaiting) === "function") {
    const self = /** @type {any} */ (globalThis);
    const { origin, pathname: root } = new URL(scope);
    const fetching = /** @type {typeof fetch} */ ((...args) => fetch(...args));
    const kept = new northstar.Kept({ caches: self.caches, fetch: fetching, origin, root });
    const refused = async () => {
      for (const page of await self.clients.matchAll({ type: "window" })) page.postMessage({ pnl: "refused" });
    };
    const worker = new Worker({ kept, fetch: fetching, origin, root, later: setTimeout.bind(self), refused });
    self.addEventListener("install", () => self.skipWaiting());
    self.addEventListener("fetch", (/** @type {any} */ event) => worker.asked(event));
    self.addEventListener("message", (/** @type {any} */ event) => {
      if (Array.isArray(event.data?.keep)) event.waitUntil(kept.keep(event.data.keep.filter((/** @type {unknown} */ one) => typeof one === "string")));
    });
  }
}
