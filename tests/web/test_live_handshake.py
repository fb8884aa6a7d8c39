"""The answer to a handshake (RFC 6455), and offers to compress, as clients make them (RFC 7692)."""

import socket

import pytest
from wsproto.extensions import PerMessageDeflate
from wsproto.handshake import server_extensions_handshake

from pnl.web.handshake import Upgraded, narrow

AGREED = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"


@pytest.mark.parametrize(
    ("offered", "agreed"),
    [
        pytest.param("permessage-deflate; client_max_window_bits", AGREED, id="Chrome, websockets, node"),
        pytest.param("permessage-deflate", AGREED, id="Firefox, Safari"),
        pytest.param("Permessage-Deflate ;client_no_context_takeover", AGREED, id="other spelling"),
        pytest.param("permessage-deflate; client_max_window_bits=10", AGREED, id="a small window of the client's"),
        pytest.param('permessage-deflate; client_max_window_bits="10"', AGREED, id="in quotes"),
        pytest.param(
            "permessage-deflate; server_max_window_bits=15", f"{AGREED}; server_max_window_bits=15", id="full"
        ),
        pytest.param("permessage-deflate; server_max_window_bits=10", "", id="a smaller window than ours"),
        pytest.param("permessage-deflate; server_max_window_bits=10, permessage-deflate", AGREED, id="a second choice"),
        pytest.param("x-webkit-deflate-frame, permessage-deflate", AGREED, id="among others"),
        pytest.param("permessage-deflate; server_max_window_bits", "", id="no value"),
        pytest.param("permessage-deflate; client_max_window_bits=7", "", id="a window that there is not"),
        pytest.param("permessage-deflate; client_max_window_bits=x", "", id="a window that is no number"),
        pytest.param("permessage-deflate; server_no_context_takeover=1", "", id="a value where none belongs"),
        pytest.param("permessage-deflate; client_max_window_bits; client_max_window_bits", "", id="twice"),
        pytest.param("permessage-deflate; tomorrow", "", id="an unknown parameter"),
        pytest.param("permessage-bzip2", "", id="another"),
        pytest.param("", "", id="none"),
        pytest.param(",;,=;", "", id="noise"),
    ],
)
def test_an_offer_is_narrowed_to_what_serves_everybody(offered: str, agreed: str) -> None:
    assert narrow(offered) == agreed


@pytest.mark.parametrize("offered", ["permessage-deflate", "permessage-deflate; server_max_window_bits=15"])
def test_what_is_agreed_to_is_what_an_answer_must_repeat(offered: str) -> None:
    answer = server_extensions_handshake([narrow(offered)], [PerMessageDeflate()])

    assert answer is not None
    told = {part.strip() for part in answer.decode().split(";")}
    assert told == {part.strip() for part in narrow(offered).split(";")}


@pytest.mark.parametrize("agreed", [AGREED, ""])
def test_the_answer_takes_the_key_and_says_what_is_agreed_to(agreed: str) -> None:
    client, server = socket.socketpair()
    asked = {"HTTP_SEC_WEBSOCKET_KEY": "dGhlIHNhbXBsZSBub25jZQ==", "HTTP_SEC_WEBSOCKET_EXTENSIONS": agreed}
    with client, server:
        Upgraded({"gunicorn.socket": server, **asked})
        told = client.recv(4096).decode()

    extensions = f"Sec-WebSocket-Extensions: {agreed}\r\n" if agreed else ""
    assert told == (
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n{extensions}\r\n"
    )
