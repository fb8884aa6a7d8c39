"""A manual entry as a person sends it, read strictly: every wrong field is named, with what to write instead."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, NamedTuple, TypeAlias, cast, get_args

from pnl.domain.isolated import mark_in
from pnl.domain.money import DOLLAR, Nano, nano
from pnl.domain.records import RevenueEntry, RevenueKind
from pnl.errors import EntryError, MoneyError

Status: TypeAlias = Literal["settled", "void"]
Recurs: TypeAlias = Literal["daily", "weekly", "monthly", "yearly"]

KINDS: tuple[RevenueKind, ...] = ("sale", "refund", "fee", "adjustment", "operating_cost")
STATUSES = get_args(Status)
RECURRENCES = get_args(Recurs)
MOST_LETTERS = 500

_FIELDS = ("id", "date", "kind", "amount", "currency", "description", "status", "recurs")
_NEEDED = ("id", "date", "kind", "amount")
_ID = re.compile(
    r"(?!\.{1,2}$)[^\x00-\x20\x7f-\xa0/\\\ud800-\udfff](?:[^\x00-\x1f\x7f-\x9f/\\\ud800-\udfff]{0,126}[^\x00-\x20\x7f-\xa0/\\\ud800-\udfff])?"
)
_TEXT = re.compile(r"[^\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]*")
_AMOUNT = re.compile(r"-?\d{1,10}(?:\.(\d{1,9}))?", re.ASCII)
_NO_DECIMALS = frozenset(
    {
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "UYI",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    }
)
_THREE_DECIMALS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """An entry, and the version that it replaces; None where it is new."""

    entry: RevenueEntry
    replaces: int | None


def places(currency: str) -> int:
    """Return how many decimals an amount of a currency has, by ISO 4217."""
    if currency in _NO_DECIMALS:
        return 0
    return 3 if currency in _THREE_DECIMALS else 2


def read(body: bytes, entry_id: str | None = None) -> Form:
    """Return the entry that a body spells.

    Args:
        body: JSON.
        entry_id: The id in the path of an edit, which then needs `version`; None for a new entry.

    Raises:
        EntryError: A field is missing, unknown or wrong; `field` is its name, empty for the body itself.
    """
    fields = _object(body)
    if entry_id is not None and fields.setdefault("id", entry_id) != entry_id:
        raise EntryError("id", f"id {_short(fields['id'])} is not the id in the path, {entry_id!r}; leave it out")
    known = _FIELDS if entry_id is None else (*_FIELDS, "version")
    for name in fields:
        if name not in known:
            raise EntryError(name[:60], f"there is no field {name[:60]!r}; an entry has {', '.join(known)}")
    for name in (*_NEEDED, "version") if entry_id is not None else _NEEDED:
        if name not in fields:
            raise EntryError(name, f"{name} is missing")
    replaces = _version(fields["version"]) if entry_id is not None else None
    kind = cast("RevenueKind", _word(fields, "kind", KINDS))
    currency = _currency(fields.get("currency", "USD"))
    return Form(
        entry=RevenueEntry(
            id=_id(fields["id"], new=entry_id is None),
            version=(replaces or 0) + 1,
            date=_date(fields["date"]),
            amount=_amount(fields["amount"], kind, currency),
            fee=0,
            currency=currency,
            kind=kind,
            status=cast("Status", _word({"status": "settled", **fields}, "status", STATUSES)),
            description=_description(fields.get("description", "")),
            recurs=_recurs(fields, kind),
        ),
        replaces=replaces,
    )


class _Number(NamedTuple):
    """A JSON number with a point or an exponent: no field takes one, and its digits are shown as they were."""

    digits: str

    def __repr__(self) -> str:
        return self.digits


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body.decode(), parse_float=_Number, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        if isinstance(error, EntryError):
            raise
        raise EntryError("", "the body is not JSON") from None
    if not isinstance(found, dict):
        raise EntryError("", "the body is not a JSON object")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, value in pairs:
        if name in made:
            raise EntryError(name[:60], f"the field {name[:60]!r} comes twice")
        made[name] = value
    return made


def _id(value: object, *, new: bool) -> str:
    """Return an id; one that is kept from before may hold a mark of direction, a new one may not."""
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise EntryError("id", "id is 1 to 128 characters, without slashes, control characters or blanks at its ends")
    return _unturned("id", value) if new else value


def _date(value: object) -> date:
    try:
        if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
            found = date.fromisoformat(value)
            if 1970 <= found.year < 2200:
                return found
    except ValueError:
        pass
    raise EntryError("date", f"date {_short(value)} is no day from 1970 to 2199; write it as 2026-11-20")


def _word(fields: Mapping[str, object], name: str, known: tuple[str, ...]) -> str:
    value = fields[name]
    if not isinstance(value, str) or value not in known:
        raise EntryError(name, f"{name} {_short(value)} is not one of {', '.join(known)}")
    return value


def _currency(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Z]{3}", value, re.ASCII):
        raise EntryError("currency", f"currency {_short(value)} is no ISO 4217 code; write it as USD")
    return value


def _amount(value: object, kind: str, currency: str) -> Nano:
    if not isinstance(value, str):
        raise EntryError("amount", f'amount {_short(value)} is not a decimal string; write it in quotes, as "49.00"')
    found = _AMOUNT.fullmatch(value)
    if found is None:
        raise EntryError(
            "amount", f"amount {_short(value)} is no plain decimal number; write it as 1234.56 or -1234.56"
        )
    if len(found.group(1) or "") > places(currency):
        raise EntryError("amount", f"amount {_short(value)} is finer than {currency} is: {places(currency)} decimals")
    try:
        amount = nano(value)
    except MoneyError as error:
        raise EntryError("amount", str(error)) from None
    if kind == "sale" and amount < 0:
        raise EntryError("amount", f"a sale is zero or above: write {value[1:]}, or call it a refund")
    if kind in ("refund", "fee", "operating_cost") and amount > 0:
        article = "an operating_cost" if kind == "operating_cost" else f"a {kind}"
        raise EntryError("amount", f"{article} is zero or below: write -{value}")
    if abs(amount) > 1_000_000_000 * DOLLAR:
        raise EntryError("amount", f"amount {_short(value)} is beyond a thousand million")
    return amount


def _description(value: object) -> str:
    if not isinstance(value, str) or len(value) > MOST_LETTERS or not _TEXT.fullmatch(value):
        raise EntryError(
            "description", f"description is a text of at most {MOST_LETTERS} characters, none of them control"
        )
    return _unturned("description", value)


def _unturned(name: str, value: str) -> str:
    if mark := mark_in(value):
        raise EntryError(
            name, f"{name} {_short(value)} holds {mark}, which is not seen and turns letters around: leave it out"
        )
    return value


def _recurs(fields: Mapping[str, object], kind: str) -> Recurs | None:
    if fields.get("recurs") is None:
        return None
    if kind != "operating_cost":
        raise EntryError("recurs", f"only an operating_cost recurs, a {kind} does not; leave recurs out or null")
    return cast("Recurs", _word(fields, "recurs", RECURRENCES))


def _version(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value < 10**9:
        raise EntryError("version", f"version {_short(value)} is not the number of the version that this one replaces")
    return value


def _short(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:59]}…"
