"""Values as cells of CSV (RFC 4180): numbers as they are, text so that no spreadsheet takes it for a formula."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeAlias

from pnl.domain.money import count_text, text
from pnl.domain.snapshot import instant
from pnl.export.tables import Column, Type
from pnl.ports import Spelling

Value: TypeAlias = "str | int | bool | Decimal | datetime | date | None"
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_EPOCH, _MILLISECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(milliseconds=1)
BLANKS = " \u00a0\ufeff\u200b"


def guarded(value: str) -> str:
    """Return text that no spreadsheet takes for a formula: with `'` before it where one would.

    What begins with `'` gets another one: what is left when one is taken off a cell is the text as it was.
    """
    return f"'{value}" if value.startswith("'") or value.lstrip(BLANKS).startswith(FORMULA) else value


def quoted(value: str) -> str:
    """Return text as a cell, in quotes where it must be."""
    if any(letter in value for letter in ',"\r\n'):
        doubled = value.replace('"', '""')
        return f'"{doubled}"'
    return value


def decimal_text(amount: Decimal) -> str:
    """Return an exact decimal number without exponent, at least two decimals."""
    whole, _, decimals = f"{amount:f}".partition(".")
    made = f"{whole}.{decimals.rstrip('0').ljust(2, '0')}"
    return made if amount else "0.00"


def writer(columns: Sequence[Column], spelling: Spelling) -> Callable[[Iterable[Value]], str]:
    """Return what makes a line of CSV, with its end, of a row's values.

    Values are `Nano` for money, `Centi` for contracts, aware instants; None is an empty cell.
    """
    spell = [_spelling(column.type, spelling) for column in columns]

    def line(row: Iterable[Value]) -> str:
        return ",".join("" if value is None else how(value) for how, value in zip(spell, row, strict=True)) + "\r\n"

    return line


def header(names: Iterable[str]) -> str:
    """Return the first line."""
    return ",".join(names) + "\r\n"


def _spelling(kind: Type, spelling: Spelling) -> Callable[[Any], str]:
    ways: dict[Type, Callable[[Any], str]] = {
        "text": (lambda value: quoted(guarded(value))) if spelling.guarded else quoted,
        "money": text,
        "decimal": decimal_text,
        "count": str,
        "contracts": count_text,
        "instant": _short if spelling.short else lambda at: str(instant(at)),
        "moment": _short if spelling.short else _moment,
        "date": date.isoformat,
        "bool": lambda value: "true" if value else "false",
    }
    if spelling.plain:
        ways |= {"money": str, "instant": lambda at: str((at - _EPOCH) // _MILLISECOND * 1000)}
    return ways[kind]


def _short(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"


def local(at: datetime, offset: timedelta, *, short: bool) -> str:
    """Return an instant in local time with its offset: `2026-11-20T14:32:10.004-05:00`."""
    there = at.astimezone(UTC) + offset
    minutes = abs(offset) // timedelta(minutes=1)
    zone = f"{'-' if offset < timedelta() else '+'}{minutes // 60:02d}:{minutes % 60:02d}"
    if short:
        return f"{there:%Y-%m-%d %H:%M:%S}{zone}"
    return f"{there:%Y-%m-%dT%H:%M:%S}.{there.microsecond // 1000:03d}{zone}"
