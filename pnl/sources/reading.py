"""Answers into values: JSON taken exactly or refused, and a parser's stumble named as what it is."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from pnl.errors import SourceError, SourceGarbled

_DIGITS = 40
_UNSTORABLE = (b"\\u0000", b"\\ud", b"\\uD", b"\x00")


@contextmanager
def reading(source: str, what: str) -> Iterator[None]:
    """Turn what a parser raises on a surprising value into `SourceGarbled`.

    Args:
        source: The source's name.
        what: What is being read, such as `fills page` or `fill 0f3…`.

    Raises:
        SourceGarbled: The block raised `LookupError`, `TypeError`, `ValueError` (which every `MoneyError`
            is), `AttributeError`, `ArithmeticError` or `RecursionError`; its text carries the value.
    """
    try:
        yield
    except SourceError:
        raise
    except KeyError as error:
        raise SourceGarbled(source, f"{what}: the field {error} is missing") from error
    except RecursionError as error:
        raise SourceGarbled(source, f"{what}: nested too deep") from error
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise SourceGarbled(source, f"{what}: {_short(str(error)) or type(error).__name__}") from error


def exact_json(source: str, what: str, body: bytes) -> Any:  # noqa: ANN401 - JSON enters here
    """Return the JSON value that `body` spells, numbers with a point or an exponent as `Decimal`.

    Raises:
        SourceGarbled: It is not JSON in UTF-8, or it holds NaN, an infinity, a number of more than 40
            digits or beyond 10^±40, a key twice in one object, a NUL or half a surrogate pair, or it
            is nested too deep.
    """
    try:
        value = json.loads(
            body.decode("utf-8"),
            parse_float=_fraction,
            parse_int=_whole,
            parse_constant=_no_number,
            object_pairs_hook=_object,
        )
        if any(mark in body for mark in _UNSTORABLE):
            _refuse_unstorable(value)
    except UnicodeDecodeError as error:
        raise SourceGarbled(source, f"{what}: not UTF-8 text (byte {error.start})") from error
    except RecursionError as error:
        raise SourceGarbled(source, f"{what}: JSON nested too deep") from error
    except ValueError as error:
        seen = " (an HTML page)" if body.lstrip()[:1] == b"<" else ""
        raise SourceGarbled(source, f"{what}: not the JSON we can take{seen}: {_short(str(error))}") from error
    return value


def _fraction(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except ArithmeticError:
        raise ValueError(f"the number {_short(text)} is out of range") from None
    if len(number.as_tuple().digits) > _DIGITS or abs(number.adjusted()) > _DIGITS:
        raise ValueError(f"the number {_short(text)} is out of range")
    return number


def _whole(text: str) -> int:
    if len(text) > _DIGITS:
        raise ValueError(f"the number {_short(text)} is out of range")
    return int(text)


def _no_number(text: str) -> object:
    raise ValueError(f"{text} is no number")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {_short(twice)!r} comes twice")
    return made


def _refuse_unstorable(value: object) -> None:
    """Refuse what neither UTF-8 nor a database column can hold."""
    if isinstance(value, str):
        if "\x00" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
            raise ValueError("a text holds a NUL or half a surrogate pair")
    elif isinstance(value, dict):
        for key, item in value.items():
            _refuse_unstorable(key)
            _refuse_unstorable(item)
    elif isinstance(value, list):
        for item in value:
            _refuse_unstorable(item)


def _short(text: str, length: int = 160) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"


def raw_json(value: object) -> str:
    """Return `value`, as `exact_json` gave it, as JSON text: keys as received, every number as exact as it came."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{raw_json(key)}:{raw_json(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(raw_json, value)) + "]"
    if isinstance(value, Decimal):
        return str(value)
    return json.dumps(value, ensure_ascii=False)
