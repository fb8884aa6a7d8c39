"""What is kept of sources: their memory, the wishes to read them, and how they did over time."""

from dataclasses import replace
from datetime import date

from pnl.domain.snapshot import SourceState
from pnl.ports import SourceMemory, Tick, Traffic
from pnl.store import SqlStore
from tests.store.making import a_snapshot, at

MEMORY = SourceMemory(
    name="kalshi",
    cursor='{"a":1}',
    as_of=at(9),
    complete_through=date(2026, 11, 1),
    last_attempt=at(8),
    next_attempt=at(18),
    failures=2,
    error="kalshi: HTTP 502",
    caught_up=True,
    facts={"calls": "5"},
    trouble="kalshi: HTTP 502",
    trouble_at=at(8),
    trouble_kind="SourceBroken",
    status="cached",
    every_seconds=0,
    stale_seconds=30,
    traffic=Traffic(since=at(1), calls=7, failed=2, p50_ms=12, p95_ms=40, longest_ms=None, skew_ms=-3),
    served=4,
)


def test_a_memory_comes_back_as_it_was_kept(store: SqlStore) -> None:
    store.keep(Tick(snapshot=a_snapshot(1), sources=(MEMORY,)))

    assert store.sources() == (MEMORY,)


def test_wishes_are_counted_by_source(store: SqlStore) -> None:
    assert store.wishes() == {}

    assert [store.wish("kalshi"), store.wish("kalshi"), store.wish("anthropic")] == [1, 2, 1]

    assert store.wishes() == {"kalshi": 2, "anthropic": 1}


def test_the_history_of_a_source_tells_changes_led_by_how_it_was(store: SqlStore) -> None:
    said = [None, "HTTP 502", "HTTP 502", None, "HTTP 401"]
    for seq, error in enumerate(said, 1):
        state = SourceState(status="live", as_of=at(1), complete_through=None, next_attempt=None, error=error)
        store.keep(Tick(snapshot=replace(a_snapshot(seq), sources={"kalshi": state, "revenue": state})))

    def told(since: float | None, until: float | None) -> list[tuple[int, str | None]]:
        found = store.source_history(
            "kalshi", None if since is None else at(since), None if until is None else at(until)
        )
        return [(one.seq, one.error) for one in found]

    everything = [(2, "HTTP 502"), (4, None), (5, "HTTP 401")]
    assert told(None, None) == everything
    assert told(31, None) == everything
    assert told(40, None) == everything[1:]
    assert told(None, 40) == everything[:1]
    assert store.source_history("anthropic", None, None) == []
