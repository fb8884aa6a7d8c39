"""A store is not copied while snapshots of it wait in its spool, wherever that is kept: they would be missing."""

from pathlib import Path

import pytest

from pnl.cli import main
from pnl.store import open_store
from pnl.store.engine import driver
from pnl.store.spool import Spool
from tests.store.making import a_tick


@pytest.mark.parametrize("place", ["data", "other-disk"])
def test_what_waits_in_the_spool_is_written_first(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("data", "other-disk"):
        (tmp_path / name).mkdir()
    file, copy, spool = tmp_path / "data" / "pnl.db", tmp_path / "copy.db", tmp_path / place / "pnl.db.spool"
    url = f"sqlite:///{file}"
    store = open_store(url, demo=False, lock_seconds=0.2, spool=Spool(spool, 1 << 20))
    store.lead()
    store.keep(a_tick(1))
    other = driver().connect(str(file), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    store.keep(a_tick(2))
    store.close()
    other.execute("ROLLBACK")
    other.close()
    monkeypatch.setenv("PNL_SPOOL_FOLDER", str(spool.parent))
    monkeypatch.chdir(tmp_path)

    refused = main(["migrate-store", url, f"sqlite:///{copy}"])

    assert refused == 2
    assert f"snapshots of {file} wait in {spool}: start it once, and stop it, before" in capsys.readouterr().err
    assert not copy.exists()

    again = open_store(url, demo=False, spool=Spool(spool, 1 << 20))
    again.lead()
    again.close()
    assert main(["migrate-store", url, f"sqlite:///{copy}"]) == 0
    assert "up to snapshot 2." in capsys.readouterr().out
