"""The series of messages: whoever joins, at any moment, ends with the newest, and misses and repeats nothing."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pnl.domain.delta import live_form, plain_form
from pnl.domain.snapshot import Snapshot
from pnl.live import feed as feeds
from pnl.live.feed import Feed
from pnl.live.messages import Message
from tests.live.stage import Reader
from tests.web.fakes import snapshot


def made(stream: str = "k3f9x2") -> Feed:
    return Feed(stream, lambda: "2026-11-20T19:32:20.004Z")


def text(seq: int, **changed: str | None) -> str:
    return json.dumps({"seq": seq, "as_of": "2026-11-20T19:32:10.004Z", "sources": {}, "positions": [], **changed})


steps = st.lists(
    st.tuples(st.integers(1, 3), st.dictionaries(st.sampled_from("xyz"), st.none() | st.text("01", max_size=2))),
    min_size=1,
    max_size=30,
)


@given(steps, st.integers(0, 30), st.none() | st.integers(0, 100), st.sampled_from([None, "k3f9x2", "another"]))
def test_any_reader_that_joins_at_any_moment_ends_with_the_newest_and_sees_each_tick_once(
    ticks: list[tuple[int, dict[str, str | None]]], moment: int, after: int | None, stream: str | None
) -> None:
    feed, told, reader = made(), list[Message](), Reader()
    seq, published = 0, list[int]()
    for number, (step, changed) in enumerate(ticks):
        if number == moment:
            told = feed.since(after, stream)
            feed.follow(told.append)
        seq += step
        published.append(seq)
        feed.publish(seq, text(seq, **changed))
    if moment >= len(ticks):
        told = feed.since(after, stream)
    resumes = told[0].base is not None or json.loads(told[0].text)["t"] == "beat"
    if resumes and told[0].seq:
        reader.seq = after
        held = next((n for n, seq in enumerate(published) if seq == after), None)
        assert held is not None
        reader.document = live_form(json.loads(text(published[held], **ticks[held][1])))

    for message in told:
        reader.take(json.loads(message.text))

    plain = {name: value for name, value in json.loads(text(seq, **ticks[-1][1])).items() if value is not None}
    held_now = {name: value for name, value in plain_form(reader.document).items() if value is not None}
    assert held_now == plain
    assert reader.seen == published[len(published) - len(reader.seen) :]


def test_a_sequence_that_is_not_newer_is_left_out() -> None:
    feed = made()
    feed.publish(5, text(5))

    assert feed.publish(5, text(5, x="1")) is None
    assert feed.publish(4, text(4)) is None
    assert feed.seq == 5


def test_the_ring_forgets_the_oldest() -> None:
    feed = made()
    for seq in range(1, feeds.DEPTH + 3):
        feed.publish(seq, text(seq))

    assert [message.base for message in feed.since(1)] == [None]
    assert len(feed.since(2)) == feeds.DEPTH


def test_the_ring_is_bounded_in_bytes_too() -> None:
    feed = made()
    for seq in range(1, 12):
        feed.publish(seq, text(seq, x=f"{seq}" + "y" * 500_000))

    assert [message.base for message in feed.since(2)] == [None]
    assert [message.base for message in feed.since(10)] == [10]


def test_a_long_replay_gives_way_to_a_shorter_snapshot() -> None:
    feed = made()
    for seq in range(1, 100):
        feed.publish(seq, text(seq, x=f"{seq}" + "y" * 1000))

    assert [message.base for message in feed.since(1)] == [None]
    assert [message.base for message in feed.since(90)] == list(range(90, 99))


def test_deltas_of_an_earlier_process_are_taken_up_where_they_lead_here() -> None:
    earlier, feed = made(), made()
    past = [earlier.publish(seq, text(seq, x=str(seq))) for seq in (1, 2, 3, 4)]
    feed.publish(3, text(3, x="3"))

    feed.recall([message for message in past if message])
    feed.publish(4, text(4, x="4"))

    assert [message.seq for message in feed.since(1)] == [2, 3, 4]


@pytest.mark.parametrize(("depth", "size"), [(2, 10**6), (10, 250)])
def test_no_more_is_taken_up_than_is_kept(monkeypatch: pytest.MonkeyPatch, depth: int, size: int) -> None:
    monkeypatch.setattr(feeds, "DEPTH", depth)
    monkeypatch.setattr(feeds, "MOST_BYTES", size)
    earlier, feed = made(), made()
    past = [earlier.publish(seq, text(seq, x=str(seq))) for seq in range(1, 7)]
    feed.publish(6, text(6, x="6"))

    feed.recall([message for message in past if message])

    assert len(feed.since(4)) == 2
    assert [message.base for message in feed.since(1)] == [None]


def later(now: Snapshot, *, moving: int) -> Snapshot:
    """The snapshot of the next tick, in which so many positions moved."""
    cents = 10_000_000 * (now.seq + 1)
    rows = [
        replace(row, mark=cents, value=cents * 7, unrealised=-cents, last_price=cents) if number < moving else row
        for number, row in enumerate(now.positions)
    ]
    at = now.as_of + timedelta(seconds=10)
    states = {
        name: replace(state, as_of=at, next_attempt=at + timedelta(seconds=10)) for name, state in now.sources.items()
    }
    changed = replace(now, seq=now.seq + 1, as_of=at, sources=states, positions=tuple(rows))
    if not moving:
        return changed
    return replace(
        changed,
        lines={**now.lines, "trading_unrealised": cents},
        net=cents * 3,
        account=replace(now.account, positions_value=cents, equity=cents * 9),
    )


def delta(moving: int) -> Message:
    start = snapshot(18_204, titles=[f"A market of quite some interest, number {number}" for number in range(40)])
    first = later(start, moving=moving)
    second = later(first, moving=moving)
    feed = made()
    feed.publish(first.seq, json.dumps(first.to_json()))
    message = feed.publish(second.seq, json.dumps(second.to_json()))
    assert message is not None
    return message


def test_a_tick_in_which_nothing_moves_is_small() -> None:
    assert len(delta(0).frame) < 100


def test_a_tick_in_which_five_positions_move_is_small_when_compressed() -> None:
    assert len(delta(5).deflated) < 400
