"""The metrics that there are."""

from collections.abc import Collection

from pnl.metrics.exposition import Exposition
from pnl.metrics.instruments import REGISTRY

_ENDS = ("_bucket", "_count", "_sum", "_total")


def is_there(name: str, recorded: Collection[str]) -> bool:
    """Tell whether a name is that of a metric, of a part of one, or of what is recorded."""
    there = {metric.name for metric in Exposition().collect()} | set(REGISTRY._names_to_collectors) | {*recorded, "up"}
    return bool({name, *(name.removesuffix(end) for end in _ENDS)} & there)
