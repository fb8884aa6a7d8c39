"""What a provider of OpenID Connect publishes: where it answers, its keys, and what it knows of who signed in."""

import threading
from json import loads
from typing import Any, Final
from urllib.parse import urlsplit

from authlib.integrations.httpx_client import OAuth2Client
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from pnl.access.address import is_loopback
from pnl.clock import Clock
from pnl.errors import ProviderUnreachable, SignInRefused

KEPT_SECONDS: Final = 3600.0
AGAIN_SECONDS: Final = 10.0
"""No sooner is read again after the provider failed, nor once more because a token is signed by an unknown key."""
_LARGEST: Final = 256 * 1024
_DOWN: Final = "The provider gave no answer a moment ago. Try again in a minute; who is signed in stays so."
_NEEDED: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_MAY_BE: Final = ("userinfo_endpoint", "end_session_endpoint")


class Published:
    """Keeps what a provider publishes for an hour; any thread may ask.

    Args:
        issuer: The provider's address.
        clock: The time.
    """

    def __init__(self, issuer: str, clock: Clock) -> None:
        self._issuer = issuer
        self._clock = clock
        self._lock = threading.Lock()
        self._metadata: dict[str, Any] = {}
        self._metadata_at = self._keys_at = self._turned_at = self._failed_at = float("-inf")
        self._trouble = _DOWN
        self._keys: KeySet | None = None

    def metadata(self, client: OAuth2Client) -> dict[str, Any]:
        """Return where the provider answers (OpenID Connect Discovery 1.0).

        Raises:
            ProviderUnreachable: It does not say, or says it of another.
        """
        with self._lock:
            now = self._clock.monotonic()
            if now - self._metadata_at > KEPT_SECONDS:
                if now - self._failed_at < AGAIN_SECONDS:
                    raise ProviderUnreachable(self._trouble)
                self._failed_at, self._trouble = now, _DOWN
                found = self._get(client, f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
                try:
                    self._metadata, self._metadata_at = self._checked(found), now
                except ProviderUnreachable as error:
                    self._trouble = str(error)
                    raise
                self._failed_at = float("-inf")
            return self._metadata

    def keys(self, client: OAuth2Client, *, anew: bool = False) -> KeySet:
        """Return the keys that the provider signs with.

        Args:
            client: To ask with.
            anew: Whether those that are kept did not do.
        """
        with self._lock:
            now, kept = self._clock.monotonic(), self._keys
            turned = anew and now - self._turned_at > AGAIN_SECONDS
            if kept is None or turned or now - self._keys_at > KEPT_SECONDS:
                self._turned_at = now if anew else self._turned_at
                found = self._get(client, self._metadata["jwks_uri"])
                try:
                    kept = KeySet.import_key_set({"keys": [key for key in found["keys"] if key.get("use") != "enc"]})
                except (JoseError, KeyError, TypeError, AttributeError) as error:
                    raise ValueError("the keys make no sense") from error
                self._keys, self._keys_at = kept, now
            return kept

    def userinfo(self, client: OAuth2Client, address: str, claims: dict[str, Any]) -> dict[str, Any]:
        """Return what the provider tells of the person whom an ID token is of, where the token says too little.

        Raises:
            SignInRefused: It tells of somebody else.
        """
        found = self._get(client, address, withhold_token=False)
        if found.get("sub") != claims["sub"]:
            raise SignInRefused("The provider tells of somebody else than who signed in. Begin anew.")
        return found

    def _checked(self, found: dict[str, Any]) -> dict[str, Any]:
        if found.get("issuer") != self._issuer:
            raise ProviderUnreachable(
                f"The provider at {self._issuer} calls itself otherwise: whoever runs this server is to set "
                "PNL_OIDC_ISSUER to the very letters that it gives."
            )
        for name in _NEEDED:
            if not _is_safe(found.get(name)):
                raise ProviderUnreachable(f"The provider's {name} is no address over https.")
        for name in _MAY_BE:
            if name in found and not _is_safe(found[name]):
                raise ProviderUnreachable(f"The provider's {name} is no address over https.")
        return found

    def _get(self, client: OAuth2Client, address: str, *, withhold_token: bool = True) -> dict[str, Any]:
        body = bytearray()
        with client.stream("GET", address, withhold_token=withhold_token) as answer:
            answer.raise_for_status()
            if answer.is_redirect:
                raise ValueError("a redirect")
            for chunk in answer.iter_bytes():
                body += chunk
                if len(body) > _LARGEST:
                    raise ValueError("too long")
        found = loads(bytes(body))
        if not isinstance(found, dict):
            raise ValueError("no object")
        return found


def _is_safe(address: object) -> bool:
    """Return whether nobody on the way can change what is said there: https, or this machine itself."""
    if not isinstance(address, str):
        return False
    parts = urlsplit(address)
    if not parts.hostname:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))
