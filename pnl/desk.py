"""Puts the product together: reads like a parts list, and closes in reverse."""

import gc
import json
import tomllib
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from flask import Flask
from pydantic import SecretStr

from pnl.aggregator.figures import LiveFigures
from pnl.aggregator.reader import Reader
from pnl.aggregator.schedule import Schedule
from pnl.aggregator.tick import Aggregator
from pnl.clock import Clock, SystemClock
from pnl.config import Settings
from pnl.domain.company_day import Calendar
from pnl.domain.ledger import Ledger
from pnl.domain.records import KINDS
from pnl.errors import ConfigError
from pnl.ports import Store
from pnl.sandbox import Sandbox
from pnl.sources.anthropic.paging import explain as explain_anthropic
from pnl.sources.anthropic.slots import EVERY_SECONDS
from pnl.sources.anthropic.source import AnthropicSource
from pnl.sources.http import Explain, Http
from pnl.sources.kalshi import KalshiSource, load_key
from pnl.sources.kalshi import explain as explain_kalshi
from pnl.sources.revenue.csv_file import RevenueCsv
from pnl.sources.revenue.feed import RevenueFeed
from pnl.sources.revenue.stripe import StripeBalance
from pnl.sources.revenue.stripe import explain as explain_stripe
from pnl.store import open_store
from pnl.web.callback_guard import know_callbacks
from pnl.web.dash_app import THEME_SCRIPT, mount
from pnl.web.guard import allow_scripts, script_hash
from pnl.web.server import create_server

log = structlog.get_logger(__name__)

LONGEST_WAIT_SECONDS = 3.0
PART_OF_INTERVAL = 0.8
"""A tick waits for its sources no longer than this part of its interval, so that no tick is missed for a slow one."""

SANDBOX_SEED = 20_260_901
SANDBOX_HISTORY = timedelta(days=30)

AnySource = KalshiSource | AnthropicSource | RevenueFeed | RevenueCsv | StripeBalance


class Desk:
    """The running product: its web server, its aggregator, and what they stand on."""

    def __init__(self, server: Flask, aggregator: Aggregator, schedule: Schedule, parts: ExitStack) -> None:
        self.server = server
        self.aggregator = aggregator
        self._schedule = schedule
        self._parts = parts

    def start(self) -> None:
        """Begin to tick."""
        self._schedule.start()

    def close(self) -> None:
        """Stop ticking, then let go of everything, last first."""
        self._schedule.stop()
        self._parts.close()


def build(settings: Settings, clock: Clock | None = None) -> Desk:
    """Return the product that the settings describe, ready to start.

    Raises:
        ConfigError: A setting does not fit the machine.
        StoreError: The database cannot be opened.
    """
    clock = clock or SystemClock()
    with ExitStack() as parts:
        store = open_store(settings.database_url, demo=settings.demo, zone=settings.zone)
        parts.callback(store.close)
        if settings.demo:
            sandbox = Sandbox(seed=SANDBOX_SEED, clock=clock, epoch=_sandbox_epoch(store, clock))
            settings = _fed_by(settings, sandbox)
            parts.callback(sandbox.stop)
        calendar = Calendar(settings.zone)
        ledger = Ledger(calendar, settings.mark, settings.revenue_primary)
        ledger.take(store.facts(*KINDS))
        ledger.quote(store.marks(), store.markets())
        gc.freeze()
        figures = LiveFigures(
            ledger,
            store,
            clock=clock,
            demo=settings.demo,
            time_zone=settings.time_zone,
            interval_seconds=settings.interval_seconds,
        )
        current, last = store.current(), store.last_row()
        if current and last:
            figures.publish(last.seq, json.dumps(current, separators=(",", ":"), ensure_ascii=False))
        memories = {memory.name: memory for memory in store.sources()}
        found = sources(settings, clock)
        readers = [
            Reader(
                source,
                memories.get(source.name),
                _stale_seconds(settings)[source.name.partition(".")[0]],
                again_seconds=EVERY_SECONDS if isinstance(source, AnthropicSource) else 0,
            )
            for source in found
        ]
        aggregator = Aggregator(
            readers,
            ledger,
            store,
            figures,
            clock=clock,
            interval_seconds=settings.interval_seconds,
            wait_seconds=min(LONGEST_WAIT_SECONDS, PART_OF_INTERVAL * settings.interval_seconds),
            look_again=next((source.look_again for source in found if isinstance(source, KalshiSource)), None),
        )
        schedule = Schedule(aggregator, clock=clock, interval_seconds=settings.interval_seconds)
        server = create_server(
            figures,
            store,
            host=settings.host,
            port=settings.port,
            clock=clock,
            time_zone=settings.time_zone,
            interval_seconds=settings.interval_seconds,
        )
        server.extensions["pnl.figures"] = figures
        pages = mount(
            server,
            demo=settings.demo,
            time_zone=settings.time_zone,
            interval_seconds=settings.interval_seconds,
            stale_seconds=_stale_seconds(settings),
        )
        allow_scripts(server, lambda: [*pages.csp_hashes(), script_hash(THEME_SCRIPT)])
        know_callbacks(server, pages.callback_map)
        log.info("ready", sources=[reader.source.name for reader in readers], demo=settings.demo)
        return Desk(server, aggregator, schedule, parts.pop_all())


def sources(settings: Settings, clock: Clock) -> list[AnySource]:
    """Return the sources that are configured. To add one, write its folder and a line here."""

    def http(name: str, url: str, explain: Explain | None = None) -> Http:
        return Http(
            name,
            url,
            clock=clock,
            deadline_seconds=settings.source_timeout_seconds,
            explain=explain,
        )

    found: list[AnySource] = []
    if settings.kalshi_key_id:
        key = load_key(secret(settings.kalshi_private_key))
        ask = http("kalshi", settings.kalshi_base_url, explain_kalshi)
        found.append(KalshiSource(ask, settings.kalshi_key_id, key, subaccount=settings.kalshi_subaccount, clock=clock))
    if settings.anthropic_admin_key:
        ask = http("anthropic", settings.anthropic_base_url, explain_anthropic)
        admin_key = secret(settings.anthropic_admin_key)
        found.append(AnthropicSource(ask, admin_key, mode=settings.anthropic_mode, clock=clock))
    if settings.revenue_url:
        mapping = _mapping(settings.revenue_mapping) if settings.revenue_mapping else None
        ask = http("revenue.feed", settings.revenue_url)
        token = secret(settings.revenue_token)
        found.append(RevenueFeed(ask, token, clock=clock, time_zone=settings.zone, mapping=mapping))
    if settings.revenue_csv:
        found.append(RevenueCsv(settings.revenue_csv, clock=clock, time_zone=settings.zone))
    if settings.stripe_key:
        ask = http("revenue.stripe", settings.stripe_base_url, explain_stripe)
        found.append(StripeBalance(ask, secret(settings.stripe_key), clock=clock, time_zone=settings.zone))
    return found


def _mapping(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"PNL_REVENUE_MAPPING={path} cannot be used ({error}): it must be a TOML file") from error


def secret(value: SecretStr | None) -> str:
    """Return a secret's text, empty where there is none."""
    return value.get_secret_value() if value else ""


def _sandbox_epoch(store: Store, clock: Clock) -> datetime:
    """Return where the sandbox's past begins: the same at every start of the same store."""
    first = next(store.rows(None, None), None)
    since = (first.as_of if first else clock.now()) - SANDBOX_HISTORY
    return since.replace(hour=0, minute=0, second=0, microsecond=0)


def _stale_seconds(settings: Settings) -> dict[str, int]:
    return {
        "kalshi": settings.stale_kalshi_seconds,
        "anthropic": settings.stale_anthropic_seconds,
        "revenue": settings.stale_revenue_seconds,
    }


def _fed_by(settings: Settings, sandbox: Sandbox) -> Settings:
    upstreams = sandbox.start()
    return settings.model_copy(
        update={
            "sandbox": "on",
            "kalshi_subaccount": None,
            "revenue_csv": None,
            "revenue_mapping": None,
            "revenue_primary": None,
            "kalshi_base_url": upstreams.kalshi_base_url,
            "kalshi_key_id": upstreams.kalshi_key_id,
            "kalshi_private_key": SecretStr(upstreams.kalshi_private_key),
            "anthropic_base_url": upstreams.anthropic_base_url,
            "anthropic_admin_key": SecretStr(upstreams.anthropic_admin_key),
            "revenue_url": upstreams.revenue_url,
            "revenue_token": SecretStr(upstreams.revenue_token),
            "stripe_base_url": upstreams.stripe_base_url,
            "stripe_key": SecretStr(upstreams.stripe_key),
        }
    )
