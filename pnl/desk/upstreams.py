"""The upstreams that are read: those that the settings name, or the sandbox's."""

import tomllib
from collections.abc import Collection
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from httpx import URL
from pydantic import SecretStr

from pnl.clock import Clock
from pnl.config import Settings
from pnl.config.settings import PREFIX
from pnl.errors import ConfigError
from pnl.ports import Store
from pnl.sources.anthropic.paging import explain as explain_anthropic
from pnl.sources.anthropic.slots import SLOWEST_SECONDS
from pnl.sources.anthropic.source import AnthropicSource
from pnl.sources.http import Explain, Http
from pnl.sources.kalshi import KalshiSource, load_key
from pnl.sources.kalshi import explain as explain_kalshi
from pnl.sources.resolver import Resolver
from pnl.sources.revenue.csv_file import RevenueCsv
from pnl.sources.revenue.feed import RevenueFeed
from pnl.sources.revenue.stripe import StripeBalance
from pnl.sources.revenue.stripe import explain as explain_stripe

if TYPE_CHECKING:
    from pnl.sandbox import Sandbox

SANDBOX_SEED = 20_260_901
SANDBOX_HISTORY = timedelta(days=30)

_PLAYED: Final = (
    *("kalshi_base_url", "kalshi_key_id", "kalshi_private_key", "kalshi_subaccount"),
    *("anthropic_base_url", "anthropic_admin_key"),
    *("revenue_url", "revenue_token", "revenue_csv", "revenue_mapping", "revenue_primary"),
    *("stripe_base_url", "stripe_key"),
)
"""The settings that say which sources are read: the sandbox has its own."""

AnySource = KalshiSource | AnthropicSource | RevenueFeed | RevenueCsv | StripeBalance


def sources(settings: Settings, clock: Clock, resolver: Resolver | None = None) -> list[AnySource]:
    """Return the sources that are configured. To add one, write its folder and a line here.

    Args:
        settings: The settings in force.
        clock: The time.
        resolver: Finds addresses; one for all of them when not given.
    """
    resolver = resolver or Resolver(clock)

    def http(name: str, url: str, explain: Explain | None = None) -> Http:
        return Http(
            name,
            url,
            clock=clock,
            deadline_seconds=settings.source_timeout_seconds,
            explain=explain,
            resolver=resolver,
            verify=URL(url).host not in settings.insecure_tls_hosts,
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


def without(settings: Settings, missing: Collection[str]) -> Settings:
    """Return the settings without the sources whose key is missing.

    Args:
        settings: The settings in force.
        missing: The names of settings, such as `PNL_STRIPE_KEY`.
    """
    gone = (field for name in missing for field in _NEEDED_BY.get(name, ()))
    return settings.model_copy(update=dict.fromkeys(gone))


_NEEDED_BY = {
    "PNL_KALSHI_PRIVATE_KEY": ("kalshi_key_id", "kalshi_private_key"),
    "PNL_ANTHROPIC_ADMIN_KEY": ("anthropic_admin_key",),
    "PNL_REVENUE_TOKEN": ("revenue_url", "revenue_token"),
    "PNL_STRIPE_KEY": ("stripe_key",),
}
"""The settings that say nothing any more where a key is missing."""


def configured(settings: Settings) -> frozenset[str]:
    """Return the names of the sources that are read; in demo mode those that the sandbox plays."""
    if settings.demo:
        return frozenset({"kalshi", "anthropic", "revenue.feed", "revenue.stripe"})
    given = {
        "kalshi": settings.kalshi_key_id,
        "anthropic": settings.anthropic_admin_key,
        "revenue.feed": settings.revenue_url,
        "revenue.csv": settings.revenue_csv,
        "revenue.stripe": settings.stripe_key,
    }
    return frozenset(name for name, value in given.items() if value)


def _mapping(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"PNL_REVENUE_MAPPING={path} cannot be used ({error}): it must be a TOML file") from error


def secret(value: SecretStr | None) -> str:
    """Return a secret's text, empty where there is none."""
    return value.get_secret_value() if value else ""


def sandbox_for(store: Store, clock: Clock) -> "Sandbox":
    """Return the simulated company whose past is the same at every start of the same store."""
    from pnl.sandbox import Sandbox  # noqa: PLC0415 - a start on real data is quicker without it

    first = next(store.rows(None, None), None)
    since = (first.as_of if first else clock.now()) - SANDBOX_HISTORY
    epoch = since.replace(hour=0, minute=0, second=0, microsecond=0)
    return Sandbox(seed=SANDBOX_SEED, clock=clock, epoch=epoch)


_STALE_READINGS: Final = 3
"""At twice the time from one reading to the next a source is late: stale is later than that."""

_EVERY_SECONDS: Final = {
    "kalshi": 0.0,
    "anthropic": SLOWEST_SECONDS,
    "revenue.feed": RevenueFeed.every_seconds,
    "revenue.csv": RevenueCsv.every_seconds,
    "revenue.stripe": StripeBalance.every_seconds,
}
"""From one reading to the next, at the longest; 0 for every tick."""


def stale_after(settings: Settings, source: str) -> int:
    """Return the age at which a source is called stale: what is set, and never less than three readings take.

    Nothing is read but with a tick. The ticks go by it, and with them the API and the alerts.
    """
    given = {
        "kalshi": settings.stale_kalshi_seconds,
        "anthropic": settings.stale_anthropic_seconds,
        "revenue": settings.stale_revenue_seconds,
    }
    every = max(settings.interval_seconds, _EVERY_SECONDS.get(source, 0.0))
    return max(given[source.partition(".")[0]], round(_STALE_READINGS * every))


def stale_seconds(settings: Settings) -> dict[str, int]:
    """Return the same by name, for the pages between two ticks: of several sources of a name, the longest."""
    found: dict[str, int] = {}
    for source in ("kalshi", "anthropic", "revenue", *configured(settings)):
        name = source.partition(".")[0]
        found[name] = max(found.get(name, 0), stale_after(settings, source))
    return found


def left_aside(settings: Settings) -> tuple[str, ...]:
    """Return the settings of sources, by name, that are set and not used, since the sandbox was asked for."""
    if settings.sandbox != "on":
        return ()
    fields = type(settings).model_fields
    return tuple(f"{PREFIX}{name.upper()}" for name in _PLAYED if getattr(settings, name) != fields[name].default)


def fed_by(settings: Settings, sandbox: "Sandbox") -> Settings:
    """Return the settings with every upstream pointed at a sandbox, which is started."""
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
