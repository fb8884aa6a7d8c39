"""Kalshi's request signature (docs, "API keys", 2026-10): both key kinds, the path without host and query."""

import base64
from datetime import datetime
from typing import TypeAlias

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from pnl.errors import ConfigError

PrivateKey: TypeAlias = RSAPrivateKey | Ed25519PrivateKey

_CURE = "give the whole file that Kalshi let you download, from -----BEGIN to -----END, in PEM"
_PSS = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=padding.PSS.DIGEST_LENGTH)


def load_key(pem: str) -> PrivateKey:
    r"""Return the private key that `pem` holds: RSA (PKCS#1 or PKCS#8) or Ed25519.

    Line ends may be spelled as a backslash and an n, as environment files often have them.

    Raises:
        ConfigError: It is no such key; the text says the cure and nothing of the key.
    """
    text = pem.strip().strip("\"'").replace("\\r", "").replace("\\n", "\n").strip()
    if not text:
        raise ConfigError(f"PNL_KALSHI_PRIVATE_KEY is empty: {_CURE}")
    if "-----BEGIN" not in text:
        raise ConfigError(f"PNL_KALSHI_PRIVATE_KEY is not in PEM: {_CURE}")
    if "PUBLIC KEY" in text:
        raise ConfigError(f"PNL_KALSHI_PRIVATE_KEY is a public key: {_CURE}")
    if "ENCRYPTED" in text:
        raise ConfigError("PNL_KALSHI_PRIVATE_KEY has a passphrase: store it without one, readable by this user only")
    try:
        key = load_pem_private_key(text.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ConfigError(f"PNL_KALSHI_PRIVATE_KEY cannot be read: {_CURE}") from None
    if not isinstance(key, RSAPrivateKey | Ed25519PrivateKey):
        raise ConfigError(f"PNL_KALSHI_PRIVATE_KEY is neither RSA nor Ed25519: {_CURE}")
    return key


def signed_headers(key_id: str, key: PrivateKey, method: str, url_path: str, now: datetime) -> dict[str, str]:
    """Return the three headers that prove who asks.

    Args:
        key_id: The key's id at Kalshi.
        key: The private key.
        method: `GET`.
        url_path: The path really asked, from the root of the host; a query is left out.
        now: The time of asking.
    """
    millis = str(int(now.timestamp() * 1000))
    message = f"{millis}{method}{url_path.partition('?')[0]}".encode()
    signature = key.sign(message) if isinstance(key, Ed25519PrivateKey) else key.sign(message, _PSS, hashes.SHA256())
    return {
        "KALSHI-ACCESS-KEY": key_id,
        "KALSHI-ACCESS-TIMESTAMP": millis,
        "KALSHI-ACCESS-SIGNATURE": base64.b64encode(signature).decode("ascii"),
    }
