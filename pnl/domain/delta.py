"""What changed from one snapshot to the next, as it travels to browsers: RFC 7396 merge patches of the live form."""

from datetime import datetime, timedelta
from typing import cast

from pnl.domain.snapshot import Json, second

RECENT = timedelta(seconds=5)
"""A source that was read so shortly before the snapshot has its times told from the snapshot's own."""
TIMES = ("as_of", "next_attempt")

Document = dict[str, Json]


def live_form(snapshot: Document) -> Document:
    """Return a snapshot in the form of the live messages, in which a quiet tick changes next to nothing.

    `positions` is an object keyed by ticker, so that a patch can name one row. The times of a source
    that was read within five seconds of the snapshot are whole numbers: seconds from the snapshot's
    `as_of`, cut to its second. `snapshot` is left as it is.
    """
    at = _instant(snapshot["as_of"])
    rows = cast("list[Document]", snapshot["positions"])
    sources = cast("dict[str, Document]", snapshot["sources"])
    return {
        **snapshot,
        "sources": {name: _told_from(at, state) for name, state in sources.items()},
        "positions": {str(row["ticker"]): row for row in rows},
    }


def plain_form(document: Document) -> Document:
    """Return the snapshot of which `document` is the live form; an absent figure stays absent."""
    at = _instant(document["as_of"])
    rows = cast("dict[str, Document]", document["positions"])
    sources = cast("dict[str, Document]", document["sources"])
    return {
        **document,
        "sources": {name: _told_in_full(at, state) for name, state in sources.items()},
        "positions": list(rows.values()),
    }


def merge_patch(before: Document, after: Document) -> Document:
    """Return the RFC 7396 merge patch that makes `after` of `before`.

    A figure that became unknown is null in the patch, as is a key that is gone: a reader takes an
    absent figure for an unknown one.

    >>> merge_patch({"net": "1", "lines": {"revenue": "1", "refunds": "0"}}, {"net": "2", "lines": {"revenue": "1"}})
    {'net': '2', 'lines': {'refunds': None}}
    """
    patch: Document = {name: None for name in before if name not in after and before[name] is not None}
    for name, value in after.items():
        old = before.get(name)
        if value == old:
            continue
        if isinstance(value, dict) and isinstance(old, dict):
            inner = merge_patch(old, value)
            if inner:
                patch[name] = inner
        else:
            patch[name] = value
    return patch


def apply_patch(document: Document, patch: Document) -> Document:
    """Return `document` with an RFC 7396 merge patch applied; neither argument is changed.

    >>> apply_patch({"net": "1", "lines": {"revenue": "1", "refunds": "0"}}, {"net": "2", "lines": {"refunds": None}})
    {'net': '2', 'lines': {'revenue': '1'}}
    """
    result = dict(document)
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, dict):
            old = result.get(name)
            result[name] = apply_patch(old if isinstance(old, dict) else {}, value)
        else:
            result[name] = value
    return result


def _told_from(at: datetime, state: Document) -> Document:
    read = state["as_of"]
    if not isinstance(read, str) or not timedelta() <= at - _instant(read) <= RECENT:
        return state
    times = {name: state[name] for name in TIMES}
    return {
        **state,
        **{name: round((_instant(time) - at).total_seconds()) for name, time in times.items() if isinstance(time, str)},
    }


def _told_in_full(at: datetime, state: Document) -> Document:
    times = {name: state.get(name) for name in TIMES}
    told = {name: second(at + timedelta(seconds=time)) for name, time in times.items() if isinstance(time, int)}
    return {**state, **told}


def _instant(text: Json) -> datetime:
    """Return the whole second of an RFC 3339 time in UTC."""
    return datetime.fromisoformat(str(text)).replace(microsecond=0)
