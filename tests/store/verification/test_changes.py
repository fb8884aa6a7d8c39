"""Whoever changes what was kept, takes away or slips in, is found; and a store that was left alone is whole."""

import re
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import text

from pnl.domain.checks import Check
from pnl.domain.records import Market
from pnl.domain.snapshot import SourceState
from pnl.ports import Gap, Tick
from pnl.store import SqlStore
from pnl.store.verification import Fault, Looked, examine, opened
from tests.store.making import a_fill, a_mark, a_snapshot, an_entry, at
from tests.store.outside import outside
from tests.store.tampering import faults, tamper, unguard


@pytest.fixture
def full(store: SqlStore) -> SqlStore:
    """Give a store with something of everything in it, over three company days, one gap, and a change of pace."""
    after = 0.0
    for seq in range(1, 31):
        gap = Gap(since=at(after), until=at(after + 500), missed=49, reason="asleep") if seq == 20 else None
        after += 500 if gap else 10 if seq < 25 else 5
        snapshot = a_snapshot(seq, after=after, revenue=seq * 7)
        trouble = SourceState(status="down", as_of=None, complete_through=None, next_attempt=None, error="refused")
        store.keep(
            Tick(
                snapshot=replace(
                    snapshot,
                    day=date(2026, 11, 2 + seq // 11),
                    sources=snapshot.sources if seq < 15 else {"kalshi": trouble},
                ),
                records=store.sort([a_fill(f"f-{seq}", after=after)]).new if seq % 3 == 0 else (),
                marks=(a_mark("KXA", f"0.{seq:02d}", after=after),),
                markets=(Market(ticker="KXA", event_ticker="KX", title=f"since {seq}", close_time=None),)
                if seq in (3, 21)
                else (),
                gap=gap,
                checked={"cash": (Check("I5_cash", "account", 5, 5 + seq // 10),)},
                interval_seconds=10 if seq < 25 else 5,
            )
        )
        if seq in (5, 17):
            store.enter(an_entry(f"inv-{seq}", "1"), replaces=None, actor="ann", at=at(after + 1))
    return store


def test_a_store_that_was_left_alone_is_whole(full: SqlStore, url: str) -> None:
    with opened(url) as database:
        found = list(examine(database))

    assert [one.text for one in found if isinstance(one, Fault)] == []
    told = " ".join(one.text for one in found if isinstance(one, Looked))
    assert "30 snapshots" in told
    assert "12 records" in told
    assert "2 lines of the audit" in told
    assert "30 marks" in told
    assert full.head() == 30


def test_an_empty_store_is_whole(store: SqlStore, url: str) -> None:
    assert faults(url) == []
    assert store.head() == 0


CHANGES = {
    "an amount": ("UPDATE snapshot SET cash_n = cash_n + 1 WHERE seq = 7", "snapshot 7 at .* breaks the chain"),
    "a flag": ("UPDATE snapshot SET flags = '' WHERE seq = 30", "snapshot 30 at .* breaks the chain"),
    "a realised net": ("UPDATE snapshot SET net_realised_n = 5 WHERE seq = 4", "snapshot 4: net less unrealised"),
    "what is carried": ("UPDATE snapshot SET carried_n = 5 WHERE seq = 12", "snapshot 12: what it carries over"),
    "a row taken out": ("DELETE FROM snapshot WHERE seq = 9", "snapshot 10: 9 before it missing"),
    "rows taken out": ("DELETE FROM snapshot WHERE seq BETWEEN 3 AND 6", "snapshot 7: 3 to 6 before it missing"),
    "the first taken out": ("DELETE FROM snapshot WHERE seq = 1", "snapshot 2: 1 before it missing"),
    "the last taken out": ("DELETE FROM snapshot WHERE seq = 30", "newest snapshot should be 30"),
    "a time": ("UPDATE snapshot SET as_of_us = as_of_us + 10500000 WHERE seq = 6", "snapshot 7 at .* not later"),
    "a hole": ("UPDATE snapshot SET as_of_us = as_of_us + 100000000 WHERE seq >= 27", "nothing explains the 105 sec"),
    "a gap taken out": ("DELETE FROM gap", "snapshot 20: it is said to follow a gap"),
    "a gap reworded": ("UPDATE gap SET reason = 'holiday'", "snapshot 20 at .* breaks the chain"),
    "a gap slipped in": (
        "INSERT INTO gap VALUES (1793631610000000, 1793631620000000, 1, 'holiday')",
        "snapshot 2: it is not said to follow a gap",
    ),
    "a gap of nothing": ("INSERT INTO gap VALUES (1793631610000000, 1793631613000000, 1, 'x')", "ends at no snapshot"),
    "a fact": ("UPDATE record SET fact = replace(fact, 'o-1', 'o-2') WHERE nat_id = 'f-3'", "fill f-3 version 1"),
    "a fact and its digest": (
        "UPDATE record SET effective_us = effective_us + 1 WHERE nat_id = 'f-6'",
        "snapshot 6 at .* breaks the chain",
    ),
    "a body": ("UPDATE record SET raw = '{}' WHERE nat_id = 'f-9'", "snapshot 9 at .* breaks the chain"),
    "a market": ("UPDATE record SET ticker = 'KXB' WHERE nat_id = 'f-9'", "filed under the market KXB"),
    "a record taken out": ("DELETE FROM record WHERE nat_id = 'f-12'", "snapshot 12 at .* breaks the chain"),
    "the last record taken out": ("DELETE FROM record WHERE nat_id = 'f-30'", "the last that is there is 11"),
    "an entry taken out": ("DELETE FROM record WHERE nat_id = 'inv-5'", "snapshot 6 at .* breaks the chain"),
    "an audit line": ("UPDATE audit SET actor = 'bob' WHERE entry_id = 'inv-5'", "audit line 1 does not follow"),
    "an audit line taken out": ("DELETE FROM audit WHERE entry_id = 'inv-5'", "audit line 2 does not follow"),
    "a check": ("UPDATE check_log SET difference = '0' WHERE seq = 10", "snapshot 10 at .* breaks the chain"),
    "sides of a check": (
        "INSERT INTO check_side VALUES ('I5_cash', 'account', 12, '1', '1', '0')",
        "snapshot 12 at .* breaks the chain",
    ),
    "a source": ("UPDATE source_note SET error = NULL WHERE seq = 15", "snapshot 15 at .* breaks the chain"),
    "a pace": ("DELETE FROM pace WHERE seq = 25", "snapshot 25 at .* breaks the chain"),
    "a roll-up": ("UPDATE roll_1m SET net_h = net_h + 1 WHERE n = 6", "the 1m roll-up of .* is not what"),
    "an open roll-up": ("UPDATE roll_1w SET n = n + 1", "the 1w roll-up of .* is not what"),
    "a roll-up taken out": ("DELETE FROM roll_5m", "the 5m roll-up of .* is missing"),
    "a roll-up slipped in": ("INSERT INTO roll_1h (start_us, n, quality) VALUES (3600000000, 1, 0)", "has no snapshot"),
    "a late roll-up": ("INSERT INTO roll_1d (start_us, n, quality) VALUES (7179363161000000, 1, 0)", "has no snapshot"),
    "a company day": ("UPDATE company_day SET high_n = 0 WHERE day = '2026-11-03'", "the company day 2026-11-03"),
    "a company day taken out": ("DELETE FROM company_day WHERE day = '2026-11-02'", "the company day 2026-11-02"),
    "a company day slipped in": (
        "INSERT INTO company_day VALUES ('2020-01-01', 1, 1, 1, 0, 0, 'ok', 0, 0)",
        "the company day 2020-01-01",
    ),
    "a price": ("UPDATE mark SET yes_bid_n = 2000000000 WHERE at_us = (SELECT max(at_us) FROM mark)", "is no price"),
    "a mark": ("UPDATE mark SET yes_bid_n = yes_bid_n + 10000000 WHERE seq = 30", "snapshot 30 at .*: a mark that it"),
    "marks taken out": ("DELETE FROM mark WHERE seq BETWEEN 4 AND 9", "snapshot 4 at .*: a mark that it wrote"),
    "a mark slipped in": (
        "INSERT INTO mark (ticker, at_us, status, seq) VALUES ('KXB', 5, 'active', 12)",
        "snapshot 12 at .*: a mark that it wrote",
    ),
    "a mark of nobody": (
        "INSERT INTO mark (ticker, at_us, status) VALUES ('KXB', 5, 'active')",
        "mark of KXB at .* was written by no snapshot",
    ),
    "a mark of later": ("UPDATE mark SET seq = 31 WHERE seq = 7", "mark of KXA at .* was written by no snapshot"),
    "a digest of marks": (
        "UPDATE snapshot SET marks_sha256 = NULL, marks_since_us = NULL WHERE seq = 7",
        "snapshot 7 at .* breaks the chain",
    ),
    "all digests of a snapshot": (
        "UPDATE snapshot SET markets_sha256 = NULL, body_sha256 = NULL WHERE seq = 7",
        "snapshot 7 at .* does not say what marks it wrote, though snapshot 1 does",
    ),
    "a name of then": ("UPDATE market_change SET title = 'x' WHERE seq = 3", "snapshot 3 at .*: what markets were"),
    "all names of then": ("UPDATE market_change SET title = 'x'", "snapshot 21 at .*: what markets were called"),
    "a name of now": ("UPDATE market SET title = 'x'", "what the market KXA is called"),
    "a market taken out": ("DELETE FROM market", "what the market KXA is called"),
    "the newest as shown": (
        "UPDATE current SET body = replace(body, '\"positions\":[]', '\"positions\":[1]')",
        "what is shown as the newest snapshot, 30, is not what was kept",
    ),
    "a step of thinning slipped in": (
        "INSERT INTO thinned VALUES (1793577600000000, '', '', 9, 0, NULL)",
        "snapshot 9 at .* breaks the chain",
    ),
    "a step of thinning after the end": (
        "INSERT INTO thinned VALUES (1793577600000000, '', '', 31, 0, NULL)",
        "too young to be thinned",
    ),
    "a step of thinning of nobody": (
        "INSERT INTO thinned VALUES (1793577600000000, '', '', 0, 0, NULL)",
        "the step is in the link of no snapshot",
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_whatever_is_changed_is_found(full: SqlStore, url: str, what: str) -> None:
    change, fault = CHANGES[what]
    full.close()

    tamper(url, change)

    found = faults(url)
    assert any(re.search(fault, one) for one in found), found
    assert len(found) < 20


def test_lines_that_do_not_add_up_are_found_where_the_database_lets_them_in(full: SqlStore, url: str) -> None:
    full.close()
    with outside(url) as connection:
        unguard(connection, "snapshot")
        if connection.dialect.name == "postgresql":
            connection.execute(text("ALTER TABLE snapshot DROP CONSTRAINT lines_add_up"))
        else:
            connection.execute(text("PRAGMA ignore_check_constraints=ON"))
        connection.execute(text("UPDATE snapshot SET revenue_n = 1 WHERE seq = 8"))

    assert any("snapshot 8: its lines do not add up" in one for one in faults(url))


def test_a_forger_of_the_end_is_found_by_the_hash_that_was_noted(full: SqlStore, url: str) -> None:
    full.close()
    with outside(url) as connection:
        hash_ = connection.execute(text("SELECT hash FROM snapshot WHERE seq = 30")).scalar_one()

    assert faults(url, (30, hash_)) == []
    assert faults(url, (30, "0" * 64)) == ["snapshot 30 is not the one whose hash was noted"]
    assert faults(url, (31, hash_)) == ["snapshot 31, whose hash was noted, is not there"]
