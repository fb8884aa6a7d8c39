"""What links and tickets are signed with: one secret that signs, and those before it, which open what they signed."""

import hashlib
import hmac
import threading
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from itsdangerous import BadData, URLSafeSerializer

from pnl.clock import Clock
from pnl.errors import EmbedRefused

GRACE_SECONDS: Final = 3_600.0
"""A secret that was changed while the product runs opens what it signed for so long, so that no open page notices."""
LARGEST: Final = 8_192
Purpose = Literal["link", "ticket"]


class Seals:
    """Signs texts for a purpose, each with a key of its own; any thread may ask.

    Args:
        secret: What keys are derived from, 32 bytes or more.
        previous: Other secrets, which sign nothing any more but still open.
        clock: Measures how long one that was changed still opens.
    """

    def __init__(self, secret: bytes, previous: Sequence[bytes] = (), *, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._secret, self._previous = secret, tuple(previous)
        self._retired: dict[bytes, float] = {}
        self._made: dict[Purpose, URLSafeSerializer] = {}

    def renew(self, secret: bytes, previous: Sequence[bytes] = ()) -> None:
        """Sign with another secret from now on; the one so far still opens for an hour."""
        with self._lock:
            if secret != self._secret:
                self._retired[self._secret] = self._clock.monotonic() + GRACE_SECONDS
            self._retired.pop(secret, None)
            self._secret, self._previous = secret, tuple(previous)
            self._made.clear()

    def sign(self, purpose: Purpose, told: Mapping[str, Any]) -> str:
        """Return a text that says something, and is signed."""
        return self._signer(purpose).dumps(told)

    def read(self, purpose: Purpose, text: str) -> dict[str, Any]:
        """Return what a signed text says.

        Raises:
            EmbedRefused: It is damaged, or signed for something else or by another secret.
        """
        if len(text) > LARGEST:
            raise EmbedRefused("The token is too long to be one of ours.")
        try:
            found: dict[str, Any] = self._signer(purpose).loads(text)
        except BadData:
            raise EmbedRefused("The link is damaged, or signed by a key that no longer holds.") from None
        return found

    def _signer(self, purpose: Purpose) -> URLSafeSerializer:
        with self._lock:
            now = self._clock.monotonic()
            over = [secret for secret, until in self._retired.items() if until <= now]
            for secret in over:
                del self._retired[secret]
            if over:
                self._made.clear()
            if purpose not in self._made:
                self._made[purpose] = _signer([*self._previous, *self._retired, self._secret], purpose)
            return self._made[purpose]


def _signer(secrets: Sequence[bytes], purpose: Purpose) -> URLSafeSerializer:
    """Return what signs for a purpose with the last of some secrets, and opens what any of them signed."""
    keys = [hmac.new(secret, f"northstar embed {purpose} 1".encode(), hashlib.sha256).digest() for secret in secrets]
    return URLSafeSerializer(
        keys, salt=purpose, signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256}
    )
