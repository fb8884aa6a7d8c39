"""`pnl users` and `pnl tokens`, as an operator types them."""

import io
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pnl.access.keys import Keys
from pnl.access.passwords import matches
from pnl.cli import main
from pnl.clock import SystemClock
from pnl.store import open_store
from tests.empty_books import empty_file

PASSWORD = "a stranger's umbrella"
Typed = Callable[..., int]


@pytest.fixture
def url(tmp_path: Path) -> str:
    return empty_file(tmp_path / "pnl.db")


@pytest.fixture
def typed(url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Typed:
    """Return what runs a command with something on its standard input."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PNL_DATABASE_URL", url)

    def run(*arguments: str, read: str = "") -> int:
        monkeypatch.setattr(sys, "stdin", io.StringIO(read))
        return main(arguments)

    return run


def test_a_user_is_added_changed_shown_and_removed(typed: Typed, url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed("users", "add", "Ann", "--role", "editor", read=PASSWORD + "\n") == 0
    assert typed("users", "add", "bob", read=PASSWORD) == 0
    assert typed("users", "role", "bob", "editor") == 0
    assert typed("users", "password", "bob", read="quite another one\n") == 0
    assert typed("users", "remove", "ann") == 0
    capsys.readouterr()
    assert typed("users", "list") == 0

    assert capsys.readouterr().out == "bob  editor\n"
    store = open_store(url, demo=True)
    user = store.accounts().user("bob")
    store.close()
    assert user
    assert matches("quite another one", user.password)


@pytest.mark.parametrize(
    ("arguments", "read", "said"),
    [
        (("users", "add", "ann"), PASSWORD, "ann is there already"),
        (("users", "add", "bob"), "short", "the password has 5 characters: give 12 or more; nothing was changed"),
        (("users", "password", "ann"), "", "the password has 0 characters"),
        (("users", "password", "bob"), PASSWORD, "there is no user bob"),
        (("users", "role", "bob", "editor"), "", "there is no user bob"),
        (("users", "remove", "bob"), "", "there is no user bob"),
        (("users", "sign-out", "ann"), "", "nobody of the name ann is signed in"),
        (("tokens", "revoke", "abc"), "", "there is no token abc that holds"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(
    typed: Typed, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], read: str, said: str
) -> None:
    typed("users", "add", "ann", read=PASSWORD)

    assert typed(*arguments, read=read) == 1

    assert said in capsys.readouterr().err
    typed("users", "list")
    assert capsys.readouterr().out == "ann  viewer\n"


@pytest.mark.parametrize(
    "arguments",
    [("users", "add", "two words"), ("tokens", "add", ""), ("tokens", "add", "x", "--days", "0"), ("users",)],
)
def test_what_makes_no_sense_is_refused(typed: Typed, arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit, match="2"):
        typed(*arguments)


def test_the_sessions_of_a_name_are_ended_also_of_somebody_whom_a_provider_signed_in(
    typed: Typed, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    store = open_store(url, demo=True)
    keys = Keys(store.accounts(), SystemClock(), role_of=lambda _: "viewer")
    sessions = [keys.sign_in("auth0|7@Ärzte", "viewer") for _ in range(2)]
    other = keys.sign_in("bob", "viewer")

    assert typed("users", "sign-out", "AUTH0|7@Ärzte") == 0

    fresh = Keys(store.accounts(), SystemClock(), role_of=lambda _: "viewer")
    assert [fresh.of_session(session) for session in sessions] == [None, None]
    assert fresh.of_session(other)
    store.close()
    assert capsys.readouterr().out == "auth0|7@Ärzte is signed out: 2 sessions ended\n"


def test_a_token_is_shown_once_listed_without_its_secret_and_revoked(
    typed: Typed, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed("tokens", "add", "nightly export", "--scope", "read", "--scope", "entries", "--days", "30") == 0
    told = capsys.readouterr()
    text = told.out.strip()
    assert "This is shown once. Its scopes are entries, read, and it holds until 2" in told.err
    store = open_store(url, demo=True)
    keys = Keys(store.accounts(), SystemClock())
    caller = keys.of_token(text)
    assert caller
    assert caller.scopes == {"read", "entries"}
    (token,) = store.accounts().tokens()
    assert (token.until - datetime.now(UTC)).days == 29
    typed("tokens", "list")
    listed = capsys.readouterr().out
    assert "nightly export" in listed
    assert "entries,read" in listed
    assert text.rpartition("_")[2] not in listed

    assert typed("tokens", "revoke", token.number) == 0

    typed("tokens", "list")
    assert "revoked" in capsys.readouterr().out
    assert Keys(store.accounts(), SystemClock()).of_token(text) is None
    store.close()
