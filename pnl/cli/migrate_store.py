"""`pnl migrate-store SRC DST`: copy a store into another database, such as a SQLite file into a PostgreSQL."""

from argparse import Namespace
from typing import Any

from pnl.cli.terminal import say
from pnl.config import Settings
from pnl.store.moving import Copied, move


def add(commands: Any) -> None:  # noqa: ANN401 - argparse does not name the type of its subparsers
    """Add the command and its arguments."""
    parser = commands.add_parser("migrate-store", help="copy a store into another, empty database, and compare them")
    parser.add_argument("source", metavar="SRC", help="sqlite:///path/to/pnl.db or postgresql://user@host/name")
    parser.add_argument("target", metavar="DST", help="the same, for a database with nothing in it")
    parser.set_defaults(run=run)


def run(given: Namespace) -> int:
    """Copy and compare; 0 when both are the same, 1 when they are not and nothing was left in DST."""
    moved = move(given.source, given.target, say, spool_folder=Settings.load(when_used=True).spool_folder)
    width = max(len(table.table) for table in moved.tables)
    say(f"{'table':<{width}}  {'rows':>10}  {'digest':<12}  DST")
    for table in moved.tables:
        say(f"{table.table:<{width}}  {table.rows:>10}  {table.digest[:12]}  {_found(table)}")
    if not moved.whole:
        say("The copy is not the same: nothing of it was kept.")
        return 1
    say(f"All of it is there: series {moved.stream}, up to snapshot {moved.seq}.")
    say("Set PNL_DATABASE_URL to DST. Do not run SRC any more: both go on with the same numbers.")
    return 0


def _found(table: Copied) -> str:
    if table.whole:
        return "the same"
    return f"{table.arrived} rows, {table.arrived_digest[:12]}"
