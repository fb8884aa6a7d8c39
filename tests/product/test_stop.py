"""How long a stop takes: as long as clients may take to say goodbye, and hardly more."""

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
