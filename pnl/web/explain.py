"""Any figure, opened: the sum behind it, node by node, down to the records that add up to it exactly."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import date, datetime, timedelta
from typing import get_args

from flask import Blueprint, Response
from werkzeug.exceptions import NotFound

from pnl.domain.explain import DIMENSIONS, NAMES, SUMS, Figure, Share, figure, find
from pnl.domain.snapshot import LINES, MARKS_THINNED, Json
from pnl.ports import Cache, Store
from pnl.web import spans
from pnl.web.answers import dumps
from pnl.web.asked_range import STEPPED, over_range
from pnl.web.cached import HEADERS
from pnl.web.cached import answer as cached
from pnl.web.describe import content, operation, parameter, reference
from pnl.web.explained import Explained
from pnl.web.grown import Extreme, ends, extreme, grown
from pnl.web.problems import BadParameter
from pnl.web.query import Days, choice, given, whole
from pnl.web.schemas import (
    DAY,
    FLAG,
    INSTANT,
    INSTANT_OR_NULL,
    MONEY_OR_NULL,
    TEXT,
    TEXT_OR_NULL,
    listed,
    one_of,
    thing,
)
from pnl.web.tiles import STEPS
from pnl.web.told import Told
from pnl.web.tree import leaves, shown, told

_LARGEST_SEQ = 2**53
_RULES = ("sum", "difference", "product", "quotient", "count", "record", "mark", "constant", "remainder")
_SEQ: dict[str, Json] = {"type": "integer", "minimum": 1}
_COUNT_OR_NULL: dict[str, Json] = {"type": ["integer", "null"], "minimum": 0}

_RECORD = thing(
    {
        "source": TEXT,
        "kind": TEXT,
        "id": TEXT,
        "version": {"type": ["integer", "null"]},
        "at": INSTANT,
        "recorded_at": INSTANT_OR_NULL,
        "amount": MONEY_OR_NULL,
        "detail": {"type": "object"},
    }
)
_MARK = thing(
    {
        "ticker": TEXT,
        "at": INSTANT_OR_NULL,
        "side": one_of("yes", "no"),
        "price": MONEY_OR_NULL,
        "source": one_of("bid", "mid", "settlement", "none"),
    }
)
_NODE: dict[str, Json] = {
    "node": TEXT,
    "title": TEXT,
    "amount": MONEY_OR_NULL,
    "unit": one_of("usd", "contracts", "days"),
    "rule": one_of(*_RULES),
    "count": _COUNT_OR_NULL,
    "note": TEXT,
    "children": listed(reference("ExplanationNode")),
    "record": _RECORD,
    "mark": _MARK,
}

SCHEMAS: dict[str, Json] = {
    "ExplanationNode": thing(_NODE, optional=("children", "record", "mark")),
    "Explanation": thing(
        {
            "figure": TEXT,
            "text": TEXT,
            "at": thing(
                {
                    "seq": _COUNT_OR_NULL,
                    "as_of": INSTANT_OR_NULL,
                    "day": DAY,
                    "from": TEXT,
                    "to": TEXT,
                    "begins": INSTANT,
                },
                optional=("seq", "day", "from", "to", "begins"),
            ),
            "as_seen": FLAG,
            "flags": listed(TEXT),
            **_NODE,
            "checks": listed(reference("Check")),
            "next": TEXT_OR_NULL,
        },
        optional=("flags", "record", "mark"),
    ),
}

PATHS: dict[str, Json] = {
    "/api/pnl/explain": {
        "get": operation(
            "explain",
            "The sum behind a figure, down to record ids",
            {
                200: content("One node of the tree, and its children.", reference("Explanation"))
                | {"headers": HEADERS},
                304: {"description": "The caller has this answer."},
            },
            problems=(400, 404, 503),
            description=(
                "A node's `amount` is exactly what its `rule` makes of its children: `sum` adds those that are known, "
                "`difference` takes the others off the first, `product` is contracts × price, `quotient` is the first "
                "by the second to a millionth, `count` is how many of them are above zero. A `record` "
                "names one record, of which `amount` is what it brings; a "
                "`mark` is a price that was quoted; a `remainder` is what no record gives, and its title says why. "
                "With `at`, or with nothing, it is a snapshot as it was shown; with `day`, or `from` and `to`, company "
                "days as they are known now, or at `as_of`. `children` are there where they are few; a node without "
                "is opened by `node`. `flags` has `marks_thinned` where it is of a snapshot of whose time prices were "
                "thinned to one each quarter of an hour: what older prices leave open is a `remainder`. Of more than "
                "60 children the rest is one node, whose path is `next`. A path stays the same while its records do."
            ),
            parameters=[
                parameter("figure", f"One of {', '.join(NAMES)}.", TEXT) | {"required": True},
                parameter(
                    "at",
                    "The sequence of a snapshot; the newest where nothing else is given. With `day`, `high` or `low`: "
                    "the first snapshot of the day with its highest or lowest net.",
                    TEXT,
                ),
                parameter("day", "A company day.", DAY),
                parameter(
                    "from",
                    "The first company day of several. Or an instant: then it is what the figure grew by from the "
                    "first complete snapshot at or after it (`begins`; the first at all where none is complete) to the "
                    "last one before `to`, as they were shown.",
                    TEXT,
                ),
                parameter("to", "The first company day, or the first instant, that is out again.", TEXT),
                parameter(
                    "by", "With `key`: of one row of /api/pnl/breakdown alone, on company days.", one_of(*DIMENSIONS)
                ),
                parameter("key", "The row's key.", TEXT),
                parameter(
                    "step",
                    f"Goes with {', '.join(STEPPED)}, and changes nothing: they are of every snapshot. "
                    "Older links name one.",
                    {**one_of("auto", "raw", *STEPS), "default": "auto"},
                ),
                parameter("as_of", "As known at this instant: RFC 3339 or a company day.", TEXT),
                parameter("node", "The path of the node to open; the figure itself where it is left out.", TEXT),
            ],
        )
    }
}


def explain(explained: Explained, store: Store, days: Days, cache: Cache) -> Blueprint:
    """Return the route."""
    routes = Blueprint("explain", __name__)

    @routes.get("/api/pnl/explain")
    def node() -> Response:
        found = given(("figure", "at", "day", "from", "to", "by", "key", "step", "as_of", "node"), told=("key",))
        asked = _figure(found.get("figure"))
        path = found.get("node", "")
        if asked.ranged:
            key, opened = over_range(explained, store, asked, path, days, found)
            return cached(cache, ("explain", *key), lambda: _made(explained, store, asked, path, opened()))
        if "step" in found:
            raise BadParameter("step", f"step goes with {', '.join(STEPPED)}, and not with {asked.name}")
        share = _share(found, asked)
        if spans.is_of_instants(found):
            return _grown(explained, store, cache, asked, path, days, found)
        known = days.known(found)
        span = spans.days(found)
        head = explained.newest()
        seq: int | None
        if found.get("at") in get_args(Extreme):
            seq = _extreme(explained, store, asked, found["at"], span, known)  # type: ignore[arg-type] # one of the two
            span = known = None
        else:
            seq = whole(found, "at", 0, 1, _LARGEST_SEQ) or None
        if seq and (span or known):
            raise BadParameter("at", "at names a snapshot: leave day, from, to and as_of out")
        if span and not asked.daily:
            if span[1] - span[0] > timedelta(days=1):
                raise BadParameter("figure", f"{asked.name} belongs to an instant, not to several days: use at or day")
            seq, span = explained.last_of(span[0], known), None
        elif known and not span:
            row = store.row_at(known)
            if row is None:
                raise BadParameter("as_of", "nothing was known yet")
            seq = row.seq
        manner = (str(known), *map(str, span)) if span else (str(seq or head),)
        closed = seq is not None and seq < head
        if share:
            manner = (*manner, share.by, share.key)
        row = store.row(seq) if closed and seq else None
        state = "thinned" if row and explained.thinned(row) else "closed" if closed else str(head)
        key = ("explain", asked.name, path, *manner, state)

        def make() -> bytes:
            if span:
                return _made(explained, store, asked, path, explained.days(asked, *span, known, path, share))
            return _made(explained, store, asked, path, explained.screen(asked, seq, path))

        return cached(cache, key, make)

    return routes


def _grown(  # noqa: PLR0917 - what the route has
    explained: Explained, store: Store, cache: Cache, asked: Figure, path: str, days: Days, found: Mapping[str, str]
) -> Response:
    for name in ("at", "day", "as_of"):
        if name in found:
            raise BadParameter(name, f"{name} does not go with instants in from and to, between which it is as shown")
    if not asked.daily:
        raise BadParameter("figure", f"{asked.name} does not begin anew each day: open it at a snapshot, by at")
    since, until = days.span(found)
    if since is None or until is None:
        raise BadParameter("to", "give both from and to")
    first, last = ends(store, since, until)
    key = ("explain", asked.name, path, f"{first.seq}-{last.seq}", str(since), str(until))

    def make() -> bytes:
        return _made(
            explained, store, asked, path, nullcontext(grown(explained, store, asked, (since, until), (first, last)))
        )

    return cached(cache, key, make)


def _extreme(  # noqa: PLR0917 - what the route has
    explained: Explained,
    store: Store,
    asked: Figure,
    which: Extreme,
    span: tuple[date, date] | None,
    known: datetime | None,
) -> int:
    if span is None or span[1] - span[0] > timedelta(days=1):
        raise BadParameter("at", f"{which} goes with day: it is the snapshot of that day with the {which}est net")
    if asked.name != "net":
        raise BadParameter("figure", f"the {which}est is known of net alone")
    return extreme(store, span[0], which, explained.last_of(span[0], known))


def _made(
    explained: Explained, store: Store, asked: Figure, path: str, opened: AbstractContextManager[Told | None]
) -> bytes:
    with opened as root:
        if root is None:
            if asked.check:
                raise NotFound(f"There is no check {asked.check!r} of {asked.scope!r}.")
            what = f"The market {asked.ticker!r} was never traded." if asked.ticker else "Nothing in it is of this key."
            raise NotFound(f"Nothing is held in the event {asked.event!r}." if asked.event else what)
        place = find(root.root, path)
        if place is None:
            raise NotFound(f"There is no node {path[:200]!r} in the explanation of {asked.name}.")
        open_, full, begin = place
        tree = shown(open_, full, begin)
    keys = leaves(tree)
    body = told(tree, store.named(keys, root.known) if keys else {})
    last = tree.children[-1].path if tree.children else ""
    rest = last if last.rpartition("/")[2].startswith("~r") and last.rpartition("~r")[2].isdigit() else None
    answer: dict[str, Json] = {
        "figure": asked.name,
        "text": asked.text,
        "at": root.at,
        "as_seen": root.seen,
        **({"flags": [MARKS_THINNED]} if root.seen and root.known and store.marks_thinned(root.known) else {}),
        **body,
        "checks": explained.checks(root),
        "next": rest,
    }
    if not full and not begin and not root.share:
        answer["title"] = asked.title
    return dumps(answer).encode()


def _share(found: Mapping[str, str], asked: Figure) -> Share | None:
    """Return the row of a breakdown that a question is of; None where it is of all."""
    if not {"by", "key"} & found.keys():
        return None
    by = next(one for one in DIMENSIONS if one == choice(found.get("by", ""), "by", DIMENSIONS))
    if "key" not in found:
        raise BadParameter("key", "by goes with key, a row's of /api/pnl/breakdown")
    if spans.is_of_instants(found) or not {"day", "from"} & found.keys() or "at" in found:
        raise BadParameter("by", "a row of a breakdown is of company days: give day, or from and to")
    if asked.name not in LINES and asked.name not in SUMS:
        raise BadParameter("figure", f"a row of a breakdown has the lines of the statement, and no {asked.name}")
    return Share(by, found["key"])


def _figure(name: str | None) -> Figure:
    if name is None:
        raise BadParameter("figure", f"figure is missing: it is one of {', '.join(NAMES)}")
    found = figure(name)
    if found is None:
        raise BadParameter("figure", f"figure {name[:60]!r} is not one of {', '.join(NAMES)}")
    return found
