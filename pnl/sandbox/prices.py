"""List prices of Claude, in cents a token, from the `genai-prices` snapshot that is installed."""

from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache

from genai_prices.data_snapshot import get_snapshot
from genai_prices.types import TieredPrices

_FIELDS = ("input_mtok", "output_mtok", "cache_read_mtok", "cache_write_mtok", "cache_write_1h_mtok")
_CENTS_PER_MILLION = Decimal("0.0001")
_US_ONLY = Decimal("1.1")
_PRICED_AT = datetime(2026, 11, 15, tzinfo=UTC)


@lru_cache(maxsize=256)
def cents_per_token(model: str, tier: str, context: str, geo: str, speed: str) -> tuple[Decimal, ...]:
    """Return the price of each token type, in the order of `spending.TOKEN_TYPES`; zeros for an unknown model.

    Above 200k tokens of context the long-context tier counts; a prompt that long is priced whole.
    """
    try:
        _, found = get_snapshot().find_provider_model(model, None, "anthropic", None)
    except LookupError:
        return (Decimal(0),) * 5
    how = {"processing": "batch"} if tier == "batch" else {"speed": "fast"} if speed == "fast" else {}
    prices = found.get_prices(_PRICED_AT, how)
    share = _US_ONLY if geo == "us" else Decimal(1)
    return tuple(_unit(getattr(prices, name), context) * _CENTS_PER_MILLION * share for name in _FIELDS)


def _unit(price: Decimal | TieredPrices | None, context: str) -> Decimal:
    if price is None:
        return Decimal(0)
    if isinstance(price, TieredPrices):
        reached = [tier.price for tier in price.tiers if tier.start <= 200_000]
        return reached[-1] if reached and context != "0-200k" else price.base
    return price
