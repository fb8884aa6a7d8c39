"""`pnl drill`: destroy a copy of the archive, restore it from the backups, and prove that nothing is missing."""

from argparse import Namespace
from typing import Any

from pnl.backups.drill import Drilled, drill
from pnl.backups.opening import place_of
from pnl.backups.whole import workshop
from pnl.cli.backup import NOWHERE
from pnl.cli.terminal import say
from pnl.clock import SystemClock
from pnl.config import Settings
from pnl.desk.backing import places
from pnl.errors import BackupError, ConfigError


def add(commands: Any) -> None:  # noqa: ANN401 - argparse does not name the type of its subparsers
    """Add the command and its arguments."""
    parser = commands.add_parser(
        "drill",
        help="destroy a copy, restore it from the backups, prove it equal; ends with 1 also where a copy is damaged",
    )
    parser.add_argument("--from", dest="place", metavar="PLACE", help="a folder or s3://bucket/prefix")
    parser.set_defaults(run=run)


def run(given: Namespace) -> int:
    """Drill with every place; 0 when each gave back what was destroyed, 1 when one did not or has damaged files."""
    settings = Settings.load(when_used=True)
    found = [place_of(given.place, settings.backup_endpoint)] if given.place else places(settings)
    if not found:
        raise ConfigError(NOWHERE)
    well = True
    for place in found:
        say(f"Drill with {place.name}")
        try:
            with workshop(settings.data_dir) as work:
                done = drill(settings.database_url, place, work, clock=SystemClock(), tell=say)
        except BackupError as error:
            say(f"FAIL  {error}")
            well = False
            continue
        _tell(done)
        well &= done.well
    return 0 if well else 1


def _tell(done: Drilled) -> None:
    width = max(len(table.table) for table in done.tables)
    for table in done.tables:
        found = "the same" if table.same else f"{table.restored_rows} rows, {table.restored_digest[:12]}"
        say(f"{table.table:<{width}}  {table.rows:>10}  {table.digest[:12]}  {found}")
    say(f"newest statement: {'the same' if done.newest else 'not the same'}, of snapshot {done.restored.seq}")
    say(f"end of the chain: {done.restored.seq}:{done.restored.hash}")
    if not done.same:
        say("FAIL  what came back is not what was destroyed.")
    elif done.lost:
        say("From a copy that was made just now, everything came back.")
    else:
        say("Everything came back.")
    for name in done.damaged:
        say(f"FAIL  {name} is damaged, and was made up for by others: `python -m pnl backup` makes a new copy.")
    if done.lost:
        say(f"FAIL  what was there before cannot be restored, or not all of it: {done.lost}.")
