"""Records that contradict each other, and rows beyond one chunk."""

from pnl.store import SqlStore
from tests.store.making import a_sale, a_snapshot, a_tick


def test_of_two_contents_only_the_one_that_was_not_kept_is_a_conflict(store: SqlStore) -> None:
    kept, other = a_sale("s-1", "2", version=1), a_sale("s-1", "1", version=1)
    store.keep(a_tick(1, *store.sort([kept]).new))

    for batch in ([other, kept], [kept, other], [other, kept, other]):
        found = store.sort(batch)
        assert found.new == ()
        assert [record for record, _ in found.conflicts] == [other]


def test_an_older_version_that_contradicts_itself_is_no_conflict(store: SqlStore) -> None:
    store.keep(a_tick(1, *store.sort([a_sale("s-1", "3", version=2)]).new))

    found = store.sort([a_sale("s-1", "1", version=1), a_sale("s-1", "2", version=1)])

    assert (found.new, found.conflicts) == ((), ())


def test_rows_come_whole_over_all_their_chunks(store: SqlStore) -> None:
    for seq in range(1, 251):
        store.keep(a_tick(seq))

    assert [row.seq for row in store.rows(None, None)] == list(range(1, 251))
    assert [row.seq for row in store.rows(None, None, after=120)] == list(range(121, 251))
    assert [row.seq for row in store.rows(a_snapshot(90).as_of, a_snapshot(240).as_of)] == list(range(90, 240))
