"""The nine measures of how the product does, each held against its limits."""

import os
import resource
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, Literal, Self

from pnl.clock import Clock
from pnl.metrics.instruments import AGGREGATION, CACHE, DELIVERY, QUERY, REQUEST, REQUESTS
from pnl.metrics.window import Window
from pnl.ports import Hub, Views

State = Literal["ok", "warning", "critical", "idle"]
Unit = Literal["seconds", "part", "bytes", "clients"]

MOST_DISK_BYTES: Final = 500_000_000
"""With less room than this left the database may soon be refused a write."""
FEW_CLIENTS: Final = 10
FEW_READS: Final = 300
"""So many in five minutes. What a handful of people look at, nobody has looked at before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One measure.

    Attributes:
        name: What is measured.
        value: In its unit; None where nothing was measured in the last five minutes.
        unit: Of the value and of the limits.
        warning: Beyond this somebody should look.
        critical: Beyond this somebody must.
        more: Whether more is better, as of free disk.
        state: What follows.
        beside: What else is worth knowing, as numbers.
    """

    name: str
    value: float | None
    unit: Unit
    warning: float
    critical: float
    more: bool = False
    state: State
    beside: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What a process measures of itself.

    Attributes:
        window: What its instruments said of late.
        clock: The time.
        began: When the process started.
        data_dir: Whose disk is looked at.
        role: What the process does.
        leads: Says whether it makes the ticks.
    """

    window: Window
    clock: Clock
    began: datetime
    data_dir: Path
    role: str = "all"
    leads: Callable[[], bool] = lambda: True

    @classmethod
    def of(
        cls,
        hub: Hub,
        clock: Clock,
        *,
        data_dir: Path,
        views: Views | None = None,
        role: str = "all",
        leads: Callable[[], bool] = lambda: True,
    ) -> Self:
        """Return the watch of a process with a hub, and with panels in other sites' pages where there are such."""

        def clients() -> int:
            return hub.counts.get("clients", 0) + (views.counts.get("clients", 0) if views else 0)

        window = Window((REQUEST, AGGREGATION, DELIVERY, QUERY), REQUESTS, CACHE, clients, clock)
        return cls(window=window, clock=clock, began=clock.now(), data_dir=data_dir, role=role, leads=leads)

    def measures(self) -> list[Measure]:
        """Return the nine measures."""
        window = self.window
        return [
            _slow("api", window.quantile(REQUEST, 0.99), 0.5, 1.0),
            _slow("aggregation", window.quantile(AGGREGATION, 0.95), 0.3, 0.5),
            _slow("delivery", window.quantile(DELIVERY, 0.99), 0.1, 0.2),
            _cache(*window.cache()),
            _slow("database", window.quantile(QUERY, 0.99), 0.1, 0.5),
            _clients(*window.clients()),
            _errors(*window.errors()),
            _slow("memory", float(resident()), 1e9, 2e9, unit="bytes"),
            _disk(self.data_dir),
        ]


def resident() -> int:
    """Return the bytes of memory that this process holds; the most that it held, where the system tells no other."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return held if sys.platform == "darwin" else held * 1024
    return pages * os.sysconf("SC_PAGE_SIZE")


def _slow(name: str, value: float | None, warning: float, critical: float, *, unit: Unit = "seconds") -> Measure:
    state: State = "ok"
    if value is None:
        state = "idle"
    elif value > warning:
        state = "critical" if value > critical else "warning"
    return Measure(name=name, value=value, unit=unit, warning=warning, critical=critical, state=state)


def _cache(hits: float, reads: float) -> Measure:
    part = hits / reads if reads else None
    state: State = "idle"
    if part is not None and reads >= FEW_READS:
        state = "ok" if part >= 0.7 else "warning" if part >= 0.5 else "critical"
    beside = {"reads": reads, "few": float(FEW_READS)}
    return Measure(
        name="cache", value=part, unit="part", warning=0.7, critical=0.5, more=True, state=state, beside=beside
    )


def _clients(now: int, most: int) -> Measure:
    lost = most - now if most >= FEW_CLIENTS else 0
    state: State = "critical" if lost and 2 * lost >= most else "warning" if lost and 10 * lost >= most else "ok"
    beside = {"most": float(most)}
    return Measure(
        name="clients", value=float(now), unit="clients", warning=most * 0.9, critical=most * 0.5, more=True,
        state=state, beside=beside,
    )  # fmt: skip


def _errors(failed: float, requests: float) -> Measure:
    part = failed / requests if requests else None
    found = _slow("errors", part, 0.01, 0.05, unit="part")
    return Measure(
        name="errors", value=part, unit="part", warning=0.01, critical=0.05, state=found.state,
        beside={"failed": failed, "requests": requests},
    )  # fmt: skip


def _disk(folder: Path) -> Measure:
    there = next((path for path in (folder.absolute(), *folder.absolute().parents) if path.exists()), Path("/"))
    disk = shutil.disk_usage(there)
    part = disk.free / disk.total
    low = part < 0.1 or disk.free < MOST_DISK_BYTES
    state: State = "critical" if low else "warning" if part < 0.2 else "ok"
    beside = {"free": float(disk.free), "size": float(disk.total)}
    return Measure(
        name="disk", value=part, unit="part", warning=0.2, critical=0.1, more=True, state=state, beside=beside
    )
