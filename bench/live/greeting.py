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

_RENDERER: Final = "00000000-0000-4000-8000-000000000000"
"""What a page of Dash calls itself, which comes back in each message: one name for all, so that all are sent the same
bytes, as they are by every other server."""

SOCKET_IO: Final = Greeting(welcome=b"40", answers=((b"0{", b"40"), (b"2", b"3")))
"""Engine.IO opens with 0 and pings with 2; Socket.IO, inside it, connects with 40 and sends events with 42."""


def dash_callback(component: str, prop: str) -> Greeting:
    """Return how a page of Dash starts a WebSocket callback that has no output, as it is drawn for the first time.

    It is what a page of dash 4.4.1 was heard to send in Chromium. Such a callback is known by the digest of its inputs.

    Args:
        component: The id of the component that is the only input.
        prop: Which of its properties; the page sends the component's id as its value.
    """
    name = f"{component}.{prop}"
    request = {
        "type": "callback_request",
        "rendererId": _RENDERER,
        "requestId": f"{_RENDERER}-1",
        "payload": {
            "output": hashlib.sha256(name.encode()).hexdigest(),
            "inputs": [{"id": component, "property": prop, "value": component}],
            "changedPropIds": [],
            "parsedChangedPropsIds": [],
        },
    }
    # The first that the callback says; several within five milliseconds come as one list.
    return Greeting(opening=json.dumps(request).encode(), welcome=b"")
