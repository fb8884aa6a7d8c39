"""What each vendor says to questions that make no sense."""

from decimal import Decimal

import pytest

from pnl.sandbox import Status
from tests.sandbox.worlds import EPOCH, Desk, Frozen

ANALYTICS_DAY = (("starting_at", "2026-10-19T00:00:00Z"), ("ending_at", "2026-10-20T00:00:00Z"))


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/portfolio/fills", {"limit": "x"}),
        ("/portfolio/fills", {"limit": 0}),
        ("/portfolio/fills", {"min_ts": 20, "max_ts": 10}),
        ("/portfolio/fills", {"min_ts": 10**30}),
        ("/portfolio/positions", {"event_ticker": "KXA,KXB"}),
        ("/portfolio/positions", {"settlement_status": "old"}),
        ("/markets", {"mve_filter": "some"}),
    ],
)
def test_kalshi_validates_the_query(empty: Desk, path: str, query: dict[str, object]) -> None:
    response = empty.ask_kalshi(path, **query)

    assert response.status_code == 400
    assert response.json()["msg"]


def test_kalshi_refuses_garbled_stamps_and_signatures(empty: Desk) -> None:
    url = f"{empty.upstreams.kalshi_base_url}/portfolio/balance"
    good = empty.signed("/trade-api/v2/portfolio/balance")

    stamp = empty.http.get(url, headers=good | {"KALSHI-ACCESS-TIMESTAMP": "today"})
    signature = empty.http.get(url, headers=good | {"KALSHI-ACCESS-SIGNATURE": "not base64!"})

    assert stamp.json()["error"]["code"] == "header_timestamp_expired"
    assert signature.json()["error"]["details"] == "INCORRECT_API_KEY_SIGNATURE"


def test_kalshi_lives_under_its_prefix_only(empty: Desk) -> None:
    root = empty.upstreams.kalshi_base_url.removesuffix("/trade-api/v2")

    assert empty.http.get(f"{root}/exchange/status").status_code == 404


def test_kalshi_has_a_flat_shape_for_a_bad_body_and_404s_of_its_own(empty: Desk) -> None:
    empty.faults.lay("kalshi", Status(400), times=1)
    flat = empty.ask_kalshi("/portfolio/balance")
    empty.faults.lay("kalshi", Status(404), times=1)
    missing = empty.ask_kalshi("/portfolio/balance")

    assert set(flat.json()) == {"code", "message", "details"}
    assert missing.json()["error"]["code"] == "not_found"


@pytest.mark.parametrize(
    "query",
    [
        (("ending_at", "2026-10-20T00:00:00Z"),),
        (("starting_at", "soon"),),
        (("starting_at", "2026-10-19T00:00:00"),),
        (("starting_at", "2026-10-19T00:00:00Z"), ("time_bucket_width", "1h")),
        (*ANALYTICS_DAY, ("time_bucket_width", "1w")),
        (("starting_at", "2025-12-01T00:00:00Z"), ("ending_at", "2025-12-02T00:00:00Z")),
        (("starting_at", "2026-08-01T00:00:00Z"), ("ending_at", "2026-10-02T00:00:00Z")),
        (("starting_at", "2026-10-19T00:00:00Z"), ("ending_at", "2026-10-19T00:30:00Z")),
        (*ANALYTICS_DAY, ("order", "up")),
        (*ANALYTICS_DAY, ("order_by", "mood")),
        (*ANALYTICS_DAY, ("limit", "1001")),
        (*ANALYTICS_DAY, ("group_by[]", "mood")),
        (
            *ANALYTICS_DAY,
            *(("group_by[]", name) for name in ("model", "actor", "speed", "product", "agent_id", "session_id")),
        ),
    ],
)
def test_analytics_validates_the_query(empty: Desk, query: tuple[tuple[str, str], ...]) -> None:
    response = empty.ask_anthropic("/analytics/cost", *query)

    assert response.status_code == 400
    assert response.json()["error"]["type"] == "invalid_request_error"


def test_analytics_sorts_by_the_list_amount_and_usage_by_tokens(month: Desk) -> None:
    day = (("starting_at", "2026-11-16T00:00:00Z"), ("ending_at", "2026-11-17T00:00:00Z"), ("group_by[]", "model"))

    costs = month.anthropic("/analytics/cost", *day, ("order_by", "list_amount"), ("order", "asc"))["data"]
    usage = month.anthropic("/analytics/usage", *day)["data"]

    amounts = [Decimal(row["cost"]["list_amount"]) for row in costs]
    tokens = [row["usage"]["total_tokens"] for row in usage]
    assert amounts == sorted(amounts)
    assert tokens == sorted(tokens, reverse=True)


def test_anthropic_knows_its_keys_and_nothing_else(empty: Desk) -> None:
    assert [row["id"] for row in empty.anthropic("/api_keys")["data"]] == ["apikey_01Agent", "apikey_02Research"]
    assert empty.ask_anthropic("/invites").status_code == 404


def test_the_feed_validates_the_query(empty: Desk) -> None:
    assert empty.ask_revenue(limit=0).status_code == 400
    assert empty.ask_revenue(updated_since="yesterday").status_code == 400
    assert empty.ask_revenue(updated_since="2026-10-20T00:00:00").status_code == 400
    headers = {"Authorization": f"Bearer {empty.upstreams.revenue_token}"}
    assert empty.http.get(f"{empty.upstreams.revenue_url}/other", headers=headers).status_code == 404


def test_stripe_validates_the_query_and_finds_one_transaction(empty: Desk) -> None:
    charge = empty.engine.charge(4900, fee=172)
    bad = [
        empty.ask_stripe(mood="good"),
        empty.ask_stripe(limit="many"),
        empty.ask_stripe(**{"created[gte]": "today"}),
        empty.ask_stripe("/v1/balance_transactions/txn_nothing"),
    ]
    wrong = empty.http.get(
        f"{empty.upstreams.stripe_base_url}/v1/balance_transactions", headers={"Authorization": "Bearer rk_test_no"}
    )

    assert [response.status_code for response in bad] == [400, 400, 400, 404]
    assert wrong.status_code == 401
    assert empty.ask_stripe(f"/v1/balance_transactions/{charge.id}").json()["net"] == 4728


def test_a_model_may_run_fast_in_batch_or_at_home(empty: Desk, clock: Frozen) -> None:
    for tier, geo in (("standard", "global"), ("batch", "global"), ("standard", "us"), ("priority", "global")):
        empty.engine.spend("claude-opus-5-5", output=1000, tier=tier, geo=geo)
    clock.go(minutes=10)
    day = (("starting_at", f"{EPOCH:%Y-%m-%d}T00:00:00Z"), ("ending_at", "2026-10-21T00:00:00Z"))

    (row,) = empty.anthropic("/cost_report", *day)["data"][0]["results"]

    assert row["amount"] == "5.200000"


def test_a_withdrawal_takes_cash_out(empty: Desk) -> None:
    empty.engine.deposit("100")
    empty.engine.withdraw("30")

    assert empty.kalshi("/portfolio/balance")["balance"] == 7000
    assert [row["amount_cents"] for row in empty.kalshi("/portfolio/withdrawals")["withdrawals"]] == [3000]
