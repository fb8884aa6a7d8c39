"""Manual entries: list, add, replace, and who did what. Nothing is deleted, only voided."""

from urllib.parse import quote

from flask import Blueprint, Response
from werkzeug.exceptions import NotFound

from pnl.domain.money import text
from pnl.domain.records import RevenueEntry
from pnl.domain.snapshot import Json, instant
from pnl.ports import Figures, Store
from pnl.web.answers import answer
from pnl.web.describe import added, content, operation, parameter, path_parameter, reference
from pnl.web.entry_form import KINDS, MOST_LETTERS, RECURRENCES, STATUSES, places, read
from pnl.web.query import Days, given
from pnl.web.schemas import DAY, INSTANT_OR_NULL, MONEY, TEXT, VERSION, listed, one_of, thing
from pnl.web.sent import actor, sent

_LARGEST_BODY = 64 * 1024
_ID: dict[str, Json] = {"type": "string", "minLength": 1, "maxLength": 128}
_FIELDS: dict[str, Json] = {
    "date": DAY,
    "kind": one_of(*KINDS),
    "amount": {
        **MONEY,
        "description": (
            "Signed: a sale is zero or above; a refund, a fee and an operating_cost are zero or below; an adjustment "
            "is either. At most as many decimals as the currency has (two for USD)."
        ),
    },
    "currency": {"type": "string", "pattern": "^[A-Z]{3}$", "default": "USD"},
    "description": {
        "type": "string",
        "maxLength": MOST_LETTERS,
        "default": "",
        "description": "No control characters and no marks of direction (such as U+202E); a new id holds none either.",
    },
    "status": {**one_of(*STATUSES), "default": "settled"},
    "recurs": {
        **one_of(None, *RECURRENCES),
        "default": None,
        "description": "Only for an operating_cost: the amount is that of one period, spread over its days.",
    },
}
_OPTIONAL = ("currency", "description", "status", "recurs")

SCHEMAS: dict[str, Json] = {
    "NewEntry": thing({"id": _ID, **_FIELDS}, optional=_OPTIONAL),
    "ChangedEntry": thing({"id": _ID, **_FIELDS, "version": VERSION}, optional=("id", *_OPTIONAL)),
    "Entry": thing({"id": _ID, "version": VERSION, **_FIELDS, "updated_at": INSTANT_OR_NULL}),
    "Entries": thing({"entries": listed(reference("Entry"))}),
    "Audit": thing({"id": TEXT, "audit": listed({"type": "object"})}),
}

_ENTRY_ID = path_parameter("entry_id", "The entry's id.", _ID)

PATHS: dict[str, Json] = {
    "/api/pnl/entries": {
        "get": operation(
            "entries",
            "Every manual entry, newest date first",
            {200: content("The newest version of each.", reference("Entries"))},
            problems=(400, 503),
            description="With `as_of`, what was entered by then, each in the version that was the newest then.",
            parameters=[parameter("as_of", "As known at this instant: RFC 3339 or a company day.", TEXT)],
        ),
        "post": operation(
            "add_entry",
            "Add a manual entry",
            added("Entry", "It is kept; the next tick counts it.", "The same id and content"),
            problems=(400, 409, 413, 415, 503),
            description="The id is yours to choose, so that the same request can be sent again in safety.",
            body=reference("NewEntry"),
        ),
    },
    "/api/pnl/entries/{entry_id}": {
        "get": operation(
            "entry",
            "One manual entry",
            {200: content("Its newest version.", reference("Entry"))},
            problems=(400, 404, 503),
            parameters=[_ENTRY_ID],
        ),
        "put": operation(
            "change_entry",
            "Replace a manual entry",
            {200: content("It is kept; the next tick counts it.", reference("Entry"))},
            problems=(400, 404, 409, 413, 415, 503),
            description="`version` is the version that this one replaces; if it is not the newest, 409.",
            parameters=[_ENTRY_ID],
            body=reference("ChangedEntry"),
        ),
    },
    "/api/pnl/entries/{entry_id}/audit": {
        "get": operation(
            "entry_audit",
            "Who did what to a manual entry, and when",
            {200: content("Oldest first.", reference("Audit"))},
            problems=(400, 404, 503),
            parameters=[_ENTRY_ID],
        )
    },
}


def entries(figures: Figures, store: Store, days: Days) -> Blueprint:
    """Return the routes."""
    routes = Blueprint("entries", __name__)

    def newest(entry_id: str) -> RevenueEntry:
        for entry in store.entries():
            if entry.id == entry_id:
                return entry
        raise NotFound(f"There is no manual entry {entry_id[:128]!r}.")

    @routes.get("/api/pnl/entries")
    def every() -> Response:
        known = days.known(given(("as_of",)))
        return answer({"entries": [told(entry) for entry in store.entries(known)]})

    @routes.post("/api/pnl/entries")
    def add() -> Response:
        given(())
        form = read(sent(_LARGEST_BODY))
        known = any(entry.id == form.entry.id for entry in store.entries())
        kept = figures.enter(form.entry, replaces=None, actor=actor())
        made = answer(told(kept), 200 if known else 201)
        if not known:
            made.headers["Location"] = f"/api/pnl/entries/{quote(kept.id, safe='')}"
        return made

    @routes.get("/api/pnl/entries/<entry_id>")
    def one(entry_id: str) -> Response:
        given(())
        return answer(told(newest(entry_id)))

    @routes.put("/api/pnl/entries/<entry_id>")
    def change(entry_id: str) -> Response:
        given(())
        form = read(sent(_LARGEST_BODY), entry_id)
        newest(entry_id)
        return answer(told(figures.enter(form.entry, replaces=form.replaces, actor=actor())))

    @routes.get("/api/pnl/entries/<entry_id>/audit")
    def audit(entry_id: str) -> Response:
        given(())
        newest(entry_id)
        return answer({"id": entry_id, "audit": [dict(line) for line in store.audit(entry_id)]})

    return routes


def told(entry: RevenueEntry) -> dict[str, Json]:
    """Return an entry as the API sends it."""
    return {
        "id": entry.id,
        "version": entry.version,
        "date": entry.date.isoformat(),
        "kind": entry.kind,
        "amount": text(entry.amount, places(entry.currency)),
        "currency": entry.currency,
        "description": entry.description,
        "status": entry.status,
        "recurs": entry.recurs,
        "updated_at": instant(entry.updated_at),
    }
