"""Offers to compress, as clients make them, and what is agreed to (RFC 7692)."""

import pytest
from wsproto.extensions import PerMessageDeflate
from wsproto.handshake import server_extensions_handshake

from pnl.web.handshake import narrow

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
def test_the_answer_repeats_what_an_answer_must(offered: str) -> None:
    answer = server_extensions_handshake([narrow(offered)], [PerMessageDeflate()])

    assert answer is not None
    told = {part.strip() for part in answer.decode().split(";")}
    assert told == {part.strip() for part in narrow(offered).split(";")}
