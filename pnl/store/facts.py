"""Facts to text and back, exactly: money as integers, `Decimal` as text, times as microseconds."""

import json
import types
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from pnl.domain.records import Fact

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

Coding = tuple[Callable[[Any], Any], Callable[[Any], Any]]


def microseconds(at: datetime) -> int:
    """Return an aware instant as microseconds since 1970."""
    return (at - EPOCH) // MICROSECOND


def moment(at: int) -> datetime:
    """Return the instant that many microseconds after 1970, in UTC."""
    return EPOCH + timedelta(microseconds=at)


def _same(value: Any) -> Any:  # noqa: ANN401 - JSON
    return value


def _coding(kind: Any) -> Coding:  # noqa: ANN401 - a type of whatever form
    if kind is datetime:
        return microseconds, moment
    if kind is date:
        return date.isoformat, date.fromisoformat
    if kind is Decimal:
        return str, Decimal
    if kind in (int, str, bool) or get_origin(kind) is Literal:
        return _same, _same
    if get_origin(kind) in (types.UnionType, Union):
        (some,) = (one for one in get_args(kind) if one is not type(None))
        encode, decode = _coding(some)
        return _unless_none(encode), _unless_none(decode)
    if get_origin(kind) is Mapping:
        encode, decode = _coding(get_args(kind)[1])
        return _each(encode), _each(decode)
    raise TypeError(f"a fact has a field of a type that is not kept: {kind}")


def _unless_none(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return change if change is _same else lambda value: None if value is None else change(value)


def _each(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda mapping: {key: change(value) for key, value in sorted(mapping.items())}


_CODINGS: dict[type, tuple[tuple[str, Callable[[Any], Any], Callable[[Any], Any]], ...]] = {
    fact: tuple((field.name, *_coding(get_type_hints(fact)[field.name])) for field in fields(fact))
    for fact in get_args(Fact)
}
_BY_NAME = {fact.__name__: fact for fact in get_args(Fact)}


def encode(fact: Fact) -> str:
    """Return a fact as JSON text; equal facts give equal texts."""
    coded = [change(getattr(fact, name)) for name, change, _ in _CODINGS[type(fact)]]
    return json.dumps([type(fact).__name__, *coded], separators=(",", ":"), ensure_ascii=False)


def decode(text: str) -> Fact:
    """Return the fact that a text says. Fields that were added since take their defaults."""
    name, *coded = json.loads(text)
    fact = _BY_NAME[name]
    found: Fact = fact(
        **{field: change(value) for (field, _, change), value in zip(_CODINGS[fact], coded, strict=False)}
    )
    return found
