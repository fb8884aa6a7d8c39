"""The one function that decides: pages, API, events and WebSocket alike."""

from dataclasses import dataclass
from typing import Final, Literal

from pnl.access.people import Caller, Role, Scope

Verdict = Literal["welcome", "unknown", "refused"]

SAFE: Final = ("GET", "HEAD", "OPTIONS")
PUBLIC: Final = (
    "/assets/<path:filename>",
    "/assets/all.js",
    "/assets/css/all.css",
    "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>",
    "/_favicon.ico",
    "/healthz",
    "/readyz",
    "/signin",
    "/signin/oidc",
    "/signin/oidc/back",
    "/signout",
)
"""The routes that anybody may ask for: how the server does, how its pages look, and the way in and out."""
_ASKS_BY_POST: Final = ("/_dash-update-component",)
"""What is asked for by POST, though nothing is changed by it."""


@dataclass(frozen=True, slots=True)
class Need:
    """What a request asks of its caller: a role of a person, or a scope of a program."""

    role: Role
    scope: Scope


READ: Final = Need("viewer", "read")


def need(rule: str | None, method: str) -> Need | None:
    """Return what a request needs; None if anybody may send it. What is not known needs what all else does.

    Args:
        rule: The route that it meets, as registered; None if it meets none.
        method: Its method.
    """
    if rule in PUBLIC:
        return None
    if method in SAFE or rule in _ASKS_BY_POST:
        return READ
    return Need("editor", "entries" if rule and rule.startswith("/api/pnl/entries") else "manage")


def decide(asked: Need | None, caller: Caller | None) -> Verdict:
    """Return whether a caller may have what it asks for.

    Returns:
        `unknown` if it is to say who it is first; `refused` if it may not, whoever it is.
    """
    if asked is None:
        return "welcome"
    if caller is None:
        return "unknown"
    if caller.role is None:
        return "welcome" if asked.scope in caller.scopes else "refused"
    return "welcome" if caller.role == "editor" or asked.role == "viewer" else "refused"
