"""One browser's way to a provider and back: what it must show again, all of one secret that only it has."""

import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Final, Self

_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Journey:
    """What ties an answer of the provider to the browser that asked; nothing of it is kept here.

    Attributes:
        secret: 256 random bits, which lie in a cookie of that browser until it is back.
    """

    secret: str = field(repr=False)

    @classmethod
    def begin(cls) -> Self:
        """Return a new one."""
        return cls(secrets.token_urlsafe(32))

    @classmethod
    def of(cls, secret: str) -> Self | None:
        """Return the one that a cookie has; None if that is none of ours."""
        return cls(secret) if _SECRET.fullmatch(secret) else None

    @property
    def state(self) -> str:
        """What the answer's address must repeat, so that nobody is led in by an address that somebody else made."""
        return self._of("state")

    @property
    def nonce(self) -> str:
        """What the signed token must repeat, so that a token of another sign-in is worth nothing here."""
        return self._of("nonce")

    @property
    def verifier(self) -> str:
        """What proves to the provider that who brings the code is who asked for it (PKCE, RFC 7636)."""
        return self._of("verifier")

    def _of(self, purpose: str) -> str:
        made = hmac.digest(self.secret.encode(), purpose.encode(), "sha256")
        return urlsafe_b64encode(made).rstrip(b"=").decode()
