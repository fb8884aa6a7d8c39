"""What signs links and tickets, when its secret is changed: what is open stays open, and nothing old for ever."""

import pytest

from pnl.access.seals import GRACE_SECONDS, Seals
from pnl.errors import EmbedRefused
from tests.access.embedding import Hands

OLD, NEW = b"o" * 32, b"n" * 32


def opens(seals: Seals, text: str) -> bool:
    try:
        return seals.read("link", text) == {"n": 1}
    except EmbedRefused:
        return False


def test_what_the_secret_before_signed_opens_for_an_hour_and_then_no_more() -> None:
    clock = Hands()
    seals = Seals(OLD, clock=clock)
    before = seals.sign("link", {"n": 1})

    seals.renew(NEW)
    after = seals.sign("link", {"n": 1})

    assert opens(seals, before)
    assert opens(seals, after)
    clock.on(seconds=GRACE_SECONDS - 1)
    assert opens(seals, before)
    clock.on(seconds=2)
    assert not opens(seals, before)
    assert opens(seals, after)


def test_what_is_signed_is_signed_by_the_newest_alone() -> None:
    clock = Hands()
    seals = Seals(OLD, clock=clock)

    seals.renew(NEW)

    text = seals.sign("link", {"n": 1})
    assert opens(Seals(NEW, clock=clock), text)
    assert not opens(Seals(OLD, clock=clock), text)


def test_a_previous_secret_opens_as_long_as_it_is_named_and_signs_nothing() -> None:
    clock = Hands()
    old = Seals(OLD, clock=clock).sign("link", {"n": 1})
    seals = Seals(NEW, [OLD], clock=clock)
    clock.on(days=300)

    assert opens(seals, old)
    assert not opens(Seals(OLD, clock=clock), seals.sign("link", {"n": 1}))
    seals.renew(NEW)
    assert not opens(seals, old)


def test_a_secret_that_comes_back_is_not_over_an_hour_later() -> None:
    clock = Hands()
    seals = Seals(OLD, clock=clock)
    text = seals.sign("link", {"n": 1})

    seals.renew(NEW)
    seals.renew(OLD)
    clock.on(seconds=GRACE_SECONDS + 1)

    assert opens(seals, text)


def test_what_is_signed_for_one_purpose_opens_no_other() -> None:
    seals = Seals(NEW, [OLD], clock=Hands())

    with pytest.raises(EmbedRefused):
        seals.read("ticket", seals.sign("link", {"n": 1}))
