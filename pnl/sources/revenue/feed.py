"""A `revenue-feed/1` server, or an API that a mapping makes look like one.

The contract: `GET {base}/entries?updated_since=…&limit=200[&cursor=…]` answers `{"schema", "as_of",
"complete_through", "time_zone", "data": [entry], "has_more", "next_cursor"}`; only `schema` and
`data` are required. An entry is known by its id, and the highest version of it counts; nothing
disappears but by `"status": "void"`. A bad page changes nothing.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pnl.clock import Clock
from pnl.domain.money import text
from pnl.domain.records import Record, RevenueEntry
from pnl.errors import SourceBroken, SourceBusy, SourceError, SourceGarbled, SourceRejected, SourceUnreachable
from pnl.ports import Finding, Reading, Traffic
from pnl.sources.failures import told, wait_after_outage, wait_after_refusal
from pnl.sources.http import Answer, Http
from pnl.sources.reading import raw_json, reading
from pnl.sources.revenue.entries import WrongField, clash, day, entry, instant, record
from pnl.sources.revenue.mapping import FieldMap

SCHEMA = "revenue-feed/1"

_LIMIT = 200
_MOST_PAGES = 500
_OVERLAP = timedelta(hours=48)
_LIVE = timedelta(minutes=15)
_AGAIN = timedelta(hours=6)
"""So often, and at every start, everything is read, for what is kept to be held against it."""
_STEP = timedelta(hours=1)
"""The address that is asked stays the same for so long, so that an ETag can match."""
_GONE, _UNCHANGED = 410, 304


@dataclass(slots=True, kw_only=True)
class _Notes:
    """The cursor: what the last answer said of itself, and the ETag of `since` where one page held it all.

    `live` is True where the answer was as of its own time, rather than of a nightly run.
    """

    since: str | None = None
    etag: str | None = None
    as_of: str | None = None
    complete_through: str | None = None
    live: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Feed:
    """All pages of one reading, parsed."""

    records: tuple[Record, ...]
    as_of: datetime | None
    complete_through: date | None
    time_zone: str | None
    etag: str | None
    received_at: datetime


class _TooMany(SourceGarbled):
    """There are more pages than are read at once."""


class RevenueFeed:
    """Reads revenue entries by HTTP; implements `pnl.ports.Source`.

    A day's total and single entries of one date are refused within one answer; entries of earlier
    answers are not known here, so that such a clash between answers is for the domain to see.

    Args:
        http: Asks the feed's base URL.
        token: Sent as a bearer token unless `mapping` says otherwise; empty for none.
        time_zone: The company's zone.
        mapping: The content of a mapping file, for an API that is no `revenue-feed/1`.

    Raises:
        ConfigError: The mapping does not make sense.
    """

    name = "revenue.feed"
    every_seconds = 60.0

    def __init__(
        self, http: Http, token: str, *, clock: Clock, time_zone: ZoneInfo, mapping: Mapping[str, Any] | None = None
    ) -> None:
        self._http = http
        self._clock = clock
        self._zone = time_zone
        self._map = FieldMap() if mapping is None else FieldMap.of(mapping)
        self._headers: dict[str, str] = {}
        self._query: list[tuple[str, str]] = []
        self._whole_at: datetime | None = None
        how, _, name = self._map.auth.partition(":")
        if token and how == "query":
            self._query.append((name, token))
        elif token:
            self._headers[name or "Authorization"] = token if how == "header" else f"Bearer {token}"

    @property
    def traffic(self) -> Traffic:
        """See `pnl.ports.Source`."""
        return self._http.traffic

    def wait_after(self, error: SourceError, failures: int) -> float:
        """Return the seconds to wait: what the server asks for, else 30 s and more, up to five minutes.

        While it gives no answer it is a quarter of a minute at most, and so it is at first after a refusal: that costs
        the server nothing.
        """
        if isinstance(error, SourceBusy | SourceBroken) and error.retry_after is not None:
            return max(error.retry_after, 1.0)
        if isinstance(error, SourceRejected):
            return wait_after_refusal(failures, 300.0)
        if isinstance(error, SourceUnreachable | SourceBroken):
            return wait_after_outage(failures)
        return min(30.0 * 2.0 ** min(max(failures - 1, 0), 10), 300.0)

    async def read(self, cursor: str | None) -> Reading:
        """Read what changed since two days before the last answer; at first, and every six hours, everything."""
        notes = _read_notes(cursor)
        found, whole = await self._again(notes)
        if found is None:
            return Reading(
                as_of=self._confirmed(notes), cursor=_cursor(notes), complete_through=_day(notes.complete_through)
            )
        through = found.complete_through or _day(notes.complete_through)
        since = _next_since(notes.since, found.as_of)
        fresh = _Notes(
            since=since,
            etag=found.etag if since == notes.since and not (whole and notes.since) else None,
            as_of=found.as_of.isoformat() if found.as_of else None,
            complete_through=through.isoformat() if through else None,
            live=found.as_of is None or found.received_at - found.as_of <= _LIVE,
        )
        facts = {"entries in the last answer": str(len(found.records))}
        if found.time_zone and found.time_zone != self._zone.key:
            facts["time zone"] = f"the feed counts its days in {found.time_zone}, the company in {self._zone.key}"
        return Reading(
            as_of=min(found.as_of or found.received_at, found.received_at),
            cursor=_cursor(fresh),
            records=found.records,
            complete_through=through,
            whole_from=date.min if whole else None,
            facts=facts,
        )

    async def check(self) -> list[Finding]:
        """Read everything once, for an operator to see: three entries and the totals."""
        try:
            found = await self._changed(_Notes())
        except SourceError as error:
            return [Finding(name="feed", ok=False, text=told(error, "PNL_REVENUE_TOKEN", "PNL_REVENUE_URL"))]
        entries = [one.fact for one in found.records if isinstance(one.fact, RevenueEntry)] if found else []
        sums: dict[str, int] = {}
        for one in entries:
            if one.status == "settled":
                sums[one.currency] = sums.get(one.currency, 0) + one.amount
        totals = ", ".join(f"{text(amount)} {currency}" for currency, amount in sorted(sums.items())) or "nothing"
        through = found.complete_through if found else None
        said = f"{len(entries)} entries, settled {totals}, complete through {through or 'not said'}"
        rows = [Finding(name="feed", ok=True, text=said)]
        return rows + [
            Finding(
                name="entry",
                ok=True,
                text=f"{one.id} {one.date} {text(one.amount)} {one.currency} {one.kind} {one.status}",
            )
            for one in entries[:3]
        ]

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.close()

    def _confirmed(self, notes: _Notes) -> datetime:
        """Return the instant that an unchanged feed describes: now, unless it is one that is made in runs."""
        now = self._clock.now()
        return now if notes.live or notes.as_of is None else min(datetime.fromisoformat(notes.as_of), now)

    async def _again(self, notes: _Notes) -> tuple[_Feed | None, bool]:
        """Return what has changed, or everything where its time has come, and which of the two it is."""
        now = self._clock.now()
        if self._whole_at is None or now - self._whole_at >= _AGAIN:
            try:
                found = await self._changed(_Notes())
            except _TooMany:
                if notes.since is None:
                    raise
            else:
                self._whole_at = now
                return found, True
            self._whole_at = now  # too much to be read whole: what is new is read as ever
        found = await self._changed(notes)
        return found, found is not None and notes.since is None

    async def _changed(self, notes: _Notes) -> _Feed | None:
        """Return the feed from `notes.since` on; None where it has not changed."""
        for _ in range(2):  # a page cursor that has expired begins again, once
            try:
                pages = await self._pages(notes)
            except SourceRejected as error:
                if error.status != _GONE:
                    raise
            else:
                return self._feed(pages) if pages else None
        raise SourceBroken(self.name, f"{self._http.host}: the page cursor expired twice while we read")

    async def _pages(self, notes: _Notes) -> list[tuple[Any, Answer]]:
        query = [*self._query, *([] if self._map.foreign else [("limit", str(_LIMIT))])]
        if notes.since and not self._map.foreign:
            query.append(("updated_since", notes.since))
        headers = self._headers | ({"If-None-Match": notes.etag} if notes.etag else {})
        answer = await self._http.get(self._map.path, query, headers)
        if answer.status == _UNCHANGED:
            if notes.etag is None:
                raise SourceGarbled(self.name, f"{answer.what}: unchanged (304), but we did not ask whether it is")
            return []
        pages, seen = [(answer.json(), answer)], set[str]()
        while (cursor := self._next_cursor(*pages[-1])) is not None:
            if cursor in seen or len(pages) >= _MOST_PAGES:
                said = f"{answer.what}: the page cursor {cursor[:40]!r}"
                if cursor in seen:
                    raise SourceGarbled(self.name, f"{said} came twice")
                raise _TooMany(self.name, f"{said} is still there after {_MOST_PAGES} pages")
            seen.add(cursor)
            answer = await self._http.get(self._map.path, [*query, ("cursor", cursor)], self._headers)
            pages.append((answer.json(), answer))
        return pages

    def _next_cursor(self, page: Any, answer: Answer) -> str | None:  # noqa: ANN401 - JSON
        with reading(self.name, answer.what):
            if self._map.foreign or not isinstance(page, Mapping) or not page.get("has_more"):
                return None
            cursor = page.get("next_cursor")
            if not isinstance(cursor, str) or not cursor:
                raise WrongField("next_cursor", cursor, "has_more is true, so it must be a text")
            return cursor

    def _feed(self, pages: list[tuple[Any, Answer]]) -> _Feed:
        first, answer = pages[0]
        records: list[Record] = []
        with reading(self.name, answer.what):
            as_of, through, zone = self._head(first)
            for number, (page, _) in enumerate(pages, 1):
                rows, path = self._map.rows(page)
                where = f"page {number}, {path}" if len(pages) > 1 else path
                for place, item in enumerate(rows):
                    with reading(self.name, f"{answer.what}: {where}[{place}]"):
                        made = entry(self._map.entry_fields(item))
                        records.append(record(self.name, made, raw_json(item), self._zone))
        self._check(records, answer.what)
        return _Feed(
            records=tuple(records),
            as_of=as_of,
            complete_through=through,
            time_zone=zone,
            etag=answer.headers.get("ETag") if len(pages) == 1 else None,
            received_at=pages[-1][1].received_at,
        )

    def _head(self, page: Any) -> tuple[datetime | None, date | None, str | None]:  # noqa: ANN401 - JSON
        """Return what an answer says of itself: as of, complete through, time zone."""
        if self._map.foreign:
            return None, None, None
        if not isinstance(page, Mapping):
            raise WrongField("the answer", page, f'send {{"schema": "{SCHEMA}", "data": […]}}')
        if page.get("schema") != SCHEMA:
            raise WrongField("schema", page.get("schema"), f'send "{SCHEMA}"')
        as_of, through, zone = (page.get(name) for name in ("as_of", "complete_through", "time_zone"))
        return (
            None if as_of is None else instant(as_of, "as_of"),
            None if through is None else day(through, "complete_through"),
            zone if isinstance(zone, str) else None,
        )

    def _check(self, records: list[Record], what: str) -> None:
        known: dict[tuple[str, int | None], Record] = {}
        for one in records:
            twin = known.setdefault((one.id, one.version), one)
            if twin.fact != one.fact:
                text = (
                    f"{what}: {one.id} comes twice as version {one.version} with different content: raise its version"
                )
                raise SourceGarbled(self.name, text)
        both = clash(one.fact for one in records if isinstance(one.fact, RevenueEntry))
        if both:
            said = f"{what}: {both} has a day_total and single entries: send one or the other, or void one"
            raise SourceGarbled(self.name, said)


def _next_since(last: str | None, as_of: datetime | None) -> str | None:
    """Return where the next reading begins: two days before `as_of`, moved on an hour at a time."""
    if as_of is None:
        return None
    since = (as_of - _OVERLAP).replace(microsecond=0)
    if last is not None and timedelta(0) <= since - datetime.fromisoformat(last) < _STEP:
        return last
    return since.strftime("%Y-%m-%dT%H:%M:%SZ")


def _read_notes(cursor: str | None) -> _Notes:
    try:
        return _Notes(**json.loads(cursor)) if cursor else _Notes()
    except (ValueError, TypeError):
        return _Notes()


def _cursor(notes: _Notes) -> str:
    return json.dumps(asdict(notes), separators=(",", ":"))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
