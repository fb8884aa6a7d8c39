"""Who asks: Kalshi's signed requests, and the token bucket that they draw on."""

import base64
import binascii
from collections.abc import Callable
from datetime import datetime
from threading import Lock

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key

from pnl.sandbox.faults import Faults
from pnl.sandbox.kalshi_pages import Refused, nested, too_many
from pnl.sandbox.serve import Request


def make_key(*, rsa: bool) -> tuple[RSAPrivateKey | Ed25519PrivateKey, str]:
    """Return a new private key and its PEM text."""
    key = generate_private_key(public_exponent=65_537, key_size=2048) if rsa else Ed25519PrivateKey.generate()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return key, pem.decode()


class Gate:
    """Lets signed requests in: known key, fresh timestamp, exact signature, tokens left."""

    def __init__(
        self, key_id: str, key: RSAPrivateKey | Ed25519PrivateKey, faults: Faults, monotonic: Callable[[], float]
    ) -> None:
        self._key_id, self._public, self._faults = key_id, key.public_key(), faults
        self._monotonic = monotonic
        self._lock = Lock()
        self._tokens: float | None = None
        self._drawn_at = 0.0

    def check(self, request: Request, now: datetime) -> None:
        """Let a request pass.

        Raises:
            Refused: The 401 or 429 to answer.
        """
        key_id = request.headers.get("kalshi-access-key")
        stamp = request.headers.get("kalshi-access-timestamp")
        signature = request.headers.get("kalshi-access-signature")
        if not key_id or not stamp or not signature:
            text = "signature is missing from headers"
            raise Refused(nested(401, "signature_is_missing_from_headers", text))
        if key_id != self._key_id:
            raise Refused(nested(401, "authentication_error", "authentication_error", "NOT_FOUND"))
        if not self._fresh(stamp, now):
            raise Refused(nested(401, "header_timestamp_expired", "header timestamp expired"))
        if not self._signed(f"{stamp}{request.method}{request.path}".encode(), signature):
            raise Refused(nested(401, "authentication_error", "authentication_error", "INCORRECT_API_KEY_SIGNATURE"))
        if not self._draw(10):
            raise Refused(too_many())

    def _fresh(self, stamp: str, now: datetime) -> bool:
        if not stamp.isascii() or not stamp.isdigit():
            return False
        return abs(int(stamp) - round(now.timestamp() * 1000)) <= self._faults.skew_seconds * 1000

    def _signed(self, message: bytes, signature: str) -> bool:
        try:
            raw = base64.b64decode(signature, validate=True)
        except (binascii.Error, ValueError):
            return False
        try:
            if isinstance(self._public, RSAPublicKey):
                how = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
                self._public.verify(raw, message, how, hashes.SHA256())
            else:
                self._public.verify(raw, message)
        except InvalidSignature:
            return False
        return True

    def _draw(self, tokens: int) -> bool:
        bucket = self._faults.read_bucket
        if bucket is None:
            return True
        refill, capacity = bucket
        with self._lock:
            now = self._monotonic()
            left = capacity if self._tokens is None else self._tokens + (now - self._drawn_at) * refill
            left, self._drawn_at = min(left, capacity), now
            self._tokens = left - tokens if left >= tokens else left
            return left >= tokens
