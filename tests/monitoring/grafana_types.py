"""Whether a dashboard is of the types that Grafana declares, to the last leaf, as a compiler would hold it.

The classes of grafana-foundation-sdk are made from the schema from which Grafana's own TypeScript types are made. They
read a file without holding it against their annotations, which is done here.
"""

from collections.abc import Iterator
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

Json = Any


def misfits(board: dict[str, Json]) -> list[str]:
    """Return where a dashboard does not fit: values of another type, and names that the schema does not have."""
    register_default_plugins()
    read = Dashboard.from_json(board)
    kept = JSONEncoder(sort_keys=True).default(read)
    return [*_wrong(read, Dashboard, "dashboard"), *_unknown(board, kept, "dashboard")]


def _wrong(value: object, hint: Any, place: str) -> Iterator[str]:  # noqa: ANN401 - an annotation has no type
    origin, inner = get_origin(hint), get_args(hint)
    if origin in {Union, UnionType}:
        if all(any(_wrong(value, one, place)) for one in inner):
            yield from _wrong(value, next(one for one in inner if one is not NoneType), place)
    elif origin is Literal:
        if value not in inner:
            yield f"{place} is {value!r}, not one of {inner}"
    elif origin in {list, dict}:
        yield from _each(value, origin, inner[-1], place)
    elif not _is(value, hint):
        yield f"{place} is {value!r}, no {hint.__name__}"
    elif not isinstance(value, Enum):
        for name, declared in get_type_hints(type(value)).items():
            yield from _wrong(getattr(value, name), declared, f"{place}.{name.removesuffix('_val')}")


def _each(value: object, kind: type, hint: Any, place: str) -> Iterator[str]:  # noqa: ANN401 - as above
    """Look at what is in a list or an object."""
    if not isinstance(value, kind):
        yield f"{place} is {value!r}, no {kind.__name__}"
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from _wrong(one, hint, f"{place}.{name}")
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from _wrong(one, hint, f"{place}[{number}]")


def _is(value: object, hint: type) -> bool:
    if hint is Any:
        return True
    if issubclass(hint, Enum):
        return value in {hint, *(one.value for one in hint)} or isinstance(value, hint)
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, hint)


def _unknown(given: Json, kept: Json, place: str) -> Iterator[str]:
    """Give the names that were lost in the reading, because the schema has none such."""
    if hasattr(kept, "to_json"):
        kept = kept.to_json()
    if isinstance(given, dict) and isinstance(kept, dict):
        for name, value in given.items():
            if name in kept:
                yield from _unknown(value, kept[name], f"{place}.{name}")
            else:
                yield f"{place} has no {name}"
    elif isinstance(given, list) and isinstance(kept, list):
        for number, (value, other) in enumerate(zip(given, kept, strict=True)):
            yield from _unknown(value, other, f"{place}[{number}]")
