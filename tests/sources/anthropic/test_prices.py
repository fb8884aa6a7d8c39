"""List prices by the row's own tier, and the file that overrides them."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pnl.errors import ConfigError
from pnl.sources.anthropic.prices import Prices

AT = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("token_type", "model", "row", "million"),
    [
        ("output_tokens", "claude-opus-5-5", {}, "20"),
        ("cache_read_input_tokens", "claude-opus-5-5", {}, "0.2"),
        ("cache_creation.ephemeral_5m_input_tokens", "claude-opus-5-5", {}, "5"),
        ("cache_creation.ephemeral_1h_input_tokens", "claude-opus-5-5", {}, "8"),
        ("output_tokens", "claude-opus-5-5", {"service_tier": "batch"}, "10"),
        ("output_tokens", "claude-opus-5-5", {"speed": "fast"}, "40"),
        ("output_tokens", "claude-opus-5-5", {"inference_geo": "us"}, "22"),
        ("uncached_input_tokens", "claude-sonnet-4-5-20250929", {"context_window": "0-200k"}, "3"),
        ("uncached_input_tokens", "claude-sonnet-4-5-20250929", {"context_window": "200k-1M"}, "6"),
        ("web_search_requests", "anything", {"service_tier": "priority"}, "10000"),
    ],
)
def test_a_token_costs_what_its_row_says(token_type: str, model: str, row: dict[str, Any], million: str) -> None:
    assert Prices().each(token_type, AT, model=model, **row) == Decimal(million) / 1_000_000


@pytest.mark.parametrize(
    "row", [{"model": "claude-nope"}, {"model": None}, {"model": "claude-opus-5-5", "service_tier": "priority"}]
)
def test_what_has_no_list_price_is_not_priced(row: dict[str, Any]) -> None:
    assert Prices().each("output_tokens", AT, **row) is None


def test_a_price_file_goes_first(tmp_path: Path) -> None:
    path = tmp_path / "prices.toml"
    path.write_text('[models."claude-opus-5-5"]\noutput_tokens = "15"\nuncached_input_tokens = 2.5\n')
    prices = Prices(path)

    assert prices.each("output_tokens", AT, model="claude-opus-5-5") == Decimal("0.000015")
    assert prices.each("output_tokens", AT, model="claude-opus-5-5", service_tier="batch") == Decimal("0.0000075")
    assert prices.each("uncached_input_tokens", AT, model="claude-opus-5-5") == Decimal("0.0000025")
    assert prices.each("cache_read_input_tokens", AT, model="claude-opus-5-5") is None
    assert prices.each("output_tokens", AT, model="claude-sonnet-5-5") == Decimal("0.00001")


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("[models", "cannot be read"),
        ("models = 3", "begin each model"),
        ('[models."m"]\noutput = "1"', "no token type"),
        ('[models."m"]\noutput_tokens = "free"', "no price"),
        ('[models."m"]\noutput_tokens = -1', "no price"),
    ],
)
def test_a_wrong_price_file_stops_the_start(tmp_path: Path, content: str, named: str) -> None:
    path = tmp_path / "prices.toml"
    path.write_text(content)

    with pytest.raises(ConfigError, match=named):
        Prices(path)


def test_a_missing_price_file_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        Prices(tmp_path / "none.toml")
