"""List prices of tokens: those of the genai-prices package, and a file that overrides them.

Used to weigh usage that is not reported as cost yet, never as the cost itself. The package's own
`calc_price` is not used: it takes a row for one request, and a row is the sum of many.
"""

import tomllib
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from pnl.domain.rates import WEB_SEARCH
from pnl.errors import ConfigError

MILLION = Decimal(1_000_000)
THOUSAND = Decimal(1_000)
US_FACTOR = Decimal("1.1")
BATCH_FACTOR = Decimal("0.5")
LONG_CONTEXT = 200_000

_FIELDS = {
    "uncached_input_tokens": "input_mtok",
    "output_tokens": "output_mtok",
    "cache_read_input_tokens": "cache_read_mtok",
    "cache_creation.ephemeral_5m_input_tokens": "cache_write_mtok",
    "cache_creation.ephemeral_1h_input_tokens": "cache_write_1h_mtok",
}
TOKEN_TYPES = (*_FIELDS, WEB_SEARCH)
_WEB_SEARCH_PRICE = Decimal(10) / THOUSAND
_LISTED_TIERS = {None, "standard", "batch", "flex", "flex_discount"}


class Prices:
    """Tells what a token costs at list.

    Args:
        override: A TOML file of prices that go before the package's, or None:
            `[models."claude-opus-5-5"]`, then dollars per million tokens under the names of the
            token types, such as `output_tokens = "20"`. Batch is half of it.

    Raises:
        ConfigError: The file cannot be read, or a price in it is no price.
    """

    def __init__(self, override: Path | None = None) -> None:
        self._own = _read(override) if override else {}
        self._known: dict[tuple[str | None, ...], Decimal | None] = {}

    def each(
        self,
        token_type: str,
        at: datetime,
        *,
        model: str | None,
        service_tier: str | None = None,
        context_window: str | None = None,
        inference_geo: str | None = None,
        speed: str | None = None,
    ) -> Decimal | None:
        """Return the list price in dollars of one token (or one web search) at `at`; None where unknown.

        The tier of a long context is that of the row's `context_window`. Priority tokens are billed
        by contract and have no list price.
        """
        if token_type == WEB_SEARCH:
            return _WEB_SEARCH_PRICE
        if model is None or service_tier not in _LISTED_TIERS or token_type not in _FIELDS:
            return None
        key = (token_type, at.date().isoformat(), model, service_tier, context_window, speed)
        if key not in self._known:
            own = self._own.get(model)
            self._known[key] = (
                self._of_package(
                    token_type, at, model, service_tier=service_tier, context_window=context_window, speed=speed
                )
                if own is None
                else _own(own, token_type, service_tier)
            )
        price = self._known[key]
        return price * US_FACTOR if price is not None and inference_geo == "us" else price

    @staticmethod
    def _of_package(
        token_type: str,
        at: datetime,
        model: str,
        *,
        service_tier: str | None,
        context_window: str | None,
        speed: str | None,
    ) -> Decimal | None:
        from genai_prices.data_snapshot import get_snapshot  # noqa: PLC0415 - read where usage has no cost yet
        from genai_prices.types import TieredPrices  # noqa: PLC0415

        try:
            _, known = get_snapshot().find_provider_model(model, None, "anthropic", None)
        except LookupError:
            return None
        variant = {"processing": "batch"} if service_tier == "batch" else {"speed": "fast"} if speed == "fast" else None
        price = getattr(known.get_prices(at, variant), _FIELDS[token_type], None)
        if isinstance(price, TieredPrices):
            long = context_window == "200k-1M"
            reached = [tier.price for tier in price.tiers if long and tier.start <= LONG_CONTEXT]
            price = reached[-1] if reached else price.base
        return price / MILLION if isinstance(price, Decimal) else None


def _own(prices: dict[str, Decimal], token_type: str, service_tier: str | None) -> Decimal | None:
    price = prices.get(token_type)
    if price is None:
        return None
    return price / MILLION * (BATCH_FACTOR if service_tier == "batch" else 1)


def _read(path: Path) -> dict[str, dict[str, Decimal]]:
    try:
        content: Any = tomllib.loads(path.read_text("utf-8"), parse_float=Decimal)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"the price file {path} cannot be read: {error}") from error
    models = content.get("models", {})
    if not isinstance(models, dict) or not all(isinstance(prices, dict) for prices in models.values()):
        raise ConfigError(f'the price file {path}: begin each model with [models."its-name"]')
    return {
        model: {name: _price(path, model, name, value) for name, value in prices.items()}
        for model, prices in models.items()
    }


def _price(path: Path, model: str, name: str, value: object) -> Decimal:
    if name not in _FIELDS:
        raise ConfigError(f"the price file {path}: {model}: {name} is no token type; they are {', '.join(_FIELDS)}")
    try:
        price = Decimal(str(value))
    except ArithmeticError:
        price = Decimal(-1)
    if isinstance(value, bool) or not price.is_finite() or price < 0:
        raise ConfigError(f"the price file {path}: {model}: {name} = {value!r} is no price in dollars per million")
    return price
