"""A file that is torn while the product has it in use: well again with no hand on it, or told with the cure."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from structlog.testing import capture_logs

from pnl.aggregator.figures import Pulse
from pnl.desk.backing import kin_beside, restored_after
from pnl.desk.damage import Damage
from pnl.desk.recovery import made_sound
from pnl.ops.verify import verify
from pnl.store import SqlStore, soundness
from tests.backups.making import live
from tests.fakes import StillClock
from tests.faults.test_lost import opened, with_backups
from tests.faults.test_recovery import CLOCK, backed_up, settings_of, torn_table
from tests.product.process import TOP, Process
from tests.product.readers import worker
from tests.store.making import a_tick

HEALED_SECONDS = 30


def scrambled(path: Path) -> None:
    """Write noise over every page but the first."""
    with path.open("rb+") as file:
        file.seek(4096)
        file.write(random.Random(5).randbytes(path.stat().st_size - 4096))


def halved(path: Path) -> None:
    """Let half of it remain."""
    os.truncate(path, path.stat().st_size // 2 // 4096 * 4096)


DAMAGE = [scrambled, halved]


def restored(process: Process) -> int | None:
    """Return the snapshot that the archive was restored to; None where it was not, or nobody answers."""
    try:
        told = process.get("/api/pnl/status")
    except httpx.TransportError:  # the worker that has it ends meanwhile
        return None
    found = told.json()["restored"] if told.status_code == 200 else None
    return None if found is None else int(found["seq"])


def goes_on(process: Process) -> None:
    """Wait until it shows snapshots that came after the restored ones."""
    process.until(lambda snapshot: snapshot["seq"] > (restored(process) or snapshot["seq"]) + 1)


def verified(process: Process) -> str:
    """Return what `verify` says of the archive, which is to be whole."""
    done = subprocess.run(
        [sys.executable, "-m", "pnl", "verify"], cwd=TOP, env=process.environment, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.decode()


def torn_and_known(tmp_path: Path) -> SqlStore:
    """Return a store of 20 snapshots, 17 of them in a backup, whose file takes no tick and can be read for one."""
    store = opened(tmp_path)
    store.lead()
    live(store, 12)
    backed_up(store, tmp_path, more=5)
    live(store, 3)
    store.close()
    torn_table(tmp_path / "pnl.db", "roll_1h")
    again = opened(tmp_path)
    again.lead()
    return again


def looking(tmp_path: Path, clock: StillClock, *, backups: bool) -> tuple[Damage, Pulse, list[str]]:
    """Return what looks for damage in the archive of a folder, what it goes by, and what it has ended."""
    pulse, ended = Pulse(0), list[str]()
    settings = settings_of(tmp_path, **(with_backups(tmp_path) if backups else {}))
    kin = kin_beside(settings)
    return Damage(settings, pulse, clock, lambda: ended.append("copy"), kin=kin), pulse, ended


def test_ticks_that_a_torn_file_does_not_take_wait_and_nothing_is_lost_where_it_can_be_read(tmp_path: Path) -> None:
    store = torn_and_known(tmp_path)
    damage, pulse, ended = looking(tmp_path, StillClock(), backups=True)

    store.keep(a_tick(21))
    pulse.damaged = store.damaged()
    damage.look()
    store.close()
    made_sound(settings_of(tmp_path, **with_backups(tmp_path)), CLOCK)
    again = opened(tmp_path)
    again.lead()

    assert (pulse.damaged or "").startswith("the database is damaged")
    assert damage.certain
    assert ended == ["copy"]
    assert (restored_after(again), again.head()) == (20, 21)
    assert not soundness.suspected(tmp_path / "pnl.db")
    assert list(tmp_path.glob("*.refused-*")) == []
    again.close()
    assert verify(f"sqlite:///{tmp_path / 'pnl.db'}", lambda _: None)


def test_without_a_backup_nothing_ends(tmp_path: Path) -> None:
    store = torn_and_known(tmp_path)
    damage, pulse, ended = looking(tmp_path, StillClock(), backups=False)
    pulse.damaged = "the database is damaged"

    with capture_logs() as logs:
        damage.look()

    store.close()
    assert not damage.certain
    assert ended == []
    assert [one["event"] for one in logs] == ["the database is damaged, and no backup of it is to be had"]


def test_a_tick_that_is_wrong_about_it_ends_nothing_and_is_looked_into_once_a_minute(tmp_path: Path) -> None:
    store, clock = opened(tmp_path), StillClock()
    store.lead()
    live(store, 3)
    backed_up(store, tmp_path)
    store.close()
    damage, pulse, ended = looking(tmp_path, clock, backups=True)
    pulse.damaged = "the database is damaged"

    with capture_logs() as logs:
        for _ in range(121):
            damage.look()
            clock.go(1)

    assert not damage.certain
    assert ended == []
    assert len([one for one in logs if "SQLite finds nothing" in one["event"]]) == 3
    assert not soundness.suspected(tmp_path / "pnl.db")


@pytest.mark.slow
@pytest.mark.parametrize("damage", DAMAGE, ids=lambda damage: damage.__name__)
def test_it_is_restored_with_no_hand_on_it(
    start: Callable[..., Process], tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    place = tmp_path / "backups"
    process = start(PNL_BACKUP_FOLDER=str(place))
    process.until(lambda _snapshot: list(place.rglob("whole/*.json")) != [])
    copied, before = max(int(one.name.split("-")[1]) for one in place.rglob("whole/*.json")), worker(process)

    damage(tmp_path / "data" / "demo.db")
    began = time.monotonic()
    goes_on(process)
    took = time.monotonic() - began

    assert process.get("/readyz").json() == {"ready": True, "reasons": []}
    assert worker(process) != before
    assert took < HEALED_SECONDS
    assert (restored(process) or 0) >= copied
    reasons = {gap["reason"] for gap in process.get("/api/pnl/history").json()["gaps"]}
    assert "the archive was restored from a backup that ends here" in reasons
    assert len(list((tmp_path / "data").glob("demo.db.damaged-*"))) >= 1
    assert not (tmp_path / "data" / "demo.db.suspect").exists()
    assert process.stop() == 0
    verified(process)


@pytest.mark.slow
@pytest.mark.parametrize("damage", DAMAGE, ids=lambda damage: damage.__name__)
def test_without_a_backup_it_goes_on_showing_the_last_figures_and_says_what_to_do(
    start: Callable[..., Process], tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    process = start()
    process.until(lambda snapshot: snapshot["seq"] >= 3)
    before = worker(process)

    damage(tmp_path / "data" / "demo.db")
    process.until(lambda _snapshot: process.get("/readyz").status_code == 503)
    process.until(lambda _snapshot: process.said().count("tick not kept") > 5)

    (reason,) = (one for one in process.get("/readyz").json()["reasons"] if "damaged" in one)
    assert reason.startswith("the database is damaged (")
    assert "docs/how-to/restore-at-night.md" in reason
    for path in ("/api/pnl/status", "/api/pnl/days"):
        answer = process.get(path)
        assert (path, answer.status_code) == (path, 503)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["detail"].startswith("The database is damaged.")
        assert "Retry-After" in answer.headers
    assert process.current()["seq"] >= 3
    assert process.get("/healthz").json()["status"] == "failing"
    assert worker(process) == before
    assert "Traceback" not in process.said()
    assert process.stop() == 0


@pytest.mark.slow
def test_who_waits_and_who_serves_go_on_with_the_restored_file(
    start: Callable[..., Process], tmp_path: Path, redis_url: str
) -> None:
    place = tmp_path / "backups"
    first = start(PNL_BACKUP_FOLDER=str(place), PNL_REDIS_URL=redis_url)
    first.until(lambda _snapshot: list(place.rglob("whole/*.json")) != [])
    second = start(PNL_BACKUP_FOLDER=str(place), PNL_REDIS_URL=redis_url)
    serving = start(PNL_ROLE="web", PNL_REDIS_URL=redis_url)
    for process in (second, serving):
        process.until(lambda snapshot: snapshot["seq"] >= 1)

    scrambled(tmp_path / "data" / "demo.db")

    for process in (first, second, serving):
        goes_on(process)
    shown = first.current()["seq"]
    for process in (first, second, serving):
        process.until(lambda snapshot: snapshot["seq"] > shown)
