"""What `pnl doctor` finds without asking a source: the address, SQLite, the database, disks, backups, Redis, clocks."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from pnl.access.address import is_loopback
from pnl.errors import ConfigError, PnlError, StoreDamaged
from pnl.metrics.gauges import disk_of
from pnl.ports import SourceMemory, StoreFacts
from pnl.store import memories
from pnl.store.about import told_of
from pnl.store.database import database_of
from pnl.store.engine import DRIVER, cured, driver, file_of
from pnl.store.failures import answering
from pnl.store.looking import SqliteLook, writable
from pnl.store.migrate import revisions
from pnl.store.mounting import not_mounted

if TYPE_CHECKING:
    from redis import Redis

LOCK_SECONDS: Final = 5.0
ROOM_TIMES: Final = 3
"""A restore needs room for the database so many times: as it is, moved aside, and while it is put together."""
LEAST_BYTES: Final = 200_000_000
SKEW_MS: Final = 5_000
"""Kalshi refuses signatures that are older or newer than some seconds."""
REDIS_SECONDS: Final = 2.0
AT_NIGHT: Final = "docs/how-to/restore-at-night.md tells what to do"

State = Literal["ok", "warn", "FAIL"]


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that was looked at, in words; where something is wrong they end with the cure."""

    state: State
    name: str
    text: str

    def __str__(self) -> str:
        """Return it as a line."""
        return f"{self.state:<4}  {self.name}: {self.text}"


def door(host: str, port: int, auth: str, *, proxies: Sequence[str], open_to: Sequence[str], role: str) -> Sign:
    """Return whether the address fits with who may come in; what never fits, no settings allow."""
    at = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    if role == "aggregator":
        return Sign("ok", "address", f"{at}, for health and metrics alone")
    if auth == "none" and open_to:
        cure = "see to it that nobody but this machine's own users can"
        return Sign("warn", "address", f"{at}, and whoever comes from {', '.join(open_to)} may do everything: {cure}")
    if auth == "none":
        return Sign("ok", "address", f"{at}, where this machine's own users come in without a sign-in")
    if not is_loopback(host) and not proxies:
        cure = "put a proxy that speaks TLS in front, and name it in PNL_TRUSTED_PROXIES"
        return Sign("warn", "address", f"{at} with PNL_AUTH={auth}: what is sent travels in the open; {cure}")
    return Sign("ok", "address", f"{at} with PNL_AUTH={auth}")


def sqlite_release(version: tuple[int, ...] = DRIVER.sqlite_version_info, text: str = DRIVER.sqlite_version) -> Sign:
    """Return whether the SQLite in use has the cure of the error in its write-ahead log."""
    if cured(version):
        return Sign("ok", "SQLite", text)
    cure = "install the package pysqlite3 (0.6.1 or later), or a Python with SQLite 3.51.3 or later"
    return Sign("FAIL", "SQLite", f"{text} can corrupt a database that is read while it is written: {cure}")


@dataclass(frozen=True, slots=True)
class Archive:
    """What a look at the database found: its sign, and where it can be read, facts of it and how sources did."""

    sign: Sign
    facts: StoreFacts | None = None
    sources: tuple[SourceMemory, ...] = ()


def archive(url: str, lost: str | None) -> Archive:
    """Return what is found of the database; it is neither made nor changed.

    Args:
        url: As `PNL_DATABASE_URL`.
        lost: What shows that there was an archive where none is; None where nothing does.
    """
    if lost:
        return Archive(Sign("FAIL", "database", f"{lost}: put it back, or {AT_NIGHT}"))
    try:
        file = None if url.startswith("postgresql") else file_of(url)
        if file and not file.exists():
            return Archive(Sign("ok", "database", f"{file} is not there yet: the first start makes it"))
        if file:
            driver()
        look = file is not None and not writable(file)
        database = SqliteLook(url, lock_seconds=LOCK_SECONDS) if look else database_of(url, lock_seconds=LOCK_SECONDS)
        try:
            with answering(), database.reading() as connection:
                at, ours = revisions(connection)
                if at != ours:
                    return Archive(_of_schema(database.name, at, str(ours)))
                facts = told_of(connection)
                said = f"{database.name} answers: {facts.database}, {facts.bytes / 1e6:,.0f} MB, schema {at}"
                return Archive(Sign("ok", "database", said), facts, memories.every(connection))
        finally:
            database.close()
    except PnlError as error:
        cure = f"; {AT_NIGHT}" if isinstance(error, StoreDamaged) else ""
        return Archive(Sign("FAIL", "database", f"{error}{cure}"))


def _of_schema(name: str, at: str | None, ours: str) -> Sign:
    if at is None:
        return Sign("ok", "database", f"{name} answers, and is empty: the first start makes its tables")
    if at > ours:
        return Sign("FAIL", "database", f"{name} has schema {at}, and this version {ours}: install the newer version")
    return Sign("warn", "database", f"{name} has schema {at}, and this version {ours}: the next start brings it up")


def disks(folders: Mapping[str, Path], database_bytes: int, least: int = LEAST_BYTES) -> Iterator[Sign]:
    """Give whether there is room on the disk of each folder.

    Args:
        folders: By the setting that names each.
        database_bytes: The size of the database; 0 where that is not known.
        least: The free bytes below which it cannot go on for long.
    """
    for name, folder in folders.items():
        free, total = disk_of(folder)
        said = f"{_size(free)} of {_size(total)} are free at {folder} ({name})"
        if free < least:
            yield Sign("FAIL", "disk", f"{said}: make room")
        elif free < ROOM_TIMES * database_bytes:
            room = f"a restore needs {_size(ROOM_TIMES * database_bytes)}, three times the database"
            yield Sign("warn", "disk", f"{said}: make room, {room}")
        else:
            yield Sign("ok", "disk", said)


def mounts(folders: Mapping[str, Path | None]) -> Iterator[Sign]:
    """Give each folder that is not made, because what it is to be in is not there.

    Args:
        folders: By what is to be kept in each; None for one that no setting names.
    """
    for what, folder in folders.items():
        if folder and (trouble := not_mounted(folder.absolute(), what)):
            yield Sign("FAIL", "disk", trouble)


def _size(count: float) -> str:
    return f"{count / 1e9:,.1f} GB" if count >= 1e9 else f"{count / 1e6:,.0f} MB"


def redis(url: str) -> Sign:
    """Return whether a Redis answers, be it one server, or one that sentinels or a cluster name."""
    from pnl.redis.client import Wire  # noqa: PLC0415 - the library weighs nothing where there is no Redis

    try:
        Wire(url, key="{pnl}", timeout_seconds=REDIS_SECONDS, connect_seconds=REDIS_SECONDS).call(_asked)
    except ConfigError as error:
        return Sign("FAIL", "Redis", str(error))
    except Exception as error:  # noqa: BLE001 - the library raises anything where an answer is garbled
        cure = "nothing is lost, and answers take longer; bring it back, docs/how-to/use-redis.md tells more"
        return Sign("warn", "Redis", f"it does not answer ({type(error).__name__}: {str(error)[:200]}): {cure}")
    return Sign("ok", "Redis", "it answers")


def _asked(client: "Redis") -> bool:
    return bool(client.ping())


def backups(places: Iterable[str], told: Iterable[Any], hours: int, now: datetime) -> Iterator[Sign]:
    """Give how old the newest proved copy in each place is.

    Args:
        places: Where backups are kept, by name; none where no setting names one.
        told: What whoever makes the ticks told of each place when it last looked.
        hours: After how many a new copy is made.
        now: The time.
    """
    by_place = {one["place"]: one for one in told}
    for place in places:
        found = by_place.get(place, {})
        trouble = f"; {found['trouble']}" if found.get("trouble") else ""
        if not found.get("verified_at"):
            cure = "it is made while NorthStar runs, or now by `pnl backup`"
            yield Sign("warn", "backup", f"no copy in {place} is known to be proved{trouble}: {cure}")
            continue
        age = now - datetime.fromisoformat(found["verified_at"])
        said = f"the newest copy in {place} was proved {age / timedelta(hours=1):,.1f} hours ago{trouble}"
        if age > timedelta(hours=2 * hours + 1):
            cure = f"one is due every {hours} h (PNL_BACKUP_HOURS): see that NorthStar runs, and what its log says"
            yield Sign("FAIL", "backup", f"{said}: {cure}")
        else:
            yield Sign("warn" if trouble else "ok", "backup", said)


def clocks(sources: Iterable[SourceMemory]) -> Iterator[Sign]:
    """Give how far this machine's clock was off that of each source, as the product measured it when it last ran."""
    for one in sources:
        skew = one.traffic.skew_ms if one.traffic else None
        if skew is None:
            continue
        said = f"{skew / 1000:+.1f} s off {one.name}'s, as of {one.last_attempt:%Y-%m-%d %H:%M:%S} UTC"
        if abs(skew) > SKEW_MS:
            yield Sign("FAIL", "clock", f"{said}: set it, best by NTP")
        else:
            yield Sign("ok", "clock", said)
