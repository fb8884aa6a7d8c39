"""Single fields of Kalshi's rows: taken exactly, or refused with the field's name and value."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias

from pnl.domain.money import CENT, Centi, Nano, centi, nano

Row: TypeAlias = Mapping[str, Any]

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)")
_LATEST = 253_402_300_799


def text(row: Row, name: str) -> str:
    """Return a text that is not empty."""
    value = row[name]
    if not isinstance(value, str) or not value:
        raise ValueError(f"the field {name!r} is {value!r}, not a text")
    return value


def dollars(row: Row, name: str) -> Nano:
    """Return a dollar amount, which the wire has as a decimal string."""
    return nano(_decimal_string(row, name), name)


def contracts(row: Row, name: str) -> Centi:
    """Return a contract count, which the wire has as a decimal string."""
    return centi(_decimal_string(row, name), name)


def whole(row: Row, name: str) -> int:
    """Return a whole number."""
    value = row[name]
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"the field {name!r} is {value!r}, not a whole number")
    return value


def cents(row: Row, name: str) -> Nano:
    """Return an amount that the wire has in whole cents."""
    return whole(row, name) * CENT


def number_or_zero(row: Row, name: str) -> int:
    """Return a small number such as a subaccount's; 0 where it is missing or null."""
    return 0 if row.get(name) is None else whole(row, name)


def flag(row: Row, name: str) -> bool:
    """Return a boolean."""
    value = row[name]
    if not isinstance(value, bool):
        raise TypeError(f"the field {name!r} is {value!r}, not true or false")
    return value


def instant(row: Row, name: str) -> datetime:
    """Return a time, which the wire has as RFC 3339; what is finer than a microsecond is cut."""
    value = text(row, name)
    if not _RFC3339.fullmatch(value):
        raise ValueError(f"the field {name!r} is {value!r}, not a time with its zone")
    return datetime.fromisoformat(value.upper()).astimezone(UTC)


def unix(row: Row, name: str) -> datetime:
    """Return a time, which the wire has as whole seconds since 1970."""
    value = whole(row, name)
    if not 0 <= value <= _LATEST:
        raise ValueError(f"the field {name!r} is {value!r}, no time")
    return datetime.fromtimestamp(value, UTC)


def rows(answer: Row, name: str) -> list[Row]:
    """Return a list of objects; null is an empty one."""
    value = answer[name]
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise TypeError(f"the field {name!r} is not a list of objects")
    return value


def _decimal_string(row: Row, name: str) -> str:
    value = row.get(name)
    if value is None:
        raise ValueError(
            f"the field {name!r} is missing: the integer fields of before April 2026 are not read, only decimal strings"
        )
    if not isinstance(value, str):
        raise TypeError(f"the field {name!r} is {value!r}, not a decimal string")
    return value
