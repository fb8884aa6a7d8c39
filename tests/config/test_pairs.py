"""Settings that mean nothing without each other are refused by both names."""

import pytest

from tests.config.loading import load, refusal


@pytest.mark.parametrize(
    ("given", "other"),
    [
        ({"PNL_KALSHI_KEY_ID": "id"}, "PNL_KALSHI_PRIVATE_KEY"),
        ({"PNL_KALSHI_PRIVATE_KEY": "canary"}, "PNL_KALSHI_KEY_ID"),
        ({"PNL_KALSHI_BASE_URL": "http://127.0.0.1:1"}, "PNL_KALSHI_KEY_ID"),
        ({"PNL_ANTHROPIC_BASE_URL": "http://127.0.0.1:1"}, "PNL_ANTHROPIC_ADMIN_KEY"),
        ({"PNL_STRIPE_BASE_URL": "http://127.0.0.1:1"}, "PNL_STRIPE_KEY"),
        ({"PNL_REVENUE_TOKEN": "canary"}, "PNL_REVENUE_URL"),
        ({"PNL_REVENUE_MAPPING": "mapping.toml"}, "PNL_REVENUE_URL"),
    ],
)
def test_half_a_pair_is_refused_naming_both(given: dict[str, str], other: str) -> None:
    (name,) = given

    assert refusal(**given) == f"{name} is set, and {other} is not: set {other}, too, or leave {name} out"


@pytest.mark.parametrize("role", ["web", "aggregator"])
def test_a_process_with_half_the_work_needs_the_redis_that_joins_it_to_the_other_half(role: str) -> None:
    cure = f"set PNL_REDIS_URL, too, or leave PNL_ROLE={role} out"
    assert refusal(PNL_ROLE=role) == f"PNL_ROLE={role} is set, and PNL_REDIS_URL is not: {cure}"
    assert load(PNL_ROLE=role, PNL_REDIS_URL="redis://localhost").role == role


@pytest.mark.parametrize(
    ("source", "other"), [("feed", "PNL_REVENUE_URL"), ("csv", "PNL_REVENUE_CSV"), ("stripe", "PNL_STRIPE_KEY")]
)
def test_the_first_among_sources_of_revenue_must_be_one_of_them(source: str, other: str) -> None:
    text = refusal(PNL_REVENUE_PRIMARY=source)

    cure = f"set {other}, too, or leave PNL_REVENUE_PRIMARY={source} out"
    assert text == f"PNL_REVENUE_PRIMARY={source} is set, and {other} is not: {cure}"


def test_the_first_among_sources_of_revenue_is_known_by_its_full_name() -> None:
    settings = load(PNL_REVENUE_PRIMARY="feed", PNL_REVENUE_URL="http://localhost:9000")

    assert settings.revenue_primary == "revenue.feed"
    assert load(PNL_REVENUE_PRIMARY="manual").revenue_primary == "manual"
