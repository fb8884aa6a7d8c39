"""Answers that are made once: kept by the cache, named by an `ETag`, and not sent to who has them."""

from collections.abc import Callable
from hashlib import blake2b

from flask import Response, request

from pnl.domain.snapshot import Json
from pnl.ports import Cache

HEADERS: Json = {"ETag": {"description": "Names the answer.", "schema": {"type": "string"}}}
"""For the description of a route that answers so."""


def answer(cache: Cache, key: tuple[str, ...], make: Callable[[], bytes]) -> Response:
    """Return the JSON answer of a key, or 304 to a caller who has it.

    Args:
        cache: Where it is kept.
        key: The route, all that was asked, and the sequence that the answer knows, or `closed`; see `Cache`.
        make: Gives the JSON text.
    """
    return reply(cache, key, lambda: cache.get(key, make))


def reply(cache: Cache, key: tuple[str, ...], body: Callable[[], bytes]) -> Response:
    """Return the answer that `body` puts together, or 304; like `answer`, for what is kept in parts."""
    tag = _digest((cache.name, *key))
    held = request.if_none_match.contains_weak(tag)
    made = Response(status=304) if held else Response(body(), content_type="application/json")
    made.set_etag(tag)
    made.headers["Cache-Control"] = "no-cache"
    return made


def _digest(parts: tuple[str, ...]) -> str:
    told = blake2b(digest_size=12)
    for part in parts:
        word = part.encode()
        told.update(b"%d:%b" % (len(word), word))
    return told.hexdigest()
