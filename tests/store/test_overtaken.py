"""An entry that comes while a tick is made is either known to it, or to the next one: never half."""

from dataclasses import replace

import pytest

from pnl.errors import Overtaken
from pnl.store import SqlStore
from tests.store.making import a_fill, a_tick, an_entry, at


def test_a_tick_that_did_not_know_an_entry_is_not_kept(store: SqlStore) -> None:
    _, known = store.records_after(0, source="manual")
    store.enter(an_entry("inv-1", "1"), replaces=None, actor="ann", at=at(1))

    with pytest.raises(Overtaken):
        store.keep(replace(a_tick(1), known=known))

    found, known = store.records_after(known, source="manual")
    store.keep(replace(a_tick(1), known=known))
    assert [record.id for record in found] == ["inv-1"]
    assert store.head() == 1


def test_records_of_the_tick_before_are_no_entries(store: SqlStore) -> None:
    for seq in range(1, 4):
        _, known = store.records_after(0, source="manual")
        store.keep(replace(a_tick(seq, *store.sort([a_fill(f"f-{seq}")]).new), known=known))

    assert store.head() == 3


def test_an_entry_is_recorded_after_the_snapshots_that_did_not_know_it(store: SqlStore) -> None:
    store.keep(a_tick(1))

    store.enter(an_entry("inv-1", "1"), replaces=None, actor="ann", at=at(-5))

    (record,), _ = store.records_after(0, source="manual")
    assert record.recorded_at is not None
    assert record.recorded_at > at(10)
