"""Asks of every request who sent it and whether it may: pages, API, events and WebSocket by one function."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from flask import Flask, Response, g, has_request_context, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Forbidden, TooManyRequests, Unauthorized
from werkzeug.middleware.proxy_fix import ProxyFix

from pnl.access.address import forwarded
from pnl.access.decision import EMBED, SAFE, decide, need
from pnl.access.embeds import Embeds
from pnl.access.keys import Keys
from pnl.access.people import Accounts, Caller
from pnl.access.ways import Entrance, Nobody, Open, Roles, Shown, from_one_of
from pnl.errors import EmbedRefused
from pnl.metrics.instruments import AUTH_FAILURES
from pnl.web.problems import spoken_by_machines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from pnl.access.provider import Provider

PAGE = "/embed/<panel>"
BY_TICKET = ("/embed/ws", "/embed/stream")
"""Where a token would stand in an address that lasts: a ticket opens them, once."""
_FOR = "HTTP_X_FORWARDED_FOR"
_SECURE, _PLAIN = "__Host-pnl", "pnl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What decides who may come in.

    Attributes:
        entrance: How a person is known.
        keys: Sessions, and tokens of programs; None where there are none.
        accounts: Users, and how often somebody tried; None where there are none.
        proxies: The addresses of proxies in front, whose word on the client's address counts.
        user_header: In which a proxy names the user.
        provider: Where people sign in who are known elsewhere (OpenID Connect); None where they do so here.
        roles: What those people may do.
        embeds: What opens panels in other sites' pages; None where there is no such thing.
    """

    entrance: Entrance
    keys: Keys | None = None
    accounts: Accounts | None = None
    proxies: Sequence[str] = ()
    user_header: str = "X-Forwarded-User"
    provider: "Provider | None" = None
    roles: Roles | None = None
    embeds: Embeds | None = None


OPEN = Access(entrance=Open())


def guard_access(app: Flask, access: Access) -> None:
    """Put the check before every request of `app`, after those of Host and Origin."""
    if access.proxies:
        app.wsgi_app = _Forwarded(app.wsgi_app, access.proxies)  # type: ignore[method-assign, assignment]  # as Flask says to

    def check() -> Response | None:
        caller = _caller(access)
        g.caller = caller
        if caller:
            g.actor = caller.name
        asked = need(request.url_rule.rule if request.url_rule else None, request.method, _panel())
        verdict = decide(asked, caller)
        if verdict == "welcome":
            if asked and caller:
                _check_page(caller)
            return None
        if verdict == "refused":
            AUTH_FAILURES.labels("scope").inc()
            raise Forbidden(_refusal(caller, (asked and asked.scope) or ""))
        AUTH_FAILURES.labels(_shown()).inc()
        if access.entrance.signs_in and _is_page():
            return Response(status=303, headers={"Location": f"/signin?next={quote(_wanted(), safe='')}"})
        raise Unauthorized(_unknown(access), www_authenticate=WWWAuthenticate("bearer", {"realm": "northstar"}))

    app.before_request(check)


def caller() -> Caller | None:
    """Return who sent this request; nobody where there is none, as when Dash looks at a layout at the start."""
    found: Caller | None = g.get("caller") if has_request_context() else None
    return found


def cookie_name() -> str:
    """Return what the session's cookie is called: over TLS by a name that no other host and no plain page can set."""
    return _SECURE if request.is_secure else _PLAIN


def _caller(access: Access) -> Caller | None:
    if request.path.startswith(EMBED):
        return _framed(access)
    given = request.headers.get("Authorization", "")
    kind, _, text = given.partition(" ")
    if kind.lower() == "bearer":
        return access.keys.of_token(text.strip()) if access.keys else None
    peer = request.environ.get("pnl.peer", request.remote_addr)
    return access.entrance.person(
        Shown(peer=peer, session=request.cookies.get(cookie_name()), named=request.headers.get(access.user_header))
    )


def _framed(access: Access) -> Caller | None:
    """Return whoever shows a token of a panel, and no one else: under /embed no cookie and no proxy counts."""
    rule = request.url_rule.rule if request.url_rule else ""
    kind, _, text = request.headers.get("Authorization", "").partition(" ")
    try:
        if access.embeds is None:
            raise EmbedRefused("Embedding is off here. Whoever runs this server can turn it on.")
        if rule in BY_TICKET:
            grant = access.embeds.redeem(request.args.get("ticket", ""))
        else:
            shown = request.args.get("token", "") if rule == PAGE else text.strip() if kind.lower() == "bearer" else ""
            if not shown:
                raise EmbedRefused("There is no token in its address.")
            grant = access.embeds.grant(shown)
    except EmbedRefused as error:
        g.embed_refused = error
        return None
    wait = access.embeds.wait(grant)
    if wait:
        raise TooManyRequests(f"This link is asked for too often: come again in {wait} s.", retry_after=wait)
    return Caller(
        name=grant.name, role=None, way="embed", scopes=frozenset(["embed"]), ticket=grant.ticket, grant=grant
    )


def _panel() -> str | None:
    """Return the panel that a request names."""
    named = (request.view_args or {}).get("panel") or request.args.get("panel")
    return str(named) if named and request.path.startswith(EMBED) else None


def _check_page(caller: Caller) -> None:
    """See that what a browser sends in somebody's name comes from our own page; the guard has held its Origin to us.

    Raises:
        Forbidden: Nothing says which page it comes from.
    """
    if caller.way not in ("session", "proxy") or "Origin" in request.headers:
        return
    if request.method not in SAFE or request.headers.get("Upgrade", "").lower() == "websocket":
        raise Forbidden("This has no Origin header: a browser sends one, and a program is to show a token.")


def _is_page() -> bool:
    machine = spoken_by_machines(request.path) or request.path.startswith(("/_", EMBED))
    return request.method in SAFE and not machine


def _shown() -> str:
    """Return what a request that is not let in has shown."""
    if request.path.startswith(EMBED):
        return "embed"
    if "Authorization" in request.headers:
        return "token"
    return "session" if cookie_name() in request.cookies else "nothing"


def _wanted() -> str:
    return request.full_path.rstrip("?") if request.query_string else request.path


def _refusal(caller: Caller | None, scope: str) -> str:
    if caller and caller.way == "embed":
        return "This link does not open this panel."
    if caller and caller.role is None:
        return f"This token may not do that: it needs the scope {scope}."
    return "Only an editor may do that, and you are a viewer. Whoever runs this server can change that."


def _unknown(access: Access) -> str:
    refused: EmbedRefused | None = g.get("embed_refused")
    if refused is not None:
        return str(refused)
    if "Authorization" in request.headers:
        return "The token is not known, is over, or was revoked."
    if isinstance(access.entrance, Nobody):
        return "Send a token as `Authorization: Bearer pnl_…`: no person comes in here."
    if access.entrance.signs_in:
        return "Sign in at /signin, or send a token as `Authorization: Bearer pnl_…`."
    if isinstance(access.entrance, Open):
        peer = request.environ.get("pnl.peer", request.remote_addr)
        return (
            f"Nobody signs in here, and {peer} is no address that is let in: PNL_OPEN_TO would name it. To let others "
            "in, set PNL_AUTH; a program may send a token as `Authorization: Bearer pnl_…`."
        )
    return "The proxy in front names nobody who may come in; or send a token as `Authorization: Bearer pnl_…`."


class _Forwarded:
    """Believes the X-Forwarded headers of proxies that are trusted, and of nobody else."""

    def __init__(self, app: Any, proxies: "Iterable[str]") -> None:  # noqa: ANN401 - a WSGI application
        self._plain = app
        self._fixed = ProxyFix(app, x_for=1, x_proto=1, x_host=1)
        self._proxies = [ip_network(proxy) for proxy in proxies]

    def __call__(self, environ: "WSGIEnvironment", start: "StartResponse") -> "Iterable[bytes]":
        peer = environ.get("REMOTE_ADDR")
        environ["pnl.peer"] = peer
        trusted = from_one_of(self._proxies, peer)
        if trusted and _FOR in environ:
            # An address with its port would be another one with each connection, and words are none at all.
            client = forwarded(environ[_FOR].rpartition(",")[2])
            if client is None:
                del environ[_FOR]
            else:
                environ[_FOR] = client
        if not trusted:
            environ["wsgi.url_scheme"] = "http"  # gunicorn believes any program of this machine
        return (self._fixed if trusted else self._plain)(environ, start)
