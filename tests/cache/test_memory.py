"""The first layer: how much it keeps, for how long, and what goes first."""

from pnl.cache.memory import Memory


def test_what_was_used_longest_ago_goes_first() -> None:
    memory = Memory(items=3)
    for name in "abc":
        memory.put((name,), b"1", until=10)
    memory.get(("a",), now=0)

    memory.put(("d",), b"1", until=10)

    assert [name for name in "abcd" if memory.get((name,), now=0)] == ["a", "c", "d"]


def test_there_are_never_more_than_five_hundred() -> None:
    memory = Memory()

    for number in range(2000):
        memory.put((str(number),), b"x", until=10)

    assert len(memory) == 500
    assert memory.size == 500


def test_there_are_never_more_bytes_than_there_is_room_for() -> None:
    memory = Memory(size=1000)

    for number in range(100):
        memory.put((str(number),), b"x" * 120, until=10)

    assert len(memory) == 8
    assert memory.size == 960


def test_what_is_too_large_is_not_kept_and_takes_its_older_self_with_it() -> None:
    memory = Memory(size=1000)
    memory.put(("a",), b"x", until=10)

    memory.put(("a",), b"x" * 126, until=10)

    assert memory.get(("a",), now=0) is None
    assert memory.size == 0


def test_what_is_too_old_is_gone() -> None:
    memory = Memory()
    memory.put(("a",), b"x", until=10)

    assert memory.get(("a",), now=9.9) == b"x"
    assert memory.get(("a",), now=10) is None
    assert len(memory) == memory.size == 0


def test_a_value_takes_the_place_of_the_one_before() -> None:
    memory = Memory()
    memory.put(("a",), b"xx", until=10)

    memory.put(("a",), b"y", until=10)

    assert memory.get(("a",), now=0) == b"y"
    assert memory.size == 1
