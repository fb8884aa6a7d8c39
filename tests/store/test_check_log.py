"""Of checks, sources and the pace, only what changed is kept."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from pnl.domain.checks import Check
from pnl.domain.snapshot import SourceState, Status, money
from pnl.errors import StoreError
from pnl.ports import Gap, Tick
from pnl.store import SqlStore, open_store
from tests.store.making import a_snapshot, at
from tests.store.outside import outside, told

Groups = dict[str, tuple[Check, ...]]


def cash(difference: int, *, waiting: str | None = None) -> Groups:
    return {"cash": (Check("I5_cash", "account", 50, 50 + difference * 10**9, waiting=waiting),)}


def keep(
    store: SqlStore,
    seq: int,
    checked: Groups | None,
    pace: int | None = 10,
    source: SourceState | None = None,
    *,
    answered: bool = True,
) -> None:
    snapshot = a_snapshot(seq)
    if source:
        snapshot = replace(snapshot, sources={"kalshi": source})
    store.keep(Tick(snapshot=snapshot, checked=checked, interval_seconds=pace, answered=answered))


def a_state(status: Status = "live", complete_through: date | None = None, error: str | None = None) -> SourceState:
    return SourceState(status=status, as_of=at(0.9), complete_through=complete_through, next_attempt=None, error=error)


def changes(store: SqlStore, name: str = "I5_cash", scope: str = "account") -> list[tuple[int, str, str | None]]:
    return [(one.seq, one.state, one.difference) for one in store.check_history(name, scope, None, None)]


def test_a_check_is_written_when_it_comes_out_anew(store: SqlStore) -> None:
    same = cash(0)
    for seq, checked in enumerate(
        [same, same, cash(0), cash(2), cash(2), cash(3), cash(3, waiting="moving"), cash(0)], 1
    ):
        keep(store, seq, checked)

    assert changes(store) == [
        (1, "ok", "0"),
        (4, "failed", "2.00"),
        (6, "failed", "3.00"),
        (7, "waiting", "3.00"),
        (8, "ok", "0"),
    ]
    fourth = store.check_history("I5_cash", "account", at(40), at(41))[0]
    assert (fourth.at, fourth.expected, fourth.actual, fourth.reason) == (at(40), "0.00000005", "2.00000005", None)


def test_a_check_that_is_made_no_more_is_gone_and_may_come_again(store: SqlStore) -> None:
    other = {"KXA": (Check("I1_position", "KXA", 100, 100, counts=True),)}
    for seq, checked in enumerate([cash(0) | other, cash(0), cash(0), cash(0) | other], 1):
        keep(store, seq, checked)

    assert changes(store, "I1_position", "KXA") == [(1, "ok", "0.00"), (2, "gone", None), (4, "ok", "0.00")]


def test_a_check_stands_since_its_own_state_began_whatever_others_did(store: SqlStore) -> None:
    still = {"KXA": (Check("I1_position", "KXA", 100, 100, counts=True),)}
    for seq, difference in enumerate([0, 2, 3, 0, 0], 1):
        keep(store, seq, cash(difference) | still)

    stood = [{(name, scope): (one.state, one.at) for name, scope, one in store.checks_at(seq)} for seq in range(1, 6)]

    since = {1: ("ok", at(10)), 2: ("failed", at(20)), 3: ("failed", at(20)), 4: ("ok", at(40)), 5: ("ok", at(40))}
    for seq, found in enumerate(stood, 1):
        assert found == {("I5_cash", "account"): since[seq], ("I1_position", "KXA"): ("ok", at(10))}


def test_sides_that_move_together_are_told_as_they_were_and_are_no_change(store: SqlStore, url: str) -> None:
    for seq, cash_held in enumerate([50, 50, 70, 70, 90], 1):
        keep(store, seq, {"cash": (Check("I5_cash", "account", cash_held, cash_held, tolerance=cash_held),)})
    store.close()
    again = open_store(url, demo=False)
    again.lead()
    for seq, (cash_held, off) in enumerate([(90, 0), (90, 5), (80, 0)], 6):
        keep(again, seq, {"cash": (Check("I5_cash", "account", cash_held, cash_held + off, tolerance=cash_held),)})

    stood = [again.checks_at(seq)[0][2] for seq in range(1, 9)]
    assert [one.expected for one in stood] == [money(held) for held in (50, 50, 70, 70, 90, 90, 90, 80)]
    assert [one.actual for one in stood] == [money(held) for held in (50, 50, 70, 70, 90, 90, 95, 80)]
    assert [one.tolerance for one in stood] == [money(held) for held in (50, 50, 70, 70, 90, 90, 90, 80)]
    assert changes(again) == [(1, "ok", "0"), (7, "ok", "0.000000005"), (8, "ok", "0")]
    assert told(url, "SELECT seq FROM check_side ORDER BY seq") == [(3,), (5,)]
    again.close()


def test_one_of_a_group_that_is_made_no_more_is_gone(store: SqlStore) -> None:
    two = (Check("I1_position", "KXA", 1, 1), Check("I2_fees", "KXA", 1, 1))
    keep(store, 1, {"KXA": two})
    keep(store, 2, {"KXA": two[:1]})

    assert changes(store, "I2_fees", "KXA") == [(1, "ok", "0"), (2, "gone", None)]
    assert changes(store, "I1_position", "KXA") == [(1, "ok", "0")]


def test_a_restart_writes_only_what_changed_meanwhile(store: SqlStore, url: str) -> None:
    keep(store, 1, cash(1) | {"KXA": (Check("I1_position", "KXA", 1, 1),)})
    store.close()

    again = open_store(url, demo=False)
    again.lead()
    keep(again, 2, None)
    keep(again, 3, cash(1))
    keep(again, 4, cash(1))

    assert changes(again) == [(1, "failed", "1.00")]
    assert changes(again, "I1_position", "KXA") == [(1, "ok", "0"), (3, "gone", None)]
    again.close()


def test_until_all_have_answered_what_is_made_is_written_and_what_was_before_stands(store: SqlStore, url: str) -> None:
    identity: Groups = {"others": (Check("identity", "net", 5, 5),)}
    keep(store, 1, identity, answered=False)
    keep(store, 2, identity | cash(1))
    store.close()

    again = open_store(url, demo=False)
    again.lead()
    keep(again, 3, {"others": (Check("identity", "net", 6, 7),)}, answered=False)
    keep(again, 4, {"others": (Check("identity", "net", 6, 7),)})

    assert changes(again, "identity", "net") == [(1, "ok", "0"), (3, "failed", "0.000000001")]
    assert changes(again) == [(2, "failed", "1.00"), (4, "gone", None)]
    again.close()


def test_a_tick_that_was_refused_has_written_nothing(store: SqlStore) -> None:
    keep(store, 1, cash(0))
    with pytest.raises(StoreError):
        keep(store, 1, cash(5))

    keep(store, 2, cash(5))

    assert changes(store) == [(1, "ok", "0"), (2, "failed", "5.00")]


def test_the_first_snapshot_of_a_long_history_is_kept_with_every_check_that_it_counts(
    store: SqlStore, url: str
) -> None:
    many: Groups = {f"KX{number}": (Check("I4_settlement", f"KX{number}", 1, 1),) for number in range(12_000)}
    store.keep(Tick(snapshot=replace(a_snapshot(1), checks_ok=len(many)), checked=many, interval_seconds=10))

    first = store.checks_changed(0, 20_000)
    assert told(url, "SELECT checks_ok FROM snapshot WHERE seq = 1") == [(len(first),)] == [(12_000,)]
    assert {(change.seq, change.state) for _, _, change in first} == {(1, "ok")}
    keep(store, 2, many)
    assert store.checks_changed(1, 20_000) == []


def test_a_history_of_a_check_begins_with_how_it_was(store: SqlStore) -> None:
    for seq, difference in enumerate([0, 0, 2, 2, 0], 1):
        keep(store, seq, cash(difference))

    found = store.check_history("I5_cash", "account", at(45), at(100))

    assert [(one.seq, one.state) for one in found] == [(3, "failed"), (5, "ok")]
    assert store.check_history("I5_cash", "nobody", at(45), at(100)) == []


def test_a_source_is_noted_when_its_error_or_its_last_day_changes(store: SqlStore, url: str) -> None:
    states = [
        a_state(),
        a_state("down", error="refused"),
        a_state("stale", error="refused"),
        a_state(complete_through=date(2026, 11, 1)),
        a_state(complete_through=date(2026, 11, 1)),
    ]
    for seq, state in enumerate(states, 1):
        keep(store, seq, None, source=state)

    assert told(url, "SELECT * FROM source_note ORDER BY seq") == [
        ("kalshi", 2, None, "refused"),
        ("kalshi", 4, "2026-11-01", None),
    ]
    assert told(url, "SELECT sources FROM snapshot WHERE seq = 1") == [("kalshi=live@1793631600",)]


def test_the_pace_is_kept_where_it_changes(store: SqlStore) -> None:
    for seq, pace in enumerate([10, 10, 30, 30, 10, None], 1):
        keep(store, seq, None, pace)

    assert store.paces() == [(at(10), 10), (at(30), 30), (at(50), 10)]


@pytest.mark.parametrize("table", ["gap", "source_note", "check_log", "check_side", "pace"])
@pytest.mark.parametrize("change", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
def test_what_was_noted_cannot_be_changed(store: SqlStore, url: str, table: str, change: str) -> None:
    gap = Gap(since=at(0), until=at(10), missed=1, reason="asleep")
    snapshot = replace(a_snapshot(1), sources={"kalshi": a_state("down", error="refused")})
    store.keep(Tick(snapshot=snapshot, checked=cash(1), interval_seconds=10, gap=gap))
    moved: Groups = {"cash": (Check("I5_cash", "account", 60, 60 + 10**9),)}
    store.keep(Tick(snapshot=a_snapshot(2), checked=moved, interval_seconds=10))
    key = "missed" if table == "gap" else "seq"

    with pytest.raises(DBAPIError, match=f"{table} is append-only"), outside(url) as connection:
        connection.execute(text(change.format(table, key, key)))
