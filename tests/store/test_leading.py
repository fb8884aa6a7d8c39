"""One process ticks: the epoch that fences its writes, and what those who follow can read."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from pnl.errors import Deposed
from pnl.store import SqlStore, open_store
from tests.store.making import a_fill, a_sale, a_snapshot, a_tick, an_entry, at
from tests.store.outside import emptied, made_by, outside, rows_of


def test_a_tick_is_kept_only_by_who_leads(url: str) -> None:
    store = open_store(url, demo=False)

    with pytest.raises(Deposed, match="does not lead"):
        store.keep(a_tick(1))

    assert store.lead() == 1
    store.keep(a_tick(1))
    store.follow()
    with pytest.raises(Deposed):
        store.keep(a_tick(2))
    assert store.head() == 1
    store.close()


def test_who_led_before_writes_nothing_of_a_tick(store: SqlStore, url: str) -> None:
    store.keep(a_tick(1))
    other = open_store(url, demo=False)
    assert other.lead() == 2

    with pytest.raises(Deposed, match=r"epoch 2, ours was 1.*nothing was written"):
        store.keep(a_tick(2, *store.sort([a_fill("f-1")]).new))

    assert (other.head(), list(other.facts("fill"))) == (1, [])
    other.keep(a_tick(2))
    other.close()


def test_a_new_leader_knows_the_marks_that_another_kept_meanwhile(store: SqlStore, url: str) -> None:
    other = open_store(url, demo=False)
    store.keep(a_tick(1))
    before = store.marks()
    other.lead()
    other.keep(a_tick(2))

    store.lead()
    store.keep(a_tick(3))

    assert store.marks() == before
    other.close()


def test_entries_are_taken_by_any_process_and_found_by_who_leads(store: SqlStore, url: str) -> None:
    other = open_store(url, demo=False)
    last = store.last_record()

    other.enter(an_entry("inv-1", "5"), replaces=None, actor="ann", at=at(1))

    found, reached = store.records_after(last, source="manual")
    assert [record.id for record in found] == ["inv-1"]
    assert store.records_after(reached, source="manual") == ((), reached)
    other.close()


def test_records_come_in_the_order_they_were_kept_with_their_newest_version(store: SqlStore) -> None:
    store.keep(a_tick(1, *store.sort([a_fill("f-1"), a_sale("s-1", "1")]).new))
    first, last = store.records_after(0)
    store.keep(a_tick(2, *store.sort([a_fill("f-2"), a_sale("s-1", "2", version=2)]).new))

    second, end = store.records_after(last)

    assert [record.id for record in first] == ["f-1", "s-1"]
    assert [(record.id, record.version) for record in second] == [("f-2", 1), ("s-1", 2)]
    assert end == store.last_record()
    assert [record.id for record in store.records_after(last, source="kalshi")[0]] == ["f-2"]


def test_the_checks_of_the_newest_tick_that_kept_them_are_shown(store: SqlStore) -> None:
    assert store.checks() is None

    store.keep(a_tick(1, checks='[{"name":"I1"}]'))
    store.keep(a_tick(2))

    assert store.checks() == '[{"name":"I1"}]'


def test_a_series_has_a_name_that_is_its_stores_own(store: SqlStore, url: str, tmp_path: Path) -> None:
    again = open_store(url, demo=False)
    other = open_store(f"sqlite:///{tmp_path / 'other.db'}", demo=False)

    assert store.stream() == again.stream() != other.stream()
    assert store.stream().isalnum()
    assert 6 <= len(store.stream()) <= 10
    for opened in (again, other):
        opened.close()


def test_a_database_of_the_first_schema_is_brought_up_with_its_rows(store: SqlStore, url: str) -> None:
    store.keep(a_tick(1, *store.sort([a_fill("f-1")]).new))
    rows = {table: rows_of(url, table) for table in ("record", "snapshot", "current")}
    store.close()
    emptied(url)
    made_by("0001", url)
    with outside(url) as connection:
        connection.execute(text("INSERT INTO about VALUES ('data', 'real')"))
        for table, (row,) in rows.items():
            columns = [column["name"] for column in inspect(connection).get_columns(table)]
            names, values = ", ".join(columns), ", ".join(f":{name}" for name in columns)
            connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({values})"), row)  # noqa: S608 - tables, columns and numbers of our own code, nothing from outside

    again = open_store(url, demo=False)

    assert again.lead() == 1
    assert [record.id for record in again.facts("fill")] == ["f-1"]
    assert again.head() == a_snapshot(1).seq
    assert len(again.stream()) >= 6
    again.close()


def test_processes_that_start_together_on_no_database_make_one(url: str) -> None:
    opened: list[SqlStore] = []
    failed: list[Exception] = []
    together = threading.Barrier(6)

    def open_one() -> None:
        together.wait()
        try:
            opened.append(open_store(url, demo=False))
        except Exception as error:  # noqa: BLE001 - told below
            failed.append(error)

    threads = [threading.Thread(target=open_one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not failed
    assert len({store.stream() for store in opened}) == 1
    for store in opened:
        store.close()
