"""The checks of an explanation: how those stand that cover a figure, and the two sides of one."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from pnl.domain.checks import WORST_FIRST
from pnl.domain.explain import (
    Figure,
    Node,
    of_instant,
)
from pnl.domain.explain.sides import kept, made_of
from pnl.domain.snapshot import Json, instant
from pnl.ports import CheckChange, Figures, Ledgers, SnapshotRow, Store
from pnl.web.problems import BadParameter
from pnl.web.told import MOST_CHECKS, Told, standing

_NOTHING = Node(key="", title="", amount=None, rule="sum")


class ExplainedChecks:
    """Finds checks as they stand, and as they stood.

    Args:
        figures: What is shown now.
        store: The archive.
        ledgers: What is known.
    """

    def __init__(self, figures: Figures, store: Store, ledgers: Ledgers) -> None:
        self._figures = figures
        self._store = store
        self._ledgers = ledgers

    def of(self, told: Told) -> list[Json]:
        """Return how the checks stand that cover a figure, the worst first; the ledger must not be locked."""
        if told.checks is not None:
            return told.checks
        if told.known is not None:
            return self._checks_then(told.pairs, told.known)
        wanted, every = set(told.pairs), self._figures.checks()["checks"]
        rows = every if isinstance(every, list) else []
        found = [one for one in rows if isinstance(one, dict) and (one["name"], one["scope"]) in wanted]
        return list[Json](found[:MOST_CHECKS])

    @contextmanager
    def side(self, figure: Figure, seq: int | None, newest: int) -> Iterator[Told | None]:
        """Give a side of a check: as it stands now, or as it stood in a snapshot."""
        row = self._store.row(seq or newest)
        if row is None:
            raise BadParameter("at", f"there is no snapshot {seq}; the newest is {newest}")
        pairs = [(figure.check, figure.scope)]
        told = Told(
            root=_NOTHING,
            at={"seq": None, "as_of": instant(row.as_of)},
            seen=True,
            known=None,
            pairs=pairs,
            checks=None,
        )
        if row.seq >= newest:
            with self._ledgers.now() as ledger:
                if ledger.reconciliation.groups():
                    root = of_instant(figure, ledger)
                    yield replace(told, root=root, checks=standing(ledger, pairs, None)) if root else None
                    return
        found = self._then(row, pairs)
        change = found[0][2].in_snapshot(figure.check, row.net) if found else None
        check = made_of(*pairs[0], change.expected, change.actual, change.reason) if change else None
        if change is None or check is None:
            yield None
            return
        root = replace(kept(check, figure.side, row.seq), title=figure.title)
        yield replace(told, root=root, known=row.as_of)

    def _checks_then(self, pairs: list[tuple[str, str]], at: datetime) -> list[Json]:
        """Return how checks stood at an instant, the worst first."""
        row = self._store.row_at(at)
        if row is None:
            return []
        found = self._then(row, pairs)
        found.sort(key=lambda one: (WORST_FIRST[one[2].state], one[0], one[1]))
        return [change.stood(name, scope, row.net) for name, scope, change in found[:MOST_CHECKS]]

    def _then(self, row: SnapshotRow, pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str, CheckChange]]:
        """Return how checks stood in a snapshot, as `pnl.history.screens` tells of it."""
        wanted = set(pairs)
        return [one for one in self._store.checks_at(row.seq) if one[:2] in wanted]
