/** The shapes that the browser's modules share, for their JSDoc. Checked with `tsc`, never served to run. */

/** What `/api/pnl/current` answers; money is decimal strings, null where it cannot be known. */
interface Snapshot {
  seq: number;
  as_of: string;
  day: string;
  demo: boolean;
  finality: "estimated" | "provisional" | "final";
  complete: boolean;
  missing: string[];
  lines: Record<string, string | null>;
  net: string | null;
  sources: Record<string, Source>;
  checks: { ok: number; failed: number; waiting: number };
  positions: any[];
}

interface Source {
  status: "live" | "cached" | "stale" | "down" | "off";
  as_of: string | null;
  complete_through: string | null;
  next_attempt: string | null;
  error: string | null;
}

/** A live message; a transport hands it to the store. */
interface Message {
  t: string;
  data?: Snapshot;
}

/**
 * How a transport is doing. `nextAt` and `heardAt` are epoch ms of this browser's clock; `ahead` is
 * how many ms the server's clock is ahead of it.
 */
interface Connection {
  kind: "connecting" | "waiting" | "polling" | "offline";
  attempt: number;
  nextAt: number | null;
  heardAt: number | null;
  roundTrip: number | null;
  ahead: number;
  reason: string | null;
}

/**
 * All that a panel is drawn from. `now` is the server's clock; `restored` is true while the snapshot
 * is one from before a reload; `troubled` when what is shown may not be what is.
 */
interface View {
  snapshot: Snapshot | null;
  restored: boolean;
  past: any;
  connection: Connection;
  zone: string;
  everySeconds: number;
  staleSeconds?: Record<string, number>;
  now: number;
  troubled: boolean;
}

/** A panel is drawn when its element appears and on every snapshot; with `everySecond`, each second too. */
interface Panel {
  id: string;
  everySecond?: boolean;
  draw: (root: HTMLElement, view: View) => void;
}

type Fetch = typeof fetch;

declare var northstar: any;
declare var dash_clientside: any;
declare var Plotly: any;
