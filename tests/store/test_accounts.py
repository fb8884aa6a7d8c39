"""Users, sessions, tokens and attempts, as the store keeps them; and keys that are asked about often."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pnl.access.keys import RECHECK_SECONDS, Keys
from pnl.access.people import Session, User
from pnl.store import SqlStore
from pnl.store.accounts import SqlAccounts

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
ANN = User(name="ann", role="viewer", password="scrypt$…")


class Hands:
    """A clock that is turned by hand."""

    def __init__(self) -> None:
        self.time = NOON

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.time.timestamp()

    def on(self, **by: float) -> None:
        self.time += timedelta(**by)


@pytest.fixture
def accounts(store: SqlStore) -> SqlAccounts:
    return store.accounts()


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
def keys(accounts: SqlAccounts, clock: Hands) -> Keys:
    return Keys(accounts, clock, 10)


def test_users_are_kept_changed_and_forgotten(accounts: SqlAccounts) -> None:
    accounts.put_user(ANN)
    accounts.put_user(replace(ANN, name="bob", role="editor"))
    accounts.put_user(replace(ANN, role="editor"))

    assert [(user.name, user.role) for user in accounts.users()] == [("ann", "editor"), ("bob", "editor")]
    assert accounts.user("nobody") is None
    assert accounts.drop_user("bob")
    assert not accounts.drop_user("bob")
    assert accounts.user("bob") is None


def test_a_session_is_its_users_until_it_is_over(accounts: SqlAccounts, keys: Keys, clock: Hands) -> None:
    accounts.put_user(ANN)
    made = keys.sign_in("ann", None)

    found = keys.of_session(made)

    assert found
    assert (found.name, found.role, found.way) == ("ann", "viewer", "session")
    assert found.ticket
    assert made not in found.ticket
    assert keys.holds(found.ticket)
    clock.on(hours=9.9)
    assert keys.of_session(made)
    clock.on(hours=0.2)
    assert keys.of_session(made) is None
    assert not keys.holds(found.ticket)


def test_a_session_ends_with_sign_out_at_once_and_elsewhere_soon(
    accounts: SqlAccounts, keys: Keys, clock: Hands
) -> None:
    accounts.put_user(ANN)
    made = keys.sign_in("ann", None)
    other = Keys(accounts, clock, 10)
    assert other.of_session(made)

    keys.sign_out(made)

    assert keys.of_session(made) is None
    clock.on(seconds=RECHECK_SECONDS + 0.1)
    assert other.of_session(made) is None


def test_a_changed_user_is_signed_out_and_one_that_is_gone_too(accounts: SqlAccounts, keys: Keys, clock: Hands) -> None:
    accounts.put_user(ANN)
    before = keys.sign_in("ann", None)
    accounts.put_user(replace(ANN, password="another"))
    after = keys.sign_in("ann", None)
    assert keys.of_session(before) is None
    assert keys.of_session(after)

    accounts.drop_user("ann")
    clock.on(seconds=RECHECK_SECONDS + 0.1)

    assert keys.of_session(after) is None


def test_a_session_of_another_way_to_sign_in_does_not_count(accounts: SqlAccounts, clock: Hands) -> None:
    accounts.put_user(ANN)
    outside = Keys(accounts, clock, 10, role_of=lambda _: "editor")
    theirs, ours = outside.sign_in("eve@example.com", "editor"), Keys(accounts, clock, 10).sign_in("ann", None)

    assert Keys(accounts, clock, 10).of_session(theirs) is None
    assert outside.of_session(ours) is None
    found = outside.of_session(theirs)
    assert found
    assert found.role == "editor"


def test_what_somebody_may_do_whom_another_service_knows_is_looked_up_anew(accounts: SqlAccounts, clock: Hands) -> None:
    session = Keys(accounts, clock, 10, role_of=lambda _: "editor").sign_in("eve@example.com", "editor")

    demoted = Keys(accounts, clock, 10, role_of=lambda _: "viewer").of_session(session)
    assert demoted
    assert demoted.role == "viewer"
    assert Keys(accounts, clock, 10, role_of=lambda _: None).of_session(session) is None


def test_sessions_that_are_over_are_forgotten(accounts: SqlAccounts) -> None:
    accounts.open_session("old", Session(name="eve", role="viewer", until=NOON), NOON - timedelta(hours=1))
    assert accounts.session("old")

    accounts.open_session("new", Session(name="eve", role="viewer", until=NOON + timedelta(hours=1)), NOON)

    assert accounts.session("old") is None
    assert accounts.session("new")


def test_a_token_is_known_by_its_text_alone_until_it_is_over(accounts: SqlAccounts, keys: Keys, clock: Hands) -> None:
    token, text = keys.make_token("nightly export", frozenset(["read"]), 30, "ann")

    found = keys.of_token(text)

    assert found
    assert (found.name, found.role, found.scopes) == ("token nightly export", None, frozenset(["read"]))
    assert accounts.tokens() == (token,)
    assert text.rpartition("_")[2] not in str(accounts.tokens())
    assert keys.of_token(text[:-1] + ("A" if text[-1] != "A" else "B")) is None
    assert keys.of_token("pnl_" + "a" * 12 + text[16:]) is None
    assert keys.of_token("") is None
    clock.on(days=31)
    assert keys.of_token(text) is None


def test_a_token_is_revoked_once(accounts: SqlAccounts, keys: Keys, clock: Hands) -> None:
    token, text = keys.make_token("x", frozenset(["read", "entries"]), 30, "ann")
    assert keys.of_token(text)

    assert accounts.end_token(token.number, clock.now())
    clock.on(seconds=RECHECK_SECONDS + 0.1)

    assert keys.of_token(text) is None
    assert not accounts.end_token(token.number, clock.now())


def test_attempts_wait_by_address_for_a_minute_and_by_name_for_an_hour(accounts: SqlAccounts) -> None:
    def tried(minutes: float, address: str, name: str) -> float:
        at = NOON + timedelta(minutes=minutes)
        return accounts.attempt(at, address, name, per_minute=2, per_hour=3) / timedelta(minutes=1)

    assert tried(0, "10.0.0.1", "ann") == 0
    assert tried(0.25, "10.0.0.1", "bob") == 0
    assert tried(0.5, "10.0.0.1", "cid") == 0.75  # then the one for bob is a minute old, and one is left
    assert tried(1.25, "10.0.0.1", "dan") == 0
    assert tried(2, "10.0.0.2", "ann") == 0
    assert tried(3, "10.0.0.3", "ann") == 0
    assert tried(10, "10.0.0.4", "ann") == 52  # then that of 2 is an hour old
    assert tried(20, "10.0.0.4", "ann") == 43  # one before makes it longer: that of 3 now has to be
    assert tried(63, "10.0.0.4", "ann") == 0


def test_attempts_that_were_right_in_the_end_are_forgotten(accounts: SqlAccounts) -> None:
    for _ in range(3):
        accounts.attempt(NOON, "10.0.0.1", "ann", per_minute=3, per_hour=3)

    accounts.forgive("10.0.0.1", "ann")

    assert not accounts.attempt(NOON, "10.0.0.1", "ann", per_minute=3, per_hour=3)


def test_without_a_limit_for_names_nobody_waits_by_name(accounts: SqlAccounts) -> None:
    for number in range(30):
        assert not accounts.attempt(NOON, f"10.0.0.{number}", "", per_minute=1)

    assert accounts.attempt(NOON, "10.0.0.1", "", per_minute=1) == timedelta(minutes=1)
