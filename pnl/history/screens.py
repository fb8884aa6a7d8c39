"""Screens of the past: what a snapshot showed, with the positions and the checks that it had."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from pnl.domain.checks import WORST_FIRST
from pnl.domain.snapshot import MARKS_THINNED, PositionRow, Snapshot
from pnl.ports import CheckChange, Ledgers, Store


class Screens:
    """Gives back what was shown.

    Args:
        store: The archive, whose rows are the truth of what was shown.
        ledgers: What was known, for the positions.
        demo: Whether it is a demonstration.
    """

    def __init__(self, store: Store, ledgers: Ledgers, *, demo: bool) -> None:
        self._store = store
        self._ledgers = ledgers
        self._demo = demo

    def screen(self, at: datetime) -> Snapshot | None:
        """Return the newest snapshot at or before an instant; None before the first.

        When a source was to be asked next is not kept, and is not in it. Where prices were thinned since, the rows
        of positions are of older ones, and the flag `marks_thinned` says so.
        """
        row = self._store.row_at(at)
        shown = self._store.shown(row.seq) if row else None
        if row is None or shown is None:
            return None
        rows = self._ledgers.at(row.as_of).rows() if row.lines["trading_realised"] is not None else ()
        flags = (*shown.head.flags, MARKS_THINNED) if self._store.marks_thinned(row.as_of) else shown.head.flags
        return replace(shown.head, demo=self._demo, positions=tuple(rows), flags=flags)

    def positions(self, at: datetime) -> tuple[int, Sequence[PositionRow]] | None:
        """Return the sequence shown at an instant, and every market that was ever traded by then; or None."""
        row = self._store.row_at(at)
        return (row.seq, self._ledgers.at(row.as_of).rows(every=True)) if row else None

    def checks(self, at: datetime) -> tuple[int, Sequence[tuple[str, str, CheckChange]]] | None:
        """Return the sequence shown at an instant, and its checks by name and scope, what failed first; or None."""
        row = self._store.row_at(at)
        if row is None:
            return None
        found = sorted(self._store.checks_at(row.seq), key=lambda one: (WORST_FIRST[one[2].state], one[0], one[1]))
        return row.seq, found
