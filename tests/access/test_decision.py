"""Who may do what: the one decision, for every kind of caller."""

import pytest

from pnl.access.decision import Need, decide, need
from pnl.access.people import Caller, Scope

VIEWER = Caller(name="ann", role="viewer", way="session")
EDITOR = Caller(name="bob", role="editor", way="session")


def program(*scopes: Scope) -> Caller:
    return Caller(name="token x", role=None, way="token", scopes=frozenset(scopes))


@pytest.mark.parametrize("rule", ["/signin", "/healthz", "/assets/<path:filename>"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_way_in_is_open_to_everybody(rule: str, method: str) -> None:
    assert decide(need(rule, method), None) == "welcome"


@pytest.mark.parametrize("rule", ["/", "/api/pnl/ws", "/api/pnl/stream", "/<path:path>", "/never/heard/of", None])
def test_whatever_is_not_known_to_be_open_needs_somebody(rule: str | None) -> None:
    assert decide(need(rule, "GET"), None) == "unknown"
    assert decide(need(rule, "GET"), VIEWER) == "welcome"


def test_to_change_something_takes_an_editor() -> None:
    for rule in ("/api/pnl/entries", "/api/pnl/entries/<entry_id>", "/api/pnl/sources/<name>/retry", "/new", None):
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            assert decide(need(rule, method), VIEWER) == "refused"
            assert decide(need(rule, method), EDITOR) == "welcome"


def test_what_pages_ask_for_by_post_takes_no_editor() -> None:
    assert decide(need("/_dash-update-component", "POST"), VIEWER) == "welcome"


@pytest.mark.parametrize("scope", ["read", "entries", "manage", "metrics"])
def test_any_program_may_ask_what_its_token_may_do_and_a_panel_of_another_page_may_not(scope: Scope) -> None:
    asked = need("/api/pnl/me", "GET")
    panel = Caller(name="embed x", role=None, way="embed", scopes=frozenset(["embed"]))

    assert decide(asked, program(scope)) == "welcome"
    assert decide(asked, VIEWER) == "welcome"
    assert decide(asked, None) == "unknown"
    assert decide(asked, panel) == "refused"
    assert decide(need("/api/pnl/me", "POST"), program("read")) == "refused"


def test_a_program_may_do_what_its_scopes_say_and_nothing_else() -> None:
    asked = {"read": need("/api/pnl/days", "GET"), "entries": need("/api/pnl/entries", "POST")}
    asked["manage"] = need("/api/pnl/sources/<name>/retry", "POST")
    for scope, what in asked.items():
        assert isinstance(what, Need)
        for held in ("read", "entries", "manage"):
            assert decide(what, program(held)) == ("welcome" if held == scope else "refused")
        assert decide(what, program()) == "refused"
