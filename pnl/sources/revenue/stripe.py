"""Stripe's balance transactions as revenue entries, by reporting category.

Read from Stripe's reference of November 2026. Rows come newest first in minor units and do not
change but for `status` and `available_on`, which concern cash and no profit: an entry is settled
when it is made, on the company day of `created`.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pnl.clock import Clock
from pnl.domain.money import nano, text
from pnl.domain.records import Record, RevenueEntry, RevenueKind
from pnl.errors import SourceBroken, SourceBusy, SourceError, SourceGarbled, SourceRejected, SourceUnreachable
from pnl.ports import Finding, Reading, Traffic
from pnl.sources.failures import told, wait_after_outage, wait_after_refusal
from pnl.sources.http import Http
from pnl.sources.reading import raw_json, reading
from pnl.sources.revenue.currencies import from_minor, is_code

PATH = "/v1/balance_transactions"
VERSION = "2026-10-28.endive"

KINDS: dict[str, RevenueKind] = {
    "charge": "sale",
    "refund": "refund",
    "partial_capture_reversal": "refund",
    "charge_failure": "refund",
    "refund_failure": "refund",
    "dispute": "chargeback",
    "dispute_reversal": "chargeback",
    "fee": "fee",
    "network_cost": "fee",
    "payout": "movement",
    "payout_reversal": "movement",
    "payout_minimum_balance_hold": "movement",
    "payout_minimum_balance_release": "movement",
    "minimum_balance_hold": "movement",
    "topup": "movement",
    "topup_reversal": "movement",
    "transfer": "movement",
    "transfer_reversal": "movement",
    "risk_reserved_funds": "movement",
    "connect_reserved_funds": "movement",
    "obligation": "movement",
}
"""What each reporting category is. What is not here is unclassified, but for the families below."""

_LIMIT = 100
_MOST_PAGES = 100
_SLICE_PAGES = 10
"""Pages of older history a reading."""
_REACH, _OVERLAP, _AGAIN = timedelta(days=35), timedelta(hours=1), timedelta(hours=1)


@dataclass(slots=True, kw_only=True)
class _Notes:
    """The cursor: `created` of the newest row, the last look at 35 days, and how far back history is read.

    `before` is the oldest id of the history read so far, empty before the first, None when all is read.
    """

    newest: int = 0
    swept: str | None = None
    before: str | None = None


class StripeBalance:
    """Reads what Stripe took, gave back and charged; implements `pnl.ports.Source`.

    Args:
        http: Asks `https://api.stripe.com`; give it `explain`.
        key: A restricted key that may read balance transactions.
        time_zone: The company's zone, whose days count.
    """

    name = "revenue.stripe"
    every_seconds = 300.0

    def __init__(self, http: Http, key: str, *, clock: Clock, time_zone: ZoneInfo) -> None:
        self._http = http
        self._clock = clock
        self._zone = time_zone
        self._headers = {"Authorization": f"Bearer {key}", "Stripe-Version": VERSION}
        self._facts = _warnings(key)
        self._swept = False

    @property
    def traffic(self) -> Traffic:
        """See `pnl.ports.Source`."""
        return self._http.traffic

    def wait_after(self, error: SourceError, failures: int) -> float:
        """Return the seconds to wait: what Stripe asks for, else a minute and more, up to a quarter of an hour.

        While it gives no answer it is a quarter of a minute at most, and so it is at first after a refusal: Stripe
        takes hundreds of requests a second.
        """
        if isinstance(error, SourceBusy) and error.retry_after is not None:
            return max(error.retry_after, 5.0)
        if isinstance(error, SourceRejected):
            return wait_after_refusal(failures, 900.0)
        if isinstance(error, SourceUnreachable | SourceBroken):
            return wait_after_outage(failures)
        return min(60.0 * 2.0 ** min(max(failures - 1, 0), 10), 900.0)

    async def read(self, cursor: str | None) -> Reading:
        """Read the newest hour, each hour 35 days, and at first all history, a slice at a time."""
        notes, now = _read_notes(cursor), self._clock.now()
        sweep = not self._swept or notes.swept is None or now - datetime.fromisoformat(notes.swept) >= _AGAIN
        whole_from = None
        if notes.before is not None and not sweep:
            rows, notes.before = await self._pages([], notes.before or None, _SLICE_PAGES)
        else:
            rows = await self._recent(notes, now, sweep)
            if sweep:  # the day that the reach begins in is not read whole
                self._swept, whole_from = True, (now - _REACH).astimezone(self._zone).date() + timedelta(days=1)
        facts = self._facts | {"transactions in the last answer": str(len(rows))}
        return Reading(
            as_of=self._clock.now(),
            cursor=json.dumps(asdict(notes), separators=(",", ":")),
            records=tuple(self._record(place, row) for place, row in enumerate(rows)),
            caught_up=notes.before is None,
            whole_from=whole_from,
            facts=facts,
        )

    async def check(self) -> list[Finding]:
        """Read one page, for an operator to see: what the key may do, and three entries."""
        rows = [Finding(name=name, ok=True, text=f"warning: {said}") for name, said in self._facts.items()]
        try:
            found, _ = await self._page([], None)
            entries = [self._record(place, row).fact for place, row in enumerate(found)]
        except SourceError as error:
            return [*rows, Finding(name="stripe", ok=False, text=told(error, "PNL_STRIPE_KEY", "PNL_STRIPE_BASE_URL"))]
        said = f"the key may read balance transactions; {len(found)} on the first page"
        rows.append(Finding(name="stripe", ok=True, text=said))
        return rows + [
            Finding(
                name="entry",
                ok=True,
                text=f"{one.id} {one.date} {text(one.amount)} {one.currency} {one.kind}, fee {text(one.fee)}",
            )
            for one in entries[:3]
            if isinstance(one, RevenueEntry)
        ]

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.close()

    async def _recent(self, notes: _Notes, now: datetime, sweep: bool) -> list[Mapping[str, Any]]:
        """Read all rows of the newest hour, or of 35 days; all, or none when there are too many."""
        first = notes.swept is None
        since = now - _REACH
        if notes.newest:
            newest = datetime.fromtimestamp(notes.newest, UTC) - _OVERLAP
            since = min(since, newest) if sweep else newest
        window = [("created[gte]", str(int(since.timestamp())))]
        rows, left = await self._pages(window, None, _MOST_PAGES)
        if left:
            many = f"{PATH}: more than {_MOST_PAGES * _LIMIT} transactions since {since:%Y-%m-%d}: we would miss some"
            raise SourceGarbled(self.name, many)
        if rows:
            with reading(self.name, PATH):
                notes.newest = max(notes.newest, *(_whole(row, "created") for row in rows))
        if sweep:
            notes.swept = now.isoformat()
        if first:
            notes.before = str(rows[-1]["id"]) if rows else ""
        return rows

    async def _pages(
        self, window: list[tuple[str, str]], after: str | None, most: int
    ) -> tuple[list[Mapping[str, Any]], str | None]:
        """Return rows of at most `most` pages, newest first, and the id that the rest is after; None at the end."""
        found: list[Mapping[str, Any]] = []
        seen: set[str] = set()
        for _ in range(most):
            rows, more = await self._page(window, after)
            with reading(self.name, PATH):
                for row in rows:
                    name = row["id"]
                    if name in seen:
                        raise ValueError(f"{name} came twice while we read on")
                    seen.add(name)
                if more and not rows:
                    raise ValueError("has_more is true on an empty page")
                found += rows
                if not more:
                    return found, None
                after = str(rows[-1]["id"])
        return found, after

    async def _page(self, window: list[tuple[str, str]], after: str | None) -> tuple[list[Mapping[str, Any]], bool]:
        query = [*window, ("limit", str(_LIMIT)), *([("starting_after", after)] if after else [])]
        answer = await self._http.get(PATH, query, self._headers)
        page = answer.json()
        with reading(self.name, PATH):
            rows = page["data"]
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                raise TypeError("data is no list of objects")
            return rows, bool(page.get("has_more"))

    def _record(self, place: int, row: Mapping[str, Any]) -> Record:
        with reading(self.name, f"{PATH}, row {row.get('id', place)}"):
            made = self._entry(row)
            return Record(
                source=self.name,
                kind="revenue",
                id=made.id,
                effective_at=made.occurred_at or self._clock.now(),
                fact=made,
                raw=raw_json(row),
            )

    def _entry(self, row: Mapping[str, Any]) -> RevenueEntry:
        currency = str(row["currency"]).upper()
        if not is_code(currency):
            raise ValueError(f"currency {currency[:20]!r} is none")
        created = datetime.fromtimestamp(_whole(row, "created"), UTC)
        category = str(row.get("reporting_category") or row.get("type") or "")
        source = row.get("source")
        parent = source.get("id") if isinstance(source, Mapping) else source
        return RevenueEntry(
            id=str(row["id"]),
            version=1,
            date=created.astimezone(self._zone).date(),
            amount=nano(from_minor(_whole(row, "amount"), currency, stripe=True)),
            fee=-nano(from_minor(_whole(row, "fee"), currency, stripe=True)),
            currency=currency,
            kind=_kind(category),
            status="settled",
            description=str(row.get("description") or category)[:1000],
            parent_id=parent if isinstance(parent, str) else None,
            occurred_at=created,
            customer=_customer(source),
        )


def explain(body: bytes) -> str | None:
    """Return what Stripe says of an error."""
    return str(json.loads(body)["error"]["message"])


def _kind(category: str) -> RevenueKind:
    if category.startswith("financing_") or (
        category.startswith("issuing_") and category.endswith(("_hold", "_release"))
    ):
        return "movement"
    return KINDS.get(category, "unclassified")


def _customer(source: object) -> str | None:
    """Return the customer of a charge that the row has whole: a name, else the id; None where the row does not say."""
    if not isinstance(source, Mapping):
        return None
    customer = source.get("customer")
    if isinstance(customer, Mapping):
        customer = customer.get("name") or customer.get("id")
    return customer.strip()[:200] or None if isinstance(customer, str) else None


def _whole(row: Mapping[str, Any], name: str) -> int:
    value = row[name]
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{name} is {value!r}, not a whole number")
    return value


def _warnings(key: str) -> dict[str, str]:
    found = {}
    if key.startswith("sk_"):
        found["key"] = "a secret key may do everything: make a restricted key (rk_) that only reads"
    if "_test_" in key[:12]:
        found["data"] = "a test key: these are not real sales"
    return found


def _read_notes(cursor: str | None) -> _Notes:
    try:
        return _Notes(**json.loads(cursor)) if cursor else _Notes()
    except (ValueError, TypeError):
        return _Notes()
