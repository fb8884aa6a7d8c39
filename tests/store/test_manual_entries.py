from datetime import date
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from pnl.domain.records import RevenueEntry
from pnl.errors import EntryConflict
from pnl.store import SqlStore
from tests.store.making import a_fill, a_tick, an_entry, at
from tests.store.outside import outside


def enter(store: SqlStore, entry: RevenueEntry, replaces: int | None = None, actor: str = "ann") -> RevenueEntry:
    return store.enter(entry, replaces=replaces, actor=actor, at=at(1))


def test_an_entry_is_a_record_of_its_date(store: SqlStore) -> None:
    kept = enter(store, an_entry("inv-1", "250"))

    (record,) = store.facts("revenue")

    assert (kept.version, kept.updated_at) == (1, at(1))
    assert (record.source, record.id, record.version, record.fact) == ("manual", "inv-1", 1, kept)
    assert record.effective_at.astimezone(ZoneInfo("America/New_York")).isoformat() == "2026-11-02T00:00:00-05:00"
    assert store.entries() == (kept,)
    assert store.page(["revenue"], None, None, None, 5).records == (record,)


def test_the_same_entry_twice_is_one(store: SqlStore) -> None:
    first = enter(store, an_entry("inv-1", "250"))

    assert enter(store, an_entry("inv-1", "250")) == first
    assert len(store.audit("inv-1")) == 1


def test_an_id_with_another_content_is_refused(store: SqlStore) -> None:
    enter(store, an_entry("inv-1", "250"))

    with pytest.raises(EntryConflict, match="other content"):
        enter(store, an_entry("inv-1", "251"))

    assert [entry.amount for entry in store.entries()] == [an_entry("inv-1", "250").amount]


@pytest.mark.parametrize("replaces", [1, 3])
def test_only_the_newest_version_can_be_replaced(store: SqlStore, replaces: int) -> None:
    enter(store, an_entry("inv-1", "250"))
    enter(store, an_entry("inv-1", "251"), 1)

    with pytest.raises(EntryConflict, match="newest version is 2"):
        enter(store, an_entry("inv-1", "252"), replaces)


def test_what_is_not_there_cannot_be_replaced(store: SqlStore) -> None:
    with pytest.raises(EntryConflict, match="no such entry"):
        enter(store, an_entry("inv-1", "252"), 1)


def test_a_change_that_is_sent_again_is_one_change(store: SqlStore) -> None:
    enter(store, an_entry("inv-1", "250"))
    changed = enter(store, an_entry("inv-1", "251"), 1)

    assert enter(store, an_entry("inv-1", "251"), 1) == changed
    assert changed.version == 2


def test_entries_come_newest_date_first_in_their_newest_version(store: SqlStore) -> None:
    enter(store, an_entry("old", "1", day=date(2026, 10, 1)))
    enter(store, an_entry("new", "2", day=date(2026, 11, 1)))
    enter(store, an_entry("old", "3", day=date(2026, 10, 1), status="void"), 1)

    assert [(entry.id, entry.version, entry.status) for entry in store.entries()] == [
        ("new", 1, "settled"),
        ("old", 2, "void"),
    ]


def test_entries_as_known_are_those_that_a_snapshot_knew_in_the_version_of_then(store: SqlStore) -> None:
    first = enter(store, an_entry("inv-1", "250"))
    store.keep(a_tick(1))
    second = store.enter(an_entry("inv-1", "251"), replaces=1, actor="ann", at=at(15))
    store.enter(an_entry("inv-2", "9"), replaces=None, actor="ann", at=at(15))
    store.keep(a_tick(2))

    assert store.entries(at(9)) == ()
    assert store.entries(at(16)) == (first,)
    assert second in store.entries(at(20)) == store.entries()


def test_the_audit_says_who_did_what(store: SqlStore) -> None:
    enter(store, an_entry("inv-1", "250"))
    enter(store, an_entry("inv-1", "251"), 1, actor="bob")
    enter(store, an_entry("inv-1", "251", status="void"), 2)

    lines = store.audit("inv-1")

    assert [(line["actor"], line["action"], line["version"]) for line in lines] == [
        ("ann", "entered", 1),
        ("bob", "changed", 2),
        ("ann", "voided", 3),
    ]
    assert lines[1]["body"] == {
        "date": "2026-11-02",
        "kind": "sale",
        "amount": "251.00",
        "currency": "USD",
        "description": "a sale – für zwei",
        "status": "settled",
        "recurs": None,
    }
    assert store.audit("nobody") == ()


def test_nothing_is_damaged_until_somebody_edits_the_tables(store: SqlStore, url: str) -> None:
    store.keep(a_tick(1, *store.sort([a_fill("f-1")]).new))
    for amount in ("1", "2"):
        enter(store, an_entry(f"inv-{amount}", amount))
    sound = store.damage()
    with outside(url) as connection:
        for table in ("record", "audit"):
            on = f" ON {table}" if url.startswith("postgresql") else ""
            connection.execute(text(f"DROP TRIGGER {table}_no_update{on}"))
        connection.execute(
            text("UPDATE record SET fact = replace(fact, '400000000', '300000000') WHERE nat_id = 'f-1'")
        )
        connection.execute(text("UPDATE audit SET actor = 'eve' WHERE audit_id = 1"))

    assert sound == ()
    assert store.damage() == (
        "fill f-1 version 1 is not what was kept",
        "audit line 1 does not follow from the one before",
    )
