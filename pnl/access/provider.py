"""A provider of OpenID Connect: where it signs people in, and who it says came back.

Authorization code flow with PKCE. What the provider publishes of itself and its keys are read again every hour, and
the keys at once when a token names one that is not among them.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import OAuth2Client
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from pnl.access.identity import UnknownKey, claims_of
from pnl.access.journey import Journey
from pnl.access.published import Published
from pnl.access.ways import is_name, plain
from pnl.clock import Clock
from pnl.errors import ProviderUnreachable, SignInRefused

SCOPE: Final = "openid email profile"
DEADLINE_SECONDS: Final = 5.0
_NOT_US: Final = ("invalid_client", "unauthorized_client")
"""What a provider says that does not know this server, or not its secret."""
AT_ONCE: Final = 8
"""So many of the server's threads may wait for the provider; the others are for who is in already."""
_NO_ANSWER: Final = (
    httpx2.HTTPError,
    httpx2.InvalidURL,
    JoseError,
    OSError,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    RecursionError,
)
"""What comes of an answer that does not come, or is not what it should be."""


@dataclass(frozen=True, slots=True)
class Known:
    """Whom a provider knows: the name, and the ID token that says so, by which it can end the session.

    The token is empty where the provider ends none.
    """

    name: str
    token: str


class Provider:
    """One provider, and what it told of itself; any thread may ask.

    Attributes:
        client_secret: What is shown to it; another one is shown from the next request on.
        refused: Whether it last refused that.

    Args:
        issuer: Its address, letter by letter as it gives it.
        client_id: The name by which it knows this server.
        client_secret: What it gave this server to prove that.
        clock: The time.
        claim: Which of the claims names a person.
    """

    def __init__(self, issuer: str, client_id: str, client_secret: str, *, clock: Clock, claim: str = "email") -> None:
        self.issuer = issuer
        self.host = urlsplit(issuer).netloc
        self._client_id = client_id
        self.client_secret = client_secret
        self.refused = False
        self._clock = clock
        self._claim = claim
        self._published = Published(issuer, clock)
        self._places = threading.BoundedSemaphore(AT_ONCE)

    def address(self, journey: Journey, back: str, *, anew: bool = False) -> str:
        """Return where a browser is to go to sign in.

        Args:
            journey: What it must show when it is back.
            back: Where it is to come back to.
            anew: Whether the provider is to ask who it is, even if it knows.

        Raises:
            ProviderUnreachable: The provider does not tell where that is.
        """
        with self._asking() as client:
            metadata = self._published.metadata(client)
            more = {"prompt": "select_account"} if anew else {}
            made, _ = client.create_authorization_url(
                metadata["authorization_endpoint"],
                state=journey.state,
                code_verifier=journey.verifier,
                nonce=journey.nonce,
                redirect_uri=back,
                **more,
            )
        return str(made)

    def ends_sessions(self) -> bool:
        """Tell whether it has a page that signs people out there.

        Raises:
            ProviderUnreachable: It does not say.
        """
        with self._asking() as client:
            return "end_session_endpoint" in self._published.metadata(client)

    def way_out(self, token: str, back: str, state: str) -> str | None:
        """Return where a browser is to go to sign out there, too (OpenID Connect RP-Initiated Logout 1.0).

        Args:
            token: The ID token of the session; empty where it is not known any more, and the provider will ask.
            back: Where it is to come back to.
            state: What it brings with it then.

        Returns:
            None where the provider has no such page.

        Raises:
            ProviderUnreachable: It does not tell where that is.
        """
        with self._asking() as client:
            page = self._published.metadata(client).get("end_session_endpoint")
        if page is None:
            return None
        hint = {"id_token_hint": token} if token else {}
        asked = {**hint, "client_id": self._client_id, "post_logout_redirect_uri": back, "state": state}
        return f"{page}{'&' if urlsplit(page).query else '?'}{urlencode(asked)}"

    def person(self, journey: Journey, code: str, back: str) -> Known:
        """Return who came back.

        Args:
            journey: What the browser showed.
            code: What the provider gave it.
            back: Where it came back to.

        Raises:
            ProviderUnreachable: The provider gives no answer.
            SignInRefused: It gives one that proves nothing.
        """
        with self._asking() as client:
            metadata = self._published.metadata(client)
            client.token_endpoint_auth_method = _method(metadata)
            given = client.fetch_token(
                metadata["token_endpoint"],
                grant_type="authorization_code",
                code=code,
                code_verifier=journey.verifier,
                redirect_uri=back,
            )
            self.refused = False
            claims = self._claims(client, given.get("id_token"), journey.nonce)
            if self._claim not in claims and metadata.get("userinfo_endpoint"):
                claims = self._published.userinfo(client, metadata["userinfo_endpoint"], claims)
        return Known(self._name(claims), str(given["id_token"]) if "end_session_endpoint" in metadata else "")

    def _claims(self, client: OAuth2Client, token: object, nonce: str) -> dict[str, Any]:
        def read(keys: KeySet) -> dict[str, Any]:
            now = self._clock.now()
            return claims_of(token, keys, issuer=self.issuer, client_id=self._client_id, nonce=nonce, now=now)

        try:
            return read(self._published.keys(client))
        except UnknownKey:
            return read(self._published.keys(client, anew=True))

    def _name(self, claims: dict[str, Any]) -> str:
        name = claims.get(self._claim)
        if not isinstance(name, str) or not is_name(name):
            raise SignInRefused(
                f"The provider does not say who you are: there is no {self._claim} of yours. Whoever runs this server "
                "is to have the provider send it, or to set PNL_OIDC_CLAIM to another claim."
            )
        if self._claim == "email" and claims.get("email_verified", True) not in (True, "true"):
            raise SignInRefused(
                "The provider has not seen that your mail address is yours. Have it verify the address, then try again."
            )
        return plain(name)

    @contextmanager
    def _asking(self) -> Iterator[OAuth2Client]:
        """Give a client of the provider, and sort whatever goes wrong with it."""
        if not self._places.acquire(blocking=False):
            raise ProviderUnreachable("Many are signing in just now. Try again in a minute.")
        try:
            with self._client() as client:
                yield client
        except _NO_ANSWER as error:
            raise ProviderUnreachable(
                f"{self.host} gives no answer that could be used ({type(error).__name__}). Try again in a minute; who "
                "is signed in stays so."
            ) from error
        except AuthlibBaseError as error:
            self.refused = error.error in _NOT_US
            raise _refusal(error.error) from error
        finally:
            self._places.release()

    def _client(self) -> OAuth2Client:
        return OAuth2Client(
            client_id=self._client_id,
            client_secret=self.client_secret,
            scope=SCOPE,
            code_challenge_method="S256",
            timeout=DEADLINE_SECONDS,
            follow_redirects=False,
            trust_env=self.issuer.startswith("https:"),
        )


def _method(metadata: dict[str, Any]) -> str:
    """Return how the provider wants the secret: in a header, which it must take where it does not say otherwise."""
    taken = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    return "client_secret_basic" if "client_secret_basic" in taken else "client_secret_post"


def _refusal(error: object) -> SignInRefused:
    if error == "invalid_grant":
        return SignInRefused("That sign-in was used already, or took too long. Begin anew.")
    if error in _NOT_US:
        return SignInRefused(
            "The provider does not know this server, or not its secret. Whoever runs this server is to check "
            "PNL_OIDC_CLIENT_ID and PNL_OIDC_CLIENT_SECRET."
        )
    return SignInRefused("The provider refused this sign-in. Begin anew; if it happens again, its own log says why.")
