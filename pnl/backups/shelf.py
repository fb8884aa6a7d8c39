"""The backups of one series in a place: how their files are called, which there are, and what each says of itself.

    5b0c9e1f/whole/20261129T134005Z-000000018204-9f86d081884c7d65.db.gz    a copy of the database
    5b0c9e1f/whole/20261129T134005Z-000000018204-9f86d081884c7d65.json     what it is; written last, once it is proved
    5b0c9e1f/segments/000000018205-000000018210-60303ae22b998861.jsonl.gz  what came after

Names tell the SHA-256 of the files, by its first sixteen digits, so that what comes back can be held against its name.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pnl.backups.places import Place
from pnl.backups.reach import Reach
from pnl.errors import BackupError

FORMAT = "pnl-backup/1"
STAMP = "%Y%m%dT%H%M%SZ"
_WHOLE = re.compile(r"(?P<series>\w+)/whole/(?P<made>\d{8}T\d{6}Z)-(?P<seq>\d{12})-(?P<sha>[0-9a-f]{16})\.json")
_SEGMENT = re.compile(r"(?P<series>\w+)/segments/(?P<first>\d{12})-(?P<last>\d{12})-(?P<sha>[0-9a-f]{16})\.jsonl\.gz")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Whole:
    """A copy that was proved, by its name."""

    made_at: datetime
    seq: int
    series: str
    name: str

    @property
    def file(self) -> str:
        """The name of the copy itself."""
        return f"{self.name.removesuffix('.json')}.db.gz"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Segment:
    """What came with snapshots from `first` to `last`, by its name."""

    first: int
    last: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a copy is.

    Attributes:
        reach: How far it goes.
        demo: Whether it is the sandbox's data.
        made_at: When it was copied.
        verified_at: When it was read back from its place and proved.
        counts: How many rows each table has.
        bytes: The size of the database.
        sha256: Of the database.
        file_sha256: Of the compressed file.
    """

    reach: Reach
    demo: bool
    made_at: datetime
    verified_at: datetime
    counts: Mapping[str, int]
    bytes: int
    sha256: str
    file_sha256: str

    def text(self) -> str:
        """Return it as it is written down."""
        times = {name: f"{getattr(self, name):%Y-%m-%dT%H:%M:%SZ}" for name in ("made_at", "verified_at")}
        same = {name: getattr(self, name) for name in ("demo", "bytes", "sha256", "file_sha256")}
        body = {"format": FORMAT, "reach": self.reach.to_json(), **same, **times, "counts": dict(self.counts)}
        return json.dumps(body, indent=1)


def whole_name(reach: Reach, made_at: datetime, file_sha256: str) -> str:
    """Return the name of a copy, without an ending."""
    return f"{reach.series}/whole/{made_at:{STAMP}}-{reach.seq:012d}-{file_sha256[:16]}"


def segment_name(after: Reach, upto: Reach, sha256: str) -> str:
    """Return the name of a segment."""
    return f"{upto.series}/segments/{after.seq + 1:012d}-{upto.seq:012d}-{sha256[:16]}.jsonl.gz"


def wholes(place: Place, series: str | None = None) -> list[Whole]:
    """Return the copies in a place, oldest first, of one series or of all."""
    found = (_WHOLE.fullmatch(name) for name in place.names(f"{series}/whole/" if series else ""))
    return sorted(
        Whole(
            made_at=datetime.strptime(one["made"], STAMP).replace(tzinfo=UTC),
            seq=int(one["seq"]),
            series=one["series"],
            name=one.string,
        )
        for one in found
        if one
    )


def segments(place: Place, series: str) -> list[Segment]:
    """Return the segments of a series, by where they begin."""
    found = (_SEGMENT.fullmatch(name) for name in place.names(f"{series}/segments/"))
    return sorted(Segment(first=int(one["first"]), last=int(one["last"]), name=one.string) for one in found if one)


def manifest(place: Place, whole: Whole, work: Path) -> Manifest:
    """Read what a copy says of itself.

    Raises:
        BackupUnreachable: The place does not answer.
        BackupError: It makes no sense.
    """
    file = work / "manifest.json"
    place.get(whole.name, file)
    try:
        found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        if found.pop("format") != FORMAT:
            raise BackupError(f"{whole.name} is of another version: it is not {FORMAT}")
        found |= {name: datetime.fromisoformat(found[name]) for name in ("made_at", "verified_at")}
        return Manifest(**found | {"reach": Reach.of_json(found["reach"])})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BackupError(f"{whole.name} makes no sense: {error}") from error


def fetch(place: Place, name: str, to: Path) -> None:
    """Read a file, and hold it against the SHA-256 in its name.

    Raises:
        BackupUnreachable: The place does not answer.
        BackupError: It is not what was put there.
    """
    place.get(name, to)
    found = re.search(r"-([0-9a-f]{16})\.", name)
    if found is None or not sha256(to).startswith(found[1]):
        raise BackupError(f"{name} in {place.name} is not what was put there")


def sha256(file: Path) -> str:
    """Return the SHA-256 of a file, 64 hexadecimal digits."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def pieces(file: Path) -> Iterator[bytes]:
    """Give a file piece by piece."""
    with file.open("rb") as opened:
        while piece := opened.read(1 << 20):
            yield piece
