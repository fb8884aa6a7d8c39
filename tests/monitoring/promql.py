"""What an expression of PromQL names."""

from collections.abc import Iterator

import promql_parser


def metrics_in(text: str) -> set[str]:
    """Return the names of the metrics that an expression reads.

    Raises:
        ValueError: It is no PromQL.
    """
    return set(_names(promql_parser.parse(text)))


def _names(node: object) -> Iterator[str]:
    if isinstance(node, promql_parser.VectorSelector):
        if node.name:
            yield node.name
        return
    for attribute in ("expr", "lhs", "rhs", "vector_selector", "vs", "param"):
        inner = getattr(node, attribute, None)
        if inner is not None:
            yield from _names(inner)
    for inner in getattr(node, "args", None) or ():
        yield from _names(inner)
