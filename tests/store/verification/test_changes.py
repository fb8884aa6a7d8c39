"""Whoever changes what was kept, takes away or slips in, is found; and a store that was left alone is whole."""

import json
import random
import re
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Connection, column, insert, table, text

from pnl.domain.checks import IDENTITY, Check
from pnl.domain.money import nano
from pnl.domain.reconcile import Reconciliation
from pnl.domain.records import Market
from pnl.domain.snapshot import LINES, SourceState
from pnl.errors import StoreError, StoreMismatch
from pnl.ports import Gap, Tick
from pnl.store import SqlStore, open_store
from pnl.store.records import digest
from pnl.store.verification import Fault, Looked, examine, opened
from pnl.store.walk import Walk
from tests.store.making import a_fill, a_mark, a_snapshot, a_tick, an_entry, at
from tests.store.outside import emptied, made_by, outside
from tests.store.test_sources import MEMORY

OLD_US = 1_793_631_600_000_000
TABLES = ("record", "snapshot", "audit", "gap", "source_note", "check_log", "check_side", "pace", "reading", "thinned")


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


def faults(url: str, noted: tuple[int, str] | None = None) -> list[str]:
    with opened(url) as database:
        return [found.text for found in examine(database, noted) if isinstance(found, Fault)]


def tamper(url: str, *changes: str) -> None:
    """Change what nobody may, by somebody who can."""
    with outside(url) as connection:
        for name in TABLES:
            _unguard(connection, name)
        for change in changes:
            connection.execute(text(change))


def _unguard(connection: Connection, name: str) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"ALTER TABLE {name} DISABLE TRIGGER USER"))
        return
    for change in ("update", "delete"):
        connection.execute(text(f"DROP TRIGGER IF EXISTS {name}_no_{change}"))


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


THINNED = {
    "a mark that stayed": ("UPDATE mark SET yes_bid_n = yes_bid_n + 1 WHERE seq = 3", "or one was changed"),
    "a mark that stayed taken out": ("DELETE FROM mark WHERE seq = 3", "they are 1, and not the 2 that it left"),
    "a mark put back": (
        "INSERT INTO mark (ticker, at_us, status, seq) VALUES ('KXA', 1793631620000000, 'active', 2)",
        "they are 3, and not the 2 that it left",
    ),
    "a young mark": ("DELETE FROM mark WHERE seq = 4", "snapshot 4 at .*: a mark that it wrote"),
    "a step": ("DELETE FROM thinned WHERE n = 2", "snapshot 5 at .* breaks the chain"),
    "a name of then": ("UPDATE market_change SET title = 'x'", "snapshot 1 at .*: what markets were called"),
}


@pytest.fixture
def thinned(store: SqlStore) -> SqlStore:
    """Give a store of which the marks of the first day were thinned, and those of nine days later were not."""
    named = (Market(ticker="KXA", event_ticker="KX", title="a title", close_time=None),)
    for seq, after in enumerate((10, 20, 30, 9 * 86_400), 1):
        gap = Gap(since=at(30), until=at(after), missed=77_757, reason="asleep") if seq == 4 else None
        mark = a_mark("KXA", f"0.{seq:02d}", after=after)
        store.keep(
            Tick(
                snapshot=a_snapshot(seq, after=after),
                marks=(mark,),
                markets=named if seq == 1 else (),
                gap=gap,
                interval_seconds=10,
            )
        )
    while store.thin(at(86_400)):
        pass
    store.keep(Tick(snapshot=a_snapshot(5, after=9 * 86_400 + 10)))
    return store


def test_an_archive_whose_old_marks_were_thinned_is_whole(thinned: SqlStore, url: str) -> None:
    with opened(url) as database:
        found = list(examine(database))

    assert [one for one in found if isinstance(one, Fault)] == []
    told = [one.text for one in found]
    assert any("2 steps of thinning" in one for one in told), told
    assert "marks and names of markets from snapshot 4 on (names from 1 on): all there, as the chain says" in told
    assert len(thinned.marks()) == 1


@pytest.mark.parametrize("what", THINNED)
def test_what_thinning_left_is_changed_by_nobody_unseen(thinned: SqlStore, url: str, what: str) -> None:
    change, fault = THINNED[what]
    thinned.close()

    tamper(url, change)

    found = faults(url)
    assert any(re.search(fault, one) for one in found), found


def test_two_prices_of_one_instant_are_both_kept(store: SqlStore, url: str) -> None:
    store.keep(a_tick(1, marks=(a_mark("KXA", "0.1", after=5),)))
    store.keep(a_tick(2, marks=(a_mark("KXA", "0.2", after=5),)))
    store.keep(a_tick(3, marks=(a_mark("KXA", "0.2", after=5),)))

    assert faults(url) == []
    assert [mark.yes_bid for mark in store.marks()] == [nano("0.2")]
    assert [mark.yes_bid for mark in store.marks_at(at(10))] == [nano("0.1")]


def test_an_archive_of_a_version_without_digests_verifies_as_far_as_it_can(url: str) -> None:
    made_by("0006", url)
    with outside(url) as connection:
        connection.execute(text("INSERT INTO mark (ticker, at_us, status) VALUES ('KXA', 5, 'active')"))
        connection.execute(text("INSERT INTO market VALUES ('KXA', 'KX', 'title', NULL, 0)"))
        connection.execute(text("INSERT INTO market_change VALUES ('KXA', 0, 'KX', 'title', NULL, 0)"))
    store = open_store(url, demo=False)
    with opened(url) as database:
        before = [one.text for one in examine(database)]
    store.close()

    assert "no snapshot yet" in before
    assert not [one for one in before if "was written by no snapshot" in one]


def test_what_is_told_to_processes_that_follow_is_held_against_what_was_kept(store: SqlStore, url: str) -> None:
    for seq in range(1, 4):
        store.keep(a_tick(seq))
    assert faults(url) == []

    with outside(url) as connection:
        connection.execute(text("UPDATE recent SET body = replace(body, '\"net\"', '\"not\"') WHERE seq = 2"))
        connection.execute(text("INSERT INTO recent (seq, body) VALUES (9, '{}')"))

    assert faults(url) == [
        f"what processes that follow are told of snapshot {seq} is not what was kept" for seq in (2, 9)
    ]


@pytest.fixture
def followed(store: SqlStore) -> SqlStore:
    """Give a store whose checks are told to processes that follow: some as they were, one whose sides moved."""
    made = Reconciliation()
    for seq in range(1, 6):
        snapshot = a_snapshot(seq)
        assert snapshot.net is not None
        cash, limit = nano("5") + seq // 2, nano("0.0001")
        others = [
            Check(IDENTITY, "net", snapshot.net, snapshot.net),
            Check("I5_cash", "account", cash, cash, limit),
            Check("I1_position", "KXA", 100, 300, waiting="seen once" if seq > 2 else None, counts=True),
            Check("I2_fees", "KXA", nano("1"), nano("2"), reason="a fee is missing"),
        ]
        made.also(others, ())
        ok, failed, waiting = made.settle(snapshot.as_of)
        counted = replace(snapshot, checks_ok=ok, checks_failed=failed, checks_waiting=waiting)
        told = json.dumps(made.to_json())
        store.keep(Tick(snapshot=counted, checks=told, checked=made.groups()))
    return store


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"state": "ok"', '"state": "failed"'),
        ("I5_cash", "I5_cush"),
        ('"account"', '"all"'),
        ('"5.000000002"', '"5.000000003"'),
        ('"tolerance": "0.0001"', '"tolerance": "1"'),
        ('"difference": "2.00"', '"difference": "1.00"'),
        ("seen once", "seen twice"),
        ('"since": "2026', '"since": "2025'),
        ('"scope"', '"scape"'),
        ("[{", "[{}, {"),
        ("[{", "[3, {"),
        ("[{", "{{"),
    ],
)
def test_a_check_that_is_told_otherwise_than_it_was_logged_is_found(
    followed: SqlStore, url: str, before: str, after: str
) -> None:
    whole = followed.checks()
    assert faults(url) == []
    assert whole
    assert before in whole

    with outside(url) as connection:
        wanted = text("UPDATE checks SET body = replace(body, :before, :after)")
        connection.execute(wanted.bindparams(before=before, after=after))

    assert faults(url) != []


def test_a_check_that_is_not_told_and_a_snapshot_that_is_not_there_are_found(followed: SqlStore, url: str) -> None:
    rest = json.dumps(json.loads(followed.checks() or "")[1:])
    with outside(url) as connection:
        connection.execute(text("UPDATE checks SET body = :rest").bindparams(rest=rest))
    fewer = faults(url)
    with outside(url) as connection:
        connection.execute(text("UPDATE checks SET seq = 9"))

    of = "the checks that processes that follow are told of snapshot"
    assert fewer == [f"{of} 5 are not as many as the snapshot counted"]
    assert faults(url) == [f"{of} 9: there is no such snapshot"]


@pytest.mark.parametrize("body", ["garbage", "[]", "{}", '"x"'])
def test_what_is_kept_of_a_source_and_cannot_be_read_is_found(store: SqlStore, url: str, body: str) -> None:
    store.keep(replace(a_tick(1), sources=(MEMORY, replace(MEMORY, name="revenue"))))
    before = faults(url)
    with outside(url) as connection:
        connection.execute(text("UPDATE source_memory SET body = :body WHERE name = 'kalshi'").bindparams(body=body))

    assert before == []
    assert faults(url) == ["what is kept of the source kalshi between two readings cannot be read"]


def test_lines_that_do_not_add_up_are_found_where_the_database_lets_them_in(full: SqlStore, url: str) -> None:
    full.close()
    with outside(url) as connection:
        _unguard(connection, "snapshot")
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


def test_it_is_examined_while_it_ticks(store: SqlStore, url: str) -> None:
    for seq in range(1, 6):
        store.keep(a_tick(seq))

    with opened(url) as database:
        looking = examine(database)
        found = [next(looking)]
        for seq in range(6, 12):
            store.keep(a_tick(seq, *store.sort([a_fill(f"f-{seq}")]).new))
        found += looking

    assert [one.text for one in found if isinstance(one, Fault)] == []


def test_a_tick_in_the_middle_of_the_last_look_is_not_taken_for_faults(store: SqlStore, url: str) -> None:
    walk, done = Walk(), False
    store.keep(a_tick(1))
    with opened(url) as database:
        while not done:
            with database.reading() as connection:
                wrong, done = walk.page(connection)
                assert wrong == []
                if done:
                    store.keep(a_tick(2))
                    assert walk.finish(connection) == []

    assert faults(url) == []


WRITE = """
import random, sys
from dataclasses import replace
from pnl.domain.checks import Check
from pnl.ports import Gap, Tick
from pnl.store import open_store
from tests.store.making import a_fill, a_mark, a_snapshot, at
store = open_store(sys.argv[1], demo=False)
store.lead()
chance, row = random.Random(), store.last_row()
seq = row.seq if row else 0
while True:
    seq += 1
    after = (row.as_of - at(0)).total_seconds() if row else 0
    wait = chance.choice((10, 10, 50, 4_000, 90_000))
    gap = None
    if row and wait > 10:
        gap = Gap(since=row.as_of, until=at(after + wait), missed=wait // 10, reason="asleep")
    snapshot = a_snapshot(seq, after=after + wait, revenue=chance.choice((None, seq, -seq)))
    store.keep(Tick(
        snapshot=replace(snapshot, day=snapshot.as_of.date()),
        records=store.sort([a_fill(f"f-{seq}", after=after)]).new,
        marks=(a_mark("KXA", f"0.{seq:06d}"[:8], after=after),),
        gap=gap,
        checked={"cash": (Check("I5_cash", "account", 0, chance.randint(0, 3)),)},
        interval_seconds=chance.choice((10, 30)),
    ))
    row = store.last_row()
    print("kept", flush=True)
"""


def test_a_kill_at_any_moment_leaves_nothing_half_written(url: str) -> None:
    chance = random.Random(3)
    for _ in range(6):
        with subprocess.Popen([sys.executable, "-c", WRITE, url], stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            for _ in range(chance.randint(1, 30)):
                assert writer.stdout.readline() == "kept\n"
            writer.send_signal(signal.SIGKILL)

    assert faults(url) == []
    store = open_store(url, demo=False)
    assert store.head() >= 6
    store.close()


def test_an_archive_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="not there"), opened(f"sqlite:///{tmp_path / 'no.db'}"):
        pass

    assert list(tmp_path.iterdir()) == []


def test_an_archive_of_another_version_is_not_judged(url: str) -> None:
    made_by("0002", url)

    with pytest.raises(StoreMismatch, match="start it once"), opened(url):
        pass

    emptied(url)


def test_an_archive_of_an_older_version_is_whole_once_it_is_migrated(url: str) -> None:
    made_by("0002", url)
    with outside(url) as connection:
        _old(connection, 1, 0, "2026-11-02", 5, "ok")
        _old(connection, 2, 30, "2026-11-02", 9, "stale+after_gap")
        _old(connection, 3, 86_400, "2026-11-03", None, "incomplete+after_gap")
        for since, until in ((0, 30), (30, 86_400)):
            ends = f"{OLD_US + since * 1_000_000}, {OLD_US + until * 1_000_000}"
            connection.execute(text(f"INSERT INTO gap VALUES ({ends}, 2, 'asleep')"))  # noqa: S608 - tables, columns and numbers of our own code, nothing from outside
        _old_record(connection, "fill", "f-1", '["Fill","f-1","KXA"]', recorded=0)
        _old_record(connection, "usage", "u-1", '["Usage","u-1"]', recorded=30)
        _old_record(connection, "revenue", "inv-1", '["RevenueEntry","inv-1"]', recorded=86_400.5)

    store = open_store(url, demo=False)
    store.lead()
    store.keep(
        Tick(snapshot=replace(a_snapshot(4, after=86_500, revenue=100), day=date(2026, 11, 3)), interval_seconds=10)
    )
    days = store.company_days(None, None)
    steps = [store.series(["cumulative_net", "equity"], None, None, step, 10).rows for step in ("raw", "1m", "1w")]
    store.close()

    assert faults(url) == []
    with opened(url) as database:
        assert any("names of markets from snapshot 4 on" in one.text for one in examine(database))
    assert [(day.day.isoformat(), day.first, day.count, day.high, day.quality) for day in days] == [
        ("2026-11-02", 1, 2, 9, "stale+after_gap"),
        ("2026-11-03", 3, 2, 100, "incomplete+after_gap"),
    ]
    assert [row[3] for row in steps[0]] == [5, 9, None, 109]
    assert [(row[1], row[2]) for row in steps[1]] == [(2, 10), (1, 9), (1, 0)]
    assert [row[3:] for row in steps[2]] == [(5, 109, 5, 109, 17, 10**10, 17, 10**10)]
    with outside(url) as connection:
        tickers = connection.execute(text("SELECT nat_id, ticker FROM record ORDER BY rec_id")).all()
        known = connection.execute(text("SELECT last_record FROM snapshot ORDER BY seq")).all()
    assert tickers == [("f-1", "KXA"), ("u-1", None), ("inv-1", None)]
    assert known == [(1,), (2,), (2,), (3,)]


def _old(  # noqa: PLR0917 - a row is what it is made of
    connection: Connection, seq: int, seconds: int, day: str, net: int | None, quality: str
) -> None:
    lines = {f"{line}_n": 0 for line in LINES} | {"revenue_n": net, "net_n": net, "net_realised_n": net}
    rest = {"unrealised_total_n": 0, "cash_n": None if net is None else 10, "positions_value_n": 7, "exposure_n": 0}
    words = {"finality": "estimated", "quality": quality, "flags": "", "sources": "kalshi=live"}
    counts = {"complete": 1, "checks_ok": 3, "checks_failed": 0, "checks_waiting": 0}
    row = {"seq": seq, "as_of_us": OLD_US + seconds * 1_000_000, "day": day} | lines | rest | words | counts
    connection.execute(insert(table("snapshot", *map(column, row))), [row])


def _old_record(connection: Connection, kind: str, name: str, fact: str, *, recorded: float) -> None:
    row = {"source": "kalshi", "kind": kind, "nat_id": name, "version": 1, "effective_us": OLD_US, "raw": "{}"}
    row |= {"recorded_us": OLD_US + round(recorded * 1_000_000), "fact": fact, "sha256": digest(fact)}
    connection.execute(insert(table("record", *map(column, row))), [row])
