"""A bucket of S3, or of a server that speaks its language, as a place for backups.

Read from https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html,
https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html and
https://docs.aws.amazon.com/boto3/latest/guide/configuration.html on 2026-11-29.
"""

import base64
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pnl.backups.places import Kind
from pnl.errors import BackupError, BackupThere, BackupUnreachable

MOST_BYTES = 5 * 1024**3
"""The largest file that is taken in one piece, and so with a condition."""
ANSWER_SECONDS = 60


class Bucket:
    """Implements `pnl.backups.places.Place`.

    It needs the rights to put, get and list under the prefix; the right to delete only for old backups to be
    let go of here and not by the bucket's own lifecycle. Keys come from where Amazon's own programs take them:
    the environment, a profile, or the role of the machine.

    Args:
        url: `s3://bucket/prefix`.
        endpoint: The address of another server than Amazon's; None for that.
    """

    kind: Kind = "s3"

    def __init__(self, url: str, endpoint: str | None = None) -> None:
        import boto3  # noqa: PLC0415 - it weighs 25 MB, and most have no bucket
        from botocore.config import Config  # noqa: PLC0415

        self.name = url
        self._bucket, _, prefix = url.removeprefix("s3://").partition("/")
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        config = Config(
            connect_timeout=5,
            read_timeout=ANSWER_SECONDS,
            retries={"total_max_attempts": 2, "mode": "standard"},
            request_checksum_calculation="when_required",  # servers that are not Amazon's know no other
            response_checksum_validation="when_required",
            s3={"addressing_style": "path"} if endpoint else {},
        )
        with self._telling("used"):
            self._client: Any = boto3.client("s3", endpoint_url=endpoint, config=config)

    def put(self, name: str, file: Path) -> None:
        """Keep a file, if there is none of its name; the server holds it against our SHA-256."""
        if file.stat().st_size > MOST_BYTES:
            raise BackupError(f"{name} has more than 5 GB, which S3 does not take in one piece: set PNL_BACKUP_FOLDER")
        with file.open("rb") as body:
            digest = base64.b64encode(hashlib.file_digest(body, "sha256").digest()).decode()
            body.seek(0)
            with self._telling("written to"):
                self._client.put_object(
                    Bucket=self._bucket,
                    Key=f"{self._prefix}{name}",
                    Body=body,
                    IfNoneMatch="*",
                    ChecksumSHA256=digest,
                )

    def get(self, name: str, to: Path) -> None:
        """Write what is kept to a file of ours, in flat memory."""
        with self._telling("read"), to.open("wb") as written:
            answer = self._client.get_object(Bucket=self._bucket, Key=f"{self._prefix}{name}")
            for piece in answer["Body"].iter_chunks(1 << 20):
                written.write(piece)

    def names(self, begin: str = "") -> list[str]:
        """Return the names."""
        with self._telling("read"):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=f"{self._prefix}{begin}"
            )
            return sorted(one["Key"].removeprefix(self._prefix) for page in pages for one in page.get("Contents", ()))

    def remove(self, name: str) -> None:
        """Delete a file."""
        with self._telling("cleared"):
            self._client.delete_object(Bucket=self._bucket, Key=f"{self._prefix}{name}")

    @contextmanager
    def _telling(self, what: str) -> Iterator[None]:
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

        try:
            yield
        except ClientError as error:
            said = error.response.get("Error", {})
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
            if status == 412 or said.get("Code") == "ConditionalRequestConflict":
                raise BackupThere(f"{self.name}: a file of that name is there already") from error
            told = f"{said.get('Code')}: {said.get('Message')}"
            raise BackupUnreachable(f"{self.name} cannot be {what} ({told})") from error
        except BotoCoreError as error:
            raise BackupUnreachable(f"{self.name} cannot be {what} ({error})") from error
        except OSError as error:
            raise BackupUnreachable(f"{self.name} cannot be {what} ({error.strerror or error})") from error
