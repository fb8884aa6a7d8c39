"""Who may ask, and what a browser is told to refuse: Host, Origin, security headers, what may be kept.

Without a sign-in, the machine's own browser is the door: a page elsewhere must neither reach us by a
name that it makes point here (DNS rebinding) nor send us requests in the reader's name.
"""

import re
from base64 import b64encode
from collections.abc import Callable, Iterable
from hashlib import sha256
from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import Flask, Response, request
from werkzeug.exceptions import Forbidden, NotFound

from pnl.access.decision import EMBED
from pnl.metrics.instruments import REJECTED

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_EVERYWHERE = ("0.0.0.0", "::", "")  # noqa: S104 - compared with, not listened on
_SAFE = ("GET", "HEAD", "OPTIONS")
_TLS_ONLY = "max-age=31536000"
"""For a year, and for this host alone: what other hosts of the domain do is not ours to say."""
_FOREVER = "public, max-age=31536000, immutable"
_SUITES, _ASSETS, _FONTS, _EMBED = "/_dash-component-suites/", "/assets/", "/assets/fonts/", EMBED


class Guard:
    """Checks every request, and sets the headers of every answer that has not set its own."""

    def __init__(self, host: str, hosts: Iterable[str] = ()) -> None:
        self._names = {name.lower().strip("[]") for name in (*_LOOPBACK, host, *hosts)} - set(_EVERYWHERE)
        self._everywhere = host.strip("[]") in _EVERYWHERE
        self._scripts: Callable[[], Iterable[str]] = tuple

    def allow_scripts(self, hashes: Callable[[], Iterable[str]]) -> None:
        """Let inline scripts with these hashes run; they are asked for at every answer."""
        self._scripts = hashes

    @property
    def policy(self) -> str:
        """The Content-Security-Policy of our pages."""
        return "; ".join(
            (
                "default-src 'self'",
                " ".join(("script-src 'self'", *self._scripts())),
                "style-src 'self' 'unsafe-inline'",
                "img-src 'self' data:",
                "font-src 'self'",
                "connect-src 'self'",
                "worker-src 'self'",
                "frame-ancestors 'none'",
                "base-uri 'none'",
                "form-action 'self'",
                "object-src 'none'",
            )
        )

    def check(self) -> None:
        """Let the request through, or refuse it.

        Raises:
            Forbidden: The Host is not ours, or another site's page sends a request that changes something.
            NotFound: It is an API path that only the pages' catch-all would answer.
        """
        given = request.headers.get("Host")
        if given is not None and not self._is_ours(given):
            raise Forbidden(
                f"This server does not answer to the host {given[:80]!r}. Open it by the name or address that PNL_HOST "
                "gives, or by http://localhost; or name this one in PNL_HOSTS, as where a proxy in front sends it."
            )
        if request.path.startswith(_EMBED):
            return  # whoever is framed shows a token: nothing is done there in a reader's name
        lasting = request.endpoint == "live.stream" or request.headers.get("Upgrade", "").lower() == "websocket"
        if lasting or request.method not in _SAFE:
            try:
                _check_origin()
            except Forbidden:
                if lasting:
                    REJECTED.labels("origin").inc()
                raise
        _keep_pages_out_of_the_api()

    def dress(self, response: Response) -> Response:
        """Set the headers that an answer has not set itself."""
        headers = response.headers
        headers.setdefault("Content-Security-Policy", self.policy)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        if request.is_secure:
            headers.setdefault("Strict-Transport-Security", _TLS_ONLY)
        headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
        if not request.path.startswith(_EMBED):
            headers.setdefault("X-Frame-Options", "DENY")
            headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
            if not request.path.startswith((_ASSETS, _SUITES)):
                headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if request.path.startswith(_ASSETS):  # a sandboxed frame has no origin: how pages look is nobody's secret
            headers.setdefault("Cross-Origin-Resource-Policy", "cross-origin")
            if request.path.startswith(_FONTS):
                headers.setdefault("Access-Control-Allow-Origin", "*")
        _keep(response)
        return response

    def _is_ours(self, given: str) -> bool:
        name = _name(given)
        if name is None:
            return False
        return name in self._names or (self._everywhere and _is_address(name))


def guard(app: Flask, host: str, hosts: Iterable[str] = ()) -> Guard:
    """Put a guard before and after every request of `app`.

    Args:
        app: The server.
        host: Where it listens; an address of every interface lets any address in, but no name.
        hosts: More names that it is known by.
    """
    made = Guard(host, hosts)
    app.extensions["pnl.guard"] = made
    app.before_request(made.check)
    app.after_request(made.dress)
    return made


def allow_scripts(app: Flask, hashes: Callable[[], Iterable[str]]) -> None:
    """Let the server's pages run inline scripts.

    Args:
        app: The server.
        hashes: Gives their hashes as CSP writes them, `'sha256-…'`. It is called at every answer,
            because Dash knows all of its own (`csp_hashes`) only once the first request has come.
    """
    app.extensions["pnl.guard"].allow_scripts(hashes)


def script_hash(script: str) -> str:
    """Return the hash of an inline script, the very text between its tags, as CSP writes it."""
    return f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'"


def _check_origin() -> None:
    origin = request.headers.get("Origin")
    # A page without TLS may have been written by anybody on the way: it is not ours where we speak TLS.
    plain = origin is not None and request.is_secure and not origin.lower().startswith("https:")
    if origin is not None and (plain or _netloc(origin) != request.headers.get("Host", "").lower()):
        raise Forbidden(f"The page at {origin[:80]!r} is not ours; it may not send this.")
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise Forbidden("A page of another site may not send this.")


def _netloc(origin: str) -> str | None:
    """Return the `host:port` of an origin, lower case; None if it is opaque or not of the web."""
    found = re.fullmatch(r"https?://([^/?#@\s]+)", origin, re.ASCII | re.IGNORECASE)
    return found.group(1).lower() if found else None


def _keep_pages_out_of_the_api() -> None:
    """Answer unknown API paths as such: the pages' catch-all would send a page."""
    if not (request.path == "/api" or request.path.startswith("/api/")):
        return
    rule = request.url_rule
    if rule is None or rule.rule.startswith("/api"):
        return
    raise NotFound


def _name(given: str) -> str | None:
    try:
        parts = urlsplit(f"//{given}")
        name, _ = parts.hostname, parts.port
    except ValueError:  # no address in its brackets, or a port that is none
        return None
    if name is None or re.search(r"[/?#@\s\\]", given):
        return None
    return name.removesuffix(".")


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _keep(response: Response) -> None:
    """Say how long an answer may be kept: for ever where the URL changes with the content."""
    held = response.headers.get("Cache-Control", "")
    good = response.status_code in (200, 206, 304)
    if request.path.startswith(_SUITES) and good:
        # Dash gives a year to what carries a fingerprint in its name, and to nothing else.
        response.headers["Cache-Control"] = _FOREVER if "max-age=31536000" in held else "no-cache"
    elif request.path.startswith(_ASSETS) and good:
        response.headers["Cache-Control"] = _FOREVER if request.args.get("m") else "no-cache"
    elif not held:
        response.headers["Cache-Control"] = "no-store" if request.path.startswith("/_dash") else "no-cache"
