"""Puts the product together: reads like a parts list, and closes in reverse."""

import gc
from contextlib import ExitStack
from typing import Final

import structlog
from flask import Flask

from pnl.aggregator.figures import LiveFigures
from pnl.aggregator.follower import Follower
from pnl.aggregator.leadership import Leadership
from pnl.aggregator.tick import Aggregator
from pnl.cache import Layers, open_cache
from pnl.clock import Clock, SystemClock
from pnl.config import Settings
from pnl.desk.backing import spool_of
from pnl.desk.doors import access_of, embeds_of, health_access_of, holding
from pnl.desk.extras import extras
from pnl.desk.recovery import made_sound, tell_of_strays
from pnl.desk.renewal import Renewal
from pnl.desk.replaced import replaced
from pnl.desk.sharing import recall, share
from pnl.desk.sight import sight_of
from pnl.desk.term import Term
from pnl.desk.upstreams import configured, left_aside, secret, stale_seconds
from pnl.domain.company_day import Calendar
from pnl.domain.ledger import Ledger
from pnl.domain.snapshot import instant
from pnl.errors import BookError, StoreUnavailable
from pnl.history import KnownHistory, WarmUp
from pnl.live.descriptors import room_for
from pnl.live.doorkeeper import Doorkeeper, Rooms
from pnl.live.feed import Feed
from pnl.live.hub import Hub
from pnl.live.seats import Seats
from pnl.live.views import Views
from pnl.metrics.exposition import Exposition
from pnl.metrics.watch import Watch
from pnl.metrics.weighing import Weighing
from pnl.metrics.window import Window
from pnl.ports import Store
from pnl.rounds import Rounds
from pnl.store import SqlStore, claim_of, open_store
from pnl.web.access import OPEN, Access
from pnl.web.callback_guard import know_callbacks
from pnl.web.dash_app import mount
from pnl.web.embed import NARROW
from pnl.web.guard import allow_scripts, script_hash
from pnl.web.server import create_health_server, create_server
from pnl.web.theme import THEME_SCRIPT

log = structlog.get_logger(__name__)

_REAL: Final = "set PNL_SANDBOX=off to read them"


class Desk:
    """The running product: its web server, its open connections, its part in the ticking.

    Attributes:
        server: What answers requests.
        hub: What sends to live clients.
        requests: How many connections beside the live ones there is room for.
    """

    def __init__(
        self,
        server: Flask,
        hub: Hub,
        follower: Follower,
        leadership: Leadership | None,
        parts: ExitStack,
        *,
        views: Views,
        requests: int,
        warm_up: WarmUp | None,
        doorkeeper: Doorkeeper | None,
        window: Window,
        weighing: Weighing,
        renewal: Renewal | None,
        replaced: Rounds,
    ) -> None:
        self.server = server
        self.hub = hub
        self.requests = requests
        self._views = views
        self._follower = follower
        self._leadership = leadership
        self._beside = tuple(part for part in (warm_up, doorkeeper, window, weighing, renewal, replaced) if part)
        self._parts = parts

    @property
    def aggregator(self) -> Aggregator:
        """What makes the ticks.

        Raises:
            BookError: Another process makes them.
        """
        term = self._leadership.term if self._leadership else None
        if not isinstance(term, Term):
            raise BookError("this process does not lead")
        return term.aggregator

    def start(self) -> None:
        """Begin to serve live connections, and to tick or to follow whoever does."""
        self.hub.start()
        if self._leadership:
            self._leadership.start()
        else:
            self._follower.start()
        for part in self._beside:
            part.start()

    def drain(self) -> None:
        """Send live clients away, to come back soon; returns at once, safe in a signal handler."""
        self.hub.drain()
        self._views.drain()

    def close(self) -> None:
        """Send live clients away, stop ticking while they go, then let go of everything, last first."""
        self.drain()
        if self._leadership:
            self._leadership.stop()
        else:
            self._follower.stop()
        for part in self._beside:
            part.stop()
        self.hub.close()
        self._views.close()
        self._parts.close()


def build(settings: Settings, clock: Clock | None = None, *, relieves: bool = False) -> Desk:
    """Return the product that the settings describe, ready to start.

    Args:
        settings: The settings in force.
        clock: The time; the system's when not given.
        relieves: Whether it takes the place of a process that is ending, and so waits for the lead.

    Raises:
        ConfigError: A setting does not fit the machine.
        StoreError: The database cannot be opened, or is ticked by another process that none was meant to join.
    """
    clock = clock or SystemClock()
    made_sound(settings, clock)
    with ExitStack() as parts:
        store = open_store(settings.database_url, demo=settings.demo, zone=settings.zone, spool=spool_of(settings))
        parts.callback(store.close)
        if settings.role != "web":
            tell_of_strays(store)
        ledger = empty(settings)
        figures = LiveFigures(
            ledger,
            store,
            clock=clock,
            demo=settings.demo,
            time_zone=settings.time_zone,
            interval_seconds=settings.interval_seconds,
        )
        follower = Follower(figures, ledger, store, clock)
        feed = Feed(store.stream(), lambda: instant(clock.now()) or "")
        recall(store, feed)
        figures.follow(feed.publish)
        room = room_for(settings.max_clients)
        seats = Seats(room.clients, settings.max_clients_per_address, per_link=settings.embed_max_clients)
        hub = Hub(feed, seats, catch_up=follower.catch_up)
        parts.callback(hub.close)
        views = Views(
            NARROW,
            figures.current,
            stream=feed.stream,
            now=lambda: instant(clock.now()) or "",
            seats=seats,
            catch_up=follower.catch_up,
        )
        figures.follow(views.publish)
        parts.callback(views.close)
        follower.begin()
        gc.freeze()
        leadership = None
        if settings.role != "web":
            leadership = Leadership(
                claim_of(settings.database_url),
                store,
                follower,
                lambda: Term(settings, figures, ledger, store, clock),
                farewell=lambda: _send_away(hub, views),
            )
            if not leadership.take() and not (relieves or settings.redis_url):
                raise StoreUnavailable(  # it may have ended by the next try
                    f"another process makes the ticks ({leadership.holder()}): stop it, or set PNL_DATA_DIR or "
                    "PNL_DATABASE_URL to another place, or give both PNL_REDIS_URL, so that this one waits and takes "
                    "over when that one ends"
                )
        cache = _cache(settings, store, clock)
        parts.callback(cache.close)
        redis = [cache.renew]
        if settings.redis_url:
            relay = share(secret(settings.redis_url), feed, follower, leadership, clock)
            parts.callback(relay.close)
            redis.append(relay.renew)
        past = KnownHistory(
            ledger,
            figures.lock,
            store,
            lambda: empty(settings),
            demo=settings.demo,
            interval_seconds=settings.interval_seconds,
        )
        embeds = None if settings.role == "aggregator" else embeds_of(settings, store.embeds(), clock)
        access = OPEN if embeds is None else access_of(settings, store.accounts(), clock, embeds)
        watch = Watch.of(
            hub,
            clock,
            data_dir=settings.data_dir,
            views=views,
            role=settings.role,
            leads=lambda: bool(leadership and leadership.term),
        )
        exposition = Exposition(sight_of(settings, figures, hub=hub, views=views, cache=cache, leadership=leadership))
        server = _server(
            settings,
            figures,
            store,
            hub,
            clock,
            cache=cache,
            past=past,
            access=access,
            watch=watch,
            views=views,
            exposition=exposition,
        )
        parts.callback(extras(settings, server))
        _warn_of(settings)
        log.info("ready", role=settings.role, leads=bool(leadership and leadership.term), demo=settings.demo)
        warm_up = WarmUp(past) if settings.role != "aggregator" else None
        renewal = None
        if settings.keyring:
            renewal = Renewal(
                settings,
                embeds=embeds,
                provider=access.provider,
                redis=redis,
                refused=lambda: cache.state() == "down",
            )
        doorkeeper = Doorkeeper(Rooms(hub, views), holding(access)) if access.keys else None
        return Desk(
            server,
            hub,
            follower,
            leadership,
            parts.pop_all(),
            views=views,
            requests=room.requests,
            warm_up=warm_up,
            doorkeeper=doorkeeper,
            window=watch.window,
            weighing=Weighing(lambda: store.about().bytes),
            renewal=renewal,
            replaced=replaced(store, watch.leads, lambda: _send_away(hub, views)),
        )


def _warn_of(settings: Settings) -> None:
    """Say in the log what an operator should know of the settings."""
    if settings.insecure_tls_hosts:
        log.warning("the certificates of some hosts are not checked", hosts=settings.insecure_tls_hosts)
    aside = left_aside(settings)
    if aside:
        log.warning("the sandbox is on: what names the sources is left aside", settings=aside, cure=_REAL)


def _send_away(hub: Hub, views: Views) -> None:
    """Tell all live clients to come back soon; returns when they are gone, or soon after."""
    hub.drain()
    views.drain()
    hub.close()
    views.close()


def empty(settings: Settings) -> Ledger:
    """Return a ledger that knows nothing."""
    return Ledger(Calendar(settings.zone), settings.mark, settings.revenue_primary)


def _cache(settings: Settings, store: Store, clock: Clock) -> Layers:
    """Return what keeps answers: in this process, and in Redis where there is one and pages are served."""
    url = settings.redis_url if settings.role != "aggregator" else None
    matters = (settings.time_zone, str(settings.interval_seconds), settings.mark, str(settings.revenue_primary))
    return open_cache(secret(url) if url else None, stream=store.stream(), settings=" ".join(matters), clock=clock)


def _server(
    settings: Settings,
    figures: LiveFigures,
    store: SqlStore,
    hub: Hub,
    clock: Clock,
    *,
    cache: Layers,
    past: KnownHistory,
    access: Access,
    watch: Watch,
    views: Views,
    exposition: Exposition,
) -> Flask:
    """Return the web server: pages and API, or for a process that only ticks its health alone."""
    if settings.role == "aggregator":
        door = health_access_of(settings, store.accounts(), clock)
        return create_health_server(
            figures, store, host=settings.host, hosts=settings.hosts, access=door, exposition=exposition
        )
    server = create_server(
        figures,
        store,
        hub,
        host=settings.host,
        port=settings.port,
        clock=clock,
        time_zone=settings.time_zone,
        interval_seconds=settings.interval_seconds,
        past=past,
        ledgers=past.ledgers,
        alerting=store.alerts(),
        cache=cache,
        configured=configured(settings),
        hosts=settings.hosts,
        access=access,
        watch=watch,
        budget=settings.budget_api_monthly,
        views=views,
        exposition=exposition,
    )
    figures.follow(lambda _seq, _snapshot: server.extensions["pnl.newest"].head.forget())
    server.extensions["pnl.figures"] = figures
    pages = mount(
        server,
        demo=settings.demo,
        time_zone=settings.time_zone,
        interval_seconds=settings.interval_seconds,
        stale_seconds=stale_seconds(settings),
        clock=clock,
        unchecked=settings.insecure_tls_hosts,
    )
    allow_scripts(server, lambda: [*pages.csp_hashes(), script_hash(THEME_SCRIPT)])
    know_callbacks(server, pages.callback_map)
    return server
