"""`pnl doctor`, `pnl doctor --quick`: look at this machine, and make a few calls to each source with its key."""

from argparse import Namespace
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pnl.backups.choosing import candidates
from pnl.cli.terminal import say
from pnl.clock import SystemClock
from pnl.config import Settings
from pnl.desk.backing import places, spool_of
from pnl.desk.lost import traces_of
from pnl.desk.upstreams import secret, sources, without
from pnl.errors import BackupAmbiguous, BackupError
from pnl.logs import hiding
from pnl.ops import machine
from pnl.ops.doctor import examine
from pnl.sources.anthropic.source import AnthropicSource

HELP = (
    "look at this machine: the address and who may come in, SQLite, the database, disks, backups, Redis, the clock; "
    "say where each secret comes from; and make a few calls to each source to see whether its key works"
)


def add(commands: Any) -> None:  # noqa: ANN401 - argparse does not name the type of its subparsers
    """Add the command and its arguments."""
    parser = commands.add_parser("doctor", help=HELP)
    parser.add_argument(
        "--quick",
        action="store_true",
        help="ask Anthropic four times at once, not a minute apart: a short burst, which it allows now and then",
    )
    parser.set_defaults(run=run)


def run(given: Namespace) -> int:
    """Examine every source; 0 when all is well."""
    settings, unread = Settings.load(when_used=True).opened()
    hidden = hiding(settings.secrets)  # an answer may quote the key that it was asked with
    signs = list(_signs(settings))
    if settings.redis_url and "PNL_REDIS_URL" not in unread:
        signs.append(machine.redis(secret(settings.redis_url)))
    say("this machine:")
    for sign in signs:
        say(f"  {hidden(str(sign))}")
    if settings.demo:
        say("No source is configured: the built-in sandbox feeds the pages, and there is no key to examine.")
    for name, origin in settings.origins.items():
        say(f"FAIL  {unread[name]}" if name in unread else f"{name} comes from {origin}")
    patients = [] if settings.demo else sources(without(settings, unread), SystemClock())
    for patient in patients:
        if given.quick and isinstance(patient, AnthropicSource):
            patient.check_pause_seconds = 0
    well = examine(patients, lambda line: say(hidden(line)))
    return 0 if well and not unread and all(sign.state != "FAIL" for sign in signs) else 1


def _signs(settings: Settings) -> Iterator[machine.Sign]:
    """Give what is found without asking a source."""
    yield machine.door(
        settings.host,
        settings.port,
        settings.auth,
        proxies=settings.trusted_proxies,
        open_to=settings.open_to,
        role=settings.role,
    )
    if not settings.database_url.startswith("postgresql"):
        yield machine.sqlite_release()
    traces = traces_of(settings)
    archive = machine.archive(settings.database_url, str(traces) if traces else None)
    yield archive.sign
    if archive.facts is None and archive.sign.state == "ok":
        yield from _left(settings)
    folders = {
        "PNL_DATA_DIR": settings.data_dir,
        "PNL_SPOOL_FOLDER": settings.spool_folder,
        "PNL_BACKUP_FOLDER": settings.backup_folder,
    }
    size = archive.facts.bytes if archive.facts else 0
    given = (str(settings.backup_folder) if settings.backup_folder else None, settings.backup_bucket)
    told = archive.facts.backups if archive.facts else ()
    yield from chain(
        machine.disks({name: folder for name, folder in folders.items() if folder}, size),
        machine.mounts(
            {"the spool": settings.spool_folder if spool_of(settings) else None, "backups": settings.backup_folder}
        ),
        machine.backups(filter(None, given), told, settings.backup_hours, SystemClock().now()),
        machine.clocks(archive.sources),
    )


def _left(settings: Settings) -> Iterator[machine.Sign]:
    """Give what archives are in the places of backups, where this one is not begun yet."""
    try:
        with TemporaryDirectory() as work:
            found = candidates(places(settings), Path(work), demo=settings.demo)
    except BackupError as error:
        yield machine.Sign("warn", "backup", str(error))
        return
    if found:
        choice = BackupAmbiguous.choice([(one.series, str(one)) for one in found])
        yield machine.Sign("warn", "backup", f"an archive is there; to have one back, before the first start: {choice}")
