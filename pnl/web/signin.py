"""The page to sign in at, and the way out; the only page that is no part of the shell."""

from html import escape
from typing import Final
from urllib.parse import urlsplit

import structlog
from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from pnl.access.keys import Keys
from pnl.access.passwords import matches
from pnl.access.people import Accounts
from pnl.clock import Clock
from pnl.domain.snapshot import Json
from pnl.web.access import Access, caller, cookie_name
from pnl.web.answers import answer
from pnl.web.describe import content, operation
from pnl.web.schemas import TEXT, one_of, or_null, thing
from pnl.web.theme import THEME_SCRIPT

log = structlog.get_logger(__name__)

PER_MINUTE: Final = 5
PER_HOUR: Final = 20
_WRONG: Final = "That name and password do not belong together. Try again."
_LATER: Final = "There were too many attempts. Wait a minute, then try again."
_STYLES: Final = ("fonts", "tokens", "base", "shell", "entries", "signin")

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
                            "scopes": {"type": "array", "items": one_of("read", "entries", "manage")},
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
        if caller():
            return _to(_next())
        return _page()

    def sign_in(self) -> Response:
        name = request.form.get("name", "").strip().lower()[:100]
        password = request.form.get("password", "")
        address = request.remote_addr or "unknown"
        here, named = self._accounts.attempt(self._clock.now(), address, name)
        if here > PER_MINUTE or named > PER_HOUR:
            log.warning("too many attempts to sign in", address=address)
            made = _page(_LATER, name, 429)
            made.headers["Retry-After"] = "60"
            return made
        user = self._accounts.user(name)
        if not matches(password, user.password if user else None):
            log.warning("a sign-in failed", address=address)
            return _page(_WRONG, name, 401)
        self._accounts.forgive(address, name)
        self._leave()
        log.info("signed in", user=name, address=address)
        made = _to(_next())
        made.set_cookie(
            cookie_name(),
            self._keys.sign_in(name, None),
            max_age=self._keys.lasts,
            secure=request.is_secure,
            httponly=True,
            samesite="Lax",
        )
        return made

    def sign_out(self) -> Response:
        self._leave()
        made = _to("/signin")
        made.delete_cookie(cookie_name(), secure=request.is_secure, httponly=True, samesite="Lax")
        made.headers["Clear-Site-Data"] = '"cache"'
        return made

    def _leave(self) -> None:
        session = request.cookies.get(cookie_name())
        if session:
            self._keys.sign_out(session)


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
        desk = _Desk(access.keys, access.accounts, clock)
        routes.add_url_rule("/signin", "page", desk.page, methods=["GET"])
        routes.add_url_rule("/signin", "in", desk.sign_in, methods=["POST"])
        routes.add_url_rule("/signout", "out", desk.sign_out, methods=["POST"])
    return routes


def _next() -> str:
    """Return where to go after signing in: a page of ours, whatever the address says."""
    wanted = request.values.get("next", "/")
    parts = urlsplit(wanted)
    ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and not parts.netloc
    return wanted if ours and wanted.isprintable() and "\\" not in wanted else "/"


def _to(place: str) -> Response:
    return Response(status=303, headers={"Location": place, "Cache-Control": "no-store"})


def _page(trouble: str = "", name: str = "", status: int = 200) -> Response:
    styles = "".join(f'<link rel="stylesheet" href="/assets/css/{one}.css">' for one in _STYLES)
    said = f'<p class="signin-trouble" role="alert">{escape(trouble)}</p>' if trouble else ""
    body = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Sign in · NorthStar P&amp;L</title>
<link rel="icon" href="/assets/star.svg" type="image/svg+xml">
{styles}
<script>{THEME_SCRIPT}</script>
</head>
<body class="signin">
<main>
<form method="post" action="/signin" class="card signin-card">
<p class="brand"><span class="star"></span><span>NorthStar <small>P&amp;L</small></span></p>
<h1>Sign in</h1>
{said}
<input type="hidden" name="next" value="{escape(_next())}">
<div class="field"><label for="name">Name</label>
<input class="input" id="name" name="name" value="{escape(name)}" autocomplete="username" autocapitalize="none" \
spellcheck="false" required{"" if name else " autofocus"}></div>
<div class="field"><label for="password">Password</label>
<input class="input" id="password" name="password" type="password" autocomplete="current-password" \
required{" autofocus" if name else ""}></div>
<button class="button primary" type="submit">Sign in</button>
<p class="quiet">Forgotten? Whoever runs this server can set a new one.</p>
</form>
</main>
</body>
</html>
"""
    made = Response(body, status, content_type="text/html; charset=utf-8")
    made.headers["Cache-Control"] = "no-store"
    return made
