"""Passwords: kept as hashes, and no easier to guess than they must be."""

import time

import pytest

from pnl.access.passwords import hashed, matches, weakness

GOOD = "a stranger's umbrella"


def test_the_password_matches_its_hash_and_no_other_does() -> None:
    kept = hashed(GOOD)

    assert matches(GOOD, kept)
    assert not matches(GOOD + " ", kept)
    assert not matches("", kept)
    assert GOOD not in kept


def test_the_same_password_is_kept_differently_each_time() -> None:
    assert hashed(GOOD) != hashed(GOOD)


def test_nobody_has_a_password_that_matches() -> None:
    assert not matches(GOOD, None)
    assert not matches("", None)


def test_to_learn_that_there_is_nobody_takes_as_long_as_a_wrong_password() -> None:
    kept = hashed(GOOD)

    def took(held: str | None) -> float:
        began = time.perf_counter()
        assert not matches("a wrong password", held)
        return time.perf_counter() - began

    somebody, nobody = (min(took(held) for _ in range(5)) for held in (kept, None))

    assert 0.4 < somebody / nobody < 2.5  # without the work, a thousandth


@pytest.mark.parametrize("kept", ["", "plain", GOOD, "scrypt$15$8$1$xx", "md5$1$1$1$AAAA$AAAA"])
def test_what_is_no_hash_of_ours_matches_nothing(kept: str) -> None:
    assert not matches(GOOD, kept)


def test_letters_that_are_no_text_are_a_wrong_password_and_no_error() -> None:
    assert not matches("\ud800" * 12, hashed(GOOD))


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", "has 5 characters"),
        ("x" * 201, "has 201"),
        ("aaaaaaaaaaaa", "guessed"),
        ("my ann password", "guessed"),
    ],
)
def test_a_weak_password_is_refused_with_the_reason(password: str, why: str) -> None:
    assert why in (weakness(password, "ann") or "")
    assert weakness(GOOD, "ann") is None
