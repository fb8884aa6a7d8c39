"""Where answers are kept, and what is known of the past."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

from pnl.domain.days import Boundary, KnownDay
from pnl.domain.ledger import Ledger
from pnl.domain.money import Nano
from pnl.domain.restatements import Restatement
from pnl.domain.snapshot import PositionRow, Snapshot
from pnl.ports.kept import CheckChange, SeenDay


class Cache(Protocol):
    """What was answered once and is asked again. Every method may be called from any thread.

    A key names all that its value depends on: the question, and the sequence of the newest snapshot that the
    answer knows, or `closed` where no later snapshot can change it. So what is kept is never stale, only unused.
    """

    @property
    def name(self) -> str:
        """What answers depend on beside their keys: the store, the program, its settings."""
        ...

    def get(self, key: tuple[str, ...], make: Callable[[], bytes], *, keep_seconds: float = ...) -> bytes:
        """Return the value of a key: kept by this process, kept in Redis, or made by `make` and then kept in both.

        Many who ask for the same at once have it made once; no lock is held meanwhile. What `make` raises
        reaches each of them, and nothing is kept. An empty value is kept by this process alone.

        Args:
            key: See above.
            make: Gives the value; it does not ask for the same key.
            keep_seconds: For how long at most; half an hour is the most there is.
        """
        ...

    def counts(self) -> Mapping[str, int]:
        """Return how often an answer came from `l1`, this process, `l2`, Redis, and `l3`, `make`; each counts once."""
        ...

    def state(self) -> Literal["ok", "down", "off"]:
        """Return whether Redis answers; `off` where none is configured."""
        ...

    def close(self) -> None:
        """Let go of Redis."""
        ...


class Ledgers(Protocol):
    """Everything that is known, folded: as it is now, and as it was known at an earlier instant."""

    def now(self) -> AbstractContextManager[Ledger]:
        """Return the tick's own ledger, which is locked meanwhile: no tick is made before it is let go."""
        ...

    def hold(self, ledger: Ledger) -> None:
        """Keep a copy of the tick's own ledger, which `now` gives and holds locked, now and then.

        `at` finds from it quickly what was known at the snapshots after it.
        """
        ...

    def at(self, instant: datetime) -> Ledger:
        """Return a ledger of what was known at an instant; it is made, and the last few are kept.

        Raises:
            StoreError: The store does not answer.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedDay:
    """A company day as it is known, beside how it was shown.

    `seen` is None for a day without a snapshot. `restatements` add up, line by line, to what `known`
    differs from `seen` by; what was not known counts as nothing.
    """

    known: KnownDay
    seen: SeenDay | None
    restatements: tuple[Restatement, ...]

    @property
    def day(self) -> date:
        """The day."""
        return self.known.day

    @property
    def lines(self) -> Mapping[str, Nano | None]:
        """The amounts of its lines, as known; None where not known."""
        return self.known.statement.lines


class History(Protocol):
    """What was known when: days with their restatements, and screens of the past."""

    def days(self, since: date | None, until: date | None, at: datetime | None = None) -> Sequence[StatedDay]:
        """Return the company days of [since, until), oldest first, as known now or at an instant.

        Today is one of them, and every day since the first snapshot; earlier ones where something posts to
        them.

        Raises:
            StoreError: The store does not answer.
        """
        ...

    def began(self, start: datetime, at: datetime | None = None) -> Boundary | None:
        """Return the open positions where a company day begins, as known now or at an instant.

        None for an instant at which no day begins, or of which that is not known yet.

        Raises:
            StoreError: The store does not answer.
        """
        ...

    def screen(self, at: datetime) -> Snapshot | None:
        """Return what was shown at an instant; None before the first snapshot.

        Raises:
            StoreError: The store does not answer.
        """
        ...

    def positions(self, at: datetime) -> tuple[int, Sequence[PositionRow]] | None:
        """Return the sequence shown at an instant, and every market that was ever traded by then; or None.

        Raises:
            StoreError: The store does not answer.
        """
        ...

    def checks(self, at: datetime) -> tuple[int, Sequence[tuple[str, str, CheckChange]]] | None:
        """Return the sequence shown at an instant, and its checks by name and scope, what failed first; or None.

        Raises:
            StoreError: The store does not answer.
        """
        ...
