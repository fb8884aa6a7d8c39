"""`pnl restore`: put the archive together again from the backups, prove it, and put it where it belongs."""

import shlex
import sys
from argparse import Namespace
from typing import Any

from pnl.backups.opening import place_of
from pnl.backups.putting_back import put_back
from pnl.backups.whole import workshop
from pnl.cli.backup import NOWHERE
from pnl.cli.terminal import say
from pnl.clock import SystemClock
from pnl.config import Settings
from pnl.desk.backing import places
from pnl.errors import BackupAmbiguous, ConfigError


def add(commands: Any) -> None:  # noqa: ANN401 - argparse does not name the type of its subparsers
    """Add the command and its arguments."""
    parser = commands.add_parser("restore", help="put the archive together again from the backups, and prove it")
    parser.add_argument("--from", dest="place", metavar="PLACE", help="a folder or s3://bucket/prefix")
    parser.add_argument("--to", dest="url", metavar="URL", help="another database than PNL_DATABASE_URL")
    parser.add_argument("--series", help="one that `pnl backup --list` tells; needed where there are several")
    parser.add_argument("--replace", action="store_true", help="move a database that is there aside; it is not deleted")
    parser.set_defaults(run=run)


def run(given: Namespace) -> int:
    """Restore; 0 when everything that was kept is there, 1 when something of it is not, 2 when nothing was restored."""
    settings = Settings.load(when_used=True)
    found = [place_of(given.place, settings.backup_endpoint)] if given.place else places(settings)
    if not found:
        raise ConfigError(f"{NOWHERE}; or name the place by --from")
    try:
        with workshop(settings.data_dir) as work:
            done = put_back(
                found,
                given.url or settings.database_url,
                work,
                demo=settings.demo,
                series=given.series,
                replace=given.replace,
                clock=SystemClock(),
                tell=say,
            )
    except BackupAmbiguous as error:
        _ask(error, given)
        return 2
    upto = f"up to {done.reach.at:%Y-%m-%d %H:%M:%S} UTC (snapshot {done.reach.seq})"
    if done.trouble:
        say(f"Something that was kept is missing: {done.trouble}")
        say(f"What comes before it is back and whole, {upto}.")
    else:
        say(f"The archive is back, {upto}.")
    say("Start NorthStar: it reads from its sources what came since, and marks the time in between as a gap.")
    return 1 if done.trouble else 0


def _ask(error: BackupAmbiguous, given: Namespace) -> None:
    """Tell which series there are, and how to restore each."""
    named = (("--from", given.place), ("--to", given.url))
    more = [word for option, value in named if value for word in (option, value)] + ["--replace"] * given.replace
    lines = ["pnl: nothing was restored: backups of several archives are there. Say which one is to come back:"]
    for series, what in error.found:
        lines += [f"  series {series}: {what}", f"    python -m pnl restore {shlex.join([*more, '--series', series])}"]
    print(*lines, sep="\n", file=sys.stderr)  # noqa: T201 - the operator's terminal
