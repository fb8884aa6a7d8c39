"""What is asked of a figure of a range: the days or the instants, and as known when."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TypeAlias

from pnl.domain.explain import RANGED, Figure
from pnl.ports import Store
from pnl.web import spans
from pnl.web.explained import Explained
from pnl.web.problems import BadParameter
from pnl.web.query import Days, choice
from pnl.web.ranged import OverDays, OverInstants
from pnl.web.tiles import STEPS
from pnl.web.told import Told

STEPPED = tuple(name for name in RANGED if name != "profitable_days")
"""The figures of which a step may be named: they are of every snapshot, whatever it is."""
Opened: TypeAlias = Callable[[], AbstractContextManager[Told]]


def over_range(  # noqa: PLR0917 - what the route has
    explained: Explained,
    store: Store,
    asked: Figure,
    path: str,
    days: Days,
    found: Mapping[str, str],
) -> tuple[tuple[str, ...], Opened]:
    """Return by what an answer is kept, and what opens it.

    Raises:
        BadParameter: A parameter is wrong, is missing, or does not go with the figure.
    """
    for name in ("at", "by", "key"):
        if name in found:
            raise BadParameter(name, f"{asked.name} is of a range: leave {name} out")
    steps = asked.name in STEPPED
    if "step" in found and not steps:
        raise BadParameter("step", f"{asked.name} is of whole days: leave step out")
    choice(found.get("step", "auto"), "step", ("auto", "raw", *STEPS))
    head = str(explained.newest())
    if spans.is_of_instants(found):
        _no_days(found, asked)
        since, until = days.span(found)
        if since is None or until is None:
            raise BadParameter("to", "give both from and to")
        over = OverInstants(explained, store)
        return (asked.name, path, str(since), str(until), head), lambda: nullcontext(over.of(asked, since, until))
    span, known = spans.days(found), days.known(found)
    if span is None:
        raise BadParameter("from", f"{asked.name} is of a range: give from and to, or day")
    whole = OverDays(explained, store, known)
    return (asked.name, path, *map(str, span), str(known), head), lambda: whole.of(asked, *span, path)


def _no_days(found: Mapping[str, str], asked: Figure) -> None:
    if asked.name not in STEPPED:
        raise BadParameter("from", f"{asked.name} counts company days: give days in from and to")
    for name in ("day", "as_of"):
        if name in found:
            raise BadParameter(name, f"{name} does not go with instants in from and to, between which it is as shown")
