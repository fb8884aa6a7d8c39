"""A stop takes as long as clients may take to say goodbye, and hardly more; it is clean in the midst of a start."""

import signal
import socket
import time
from pathlib import Path

from pnl.live.crowd import FAREWELL_SECONDS
from tests.live.wire import Wire
from tests.product.process import Process


def seconds_to_stop(product: Process) -> float:
    begun = time.monotonic()
    assert product.stop() == 0
    return time.monotonic() - begun


def test_fifty_clients_that_never_answer_hold_a_stop_for_their_farewell_alone(tmp_path: Path) -> None:
    product = Process(tmp_path / "data")
    try:
        product.ready()
        alone = seconds_to_stop(product)
        product.again()
        product.ready()
        wires = [Wire(product.port) for _ in range(50)]
        for wire in wires:
            wire.message()

        held = seconds_to_stop(product)

        assert held - alone < FAREWELL_SECONDS + 1
        for wire in wires:
            assert wire.ended() == 1012
            wire.socket.close()
    finally:
        product.end()


def test_a_stop_in_the_middle_of_a_start_that_fails_is_a_clean_one(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(60)
        url = f"postgresql://ann@127.0.0.1:{silent.getsockname()[1]}/books"
        product = Process(tmp_path / "data", PNL_DATABASE_URL=url)
        try:
            asking, _ = silent.accept()
            with asking:
                product.process.send_signal(signal.SIGTERM)
                silent.close()

            assert product.process.wait(30) == 0
            assert "cannot be opened" in product.said()
            assert "Traceback" not in product.said()
        finally:
            product.end()
