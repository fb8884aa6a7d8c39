"""Chance that can be repeated: every draw is named, and the same name under the same seed draws the same."""

import uuid
from hashlib import blake2b
from random import Random

_MASK = (1 << 64) - 1


def stream(*name: object) -> Random:
    """Return a generator of its own for what `name` names."""
    return Random(number(*name))


def number(*name: object) -> int:
    """Return 64 bits that depend on `name` only."""
    return int.from_bytes(_digest(name, 8), "big")


def identity(*name: object) -> str:
    """Return a UUID that depends on `name` only."""
    return str(uuid.UUID(bytes=_digest(name, 16), version=4))


def token(prefix: str, *name: object) -> str:
    """Return an identifier such as `txn_4f…`: `prefix`, then 24 hexadecimal digits."""
    return prefix + _digest(name, 12).hex()


def mix(value: int) -> int:
    """Return 64 well-mixed bits of an integer (splitmix64): a cheap hash for hot paths."""
    value = (value + 0x9E3779B97F4A7C15) & _MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return value ^ (value >> 31)


def _digest(name: tuple[object, ...], size: int) -> bytes:
    return blake2b(":".join(map(str, name)).encode(), digest_size=size).digest()
