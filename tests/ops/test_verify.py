"""`pnl verify` as an operator runs it."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from pnl.cli import main
from pnl.ops.verify import kind
from pnl.store import open_store
from tests.faults.test_recovery import torn_table
from tests.store.making import a_fill, a_mark, a_tick, an_entry, at
from tests.store.outside import outside

ROOT = Path(__file__).parents[2]


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the address of an archive of three ticks, which the settings name."""
    url = f"sqlite:///{tmp_path / 'pnl.db'}"
    store = open_store(url, demo=False)
    store.lead()
    for seq in range(1, 4):
        store.keep(a_tick(seq, *store.sort([a_fill(f"f-{seq}")]).new, marks=(a_mark("KXA", f"0.{seq}", after=seq),)))
    store.close()
    monkeypatch.setenv("PNL_DATABASE_URL", url)
    monkeypatch.setenv("PNL_DATA_DIR", str(tmp_path))
    return url


def test_a_whole_archive_is_told_to_be_whole(url: str, capfd: pytest.CaptureFixture[str]) -> None:
    code = main(["verify"])

    out = capfd.readouterr().out
    assert code == 0
    assert "ok    the file itself" in out
    assert "ok    3 snapshots" in out
    assert "ok    3 records" in out
    assert out.endswith("Nothing is missing, altered or unexplained.\n")
    assert url


def test_a_fault_is_a_line_with_its_place(url: str, capfd: pytest.CaptureFixture[str]) -> None:
    with outside(url) as connection:
        connection.execute(text("DROP TRIGGER snapshot_no_update"))
        connection.execute(text("UPDATE snapshot SET cash_n = 0 WHERE seq = 2"))

    code = main(["verify"])

    out = capfd.readouterr().out
    assert code == 1
    assert "FAIL  snapshot 2 at 2026-11-02T15:00:20.000Z breaks the chain" in out
    assert out.endswith("faults.\n")


BROKEN = re.compile(r"FAIL  snapshot \d+ at \S+ breaks the chain")


@pytest.fixture
def damaged(url: str) -> str:
    """Return the address of an archive in which each of thirty snapshots and one record was altered."""
    store = open_store(url, demo=False)
    store.lead()
    for seq in range(4, 31):
        store.keep(a_tick(seq))
    store.close()
    with outside(url) as connection:
        for trigger in ("snapshot_no_update", "record_no_update"):
            connection.execute(text(f"DROP TRIGGER {trigger}"))
        connection.execute(text("UPDATE snapshot SET cash_n = 7"))
        connection.execute(text("UPDATE record SET sha256 = '0' WHERE rec_id = 2"))
    return url


def test_of_many_faults_of_one_kind_the_first_are_told_and_the_rest_is_counted(
    damaged: str, capfd: pytest.CaptureFixture[str]
) -> None:
    code = main(["verify"])

    lines = capfd.readouterr().out.splitlines()
    broken = [line for line in lines if BROKEN.match(line)]
    assert (code, len(broken)) == (1, 20)
    assert f"FAIL  10 more of this kind: --all shows them. Its first: {broken[0].removeprefix('FAIL  ')}" in lines
    assert "FAIL  fill f-2 version 1 (record 2) is not what was kept" in lines
    assert lines[-1] == f"{_told(lines)} faults."
    assert damaged


def test_every_fault_is_told_where_all_are_asked_for(damaged: str, capfd: pytest.CaptureFixture[str]) -> None:
    few = main(["verify"])
    total = capfd.readouterr().out.splitlines()[-1]

    code = main(["verify", "--all"])

    lines = capfd.readouterr().out.splitlines()
    assert (few, code) == (1, 1)
    assert len([line for line in lines if BROKEN.match(line)]) == 30
    assert not [line for line in lines if "more of this kind" in line]
    assert lines[-1] == total == f"{_told(lines)} faults."
    assert damaged


def _told(lines: list[str]) -> int:
    """Return how many faults are told, by a line each or by their number."""
    counted = [re.match(r"FAIL  (\d+) more of this kind", line) for line in lines]
    return sum(int(found[1]) if found else line.startswith("FAIL") for found, line in zip(counted, lines, strict=True))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("the 15m roll-up of 2026-11-02T15:00:00.000Z has no snapshot", "the 1h roll-up of 2026-11-02 has no snapshot"),
        ("what the market KXA is called is not it", "what the market KXB-26NOV is called is not it"),
        ("revenue rent of may version 1 (record 4) is altered", "revenue inv-1 version 2 (record 5) is altered"),
    ],
)
def test_faults_that_differ_by_their_place_are_of_one_kind(one: str, other: str) -> None:
    assert kind(one) == kind(other) != kind("snapshot 2: its lines do not add up to its net")


@pytest.mark.parametrize("index", ["record_by_ticker", "sqlite_autoindex_record_1"])
def test_a_torn_page_that_no_walk_comes_by_is_a_fault(
    url: str, tmp_path: Path, capfd: pytest.CaptureFixture[str], index: str
) -> None:
    torn_table(tmp_path / "pnl.db", index)

    code = main(["verify"])

    out = capfd.readouterr().out
    assert code == 1
    assert re.search(r"^FAIL  the file is damaged: Tree \d+ page \d+", out, re.MULTILINE)
    assert out.endswith("faults.\n")
    assert url


def test_what_is_torn_where_a_walk_comes_by_is_told_with_all_that_was_found_before(
    url: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    torn_table(tmp_path / "pnl.db", "snapshot")

    code = main(["verify"])

    out = capfd.readouterr().out
    assert code == 1
    assert "FAIL  the file is damaged: " in out
    assert "FAIL  what is in it cannot be read to the end: the database is damaged" in out
    assert url


def test_an_audit_that_was_emptied_and_an_entry_that_was_slipped_in_are_faults(
    url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    store = open_store(url, demo=False)
    store.enter(an_entry("inv-1", "5"), replaces=None, actor="ann", at=at(31))
    store.close()
    entered = main(["verify"])
    with outside(url) as connection:
        connection.execute(text("DROP TRIGGER audit_no_delete"))
        connection.execute(text("DELETE FROM audit"))
        connection.execute(
            text(
                "INSERT INTO record SELECT 50000, 'revenue.stripe', kind, 'ch-1', version, effective_us, recorded_us, "
                "fact, raw, sha256, ticker FROM record WHERE source = 'manual'"
            )
        )

    code = main(["verify"])

    assert (entered, code) == (0, 1)
    found = [line for line in capfd.readouterr().out.splitlines() if line.startswith("FAIL")]
    assert found == [
        (
            "FAIL  revenue ch-1 version 1 of revenue.stripe (record 50000) came with no snapshot: "
            "the newest one knows records up to 3"
        ),
        "FAIL  revenue inv-1 version 1 of manual (record 4) has no line in the audit of manual entries",
    ]


def test_the_end_that_was_noted_must_still_be_there(url: str, capfd: pytest.CaptureFixture[str]) -> None:
    main(["verify"])
    found = re.search(r"snapshot (3): ([0-9a-f]{64})", capfd.readouterr().out)
    assert found

    assert main(["verify", "--noted", f"{found[1]}:{found[2]}"]) == 0
    assert main(["verify", "--noted", f"3:{'0' * 64}"]) == 1
    assert "snapshot 3 is not the one whose hash was noted" in capfd.readouterr().out
    assert url


def test_what_is_no_end_of_a_chain_is_refused(url: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["verify", "--noted", "yesterday"])

    assert "SEQ:HASH" in capfd.readouterr().err
    assert url


def test_an_archive_that_is_not_there_is_said_so_and_not_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PNL_DATA_DIR", str(tmp_path / "empty"))
    monkeypatch.setenv("PNL_DATABASE_URL", f"sqlite:///{tmp_path / 'empty' / 'pnl.db'}")

    assert main(["verify"]) == 2

    assert "is not there" in capfd.readouterr().err
    assert not (tmp_path / "empty").exists()


def test_it_runs_from_a_terminal(url: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pnl", "verify"], cwd=ROOT, capture_output=True, check=False, text=True, timeout=60
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert "the chain ends with snapshot 3" in done.stdout
    assert url


def test_who_stops_listening_is_not_shown_a_traceback(url: str) -> None:
    command = [sys.executable, "-m", "pnl", "verify"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as walk:
        assert walk.stdout
        assert walk.stderr
        walk.stdout.close()
        said = walk.stderr.read()
        code = walk.wait(60)

    assert (code, said) == (141, "")
    assert url


@pytest.fixture
def seal() -> Iterator[Callable[[Path], None]]:
    """Give what makes a folder one that nobody may write to, until the test is over."""
    sealed: list[Path] = []

    def take_away(folder: Path) -> None:
        if os.geteuid() != 0:
            for path in (*folder.iterdir(), folder):
                path.chmod(path.stat().st_mode & ~0o222)
            return
        for arguments in (("--bind", str(folder), str(folder)), ("-o", "remount,bind,ro", str(folder))):
            done = subprocess.run(["mount", *arguments], capture_output=True, check=False, text=True, timeout=30)
            if done.returncode:
                pytest.skip(f"root may write everywhere, and no disk can be made read-only here: {done.stderr}")
            if arguments[0] == "--bind":
                sealed.append(folder)

    yield take_away
    for folder in sealed:
        subprocess.run(["umount", folder], check=True, timeout=30)


def test_an_archive_on_a_disk_that_is_read_only_is_verified(
    url: str, tmp_path: Path, seal: Callable[[Path], None], capfd: pytest.CaptureFixture[str]
) -> None:
    before = sorted(path.name for path in tmp_path.iterdir())
    seal(tmp_path)

    assert main(["verify"]) == 0

    assert capfd.readouterr().out.endswith("Nothing is missing, altered or unexplained.\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert url


def test_an_archive_whose_log_cannot_be_read_there_is_refused_with_the_cure(
    url: str,
    tmp_path: Path,
    seal: Callable[[Path], None],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    folder = tmp_path / "copy"
    folder.mkdir()
    store = open_store(url, demo=False)
    store.lead()
    store.keep(a_tick(4))
    for ending in ("", "-wal"):
        shutil.copy(tmp_path / f"pnl.db{ending}", folder / f"pnl.db{ending}")
    store.close()
    assert (folder / "pnl.db-wal").stat().st_size
    monkeypatch.setenv("PNL_DATABASE_URL", f"sqlite:///{folder / 'pnl.db'}")
    seal(folder)

    assert main(["verify"]) == 2

    assert "pnl.db-wal holds what is not in pnl.db yet" in capfd.readouterr().err


def test_an_archive_in_use_is_verified_with_its_log_where_nothing_may_be_written(
    url: str, tmp_path: Path, seal: Callable[[Path], None], capfd: pytest.CaptureFixture[str]
) -> None:
    store = open_store(url, demo=False)
    store.lead()
    store.keep(a_tick(4))
    seal(tmp_path)

    code = main(["verify"])

    assert "ok    4 snapshots" in capfd.readouterr().out
    assert code == 0
    store.close()
