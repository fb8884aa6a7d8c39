from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pnl.domain.records import KINDS, Cost, Record, RevenueEntry
from pnl.store import SqlStore, open_store
from tests.empty_books import empty_file
from tests.store.making import START, a_balance, a_fill, a_sale, a_settlement, a_tick, at
from tests.store.outside import told


def keep(store: SqlStore, seq: int, *records: Record) -> tuple[tuple[Record, ...], tuple[str, ...]]:
    """Sort and keep, as a tick does; return what was new and the ids that were in conflict."""
    found = store.sort(records)
    store.keep(a_tick(seq, *found.new))
    return found.new, tuple(record.id for record, _ in found.conflicts)


def test_a_record_comes_back_whole(store: SqlStore) -> None:
    keep(store, 1, a_fill("f-1"))

    assert list(store.facts("fill")) == [replace(a_fill("f-1"), version=1, recorded_at=at(10))]


def test_a_record_that_is_known_is_dropped(store: SqlStore) -> None:
    keep(store, 1, a_fill("f-1"))

    assert keep(store, 2, a_fill("f-1"), a_fill("f-1")) == ((), ())


def test_repeats_count_once(store: SqlStore) -> None:
    new, _ = keep(store, 1, a_fill("f-1"), a_fill("f-1"))

    assert [record.id for record in new] == ["f-1"]


def test_a_change_without_a_version_is_the_next_version(store: SqlStore) -> None:
    keep(store, 1, a_fill("f-1"))

    new, _ = keep(store, 2, a_fill("f-1", price="0.41"))

    assert [record.version for record in new] == [2]
    assert [(record.version, record.fact) for record in store.facts("fill")] == [(2, a_fill("f-1", price="0.41").fact)]


def test_what_goes_back_to_its_first_content_is_a_third_version(store: SqlStore) -> None:
    keep(store, 1, a_fill("f-1"))
    keep(store, 2, a_fill("f-1", price="0.41"))

    new, _ = keep(store, 3, a_fill("f-1"))

    assert [record.version for record in new] == [3]


def test_the_last_of_two_contents_in_one_reading_counts(store: SqlStore) -> None:
    keep(store, 1, a_fill("f-1"), a_fill("f-1", price="0.41"))

    assert [record.fact for record in store.facts("fill")] == [a_fill("f-1", price="0.41").fact]


@pytest.mark.parametrize(
    ("version", "amount", "new", "conflicts"),
    [
        (2, "10", (), ()),
        (2, "11", (), ("s",)),
        (1, "10", (), ()),
        (1, "11", (), ()),
        (3, "11", (3,), ()),
        (7, "11", (7,), ()),
    ],
)
def test_a_version_decides(
    store: SqlStore, version: int, amount: str, new: tuple[int, ...], conflicts: tuple[str, ...]
) -> None:
    keep(store, 1, a_sale("s", "10", version=2))

    found, refused = keep(store, 2, a_sale("s", amount, version=version))

    assert (tuple(record.version for record in found), refused) == (new, conflicts)


def test_one_version_with_two_contents_in_one_reading_is_a_conflict(store: SqlStore) -> None:
    found = store.sort([a_sale("s", "10", version=1), a_sale("s", "11", version=1)])

    assert [record.fact for record in found.new] == [a_sale("s", "10", version=1).fact]
    assert [record.id for record, _ in found.conflicts] == ["s"]
    assert "higher version" in found.conflicts[0][1]


def test_sources_and_kinds_do_not_share_ids(store: SqlStore) -> None:
    twins = [a_sale("x", "1"), a_sale("x", "1", source="revenue.csv"), a_fill("x"), a_settlement("x")]

    new, _ = keep(store, 1, *twins)

    assert len(new) == len(list(store.facts(*KINDS))) == 4


def a_cost(amount: str, day: datetime = START) -> Record:
    """Return a cost of a UTC day, as it was reported."""
    names = ("model", "token_type", "cost_type", "service_tier", "context_window", "inference_geo")
    unknown = dict.fromkeys((*names, "workspace_id", "description"))
    end = day + timedelta(days=1)
    fact = Cost(id="c", start=day, end=end, amount=Decimal(amount), currency="USD", **unknown)
    return Record(source="anthropic", kind="cost", id="c", effective_at=day, fact=fact, raw="{}")


def test_digits_that_say_the_same_are_the_same(store: SqlStore) -> None:
    keep(store, 1, a_cost("1.50"))

    assert store.sort([a_cost("1.5")]).new == ()
    assert [record.fact for record in store.facts("cost")] == [a_cost("1.50").fact]


def versions(url: str) -> list[int]:
    """Return the versions of costs that are in the database."""
    return [version for (version,) in told(url, "SELECT version FROM record WHERE kind = 'cost' ORDER BY version")]


def test_readings_of_a_day_that_lasts_give_way_to_the_newest(store: SqlStore, url: str) -> None:
    for seq, amount in enumerate(("1.00", "1.10", "1.20"), 1):
        keep(store, seq, a_cost(amount))

    assert versions(url) == [3]
    assert [record.version for record in store.facts("cost")] == [3]
    assert keep(store, 4, a_cost("1.20")) == ((), ())


def test_every_change_of_a_day_that_is_over_is_kept(store: SqlStore, url: str) -> None:
    long_ago = START - timedelta(days=3)
    for seq, amount in enumerate(("1.00", "1.10", "1.20"), 1):
        keep(store, seq, a_cost(amount, long_ago))

    assert versions(url) == [1, 2, 3]


def test_facts_come_by_time_then_id_over_all_kinds(store: SqlStore) -> None:
    keep(store, 1, a_fill("b", after=5), a_settlement("c", after=5), a_fill("a", after=5), a_fill("z", after=1))

    assert [record.id for record in store.facts("settlement", "fill")] == ["z", "a", "b", "c"]
    assert list(store.facts()) == []


def test_a_backfill_is_sorted_whole(store: SqlStore) -> None:
    many = [a_fill(f"f-{number}", after=number) for number in range(1_000)]
    keep(store, 1, *many)

    found = store.sort([*many, a_fill("f-new")])

    assert [record.id for record in found.new] == ["f-new"]


histories = st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 4)), min_size=1, max_size=8)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories, st.randoms(use_true_random=False), st.integers(1, 3))
def test_neither_order_nor_repeats_change_the_facts(
    tmp_path_factory: pytest.TempPathFactory, history: list[tuple[str, int]], random: st.DrawFn, parts: int
) -> None:
    records = [a_sale(name, str(version), version=version) for name, version in history]
    expected = {name: max(version for other, version in history if other == name) for name, _ in history}
    shuffled = records * 2
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # a Random
    store = open_store(empty_file(tmp_path_factory.mktemp("order") / "pnl.db"), demo=False)
    store.lead()

    for seq in range(parts):
        keep(store, seq + 1, *shuffled[seq::parts])

    assert {record.id: record.version for record in store.facts("revenue")} == expected
    store.close()


def test_pages_are_newest_first_and_end(store: SqlStore) -> None:
    keep(store, 1, *(a_fill(f"f-{number}", after=number // 2) for number in range(7)), a_settlement("s", after=2))

    ids: list[str] = []
    cursor: str | None = None
    while True:
        page = store.page(["fill", "settlement"], None, None, cursor, 3)
        ids += [record.id for record in page.records]
        cursor = page.next
        if cursor is None:
            break

    assert ids == ["f-6", "s", "f-5", "f-4", "f-3", "f-2", "f-1", "f-0"]


def test_a_page_holds_newest_versions_of_its_time_only(store: SqlStore) -> None:
    keep(store, 1, a_fill("early", after=1), a_fill("moved", after=2), a_fill("late", after=9))
    keep(store, 2, a_fill("moved", after=20))

    page = store.page(["fill"], at(1), at(9), None, 10)

    assert [record.id for record in page.records] == ["early"]
    assert page.next is None


@pytest.mark.parametrize("cursor", ["nonsense", "é", "MS4y!", "MS4=", "LjE=", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTkuMQ=="])
def test_a_cursor_of_somebody_else_is_refused(store: SqlStore, cursor: str) -> None:
    with pytest.raises(ValueError, match="was not given by this store"):
        store.page(["fill"], None, None, cursor, 3)


def test_an_observation_of_ours_is_a_record_too(store: SqlStore) -> None:
    keep(store, 1, a_balance(5))

    assert [record.fact for record in store.facts("balance")] == [a_balance(5).fact]


def test_an_entry_of_a_feed_is_no_manual_entry(store: SqlStore) -> None:
    keep(store, 1, a_sale("s", "10"))

    assert store.entries() == ()
    assert all(isinstance(record.fact, RevenueEntry) for record in store.facts("revenue"))
