"""Anthropic's usage and cost, one request a minute; see `slots` for which."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

from pnl.clock import Clock
from pnl.domain.records import Cost, Record, Usage
from pnl.errors import SourceBroken, SourceBusy, SourceError, SourceRejected, SourceUnreachable
from pnl.ports import Finding, Reading, Traffic
from pnl.sources.anthropic import analytics, legacy
from pnl.sources.anthropic.anchors import anchor, at_list, by_day, unpriced
from pnl.sources.anthropic.doctor import examine
from pnl.sources.anthropic.notes import Mode, Notes, checksum
from pnl.sources.anthropic.paging import NAME, Reports
from pnl.sources.anthropic.prices import Prices
from pnl.sources.anthropic.rows import HOUR, cost_record, usage_record
from pnl.sources.anthropic.slots import (
    EVERY_SECONDS,
    PROBE_EVERY,
    SLOTS,
    SLOWEST_SECONDS,
    USAGE_DAYS,
    at,
    first_open,
    in_burst,
    next_job,
    older_left,
    too_soon,
)
from pnl.sources.http import Http

_DAY = timedelta(days=1)
_CHUNK = timedelta(days=8)
_SETTLES = timedelta(hours=6)
"""So long after a day's end, a change of its report is a restatement."""
_LONGEST_BUSY, _BUSY_UNTOLD, _REFUSED, _LONGEST = 3600.0, 900.0, 900.0, 900.0


class AnthropicSource:
    """Reads what the API was used for and what it cost; implements `pnl.ports.Source`.

    Args:
        http: Asks the API's host; give it `paging.explain` to put its error texts into words.
        admin_key: An Admin key of the organisation.
        mode: `legacy` reads `cost_report`; `analytics` the beta API; `auto` tries that once a day
            and goes by `cost_report` while it is not to be had.
        prices_file: A TOML file of list prices; see `Prices`.
        random: Spreads the waits after failures.

    Raises:
        ConfigError: The price file is wrong.
    """

    name = NAME
    check_pause_seconds = EVERY_SECONDS

    def __init__(
        self,
        http: Http,
        admin_key: str,
        *,
        mode: Mode = "auto",
        clock: Clock,
        prices_file: Path | None = None,
        random: Random | None = None,
    ) -> None:
        self._reports = Reports(http, admin_key)
        self._mode: Mode = mode
        self._clock = clock
        self._prices = Prices(prices_file)
        self._random = random or Random()  # noqa: S311 - it spreads waits, and keeps no secret
        self._slow_until: datetime | None = None

    @property
    def every_seconds(self) -> float:
        """A minute, and two for an hour after we were told that we ask too often."""
        slow = self._slow_until is not None and self._clock.now() < self._slow_until
        return SLOWEST_SECONDS if slow else EVERY_SECONDS

    @property
    def traffic(self) -> Traffic:
        """See `pnl.ports.Source`."""
        return self._reports.traffic

    def wait_after(self, error: SourceError, failures: int) -> float:
        """Return the seconds to wait: never less than a minute, and till tomorrow for a wrong request.

        While there is no answer it is asked as often as ever, once a minute, which is what Anthropic allows.
        """
        now = self._clock.now()
        match error:
            case SourceBusy():
                self._slow_until = now + timedelta(hours=1)
                if error.retry_after is None:
                    return _BUSY_UNTOLD
                return min(max(error.retry_after, EVERY_SECONDS), _LONGEST_BUSY)
            case SourceRejected(status=400):
                return max((_midnight(now.date() + _DAY) - now).total_seconds(), EVERY_SECONDS)
            case SourceRejected():
                return _REFUSED
            case SourceUnreachable() | SourceBroken():
                return self.every_seconds
        wait = min(EVERY_SECONDS * 2.0 ** min(max(failures - 1, 0), 10), _LONGEST)
        return max(wait * self._random.uniform(0.8, 1.2), EVERY_SECONDS)

    async def read(self, cursor: str | None) -> Reading:
        """Make the next request of the round; see `Source.read`. Within a minute of the last, make none."""
        notes, now = Notes.read(cursor), self._clock.now()
        if self._mode == "legacy":
            notes.mode = "legacy"
        burst = in_burst(notes, now)
        if notes.as_of and too_soon(notes, now) and not burst:
            return self._reading(notes, ())
        job = next_job(notes, self._mode, now)
        notes.asked = now.isoformat()
        notes.filling = burst
        if not burst:
            notes.slot = 1 if job == "start" else (notes.slot + 1) % SLOTS
        match job:
            case "start":
                records = await self._start(notes, now)
            case "probe":
                records = await self._probe(notes, now)
            case "cost":
                records = await self._cost(notes, _midnight(now.date() - _DAY), _midnight(now.date() + _DAY))
            case "sweep":
                records = await self._sweep(notes, now)
            case "usage":
                records = await self._usage(notes, now, 1)
            case "older":
                records = await self._older(notes, now)
                notes.filling = burst and older_left(notes, now)
        notes.costs.forget(date.fromisoformat(first_open(now)))
        notes.usage.forget(date.fromisoformat(notes.usage_from or first_open(now)))
        notes.forget(date.fromisoformat(first_open(now)))
        return self._reading(notes, records)

    async def check(self) -> list[Finding]:
        """Try the four requests that this source lives on, `check_pause_seconds` apart, for an operator to read."""
        return await examine(self._reports, self._prices, self._clock, self._mode, self.check_pause_seconds)

    async def close(self) -> None:
        """Let go of connections."""
        await self._reports.close()

    def _reading(self, notes: Notes, records: Sequence[Record]) -> Reading:
        facts = {"mode": notes.mode}
        if notes.watermark:
            facts["cost complete to"] = notes.watermark
        if notes.unpriced:
            facts["models without a list price"] = ", ".join(notes.unpriced)
        return Reading(
            as_of=at(notes.as_of) if notes.as_of else self._clock.now(),
            cursor=notes.text(),
            records=tuple(records),
            caught_up=not notes.filling,
            facts=facts,
        )

    async def _start(self, notes: Notes, now: datetime) -> list[Record]:
        """Read a month of cost and a week of usage at once: the burst that the documentation allows, and goes on."""
        tomorrow = _midnight(now.date() + _DAY)
        notes.usage_from, notes.listed, notes.waiting = None, {}, {}
        if self._mode == "analytics" or notes.mode == "analytics":
            notes.mode, notes.sweeping = "analytics", None
            costs = await self._cost(notes, _midnight(now.date() - _DAY), tomorrow)
            notes.swept = None
        else:
            notes.mode = notes.mode or "legacy"
            costs = await self._cost(notes, _midnight(date.fromisoformat(first_open(now))), tomorrow)
            notes.swept = now.isoformat()
        usage = await self._usage(notes, now, USAGE_DAYS - 1)
        notes.older_from = (now.date() - (USAGE_DAYS - 1) * _DAY).isoformat()
        notes.filling = True
        return [*costs, *usage]

    async def _probe(self, notes: Notes, now: datetime) -> list[Record]:
        """Try the analytics API; a refusal of it is an answer, not a failure."""
        notes.probed = now.isoformat()
        try:
            records = await self._analytics(notes, _midnight(now.date() - _DAY), _midnight(now.date() + _DAY))
        except SourceBusy:
            raise
        except SourceRejected as error:
            notes.mode = f"legacy: the analytics API answers {error.status}"
            return []
        except SourceError as error:
            notes.mode = f"legacy: the analytics API failed ({type(error).__name__})"
            notes.probed = (now - PROBE_EVERY + timedelta(hours=1)).isoformat()
            return []
        if notes.watermark is None:
            notes.mode = "legacy: the analytics API has nothing yet"
            return []
        notes.mode = "analytics"
        return records

    async def _sweep(self, notes: Notes, now: datetime) -> list[Record]:
        """Read 31 days of cost again: at once where it comes by the day, else in four parts."""
        first, tomorrow = _midnight(date.fromisoformat(first_open(now))), _midnight(now.date() + _DAY)
        if notes.mode != "analytics":
            notes.sweeping, notes.swept = None, now.isoformat()
            return await self._cost(notes, first, tomorrow)
        start = max(_midnight(date.fromisoformat(notes.sweeping)), first) if notes.sweeping else first
        end = min(start + _CHUNK, tomorrow)
        records = await self._cost(notes, start, end)
        notes.sweeping = end.date().isoformat() if end < tomorrow else None
        if end == tomorrow:
            notes.swept = now.isoformat()
        return records

    async def _cost(self, notes: Notes, start: datetime, end: datetime) -> list[Record]:
        if notes.mode == "analytics":
            return await self._analytics(notes, start, end)
        records, received = await legacy.costs(self._reports, self._prices, start, end)
        notes.as_of, notes.watermark, notes.waiting = received.isoformat(), None, {}
        for day, reported in by_day(records, start, end, None).items():
            notes.waiting[day] = str(reported)
        anchors = self._anchors(notes, received, None) if notes.usage_from else []
        return [*self._told_costs(notes, records, start, end), *anchors]

    async def _analytics(self, notes: Notes, start: datetime, end: datetime) -> list[Record]:
        records, received, watermark = await analytics.costs(self._reports, self._prices, start, end)
        moved = watermark is None or watermark.isoformat() != notes.watermark
        if watermark is None and self._mode == "auto":
            notes.watermark = None
            return []
        notes.as_of = received.isoformat()
        notes.watermark = watermark.isoformat() if watermark else None
        notes.watermark_read = None if moved else received.isoformat()
        if watermark is not None:
            for day, reported in by_day(records, start, end, watermark).items():
                notes.waiting[day] = str(reported)
        return self._told_costs(notes, records, start, end)

    async def _usage(self, notes: Notes, now: datetime, days_back: int) -> list[Record]:
        """Read usage from midnight `days_back` days ago to the end of this hour."""
        start = _midnight(now.date() - days_back * _DAY)
        records, received = await legacy.usage(self._reports, self._prices, start, _next_hour(now))
        notes.as_of = received.isoformat()
        notes.usage_from = start.date().isoformat()
        notes.unpriced = sorted(unpriced(records))
        told = self._told_usage(notes, records, start, _next_hour(now))
        watermark = at(notes.watermark) if notes.watermark else None
        anchors = []
        if notes.waiting:
            notes.listed = at_list(records, watermark, received)
            anchors = self._anchors(notes, received, watermark)
        notes.listed = at_list(records, None, received)
        if days_back > 1:  # the next reading covers less, and what it does not cover must not look known
            notes.usage_from = (now.date() - _DAY).isoformat()
            notes.listed = {day: listed for day, listed in notes.listed.items() if day >= notes.usage_from}
        return [*told, *anchors]

    async def _older(self, notes: Notes, now: datetime) -> list[Record]:
        """Read the hourly usage of a week that is over, so that its cost is spread as it was used.

        What was reported of its days is told again, with the usage that is known now.
        """
        end = _midnight(date.fromisoformat(notes.older_from or now.date().isoformat()))
        start = max(end - USAGE_DAYS * _DAY, _midnight(date.fromisoformat(first_open(now))))
        records, received = await legacy.usage(self._reports, self._prices, start, end)
        notes.as_of = received.isoformat()
        notes.older_from = start.date().isoformat()
        return [*records, *self._told_again(notes, records, (start, end), received)]

    def _told_costs(self, notes: Notes, records: list[Record], start: datetime, end: datetime) -> list[Record]:
        rows = [record.fact for record in records if isinstance(record.fact, Cost)]
        told = [(row.start, row.end, row.id.partition("|")[2]) for row in rows]
        gone = notes.costs.replace(notes.groups, start, end, told)
        return records + [
            cost_record(begins, ends, group, amount=Decimal(0), description=None, raw="{}")
            for begins, ends, group in gone
        ]

    def _told_usage(self, notes: Notes, records: list[Record], start: datetime, end: datetime) -> list[Record]:
        rows = [record.fact for record in records if isinstance(record.fact, Usage)]
        told = [(row.start, row.end, row.id.partition("|")[2]) for row in rows]
        gone = notes.usage.replace(notes.groups, start, end, told)
        return records + [
            usage_record(begins, ends, group, tokens={}, prices=self._prices, raw="{}") for begins, ends, group in gone
        ]

    def _told_again(
        self, notes: Notes, records: list[Record], span: tuple[datetime, datetime], read_at: datetime
    ) -> list[Record]:
        """Return the report of each day of a span anew, now that its usage is known, where one was told before."""
        watermark = at(notes.watermark) if notes.watermark else None
        used = at_list(records, watermark, read_at)
        found = []
        for day, (phase, text, sum_said) in sorted(notes.anchors.items()):
            reported, listed = Decimal(text), used.get(day, {})
            sum_now = checksum(reported, True, listed)
            if not span[0] <= _midnight(date.fromisoformat(day)) < span[1] or sum_now == sum_said:
                continue
            notes.anchors[day] = [phase, text, sum_now]
            found.append(anchor(day, phase, read_at=read_at, watermark=watermark, reported=reported, listed=listed))
        return found

    def _anchors(self, notes: Notes, read_at: datetime, watermark: datetime | None) -> list[Record]:
        """Return an anchor for each day that waits and says something new, and write down what was said."""
        found = []
        through = watermark or read_at
        for day, text in sorted(notes.waiting.items()):
            reported = Decimal(text)
            known = notes.usage_from is not None and day >= notes.usage_from
            listed = notes.listed.get(day, {}) if known else {}
            end = _midnight(date.fromisoformat(day)) + _DAY
            phase, said, sum_said = notes.anchors.get(day, ["", "", ""])
            sum_now = checksum(reported, known, listed)
            if through < end:
                phase_now = "open"
            elif phase in ("", "open") or (phase == "closed" and through <= end + _SETTLES):
                phase_now = "closed"
            else:
                if Decimal(said) == reported:
                    continue
                phase_now = "restated"
            if (phase_now, sum_now) == (phase, sum_said):
                continue
            notes.anchors[day] = [phase_now, text, sum_now]
            found.append(
                anchor(
                    day,
                    phase_now,
                    read_at=read_at,
                    watermark=watermark,
                    reported=reported,
                    listed=listed if known else None,
                )
            )
        notes.waiting = {}
        return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _next_hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0) + HOUR
