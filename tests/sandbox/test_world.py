"""The world is the same however it is looked at, and light to carry."""

import json
from datetime import timedelta
from time import process_time
from typing import Any

import pytest

from pnl.errors import BookError, ConfigError
from pnl.sandbox import Engine, Faults, Sandbox
from pnl.sandbox.serve import Answer, Server
from tests.sandbox.worlds import EPOCH, Desk, Frozen, open_desk

PATHS: tuple[tuple[str, dict[str, object]], ...] = (
    ("/portfolio/fills", {"limit": 1000}),
    ("/portfolio/settlements", {}),
    ("/portfolio/positions", {"settlement_status": "all", "limit": 1000}),
    ("/portfolio/orders", {"limit": 1000}),
    ("/portfolio/balance", {}),
    ("/portfolio/deposits", {}),
    ("/markets", {"limit": 1000}),
)


def everything(desk: Desk) -> dict[str, Any]:
    """Return what all four servers say."""
    query = (("starting_at", "2026-10-19T00:00:00Z"), ("ending_at", "2026-11-10T00:00:00Z"), ("limit", "31"))
    return {
        **{path: desk.kalshi(path, **asked) for path, asked in PATHS},
        "cost": desk.anthropic("/cost_report", *query, ("group_by[]", "description")),
        "usage": desk.anthropic("/usage_report/messages", *query, ("group_by[]", "model")),
        "revenue": desk.ask_revenue(limit=1000).json(),
        "stripe": desk.ask_stripe(limit=100).json(),
    }


def test_a_restart_at_a_later_time_finds_the_same_past() -> None:
    stepped = Frozen(EPOCH)
    with open_desk(stepped) as desk:
        for _ in range(60):
            stepped.go(hours=3, minutes=1)
            desk.engine.advance()
        first = everything(desk)
    with open_desk(Frozen(stepped.at)) as desk:
        second = everything(desk)

    assert json.dumps(first) == json.dumps(second)
    assert len(first["/portfolio/fills"]["fills"]) > 200


def test_another_seed_is_another_world() -> None:
    at = EPOCH + timedelta(days=2)
    with open_desk(Frozen(at), seed=1) as one, open_desk(Frozen(at), seed=2) as two:
        assert one.kalshi("/portfolio/fills")["fills"] != two.kalshi("/portfolio/fills")["fills"]


def test_quotes_move_within_seconds_at_any_hour() -> None:
    clock = Frozen(EPOCH + timedelta(days=5))
    with open_desk(clock) as desk:
        tickers = ",".join(row["ticker"] for row in desk.kalshi("/portfolio/positions")["market_positions"])
        for hours in (0, 8, 8):
            clock.go(hours=hours)
            seen = set()
            for _ in range(6):
                clock.go(seconds=5)
                markets = desk.kalshi("/markets", tickers=tickers, limit=1000)["markets"]
                seen.add(tuple(row["yes_bid_dollars"] for row in markets))
            assert len(seen) >= 3


def test_a_handful_of_positions_is_always_open(month: Desk) -> None:
    month.engine.advance()
    fills = month.engine.account.fills

    assert 6 <= len([h for h in month.engine.account.holdings.values() if h.contracts]) <= 20
    for day in range(2, 30):
        assert any(EPOCH + timedelta(days=day) <= f.at < EPOCH + timedelta(days=day + 1) for f in fills)


def test_a_month_is_told_in_a_moment_and_a_step_costs_nothing() -> None:
    clock = Frozen(EPOCH + timedelta(days=30))
    sandbox = Sandbox(seed=3, clock=clock, epoch=EPOCH)
    started = process_time()
    sandbox.engine.advance()
    month = process_time() - started
    started = process_time()
    for _ in range(1000):
        clock.go(seconds=10)
        sandbox.engine.advance()
    thousand_steps = process_time() - started

    assert month < 1.5
    assert thousand_steps < 3.0


def test_what_is_planned_waits_for_its_time(empty: Desk, clock: Frozen) -> None:
    empty.engine.deposit("10", at=EPOCH + timedelta(hours=1))
    before = empty.kalshi("/portfolio/balance")["balance"]
    clock.go(hours=1)

    assert (before, empty.kalshi("/portfolio/balance")["balance"]) == (0, 1000)


def test_a_transfer_of_nothing_is_refused(empty: Desk) -> None:
    with pytest.raises(BookError):
        empty.engine.deposit("0")


def test_addresses_are_known_once_it_is_started() -> None:
    sandbox = Sandbox(seed=3, clock=Frozen(), epoch=EPOCH, lively=False)

    with pytest.raises(BookError):
        _ = sandbox.upstreams
    with sandbox:
        assert sandbox.start() is sandbox.upstreams
        assert sandbox.upstreams.kalshi_base_url.startswith("http://127.0.0.1:")
        assert "PRIVATE" not in repr(sandbox.upstreams)


def test_it_serves_no_address_but_loopback(empty: Desk) -> None:
    with pytest.raises(ConfigError, match="loopback only"):
        Server("kalshi", lambda _: Answer(), lambda _: Answer(), Faults(), Frozen(), host="0.0.0.0")

    response = empty.http.get(
        f"{empty.upstreams.kalshi_base_url}/exchange/status", headers={"Host": "api.elections.kalshi.com"}
    )

    assert response.status_code == 421


def test_an_engine_alone_is_empty() -> None:
    engine = Engine(seed=1, clock=Frozen(), epoch=EPOCH)

    assert engine.advance() == EPOCH
    assert engine.account.fills == []
