"""What is started with nothing set, and when figures are real."""

from zoneinfo import ZoneInfo

import pytest

from pnl.desk.upstreams import left_aside
from tests.config.loading import load


def test_nothing_set_is_a_sandbox_on_loopback() -> None:
    settings = load()

    assert settings.demo
    assert settings.address == "127.0.0.1:8050"
    assert settings.database_url == "sqlite:///data/demo.db"
    assert settings.interval_seconds == 10
    assert settings.source_timeout_seconds == 3
    assert settings.zone == ZoneInfo("America/New_York")
    assert settings.secrets == ()


@pytest.mark.parametrize(
    "given",
    [
        {"PNL_KALSHI_KEY_ID": "id", "PNL_KALSHI_PRIVATE_KEY": "pem"},
        {"PNL_ANTHROPIC_ADMIN_KEY": "key"},
        {"PNL_REVENUE_URL": "http://127.0.0.1:9000"},
        {"PNL_REVENUE_CSV": "revenue.csv"},
        {"PNL_STRIPE_KEY": "rk"},
        {"PNL_SANDBOX": "off"},
    ],
)
def test_real_figures_are_kept_apart_from_demo_figures(given: dict[str, str]) -> None:
    settings = load(**given, PNL_DATA_DIR="/var/lib/pnl")

    assert not settings.demo
    assert settings.database_url == "sqlite:////var/lib/pnl/pnl.db"


def test_the_sandbox_can_be_asked_for_beside_keys() -> None:
    settings = load(PNL_STRIPE_KEY="rk", PNL_STRIPE_BASE_URL="https://stripe.example", PNL_SANDBOX="on")

    assert settings.demo
    assert settings.database_url == "sqlite:///data/demo.db"


def test_what_the_sandbox_leaves_aside_is_named_and_no_value_of_it() -> None:
    aside = {"PNL_KALSHI_BASE_URL": "https://kalshi.example", "PNL_STRIPE_KEY": "rk", "PNL_REVENUE_CSV": "revenue.csv"}

    assert left_aside(load(**aside, PNL_SANDBOX="on")) == (
        "PNL_KALSHI_BASE_URL",
        "PNL_REVENUE_CSV",
        "PNL_STRIPE_KEY",
    )
    assert left_aside(load(PNL_SANDBOX="on")) == ()
    assert left_aside(load(PNL_STRIPE_KEY="rk")) == ()
