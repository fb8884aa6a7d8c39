"""Laws of the difference between two snapshots."""

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pnl.domain.delta import Document, apply_patch, live_form, merge_patch, plain_form
from pnl.domain.snapshot import Json, instant, second

names = st.sampled_from("abcde")
leaves = st.none() | st.booleans() | st.integers(-3, 3) | st.text("01.-", max_size=3)
lists = st.lists(leaves | st.dictionaries(names, leaves, max_size=2), max_size=3)
documents = st.recursive(
    st.dictionaries(names, leaves | lists, max_size=4),
    lambda inner: st.dictionaries(names, leaves | lists | inner, max_size=4),
    max_leaves=12,
)
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the zone follows


def known(document: Any) -> Any:  # noqa: ANN401 - any JSON
    """The same without what is null: an absent figure is an unknown one. Lists are told as they are."""
    if not isinstance(document, dict):
        return document
    return {name: known(value) for name, value in document.items() if value is not None}


@given(documents, documents)
def test_the_patch_makes_the_later_of_the_earlier(before: Document, after: Document) -> None:
    kept = json.dumps([before, after])

    patch = merge_patch(before, after)

    assert known(apply_patch(before, patch)) == known(after)
    assert json.dumps([before, after]) == kept


@given(st.lists(documents, min_size=1, max_size=5))
def test_patches_may_be_applied_one_after_another_for_ever(series: list[Document]) -> None:
    held = series[0]
    for before, after in pairwise(series):
        held = apply_patch(held, merge_patch(before, after))

    assert known(held) == known(series[-1])


@given(documents)
def test_nothing_is_patched_where_nothing_changed(document: Document) -> None:
    assert merge_patch(document, document) == {}
    assert known(apply_patch(document, {})) == known(document)


@st.composite
def snapshots(draw: st.DrawFn) -> Document:
    """A snapshot with sources read at any time, and any rows; times of sources are whole seconds."""
    at = draw(moments)
    near = st.integers(-20, 20).map(lambda seconds: second(at + timedelta(seconds=seconds)))
    times = st.none() | near | moments.map(second)
    states = st.fixed_dictionaries({"as_of": times, "next_attempt": times})
    tickers = draw(st.lists(st.text("AB-1", min_size=1, max_size=4), unique=True, max_size=4))
    rows: list[Json] = [{"ticker": ticker, "mark": draw(leaves)} for ticker in tickers]
    read = draw(st.dictionaries(names, states, max_size=3))
    sources: dict[str, Json] = {name: {**state} for name, state in read.items()}
    return {"as_of": instant(at), "sources": sources, "positions": rows}


@given(snapshots())
def test_the_live_form_tells_all_that_the_snapshot_does(snapshot: Document) -> None:
    kept = json.dumps(snapshot)

    assert plain_form(live_form(snapshot)) == snapshot
    assert json.dumps(snapshot) == kept


def test_the_times_of_a_source_that_was_just_read_are_seconds_from_the_snapshot() -> None:
    sources: dict[str, Json] = {
        "kalshi": {"as_of": "2026-11-20T19:32:10Z", "next_attempt": "2026-11-20T19:32:20Z"},
        "feed": {"as_of": "2026-11-20T19:32:05Z", "next_attempt": None},
        "older": {"as_of": "2026-11-20T19:32:04Z", "next_attempt": "2026-11-20T19:32:20Z"},
        "later": {"as_of": "2026-11-20T19:32:11Z", "next_attempt": None},
        "never": {"as_of": None, "next_attempt": "2026-11-20T19:32:20Z"},
    }

    told = live_form({"as_of": "2026-11-20T19:32:10.999Z", "sources": sources, "positions": []})["sources"]

    assert told == {
        **sources,
        "kalshi": {"as_of": 0, "next_attempt": 10},
        "feed": {"as_of": -5, "next_attempt": None},
    }


def test_a_source_of_which_a_patch_took_the_times_away_has_none() -> None:
    document: Document = {"as_of": "2026-11-20T19:32:10.000Z", "sources": {"kalshi": {"as_of": 0}}, "positions": {}}

    assert plain_form(document)["sources"] == {"kalshi": {"as_of": "2026-11-20T19:32:10Z"}}
