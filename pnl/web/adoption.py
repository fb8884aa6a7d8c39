"""Takes a connection out of the WSGI server that accepted it, so that it costs a descriptor and no thread."""

import os
import socket
import ssl
from collections.abc import Mapping
from functools import cache
from typing import Any


def connection_of(environ: Mapping[str, Any]) -> socket.socket | None:
    """Return the connection of a request, where it can be taken: a plain socket, whose state is all in the kernel.

    A TLS session lives in the server's own object, gevent's sockets belong to its loop, and a connection of
    HTTP/2 carries other requests, too.
    """
    found = environ.get("gunicorn.socket") or environ.get("werkzeug.socket")
    if not isinstance(found, socket.socket) or isinstance(found, ssl.SSLSocket):
        return None
    if type(found).__module__.startswith("gevent") or not environ.get("SERVER_PROTOCOL", "").startswith("HTTP/1"):
        return None
    return found


def speaks_websocket(environ: Mapping[str, Any]) -> bool:
    """Tell whether the server that runs us hands out its connections at all."""
    return "gunicorn.socket" in environ or "werkzeug.socket" in environ


def take(connection: socket.socket) -> socket.socket:
    """Return the live connection under a descriptor of our own.

    The server's descriptor is pointed at a socket whose other end is closed: whatever the server
    still does with it, write, drain or close, meets a dead peer and returns at once.

    Raises:
        OSError: The process has no descriptor left; the server keeps the connection.
    """
    taken = os.dup(connection.fileno())
    os.dup2(_dead(), connection.fileno(), inheritable=False)
    return socket.socket(fileno=taken)


@cache
def _dead() -> int:
    """Return the descriptor of a socket whose other end is closed; it serves for every connection, as nothing comes."""
    ours, theirs = socket.socketpair()
    theirs.close()
    return ours.detach()
