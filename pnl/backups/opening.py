"""The places that the settings name."""

import re
from pathlib import Path
from typing import Final

from pnl.backups.bucket import Bucket
from pnl.backups.places import Folder, Place
from pnl.errors import ConfigError

_BUCKET: Final = re.compile(r"[A-Za-z0-9._-]{1,255}|arn:.+", re.ASCII)
"""What S3's own library takes for the name of a bucket."""


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
        ConfigError: There is no such folder, or no bucket is named.
    """
    if text.startswith("s3://"):
        bucket = text.removeprefix("s3://").partition("/")[0]
        if not _BUCKET.fullmatch(bucket):
            wrong = "what follows s3:// is no name of a bucket" if bucket else "the name of the bucket is missing"
            raise ConfigError(f"{wrong}: write s3://bucket/prefix, such as s3://my-backups/northstar")
        return Bucket(text, endpoint)
    path = Path(text).expanduser()
    if not path.is_dir():
        raise ConfigError(f"{text} is no folder: give the folder of the backups, or s3://bucket/prefix")
    return Folder(path)
