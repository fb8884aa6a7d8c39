"""Records that no snapshot knows: entries made since the newest one, and nothing else.

Whatever a tick reads is kept with its snapshot, in one transaction. So above the last record of the newest snapshot
there is only what was entered by hand since, which is recorded after it (see `entries.enter`).
"""

from collections.abc import Iterator

from sqlalchemy import Connection, select

from pnl.domain.snapshot import instant
from pnl.store import auditing, schema
from pnl.store.entries import SOURCE
from pnl.store.facts import moment


def newest(connection: Connection) -> tuple[int, int]:
    """Return the last record that the newest snapshot knows, and its instant in microseconds; 0 and -1 without one."""
    c = schema.snapshot.c
    row = connection.execute(select(c.last_record, c.as_of_us).order_by(c.seq.desc()).limit(1)).first()
    return (row.last_record, row.as_of_us) if row else (0, -1)


def strays(connection: Connection) -> Iterator[str]:
    """Give a sentence for every record above the newest snapshot's last one that was not entered since."""
    known, since = newest(connection)
    c = schema.record.c
    columns = (c.rec_id, c.source, c.kind, c.nat_id, c.version, c.recorded_us)
    for row in connection.execute(select(*columns).where(c.rec_id > known).order_by(c.rec_id)):
        if row.source != SOURCE:
            yield f"{auditing.named(row)} came with no snapshot: the newest one knows records up to {known}"
        elif row.recorded_us <= since:
            at = instant(moment(row.recorded_us))
            yield f"{auditing.named(row)} is said to be of {at}, before the newest snapshot, which does not know it"


def unexplained(connection: Connection) -> Iterator[str]:
    """Give a sentence for every fault of a record that no snapshot knows."""
    known, _ = newest(connection)
    yield from strays(connection)
    yield from auditing.unlined(connection, known)
