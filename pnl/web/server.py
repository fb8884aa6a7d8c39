"""The Flask server: the API's routes, behind the guards that every other route is behind, too."""

from collections.abc import Iterable

from flask import Flask

from pnl.clock import Clock
from pnl.ports import Figures, Hub, Store
from pnl.web import current, entries, export, health, history, live, openapi, records
from pnl.web.callback_guard import guard_callbacks
from pnl.web.compression import compress
from pnl.web.describe import describe
from pnl.web.guard import guard
from pnl.web.problems import speak_problems
from pnl.web.query import Days

_LARGEST_BODY = 1024 * 1024


def create_server(
    figures: Figures,
    store: Store,
    hub: Hub,
    *,
    host: str,
    port: int,
    clock: Clock,
    time_zone: str,
    interval_seconds: int,
    hosts: Iterable[str] = (),
) -> Flask:
    """Return the server; pages and embeds are added to it by whoever builds the desk.

    Args:
        figures: What is shown now.
        store: The archive.
        hub: The open live connections.
        host: Where it listens, for the check of the Host header.
        port: Where it listens; kept in the configuration as `PNL_PORT`, for whoever starts it.
        clock: The time.
        time_zone: The company's zone, an IANA name.
        interval_seconds: The length of a tick: what a caller is told to wait, and the size of a raw point.
        hosts: More names that the server is known by, such as that of a proxy in front.
    """
    app = Flask("pnl.web", static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=_LARGEST_BODY, PNL_HOST=host, PNL_PORT=port)
    speak_problems(app, interval_seconds)
    # What is registered last runs first after the request: the headers are set, then the body is compressed.
    compress(app)
    guard(app, host, hosts)
    guard_callbacks(app)
    days = Days(time_zone)
    for routes in (
        current.current(figures, interval_seconds),
        live.live(hub),
        records.records(figures, store, days),
        history.history(store, clock, days, interval_seconds),
        export.export(store, clock, days),
        entries.entries(figures, store),
        health.health(figures, store),
        openapi.openapi(),
    ):
        app.register_blueprint(routes)
    for paths in (current.PATHS, export.PATHS, health.PATHS, openapi.PATHS):
        describe(app, paths)
    describe(app, live.PATHS, live.SCHEMAS)
    describe(app, records.PATHS, records.SCHEMAS)
    describe(app, history.PATHS, history.SCHEMAS)
    describe(app, entries.PATHS, entries.SCHEMAS)
    return app


def create_health_server(figures: Figures, store: Store, *, host: str) -> Flask:
    """Return the server of a process that only ticks: its health, behind the same guards, and nothing else."""
    app = Flask("pnl.web", static_folder=None)
    speak_problems(app, 10)
    guard(app, host)
    app.register_blueprint(health.health(figures, store))
    return app
