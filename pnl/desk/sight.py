"""What the metrics look up in a process that is put together."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from pnl.aggregator.figures import LiveFigures
from pnl.aggregator.leadership import Leadership
from pnl.cache import Layers
from pnl.config import Settings
from pnl.desk.term import Term
from pnl.live.hub import Hub
from pnl.live.views import Views
from pnl.metrics.gauges import Sight, SourceSight, disk_of
from pnl.store.engine import driver, file_of


def sight_of(
    settings: Settings,
    figures: LiveFigures,
    *,
    hub: Hub,
    views: Views,
    cache: Layers,
    leadership: Leadership | None,
) -> Sight:
    """Return what a process can see of itself."""

    def clients() -> Mapping[str, int]:
        return Counter(hub.counts) + Counter(views.counts)

    def breakers() -> Mapping[str, int]:
        states = {"ok": 0, "down": 2}
        return {"redis": states[cache.state()]} if cache.state() in states else {}

    def sources() -> tuple[SourceSight, ...]:
        term = leadership.term if leadership else None
        return term.sources() if isinstance(term, Term) else ()

    return Sight(
        disk=lambda: disk_of(settings.data_dir),
        write_ahead=_write_ahead(settings.database_url),
        clients=clients,
        queue=lambda: max(hub.queue, views.queue),
        entries=cache.entries,
        sources=sources,
        breakers=breakers,
        leads=lambda: bool(leadership and leadership.term),
        epoch=lambda: leadership.epoch if leadership else 0,
        heartbeat=figures.heartbeat,
        draining=lambda: not hub.open,
        tls_off=bool(settings.insecure_tls_hosts),
        sqlite=driver().sqlite_version,
    )


def _write_ahead(url: str) -> Path | None:
    if not url.startswith("sqlite"):
        return None
    file = file_of(url)
    return file.with_name(f"{file.name}-wal")
