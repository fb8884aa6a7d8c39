"""The page that tells an operator what really arrives here, and looks around itself from inside a frame."""

from collections.abc import Iterable
from html import escape
from typing import Final

from flask import Request, Response

from pnl.access.grants import OWN
from pnl.access.origins import origin_of
from pnl.web.embed.page import BUNDLES, policy

_HEADERS: Final = (
    "Host",
    "Origin",
    "Referer",
    "Sec-Fetch-Site",
    "Sec-Fetch-Dest",
    "Sec-Fetch-Mode",
    "X-Forwarded-Proto",
    "X-Forwarded-Host",
    "X-Forwarded-For",
)
EXPOSED: Final = "Content-Security-Policy, X-Frame-Options, Cross-Origin-Resource-Policy, Referrer-Policy, Set-Cookie"


def check(request: Request, parents: tuple[str, ...], *, signing: bool) -> Response:
    """Return the page.

    Args:
        request: What arrived.
        parents: The sites that may frame a panel; none where embedding is off.
        signing: Whether backends of hosts may sign tokens.
    """
    arrived = [(name, request.headers.get(name, "")) for name in _HEADERS]
    arrived.append(("Address", request.remote_addr or ""))
    arrived.append(("Scheme as seen here", request.scheme))
    rows = "\n".join(
        f"<tr><th scope='row'>{escape(name)}</th><td>{escape(value[:300]) or '<span>not sent</span>'}</td></tr>"
        for name, value in arrived
    )
    found = "\n".join(
        f'<li class="embed-{"good" if good else "bad"}"><strong>{escape(title)}</strong> {escape(text)}</li>'
        for good, title, text in _findings(request, parents, signing=signing)
    )
    body = f"""<!DOCTYPE html>
<html lang="en" class="embed embed-auto" data-theme="dark" data-theme-wish="system">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Check of embedding · NorthStar P&amp;L</title>
<link rel="icon" href="data:,">
<meta name="pnl:parents" content="{escape(" ".join(parents))}">
<script src="{BUNDLES["first.js"].address}"></script>
<link rel="stylesheet" href="{BUNDLES["plain.css"].address}">
</head>
<body>
<main class="embed-panel embed-check" id="embed">
<h1>Check of embedding</h1>
<h2>What the server sees</h2>
<ul class="embed-findings">
{found}
</ul>
<h2>What this page sees from inside</h2>
<ul class="embed-findings" id="embed-inside"><li>Looking…</li></ul>
<h2>What arrived</h2>
<table class="table"><tbody>
{rows}
</tbody></table>
</main>
<script src="{BUNDLES["check.js"].address}" defer></script>
</body>
</html>
"""
    made = Response(body, content_type="text/html; charset=utf-8")
    made.headers["Content-Security-Policy"] = policy(parents)
    made.headers["Referrer-Policy"] = "no-referrer"
    made.headers["Cache-Control"] = "no-store"
    made.headers["X-Robots-Tag"] = "noindex"
    made.headers["Access-Control-Allow-Origin"] = "*"
    made.headers["Access-Control-Expose-Headers"] = EXPOSED
    return made


def _findings(request: Request, parents: Iterable[str], *, signing: bool) -> list[tuple[bool, str, str]]:
    """Return whether each thing is as it must be, what it is, and what it means or how to cure it."""
    parents = [one for one in parents if one != OWN]
    framed = request.headers.get("Sec-Fetch-Dest") == "iframe"
    referrer = origin_of("/".join(request.headers.get("Referer", "").split("/")[:3]))
    cookies = len(request.cookies)
    found = [
        (True, "Embedding is on.", f"{len(parents)} site(s) may frame a panel.")
        if parents
        else (False, "Embedding is off.", "Set PNL_EMBED_PARENTS to the sites that may frame a panel, and restart."),
        (True, "Backends may sign tokens.", "PNL_EMBED_KEYS is set.")
        if signing
        else (True, "Only links made here open panels.", "For tokens of a backend's own, set PNL_EMBED_KEYS."),
        (True, "This was asked for by a frame.", "")
        if framed
        else (True, "This was not asked for by a frame.", "Put this address into an iframe of the page in question."),
    ]
    if framed and referrer:
        known = referrer in parents
        cure = "it may frame panels." if known else "add it to PNL_EMBED_PARENTS, or no panel will show there."
        found.append((known, "The framing page is of " + referrer + ":", cure))
    elif framed:
        found.append((True, "The framing page does not say what it is.", "Its own Referrer-Policy keeps that back."))
    found.append(
        (True, "No cookie arrived.", "None is needed.")
        if not cookies
        else (True, f"{cookies} cookie(s) arrived.", "None is read: panels go by their token alone.")
    )
    if request.scheme == "http" and request.headers.get("X-Forwarded-Proto") == "https":
        found.append(
            (
                False,
                "A proxy says https, and is not believed.",
                "Name its address in PNL_TRUSTED_PROXIES, or links will begin with http.",
            )
        )
    return found
