"""Days that a link settles: those alone are told, live until the last of them ends."""

from tests.access.embedding import signed
from tests.web.embedding import HOST_KEY, WIKI, Embedding, bearer
from tests.web.embeds.pages import metas


def test_a_link_of_days_that_are_over_tells_those_days_and_nothing_live(world: Embedding) -> None:
    token = world.embeds.make(["equity"], {"from": "2026-11-17", "to": "2026-11-18"}, [WIKI], 30, "ann")[1]
    client, asked = world.client(), bearer(token)

    shown = client.get(f"/embed/equity?token={token}&from=2026-11-01&range=7d")
    days = client.get("/embed/equity/days?from=2026-01-01&to=2026-12-31", headers=asked).get_json()["days"]
    rows = client.get("/embed/equity/history?from=2026-01-01&step=1h", headers=asked).get_json()["rows"]
    later = client.get("/embed/equity/history?from=2026-11-20&step=1h", headers=asked).get_json()["rows"]

    told = metas(shown.text)
    assert (told["from"], told["to"], told["over"]) == ("2026-11-17", "2026-11-18", "1")
    assert "The range is settled by the link: 2026-11-17 to 2026-11-18." in shown.text
    assert [day["day"] for day in days] == ["2026-11-18"]  # the first that is kept
    assert rows
    assert all("2026-11-18T05" <= row["at"] < "2026-11-19T05" for row in rows)
    assert later == []
    for refused in (
        client.get("/embed/equity/data", headers=asked),
        client.post("/embed/ticket?panel=equity", headers=asked),
    ):
        assert refused.status_code == 403
        assert "days that are over" in refused.get_json()["detail"]


def test_a_live_connection_ends_with_the_last_day_of_its_link(world: Embedding) -> None:
    today = world.company.calendar.day(world.company.clock.now())
    token = world.embeds.make(["net"], {"from": today.isoformat(), "to": today.isoformat()}, [WIKI], 30, "ann")[1]
    ticket = world.client().post("/embed/ticket?panel=net", headers=bearer(token)).get_json()["ticket"]

    grant = world.embeds.redeem(ticket)

    assert grant.until == world.company.calendar.bounds(today)[1]
    assert int(grant.ticket.split(":")[2]) == int(grant.until.timestamp())


def test_a_link_that_may_compare_looks_as_far_back_again(world: Embedding) -> None:
    plain = {"from": "2026-11-19", "to": "now"}
    token = world.embeds.make(["net"], {**plain, "compare": "prev"}, [WIKI], 30, "ann")[1]
    other = world.embeds.make(["net"], plain, [WIKI], 30, "ann")[1]

    assert metas(world.client().get(f"/embed/net?token={token}").text)["compare"] == "prev"
    refused = world.client().get(f"/embed/net?token={other}&compare=prev")
    assert metas(refused.text)["compare"] == "none"
    assert "further back than this link looks" in refused.text


def test_a_backends_token_may_settle_days_and_is_told_what_makes_no_sense(world: Embedding) -> None:
    now = world.company.clock.now()

    def page(**locked: object) -> tuple[int, str]:
        answer = world.client().get(f"/embed/net?token={signed(now, HOST_KEY, locked=locked)}")
        return answer.status_code, answer.text

    assert page(**{"from": "now-6d"})[0] == 200
    assert metas(page(**{"from": "now-6d"})[1])["from"] == "now-6d"
    for locked, said in (
        ({"from": "soon"}, "no company day"),
        ({"to": "2026-11-18"}, "to is given without from"),
        ({"from": "2026-11-18", "range": "7d"}, "from is given beside range"),
        ({"refresh": 60}, "give values, as texts"),
        ({"colour": "red"}, "give values, as texts"),
    ):
        status, text = page(**locked)
        assert (status, said in text) == (401, True), text
