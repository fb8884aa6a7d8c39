"""The way to a provider of OpenID Connect and back."""

import threading
from collections import OrderedDict
from hmac import compare_digest
from html import escape
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, unquote

import structlog
from flask import Response, request

from pnl.access.address import household
from pnl.access.journey import Journey
from pnl.access.keys import Keys
from pnl.access.people import Accounts
from pnl.access.ways import Roles
from pnl.clock import Clock
from pnl.errors import ProviderUnreachable, SignInError
from pnl.web.access import caller
from pnl.web.signin_page import head, later, let_in, page, place_of, sign_out, to

if TYPE_CHECKING:
    from pnl.access.provider import Provider

log = structlog.get_logger(__name__)

PER_MINUTE: Final = 20
"""So many answers of the provider that let nobody in are looked into from an address; each asks the provider."""
MINUTES: Final = 10
"""For so long a browser may take to sign in at the provider."""
_SPENT: Final = 10_000
_OUT: Final = "/signin/oidc/out"
_LONGEST_TOKEN: Final = 3_500
"""A cookie holds no more than some 4,000 characters; without the token the provider asks whom to sign out."""
_STALE: Final = "That sign-in is over, or was begun in another browser or tab. Begin anew."
_DENIED: Final = "Nobody was signed in: the provider says that this was refused. Begin anew, if that was a mistake."


class ProviderDesk:
    """Sends people to the provider, and lets in whom it sends back and a list names."""

    def __init__(self, provider: "Provider", keys: Keys, accounts: Accounts, roles: Roles, clock: Clock) -> None:
        self._provider = provider
        self._keys = keys
        self._accounts = accounts
        self._roles = roles
        self._clock = clock
        self._lock = threading.Lock()
        self._spent: OrderedDict[str, None] = OrderedDict()

    def page(self) -> Response:
        """Show the way to the provider."""
        place = place_of(request.args.get("next", "/"))
        return to(place) if caller() else self._page(place)

    def go(self) -> Response:
        """Send the browser to the provider, with a cookie by which it is known again."""
        place = place_of(request.args.get("next", "/"))
        journey = Journey.begin()
        try:
            made = to(self._provider.address(journey, _back(), anew="anew" in request.args))
        except SignInError as error:
            return self._trouble(error, place)
        made.set_cookie(
            _cookie(),
            f"{journey.secret}.{quote(place, safe='')}",
            max_age=MINUTES * 60,
            secure=request.is_secure,
            httponly=True,
            samesite="Lax",
        )
        return made

    def back(self) -> Response:
        """Take a browser that the provider sent back; let it in, or say why not."""
        secret, _, place = request.cookies.get(_cookie(), "").partition(".")
        made = self._back(Journey.of(secret), place_of(unquote(place) or "/"))
        made.delete_cookie(_cookie(), secure=request.is_secure, httponly=True, samesite="Lax")
        return made

    def _back(self, journey: Journey | None, place: str) -> Response:
        given = request.args
        ours = journey and compare_digest(journey.state.encode(), given.get("state", "").encode("utf-8", "replace"))
        if not journey or not ours or given.get("iss", self._provider.issuer) != self._provider.issuer:
            return self._page(place, _STALE, 400)
        if "code" not in given or "error" in given:
            log.warning("a provider let nobody in", error=given.get("error", "")[:60])
            return self._page(place, _DENIED, 403)
        wait = self._accounts.attempt(self._clock.now(), _from(), "", per_minute=PER_MINUTE)
        if wait:
            log.warning("too many attempts to sign in", address=request.remote_addr)
            text, headers = later(wait)
            made = self._page(place, text, 429)
            made.headers.update(headers)
            return made
        return self._looked_into(journey, given["code"], place)

    def _looked_into(self, journey: Journey, code: str, place: str) -> Response:
        if not self._spend(journey.state):
            return self._page(place, _STALE, 400)
        try:
            known = self._provider.person(journey, code, _back())
        except SignInError as error:
            return self._trouble(error, place)
        name = known.name
        role = self._roles.of(name)
        if role is None:
            log.warning("somebody whom no list names wanted in", user=name, address=request.remote_addr)
            return self._page(place, f"You are {name}, and may not come in. Whoever runs this server can let you.", 403)
        self._accounts.forgive(_from(), "")
        log.info("signed in", user=name, address=request.remote_addr)
        made = let_in(self._keys, name, role, place)
        if 0 < len(known.token) <= _LONGEST_TOKEN:
            made.set_cookie(_hint(), known.token, max_age=self._keys.lasts, **_hidden())
        return made

    def sign_out(self) -> Response:
        """End the session here, and go on to where the provider ends its own, if it has such a page."""
        there = False
        try:
            there = self._provider.ends_sessions()
        except SignInError as error:
            log.warning("signed out here alone", reason=str(error))
        return sign_out(self._keys, _OUT if there else "/signin")

    def out(self) -> Response:
        """Send the browser to the provider's page that ends its session there.

        By a page of ours: to a form, which is how one signs out here, a browser lets no other site answer.
        """
        try:
            address = self._provider.way_out(
                request.cookies.get(_hint(), ""), f"{request.host_url}signin", token_urlsafe(12)
            )
        except SignInError as error:
            log.warning("signed out here alone", reason=str(error))
            address = None
        host = escape(self._provider.host)
        made = (
            page(
                f"""<div class="card signin-card">{head(title="Signed out here")}
<a class="button primary" href="{escape(address)}">Sign out at {host}, too</a></div>""",
                title="Signed out",
                then=address,
            )
            if address
            else to("/signin")
        )
        made.delete_cookie(_hint(), **_hidden())
        return made

    def _spend(self, state: str) -> bool:
        """Return whether an answer is the first to a sign-in."""
        with self._lock:
            if state in self._spent:
                return False
            self._spent[state] = None
            if len(self._spent) > _SPENT:
                self._spent.popitem(last=False)
        return True

    def _trouble(self, error: SignInError, place: str) -> Response:
        log.warning("a sign-in failed", reason=str(error), cause=repr(error.__cause__)[:300])
        return self._page(place, str(error), 503 if isinstance(error, ProviderUnreachable) else 403)

    def _page(self, place: str, trouble: str = "", status: int = 200) -> Response:
        there = f"/signin/oidc?next={quote(place, safe='')}"
        host = escape(self._provider.host)
        other = f'<p class="quiet"><a href="{there}&amp;anew">Sign in as somebody else</a></p>' if trouble else ""
        content = f"""<a class="button primary" href="{there}">Sign in at {host}</a>
{other}<p class="quiet">You come back here when {host} knows you.</p>"""
        return page(f'<div class="card signin-card">{head(trouble)}{content}</div>', status)


def _from() -> str:
    return household(request.remote_addr or "unknown")


def _back() -> str:
    """Return where the provider is to send a browser back to: here, by the name that the guard let through."""
    return f"{request.host_url}signin/oidc/back"


def _hint() -> str:
    """Return what the cookie is called that holds the ID token; it is sent to the way out alone."""
    return "__Secure-pnl-hint" if request.is_secure else "pnl-hint"


def _hidden() -> dict[str, Any]:
    return {"path": _OUT, "secure": request.is_secure, "httponly": True, "samesite": "Lax"}


def _cookie() -> str:
    return "__Host-pnl-signin" if request.is_secure else "pnl-signin"
