"""A crowd greets a server in the way that the server wants, and counts a client from its welcome on."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, Request, TextMessage

from bench.live.crowd import Crowd
from bench.live.greeting import NONE, SOCKET_IO, Greeting, dash_callback

Script = Callable[[str | None], list[str] | None]
"""What a server says to a text, or after the upgrade to None; if it gives None itself, the server hangs up."""


@contextmanager
def server(script: Script, heard: list[str]) -> Iterator[str]:
    """Serve one WebSocket on loopback until the client goes; yield its address."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        thread = threading.Thread(target=_serve, args=(door, script, heard))
        thread.start()
        yield f"ws://127.0.0.1:{door.getsockname()[1]}/"
        thread.join()


def _serve(door: socket.socket, script: Script, heard: list[str]) -> None:
    connection, _ = door.accept()
    protocol = WSConnection(ConnectionType.SERVER)
    with connection, suppress(ConnectionError):  # the crowd cuts its connections, whatever is still said
        while data := connection.recv(65_536):
            protocol.receive_data(data)
            for event in protocol.events():
                if isinstance(event, Request):
                    connection.sendall(protocol.send(AcceptConnection()))
                    said = script(None)
                elif isinstance(event, TextMessage):
                    heard.append(event.data)
                    said = script(event.data)
                else:
                    continue
                if said is None:
                    return
                for text in said:
                    connection.sendall(protocol.send(TextMessage(data=text)))


@contextmanager
def crowd_of_one(url: str, greeting: Greeting) -> Iterator[Crowd]:
    crowd = Crowd(url, [], greeting)
    try:
        crowd.connect(1, 100)
        yield crowd
    finally:
        crowd.close()


def test_without_a_greeting_nothing_is_said() -> None:
    heard: list[str] = []

    with server(lambda text: ["first"] if text is None else [], heard) as url, crowd_of_one(url, NONE) as crowd:
        assert crowd.size == 1

    assert heard == []


def test_socket_io_is_asked_in_and_its_ping_answered() -> None:
    heard: list[str] = []
    says: dict[str | None, list[str]] = {None: ['0{"sid":"a"}'], "40": ['40{"sid":"b"}', "2"], "3": []}

    with server(lambda text: says[text], heard) as url, crowd_of_one(url, SOCKET_IO) as crowd:
        while len(heard) < 2:
            crowd.wait(0.01)
        assert crowd.size == 1

    assert heard == ["40", "3"]


def test_a_client_that_is_not_welcomed_is_not_connected() -> None:
    heard: list[str] = []
    greeting = Greeting(opening=b"in?", welcome=b"yes")

    with server(lambda text: ["no"] if text is None else None, heard) as url, crowd_of_one(url, greeting) as crowd:
        assert crowd.size == 0

    assert heard == ["in?"]


def test_a_page_of_dash_asks_for_its_callback_in_a_frame_longer_than_a_short_one() -> None:
    heard: list[str] = []
    greeting = dash_callback("live", "id")

    with (
        server(lambda text: ['{"type": "set_props"}'] if text else [], heard) as url,
        crowd_of_one(url, greeting) as one,
    ):
        assert one.size == 1

    assert [text.encode() for text in heard] == [greeting.opening]
    assert len(greeting.opening) > 125
