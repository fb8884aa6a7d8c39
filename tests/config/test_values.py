"""Values that make no sense are refused with their cure, and those that do are taken."""

import pytest

from pnl.domain.money import DOLLAR
from tests.config.loading import load, refusal

DATABASE = "give sqlite:///path/to/pnl.db, or postgresql://user@host:5432/name"


@pytest.mark.parametrize(
    ("name", "value", "cure"),
    [
        ("PNL_PORT", "abc", "give a whole number from 1 to 65535"),
        ("PNL_PORT", "0", "give a whole number from 1 to 65535"),
        ("PNL_PORT", "65536", "give a whole number from 1 to 65535"),
        ("PNL_PORT", "8050.0", "give a whole number from 1 to 65535"),
        ("PNL_INTERVAL_SECONDS", "7", "give 1, 5, 10, 30 or 60 seconds"),
        ("PNL_SOURCE_TIMEOUT_SECONDS", "0", "give seconds above 0 and up to 60, such as 3 or 2.5"),
        ("PNL_SOURCE_TIMEOUT_SECONDS", "nan", "give seconds above 0 and up to 60, such as 3 or 2.5"),
        ("PNL_TIME_ZONE", "Mars/Olympus", "give a name from the IANA list, such as America/New_York or UTC"),
        ("PNL_TIME_ZONE", "../etc/passwd", "give a name from the IANA list, such as America/New_York or UTC"),
        ("PNL_SANDBOX", "yes", "give auto or on or off"),
        ("PNL_MARK", "last", "give bid or mid"),
        ("PNL_ANTHROPIC_MODE", "beta", "give auto or analytics or legacy"),
        ("PNL_REVENUE_PRIMARY", "paypal", "give feed, csv, stripe or manual"),
        ("PNL_REVENUE_CSV", "/nowhere/at/all.csv", "give the path of a file in a folder that exists"),
        ("PNL_REVENUE_CSV", "/tmp", "give the path of a file in a folder that exists"),  # noqa: S108
        ("PNL_DATA_DIR", __file__, "there is a file of that name; give a folder"),
        ("PNL_DATA_DIR", "~nobody-has-this-name/x", "there is no user of that name; give a path from the root"),
        ("PNL_DATABASE_URL", "mysql://x", DATABASE),
        ("PNL_DATABASE_URL", "sqlite:///:memory:", DATABASE),
        ("PNL_DATABASE_URL", "postgresql://", DATABASE),
        ("PNL_DATABASE_URL", "postgresql://h/my database", DATABASE),
        ("PNL_DATABASE_URL", "postgresql+asyncpg://h/pnl", DATABASE),
        ("PNL_STALE_KALSHI_SECONDS", "-1", "give a whole number from 1 to 1000000"),
        ("PNL_KALSHI_SUBACCOUNT", "one", "give a whole number from 0 to 1000000"),
        ("PNL_HOST", "http://127.0.0.1", "give a name or an address without a port, such as 127.0.0.1"),
    ],
)
def test_a_value_that_makes_no_sense_is_told_with_its_cure(name: str, value: str, cure: str) -> None:
    assert refusal(**{name: value}) == f"{name}={value}: {cure}"


def test_a_message_stays_on_one_short_line() -> None:
    assert len(refusal(PNL_SANDBOX="on\noff" * 200)) < 150


@pytest.mark.parametrize("interval", [1, 5, 10, 30, 60])
def test_the_beat_can_be_chosen(interval: int) -> None:
    assert load(PNL_INTERVAL_SECONDS=str(interval)).interval_seconds == interval


def test_a_time_out_may_have_decimals() -> None:
    assert load(PNL_SOURCE_TIMEOUT_SECONDS="2.5").source_timeout_seconds == 2.5


def test_the_default_of_what_cannot_be_chosen_yet_may_be_spelled_out() -> None:
    assert load(PNL_MAX_CLIENTS="10000", PNL_AUTH="none", PNL_ROLE="all") == load()


@pytest.mark.parametrize(("text", "amount"), [("500", 500 * DOLLAR), ("1250.50", 1250 * DOLLAR + DOLLAR // 2)])
def test_a_monthly_budget_is_exact_dollars(text: str, amount: int) -> None:
    assert load().budget_api_monthly is None
    assert load(PNL_BUDGET_API_MONTHLY=text).budget_api_monthly == amount


@pytest.mark.parametrize("text", ["0", "0.00", "-5", "$500", "1,250", "5e2", "0.005", "NaN", "\u0665", "9999999999"])
def test_a_budget_that_is_no_amount_of_dollars_is_refused(text: str) -> None:
    assert refusal(PNL_BUDGET_API_MONTHLY=text) == (
        f"PNL_BUDGET_API_MONTHLY={text}: give dollars above 0, as a decimal without a currency sign, such as 500 or "
        "1250.50"
    )


def test_marks_may_be_kept_shorter_or_longer() -> None:
    assert load(PNL_RETENTION_MARKS_DAYS="30").retention_marks_days == 30
    assert "from 7 to 36500" in refusal(PNL_RETENTION_MARKS_DAYS="6")


def test_the_limits_of_live_connections_are_taken() -> None:
    found = load(PNL_MAX_CLIENTS="50", PNL_MAX_CLIENTS_PER_ADDRESS="5", PNL_EMBED_MAX_CLIENTS="7")

    assert (found.max_clients, found.max_clients_per_address, found.embed_max_clients) == (50, 5, 7)
