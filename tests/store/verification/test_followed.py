"""What is told to processes that follow, and kept between two readings, is held against what was kept."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import text

from pnl.domain.checks import IDENTITY, Check
from pnl.domain.money import nano
from pnl.domain.reconcile import Reconciliation
from pnl.ports import Tick
from pnl.store import SqlStore
from tests.store.making import a_snapshot, a_tick
from tests.store.outside import outside
from tests.store.tampering import faults
from tests.store.test_sources import MEMORY


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
