"""One entry of revenue from named fields: the rules that feed and file share, and what their errors say."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Literal, TypeAlias, TypeVar, get_args
from zoneinfo import ZoneInfo

from pnl.domain.company_day import Calendar
from pnl.domain.money import nano
from pnl.domain.records import Record, RevenueEntry
from pnl.errors import MoneyError
from pnl.sources.revenue.currencies import decimals, is_code

FeedKind: TypeAlias = Literal["sale", "refund", "chargeback", "fee", "adjustment", "day_total"]
Status: TypeAlias = Literal["pending", "settled", "void"]
_KINDS: dict[str, FeedKind] = {kind: kind for kind in get_args(FeedKind)}
_STATUSES: dict[str, Status] = {status: status for status in get_args(Status)}

_T = TypeVar("_T")
_AMOUNT = re.compile(r"-?[0-9]{1,12}(\.[0-9]+)?")
_LONGEST_ID, _LONGEST_CUSTOMER, _LONGEST_TEXT = 128, 200, 1000


class WrongField(ValueError):
    """A field that cannot be taken; its text names the field, the value and the cure."""

    def __init__(self, field: str, value: object, cure: str) -> None:
        shown = str(value) if isinstance(value, str | Decimal) else repr(value)
        shown = f"{shown[:60]}…" if len(shown) > 60 else shown
        super().__init__(f'{field} "{shown}": {cure}' if value is not None else f"{field} is missing: {cure}")


def entry(fields: Mapping[str, object]) -> RevenueEntry:
    """Return the entry that named fields spell.

    `updated_at` stays None where the entry has none of its own: a stand-in such as the time of the
    answer would make the same version look different each time.

    Args:
        fields: `id`, `date`, `amount` and `currency` at least; all values but `version` are texts.

    Raises:
        WrongField: A field is missing or cannot be taken.
    """
    kind = _choice(fields, "kind", _KINDS, "sale")
    currency = _currency(fields.get("currency"))
    amount = _amount(fields.get("amount"), currency)
    if (kind == "sale" and amount < 0) or (kind in ("refund", "chargeback", "fee") and amount > 0):
        cure = "a sale is not below zero; send a refund instead" if kind == "sale" else f"a {kind} is not above zero"
        raise WrongField("amount", fields["amount"], cure)
    updated = fields.get("updated_at")
    return RevenueEntry(
        id=_id(fields.get("id"), "id"),
        version=_version(fields.get("version")),
        date=day(fields.get("date"), "date"),
        amount=amount,
        fee=0,
        currency=currency,
        kind=kind,
        status=_choice(fields, "status", _STATUSES, "settled"),
        description=_text(fields.get("description")),
        parent_id=None if fields.get("parent_id") is None else _id(fields["parent_id"], "parent_id"),
        updated_at=None if updated is None else instant(updated, "updated_at"),
        customer=_customer(fields.get("customer")),
    )


def record(source: str, made: RevenueEntry, raw: str, zone: ZoneInfo) -> Record:
    """Return the record of an entry that has a version of its own; it takes effect when its day begins."""
    effective = made.occurred_at or Calendar(zone).bounds(made.date)[0]
    return Record(
        source=source,
        kind="revenue",
        id=made.id,
        effective_at=effective,
        fact=made,
        raw=raw,
        version=made.version,
    )


def clash(entries: Iterable[RevenueEntry]) -> date | None:
    """Return the first date that has both a day's total and single entries; such a day would count twice.

    Only what comes in one answer is compared. A total that comes days after the day's entries is
    seen when all entries of the date are at hand.
    """
    newest: dict[str, RevenueEntry] = {}
    for one in entries:
        if one.id not in newest or newest[one.id].version <= one.version:
            newest[one.id] = one
    totals: dict[date, set[bool]] = defaultdict(set)
    for one in newest.values():
        if one.status != "void":
            totals[one.date].add(one.kind == "day_total")
    return min((on for on, found in totals.items() if len(found) > 1), default=None)


def instant(value: object, field: str) -> datetime:
    """Return an RFC 3339 time in UTC.

    Raises:
        WrongField: It is none, or has no zone.
    """
    cure = "send a time with its zone, such as 2026-11-22T06:05:00Z"
    if not isinstance(value, str):
        raise WrongField(field, value, cure)
    try:
        at = datetime.fromisoformat(value)
        if at.tzinfo is None:
            raise WrongField(field, value, cure)
        return at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise WrongField(field, value, cure) from None


def day(value: object, field: str) -> date:
    """Return a day that is written YYYY-MM-DD.

    Raises:
        WrongField: It is none.
    """
    cure = "send a day as YYYY-MM-DD"
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise WrongField(field, value, cure)
    try:
        found = date.fromisoformat(value)
    except ValueError:
        raise WrongField(field, value, "there is no such day") from None
    if not 1990 <= found.year <= 9000:
        raise WrongField(field, value, "the year cannot be right")
    return found


def _amount(value: object, currency: str) -> int:
    if value is not None and not isinstance(value, str):
        raise WrongField("amount", value, 'send it in quotes, such as "1250.00": a JSON number may lose cents')
    if not isinstance(value, str) or not _AMOUNT.fullmatch(value):
        raise WrongField("amount", value, _amount_cure(value or ""))
    places = len(value.partition(".")[2])
    if places > decimals(currency):
        raise WrongField("amount", value, f"{currency} has {decimals(currency)} decimals")
    try:
        return nano(value)
    except MoneyError as error:
        raise WrongField("amount", value, str(error)) from None


def _amount_cure(value: str) -> str:
    plain = 'write a plain number such as "1250.00"'
    if re.fullmatch(r"-?\d+,\d\d", value):
        return "use a point for the decimals"
    for mark, name in (
        (",", "comma"),
        ("$", "symbol"),
        ("€", "symbol"),
        ("£", "symbol"),
        (" ", "space"),
        ("+", "plus"),
    ):
        if mark in value:
            return f"remove the {name}"
    return "write a minus instead of brackets" if value.startswith("(") else plain


def _currency(value: object) -> str:
    if not isinstance(value, str) or not is_code(value):
        raise WrongField("currency", value, "send the three capital letters of ISO 4217, such as USD")
    return value


def _id(value: object, field: str) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= _LONGEST_ID or value != value.strip():
        raise WrongField(field, value, f"send a text of 1 to {_LONGEST_ID} characters that stays the same")
    return value


def _version(value: object) -> int:
    if value is None:
        return 1
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value < 2**31:
        raise WrongField("version", value, "send a whole number from 1")
    return value


def _text(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise WrongField("description", value, "send a text")
    return value[:_LONGEST_TEXT]


def _customer(value: object) -> str | None:
    if value is not None and not isinstance(value, str):
        raise WrongField("customer", value, "send the customer's name as a text, or leave it out")
    name = (value or "").strip()
    if len(name) > _LONGEST_CUSTOMER:
        raise WrongField("customer", value, f"send a name of at most {_LONGEST_CUSTOMER} characters")
    return name or None


def _choice(fields: Mapping[str, object], name: str, known: Mapping[str, _T], default: str) -> _T:
    value = fields.get(name)
    if value is None:
        return known[default]
    if not isinstance(value, str) or value not in known:
        raise WrongField(name, value, f"it is one of {', '.join(known)}")
    return known[value]
