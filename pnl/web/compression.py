"""Text answers as gzip, for clients that take it; what never changes is compressed once."""

import gzip
from functools import lru_cache

from flask import Flask, Response, request

_SMALLEST, _LARGEST = 1024, 8 * 1024 * 1024
_LEVEL, _BEST = 5, 9
_TYPES = (
    "application/json",
    "application/javascript",
    "application/problem+json",
    "application/manifest+json",
    "image/svg+xml",
)
_LASTING = ("/assets/", "/_dash-component-suites/")
_KEPT = (*_LASTING, "/api/pnl/current")
"""What many clients are sent alike."""


def compress(app: Flask) -> None:
    """Compress the text answers of `app`; streams pass as they are."""
    app.after_request(_compressed)


def _compressed(response: Response) -> Response:
    kind = response.mimetype or ""
    text = kind.startswith("text/") or kind in _TYPES
    streamed = response.is_streamed and not response.direct_passthrough
    if not text or streamed or response.status_code != 200 or response.content_encoding:
        return response
    response.vary.add("Accept-Encoding")
    length = response.headers.get("Content-Length", type=int)
    if request.accept_encodings.quality("gzip") <= 0 or (length is not None and not _SMALLEST < length < _LARGEST):
        return response
    response.direct_passthrough = False
    body = response.get_data()
    if len(body) <= _SMALLEST:
        return response
    level = _BEST if request.path.startswith(_LASTING) else _LEVEL
    response.set_data(_keeping(body, level) if request.path.startswith(_KEPT) else _gzip(body))
    response.content_encoding = "gzip"
    return response


def _gzip(body: bytes) -> bytes:
    return gzip.compress(body, _LEVEL, mtime=0)


@lru_cache(maxsize=64)
def _keeping(body: bytes, level: int) -> bytes:
    return gzip.compress(body, level, mtime=0)
