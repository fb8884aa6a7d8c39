"""What is done again and again, beside everything else."""

import threading

from pnl.rounds import Rounds


def test_it_is_done_again_and_again_until_it_is_stopped() -> None:
    done = threading.Semaphore(0)
    rounds = Rounds("rounds", 0.001, done.release)

    rounds.start()
    for _ in range(3):
        assert done.acquire(timeout=10)
    rounds.stop()

    assert "rounds" not in [thread.name for thread in threading.enumerate()]


def test_it_is_done_at_once_where_that_is_asked_and_rests_first_where_not() -> None:
    done = threading.Event()
    early = Rounds("early", 3600, done.set, at_once=True)
    late = Rounds("late", 3600, lambda: done.clear())  # noqa: PLW0108 - it is never to be called

    late.start()
    early.start()
    assert done.wait(10)
    early.stop()
    late.stop()

    assert done.is_set()


def test_what_was_never_started_can_be_stopped() -> None:
    Rounds("never", 3600, lambda: None).stop()
