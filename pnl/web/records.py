"""The records behind the figures, newest first, each with what it posts and its source's own body."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Final

from flask import Blueprint, Response

from pnl.domain.ledger import Ledger
from pnl.domain.records import Kind, Record
from pnl.domain.snapshot import Json, instant, money
from pnl.ports import Cache, Figures, Ledgers, Store
from pnl.web.answers import dumps, text_answer, verbatim
from pnl.web.describe import content, operation, parameter, reference
from pnl.web.details import amount, detail, flags
from pnl.web.problems import BadParameter
from pnl.web.query import Days, choices, given, whole
from pnl.web.schemas import (
    ANYTHING,
    COUNT,
    INSTANT,
    INSTANT_OR_NULL,
    MONEY,
    MONEY_OR_NULL,
    TEXT,
    TEXT_OR_NULL,
    listed,
    one_of,
    thing,
)

KINDS: dict[str, Kind] = {
    "fills": "fill",
    "settlements": "settlement",
    "costs": "cost",
    "revenue": "revenue",
    "entries": "revenue",
    "transfers": "transfer",
    "credits": "credit",
    "usage": "usage",
}
"""What a caller may ask for, and the kind of record that it means; entries are the manual revenue."""

MANUAL = "manual"
_MONEY_KINDS = ("fills", "settlements", "costs", "revenue", "transfers", "credits")
_MOST, _LOOKS = 1000, 50
_KEEP_SECONDS = 2.0
"""As long as the pages of a small crowd take together to ask what happened."""
SPREAD_HEADER = "X-NorthStar-Spread"
_A_SECOND = 100
"""So many requests a second are let come when something has happened, of all open pages together."""

SCHEMAS: dict[str, Json] = {
    "Record": thing(
        {
            "kind": one_of(*dict.fromkeys(KINDS.values())),
            "source": TEXT,
            "id": TEXT,
            "version": {"type": ["integer", "null"]},
            "effective_at": INSTANT,
            "recorded_at": INSTANT_OR_NULL,
            "amount": MONEY_OR_NULL,
            "currency": TEXT,
            "posts": listed(thing({"line": TEXT, "amount": MONEY}, closed=False)),
            "flags": listed(TEXT),
            "detail": {"type": "object"},
            "raw": ANYTHING,
        }
    ),
    "Records": thing({"records": listed({"$ref": "#/components/schemas/Record"}), "next": TEXT_OR_NULL}),
}

_SPREAD: Final = (
    "Over how many ms who follows the live feed should spread a request that it makes when something has happened: "
    "ten for each live client of this process."
)

PATHS: dict[str, Json] = {
    "/api/pnl/records": {
        "get": operation(
            "records",
            "The records behind the figures, newest first",
            {
                200: {
                    **content("A page of the newest version of each record.", reference("Records")),
                    "headers": {SPREAD_HEADER: {"description": _SPREAD, "schema": COUNT}},
                }
            },
            problems=(400, 503),
            description=(
                "`amount` is the record's own, signed: a fill is what its contracts cost, count × price of its own "
                "side, below zero and before its fee; a settlement is its payout; a transfer is the change of the "
                "balance; a cost is below zero; a revenue entry is as entered, before its fee; a credit is what came "
                "in; usage has none (`null`). `posts` is what the record adds to the lines of the statement; "
                "a cost has none of its own, since what is reported of a UTC day is spread over its hours and lies in "
                "up to two company days: `/api/pnl/explain?figure=api_cost` tells each row's share of a day. `detail` "
                "holds the parsed fields, `raw` the source's own body, letter by letter. A page may hold fewer rows "
                "than `limit` while `next` is not null."
            ),
            parameters=[
                parameter(
                    "kind",
                    f"A comma-separated list of {', '.join(KINDS)}; all but usage where it is left out. "
                    "`entries` are the manual ones of `revenue`.",
                    {**TEXT, "default": ",".join(_MONEY_KINDS)},
                ),
                parameter("from", "The first effective time, RFC 3339 or a company day.", TEXT),
                parameter("to", "The first effective time that is out again.", TEXT),
                parameter("as_of", "As known at this instant: RFC 3339 or a company day.", TEXT),
                parameter("cursor", "`next` of the page before, with the same other parameters.", TEXT),
                parameter("limit", "Rows a page.", {**COUNT, "minimum": 1, "maximum": _MOST, "default": 100}),
            ],
        )
    }
}


def records(
    figures: Figures, store: Store, ledgers: Ledgers, days: Days, cache: Cache, *, crowd: Callable[[], int]
) -> Blueprint:
    """Return the route; `crowd` tells how many live clients this process has, who may all ask at once."""
    routes = Blueprint("records", __name__)

    @routes.get("/api/pnl/records")
    def page() -> Response:
        found = given(("kind", "from", "to", "as_of", "cursor", "limit"))
        names = choices(found, "kind", KINDS, _MONEY_KINDS)
        since, until = days.span(found)
        known = days.known(found)
        limit = whole(found, "limit", 100, 1, _MOST)
        cursor = found.get("cursor")

        def make() -> bytes:
            kept, further = _kept(store, names, (since, until), known, cursor=cursor, limit=limit)
            row = store.row_at(known) if known and kept else None
            posts = posting(ledgers.at(row.as_of)) if row and row.seq < store.head() else figures.posts
            rows = ",".join(_row(record, posts) for record in kept)
            return f'{{"records":[{rows}],"next":{dumps(further)}}}'.encode()

        asked = (",".join(names), str(since), str(until), str(known), cursor or "", str(limit))
        key = ("records", *asked, str(store.head()), str(store.last_record()))
        spread_ms = crowd() * 1000 // _A_SECOND
        return text_answer(
            cache.get(key, make, keep_seconds=_KEEP_SECONDS).decode(), headers={SPREAD_HEADER: str(spread_ms)}
        )

    return routes


def _kept(
    store: Store,
    names: Collection[str],
    span: tuple[datetime | None, datetime | None],
    known: datetime | None,
    *,
    cursor: str | None,
    limit: int,
) -> tuple[list[Record], str | None]:
    """Return a page of records, and where the next begins.

    Raises:
        BadParameter: The cursor is none of this list's.
    """
    kinds = tuple(dict.fromkeys(KINDS[name] for name in names))
    wanted = _manual_only if "entries" in names and "revenue" not in names else _any
    kept: list[Record] = []
    for _ in range(_LOOKS):
        try:
            part = store.page(kinds, *span, cursor, limit - len(kept), known)
        except ValueError:
            raise BadParameter("cursor", "cursor is not the `next` of a page of this list") from None
        kept.extend(record for record in part.records if wanted(record))
        cursor = part.next
        if cursor is None or len(kept) >= limit:
            break
    return kept, cursor


def posting(ledger: Ledger) -> Callable[[Record], list[dict[str, Json]]]:
    """Return what tells what a record posts to the lines, as a ledger knows it."""
    return lambda record: [{"line": line, "amount": money(amount)} for line, amount in ledger.posts(record)]


def _any(_: Record) -> bool:
    return True


def _manual_only(record: Record) -> bool:
    return record.kind != "revenue" or record.source == MANUAL


def _row(record: Record, posts: Callable[[Record], list[dict[str, Json]]]) -> str:
    own, currency = amount(record.fact)
    told = dumps(
        {
            "kind": record.kind,
            "source": record.source,
            "id": record.id,
            "version": record.version,
            "effective_at": instant(record.effective_at),
            "recorded_at": instant(record.recorded_at),
            "amount": own,
            "currency": currency,
            "posts": list[Json](posts(record)),
            "flags": flags(record.fact),
            "detail": detail(record),
        }
    )
    return f'{told[:-1]},"raw":{verbatim(record.raw)}}}'
