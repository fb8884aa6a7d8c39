"""What lies outside the process, played by hand: a clock that stands still, a source that says what it is told."""

import asyncio
from collections import deque
from datetime import UTC, datetime, timedelta

from pnl.domain.records import Mark, Market, Record, Report
from pnl.errors import SourceError
from pnl.ports import Reading, Traffic


class StillClock:
    """Implements `pnl.clock.Clock`; time passes only when a test says so."""

    def __init__(self, at: datetime | None = None) -> None:
        self.at = at or datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
        self.ran = 1000.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.ran

    def go(self, seconds: float) -> None:
        """Let seconds pass on both clocks."""
        self.at += timedelta(seconds=seconds)
        self.ran += seconds


class ScriptedSource:
    """Implements `pnl.ports.Source`; gives the answers it was handed, in turn, the last one again and again."""

    def __init__(self, name: str, *answers: Reading | Exception, every_seconds: float = 0) -> None:
        self.name = name
        self.every_seconds = every_seconds
        self.answers: deque[Reading | Exception] = deque(answers)
        self.cursors: list[str | None] = []
        self.gate: asyncio.Event | None = None
        self.closed = False

    @property
    def traffic(self) -> Traffic | None:
        return None

    def wait_after(self, error: SourceError, failures: int) -> float:
        del error, failures
        return 0

    async def read(self, cursor: str | None) -> Reading:
        self.cursors.append(cursor)
        if self.gate:
            await self.gate.wait()
        answer = self.answers.popleft() if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def close(self) -> None:
        self.closed = True


def reading(
    at: datetime,
    *records: Record,
    cursor: str = "{}",
    marks: tuple[Mark, ...] = (),
    markets: tuple[Market, ...] = (),
    report: Report | None = None,
) -> Reading:
    """Return a good answer."""
    return Reading(as_of=at, cursor=cursor, records=records, marks=marks, markets=markets, report=report)
