"""What is looked up when somebody asks for the metrics: memory, disk, clients, who leads; no query, no network."""

import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from pnl import __version__
from pnl.metrics.machine import commit, memory_limit
from pnl.metrics.watch import resident

Values = Mapping[tuple[str, ...], float]
ENDS: Final = ("closed", "refused", "stalled", "failed")
"""How live connections end: the client went or was sent away, broke the rules, took nothing any more; or by a bug."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSight:
    """One source as this process reads it.

    Attributes:
        name: The source's.
        age: Seconds since the instant that its figures are of; None while it never answered.
        breaker: 0 closed, 1 half-open: it is being tried, 2 open: it is not asked.
    """

    name: str
    age: float | None
    breaker: Literal[0, 1, 2]


def _nothing() -> Mapping[str, int]:
    return {}


def disk_of(folder: Path) -> tuple[float, float]:
    """Return the free and all bytes of the disk that a folder is on, or will be."""
    folder = folder.absolute()
    disk = shutil.disk_usage(next((path for path in (folder, *folder.parents) if path.exists()), Path("/")))
    return disk.free, disk.total


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What a process can see of itself at once.

    Attributes:
        disk: The free and all bytes of the disk that the data is on.
        write_ahead: The write-ahead log of SQLite; None with another database.
        clients: How many live clients there are, as `clients`, and how others ended; see `Hub.counts`.
        queue: The most bytes that wait for one of them.
        entries: How many values each layer of the cache keeps.
        sources: The sources that this process reads.
        breakers: The state of other breakers, by name.
        leads: Whether it makes the ticks.
        epoch: The number of its term.
        heartbeat: Seconds since a tick ended, or was shown.
        draining: Whether live clients are being sent away.
        tls_off: Whether certificates of some hosts are not checked.
        sqlite: The version of SQLite.
    """

    disk: Callable[[], tuple[float, float]] = lambda: disk_of(Path())
    write_ahead: Path | None = None
    clients: Callable[[], Mapping[str, int]] = _nothing
    queue: Callable[[], int] = int
    entries: Callable[[], Mapping[str, int]] = _nothing
    sources: Callable[[], Iterable[SourceSight]] = tuple
    breakers: Callable[[], Mapping[str, int]] = _nothing
    leads: Callable[[], bool] = bool
    epoch: Callable[[], int] = int
    heartbeat: Callable[[], float] = float
    draining: Callable[[], bool] = bool
    tls_off: bool = False
    sqlite: str = "unknown"
    commit: str = field(default_factory=commit)

    def once(self) -> "Sight":
        """Return the same for one scrape: what several metrics tell of is looked at once, so that they agree."""
        found = {one.name: getattr(self, one.name) for one in fields(self)}
        looks: dict[str, Any] = {name: cache(look) for name, look in found.items() if callable(look)}
        return replace(self, **looks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """One metric that is looked up: its name, what it says, the names of its labels, and how it is found."""

    name: str
    documentation: str
    labels: tuple[str, ...] = ()
    counts: bool = False
    read: Callable[[Sight], Values]

    def family(self) -> GaugeMetricFamily | CounterMetricFamily:
        """Return the metric without values."""
        kind = CounterMetricFamily if self.counts else GaugeMetricFamily
        return kind(self.name, self.documentation, labels=self.labels)


def _one(value: float | None) -> Values:
    return {} if value is None else {(): float(value)}


def _log_bytes(sight: Sight) -> Values:
    if sight.write_ahead is None:
        return {}
    try:
        return _one(sight.write_ahead.stat().st_size)
    except OSError:
        return _one(0)  # it is taken away with the last connection, and made anew


def _memory(sight: Sight) -> Values:
    del sight
    limit = memory_limit()
    return _one(resident() / limit if limit else None)


GLANCES: Final = (
    Glance(
        name="pnl_ws_clients",
        documentation="Live connections: WebSockets and streams of events, of pages and of panels in other sites.",
        read=lambda sight: _one(sight.clients().get("clients", 0)),
    ),
    Glance(
        name="pnl_ws_dropped_total",
        documentation="Live connections that ended: closed by the client or sent away, refused for breaking the rules, "
        "stalled for taking nothing for twenty seconds, or failed by a bug.",
        labels=("reason",),
        counts=True,
        read=lambda sight: {(end,): float(sight.clients().get(end, 0)) for end in ENDS},
    ),
    Glance(
        name="pnl_ws_lagged_total",
        documentation="Times that a slow client was given a snapshot in place of what it had missed.",
        counts=True,
        read=lambda sight: _one(sight.clients().get("lagged", 0)),
    ),
    Glance(
        name="pnl_ws_queue_depth_max",
        documentation="The most bytes that wait for one live client.",
        read=lambda sight: _one(sight.queue()),
    ),
    Glance(
        name="pnl_cache_entries",
        documentation="Values that a layer of the cache keeps.",
        labels=("layer",),
        read=lambda sight: {(layer,): float(count) for layer, count in sight.entries().items()},
    ),
    Glance(
        name="pnl_upstream_data_age_seconds",
        documentation="How old the figures of a source are; only of whoever makes the ticks.",
        labels=("api",),
        read=lambda sight: {(one.name,): one.age for one in sight.sources() if one.age is not None},
    ),
    Glance(
        name="pnl_breaker_state",
        documentation="0 closed; 1 half-open, it is being tried; 2 open, it is not asked.",
        labels=("name",),
        read=lambda sight: {
            **{(one.name,): float(one.breaker) for one in sight.sources()},
            **{(name,): float(state) for name, state in sight.breakers().items()},
        },
    ),
    Glance(name="pnl_db_wal_bytes", documentation="The size of SQLite's write-ahead log.", read=_log_bytes),
    Glance(
        name="pnl_disk_free_bytes",
        documentation="Free bytes of the disk that the data is on.",
        read=lambda sight: _one(sight.disk()[0]),
    ),
    Glance(
        name="pnl_disk_size_bytes",
        documentation="All bytes of the disk that the data is on.",
        read=lambda sight: _one(sight.disk()[1]),
    ),
    Glance(
        name="pnl_memory_limit_ratio",
        documentation="Memory held, as a part of what the container or the machine has.",
        read=_memory,
    ),
    Glance(
        name="pnl_leader", documentation="1 if this process makes the ticks.", read=lambda sight: _one(sight.leads())
    ),
    Glance(
        name="pnl_leader_epoch",
        documentation="The number of the term that this process leads, or led last.",
        read=lambda sight: _one(sight.epoch()),
    ),
    Glance(
        name="pnl_scheduler_heartbeat_age_seconds",
        documentation="Seconds since a tick ended here, or was taken over from the process that makes them.",
        read=lambda sight: _one(sight.heartbeat()),
    ),
    Glance(
        name="pnl_draining",
        documentation="1 while live clients are being sent away, before the process ends.",
        read=lambda sight: _one(sight.draining()),
    ),
    Glance(
        name="pnl_tls_verify_disabled",
        documentation="1 if the certificates of some hosts are not checked, which is for tests alone.",
        read=lambda sight: _one(sight.tls_off),
    ),
    Glance(
        name="pnl_build_info",
        documentation="1, with what is running.",
        labels=("version", "commit", "sqlite"),
        read=lambda sight: {(__version__, sight.commit, sight.sqlite): 1.0},
    ),
)
