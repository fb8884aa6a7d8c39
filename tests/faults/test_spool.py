"""The spool itself: what is in it once it said so, what a torn end or a thawed leader does to it."""

import resource
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from pnl.errors import Deposed, StoreUnavailable
from pnl.store.spool import BLOCK, Spool, SpoolFull


def taken(path: Path, epoch: int = 1, size: int = 100_000) -> Spool:
    spool = Spool(path, size)
    spool.take(epoch)
    return spool


def test_what_was_put_in_is_there_after_a_restart(tmp_path: Path) -> None:
    spool = taken(tmp_path / "spool")
    for number in range(5):
        spool.append(b"tick %d" % number)

    again = taken(tmp_path / "spool", 2)

    assert list(again.ticks()) == [b"tick 0", b"tick 1", b"tick 2", b"tick 3", b"tick 4"]
    assert list(again.ticks(3)) == [b"tick 3", b"tick 4"]


def test_its_room_is_laid_by_with_real_zeros(tmp_path: Path) -> None:
    taken(tmp_path / "spool", size=1_000_000)

    there = (tmp_path / "spool").stat()
    assert there.st_size == 1_000_000
    assert there.st_blocks * 512 >= 1_000_000
    assert there.st_mode & 0o777 == 0o600


def test_no_folder_is_made_for_it_where_a_disk_is_to_be_mounted(tmp_path: Path) -> None:
    path = tmp_path / "disk" / "northstar" / "spool"

    with pytest.raises(
        StoreUnavailable, match=r"disk is not there, in which the folder for the spool is to be: is its"
    ):
        taken(path)

    assert not (tmp_path / "disk").exists()
    (tmp_path / "disk").mkdir()
    taken(path).append(b"tick")
    assert list(taken(path, 2).ticks()) == [b"tick"]


@pytest.mark.parametrize("cut", range(1, 40))
def test_a_torn_end_is_left_out_and_what_is_before_it_stays(tmp_path: Path, cut: int) -> None:
    spool = taken(tmp_path / "spool")
    spool.append(b"whole")
    before = spool._end
    spool.append(b"this one is torn apart")
    body = bytearray((tmp_path / "spool").read_bytes())
    body[before + cut :] = bytes(len(body) - before - cut)
    (tmp_path / "spool").write_bytes(body)

    again = taken(tmp_path / "spool", 2)

    assert list(again.ticks()) == [b"whole"]
    again.append(b"next")
    assert list(again.ticks()) == [b"whole", b"next"]


def test_one_bit_that_flipped_ends_what_is_read(tmp_path: Path) -> None:
    spool = taken(tmp_path / "spool")
    for number in range(3):
        spool.append(b"tick %d" % number)
    body = bytearray((tmp_path / "spool").read_bytes())
    body[body.index(b"tick 1") + 2] ^= 1
    (tmp_path / "spool").write_bytes(body)

    assert list(taken(tmp_path / "spool", 2).ticks()) == [b"tick 0"]


def test_what_is_cleared_is_zeros_again(tmp_path: Path) -> None:
    spool = taken(tmp_path / "spool")
    spool.append(b"tick")

    spool.clear()

    assert (tmp_path / "spool").read_bytes()[BLOCK:].strip(b"\0") == b""
    assert list(taken(tmp_path / "spool", 2).ticks()) == []


def test_a_full_spool_says_so_and_keeps_what_it_has(tmp_path: Path) -> None:
    spool = taken(tmp_path / "spool", size=5 * BLOCK)
    put, full = 0, False
    while not full:
        try:
            spool.append(b"x" * 1000)
            put += 1
        except SpoolFull:
            full = True

    assert put > 10
    assert len(list(spool.ticks())) == put


def test_who_led_before_and_wakes_up_does_not_take_what_it_wrote_for_kept(tmp_path: Path) -> None:
    old = taken(tmp_path / "spool", 1)
    old.append(b"kept")
    new = taken(tmp_path / "spool", 2)
    waiting = list(new.ticks())

    with pytest.raises(Deposed):
        old.append(b"too late")

    assert waiting == [b"kept"]
    new.append(b"next")
    assert list(new.ticks()) == [b"kept", b"next"]


def test_a_record_of_an_older_leader_behind_one_of_a_newer_is_not_read(tmp_path: Path) -> None:
    old = taken(tmp_path / "spool", 1)
    old.append(b"first")
    old.append(b"stale")
    stale = (tmp_path / "spool").read_bytes()
    new = taken(tmp_path / "spool", 2)
    new.clear()
    new.append(b"newer")
    body = bytearray((tmp_path / "spool").read_bytes())
    body[new._end :] = stale[new._end :]  # as one that thawed in the middle of a write leaves it
    (tmp_path / "spool").write_bytes(body)

    assert list(taken(tmp_path / "spool", 3).ticks()) == [b"newer"]


def test_what_is_whole_behind_what_can_be_read_is_given_by_itself(tmp_path: Path) -> None:
    spool = taken(tmp_path / "spool")
    for number in range(4):
        spool.append(b"tick %d" % number)
    body = bytearray((tmp_path / "spool").read_bytes())
    body[body.index(b"tick 1") + 2] ^= 1
    (tmp_path / "spool").write_bytes(body)

    again = taken(tmp_path / "spool", 2)

    assert (list(again.ticks()), list(again.behind())) == ([b"tick 0"], [b"tick 2", b"tick 3"])
    again.clear_behind()
    assert (list(again.ticks()), list(again.behind())) == ([b"tick 0"], [])
    assert (tmp_path / "spool").read_bytes()[again._end :].strip(b"\0") == b""


def test_ticks_of_a_newer_epoch_are_read_whoever_takes_it(tmp_path: Path) -> None:
    taken(tmp_path / "spool", 7).append(b"kept")

    assert list(taken(tmp_path / "spool", 2).ticks()) == [b"kept"]


def test_it_says_which_archive_it_belongs_to_whoever_takes_it(tmp_path: Path) -> None:
    spool = taken(tmp_path / "spool")
    nobody = spool.series

    spool.belong("5b0c9e1f")

    assert (nobody, taken(tmp_path / "spool", 2).series) == ("", "5b0c9e1f")


def test_a_copy_that_was_set_aside_is_a_spool_again_with_all_its_room(tmp_path: Path) -> None:
    spool = taken(tmp_path / "spool", size=3_000_000)
    spool.append(b"x" * 1_500_000 + b"\0" * 9)
    aside = spool.copy_aside("refused")
    spool.clear()

    aside.rename(tmp_path / "spool")
    again = taken(tmp_path / "spool", 2, 3_000_000)

    assert list(again.ticks()) == [b"x" * 1_500_000 + b"\0" * 9]
    assert (tmp_path / "spool").stat().st_size == 3_000_000
    assert again.room > 1_400_000
    assert sorted(path.name for path in tmp_path.iterdir()) == ["spool"]


def test_a_disk_that_takes_no_copy_leaves_what_waits_where_it_is(tmp_path: Path) -> None:
    code = """
import resource, sys
from pathlib import Path
from pnl.errors import StoreUnavailable
from pnl.store.spool import Spool
spool = Spool(Path(sys.argv[1]), 100_000)
spool.take(2)
spool.append(b"kept" * 9_000)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
try:
    spool.copy_aside("refused")
except StoreUnavailable as error:
    print(error)
print([len(tick) for tick in spool.ticks()], sorted(path.name for path in Path(sys.argv[1]).parent.iterdir()))
"""

    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "spool")], capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines() == [
        "what waits in the spool cannot be set aside: File too large",
        "[36000] ['spool']",
    ]


def test_who_enters_by_hand_waits_outside_while_something_waits_inside(tmp_path: Path) -> None:
    spool = taken(tmp_path / "spool")
    guest = Spool(tmp_path / "spool", 1)
    with guest.gate(alone=False), guest.gate(alone=False):
        pass
    spool.append(b"tick")

    with pytest.raises(StoreUnavailable, match="snapshots wait"), guest.gate(alone=False):
        pass


def test_nothing_is_let_wait_while_somebody_enters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pnl.store.spool.PATIENCE_SECONDS", 0.05)
    spool = taken(tmp_path / "spool")

    with (
        Spool(tmp_path / "spool", 1).gate(alone=False),
        pytest.raises(StoreUnavailable, match="another process is writing"),
        spool.gate(alone=True),
    ):
        pass


def test_a_folder_that_takes_no_spool_is_told(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")

    with pytest.raises(StoreUnavailable, match="cannot be used"):
        taken(tmp_path / "taken" / "spool")


def test_on_a_disk_without_room_what_was_laid_by_still_takes_ticks(tmp_path: Path) -> None:
    taken(tmp_path / "spool").release()
    code = """
import resource, sys
from pathlib import Path
from pnl.store.spool import Spool
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))  # as large as it is, and no byte more
spool = Spool(Path(sys.argv[1]), 100_000)
spool.take(2)
spool.append(b"kept")
print(list(spool.ticks()))
"""
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[1] == resource.RLIM_INFINITY

    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "spool")], capture_output=True, text=True, check=True
    )

    assert done.stdout == "[b'kept']\n"


def test_a_kill_at_any_moment_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    code = """
import sys
from pathlib import Path
from pnl.store.spool import Spool
spool = Spool(Path(sys.argv[1]), 4_000_000)
spool.take(int(sys.argv[2]))
number = spool.count
while True:
    spool.append(b"%08d" % number + b"x" * (number % 3000))
    print(number, flush=True)
    number += 1
"""
    acknowledged = -1
    for epoch in range(1, 6):
        with subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path / "spool"), str(epoch)], stdout=subprocess.PIPE, text=True
        ) as writer:
            assert writer.stdout is not None
            for _ in range(17 * epoch):
                acknowledged = int(writer.stdout.readline())
            writer.kill()
            for line in writer.stdout:
                if line.endswith("\n"):
                    acknowledged = int(line)

    numbers = [int(tick[:8]) for tick in taken(tmp_path / "spool", 9, 4_000_000).ticks()]
    assert numbers[0] == 0
    assert all(later == earlier + 1 for earlier, later in pairwise(numbers))
    assert numbers[-1] in (acknowledged, acknowledged + 1)
