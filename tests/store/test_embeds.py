"""Links to panels, as the store keeps them."""

from datetime import UTC, datetime, timedelta

from pnl.access.grants import EmbedLink
from pnl.store import SqlStore

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def link(number: str, *, made: datetime = NOON, days: int = 30) -> EmbedLink:
    return EmbedLink(
        number=number,
        panels=("net", "costs"),
        locked={"range": "7d"},
        origins=("https://wiki.example.com", "https://b.example:8443"),
        made_by="ann",
        made=made,
        until=made + timedelta(days=days),
    )


def test_links_are_kept_whole_and_told_newest_first(store: SqlStore) -> None:
    kept = store.embeds()
    kept.put_link(link("a"))
    kept.put_link(link("b", made=NOON + timedelta(seconds=1)))

    assert [one.number for one in kept.links()] == ["b", "a"]
    assert kept.link("a") == link("a")
    assert kept.link("c") is None


def test_a_link_is_revoked_once_and_all_at_once(store: SqlStore) -> None:
    kept = store.embeds()
    for number in ("a", "b", "c"):
        kept.put_link(link(number))
    kept.put_link(link("over", days=1))

    assert kept.end_link("a", NOON)
    assert not kept.end_link("a", NOON)
    assert not kept.end_link("z", NOON)
    assert kept.end_links(NOON + timedelta(days=2)) == 2

    ended = {one.number: one.ended for one in kept.links()}
    assert ended == {
        "a": NOON,
        "b": NOON + timedelta(days=2),
        "c": NOON + timedelta(days=2),
        "over": None,
    }


def test_a_ticket_is_used_once_and_forgotten_when_it_is_over(store: SqlStore) -> None:
    kept = store.embeds()
    minute = timedelta(minutes=1)

    assert kept.burn("x", NOON + minute, NOON)
    assert not kept.burn("x", NOON + minute, NOON)
    assert kept.burn("y", NOON + 2 * minute, NOON + minute)
    assert kept.burn("x", NOON + 2 * minute, NOON + minute)


def test_the_first_secret_stays(store: SqlStore) -> None:
    kept = store.embeds()

    assert kept.secret("one") == "one"
    assert kept.secret("two") == "one"
    assert store.embeds().secret("three") == "one"
