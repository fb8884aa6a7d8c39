"""Who asks for a change, and the JSON that is sent with it."""

from flask import g, request
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType


def sent(largest: int) -> bytes:
    """Return the body of this request, of at most so many bytes, also where it does not say how large it is.

    Raises:
        UnsupportedMediaType: It is not called JSON.
        RequestEntityTooLarge: It is larger.
    """
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    # A chunked body is cut at the limit in silence: one byte more tells it from a whole one.
    request.max_content_length = largest + 1
    body = request.get_data(cache=False)
    if len(body) > largest:
        raise RequestEntityTooLarge
    return body


def actor() -> str:
    """Return who is asking: the name that a sign-in left, else the address."""
    return str(g.get("actor") or request.remote_addr or "unknown")
