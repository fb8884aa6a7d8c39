from pathlib import Path

import pytest

from pnl.backups.bucket import Bucket
from pnl.backups.places import Folder, Place
from pnl.cli import main
from pnl.errors import BackupThere, BackupUnreachable
from tests.services import _free_port


@pytest.fixture
def kind() -> str:
    """Return what these tests have no need of."""
    return "sqlite"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "file"
    made.write_bytes(b"all of it")
    return made


def test_what_is_put_somewhere_comes_back(place: Place, file: Path, tmp_path: Path) -> None:
    place.put("a/whole/1.gz", file)
    place.put("b/segments/1.gz", file)
    back = tmp_path / "back"

    place.get("a/whole/1.gz", back)

    assert back.read_bytes() == b"all of it"
    assert place.names() == ["a/whole/1.gz", "b/segments/1.gz"]
    assert place.names("a/") == ["a/whole/1.gz"]


def test_nothing_is_written_over(place: Place, file: Path, tmp_path: Path) -> None:
    place.put("a/1.gz", file)
    file.write_bytes(b"another")

    with pytest.raises(BackupThere):
        place.put("a/1.gz", file)

    place.get("a/1.gz", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == b"all of it"
    assert place.names() == ["a/1.gz"]


def test_what_is_removed_is_gone_and_may_be_removed_again(place: Place, file: Path, tmp_path: Path) -> None:
    place.put("a/1.gz", file)

    place.remove("a/1.gz")
    place.remove("a/1.gz")

    assert place.names() == []
    with pytest.raises(BackupUnreachable):
        place.get("a/1.gz", tmp_path / "back")


def test_a_place_without_anything_has_no_names(place: Place) -> None:
    assert place.names() == []


def test_a_draft_that_broke_off_is_no_file(folder: Folder, file: Path, tmp_path: Path) -> None:
    folder.put("a/1.gz", file)
    (tmp_path / "backups" / "a" / ".2.gz.5f0c").write_bytes(b"half")

    assert folder.names() == ["a/1.gz"]


def test_backups_are_for_this_user_alone(folder: Folder, file: Path, tmp_path: Path) -> None:
    folder.put("a/1.gz", file)

    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in (tmp_path / "backups").rglob("*")}
    assert modes == {"a": "0o700", "1.gz": "0o600"}


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path: Path, file: Path) -> None:
    (tmp_path / "taken").write_text("a file")

    with pytest.raises(BackupUnreachable, match="taken"):
        Folder(tmp_path / "taken").put("a/1.gz", file)


@pytest.mark.usefixtures("keys")
def test_a_bucket_that_is_not_there_is_told_by_its_name(s3: str, file: Path) -> None:
    with pytest.raises(BackupUnreachable, match=r"s3://no-such-bucket/x cannot be written to \(NoSuchBucket"):
        Bucket("s3://no-such-bucket/x", s3).put("a/1.gz", file)


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("command", ["restore", "drill"])
@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        ("s3://", "the name of the bucket is missing"),
        ("s3:///northstar", "the name of the bucket is missing"),
        ("s3://my backups/northstar", "what follows s3:// is no name of a bucket"),
    ],
)
def test_a_bucket_that_is_not_named_is_told_with_how_to_write_it(
    command: str, place: str, wrong: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, "--from", place]) == 2

    said = capsys.readouterr().err
    assert said == f"pnl: {wrong}: write s3://bucket/prefix, such as s3://my-backups/northstar\n"


@pytest.mark.usefixtures("keys")
def test_a_server_that_is_down_is_told(file: Path) -> None:
    with pytest.raises(BackupUnreachable, match="Could not connect"):
        Bucket("s3://bucket/x", f"http://127.0.0.1:{_free_port()}").put("a/1.gz", file)


def test_a_key_that_may_not_write_is_told(bucket: Bucket, file: Path) -> None:
    name = bucket.name.removeprefix("s3://").partition("/")[0]
    refusing = '{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject",'
    refusing += f' "Resource": "arn:aws:s3:::{name}/*"}}]}}'
    bucket._client.put_bucket_policy(Bucket=name, Policy=refusing)

    with pytest.raises(BackupUnreachable, match=r"403|AccessDenied|Forbidden"):
        bucket.put("a/1.gz", file)


def test_no_folder_is_made_where_a_disk_is_to_be_mounted(file: Path, tmp_path: Path) -> None:
    folder = Folder(tmp_path / "disk" / "northstar")

    for do in (lambda: folder.put("a/1.gz", file), folder.names):
        with pytest.raises(BackupUnreachable, match=r"disk is not there.*is its disk mounted\? Mount it, or make"):
            do()

    assert not (tmp_path / "disk").exists()
    (tmp_path / "disk").mkdir()
    folder.put("a/1.gz", file)
    assert folder.names() == ["a/1.gz"]


def test_what_is_no_folder_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file")

    with pytest.raises(BackupUnreachable, match="Not a directory"):
        Folder(tmp_path / "file").names()
