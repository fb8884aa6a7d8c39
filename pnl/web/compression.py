"""Text answers as gzip, for clients that take it; a file that never changes is compressed once, and well.

The largest of them stands beside itself as Brotli, made once and for all, for browsers that take that.
"""

import gzip
import threading
from functools import cache, lru_cache
from pathlib import Path

from flask import Flask, Response, request
from werkzeug.security import safe_join

_SMALLEST, _LARGEST = 1024, 8 * 1024 * 1024
_LEVEL, _BEST = 5, 9
_TYPES = (
    "application/json",
    "application/javascript",
    "application/problem+json",
    "application/manifest+json",
    "image/svg+xml",
)
_FILES = ("/assets/", "/_dash-component-suites/", "/embed/bundle/")
_TOP = Path(__file__).parents[2]
_SHARED = "/api/pnl/current"
"""What many clients are sent alike, for the length of a tick."""
_MOST_BYTES = 16 * 1024 * 1024


def compress(app: Flask) -> None:
    """Compress the text answers of `app`; streams pass as they are."""
    packed = Packed()

    def compressed(response: Response) -> Response:
        return _compressed(response, packed)

    app.after_request(compressed)


class Packed:
    """Files that never change, compressed once for all who ask; some megabytes at most."""

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._most = most_bytes
        self._held = 0
        self._kept: dict[tuple[str, str], bytes] = {}
        self._lock = threading.Lock()

    def of(self, response: Response) -> bytes | None:
        """Return what was kept of the file that an answer sends; None if it was not sent before."""
        return self._kept.get(_version(response))

    def keep(self, response: Response, packed: bytes) -> None:
        """Keep the file that an answer sends, if there is room."""
        with self._lock:
            if self._held + len(packed) <= self._most and _version(response) not in self._kept:
                self._kept[_version(response)] = packed
                self._held += len(packed)


def _version(response: Response) -> tuple[str, str]:
    """Return what another content of the file would change: its address with a fingerprint, and its time."""
    return request.full_path, response.headers.get("ETag", "") or response.headers.get("Last-Modified", "")


def _compressed(response: Response, packed: Packed) -> Response:
    kind = response.mimetype or ""
    text = kind.startswith("text/") or kind in _TYPES
    streamed = response.is_streamed and not response.direct_passthrough
    if not text or streamed or response.status_code != 200 or response.content_encoding:
        return response
    response.vary.add("Accept-Encoding")
    length = response.headers.get("Content-Length", type=int)
    lasts = request.path.startswith(_FILES) and "immutable" in response.headers.get("Cache-Control", "")
    beside = _beside(request.path) if lasts and request.accept_encodings.quality("br") > 0 else None
    if beside is not None:
        return _sent(response, beside, "br")
    if request.accept_encodings.quality("gzip") <= 0 or (length is not None and not _SMALLEST < length < _LARGEST):
        return response
    known = packed.of(response) if lasts else None
    if known is None:
        response.direct_passthrough = False
        body = response.get_data()
        if len(body) <= _SMALLEST:
            return response
        known = gzip.compress(body, _BEST, mtime=0) if lasts else _shared(body) if _is_shared() else _gzip(body)
        if lasts:
            packed.keep(response, known)
    return _sent(response, known, "gzip")


def _sent(response: Response, packed: bytes, how: str) -> Response:
    """Send what is packed in the place of a file, which is let go of."""
    if response.direct_passthrough:
        response.call_on_close(getattr(response.response, "close", lambda: None))
        response.direct_passthrough = False
    response.set_data(packed)
    response.content_encoding = how
    return response


@cache
def _beside(path: str) -> bytes | None:
    """Return the Brotli form of a file of ours that stands beside it; None where there is none."""
    found = safe_join(str(_TOP), f"{path.removeprefix('/')}.br") if path.startswith("/assets/") else None
    return Path(found).read_bytes() if found and Path(found).is_file() else None


def _is_shared() -> bool:
    return request.path.startswith((_SHARED, *_FILES))


def _gzip(body: bytes) -> bytes:
    return gzip.compress(body, _LEVEL, mtime=0)


_shared = lru_cache(maxsize=64)(_gzip)
