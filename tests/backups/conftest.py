"""Archives of either kind, and places for their backups: a folder, and a bucket of a real HTTP server."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from moto.server import ThreadedMotoServer

from pnl.backups.bucket import Bucket
from pnl.backups.places import Folder, Place
from pnl.store import SqlStore, open_store


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    """Return which database the test is run on."""
    found: str = request.param
    return found


@pytest.fixture
def url(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """Return the URL of a database with nothing in it."""
    if kind == "sqlite":
        return f"sqlite:///{tmp_path / 'pnl.db'}"
    found: str = request.getfixturevalue("plain_postgres_url")
    return found


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    """Give an empty store that leads."""
    store = open_store(url, demo=False)
    store.lead()
    yield store
    store.close()


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """Return a folder for files on their way."""
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Return a folder as a place for backups; it is not made yet."""
    return Folder(tmp_path / "backups")


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """Give the address of a server that speaks S3's language."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have keys for it in the environment, and nothing that asks a cloud's own address for some."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def bucket(s3: str, keys: None) -> Bucket:
    """Return a bucket as a place for backups."""
    assert keys is None
    name = f"b-{uuid4().hex[:10]}"
    made = Bucket(f"s3://{name}/north/star", s3)
    made._client.create_bucket(Bucket=name)
    return made


@pytest.fixture(params=["folder", "bucket"])
def place(request: pytest.FixtureRequest) -> Place:
    """Return a place for backups, of either kind."""
    found: Place = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def settings(url: str, folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the commands work on the archive, with the folder for its backups."""
    monkeypatch.setenv("PNL_DATABASE_URL", url)
    monkeypatch.setenv("PNL_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PNL_BACKUP_FOLDER", folder.name)
