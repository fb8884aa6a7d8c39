"""How the pages to sign in at look, where they lead, and the session's cookie; no part of the shell."""

from datetime import timedelta
from html import escape
from math import ceil
from typing import Final
from urllib.parse import urlsplit

from flask import Response, request

from pnl.access.keys import Keys
from pnl.access.people import Role
from pnl.web.access import cookie_name
from pnl.web.theme import THEME_SCRIPT
from pnl.web.unchecked import hosts, warning

_STYLES: Final = ("fonts", "tokens", "base", "shell", "entries", "signin")
_LONGEST: Final = 1_500
_SECONDS: Final = 90
"""So long a wait is told in seconds, and a longer one in minutes."""


def let_in(keys: Keys, name: str, role: Role | None, place: str) -> Response:
    """Begin a session in the place of any that the browser has, and send it on to a page of ours."""
    leave(keys)
    made = to(place)
    made.set_cookie(
        cookie_name(),
        keys.sign_in(name, role),
        max_age=keys.lasts,
        secure=request.is_secure,
        httponly=True,
        samesite="Lax",
    )
    return made


def leave(keys: Keys) -> None:
    """End the session that the browser has, if it has one."""
    session = request.cookies.get(cookie_name())
    if session:
        keys.sign_out(session)


def sign_out(keys: Keys, then: str = "/signin") -> Response:
    """End the session, have the browser forget it and what it keeps of our pages, and send it on."""
    leave(keys)
    made = to(then)
    made.delete_cookie(cookie_name(), secure=request.is_secure, httponly=True, samesite="Lax")
    made.headers["Clear-Site-Data"] = '"cache"'
    return made


def place_of(wanted: str) -> str:
    """Return where to go after signing in: a page of ours, whatever is asked for."""
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return "/"
    ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and not parts.netloc
    return wanted if ours and len(wanted) <= _LONGEST and wanted.isprintable() and "\\" not in wanted else "/"


def to(place: str) -> Response:
    """Send the browser on."""
    return Response(status=303, headers={"Location": place, "Cache-Control": "no-store"})


def head(trouble: str = "", title: str = "Sign in") -> str:
    """Return the markup of what stands above: the product, what is to be done here, and what went wrong before."""
    said = f'<p class="signin-trouble" role="alert">{escape(trouble)}</p>' if trouble else ""
    return f"""<p class="brand"><span class="star"></span><span>NorthStar <small>P&amp;L</small></span></p>
<h1>{title}</h1>
{said}"""


def _unchecked() -> str:
    """Return the banner that stands on every page while the certificates of some sources are not checked."""
    if not hosts():
        return ""
    strong, text = warning()
    return f'<p class="banner banner-loud" role="alert"><span><strong>{strong}</strong> {escape(text)}</span></p>\n'


def later(wait: timedelta) -> tuple[str, dict[str, str]]:
    """Return what somebody is told who has to wait, and the header that says the same.

    >>> later(timedelta(minutes=42, seconds=0.5))[1]
    {'Retry-After': '2521'}
    """
    seconds = ceil(wait.total_seconds())
    said = f"{seconds} seconds" if seconds <= _SECONDS else f"{ceil(seconds / 60)} minutes"
    text = f"There were too many attempts. Wait {said}, then try again: each one before makes it longer."
    return text, {"Retry-After": str(seconds)}


def page(content: str, status: int = 200, *, title: str = "Sign in", then: str = "") -> Response:
    """Return a page with some markup as its only card.

    Args:
        content: The markup.
        status: Of the answer.
        title: What the page is called.
        then: Where the browser goes on to by itself.
    """
    onwards = f'<meta http-equiv="refresh" content="0;url={escape(then)}">' if then else ""
    styles = "".join(f'<link rel="stylesheet" href="/assets/css/{one}.css">' for one in _STYLES)
    body = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">{onwards}
<title>{title} · NorthStar P&amp;L</title>
<link rel="icon" href="/assets/star.svg" type="image/svg+xml">
{styles}
<script>{THEME_SCRIPT}</script>
<script src="/assets/live/forget.js" data-now></script>
</head>
<body class="signin">
<main>
{_unchecked()}{content}
</main>
</body>
</html>
"""
    made = Response(body, status, content_type="text/html; charset=utf-8")
    made.headers["Cache-Control"] = "no-store"
    return made
