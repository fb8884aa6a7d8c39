"""Where backups are: a folder, such as of another disk, or a bucket. What is there is never written over."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, Protocol
from uuid import uuid4

from pnl.errors import BackupThere, BackupUnreachable
from pnl.store.mounting import not_mounted

Kind = Literal["folder", "s3"]


class Place(Protocol):
    """A place for files, which are known by names with slashes in them."""

    @property
    def name(self) -> str:
        """What it is called in messages; no secret is in it."""
        ...

    @property
    def kind(self) -> Kind:
        """What sort of place it is."""
        ...

    def put(self, name: str, file: Path) -> None:
        """Keep a file, whole or not at all.

        Raises:
            BackupThere: There is one of that name.
            BackupUnreachable: The place does not take it.
        """
        ...

    def get(self, name: str, to: Path) -> None:
        """Write what is kept under a name to a file of ours.

        Raises:
            BackupUnreachable: It is not there, or the place does not answer.
        """
        ...

    def names(self, begin: str = "") -> list[str]:
        """Return the names that begin so, in the order of their letters.

        Raises:
            BackupUnreachable: The place does not answer.
        """
        ...

    def remove(self, name: str) -> None:
        """Let go of a file.

        Raises:
            BackupUnreachable: The place does not let go of it.
        """
        ...


class Folder:
    """Implements `Place` by a folder, which is made when the first file is put there; what it is in must be there.

    So a disk that is not mounted gets no backups where it would be, on the disk of the database.
    """

    kind: Kind = "folder"

    def __init__(self, path: Path) -> None:
        self._path = path.expanduser().absolute()
        self.name = str(self._path)

    def put(self, name: str, file: Path) -> None:
        """Keep a file: written beside, on the disk, and only then given its name."""
        target = self._path / name
        draft = target.with_name(f".{target.name}.{uuid4().hex[:8]}")
        with self._telling():
            self._in_place()
            self._path.mkdir(exist_ok=True, mode=0o700)
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                with file.open("rb") as read, os.fdopen(_new(draft), "wb") as written:
                    shutil.copyfileobj(read, written, 1 << 20)
                    written.flush()
                    os.fsync(written.fileno())
                _named(draft, target)
                _settle(target.parent)
            finally:
                draft.unlink(missing_ok=True)

    def get(self, name: str, to: Path) -> None:
        """Copy a file out."""
        with self._telling(), (self._path / name).open("rb") as read, to.open("wb") as written:
            shutil.copyfileobj(read, written, 1 << 20)

    def names(self, begin: str = "") -> list[str]:
        """Return the names; drafts of a copy that broke off are none."""
        with self._telling():
            try:
                os.scandir(self._path).close()  # `rglob` takes what it may not read for empty
            except FileNotFoundError:
                self._in_place()
                return []
            found = (one for one in self._path.rglob("*") if one.is_file() and not one.name.startswith("."))
            every = sorted(one.relative_to(self._path).as_posix() for one in found)
        return [name for name in every if name.startswith(begin)]

    def remove(self, name: str) -> None:
        """Delete a file."""
        with self._telling():
            (self._path / name).unlink(missing_ok=True)

    def _in_place(self) -> None:
        """See that what the folder is in is there.

        Raises:
            BackupUnreachable: It is not.
        """
        if trouble := not_mounted(self._path, "backups"):
            raise BackupUnreachable(trouble)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise BackupUnreachable(f"{error.filename or self._path}: {error.strerror or error}") from error


def _new(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)


def _named(draft: Path, target: Path) -> None:
    """Give a file its name, unless another has it."""
    try:
        target.hardlink_to(draft)
    except FileExistsError:
        raise BackupThere(f"{target} is there already") from None
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.EMLINK):
            raise
        if target.exists():  # a disk without links, such as a stick: nobody else writes backups there
            raise BackupThere(f"{target} is there already") from None
        draft.rename(target)


def _settle(folder: Path) -> None:
    """Have the name on the disk, too."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
