"""Whole copies and segments that are kept in a place, and an archive that comes back from them."""

from pathlib import Path

import pytest

from pnl.backups.places import Folder, Place
from pnl.backups.putting_back import put_back
from pnl.backups.restoring import Restored
from pnl.backups.shipping import Shipping
from pnl.backups.whole import back_up, workshop
from pnl.clock import SystemClock
from pnl.store.verification import opened

CLOCK = SystemClock()


def quiet(_line: str) -> None:
    """Say nothing."""


def copy_whole(url: str, place: Place, data: Path) -> None:
    with workshop(data) as work:
        assert back_up(url, [place], work, clock=CLOCK, tell=quiet) == []


def copy_torn(url: str, folder: Folder, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep a whole copy, newer than any other, that is cut short afterwards."""
    later = SystemClock()
    monkeypatch.setattr(later, "now", lambda: CLOCK.now().replace(year=2099))
    with workshop(data) as own:
        back_up(url, [folder], own, clock=later, tell=quiet)
    newest = Path(folder.name) / [name for name in folder.names() if name.endswith(".db.gz")][-1]
    newest.write_bytes(newest.read_bytes()[:-40])


def ship(url: str, place: Place, work: Path) -> None:
    with opened(url) as database:
        assert Shipping(place, work).ship(database) is not None


def restore(place: Place, target: Path, data: Path, *, replace: bool = False, series: str | None = None) -> Restored:
    url = f"sqlite:///{target}"
    with workshop(data) as work:
        return put_back([place], url, work, demo=False, series=series, replace=replace, clock=CLOCK, tell=quiet)


def destroy(folder: Path, ending: str) -> None:
    """Have zeros in the place of every file of a kind."""
    found = [path for path in folder.rglob("*") if path.name.endswith(ending)]
    assert found
    for path in found:
        path.write_bytes(bytes(path.stat().st_size))
