"""A small server with figures that move when told: what the browser tests put at the port."""

import json
import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo

from flask import Flask, Response, request

from pnl.domain.money import Nano, text
from pnl.domain.records import Record, RevenueEntry
from pnl.domain.snapshot import LINES, Json, instant
from pnl.live.feed import Feed
from pnl.live.hub import Hub
from pnl.web.live import live

ZONE = "America/New_York"
CENT = 10_000_000
FIELDS = ("revenue", "trading_realised", "trading_unrealised", "trading_fees", "api_cost")
MARKETS = (
    ("KXFEDDECISION-26DEC-H0", "Fed holds in December", "yes", 850, 61, 68, 19 * 24),
    ("KXHIGHNY-26NOV20-B52.5", "NYC high 52° to 53°", "yes", 600, 33, 41, 9),
    ("KXCPIYOY-26NOV-T2.8", "CPI YoY above 2.8%", "no", 300, 52, 58, 20 * 24),
    ("KXNFLGAME-26NOV22KCDEN-KC", "Chiefs beat Broncos", "yes", 240, 57, 59, 50),
    ("KXPAYROLLS-26DEC-T125", "Payrolls above 125k", "no", 200, 38, 35, 14 * 24),
    ("KXBTCD-26NOV2017-T98999", "BTC above $99,000 at 5pm", "no", 420, 44, 37, 2),
    ("KXINX-26NOV20H1600-B6850", "S&P 500 6,850–6,899 at close", "yes", 500, 27, 21, 1),
    ("KXINX-26NOV20H1600-B6900", "S&P 500 6,900–6,949 at close", "yes", 200, 31, 34, 1),
)


class Company:
    """Invented figures of two days; implements `pnl.ports.Figures`. `tick()` makes the next snapshot."""

    demo = True
    time_zone = ZONE

    def __init__(self, now: datetime | None = None) -> None:
        self.fixed = now
        self.seq = 18_203
        self.empty = False
        self.missing: tuple[str, ...] = ()
        self.extra: dict[str, Nano] = {}
        self.statuses: dict[str, str] = {"kalshi": "live", "anthropic": "live", "revenue": "live"}
        self.random = random.Random(7)
        self.paths = {offset: _paths(offset) for offset in (0, 1)}
        self.swings: dict[int, tuple[int, int]] = {}  # how far below and above its end the net went, by minute of today
        self.markets: Sequence[tuple[str, str, str, int, int, int, int]] = MARKETS
        self.moved = [0] * len(self.markets)
        self.details: dict[str, dict[str, Json]] = {}
        self.trouble = "connection refused"
        self.body = b""
        self.feed = Feed("k3f9x2", lambda: instant(datetime.now(UTC)) or "")
        self.entries: dict[str, list[dict[str, Any]]] = {}
        self.covering: list[dict[str, Any]] = []
        self.covered: list[dict[str, Any]] | None = None
        self.counts: dict[str, Json] = {"ok": 11, "failed": 0, "waiting": 1}
        self.recorded: dict[str, dict[str, Any]] = {}
        self.alerts: dict[str, Json] | None = None
        self.closed: dict[str, Nano] = {**dict.fromkeys(LINES, 0), "revenue": 2_000_000_000_000}
        self._make()

    def now(self) -> datetime:
        """Return the fixed instant, or what the clock says."""
        return self.fixed or datetime.now(UTC)

    def start(self, offset: int = 0) -> datetime:
        """Return the midnight that began the company day, or one `offset` days before."""
        day = self.now().astimezone(ZoneInfo(ZONE)).date() - timedelta(days=offset)
        return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(ZONE)).astimezone(UTC)

    def tick(self) -> int:
        """Move the marks, make and show the next snapshot and return its sequence."""
        self._make()
        self.show()
        return self.seq

    def show(self) -> None:
        """Let live readers have the newest snapshot."""
        if not self.empty:
            self.feed.publish(self.seq, self.body.decode())

    def _make(self) -> None:
        self.seq += 1
        self.at = self.now()
        self.moved = [
            max(-8, min(8, move + self.random.choice((-1, 0, 0, 1)))) if self.seq > 18_204 else 0 for move in self.moved
        ]
        self.body = json.dumps(self._snapshot()).encode()

    def current(self) -> tuple[int, bytes] | None:
        """Return the newest snapshot."""
        return None if self.empty else (self.seq, self.body)

    def positions(self, every: bool) -> dict[str, Json]:
        """Return the rows of the newest snapshot."""
        rows = json.loads(self.body)["positions"]
        settled = {"KXUNRATE-26NOV-T4.3": "Unemployment 4.3% or lower", "KXGAS-26NOV-T3.2": "Gas above $3.20"}
        older: list[Json] = [{"ticker": ticker, "title": title} for ticker, title in settled.items()] if every else []
        return {"seq": self.seq, "positions": [*rows, *older]}

    def checks(self) -> dict[str, Json]:
        """Return three checks, one of which waits, or those that the test says."""
        if self.covered is not None:
            return {"seq": self.seq, "checks": list[Json](self.covered)}
        since = instant(self.now() - timedelta(hours=2))
        rows: list[Json] = [
            _check("realised", "kalshi", ("1008.14", "1008.14", "0"), since),
            _check("cash", "kalshi", ("4120.11", "4120.11", "0"), since),
            _check("cost report", "anthropic", (None, "63.66", None), since),
        ]
        return {"seq": self.seq, "checks": rows}

    def posts(self, record: Record) -> list[dict[str, Json]]:
        """Return nothing: the records of this server carry their posts."""
        del record
        return []

    def enter(self, entry: RevenueEntry, *, replaces: int | None, actor: str) -> RevenueEntry:
        """Return the entry as it came."""
        del replaces, actor
        return entry

    def health(self) -> tuple[Literal["ok", "failing"], dict[str, Json]]:
        """Return that all is well."""
        return "ok", {}

    def lines(self) -> dict[str, Nano | None]:
        """Return the lines of the day up to the newest snapshot, with odd fractions of a cent, None where missing."""
        minute = int((self.at - self.start()).total_seconds() // 60)
        path = self.paths[0]
        made: dict[str, Nano | None] = dict.fromkeys(LINES, 0)
        for name in FIELDS:
            made[name] = path[name][min(minute, 1439)]
        drift = sum(move * count * CENT for move, (_, _, _, count, *_) in zip(self.moved, self.markets, strict=True))
        made["trading_unrealised"] = (made["trading_unrealised"] or 0) + drift
        made["processor_fees"] = -63_550_000_000
        made["api_cost"] = (made["api_cost"] or 0) - 3_333_333 * (self.seq % 7)
        made["trading_fees"] = (made["trading_fees"] or 0) - 1_666_667 * (self.seq % 5)
        made.update(self.extra)
        for name in self.missing:
            made[name] = None
        return made

    def _snapshot(self) -> dict[str, Json]:
        now = self.at
        lines = self.lines()
        net = sum(amount for amount in lines.values() if amount is not None)
        rows = [_row(market, move, now) for market, move in zip(self.markets, self.moved, strict=True)]
        ages = {"kalshi": 1, "anthropic": 240, "revenue": 7200}
        sources: dict[str, Json] = {
            name: {
                "status": status,
                "as_of": instant(now - timedelta(seconds=ages[name])),
                "complete_through": (now - timedelta(days=1)).date().isoformat() if name == "revenue" else None,
                "next_attempt": instant(now + timedelta(seconds=10)),
                "error": None if status == "live" else self.trouble,
            }
            for name, status in self.statuses.items()
        }
        return {
            "schema": "pnl-snapshot/1",
            "seq": self.seq,
            "as_of": instant(now),
            "day": now.astimezone(ZoneInfo(ZONE)).date().isoformat(),
            "demo": self.demo,
            "finality": "estimated",
            "line_finality": {name: _finality(name) if amount is not None else None for name, amount in lines.items()},
            "lines": {name: _money(amount) for name, amount in lines.items()},
            "net": _money(net),
            "net_realised": _money(net - (lines["trading_unrealised"] or 0)),
            "complete": not self.missing,
            "missing": list(self.missing),
            "flags": [],
            "account": {
                "cash": "4120.1100",
                "positions_value": "1470.00",
                "exposure": "1405.10",
                "equity": "5590.1100",
            },
            "sources": sources,
            "checks": self.counts,
            "positions": [dict(row) for row in rows],
            **({"alerts": self.alerts} if self.alerts else {}),
        }

    def history(self, since: datetime, fields: list[str]) -> dict[str, Json]:
        """Return the minutes of the day that holds `since`, with one gap in the morning of today."""
        offset = 0 if since >= self.start() else 1
        start = self.start(offset)
        last = 1440 if offset else int((self.now() - start).total_seconds() // 60) + 1
        gap = (290, 311) if offset == 0 and last > 420 else None
        path = self.paths[offset]
        rows: list[Json] = []
        for minute in range(min(last, 1440)):
            if gap and gap[0] <= minute < gap[1]:
                continue
            row: dict[str, Json] = {"at": instant(start + timedelta(minutes=minute)), "count": 6}
            for name in fields:
                amount = (
                    sum(path[line][minute] for line in FIELDS) - 63_550_000_000 if name == "net" else path[name][minute]
                )
                low, high = self.swings.get(minute, (0, 0)) if name == "net" and not offset else (0, 0)
                went = {"open": amount, "high": amount + high, "low": amount + low, "close": amount}
                row[name] = {what: _money(much) for what, much in went.items()}
            rows.append(row)
        gaps: list[Json] = []
        if gap:
            ends = [instant(start + timedelta(minutes=minute)) for minute in gap]
            gaps.append({"since": ends[0], "until": ends[1], "missed": 126, "reason": "stopped"})
        return {"step": "1m", "rows": rows, "gaps": gaps, "next": None}

    def records(self, kind: str) -> list[Json]:
        """Return invented records of a kind, newest first."""
        now = self.now()
        made: dict[str, list[tuple[float, str, dict[str, Json]]]] = {
            "fills": [
                (8, "-80.40", {"ticker": self.markets[0][0], "side": "yes", "count": "120.00", "price": "0.67"}),
                (540, "-29.60", {"ticker": self.markets[5][0], "side": "no", "count": "80.00", "price": "0.37"}),
                (2400, "-41.00", {"ticker": self.markets[1][0], "side": "yes", "count": "100.00", "price": "0.41"}),
            ],
            "settlements": [
                (250, "188.25", {"ticker": "KXUNRATE-26NOV-T4.3", "result": "yes"}),
                (1500, "0", {"ticker": "KXGAS-26NOV-T3.2", "result": "no"}),
            ],
            "costs": [
                (400, "-4.61", {"model": "claude-sonnet-4-5", "token_type": "output_tokens", "start": instant(now)}),
                (700, "-3.08", {"model": "claude-haiku-4-5", "token_type": "input_tokens", "start": instant(now)}),
            ],
            "revenue": [
                (65, "248.00", {"kind": "sale", "description": "Invoice INV-2291 paid"}),
                (1080, "147.00", {"kind": "sale", "description": "Subscription renewal"}),
                (5000, "-49.00", {"kind": "refund", "description": "Refund of order 1180"}),
            ],
        }
        return [
            {
                "kind": kind.removesuffix("s"),
                "source": {"costs": "anthropic", "revenue": "revenue.stripe"}.get(kind, "kalshi"),
                "id": f"{kind}-{place}",
                "version": 1,
                "effective_at": instant(now - timedelta(seconds=age)),
                "recorded_at": instant(now),
                "amount": amount,
                "currency": "USD",
                "posts": [],
                "flags": [],
                "detail": detail | self.details.get(kind, {}),
                "raw": {},
            }
            for place, (age, amount, detail) in enumerate(made.get(kind, []))
        ]


def serve(company: Company, hub: Hub) -> Flask:
    """Return a server with the routes that the pages ask, and nothing else."""
    app = Flask("fake")
    app.extensions["pnl.figures"] = company
    app.register_blueprint(live(hub))

    def answer(body: object, status: int = 200) -> Response:
        return Response(json.dumps(body), status, content_type="application/json")

    def problem(status: int, detail: str, parameter: str | None = None) -> Response:
        body = {"type": "about:blank", "title": "No", "status": status, "detail": detail}
        if parameter:
            body["parameter"] = parameter
        return Response(json.dumps(body), status, content_type="application/problem+json")

    @app.get("/api/pnl/current")
    def current() -> Response:
        found = company.current()
        if found is None:
            return problem(503, "The first statement is being made; ask again shortly.")
        seq, body = found
        held = request.if_none_match.contains_weak(str(seq))
        made = Response(status=304) if held else Response(body, content_type="application/json")
        made.set_etag(str(seq))
        return made

    @app.get("/api/pnl/history")
    def history() -> Response:
        since = datetime.fromisoformat(request.args["from"])
        found = company.history(since, request.args["fields"].split(","))
        if request.args.get("step") == "raw":
            until = datetime.fromisoformat(request.args["to"])
            rows = cast("list[dict[str, Any]]", found["rows"])
            found["rows"] = [row for row in rows if since <= datetime.fromisoformat(row["at"]) < until]
        return answer(found)

    @app.get("/api/pnl/checks")
    def checks() -> Response:
        return answer(company.checks())

    @app.get("/api/pnl/positions")
    def positions() -> Response:
        return answer(company.positions(request.args.get("all") == "1"))

    @app.get("/api/pnl/records")
    def records() -> Response:
        kinds = request.args["kind"].split(",")
        return answer({"records": [one for kind in kinds for one in company.records(kind)], "next": None})

    @app.get("/api/pnl/days")
    def days() -> Response:
        told = {name: _money(amount) for name, amount in company.closed.items()}
        first = datetime.fromisoformat(request.args["from"]).date()
        return answer({"days": [{"day": first.isoformat(), "lines": told}], "next": None})

    @app.get("/api/pnl/entries")
    def every() -> Response:
        newest = [versions[-1] for versions in company.entries.values()]
        return answer({"entries": sorted(newest, key=lambda entry: str(entry["date"]), reverse=True)})

    @app.post("/api/pnl/entries")
    def add() -> Response:
        body = request.get_json()
        wrong = _wrong(body)
        if wrong:
            return problem(400, *wrong)
        known = company.entries.get(body["id"])
        if known:
            return answer(known[-1])
        company.entries[body["id"]] = [{**body, "version": 1, "updated_at": instant(company.now())}]
        return answer(company.entries[body["id"]][-1], 201)

    @app.put("/api/pnl/entries/<entry_id>")
    def change(entry_id: str) -> Response:
        body = request.get_json()
        wrong = _wrong(body)
        if wrong:
            return problem(400, *wrong)
        versions = company.entries[entry_id]
        if body.pop("version") != versions[-1]["version"]:
            return problem(409, "The entry was changed by somebody else meanwhile.")
        made = {**versions[-1], **body, "version": len(versions) + 1, "updated_at": instant(company.now())}
        versions.append(made)
        return answer(made)

    @app.get("/api/pnl/entries/<entry_id>/audit")
    def audit(entry_id: str) -> Response:
        lines = [
            {
                "at": entry["updated_at"],
                "actor": "127.0.0.1",
                "action": "entered" if place == 0 else "replaced",
                "body": entry,
            }
            for place, entry in enumerate(company.entries[entry_id])
        ]
        return answer({"id": entry_id, "audit": lines})

    return app


def _wrong(body: Mapping[str, Any]) -> tuple[str, str] | None:
    if body["currency"] == "XXX":
        return "XXX is no currency", "currency"
    if body["kind"] == "sale" and body["amount"].startswith("-"):
        return "a sale is zero or above", "amount"
    return None


def _finality(line: str) -> str:
    """Return how sure a line is on a day on which revenue is not reported yet."""
    if line in ("revenue", "refunds", "processor_fees", "adjustments"):
        return "estimated"
    return "provisional" if line == "api_cost" else "final"


def _money(amount: Nano | None) -> str | None:
    if amount is None:
        return None
    return text(amount) if amount else "0"


def _check(name: str, scope: str, sums: tuple[str | None, str, str | None], since: str | None) -> Json:
    expected, actual, difference = sums
    return {
        "name": name,
        "scope": scope,
        "expected": expected,
        "actual": actual,
        "difference": difference,
        "tolerance": "0",
        "state": "waiting" if expected is None else "ok",
        "since": since,
        "reason": "the day is not closed" if expected is None else None,
    }


def _row(market: tuple[str, str, str, int, int, int, int], move: int, now: datetime) -> dict[str, Json]:
    ticker, title, side, count, average, mark, hours = market
    marked = mark + move
    value, cost = marked * count, average * count
    return {
        "ticker": ticker,
        "title": title,
        "position": f"{count if side == 'yes' else -count}.00",
        "side": side,
        "average_price": f"0.{average:02d}",
        "mark": f"0.{marked:02d}",
        "mark_source": "bid",
        "last_price": f"0.{marked:02d}",
        "value": _money(value * CENT),
        "exposure": _money(cost * CENT),
        "unrealised": _money((value - cost) * CENT),
        "realised": "31.20" if "BTC" in ticker else "-12.60" if "HIGHNY" in ticker else "0",
        "fees": f"{count * 0.0167:.2f}",
        "total_traded": _money(cost * CENT),
        "close_time": instant(now + timedelta(hours=hours, minutes=28)),
        "best_case": _money((100 - average) * count * CENT),
        "worst_case": _money(-cost * CENT),
        "expected": _money((value + count // 2 - cost) * CENT),
        "settled": False,
        "event": ticker.rpartition("-")[0],
        "exclusive": "KXINX" in ticker or "KXHIGHNY" in ticker,
    }


def _paths(offset: int) -> dict[str, list[Nano]]:
    """Return nano-dollars of each line by minute: sales in steps, trading with jumps, costs creeping."""
    rng = random.Random(f"day {offset}")
    revenue = realised = fees = api = 0
    unrealised = 0.0
    out: dict[str, list[Nano]] = {name: [] for name in FIELDS}
    for minute in range(1440):
        if rng.random() < 0.022 * (1 + minute / 600):
            revenue += rng.randrange(1900, 14_900) // (1 + offset)
        if rng.random() < 0.03:
            realised += rng.randrange(-3800, 6200)
            fees -= rng.randrange(20, 380)
        if minute == 505 and offset == 0:
            realised -= 42_000
        unrealised = unrealised * 0.995 + rng.gauss(0, 420)
        api -= rng.randrange(0, 14)
        for name, value in zip(FIELDS, (revenue, realised, int(unrealised), fees, api), strict=True):
            out[name].append(value * CENT)
    return out
