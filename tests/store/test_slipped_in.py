"""Entries and their audit prove each other, and a record that came neither with a tick nor by hand is named."""

import hashlib
import json
import random
import re

import pytest
from sqlalchemy import Connection, text

from pnl.domain.records import RevenueEntry
from pnl.errors import EntryConflict
from pnl.ports import RESTORED_GAP, Gap, Tick
from pnl.store import SqlStore
from pnl.store.about import RESTORED
from pnl.store.verification import Fault, examine, opened
from tests.store.making import a_fill, a_sale, a_snapshot, a_tick, an_entry, at
from tests.store.outside import outside

GUARDED = ("audit", "record")


@pytest.fixture
def kept(store: SqlStore) -> SqlStore:
    """Give a store of three snapshots, with entries before and after the newest one."""
    enter(store, an_entry("first", "1"), 1)
    store.keep(a_tick(1, *store.sort([a_fill("f-1"), a_sale("ch-1", "9", source="revenue.stripe")]).new))
    enter(store, an_entry("second", "2"), 11)
    enter(store, an_entry("first", "3"), 12, replaces=1)
    store.keep(a_tick(2, *store.sort([a_fill("f-2")]).new))
    store.keep(a_tick(3, *store.sort([a_fill("f-3")]).new))
    enter(store, an_entry("first", "3", status="void"), 31, replaces=2)
    enter(store, an_entry("third", "4"), 32)
    return store


def enter(store: SqlStore, entry: RevenueEntry, after: float, replaces: int | None = None) -> None:
    store.enter(entry, replaces=replaces, actor="ann", at=at(after))


def faults(url: str, *, restored: bool = False) -> list[str]:
    with opened(url) as database:
        return [found.text for found in examine(database, restored=restored) if isinstance(found, Fault)]


def tamper(url: str, *changes: str) -> None:
    """Change what nobody may, by somebody who can."""
    with outside(url) as connection:
        for name in GUARDED:
            if connection.dialect.name == "postgresql":
                connection.execute(text(f"ALTER TABLE {name} DISABLE TRIGGER USER"))
            else:
                for change in ("update", "delete"):
                    connection.execute(text(f"DROP TRIGGER IF EXISTS {name}_no_{change}"))
        for change in changes:
            connection.execute(text(change))


def copied(name: str, number: int, **other: str) -> str:
    """Return the statement that copies the first version of a record, under another number and with other values."""
    values = {
        **{one: one for one in ("source", "kind", "nat_id", "version", "effective_us", "recorded_us")},
        **{one: one for one in ("fact", "raw", "sha256", "ticker")},
        **other,
    }
    return (
        f"INSERT INTO record (rec_id, {', '.join(values)}) "  # noqa: S608 - tables, columns and numbers of our own code, nothing from outside
        f"SELECT rec_id + {number}, {', '.join(values.values())} FROM record WHERE nat_id = '{name}' AND version = 1"
    )


def rehashed(connection: Connection) -> None:
    """Chain the audit anew, as somebody would who knows how."""
    previous = ""
    for row in connection.execute(text("SELECT * FROM audit ORDER BY audit_id")).all():
        values = [previous, row.at_us, row.actor, row.action, row.entry_id, row.body]
        made = hashlib.sha256(json.dumps(values, ensure_ascii=False).encode()).hexdigest()
        told = {"previous": previous, "hash": made, "id": row.audit_id}
        connection.execute(text("UPDATE audit SET previous_hash = :previous, hash = :hash WHERE audit_id = :id"), told)
        previous = made


def test_entries_before_and_after_the_newest_snapshot_are_explained(kept: SqlStore, url: str) -> None:
    assert faults(url) == []
    assert kept.unexplained() == ()


def test_entries_before_the_first_snapshot_are_explained(store: SqlStore, url: str) -> None:
    enter(store, an_entry("first", "1"), 1)

    assert faults(url) == []
    assert store.unexplained() == ()


def test_an_entry_by_a_clock_that_is_behind_is_explained(kept: SqlStore, url: str) -> None:
    enter(kept, an_entry("behind", "1"), -500)
    assert faults(url) == []

    kept.keep(a_tick(4))

    assert faults(url) == []


def test_every_history_of_entries_and_ticks_is_explained(store: SqlStore, url: str) -> None:
    chance, seq = random.Random(11), 0
    versions: dict[str, int] = {}
    for step in range(120):
        if chance.random() < 0.4:
            seq += 1
            fills = [a_fill(f"f-{step}-{number}") for number in range(chance.randint(0, 3))]
            store.keep(a_tick(seq, *store.sort(fills).new))
            continue
        name = f"inv-{chance.randint(1, 12)}"
        entry = an_entry(name, str(step + 1), status=chance.choice(("settled", "settled", "void")))
        replaces = chance.choice((versions.get(name), 7))
        try:
            enter(store, entry, 10 * seq + chance.uniform(-30, 30), replaces)
            versions[name] = versions.get(name, 0) + 1
        except EntryConflict:
            continue
        if chance.random() < 0.1:
            assert faults(url) == []

    assert faults(url) == []
    assert sum(versions.values()) > 20


AUDIT = {
    "all of it taken out": (["DELETE FROM audit"], 5),
    "its end taken out": (["DELETE FROM audit WHERE audit_id >= 4"], 2),
    "its last line taken out": (["DELETE FROM audit WHERE entry_id = 'third'"], 1),
    "a line in its midst taken out, the rest chained anew": (["DELETE FROM audit WHERE entry_id = 'second'"], 1),
}


@pytest.mark.parametrize("what", AUDIT)
def test_a_version_of_an_entry_without_its_line_is_named(kept: SqlStore, url: str, what: str) -> None:
    changes, count = AUDIT[what]
    kept.close()
    tamper(url, *changes)
    with outside(url) as connection:
        rehashed(connection)

    found = faults(url)

    assert len(found) == count
    assert all(
        re.fullmatch(r"revenue \w+ version \d of manual \(record \d+\) has no line in the audit of manual entries", one)
        for one in found
    )


LINES = {
    "who": ("UPDATE audit SET actor = 'bob' WHERE audit_id = 5", "line 5 does not say who did what to third when"),
    "when": ("UPDATE audit SET at_us = at_us + 1 WHERE audit_id = 1", "line 1 does not say who did what to first when"),
    "what": ("UPDATE audit SET action = 'entered' WHERE audit_id = 4", "line 4 does not say who did what to first"),
    "content": (
        "UPDATE audit SET body = replace(body, '2000000000', '1') WHERE audit_id = 2",
        "of a version of second",
    ),
    "the record": ("DELETE FROM record WHERE nat_id = 'third'", "line 5 is of a version of third that is not there"),
    "twice": (
        "INSERT INTO audit SELECT 6, at_us, actor, action, entry_id, body, '', '' FROM audit WHERE audit_id = 5",
        "revenue third version 1 of manual .* has 2 lines in the audit",
    ),
}


@pytest.mark.parametrize("what", LINES)
def test_a_line_that_is_not_as_its_record_is_named_though_the_audit_was_chained_anew(
    kept: SqlStore, url: str, what: str
) -> None:
    change, fault = LINES[what]
    kept.close()
    tamper(url, change)
    with outside(url) as connection:
        rehashed(connection)

    found = faults(url)

    assert any(re.search(fault, one) for one in found), found


@pytest.mark.parametrize("raw", ["no json", "{}", "[]", "3"])
def test_a_record_that_does_not_tell_who_made_it_is_no_proof_of_a_line(kept: SqlStore, url: str, raw: str) -> None:
    kept.close()

    tamper(url, f"UPDATE record SET raw = '{raw}' WHERE nat_id = 'third'")  # noqa: S608 - tables, columns and numbers of our own code, nothing from outside

    assert faults(url) == ["audit line 5 does not say who did what to third when, as its record does"]


SLIPPED_IN = {
    "an entry without a line": (copied("second", 50_000, nat_id="'copy'"), "revenue copy version 1 of manual"),
    "an entry of before": (copied("second", 50_000, nat_id="'copy'"), r"revenue copy version 1 .*T15:00:11.000Z"),
    "a charge": (copied("ch-1", 20_000, nat_id="'ch-9'"), "revenue ch-9 version 1 of revenue.stripe"),
    "a charge of now": (
        copied("ch-1", 20_000, nat_id="'ch-9'", recorded_us="recorded_us + 23000000"),
        "revenue ch-9 version 1 of revenue.stripe",
    ),
    "a reading of a day": (
        copied("f-1", 20_000, nat_id="'u-1'", source="'anthropic'", kind="'usage'", ticker="NULL"),
        "usage u-1 version 1 of anthropic",
    ),
}


@pytest.mark.parametrize("what", SLIPPED_IN)
def test_a_record_that_was_slipped_in_is_named_before_and_after_a_snapshot_takes_it_in(
    kept: SqlStore, url: str, what: str
) -> None:
    change, fault = SLIPPED_IN[what]

    tamper(url, change)

    before, told = faults(url), kept.unexplained()
    assert any(re.search(fault, one) for one in before), before
    assert sorted(told) == sorted(before)
    kept.keep(a_tick(4))
    after = faults(url)
    assert kept.unexplained() == ()
    assert any(re.search(fault, one) for one in after), after


def test_a_restored_archive_may_lack_what_was_entered_after_its_last_snapshot(kept: SqlStore, url: str) -> None:
    """So it is where the segments of an older version had the line of the audit, and not yet the record."""
    tamper(url, "DELETE FROM record WHERE rec_id > (SELECT max(last_record) FROM snapshot)")
    lost = [f"audit line {n} is of a version of {name} that is not there" for n, name in ((4, "first"), (5, "third"))]
    assert faults(url) == lost
    assert faults(url, restored=True) == []

    kept.note(RESTORED, {"seq": 3})
    assert faults(url) == []
    gap = Gap(since=at(30), until=at(500), missed=46, reason=RESTORED_GAP)
    kept.keep(Tick(snapshot=a_snapshot(4, after=500), gap=gap, interval_seconds=10))

    assert faults(url) == []


def test_a_restored_archive_lacks_nothing_of_before_its_last_snapshot(kept: SqlStore, url: str) -> None:
    kept.note(RESTORED, {"seq": 3})
    tamper(url, "DELETE FROM record WHERE nat_id = 'second'")

    assert "audit line 2 is of a version of second that is not there" in faults(url, restored=True)
