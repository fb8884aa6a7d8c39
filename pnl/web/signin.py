"""The way in and out: the page to sign in at with a password, or the way to a provider; and who one is."""

from html import escape
from typing import Final

import structlog
from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from pnl.access.address import household
from pnl.access.keys import Keys
from pnl.access.passwords import matches
from pnl.access.people import SCOPES, Accounts
from pnl.clock import Clock
from pnl.domain.snapshot import Json
from pnl.metrics.instruments import AUTH_FAILURES
from pnl.web.access import Access, caller
from pnl.web.answers import answer
from pnl.web.describe import content, operation
from pnl.web.schemas import TEXT, one_of, or_null, thing
from pnl.web.signin_page import head, later, let_in, page, place_of, sign_out, to
from pnl.web.signin_provider import ProviderDesk

log = structlog.get_logger(__name__)

PER_MINUTE: Final = 5
PER_HOUR: Final = 20
_WRONG: Final = "That name and password do not belong together. Try again."

PATHS: dict[str, Json] = {
    "/api/pnl/me": {
        "get": operation(
            "me",
            "Who asks, and what that person or program may do",
            {
                200: content(
                    "The caller.",
                    thing(
                        {
                            "name": TEXT,
                            "role": or_null(one_of("viewer", "editor")),
                            "way": one_of("open", "session", "proxy", "token"),
                            "scopes": {"type": "array", "items": one_of(*SCOPES)},
                        }
                    ),
                )
            },
            problems=(),
            description="A person has a role, and a program, which shows a token, has scopes.",
        )
    }
}


class _Desk:
    """Lets people in who know their password, and counts those who do not."""

    def __init__(self, keys: Keys, accounts: Accounts, clock: Clock) -> None:
        self._keys = keys
        self._accounts = accounts
        self._clock = clock

    def page(self) -> Response:
        return to(_next()) if caller() else _page()

    def sign_in(self) -> Response:
        name = request.form.get("name", "").strip().lower()[:100]
        password = request.form.get("password", "")
        address = request.remote_addr or "unknown"
        wait = self._accounts.attempt(
            self._clock.now(), household(address), name, per_minute=PER_MINUTE, per_hour=PER_HOUR
        )
        if wait:
            AUTH_FAILURES.labels("password").inc()
            log.warning("too many attempts to sign in", address=address)
            text, headers = later(wait)
            made = _page(text, name, 429)
            made.headers.update(headers)
            return made
        user = self._accounts.user(name)
        if not matches(password, user.password if user else None):
            AUTH_FAILURES.labels("password").inc()
            log.warning("a sign-in failed", address=address)
            return _page(_WRONG, name, 401)
        self._accounts.forgive(household(address), name)
        log.info("signed in", user=name, address=address)
        return let_in(self._keys, name, None, _next())


def signin(access: Access, clock: Clock) -> Blueprint:
    """Return the routes: who one is; and where people sign in, the page and the way out."""
    routes = Blueprint("signin", __name__)

    @routes.get("/api/pnl/me")
    def me() -> Response:
        found = caller()
        if found is None:
            raise NotFound
        return answer({"name": found.name, "role": found.role, "way": found.way, "scopes": [*sorted(found.scopes)]})

    if access.entrance.signs_in and access.keys and access.accounts:
        keys = access.keys
        if access.provider and access.roles:
            there = ProviderDesk(access.provider, keys, access.accounts, access.roles, clock)
            routes.add_url_rule("/signin", "page", there.page, methods=["GET"])
            routes.add_url_rule("/signin/oidc", "go", there.go, methods=["GET"])
            routes.add_url_rule("/signin/oidc/back", "back", there.back, methods=["GET"])
            routes.add_url_rule("/signin/oidc/out", "end", there.out, methods=["GET"])
            routes.add_url_rule("/signout", "out", there.sign_out, methods=["POST"])
        else:
            desk = _Desk(keys, access.accounts, clock)
            routes.add_url_rule("/signin", "page", desk.page, methods=["GET"])
            routes.add_url_rule("/signin", "in", desk.sign_in, methods=["POST"])
            routes.add_url_rule("/signout", "out", lambda: sign_out(keys), methods=["POST"])
    return routes


def _next() -> str:
    return place_of(request.values.get("next", "/"))


def _page(trouble: str = "", name: str = "", status: int = 200) -> Response:
    content = f"""<form method="post" action="/signin" class="card signin-card">
{head(trouble)}
<input type="hidden" name="next" value="{escape(_next())}">
<div class="field"><label for="name">Name</label>
<input class="input" id="name" name="name" value="{escape(name)}" autocomplete="username" autocapitalize="none" \
spellcheck="false" required{"" if name else " autofocus"}></div>
<div class="field"><label for="password">Password</label>
<input class="input" id="password" name="password" type="password" autocomplete="current-password" \
required{" autofocus" if name else ""}></div>
<button class="button primary" type="submit">Sign in</button>
<p class="quiet">Forgotten? Whoever runs this server can set a new one.</p>
</form>"""
    return page(content, status)
