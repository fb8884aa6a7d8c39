"""What opens a panel in another site's page: links of ours, tokens of a host, and tickets of either."""

import json
from base64 import urlsafe_b64encode
from typing import Any

import pytest

from pnl.access.decision import decide, need
from pnl.access.embeds import RECHECK_SECONDS, TICKET_SECONDS, Embeds
from pnl.access.grants import OWN, PANELS, Grant
from pnl.access.people import Caller
from pnl.errors import EmbedRefused
from tests.access.embedding import HOST_KEY, NOON, WIKI, Hands, Memory, embeds, signed


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
def links() -> Memory:
    return Memory()


@pytest.fixture
def door(clock: Hands, links: Memory) -> Embeds:
    return embeds(clock, links)


def refused(door: Embeds, token: str) -> EmbedRefused:
    with pytest.raises(EmbedRefused) as found:
        door.grant(token)
    return found.value


def embedded(grant: Grant) -> Caller:
    return Caller(name=grant.name, role=None, way="embed", scopes=frozenset(["embed"]), grant=grant)


def test_a_link_opens_its_panels_until_it_is_over(door: Embeds, clock: Hands) -> None:
    link, token = door.make(["equity", "net"], {"range": "7d"}, [WIKI], 30, "ann")

    grant = door.grant(token)

    assert link.panels == ("net", "equity")
    assert grant.panels == {"net", "equity"}
    assert grant.locked == {"range": "7d"}
    assert door.framing(grant) == (WIKI,)
    assert door.holds(grant.ticket)
    clock.on(days=29.9)
    assert door.grant(token) == grant
    clock.on(days=0.2)
    assert refused(door, token).expired
    assert not door.holds(grant.ticket)


def test_every_letter_of_a_link_counts(door: Embeds) -> None:
    _, token = door.make(["net"], {}, [WIKI], 30, "ann")

    for place in range(len(token) - 1):  # the last letter of base64 has bits that stand for nothing
        other = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        refused(door, other)
    refused(door, token + "A")
    refused(door, "nsl_" + "A" * 10_000)


def test_a_link_is_revoked_at_once_here_and_soon_elsewhere(clock: Hands, links: Memory) -> None:
    here, elsewhere = embeds(clock, links), embeds(clock, links)
    link, token = here.make(["net"], {}, [WIKI], 30, "ann")
    ticket = elsewhere.grant(token).ticket

    assert here.end(link.number)

    assert not here.end(link.number)
    assert "revoked" in str(refused(here, token))
    clock.on(seconds=RECHECK_SECONDS + 0.1)
    refused(elsewhere, token)
    assert not elsewhere.holds(ticket)


def test_all_links_are_revoked_together(door: Embeds) -> None:
    tokens = [door.make([panel], {}, [WIKI], 30, "ann")[1] for panel in ("net", "costs")]

    assert door.end_all() == 2

    for token in tokens:
        refused(door, token)


def test_another_secret_ends_every_link(clock: Hands, links: Memory, door: Embeds) -> None:
    _, token = door.make(["net"], {}, [WIKI], 30, "ann")

    refused(embeds(clock, links, secret=b"t" * 32), token)


def test_a_link_that_is_not_kept_opens_nothing(clock: Hands, door: Embeds) -> None:
    _, token = door.make(["net"], {}, [WIKI], 30, "ann")

    refused(embeds(clock, Memory()), token)


def test_a_preview_is_for_our_own_pages_and_short(door: Embeds, clock: Hands) -> None:
    token = door.preview("net", {"range": "1d"})

    assert door.framing(door.grant(token)) == (OWN,)
    clock.on(minutes=10)
    refused(door, token)


def test_only_sites_that_the_settings_name_may_frame(clock: Hands) -> None:
    door = embeds(clock, parents=(WIKI, "https://other.example"))
    _, token = door.make(["net"], {}, [WIKI, "https://evil.example"], 30, "ann")

    assert door.framing(door.grant(token)) == (WIKI,)
    assert door.framing(None) == (WIKI, "https://other.example")


def test_where_embedding_is_off_nothing_opens_anything(clock: Hands, links: Memory, door: Embeds) -> None:
    _, token = door.make(["net"], {}, [WIKI], 30, "ann")
    off = embeds(clock, links, parents=())

    for one in (token, signed(NOON)):
        assert "off" in str(refused(off, one))


def test_a_token_that_a_host_signs_opens_its_panels_for_ten_minutes(door: Embeds, clock: Hands) -> None:
    token = signed(NOON, panels=["net", "kpis"], locked={"range": "1d"})

    grant = door.grant(token)

    assert (set(grant.panels), grant.origins, dict(grant.locked)) == ({"net", "kpis"}, (WIKI,), {"range": "1d"})
    clock.on(minutes=10, seconds=59)
    assert door.grant(token).panels
    assert door.holds(grant.ticket)
    clock.on(seconds=1)
    assert refused(door, token).expired
    assert not door.holds(grant.ticket)


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"aud": "somebody-else"}, "aud"),
        ({"aud": None}, "aud"),
        ({"aud": ["northstar-embed", "somebody-else"]}, "aud"),
        ({"exp": None}, "exp"),
        ({"iat": None}, "iat"),
        ({"exp": "tomorrow"}, "exp"),
        ({"exp": True}, "exp"),
        ({"exp": int(NOON.timestamp()) + 601}, "10 minutes"),
        ({"iat": int(NOON.timestamp()) + 61, "exp": int(NOON.timestamp()) + 100}, "not valid yet"),
        ({"nbf": int(NOON.timestamp()) + 61}, "not valid yet"),
        ({"panels": None}, "panels"),
        ({"panels": []}, "panels"),
        ({"panels": "net"}, "panels"),
        ({"panels": ["net", "everything"]}, "panels"),
        ({"panels": [["net"]]}, "panels"),
        ({"origins": None}, "origins"),
        ({"origins": ["*"]}, "origins"),
        ({"origins": ["self"]}, "origins"),
        ({"origins": [WIKI, "https://*.example.com"]}, "origins"),
        ({"locked": {"range": "5y"}}, "locks"),
        ({"locked": {"zone": "UTC"}}, "locks"),
        ({"locked": ["range"]}, "locks"),
        ({"locked": {"range": ["1d"]}}, "locks"),
    ],
)
def test_a_hosts_token_that_says_something_else_is_refused_with_the_reason(
    door: Embeds, claims: dict[str, Any], reason: str
) -> None:
    assert reason in str(refused(door, signed(NOON, **claims)))


def test_only_one_algorithm_counts_whatever_a_token_says_of_itself(door: Embeds) -> None:
    def part(told: object) -> str:
        return urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")

    _, payload, signature = signed(NOON).split(".")
    for token in (
        f"{part({'alg': 'none'})}.{payload}.",
        f"{part({'alg': 'none', 'kid': 'first'})}.{payload}.{signature}",
        signed(NOON, algorithm="HS512", key=HOST_KEY * 2),
        signed(NOON, algorithm="HS384", key=HOST_KEY),
        signed(NOON, key=b"x" * 32),
        signed(NOON, key=b"x" * 32, kid=None),
        f"{signed(NOON)}x"[1:],
        "a.b.c",
        "",
        ".",
        "eyJ" * 5_000,
    ):
        refused(door, token)


def test_two_keys_are_good_while_one_takes_the_others_place(clock: Hands) -> None:
    old, new = b"o" * 32, b"n" * 32
    both = embeds(clock, host_keys={"old": old, "new": new})
    after = embeds(clock, host_keys={"new": new})
    tokens = [signed(NOON, old, "old"), signed(NOON, new, "new"), signed(NOON, old, None), signed(NOON, new, None)]

    for token in tokens:
        assert both.grant(token).panels
    refused(both, signed(NOON, old, "new"))
    refused(both, signed(NOON, old, "third"))

    assert after.grant(tokens[1]).panels
    assert after.grant(tokens[3]).panels
    refused(after, tokens[0])
    refused(after, tokens[2])


def test_a_ticket_opens_one_panel_once_within_a_minute(door: Embeds, clock: Hands) -> None:
    _, token = door.make(["net", "costs"], {}, [WIKI], 30, "ann")
    grant = door.grant(token)
    ticket, late = door.ticket(grant, "costs"), door.ticket(grant, "costs")

    found = door.redeem(ticket)

    assert (set(found.panels), found.ticket) == ({"costs"}, grant.ticket)
    with pytest.raises(EmbedRefused, match="used before"):
        door.redeem(ticket)
    with pytest.raises(EmbedRefused, match="damaged"):
        door.redeem(ticket[:-5] + "AAAAA")
    with pytest.raises(EmbedRefused, match="damaged"):
        door.redeem(token.removeprefix("nsl_"))
    clock.on(seconds=TICKET_SECONDS)
    with pytest.raises(EmbedRefused, match="over"):
        door.redeem(late)


def test_a_ticket_of_a_revoked_link_opens_nothing(door: Embeds) -> None:
    link, token = door.make(["net"], {}, [WIKI], 30, "ann")
    ticket = door.ticket(door.grant(token), "net")

    door.end(link.number)

    with pytest.raises(EmbedRefused, match="no longer holds"):
        door.redeem(ticket)


def test_a_token_opens_its_own_panels_and_nothing_else(door: Embeds) -> None:
    _, token = door.make(["net"], {}, [WIKI], 30, "ann")
    caller = embedded(door.grant(token))

    for panel in PANELS:
        asked = need("/embed/<panel>/history", "GET", panel)
        assert decide(asked, caller) == ("welcome" if panel == "net" else "refused")
    for rule in ("/", "/api/pnl/current", "/api/pnl/ws", "/api/pnl/embeds", "/api/pnl/entries", "/<path:path>", None):
        for method in ("GET", "POST", "PUT", "DELETE"):
            assert decide(need(rule, method), caller) == "refused"


def test_where_panels_live_no_person_is_let_in_and_links_are_for_editors() -> None:
    for role in ("viewer", "editor"):
        person = Caller(name="ann", role=role, way="session")
        assert decide(need("/embed/<panel>", "GET", "net"), person) == "refused"
        for method in ("GET", "POST", "DELETE"):
            verdict = decide(need("/api/pnl/embeds", method), person)
            assert verdict == ("welcome" if role == "editor" else "refused")
    assert decide(need("/embed/<panel>", "GET", "net"), None) == "unknown"
    assert decide(need("/embed/<panel>", "OPTIONS", "net"), None) == "welcome"
