"""What open positions bring once they settle: outcomes of one event are counted once."""

import json
from collections.abc import Sequence
from itertools import product
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from pnl.domain.money import DOLLAR, nano
from pnl.domain.outcome import Outcome, Stake, outcomes, stakes, stakes_of, to_json, total
from pnl.domain.records import Fill, Market
from pnl.domain.snapshot import Json, PositionRow
from pnl.domain.valuation import row
from tests.domain.strategies import fill, mark
from tests.domain.test_book import book_of

SHARED = Path(__file__).parents[1] / "js" / "outcomes.json"


@st.composite
def held(draw: st.DrawFn, most: int = 6) -> list[Stake]:
    """Return stakes in up to three events, exclusive or not, some of them decided."""
    exclusive = {name: draw(st.booleans()) for name in "ABC"}
    amounts = st.integers(-500 * DOLLAR, 500 * DOLLAR)
    found = []
    for number in range(draw(st.integers(0, most))):
        event = draw(st.sampled_from("ABC"))
        yes, no, likely = draw(amounts), draw(amounts), draw(amounts)
        decided = draw(st.sampled_from([None, None, None, "yes", "no"]))
        if decided:
            yes = no = likely = yes if decided == "yes" else no
        found.append(
            Stake(
                ticker=f"KX{number}",
                event=event,
                exclusive=exclusive[event],
                if_yes=yes,
                if_no=no,
                expected=likely,
                decided=bool(decided),
                won=decided == "yes",
            )
        )
    return found


def ends(group: Sequence[Stake]) -> list[int]:
    """Return what one event brings in every way that it may end, tried one by one."""
    found = []
    for wins in product([False, True], repeat=len(group)):
        if any(stake.decided and stake.won != win for stake, win in zip(group, wins, strict=True)):
            continue
        if group[0].exclusive and sum(wins) > max(1, sum(stake.won for stake in group)):
            continue
        found.append(sum(one.if_yes if win else one.if_no for one, win in zip(group, wins, strict=True)))
    return found


@given(held())
def test_best_and_worst_are_those_of_all_the_ways_that_an_event_may_end(stakes: list[Stake]) -> None:
    for event in outcomes(stakes):
        every = ends(event.stakes)

        assert (event.best_case, event.worst_case) == (max(every), min(every))


@given(held())
def test_an_event_is_never_better_or_worse_than_its_markets_alone(stakes: list[Stake]) -> None:
    for event in outcomes(stakes):
        alone = [(max(one.if_yes, one.if_no), min(one.if_yes, one.if_no)) for one in event.stakes]

        assert event.best_case <= sum(best for best, _ in alone)
        assert event.worst_case >= sum(worst for _, worst in alone)
        assert event.worst_case <= event.best_case
        if len(event.stakes) == 1 and not event.stakes[0].decided:
            assert (event.best_case, event.worst_case) == alone[0]


@given(held())
def test_every_stake_is_in_one_event_and_the_total_is_their_sum(stakes: list[Stake]) -> None:
    found = outcomes(stakes)

    assert sorted(one.ticker for event in found for one in event.stakes) == sorted(one.ticker for one in stakes)
    assert total(found, "expected") == sum(one.expected or 0 for one in stakes)
    assert total(found, "best_case") == sum(event.best_case for event in found)


@given(held(), st.randoms())
def test_the_order_of_the_positions_changes_no_amount(stakes: list[Stake], chance: object) -> None:
    mixed = list(stakes)
    chance.shuffle(mixed)  # type: ignore[attr-defined]  # Hypothesis's Random

    def amounts(found: list[Outcome]) -> list[tuple[object, ...]]:
        return [(one.event, one.best_case, one.worst_case, one.expected) for one in found]

    assert amounts(outcomes(stakes)) == amounts(outcomes(mixed))


def of(fills: Sequence[Fill], bid: str, ask: str, *, pays: str | None = None, exclusive: bool = True) -> PositionRow:
    ticker = fills[0].ticker
    about = Market(ticker=ticker, event_ticker="KXE", title=ticker, close_time=None, mutually_exclusive=exclusive)
    quotes = mark(ticker, bid=bid, ask=ask, status="determined" if pays else "active", pays=pays)
    return row(book_of(*fills).markets[ticker], quotes, {ticker: about})


A_YES = [fill("yes", "100", "0.30", ticker="KXA")]
B_YES = [fill("yes", "50", "0.40", ticker="KXB")]
C_NO = [fill("no", "80", "0.75", ticker="KXC")]


def test_of_several_outcomes_only_one_comes_to_pass() -> None:
    (event,) = outcomes(stakes_of([of(A_YES, "0.29", "0.31"), of(B_YES, "0.39", "0.41"), of(C_NO, "0.20", "0.24")]))

    # A wins: +70 −20 +20. C wins: −30 −20 −60. None of them: −30 −20 +20.
    assert (event.best_case, event.best_market) == (nano("70"), "KXA")
    assert (event.worst_case, event.worst_market) == (nano("-110"), "KXC")
    assert event.expected == nano("0") + nano("0") + nano("2.40")


def test_that_none_of_ours_wins_is_an_outcome_too() -> None:
    (event,) = outcomes(stakes_of([of(A_YES, "0.29", "0.31"), of(B_YES, "0.39", "0.41")]))

    assert (event.worst_case, event.worst_market) == (nano("-50"), None)


def test_contracts_of_no_in_all_the_markets_lose_at_most_one_of_them() -> None:
    sold = [[fill("no", "10", "0.60", ticker=f"KX{name}")] for name in "ABC"]
    (event,) = outcomes(stakes_of([of(fills, "0.39", "0.41") for fills in sold]))

    assert event.worst_case == nano("-6") + 2 * nano("4")
    assert (event.best_case, event.best_market) == (nano("12"), None)


def test_once_a_market_is_decided_only_that_is_left() -> None:
    won = of(A_YES, "0.99", "1.00", pays="1.00")
    (event,) = outcomes(stakes_of([won, of(B_YES, "0.01", "0.02")]))

    assert event.best_case == event.worst_case == nano("70") - nano("20")
    assert event.best_market == "KXA"


def test_a_market_that_is_known_to_have_lost_wins_in_no_outcome() -> None:
    lost = of(A_YES, "0.01", "0.02", pays="0")
    (event,) = outcomes(stakes_of([lost, of(B_YES, "0.39", "0.41")]))

    assert (event.best_case, event.worst_case) == (nano("-30") + nano("30"), nano("-30") - nano("20"))


def test_markets_that_may_win_together_are_added_up() -> None:
    rows = [of(A_YES, "0.29", "0.31", exclusive=False), of(B_YES, "0.39", "0.41", exclusive=False)]
    (event,) = outcomes(stakes_of(rows))

    assert (event.best_case, event.worst_case) == (nano("100"), nano("-50"))
    assert (event.exclusive, event.best_market) == (False, None)


def test_a_market_of_an_unknown_event_stands_alone() -> None:
    book = book_of(*A_YES)
    found = outcomes(stakes_of([row(book.markets["KXA"], mark("KXA", bid="0.29", ask="0.31"), {})]))

    assert [one.event for one in found] == ["KXA"]


def test_the_expected_result_needs_every_quote_and_the_others_none() -> None:
    found = outcomes(stakes_of([of(A_YES, "0.29", "0.31"), row(book_of(*B_YES).markets["KXB"], None, {})]))

    assert total(found, "expected") is None
    assert total(found, "worst_case") == nano("-50")


def test_the_pages_and_the_server_work_out_the_same() -> None:
    cases: list[dict[str, Json]] = json.loads(SHARED.read_text())

    for case in cases:
        rows = case["rows"]
        assert isinstance(rows, list)
        found = to_json(outcomes(stakes(one for one in rows if isinstance(one, dict))))
        assert found == case["outcome"], case["name"]
