"""How a server does, as a test says: the real measures with values of the test's own, behind the real route."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from flask import Blueprint

from pnl.clock import Clock
from pnl.metrics.watch import Measure, Watch
from pnl.web.status import status
from tests.web.fakes import FakeHub, FakeStore

SLOW, SIZE, PART = ("api", "aggregation", "delivery", "database"), ("memory",), ("cache", "errors", "disk")


def measure(name: str, value: float | None, state: Literal["ok", "warning", "critical", "idle"] = "ok") -> Measure:
    """Return a measure with limits like those of the product."""
    more = name in {"cache", "disk", "clients"}
    unit: Literal["seconds", "part", "bytes", "clients"] = (
        "seconds" if name in SLOW else "bytes" if name in SIZE else "part" if name in PART else "clients"
    )
    warning, critical = {"seconds": (0.5, 1.0), "bytes": (1e9, 2e9), "part": (0.2, 0.1), "clients": (9, 5)}[unit]
    beside = {
        "cache": {"reads": 11.0, "few": 300.0},
        "clients": {"most": 12.0},
        "errors": {"failed": 0.0, "requests": 189.0},
        "disk": {"free": 83e9, "size": 271e9},
    }.get(name, {})
    return Measure(
        name=name, value=value, unit=unit, warning=warning, critical=critical, more=more, state=state, beside=beside
    )


USUAL = (
    measure("api", 0.377),
    measure("aggregation", 0.875, "critical"),
    measure("delivery", None, "idle"),
    measure("cache", 0.02, "idle"),
    measure("database", 0.6, "warning"),
    measure("clients", 12.0),
    measure("errors", 0.0),
    measure("memory", 174e6),
    measure("disk", 0.306),
)


class Staged:
    """A process of which a test says how it does."""

    def __init__(self, store: FakeStore, clock: Clock) -> None:
        self.measured: tuple[Measure, ...] = USUAL
        self.layers = {"l1": 120, "l2": 0, "l3": 11}
        self.redis: Literal["ok", "down", "off"] = "off"
        self.hub = FakeHub()
        self.hub.counts = {"clients": 12, "adopted": 40, "closed": 28}
        self.leading = True
        self._store = store
        self.watch = Watch.of(self.hub, clock, data_dir=Path(), leads=lambda: self.leading)

    def routes(self) -> Blueprint:
        """Return the route of the product over what was staged."""
        return status(_Watch(self), self._store, _Cache(self), self.hub)  # type: ignore[arg-type]  # stand-ins


class _Cache:
    def __init__(self, staged: Staged) -> None:
        self._staged = staged

    def counts(self) -> Mapping[str, int]:
        return self._staged.layers

    def state(self) -> str:
        return self._staged.redis


class _Watch:
    def __init__(self, staged: Staged) -> None:
        self._staged = staged
        self.clock, self.began, self.role = staged.watch.clock, staged.watch.began, staged.watch.role
        self.leads = staged.watch.leads

    def measures(self) -> list[Measure]:
        return list(self._staged.measured)
