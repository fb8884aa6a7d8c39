"""Clients that other people wrote can drive the sandbox: pykalshi, Anthropic's SDK and Stripe's."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import anthropic
import pytest
import stripe
from pykalshi import KalshiClient

from pnl.clock import SystemClock
from pnl.sandbox import Status
from tests.sandbox.worlds import Desk, open_desk


@pytest.fixture(scope="module")
def live() -> Iterator[Desk]:
    """The lively world in real time: these clients sign with the machine's own clock."""
    clock = SystemClock()
    with open_desk(clock, rsa=True, epoch=clock.now() - timedelta(days=12), live_days=5) as desk:
        yield desk


@pytest.fixture
def kalshi(live: Desk, tmp_path: Path) -> Iterator[KalshiClient]:
    pem = tmp_path / "key.pem"
    pem.write_text(live.upstreams.kalshi_private_key)
    with KalshiClient(
        api_key_id=live.upstreams.kalshi_key_id,
        private_key_path=str(pem),
        api_base=live.upstreams.kalshi_base_url,
    ) as client:
        yield client


@pytest.fixture
def claude(live: Desk) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(
        api_key=live.upstreams.anthropic_admin_key, base_url=live.upstreams.anthropic_base_url, max_retries=1
    ) as client:
        yield client


@pytest.fixture
def stripe_http() -> Iterator[stripe.HTTPXClient]:
    http = stripe.HTTPXClient(allow_sync_methods=True)
    yield http
    http.close()  # type: ignore[no-untyped-call]  # its own omission


def test_pykalshi_reads_the_account(live: Desk, kalshi: KalshiClient) -> None:
    balance = kalshi.portfolio.get_balance()
    positions = kalshi.portfolio.get_positions(limit=1000, fetch_all=True)
    fills = kalshi.portfolio.get_fills(limit=200, fetch_all=True)
    settlements = kalshi.portfolio.get_settlements(limit=7, fetch_all=True)
    orders = kalshi.portfolio.get_orders(limit=200, fetch_all=True)

    assert balance.balance > 0
    assert len(positions) >= 3
    assert len({fill.fill_id for fill in fills}) == len(fills) > 150
    assert len(settlements) > 10
    assert len(orders) > 50
    assert live.faults.requests("kalshi") > 6


def test_pykalshi_reads_the_subaccounts(kalshi: KalshiClient) -> None:
    assert [row.subaccount_number for row in kalshi.portfolio.get_subaccount_balances()] == [0]
    assert list(kalshi.portfolio.get_subaccount_transfers()) == []


def test_pykalshi_reads_markets_and_the_archive(kalshi: KalshiClient) -> None:
    markets = kalshi.get_markets(limit=50)
    event = kalshi.get_event(markets[0].event_ticker or "")
    cutoff = kalshi.history.get_cutoff()
    old = kalshi.history.get_fills(limit=1000)

    assert event.event_ticker == markets[0].event_ticker
    assert cutoff.market_settled_ts
    assert old
    assert kalshi.exchange.is_trading()


def test_pykalshi_retries_a_busy_exchange(live: Desk, kalshi: KalshiClient) -> None:
    live.faults.lay("kalshi", Status(503, retry_after="0"), path="/portfolio/balance", times=1)

    assert kalshi.portfolio.get_balance().balance > 0


def test_the_anthropic_sdk_reads_the_legacy_reports(claude: anthropic.Anthropic) -> None:
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    body: Any = claude.get(
        "/v1/organizations/cost_report",
        cast_to=object,
        options={
            "params": {
                "starting_at": (midnight - timedelta(days=3)).isoformat(),
                "ending_at": (midnight + timedelta(days=1)).isoformat(),
                "group_by": ["description", "workspace_id"],
            }
        },
    )

    rows = [row for bucket in body["data"] for row in bucket["results"]]
    assert len(body["data"]) == 4
    assert sum(Decimal(row["amount"]) for row in rows) > 100
    assert {"tokens", "web_search", "code_execution"} == {row["cost_type"] for row in rows}


def test_the_anthropic_sdk_pages_through_analytics(claude: anthropic.Anthropic) -> None:
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    range_ = {"starting_at": midnight - timedelta(days=2), "ending_at": midnight, "time_bucket_width": "1h"}

    costs = list(claude.beta.organization.analytics.cost.list(**range_, group_by=["model"], limit=50))  # type: ignore[arg-type]
    usage = list(claude.beta.organization.analytics.usage.list(**range_, limit=30))  # type: ignore[arg-type]

    assert len(costs) > 150
    assert {row.group.model for row in costs} >= {"claude-opus-5-5", "claude-sonnet-5-5", None}
    assert all(row.cost.currency == "USD" for row in costs)
    assert len(usage) == 48
    assert all(row.usage.total_tokens > 0 for row in usage)


def test_the_anthropic_sdk_retries_529_and_names_401(live: Desk, claude: anthropic.Anthropic) -> None:
    live.faults.lay("anthropic", Status(529, retry_after="0"), path="/v1/organizations/me", times=1)
    me: Any = claude.get("/v1/organizations/me", cast_to=object)
    live.faults.lay("anthropic", Status(401), times=1)

    assert me["type"] == "organization"
    with pytest.raises(anthropic.AuthenticationError):
        claude.get("/v1/organizations/me", cast_to=object)


def test_the_anthropic_sdk_lists_the_workspaces(claude: anthropic.Anthropic) -> None:
    names = [workspace.name for workspace in claude.beta.organization.workspaces.list(limit=1)]

    assert names == ["Research", "Default"]


def test_the_stripe_sdk_pages_through_the_transactions(live: Desk, stripe_http: stripe.HTTPXClient) -> None:
    client = stripe.StripeClient(
        live.upstreams.stripe_key,
        base_addresses={"api": live.upstreams.stripe_base_url},
        http_client=stripe_http,
    )
    rows = list(client.v1.balance_transactions.list({"limit": 40}).auto_paging_iter())

    assert len(rows) > 150
    assert all(row.net == row.amount - row.fee for row in rows)
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.balance_transactions.list({"limit": 400})
