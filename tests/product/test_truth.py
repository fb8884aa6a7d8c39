"""On a lively company's month, every figure equals what the sources themselves report, to the last decimal."""

import csv
import io
import json
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
from pykalshi import KalshiClient

from tests.product.house import House, Row

D = Decimal


@pytest.fixture
def with_key(lively: House, tmp_path: Path) -> Iterator[KalshiClient]:
    """Return a client that we did not write."""
    upstreams = lively.sandbox.upstreams
    lively.faults.skew_seconds = 10**9
    key = tmp_path / "key.pem"
    key.write_text(upstreams.kalshi_private_key)
    with KalshiClient(
        api_key_id=upstreams.kalshi_key_id, private_key_path=str(key), api_base=upstreams.kalshi_base_url
    ) as client:
        yield client


def asked(url: str, **headers: str) -> Row:
    """Return a server's own answer, numbers as decimals."""
    found: Row = json.loads(httpx.get(url, headers=headers).text, parse_float=D)
    return found


async def test_positions_and_settlements_equal_kalshis(lively: House, with_key: KalshiClient) -> None:
    await lively.tick(3)
    rows = {row["ticker"]: row for row in lively.get("/api/pnl/positions?all=1")["positions"]}

    reported = with_key.get("/portfolio/positions?limit=1000")["market_positions"]
    assert len(reported) > 5
    for theirs in reported:
        ours = rows[theirs["ticker"]]
        assert D(ours["position"]) == D(theirs["position_fp"])
        assert D(ours["exposure"]) == D(theirs["market_exposure_dollars"])
        assert D(ours["realised"]) == D(theirs["realized_pnl_dollars"])
        assert D(ours["fees"]) == D(theirs["fees_paid_dollars"])
        assert D(ours["total_traded"]) == D(theirs["total_traded_dollars"])
    open_now = {row["ticker"] for row in lively.get("/api/pnl/positions")["positions"]}
    assert open_now == {row["ticker"] for row in reported if D(row["position_fp"])}
    settled = with_key.get("/portfolio/settlements?limit=1000")["settlements"]
    assert {record["id"] for record in lively.records("settlements")} == {row["ticker"] for row in settled}
    balance = with_key.get("/portfolio/balance")
    assert D(lively.get("/api/pnl/current")["account"]["cash"]) == D(balance["balance_dollars"])
    assert lively.unwell() == []


async def test_every_fill_is_kept_once_as_it_was_sent(lively: House, with_key: KalshiClient) -> None:
    await lively.tick(4)

    sent: list[Row] = []
    cursor = ""
    while True:
        page = with_key.get(f"/portfolio/fills?limit=1000&cursor={cursor}")
        sent += page["fills"]
        cursor = page["cursor"]
        if not cursor:
            break
    kept = {record["id"]: record for record in lively.records("fills")}
    assert len(sent) == len(kept) > 1000
    assert all(kept[fill["fill_id"]]["raw"] == fill for fill in sent)


async def test_api_cost_equals_the_report(lively: House) -> None:
    await lively.tick(3)
    upstreams = lively.sandbox.upstreams

    report = asked(
        f"{upstreams.anthropic_base_url}/v1/organizations/cost_report?starting_at=2026-11-10T00:00:00Z"
        "&ending_at=2026-11-20T00:00:00Z&limit=31&group_by[]=description&group_by[]=workspace_id",
        **{"x-api-key": upstreams.anthropic_admin_key, "anthropic-version": "2023-06-01"},
    )
    theirs = {
        bucket["starting_at"][:10]: sum((D(row["amount"]) for row in bucket["results"]), D(0)) / 100
        for bucket in report["data"]
    }
    ours: dict[str, D] = defaultdict(D)
    for record in lively.records("costs"):
        if record["effective_at"][:10] in theirs:
            ours[record["effective_at"][:10]] -= D(record["amount"])
    assert len(theirs) == 10
    assert {day: round(amount, 9) for day, amount in ours.items()} == {
        day: round(amount, 9) for day, amount in theirs.items()
    }


async def test_the_lines_of_today_are_the_sums_of_their_records(lively: House) -> None:
    snapshot = await lively.tick(3)

    sums: dict[str, D] = defaultdict(D)
    for kind in ("fills", "settlements", "revenue"):
        for record in lively.get(f"/api/pnl/records?kind={kind}&from={snapshot['day']}&limit=1000")["records"]:
            for post in record["posts"]:
                sums[post["line"]] += D(post["amount"])
    for line in ("revenue", "refunds", "processor_fees", "adjustments", "trading_realised", "trading_fees"):
        assert D(snapshot["lines"][line]) == sums[line], line
    assert D(snapshot["net"]) == sum(D(amount) for amount in snapshot["lines"].values())


async def test_the_export_has_every_snapshot(lively: House) -> None:
    snapshots = [await lively.tick() for _ in range(5)]

    answer = lively.desk.server.test_client().get("/api/pnl/export.csv?table=snapshots&step=raw")
    rows = list(csv.DictReader(io.StringIO(answer.text)))

    assert [int(row["seq"]) for row in rows] == [1, 2, 3, 4, 5]
    assert [D(row["net_usd"]) for row in rows] == [D(shown["net"]) for shown in snapshots]


async def test_a_restart_finds_the_same_past_and_asks_little(lively: House) -> None:
    before = await lively.tick(3)
    fills = lively.records("fills")
    asked_before = lively.faults.requests("kalshi")

    await lively.restart()
    after = await lively.tick(1, seconds=10)

    assert after["seq"] == before["seq"] + 1
    assert lively.faults.requests("kalshi") - asked_before < 30
    assert {fill["id"] for fill in fills} <= {fill["id"] for fill in lively.records("fills")}
    assert lively.unwell() == []
    assert after["lines"]["revenue"] == before["lines"]["revenue"]
