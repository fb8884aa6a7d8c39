"""Rules of alerts: laws of their evaluation, and what a rule may say."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pnl.domain import checks
from pnl.domain.alerts.figures import CHECKS, FIGURES, WHOLE, Measured, Seen, measure, unit
from pnl.domain.alerts.incidents import Action, event, of_json, shown, told
from pnl.domain.alerts.rules import COMPARISONS, Rule, read, same_names, span
from pnl.domain.alerts.states import NOTHING, State, fresh, step
from pnl.domain.alerts.states import of_json as state_of
from pnl.domain.alerts.states import to_json as kept
from pnl.domain.isolated import MARKS
from pnl.domain.money import DOLLAR
from pnl.domain.snapshot import LINES, SourceState
from pnl.errors import RuleError
from tests.web.fakes import NOON, snapshot

SECOND = timedelta(seconds=1)
TRUST = 40 * SECOND
LOSS = {"name": "Loss", "figure": "net", "when": "below", "amount": "-500", "for": "30s", "severity": "critical"}

values = st.integers(-1000, 0).map(lambda dollars: dollars * DOLLAR)
looks = st.lists(st.tuples(st.integers(1, 60), st.none() | values), max_size=40)


def rule(**more: object) -> Rule:
    return read(LOSS | more, rule_id="page-1", origin="page")


def followed(one: Rule, told_: list[tuple[int, int | None]]) -> Iterator[tuple[datetime, int | None, State]]:
    """Give every look with the state after it."""
    at, state = NOON, fresh(one, NOON)
    for seconds, value in told_:
        at += seconds * SECOND
        state = step(one, state, Measured(value, "not known" if value is None else None), at, TRUST)
        yield at, value, state


@given(looks, st.integers(0, 120))
def test_a_rule_fires_only_after_it_was_seen_to_hold_for_long_enough(
    found: list[tuple[int, int | None]], hold: int
) -> None:
    one = rule(**{"for": f"{hold}s"})
    held: timedelta | None = None
    last: tuple[datetime, int | None] | None = None
    phase = "inactive"
    for at, value, state in followed(one, found):
        if value is not None:
            if not one.holds(value):
                held = None
            elif held is None:
                held = NOTHING
            elif last and last[1] is not None and at - last[0] <= TRUST:
                held += at - last[0]
        if state.phase == "firing" and phase != "firing":
            assert value is not None
            assert held is not None
            assert held >= hold * SECOND
        if value is not None and held is not None and held >= hold * SECOND:
            assert state.phase == "firing"
        last, phase = (at, value), state.phase


@given(looks)
def test_a_figure_that_is_not_known_changes_no_phase_and_says_why(found: list[tuple[int, int | None]]) -> None:
    before = fresh(rule(), NOON)
    for _, value, state in followed(rule(), found):
        if value is None:
            assert (state.phase, state.since, state.incident) == (before.phase, before.since, before.incident)
            assert state.missing == "not known"
            assert state.value is None
        else:
            assert state.missing is None
        before = state


@given(looks)
def test_nothing_fires_without_end_or_ends_without_having_fired(found: list[tuple[int, int | None]]) -> None:
    states = [fresh(rule(), NOON), *(state for _, _, state in followed(rule(), found))]
    for one, two in pairwise(states):
        moves = {
            "inactive": {"inactive", "pending"},
            "pending": {"pending", "firing", "inactive"},
            "firing": {"firing", "resolved"},
            "resolved": {"resolved", "pending"},
        }
        assert two.phase in moves[one.phase]
        assert two.since >= one.since
        if two.phase == "resolved":
            assert two.fired_at
            assert two.resolved_at
            assert two.fired_at < two.resolved_at
        if (one.phase, two.phase) == ("pending", "firing"):
            assert two.incident != one.incident


@given(looks)
def test_a_state_that_was_kept_goes_on_as_if_it_had_not_been(found: list[tuple[int, int | None]]) -> None:
    one = rule()
    at, whole, again = NOON, fresh(one, NOON), fresh(one, NOON)
    for seconds, value in found:
        at += seconds * SECOND
        whole = step(one, whole, Measured(value), at, TRUST)
        again = step(one, state_of(kept(again)), Measured(value), at, TRUST)
        assert again == whole


@given(values, st.sampled_from(COMPARISONS))
def test_a_value_is_above_or_at_most_and_below_or_at_least(value: int, when: str) -> None:
    opposite = {"above": "at_most", "below": "at_least", "at_least": "below", "at_most": "above"}[when]

    assert rule(when=when).holds(value) is not rule(when=opposite).holds(value)


def test_without_a_time_to_hold_it_fires_at_once() -> None:
    ((_, _, state),) = followed(rule(**{"for": "0s"}), [(1, -501 * DOLLAR)])

    assert (state.phase, state.fired_at) == ("firing", NOON + SECOND)


def test_time_in_which_nobody_could_look_does_not_count() -> None:
    low = -501 * DOLLAR
    gone = [state.phase for _, _, state in followed(rule(), [(1, low), (20, None), (20, low), (29, low), (1, low)])]
    asleep = [state.phase for _, _, state in followed(rule(), [(1, low), (3600, low), (30, low)])]

    assert gone == ["pending", "pending", "pending", "pending", "firing"]
    assert asleep == ["pending", "pending", "firing"]


def seen(**more: object) -> Seen:
    made = replace(snapshot(), net=-DOLLAR, net_realised=None, lines=dict.fromkeys(LINES, 2 * DOLLAR), checks_failed=3)
    made = replace(made, missing=(), complete=True)
    return replace(
        Seen(snapshot=made, high=DOLLAR, month_cost=401 * DOLLAR, budget=500 * DOLLAR, failed={"I5_cash": 2}),
        **more,  # type: ignore[arg-type]  # the fields of Seen
    )


def of(source: str, status: str, as_of: datetime | None) -> Seen:
    state = SourceState(status=status, as_of=as_of, complete_through=None, next_attempt=None, error=None)  # type: ignore[arg-type]  # one of its words
    return seen(snapshot=replace(snapshot(), sources={source: state}))


def test_every_figure_has_a_value_at_a_snapshot() -> None:
    found = {name: measure(name, seen()) for name in FIGURES}

    assert found["net"] == Measured(-DOLLAR)
    assert found["net_realised"] == Measured(None, "net_realised is not known")
    assert found["drawdown"] == Measured(2 * DOLLAR)
    assert {found[line] for line in LINES} == {Measured(2 * DOLLAR)}
    assert found["api_budget"] == Measured(80_200_000_000)
    assert found["failed_checks"] == Measured(3 * WHOLE)
    assert found["failed_checks.I5_cash"] == Measured(2 * WHOLE)
    assert found["failed_checks.identity"] == Measured(0)


def test_every_check_that_is_told_of_can_be_watched() -> None:
    assert re.findall(r"^\| `(\w+)` \|", checks.__doc__ or "", re.MULTILINE) == list(CHECKS)


def test_what_is_not_known_says_why() -> None:
    assert measure("drawdown", seen(high=None)).missing == "net is not known"
    assert measure("nett", seen()).missing == "this version knows no figure nett"
    assert measure("api_budget", seen(budget=None)).missing == "there is no budget: set PNL_BUDGET_API_MONTHLY"
    assert measure("api_budget", seen(month_cost=None)).missing == "the API cost of the month is not known"
    assert measure("stale.kalshi", of("kalshi", "off", None)).missing == "kalshi is not connected"
    assert measure("age.revenue", of("kalshi", "live", NOON)).missing == "revenue is not connected"
    assert measure("age.kalshi", of("kalshi", "down", None)).missing == (
        "kalshi has never answered; watch stale.kalshi to be told"
    )


def without(*lines: str, **statuses: str) -> Seen:
    """What is seen while lines are not known, of sources that do as is said, and else answer."""
    states = {"kalshi": "live", "anthropic": "live", "revenue": "live"} | statuses
    sources = {
        name: SourceState(status=status, as_of=NOON, complete_through=None, next_attempt=None, error=None)  # type: ignore[arg-type]  # one of its words
        for name, status in states.items()
    }
    amounts = {name: None if name in lines else DOLLAR for name in LINES}
    missing = tuple(name for name in LINES if name in lines)
    made = replace(snapshot(), net=-DOLLAR, net_realised=-DOLLAR, lines=amounts, missing=missing, complete=not missing)
    return seen(snapshot=replace(made, sources=sources))


TRADING = ("trading_realised", "trading_unrealised", "trading_fees", "other_income")


@pytest.mark.parametrize("figure", ["net", "net_realised", "drawdown"])
def test_a_net_without_what_a_source_has_not_told_yet_is_not_known(figure: str) -> None:
    asked = "net" if figure == "drawdown" else figure

    assert measure(figure, without(*TRADING)) == Measured(None, f"{asked} is incomplete without kalshi")
    assert measure(figure, without(*TRADING, "api_cost")) == Measured(
        None, f"{asked} is incomplete without api_cost, kalshi"
    )
    assert measure(figure, without("trading_fees", anthropic="off")) == Measured(
        None, f"{asked} is incomplete without trading_fees"
    )


def test_a_line_that_is_known_is_watched_while_another_is_not() -> None:
    assert measure("revenue", without(*TRADING)) == Measured(DOLLAR)
    assert measure("trading_fees", without("trading_unrealised")) == Measured(DOLLAR)
    assert measure("trading_fees", without(*TRADING)) == Measured(None, "trading_fees is not known")


def test_the_realised_net_does_not_wait_for_the_unrealised_result() -> None:
    assert measure("net_realised", without("trading_unrealised")) == Measured(-DOLLAR)
    assert measure("net", without("trading_unrealised")).missing == "net is incomplete without trading_unrealised"


def test_a_source_that_is_not_connected_has_no_part_in_the_net() -> None:
    found = without(*TRADING, "api_cost", kalshi="off", anthropic="off")

    assert measure("net", found) == measure("net_realised", found) == Measured(-DOLLAR)
    assert measure("drawdown", found) == Measured(2 * DOLLAR)


@pytest.mark.parametrize(("status", "value"), [("live", 0), ("cached", 0), ("stale", WHOLE), ("down", WHOLE)])
def test_a_source_is_stale_when_the_pages_say_so(status: str, value: int) -> None:
    assert measure("stale.kalshi", of("kalshi", status, None)) == Measured(value)


def test_the_age_of_a_source_is_in_whole_seconds() -> None:
    assert measure("age.kalshi", of("kalshi", "cached", NOON - timedelta(seconds=90.9))) == Measured(90 * WHOLE)
    assert measure("age.kalshi", of("kalshi", "cached", NOON + timedelta(seconds=5))) == Measured(0)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", "", "name '' is not 1 to 80 letters in one line"),
        ("name", "a\nb", "is not 1 to 80 letters in one line"),
        ("name", "x" * 81, "is not 1 to 80 letters in one line"),
        (
            "name",
            "\u202eLoss",
            r"name '\u202eLoss' holds U+202E, which is not seen and turns letters around: leave it out",
        ),
        *(("name", f"a{mark}b", f"holds U+{ord(mark):04X}") for mark in MARKS),
        ("figure", "nett", "figure 'nett' is not one of net, net_realised, drawdown, revenue"),
        ("when", "over", "when 'over' is not one of above, below, at_least, at_most"),
        ("amount", -500, "amount -500 is not a decimal string: write it in quotes"),
        ("amount", "1e3", "amount '1e3' is no plain decimal number"),
        ("amount", "-500.1234567891", "is no plain decimal number"),
        ("amount", "9999999999", "is beyond what can be kept"),
        ("for", "5", "for '5' is no length of time up to 7 days: write 90s, 5m, 2h or 1d"),
        ("for", "8d", "for '8d' is no length of time up to 7 days"),
        ("for", 5, "for 5 is no length of time"),
        ("severity", "page", "severity 'page' is not one of warning, critical"),
        ("receivers", "on-call", "receivers 'on-call' is no list of names"),
        ("receivers", ["On Call"], "receivers 'On Call' is no name of a receiver"),
        ("limit", "1", "there is no field 'limit'; a rule has name, figure, when, amount, for, severity, receivers"),
    ],
)
def test_a_wrong_field_is_named_with_its_cure(field: str, value: object, said: str) -> None:
    with pytest.raises(RuleError) as caught:
        rule(**{field: value})

    assert caught.value.field == field
    assert said in str(caught.value)


@pytest.mark.parametrize("missing", ["name", "figure", "when", "amount"])
def test_a_field_that_is_missing_is_named(missing: str) -> None:
    with pytest.raises(RuleError, match=f"{missing} is missing"):
        read({name: value for name, value in LOSS.items() if name != missing}, rule_id="x", origin="file")


@pytest.mark.parametrize(
    ("figure", "amount", "said"),
    [
        ("api_budget", "-1", "below zero"),
        ("age.kalshi", "1.5", "not whole"),
        ("failed_checks", "0.5", "not whole"),
        ("stale.kalshi", "1", "yes or no: leave when out"),
    ],
)
def test_an_amount_fits_its_figure(figure: str, amount: str, said: str) -> None:
    with pytest.raises(RuleError, match=said):
        rule(figure=figure, amount=amount)


def test_a_yes_or_no_needs_no_amount() -> None:
    made = read({"name": "Kalshi is stale", "figure": "stale.kalshi"}, rule_id="x", origin="file")

    assert made.holds(WHOLE)
    assert not made.holds(0)
    assert (made.severity, made.hold, made.receivers) == ("warning", NOTHING, ())


def test_names_are_told_apart_whatever_their_case() -> None:
    assert same_names([rule(name="Loss"), rule(name="loss")]) == "loss"
    assert same_names([rule(name="Loss"), rule(name="Loss 2")]) is None


def test_lengths_are_written_with_their_unit() -> None:
    assert [span(text, "for") for text in ("90s", "5m", "2h", "1d")] == [
        timedelta(seconds=90), timedelta(minutes=5), timedelta(hours=2), timedelta(days=1),
    ]  # fmt: skip


def test_an_event_is_told_in_one_line_and_kept_whole() -> None:
    one = rule(name="Loss of <the> day")
    state = State(phase="firing", since=NOON, about=one.about, value=-1_204_119_999_999, incident="i", fired_at=NOON)
    fired = event("trigger", one, state, NOON, demo=False)
    over = event("resolve", one, replace(state, value=0), NOON + SECOND, demo=True)

    assert fired.summary == "Loss of <the> day: Net of the day is −$1,204.12, below −$500.00"
    assert over.summary == "DEMO DATA · Resolved: Loss of <the> day (Net of the day is $0.00)"
    assert event("resolve", one, state, NOON, demo=False, why="the rule was removed").summary == (
        "Resolved: Loss of <the> day (the rule was removed)"
    )
    assert event("test", one, state, NOON, demo=False).summary == "Loss of <the> day: a test, nothing is wrong"
    assert of_json(dict(fired.to_json())) == fired
    assert of_json(dict(over.to_json())) == over


@pytest.mark.parametrize("action", ["trigger", "resolve"])
@pytest.mark.parametrize("letter", ["N", "🔥", "א"])
def test_of_a_line_that_is_too_long_the_name_is_shortened_and_no_amount(action: Action, letter: str) -> None:
    one = rule(name=letter * 80, figure="trading_unrealised", when="at_most", amount="-1000000000")
    state = State(phase="firing", since=NOON, about=one.about, value=-1_500_000_000 * DOLLAR)
    made = event(action, one, state, NOON, demo=True)

    line = made.within(147)

    assert 140 <= len(line.encode("utf-16-le")) // 2 <= 147
    assert made.what in line
    assert f"{letter * 15}" in line
    assert "…" in line
    assert made.within(1_000) == made.summary


@pytest.mark.parametrize(
    ("amount", "value", "said"),
    [
        ("-1.005", -1_006_100_000, "Net of the day is −$1.0061, below −$1.005"),
        ("-0.004", -20_000_000, "Net of the day is −$0.02, below −$0.004"),
        ("-500", -500_004_000_000, "Net of the day is −$500.004, below −$500.00"),
        ("-500", -501_504_000_000, "Net of the day is −$501.50, below −$500.00"),
    ],
)
def test_a_limit_is_told_as_it_was_given(amount: str, value: int, said: str) -> None:
    one = rule(amount=amount)
    state = State(phase="firing", since=NOON, about=one.about, value=value, incident="i", fired_at=NOON)

    assert event("trigger", one, state, NOON, demo=False).what == said


def test_who_is_told_while_the_figure_is_not_known_hears_so() -> None:
    state = State(phase="firing", since=NOON, about=rule().about, missing="net is incomplete without kalshi")

    assert event("trigger", rule(), state, NOON, demo=False).what == (
        "Net of the day is not known now; the limit is below −$500.00"
    )


def test_values_are_shown_in_their_unit() -> None:
    assert shown(-4_999_999, "dollars") == "$0.00"
    assert shown(-9_999_999, "dollars") == "−$0.01"
    assert [shown(nano, "dollars") for nano in (1_174_487_325_611, 5_000_000, 15_000_000, -1_173_886_534_319)] == [
        "$1,174.49",
        "$0.00",
        "$0.02",
        "−$1,173.89",
    ]
    assert shown(0, "seconds") == "0 s"
    assert told("failed_checks", 2 * WHOLE, "count") == "Failed checks is 2"
    assert told("net", None, "dollars") == "Net of the day is not known"
    assert told("stale.revenue", 0, "flag") == "Revenue is fresh"
    assert {unit(name) for name in FIGURES} == {"dollars", "percent", "seconds", "count", "flag"}
