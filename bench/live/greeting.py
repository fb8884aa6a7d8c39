"""What a client and a server say to each other beside the messages, for servers that want more than the upgrade."""

import hashlib
import json
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Greeting:
    """How a client makes itself known; by itself, nothing is said and the upgrade is enough.

    Attributes:
        opening: What the client says right after the upgrade; nothing if it is empty.
        welcome: How the message begins by which the server has taken the client in; None if none is waited for.
        answers: How other messages begin that are the protocol's own, and what is said to each.
    """

    opening: bytes = b""
    welcome: bytes | None = None
    answers: tuple[tuple[bytes, bytes], ...] = ()

    def answer(self, payload: bytes) -> bytes | None:
        """Return what is said to a message of the protocol's own; None if it is not one."""
        return next((said for begins, said in self.answers if payload.startswith(begins)), None)


NONE: Final = Greeting()

SOCKET_IO: Final = Greeting(welcome=b"40", answers=((b"0{", b"40"), (b"2", b"3")))
"""Engine.IO opens with 0 and pings with 2; Socket.IO, inside it, connects with 40 and sends events with 42."""


def dash_callback(component: str, prop: str) -> Greeting:
    """Return how Dash's page starts a WebSocket callback that has no output.

    Read from `dash/backends/_fastapi.py` and `dash-ws-worker.js` of dash 4.4.1. Such a callback is known by the digest
    of its inputs. The id of the page is whatever the page says, and comes back in each message: it is one for all, so
    that all clients are sent the same bytes, as they are by every other server.

    Args:
        component: The id of the component that is the only input.
        prop: Which of its properties; the page sends the component's id as its value.
    """
    name = f"{component}.{prop}"
    request = {
        "type": "callback_request",
        "rendererId": "renderer-1",
        "requestId": "request-1",
        "payload": {
            "output": hashlib.sha256(name.encode()).hexdigest(),
            "outputs": [],
            "inputs": [{"id": component, "property": prop, "value": component}],
            "changedPropIds": [name],
            "parsedChangedPropsIds": [name],
            "state": [],
        },
    }
    # The first that the callback says; several within five milliseconds come as one list.
    return Greeting(opening=json.dumps(request).encode(), welcome=b"")
