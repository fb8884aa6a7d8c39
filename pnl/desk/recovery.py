"""A SQLite file that is torn or gone at the start: moved aside, and the newest backup put in its place."""

import shutil
from pathlib import Path

import structlog

from pnl.clock import Clock
from pnl.config import Settings
from pnl.desk.backing import kin_beside
from pnl.desk.lost import made_good, refuse_lost
from pnl.desk.restoring import restore
from pnl.errors import StoreDamaged, StoreError, StoreMismatch
from pnl.store import SqlStore, claim_of, soundness
from pnl.store.database import database_of
from pnl.store.engine import file_of
from pnl.store.failures import answering
from pnl.store.migrate import revisions

log = structlog.get_logger(__name__)

LOCK_SECONDS = 5.0
MOST_NAMED = 20
"""So many records that were slipped in are named in the log; `verify` names all."""


def made_sound(settings: Settings, clock: Clock) -> None:
    """Look at the archive's file where nobody has it in use, and restore it where it is torn.

    A file that was closed well is only opened. One that was not is looked through, for a second at the most, and the
    end of its chain is held against itself: a link that does not follow is told and left for a person, since it may
    have been changed by one. One that a process found damaged while it was in use is looked through to its end.

    Raises:
        StoreError: It is torn or gone, and no backup could be put in its place.
    """
    if settings.database_url.startswith("postgresql"):
        return
    if settings.role == "web":
        refuse_lost(settings)
        return
    made_good(settings, clock)
    path = file_of(settings.database_url)
    if not path.exists() or not path.stat().st_size:
        return  # a first start
    claim = claim_of(settings.database_url)
    if not claim.take():
        return  # whoever ticks has looked
    try:
        unclean, suspected = soundness.left_open(path), soundness.suspected(path)
        budget = soundness.BUDGET_SECONDS if unclean else 0
        try:
            whole = soundness.check(path, budget_seconds=None if suspected else budget)
            if unclean:
                log.info("the database was not closed: it was looked through", to_the_end=whole)
                _look_at_the_end(settings)
        except StoreDamaged as error:
            claim.release()
            log.critical("the database is damaged", error=str(error))
            restore(settings, clock, str(error), why="damaged", kin=kin_beside(settings))
            soundness.clear(path)
            return
        soundness.clear(path)
        _keep_before(settings, path)
    finally:
        claim.release()


def tell_of_strays(store: SqlStore) -> None:
    """Log which records nobody can explain, before the first tick takes them in; whether they stay is for a person.

    What no snapshot knows is what was entered since the newest, a few records at the most: a look costs nothing.

    Raises:
        StoreError: The database does not answer.
    """
    found = store.unexplained()
    if found:
        log.error("records were slipped in: run `python -m pnl verify`", count=len(found), wrong=found[:MOST_NAMED])


def _look_at_the_end(settings: Settings) -> None:
    from pnl.store.verification import opened  # noqa: PLC0415 - a start after a clean end looks at nothing

    try:
        with opened(settings.database_url) as database:
            wrong = soundness.chain_end(database)
    except StoreMismatch:
        return  # of an older version: its tables are about to be brought up
    except StoreDamaged:
        raise
    except StoreError as error:
        log.error("the end of the chain could not be read", error=str(error))
        return
    if wrong:
        log.critical("the archive was altered: run `python -m pnl verify`", wrong=wrong)


def _keep_before(settings: Settings, path: Path) -> None:
    """Keep a copy of a database of an older version, before its tables are brought up to this one."""
    database = database_of(settings.database_url, lock_seconds=LOCK_SECONDS)
    try:
        with answering(), database.reading() as connection:
            found, ours = revisions(connection)
        if found is None or ours is None or found >= ours:
            return
        copy = path.with_name(f"{path.name}.schema-{found}")
        if copy.exists():
            return
        if shutil.disk_usage(path.parent).free < 2 * path.stat().st_size:
            log.warning("no room to keep the database as it was before its tables are brought up", schema=found)
            return
        from pnl.backups.whole import take  # noqa: PLC0415 - a start of the same version copies nothing

        take(settings.database_url, database, copy, lambda _line: None)
        log.info("kept the database as it was before its tables are brought up", file=str(copy))
    finally:
        database.close()
