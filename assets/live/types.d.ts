/** The shapes that the browser's modules share, for their JSDoc. Checked with `tsc`, never served to run. */

/** What `/api/pnl/current` answers; money is decimal strings, null where it cannot be known. Never changed: news is another one. */
interface Snapshot {
  seq: number;
  as_of: string;
  day: string;
  demo: boolean;
  finality: "estimated" | "provisional" | "final";
  line_finality?: Record<string, "estimated" | "provisional" | "final" | null>;
  complete: boolean;
  missing: string[];
  lines: Record<string, string | null>;
  net: string | null;
  sources: Record<string, Source>;
  checks: { ok: number; failed: number; waiting: number };
  positions: any[];
  /** What fires; not there where there is no rule. */
  alerts?: { firing: number; critical: number; worst: { name: string; since: string }[]; changed: number };
}

interface Source {
  status: "live" | "cached" | "stale" | "down" | "off";
  as_of: string | null;
  complete_through: string | null;
  next_attempt: string | null;
  error: string | null;
}

/** A live message, as the server sends it; `t` says which of the rest is there. */
interface Message {
  t: string;
  stream?: string;
  data?: any;
  seq?: number;
  base?: number;
  set?: Record<string, any>;
  at?: any;
  now?: string;
  reason?: string;
  retry_ms?: number;
}

/** What became of a message: see `Store.offer`. */
type Verdict = "applied" | "old" | "gap" | "beat";

type Tier = "websocket" | "sse" | "polling";
type Kind = "connecting" | "waiting" | Tier | "offline" | "past";

/**
 * How the figures come. `since` is when what carries was opened, or this kind began, `nextAt` when something is tried or asked
 * next, `heardAt` when the server was heard from last, `receivedAt` the same as the visit before left it: epoch
 * ms of this browser's clock. `attempt`
 * counts the tries of the socket that failed. `roundTrip` is ms; `ahead` is how many ms the server's
 * clock is ahead of ours, as far as it said what time it is (`timed`).
 */
interface Connection {
  kind: Kind;
  /** It carries nothing at this moment: it is being opened, or was cut, or its last question had no answer. */
  broken: boolean;
  /** What carries has brought something since it was opened or asked, and its last question was answered. */
  carrying?: boolean;
  since: number;
  attempt: number;
  nextAt: number | null;
  heardAt: number | null;
  receivedAt?: number | null;
  /** While nothing carries: something is tried at this moment, and so there is no `nextAt`. */
  trying?: boolean;
  roundTrip: number | null;
  ahead: number;
  timed?: boolean;
  reason: string | null;
  /** It has stopped for good: the server does not let this page in. */
  halted: boolean;
}

/** The time and the timers; `setTimeout` answers what `clearTimeout` takes. */
interface Clock {
  now: () => number;
  setTimeout: (act: () => void, ms: number) => unknown;
  clearTimeout: (timer: any) => void;
}

/** What the server says before it closes. */
interface Bye {
  reason: string;
  retry_ms: number;
}

/** What an HTTP answer told beside its body; `asked` and `answered` are epoch ms. */
interface Answer {
  status: number;
  asked: number;
  answered: number;
  date: string | null;
  retryMs: number | null;
  detail: string | null;
  /** Why there is no place for a live connection; null where there is one. */
  full: "all" | "address" | null;
}

interface SocketListener {
  message: (text: string) => void;
  closed: (code: number, reason: string) => void;
}

/** Opens a socket; after `close` its listener hears nothing more. */
type OpenSocket = (url: string, heard: SocketListener) => { send: (text: string) => void; close: () => void };

/** ms by name; see transport/timing.js */
type Times = Record<string, number>;

interface LiveParts {
  store: any;
  /** Where each tier asks, without the query. */
  paths: Record<Tier, string>;
  open: OpenSocket;
  EventSource: typeof EventSource | undefined;
  fetch: Fetch;
  clock: Clock;
  /** From 0 up to 1. */
  random: () => number;
  visible: () => boolean;
  /** Called when the kind of the connection, or its reason, is another. */
  changed: () => void;
  applied: (seq: number, tier: Tier) => void;
  /** Called when the server does not let this page in any more. */
  refused?: () => void;
  /** How many ms the server's clock is ahead of ours, by what came with the page. */
  ahead?: number | null;
  times?: Times;
}

/**
 * All that a panel is drawn from. `now` is the server's clock; `restored` is true while the snapshot
 * is one from before a reload; `troubled` when what is shown may not be what is.
 */
interface View {
  snapshot: Snapshot | null;
  /** What the server drew into the page, where that is newer than all that is held: then there is no `snapshot`, and what it drew stays. */
  drawn?: { seq: number; as_of: string; day: string } | null;
  restored: boolean;
  /** The page is one that was kept for when the server is away, and nothing was heard of the server yet. */
  unheard?: boolean;
  /** The page that is shown has no figure of the snapshot. */
  elsewhere?: boolean;
  past: any;
  connection: Connection;
  zone: string;
  everySeconds: number;
  /** How often the page asks, in ms: so much older may all be that it shows. 0 where it is told of everything at once. */
  askedEvery?: number;
  staleSeconds?: Record<string, number>;
  now: number;
  /** The instant that a screen of the past was asked for. */
  asOf: string | null;
  troubled: boolean;
  /** What time it is at the server is not known yet: `now` is that of the newest figures, and how old they are is not said. */
  untimed?: boolean;
  /** Since when the figures stand still, epoch ms, and how many snapshots came meanwhile; null while it moves. */
  paused?: { at: number; missed: number } | null;
}

/** A panel is drawn when its element appears and on every snapshot; with `everySecond`, each second too. One that is `moving` goes on with the connection while the page is paused. */
interface Panel {
  id: string;
  everySecond?: boolean;
  moving?: boolean;
  draw: (root: HTMLElement, view: View) => void;
}

type Fetch = typeof fetch;

declare var northstar: any;
declare var dash_clientside: any;
declare var Plotly: any;
