"""Passwords: hashed with scrypt, one at a time, since each takes 32 MiB."""

import hashlib
import hmac
import re
import secrets
import threading
from base64 import b64decode, b64encode
from typing import Final

SHORTEST: Final = 12
LONGEST: Final = 200
_COST, _BLOCK, _LANES = 15, 8, 1
_MEMORY: Final = 64 * 1024 * 1024
_FORM: Final = re.compile(r"scrypt\$(\d+)\$(\d+)\$(\d+)\$([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+)")
_ONE: Final = threading.Lock()


def hashed(password: str) -> str:
    """Return what is kept of a password: how it was hashed, a salt of its own, and the hash."""
    salt = secrets.token_bytes(16)
    made = _scrypt(password, salt, _COST, _BLOCK, _LANES)
    return f"scrypt${_COST}${_BLOCK}${_LANES}${b64encode(salt).decode()}${b64encode(made).decode()}"


def matches(password: str, kept: str | None) -> bool:
    """Return whether it is the password of which `kept` is the hash; takes as long where there is none."""
    found = _FORM.fullmatch(kept or _NOBODY)
    if not found or len(password) > LONGEST:
        return False
    cost, block, lanes = (int(found[part]) for part in (1, 2, 3))
    made = _scrypt(password, b64decode(found[4]), cost, block, lanes)
    return hmac.compare_digest(made, b64decode(found[5])) and kept is not None


def weakness(password: str, name: str) -> str | None:
    """Return what is wrong with a new password, with the cure; None if it will do."""
    if len(password) < SHORTEST:
        return f"the password has {len(password)} characters: give {SHORTEST} or more"
    if len(password) > LONGEST:
        return f"the password has {len(password)} characters: give {LONGEST} at most"
    if len(set(password)) < 5 or name.lower() in password.lower():
        return "the password is easily guessed: give one with more characters that differ, and without the name"
    return None


def _scrypt(password: str, salt: bytes, cost: int, block: int, lanes: int) -> bytes:
    with _ONE:
        return hashlib.scrypt(
            password.encode("utf-8", "surrogatepass"),
            salt=salt,
            n=2**cost,
            r=block,
            p=lanes,
            maxmem=_MEMORY,
            dklen=32,
        )


_NOBODY: Final = f"scrypt${_COST}${_BLOCK}${_LANES}${b64encode(bytes(16)).decode()}${b64encode(bytes(32)).decode()}"
"""Stands for the hash of somebody who is not there; what it is of, nobody knows."""
