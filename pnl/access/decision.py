"""The one function that decides: pages, API, events and WebSocket alike."""

from dataclasses import dataclass
from typing import Final, Literal

from pnl.access.people import Caller, Role, Scope

Verdict = Literal["welcome", "unknown", "refused"]

SAFE: Final = ("GET", "HEAD", "OPTIONS")
EMBED: Final = "/embed/"
"""Where panels for other sites' pages live: whoever comes there shows a token, and cookies do not count."""
PUBLIC: Final = (
    "/assets/<path:filename>",
    "/assets/all.js",
    "/assets/css/all.css",
    "/embed.js",
    "/embed/bundle/<name>",
    "/embed/check",
    "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>",
    "/_favicon.ico",
    "/healthz",
    "/readyz",
    "/signin",
    "/signin/oidc",
    "/signin/oidc/back",
    "/signin/oidc/out",
    "/signout",
    "/sw.js",
)
"""The routes that anybody may ask for: how the server does, how its pages look, and the way in and out."""
_EDITORS_ONLY: Final = ("/api/pnl/embeds",)
"""What a viewer may not even look at: links that let strangers in."""
METRICS: Final = "/metrics"
"""What a program reads that watches over this one: its token opens no figure, and no other token opens this."""
ME: Final = "/api/pnl/me"
"""Where a program learns what its token may do: it tells nothing else, so any token that holds may ask."""
_ASKS_BY_POST: Final = ("/_dash-update-component",)
"""What is asked for by POST, though nothing is changed by it."""


@dataclass(frozen=True, slots=True)
class Need:
    """What a request asks of its caller: a role of a person, or a scope of a program.

    Attributes:
        role: None where no person is let in, whoever it is.
        scope: Of a program, or of a panel in another site's page; None where a program needs none, only a token.
        panel: The panel whose figures it asks for; None for a route that is no panel's.
    """

    role: Role | None
    scope: Scope | None
    panel: str | None = None


READ: Final = Need("viewer", "read")
_OF_THEIR_OWN: Final = {METRICS: Need("viewer", "metrics"), ME: Need("viewer", None)}
"""What is looked at by other programs than those that read figures."""


def need(rule: str | None, method: str, panel: str | None = None) -> Need | None:
    """Return what a request needs; None if anybody may send it. What is not known needs what all else does.

    Args:
        rule: The route that it meets, as registered; None if it meets none.
        method: Its method.
        panel: The panel that it names.
    """
    if rule in PUBLIC:
        return None
    if rule and rule.startswith(EMBED):
        # A browser asks beforehand, and shows nothing yet, whether it may show a token.
        return None if method == "OPTIONS" else Need(None, "embed", panel)
    if rule and rule.startswith(_EDITORS_ONLY):
        return Need("editor", "manage")
    if method in SAFE and rule in _OF_THEIR_OWN:
        return _OF_THEIR_OWN[rule]
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
        granted = asked.panel is None or (caller.grant is not None and asked.panel in caller.grant.panels)
        scoped = asked.scope in caller.scopes if asked.scope else caller.way == "token"
        return "welcome" if scoped and granted else "refused"
    if asked.role is None:
        return "refused"
    return "welcome" if caller.role == "editor" or asked.role == "viewer" else "refused"
