"""How long a message takes to a browser and back: few are asked, each answers by itself, and nobody else is asked."""

from collections.abc import Iterator

import pytest

from pnl.live.crowd import MOST_ASKED
from pnl.metrics.instruments import ECHO
from pnl.metrics.window import counted
from tests.live.stage import Stage
from tests.live.wire import Wire, frame, until

PING, PONG = 0x89, 0x0A


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Stage() as made:
        yield made


def speak(wire: Wire) -> None:
    """Say what a page says that measures its way."""
    wire.say('{"t":"ping","at":1}')
    while wire.message()["t"] != "pong":
        pass


def asked(wire: Wire) -> bytes:
    """Read up to the next ping, and return its payload."""
    while True:
        first, payload = wire.frame()
        if first == PING:
            return payload


def answered() -> float:
    return counted(ECHO)[-1]


def test_a_page_that_measures_its_way_is_asked_behind_a_message_and_its_answer_counts(stage: Stage) -> None:
    stage.publish(1)
    with stage.wire() as wire:
        speak(wire)
        before = answered()

        stage.publish(2)
        assert wire.frame()[0] == 0x81
        payload = asked(wire)
        wire.send(frame(PONG, payload))

        assert payload == b"2"
        until(lambda: answered() == before + 1)


def test_another_answer_or_one_that_nobody_asked_for_counts_nothing(stage: Stage) -> None:
    stage.publish(1)
    with stage.wire() as wire:
        speak(wire)
        before = answered()
        wire.send(frame(PONG, b"1"))
        stage.publish(2)
        payload = asked(wire)
        wire.send(frame(PONG, b"9") + frame(PONG, payload) + frame(PONG, payload))

        speak(wire)
        assert answered() == before + 1


def test_a_program_that_never_sent_a_ping_is_not_asked(stage: Stage) -> None:
    stage.publish(1)
    with stage.wire() as wire, stage.wire() as page:
        speak(page)
        wire.message()
        for seq in (2, 3):
            stage.publish(seq)
            assert asked(page) == str(seq).encode()

        assert [wire.frame()[0] for _ in (2, 3)] == [0x81, 0x81]


def test_few_are_asked_at_a_tick_and_all_in_turn(stage: Stage) -> None:
    stage.publish(1)
    wires = [stage.wire() for _ in range(MOST_ASKED + 1)]
    try:
        for wire in wires:
            speak(wire)
        stage.publish(2)
        assert [asked(wire) for wire in wires[:MOST_ASKED]] == [b"2"] * MOST_ASKED

        stage.publish(3)
        assert asked(wires[MOST_ASKED]) == b"3"
    finally:
        for wire in wires:
            wire.socket.close()
