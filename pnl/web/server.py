"""The Flask server: the API's routes, behind the guards that every other route is behind, too."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import Flask

from pnl.alerts.kept import AlertStore
from pnl.cache import open_cache
from pnl.clock import Clock
from pnl.domain.company_day import Calendar
from pnl.domain.money import Nano
from pnl.domain.snapshot import Json
from pnl.metrics.exposition import Exposition
from pnl.metrics.watch import Watch
from pnl.ports import Cache, Figures, History, Hub, Ledgers, Store, Views
from pnl.web import (
    alerts,
    breakdown,
    checks,
    current,
    economics,
    entries,
    explain,
    export,
    health,
    history,
    live,
    metrics,
    openapi,
    records,
    signin,
    sources,
    status,
)
from pnl.web import days as stated
from pnl.web.access import OPEN, Access, guard_access
from pnl.web.arrivals import BODY_MOST
from pnl.web.callback_guard import guard_callbacks
from pnl.web.compression import compress
from pnl.web.describe import describe
from pnl.web.edges import Edges
from pnl.web.embed import embed
from pnl.web.embed import links as embeds
from pnl.web.embed.data import PanelData
from pnl.web.embed.page import Company
from pnl.web.explained import Explained
from pnl.web.guard import guard
from pnl.web.measure import measure
from pnl.web.newest import Newest
from pnl.web.problems import speak_problems
from pnl.web.query import Days
from pnl.web.ranged import OverDays


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
    past: History,
    ledgers: Ledgers,
    alerting: AlertStore,
    cache: Cache | None = None,
    configured: Collection[str] = (),
    access: Access = OPEN,
    watch: Watch | None = None,
    budget: Nano | None = None,
    views: Views | None = None,
    exposition: Exposition | None = None,
) -> Flask:
    """Return the server; pages are added to it by whoever builds the desk.

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
        past: What was known when.
        ledgers: What is known, and was known.
        alerting: What is kept of alerts.
        cache: Where answers are kept; None for the memory of this process alone.
        configured: The names of the sources that are read.
        access: Who may come in; everybody who reaches it where nothing else is said.
        watch: What the process measures of itself.
        budget: What API use may cost in a month; None where that is not said.
        views: The live figures, narrowed to panels in other sites' pages; None where there are no such panels.
        exposition: The metrics of the process; None for those alone that it counts.
    """
    app = Flask("pnl.web", static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=BODY_MOST, PNL_HOST=host, PNL_PORT=port)
    speak_problems(app, interval_seconds)
    # What is registered last runs first after the request: the headers are set, then the body is compressed.
    compress(app)
    measure(app)
    guard(app, host, hosts)
    guard_access(app, access)
    guard_callbacks(app)
    days = Days(time_zone)
    cache = cache or open_cache(None, stream=store.stream(), settings=time_zone, clock=clock)
    newest = Newest(store, clock, interval_seconds)
    app.extensions["pnl.cache"], app.extensions["pnl.newest"] = cache, newest
    calendar = Calendar(ZoneInfo(time_zone))
    edges = Edges(store, ledgers, past.began)
    explained = Explained(figures, store, ledgers, edges=edges, calendar=calendar, stated=past.days)

    def past_days(since: date | None, until: date | None, at: datetime) -> Iterable[Mapping[str, Json]]:
        return map(stated.told, past.days(since, until, at))

    for routes in (
        current.current(figures, store, past, days, cache, interval_seconds),
        checks.checks(store, clock, days, cache, newest),
        live.live(hub),
        records.records(figures, store, ledgers, days, cache, crowd=lambda: hub.counts["clients"]),
        history.history(store, clock, days, interval_seconds, cache, newest),
        stated.days(past, days, cache, newest),
        explain.explain(explained, store, days, cache),
        economics.economics(past, store, calendar, days, cache, budget),
        breakdown.breakdown(breakdown.Breaking(edges, calendar, past.days), explained, days, cache),
        export.export(store, clock, days, cache, past_days),
        entries.entries(figures, store, days),
        sources.sources(store, clock, days, configured),
        alerts.alerts(alerting, clock, days, demo=figures.demo),
        signin.signin(access, clock),
        embeds.links(access.embeds, clock),
        status.status(watch or Watch.of(hub, clock, data_dir=Path(), views=views), store, cache, hub, views),
        health.health(figures, store, clock),
        metrics.metrics(exposition or Exposition()),
        openapi.openapi(),
    ):
        app.register_blueprint(routes)
    if views:
        read = history.reading(store, clock, days, interval_seconds, cache, newest)
        company = Company(demo=figures.demo, time_zone=time_zone, interval_seconds=interval_seconds)

        def fallen(since: date, until: date) -> Nano | None:
            return OverDays(explained, store, None).amount("max_drawdown", since, until)

        data = PanelData(figures, store, past, days, clock, read, fallen)
        for routes in embed(access.embeds, views, data, company):
            app.register_blueprint(routes)
    for paths in (current.PATHS, health.PATHS, metrics.PATHS, openapi.PATHS, signin.PATHS):
        describe(app, paths)
    describe(app, checks.PATHS, checks.SCHEMAS)
    describe(app, stated.PATHS, stated.SCHEMAS)
    describe(app, explain.PATHS, explain.SCHEMAS)
    describe(app, economics.PATHS, economics.SCHEMAS)
    describe(app, breakdown.PATHS, breakdown.SCHEMAS)
    describe(app, export.PATHS, export.SCHEMAS)
    describe(app, embeds.PATHS, embeds.SCHEMAS)
    describe(app, live.PATHS, live.SCHEMAS)
    describe(app, records.PATHS, records.SCHEMAS)
    describe(app, history.PATHS, history.SCHEMAS)
    describe(app, entries.PATHS, entries.SCHEMAS)
    describe(app, alerts.PATHS, alerts.SCHEMAS)
    describe(app, sources.PATHS, sources.SCHEMAS)
    describe(app, status.PATHS, status.SCHEMAS)
    return app


def create_health_server(
    figures: Figures,
    store: Store,
    *,
    host: str,
    hosts: Iterable[str] = (),
    access: Access = OPEN,
    exposition: Exposition | None = None,
) -> Flask:
    """Return the server of a process that only ticks: its health and metrics, behind the same guards, and no more."""
    app = Flask("pnl.web", static_folder=None)
    speak_problems(app, 10)
    measure(app)
    guard(app, host, hosts)
    guard_access(app, access)
    app.register_blueprint(health.health(figures, store))
    app.register_blueprint(metrics.metrics(exposition or Exposition()))
    return app
