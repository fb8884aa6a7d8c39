"""All rules at once: one trigger and one resolve an incident, silence, rules that change or go."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from pnl.domain.alerts.board import Board, Look, look, of_json, shown, to_json
from pnl.domain.alerts.figures import Seen
from pnl.domain.alerts.rules import Rule, read
from pnl.domain.money import DOLLAR
from tests.web.fakes import NOON, snapshot

SECOND = timedelta(seconds=1)
LOSS = {"name": "Loss", "figure": "net", "when": "below", "amount": "-500", "severity": "critical"}


def rule(rule_id: str = "page-1", **more: object) -> Rule:
    return read(LOSS | {"name": rule_id, "receivers": ["on-call"]} | more, rule_id=rule_id, origin="page")


def after(board: Board, second: int, net: int | None, *rules: Rule, quiet_until: int | None = None) -> Look:
    """Look at the net of a second, in dollars."""
    made = replace(snapshot(), as_of=NOON + second * SECOND, net=None if net is None else net * DOLLAR)
    seen = Seen(snapshot=made, high=None, month_cost=None, budget=None, failed={})
    silenced = {} if quiet_until is None else {"page-1": NOON + quiet_until * SECOND}
    return look(board, rules, silenced, seen, 40 * SECOND)


def letters(found: Look) -> list[tuple[str, str]]:
    return [(receiver, event.action) for receiver, event in found.letters]


@given(
    st.lists(
        st.tuples(
            st.sampled_from([None, 0, -501, -502]),
            st.booleans(),
            st.sampled_from(["500", "501", "600"]),
            st.sampled_from([[], ["a"], ["a", "b"], ["b"]]),
            st.booleans(),
        ),
        max_size=30,
    )
)
def test_whatever_happens_each_receiver_is_told_the_beginning_and_then_the_end_of_an_incident_once(
    steps: list[tuple[int | None, bool, str, list[str], bool]],
) -> None:
    board, open_ = Board(), set[tuple[str, str]]()
    done = set[tuple[str, str]]()
    for second, (net, quiet, limit, receivers, there) in enumerate(steps):
        one = rule(amount=f"-{limit}", receivers=receivers)
        found = after(board, second, net, *([one] if there else []), quiet_until=second + 1 if quiet else None)
        for receiver, event in found.letters:
            key = (receiver, event.incident)
            if event.action == "trigger":
                assert key not in open_ | done
                assert not quiet
                open_.add(key)
            else:
                assert key in open_
                open_.remove(key)
                done.add(key)
        board = of_json(to_json(found.board))
        assert board == found.board
        told = {(name, state.incident) for _, state in board.standing.values() for name in state.told}
        assert told == open_


def test_a_rule_that_fires_is_told_to_its_receivers_and_the_end_too() -> None:
    fired = after(Board(), 1, -501, rule())
    still = after(fired.board, 2, -502, rule())
    over = after(still.board, 3, 0, rule())

    assert [event.action for event in fired.events] == ["trigger"]
    assert letters(fired) == [("on-call", "trigger")]
    assert (still.events, still.letters) == ((), ())
    assert letters(over) == [("on-call", "resolve")]
    assert over.letters[0][1].incident == fired.letters[0][1].incident
    assert (fired.board.changed, still.board.changed, over.board.changed) == (1, 1, 2)


def test_a_rule_that_is_silenced_tells_nobody_until_the_silence_is_over() -> None:
    fired = after(Board(), 1, -501, rule(), quiet_until=3)
    still = after(fired.board, 2, -501, rule(), quiet_until=3)
    heard = after(still.board, 3, -501, rule(), quiet_until=3)

    assert [event.action for event in fired.events] == ["trigger"]
    assert letters(fired) == letters(still) == []
    assert letters(heard) == [("on-call", "trigger")]
    assert heard.events == ()


def test_what_was_told_before_a_silence_is_told_the_end_of() -> None:
    fired = after(Board(), 1, -501, rule())

    assert letters(after(fired.board, 2, 0, rule(), quiet_until=9)) == [("on-call", "resolve")]


def test_a_rule_that_goes_while_it_fires_ends_its_incident() -> None:
    fired = after(Board(), 1, -501, rule())

    gone = after(fired.board, 2, -501)

    assert letters(gone) == [("on-call", "resolve")]
    assert gone.events[0].why == "the rule was removed"
    assert gone.board.standing == {}
    assert letters(after(gone.board, 3, -501)) == []


def test_a_rule_that_watches_something_else_now_is_another_rule() -> None:
    fired = after(Board(), 1, -501, rule())

    other = after(fired.board, 2, -501, rule(when="at_most"))

    assert letters(other) == [("on-call", "resolve"), ("on-call", "trigger")]
    assert other.events[0].why == "the rule was changed"
    assert other.events[0].when == "below"


def test_another_limit_is_the_same_incident() -> None:
    fired = after(Board(), 1, -501, rule())

    assert after(fired.board, 2, -501, rule(amount="-400")).letters == ()
    assert letters(after(fired.board, 2, -501, rule(amount="-600"))) == [("on-call", "resolve")]


def test_a_snapshot_tells_how_many_fire_and_names_the_critical_ones() -> None:
    rules = [rule(f"page-{n}", severity="critical" if n else "warning") for n in range(5)]
    fired = after(Board(), 1, -501, *rules)

    told = shown(fired)

    at = "2026-11-20T17:00:01.000Z"
    assert told == {
        "firing": 5,
        "critical": 4,
        "worst": [{"name": f"page-{n}", "since": at} for n in (1, 2, 3)],
        "changed": 1,
    }
    quiet = shown(after(fired.board, 2, -501, *rules, quiet_until=9))
    assert quiet
    assert quiet["firing"] == 4
    assert shown(after(Board(), 1, -501)) is None
