"""A tick as bytes and back, whole: what the spool holds. Only the classes that a tick is made of are known."""

import json
import types
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, Literal, get_args, get_origin, get_type_hints

from pnl.errors import StoreError
from pnl.ports import Tick
from pnl.store.facts import MICROSECOND, microseconds, moment

LARGEST = 2**63


def spell(tick: Tick) -> bytes:
    """Return a tick as compressed JSON.

    Raises:
        StoreError: It holds something that the database would refuse, or that does not come back as it was.
    """
    try:
        text = json.dumps(_plain(tick), separators=(",", ":"), ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise StoreError(f"a text cannot be kept: {error.reason} in {error.object[:60]!r}") from error
    packed = zlib.compress(text, 1)
    if read(packed).snapshot.text() != tick.snapshot.text():
        raise StoreError(f"snapshot {tick.snapshot.seq} does not come back from the spool as it was")
    return packed


def read(packed: bytes) -> Tick:
    """Return the tick that `spell` was given."""
    found = _of_plain(json.loads(zlib.decompress(packed)))
    if not isinstance(found, Tick):
        raise StoreError("there is something in the spool that is no tick")
    return found


def _plain(value: Any) -> Any:  # noqa: ANN401, PLR0911 - whatever a tick is made of
    if value is None or isinstance(value, bool | str | float):
        return value
    if isinstance(value, int):
        if abs(value) >= LARGEST:
            raise StoreError("an amount or a time is beyond 64 bits and cannot be kept")
        return value
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    if isinstance(value, datetime):
        return {"instant": microseconds(value)}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    if isinstance(value, timedelta):
        return {"span": value // MICROSECOND}
    if isinstance(value, Mapping):
        return {"map": {name: _plain(one) for name, one in value.items()}}
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    if type(value) in _classes().values():
        given = {field.name: _plain(getattr(value, field.name)) for field in fields(value) if field.init}
        return {"class": type(value).__name__, "of": given}
    raise TypeError(f"a tick has something in it that is not kept: {type(value)}")


def _of_plain(value: Any) -> Any:  # noqa: ANN401, PLR0911 - as above
    if isinstance(value, list):
        return tuple(_of_plain(one) for one in value)
    if not isinstance(value, dict):
        return value
    if "class" in value:
        return _classes()[value["class"]](**{name: _of_plain(one) for name, one in value["of"].items()})
    ((kind, said),) = value.items()
    if kind == "map":
        return {name: _of_plain(one) for name, one in said.items()}
    if kind == "instant":
        return moment(said)
    if kind == "day":
        return date.fromisoformat(said)
    return said * MICROSECOND if kind == "span" else Decimal(said)


@cache
def _classes() -> dict[str, type[Any]]:
    """Return every class that a tick is made of, by name."""
    found: dict[str, type[Any]] = {}
    todo: list[Any] = [Tick]
    while todo:
        kind = todo.pop()
        if kind.__name__ in found:
            continue
        found[kind.__name__] = kind
        todo += [one for hint in get_type_hints(kind).values() for one in _within(hint)]
    return found


def _within(hint: Any) -> Iterator[Any]:  # noqa: ANN401 - a type of whatever form
    if get_origin(hint) is Literal:
        return
    if is_dataclass(hint):
        yield hint
    for part in get_args(hint):
        if not isinstance(part, str | types.EllipsisType):
            yield from _within(part)
