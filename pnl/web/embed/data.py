"""What an embedded panel asks for beside the live figures: only what it shows, and no further back than it may look."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Final, cast

from flask import Response
from werkzeug.exceptions import Forbidden, NotFound

from pnl.access.asked import last_day
from pnl.access.grants import Grant
from pnl.clock import Clock
from pnl.domain.money import Nano
from pnl.domain.records import Kind, Record
from pnl.domain.snapshot import Json, instant, money
from pnl.ports import Figures, History, Store
from pnl.web.answers import answer
from pnl.web.days import told, total
from pnl.web.details import amount, detail
from pnl.web.embed.panels import KNOWN, Panel, Part, narrow_day
from pnl.web.embed.span import Reach, over, reach
from pnl.web.query import Days, given

Reading = Callable[[Mapping[str, str]], Response]
Falling = Callable[[date, date], Nano | None]
"""Gives the largest fall of the net over the days of [since, until); None where nothing is known of them."""

_KINDS: Final[tuple[Kind, ...]] = ("fill", "settlement", "cost", "revenue")
_ROWS: Final = 25
_COSTS: Final = 100
_SHOWN: Final = (
    "ticker",
    "side",
    "action",
    "count",
    "price",
    "result",
    "model",
    "token_type",
    "start",
    "kind",
    "description",
)
"""The fields of a record that the activity shows; no id of a customer, an order or a workspace is among them."""


class PanelData:
    """Answers the requests of panels.

    Args:
        figures: What is shown now.
        store: The archive.
        past: What was known when.
        days: Reads times.
        clock: The time.
        history: Answers what `/api/pnl/history` is asked.
        falling: Tells the drawdown of days, by every snapshot of them.
    """

    def __init__(  # noqa: PLR0917 - as one would say it
        self,
        figures: Figures,
        store: Store,
        past: History,
        days: Days,
        clock: Clock,
        history: Reading,
        falling: Falling,
    ) -> None:
        self._figures = figures
        self._store = store
        self._past = past
        self._days = days
        self._clock = clock
        self._history = history
        self._falling = falling

    def history(self, name: str, grant: Grant) -> Response:
        """Return the past of the panel's own figures."""
        panel = _panel(name, "history")
        found = given(("from", "to", "step", "fields", "limit"))
        wanted = [one for one in found.get("fields", "").split(",") if one in panel.figures]
        since, until = self._days.span(found)
        reached = self._reach(panel, grant)
        least = self._days.start(reached.first)
        found["fields"] = ",".join(wanted or panel.figures[:1])
        if since is not None and since < least:
            found["from"] = instant(least) or ""
        if reached.last:
            most = self._days.start(reached.last + timedelta(days=1))
            found["from"] = instant(min(since or least, most)) or ""
            found["to"] = instant(min(until or most, most)) or ""
        return self._history(found)

    def days(self, name: str, grant: Grant) -> Response:
        """Return the company days of the panel's lines, and what they add up to."""
        panel = _panel(name, "days")
        found = given(("from", "to"))
        since, until = self._days.span(found)
        reached = self._reach(panel, grant)
        least = self._days.start(reached.first)
        first = self._days.first(max(since, least) if since else least)
        most = reached.last + timedelta(days=1) if reached.last else None
        end = self._days.first(until)
        stated = self._past.days(first, min(end, most) if end and most else end or most, None)
        rows = [narrow_day(panel, told(day)) for day in stated]
        body: dict[str, Json] = {"days": list[Json](rows), "total": narrow_day(panel, total(stated))}
        if name == "drawdown" and stated:
            body["drawdown"] = money(self._falling(stated[0].day, stated[-1].day + timedelta(days=1)))
        return answer(body)

    def activity(self, name: str, grant: Grant) -> Response:
        """Return what happened lately, without ids, and without the sources' own texts of it."""
        _panel(name, "activity")
        self.see_live(grant)
        given(())
        records: list[Record] = []
        for kind in _KINDS:
            records.extend(
                self._store.page((kind,), None, None, None, _COSTS if kind == "cost" else _ROWS, None).records
            )
        records.sort(key=lambda record: record.effective_at, reverse=True)
        rows = [self._event(record) for record in records]
        tickers = {str(cast("dict[str, Json]", row["detail"]).get("ticker")) for row in rows}
        return answer({"records": list[Json](rows), "titles": self._titles(tickers)})

    def _event(self, record: Record) -> dict[str, Json]:
        own, currency = amount(record.fact)
        fields = detail(record)
        return {
            "kind": record.kind,
            "source": record.source,
            "id": sha256(f"{record.source} {record.kind} {record.id}".encode()).hexdigest()[:12],
            "version": record.version,
            "effective_at": instant(record.effective_at),
            "amount": own,
            "currency": currency,
            "posts": [{"amount": post["amount"]} for post in self._figures.posts(record)],
            "detail": {name: fields[name] for name in _SHOWN if fields.get(name) is not None},
        }

    def _titles(self, tickers: Iterable[str]) -> dict[str, Json]:
        rows = cast("list[dict[str, Json]]", self._figures.positions(True)["positions"])
        wanted = set(tickers)
        return {str(row["ticker"]): row["title"] for row in rows if row["ticker"] in wanted}

    def today(self) -> date:
        """Return the company day."""
        return self._days.day(self._clock.now())

    def see_live(self, grant: Grant) -> None:
        """See that a token may show what is now.

        Raises:
            Forbidden: Its range ended before today.
        """
        if over(grant.locked, self.today()):
            raise Forbidden("This link shows days that are over, and nothing that is live.")

    def ends(self, grant: Grant) -> datetime | None:
        """Return when a token may show nothing live any more, because its last day is over; None if it has none."""
        last = last_day(grant.locked)
        return None if last is None else self._days.start(last + timedelta(days=1))

    def _reach(self, panel: Panel, grant: Grant) -> Reach:
        return reach(panel, grant.locked, self.today())


def _panel(name: str, part: Part) -> Panel:
    panel = KNOWN[name]
    if part not in panel.reads:
        raise NotFound(f"The panel {name} has no {part}.")
    return panel
