"""The same bytes to many: each way reaches everybody once, and tells who did not take the whole."""

import ctypes
import errno
import resource
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from pnl.live.client import Client
from pnl.live.fanout import FanOut, OneByOne, Together
from pnl.live.fanout import Way as BestWay
from pnl.live.lane import Lane
from pnl.live.sending import quick_send
from pnl.live.submission import MOST, offered
from tests.live.wire import heard


def library() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def one_by_one() -> FanOut:
    assert quick_send
    return OneByOne(quick_send)


def together() -> FanOut:
    submission = offered(library)
    assert submission
    submission.most = MOST[-1]  # the fewest, so that not many clients make several calls
    return Together(submission)


Way = Callable[[], FanOut]
Pair = tuple[socket.socket, Client]


OFFERED = offered(library) is not None
NEEDS_IT = pytest.mark.skipif(not OFFERED, reason="without asynchronous writes of the kernel each is sent to alone")


@pytest.fixture(params=[one_by_one, pytest.param(together, marks=NEEDS_IT)])
def way(request: pytest.FixtureRequest) -> Way:
    made: Way = request.param
    return made


@pytest.fixture
def pairs() -> Iterator[list[Pair]]:
    with ExitStack() as open_ones:
        yield [pair(open_ones) for _ in range(4)]


def pair(open_ones: ExitStack) -> Pair:
    ours, theirs = socket.socketpair()
    for end in (ours, theirs):
        open_ones.enter_context(end)
        end.setblocking(False)
    return ours, Client(theirs, "event", ("seat",))


def test_who_leaves_a_lane_is_sent_nothing_and_the_others_are(way: Way, pairs: list[Pair]) -> None:
    lane = Lane("event", way())
    for _, client in pairs:
        lane.add(client)

    lane.remove(pairs[1][1])
    lane.remove(pairs[3][1])

    assert lane.send(b"figures") == []
    assert [heard(ours) for ours, _ in pairs] == [b"figures", b"", b"figures", b""]
    assert [client.place for _, client in pairs] == [0, None, 1, None]
    lane.remove(pairs[0][1])
    lane.remove(pairs[2][1])
    assert len(lane) == 0
    assert lane.send(b"more") == []


def test_a_lane_tells_how_much_of_a_message_was_taken(way: Way, pairs: list[Pair]) -> None:
    lane = Lane("event", way())
    for _, client in pairs[:3]:
        lane.add(client)
    lane.remove(pairs[0][1])  # so that the last one stands at another place than it came to
    pairs[1][0].close()
    whole = b"x" * 10_000_000  # more than the kernel takes

    told = dict(lane.send(whole))

    assert set(told) == {pairs[1][1], pairs[2][1]}
    assert told[pairs[1][1]] < 0
    assert 0 < told[pairs[2][1]] < len(whole)


def test_who_takes_nothing_now_is_told_of_and_takes_more_later(way: Way, pairs: list[Pair]) -> None:
    lane = Lane("event", way())
    for _, client in pairs[:2]:
        lane.add(client)
    slow, client = pairs[1]
    while not (short := lane.send(b"y" * 50_000)):
        heard(pairs[0][0])
    heard(pairs[0][0])

    again = lane.send(b"nothing of this fits")

    assert [one for one, _ in short] == [client]
    assert [(one, sent > 0) for one, sent in again] == [(client, False)]
    assert heard(pairs[0][0]) == b"nothing of this fits"
    heard(slow)
    assert lane.send(b"room again") == []
    assert heard(slow) == b"room again"


def test_more_than_go_in_one_call_are_reached_and_one_that_is_closed_keeps_nobody(way: Way) -> None:
    count = MOST[-1] + 10
    files, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, max(files, 3 * count)), most))
    with ExitStack() as open_ones:
        many, lane = [pair(open_ones) for _ in range(count)], Lane("event", way())
        for _, client in many:
            lane.add(client)
        closed = [many[place][1] for place in (0, 5, 6, MOST[-1], count - 1)]
        for client in closed:
            client.connection.close()

        short = lane.send(b"figures")

        assert sorted(client.place or 0 for client, _ in short) == [0, 5, 6, MOST[-1], count - 1]
        assert {sent for _, sent in short} == {-1}
        reached = [ours for ours, client in many if client not in closed]
        assert all(heard(ours) == b"figures" for ours in reached)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, most))


def test_places_stay_right_while_clients_come_and_go(way: Way) -> None:
    with ExitStack() as open_ones:
        lane, here, gone = Lane("event", way()), list[Pair](), list[Pair]()
        for turn in range(200):
            here.append(pair(open_ones))
            lane.add(here[-1][1])
            if turn % 3 == 2:
                gone.append(here.pop(turn % len(here)))
                lane.remove(gone[-1][1])
            message = b"message %d" % turn
            assert lane.send(message) == []
            assert {heard(ours) for ours, _ in here} == {message}
        assert [heard(ours) for ours, _ in gone] == [b""] * len(gone)
        assert {client.place for _, client in here} == set(range(len(here)))


class Refusing:
    """A C library in a sandbox whose fence lets nobody through to the kernel's interface."""

    @staticmethod
    def syscall(*_: object) -> int:
        ctypes.set_errno(1)
        return -1


class Losing:
    """A C library whose kernel takes every call and does nothing."""

    @staticmethod
    def syscall(*_: object) -> int:
        return 0


@pytest.mark.parametrize("opened", [Refusing, Losing, object])
def test_where_the_kernel_does_not_offer_it_each_is_sent_to_by_itself(opened: Callable[[], Any]) -> None:
    way = BestWay(opened)

    assert way.fan_out
    assert isinstance(way.fan_out(), OneByOne)
    way.close()


class Sharing:
    """A C library whose kernel has only so many requests left for all processes.

    Args:
        left: How many.
    """

    def __init__(self, left: int) -> None:
        self._left = left
        self._syscall: Callable[..., int] = library().syscall

    def syscall(self, number: ctypes.c_long, *given: Any) -> int:  # noqa: ANN401 - as C has it
        if len(given) == 2 and isinstance(given[0], ctypes.c_long) and given[0].value > self._left:  # a setup
            ctypes.set_errno(errno.EAGAIN)
            return -1
        return self._syscall(number, *given)


@NEEDS_IT
@pytest.mark.parametrize(("left", "most"), [(MOST[0], MOST[0]), (MOST[0] - 1, MOST[1]), (MOST[1], MOST[1]), (9, None)])
def test_where_the_kernel_has_few_requests_left_fewer_go_in_a_call(left: int, most: int | None) -> None:
    submission = offered(lambda: Sharing(left))

    assert (submission.most if submission else None) == most


def test_an_unknown_machine_is_not_guessed_at() -> None:
    assert offered(library, machine="abacus") is None


def test_the_kernel_is_asked_for_all_together_where_it_offers_that() -> None:
    way = BestWay()

    assert way.fan_out
    assert isinstance(way.fan_out(), Together if OFFERED else OneByOne)
    way.close()
