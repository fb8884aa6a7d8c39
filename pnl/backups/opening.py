"""The places that the settings name."""

from pathlib import Path

from pnl.backups.bucket import Bucket
from pnl.backups.places import Folder, Place
from pnl.errors import ConfigError


def places_of(folder: Path | None, bucket: str | None, endpoint: str | None) -> list[Place]:
    """Return the places where backups are kept; none where no setting names one.

    Args:
        folder: A folder, best of another disk.
        bucket: `s3://bucket/prefix`.
        endpoint: The address of a server that speaks S3's language; None for Amazon's.
    """
    found: list[Place] = []
    if folder:
        found.append(Folder(folder))
    if bucket:
        found.append(Bucket(bucket, endpoint))
    return found


def place_of(text: str, endpoint: str | None) -> Place:
    """Return the place that somebody typed: `s3://bucket/prefix`, or a folder.

    Raises:
        ConfigError: There is no such folder.
    """
    if text.startswith("s3://"):
        return Bucket(text, endpoint)
    path = Path(text).expanduser()
    if not path.is_dir():
        raise ConfigError(f"{text} is no folder: give the folder of the backups, or s3://bucket/prefix")
    return Folder(path)
