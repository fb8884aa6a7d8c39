"""`pnl backup`, `pnl backup --list`: make a whole copy now, prove it, and keep it where the settings say."""

import os
from argparse import Namespace
from typing import Any

from pnl.backups import shelf
from pnl.backups.clearing import clear
from pnl.backups.reach import reach_of
from pnl.backups.whole import back_up, workshop
from pnl.cli.terminal import say
from pnl.clock import SystemClock
from pnl.config import Settings
from pnl.desk.backing import places
from pnl.errors import BackupUnreachable, ConfigError
from pnl.store.verification import opened

NOWHERE = (
    "no place for backups is set: set PNL_BACKUP_FOLDER to a folder, best of another disk, or PNL_BACKUP_BUCKET to "
    "s3://bucket/prefix"
)

LATER = 10
"""How much a copy that is made gently yields to others, as `nice` counts."""


def add(commands: Any) -> None:  # noqa: ANN401 - argparse does not name the type of its subparsers
    """Add the command and its arguments."""
    parser = commands.add_parser("backup", help="make a whole copy now, prove it, and keep it where the settings say")
    parser.add_argument("--list", action="store_true", help="tell which backups there are, and make none")
    parser.add_argument("--gently", action="store_true", help="yield to every other process, however long it takes")
    parser.set_defaults(run=run)


def run(given: Namespace) -> int:
    """Make a copy; 0 when it is in every place and proved, 1 when one of them has none."""
    settings, clock = Settings.load(when_used=True), SystemClock()
    if given.gently:
        os.nice(LATER)
    found = places(settings)
    if not found:
        raise ConfigError(NOWHERE)
    if given.list:
        for place in found:
            say(place.name)
            for one in shelf.wholes(place):
                say(f"  series {one.series}  {one.made_at:%Y-%m-%d %H:%M:%S} UTC  up to snapshot {one.seq}")
            for series in sorted({one.series for one in shelf.wholes(place)}):
                last = max((one.last for one in shelf.segments(place, series)), default=None)
                say(f"  series {series}  segments up to snapshot {last}" if last else f"  series {series}  no segment")
        return 0
    with opened(settings.database_url) as database, database.reading() as connection:
        series = reach_of(connection).series
    with workshop(settings.data_dir) as work:
        failed = back_up(settings.database_url, found, work, clock=clock, tell=say)
    for place in found:
        if place in (wrong for wrong, _ in failed):
            continue
        try:
            gone = clear(place, series, clock.now(), settings.backup_keep_days)
            if gone:
                say(f"{gone} old files let go of in {place.name}")
        except BackupUnreachable as error:
            say(f"old files stay in {place.name}: {error}")
    return 1 if failed else 0
