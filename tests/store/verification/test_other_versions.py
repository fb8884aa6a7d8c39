"""Archives of other versions: whole once they are migrated, and not judged before."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Connection, column, insert, table, text

from pnl.domain.snapshot import LINES
from pnl.errors import StoreError, StoreMismatch
from pnl.ports import Tick
from pnl.store import open_store
from pnl.store.records import digest
from pnl.store.verification import examine, opened
from tests.store.making import a_snapshot
from tests.store.outside import emptied, made_by, outside
from tests.store.tampering import faults


def test_an_archive_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="not there"), opened(f"sqlite:///{tmp_path / 'no.db'}"):
        pass

    assert list(tmp_path.iterdir()) == []


def test_an_archive_of_another_version_is_not_judged(url: str) -> None:
    made_by("0002", url)

    with pytest.raises(StoreMismatch, match="start it once"), opened(url):
        pass

    emptied(url)


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


OLD_US = 1_793_631_600_000_000


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
