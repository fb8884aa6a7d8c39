"""What an address wishes of a panel is heard, replaced or refused, and told."""

import pytest

from tests.web.embedding import OTHER, WIKI, Embedding
from tests.web.embeds.pages import directives, metas


def test_from_and_to_say_which_days_and_the_other_wishes_are_heard(world: Embedding) -> None:
    token = world.token("equity")

    shown = world.client().get(
        f"/embed/equity?token={token}&from=2026-11-16&to=now&g=4h&compare=prev&refresh=60&tz=Europe/Berlin"
    )

    told = metas(shown.text)
    assert shown.status_code == 200
    assert (told["range"], told["from"], told["to"], told["over"]) == ("span", "2026-11-16", "now", "0")
    assert (told["g"], told["compare"], told["refresh"], told["tz"]) == ("4h", "prev", "60", "Europe/Berlin")
    assert "equity.days.js" in shown.text
    usual = metas(world.client().get(f"/embed/equity?token={token}").text)
    assert (usual["range"], usual["g"], usual["compare"], usual["refresh"], usual["tz"]) == ("1d", "auto", "", "", "")


def test_strange_values_are_replaced_and_told_and_locked_ones_win(world: Embedding) -> None:
    token = world.token("net", range="7d")

    answer = world.client().get(f"/embed/net?token={token}&range=1d&theme=%22%3E%3Cimg&h=9&whatever=1&title=0")

    assert '<meta name="pnl:range" content="7d">' in answer.text
    assert "range is settled by the link: 7d." in answer.text
    assert "theme" in answer.text
    assert "<img" not in answer.text
    assert "whatever" not in answer.text
    assert "embed-untitled" in answer.text
    hours = world.client().get(f"/embed/costs?token={world.token('costs')}&range=1h")
    assert '<meta name="pnl:range" content="1d">' in hours.text
    assert "is not to be had here: 1d is shown." in hours.text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("from=yesterday", "from &#x27;yesterday&#x27; is no company day: write a day such as 2026-11-20"),
        ("from=2026-02-30", "from &#x27;2026-02-30&#x27; is no company day"),
        ("to=2026-11-20", "to is given without from"),
        ("from=2026-11-20&to=2026-11-18", "to 2026-11-18 is before from 2026-11-20"),
        ("from=2026-11-20&to=now-9d", "to now-9d is before from 2026-11-20"),
        ("from=2027-01-01", "from 2027-01-01 lies in the future"),
        ("from=2019-01-01&to=2019-02-01", "This link looks no further back than 2026-01-01"),
        ("refresh=often", "refresh &#x27;often&#x27; is no number of seconds"),
        ("refresh=-5", "is no number of seconds"),
        ("tz=Mars/Olympus", "tz &#x27;Mars/Olympus&#x27; is no time zone"),
        ("tz=../../etc/passwd", "is no time zone"),
        ("tz=%3Cscript%3E", "tz &#x27;&lt;script&gt;&#x27; is no time zone"),
    ],
)
def test_what_makes_no_sense_is_a_calm_page_that_says_what_and_how_to_mend_it(
    world: Embedding, query: str, said: str
) -> None:
    answer = world.client().get(f"/embed/net?token={world.token('net')}&{query}")

    assert answer.status_code == 400
    assert said in answer.text
    assert "embed-refused" in answer.text
    assert "<script>" not in answer.text
    assert directives(answer.headers["Content-Security-Policy"])["frame-ancestors"] == f"{WIKI} {OTHER}"


@pytest.mark.parametrize(
    ("panel", "query", "note", "meta"),
    [
        ("net", "from=2020-01-01", "it begins on 2026-01-01", ("from", "2026-01-01")),
        ("net", "refresh=5", "it is read every 10 seconds", ("refresh", "10")),
        ("net", "refresh=99999", "it is read every 3600 seconds", ("refresh", "3600")),
        ("net", "g=15m", "g means nothing here", ("g", "auto")),
        ("equity", "range=1d&g=15m", "g means nothing here", ("g", "auto")),
        ("equity", "range=ytd&g=15m", "g 15m is too fine for 324 days: 4h is drawn", ("g", "4h")),
        ("equity", "range=7d&g=3s", "g &#x27;3s&#x27; is not to be had here: auto is shown", ("g", "auto")),
        ("costs", "compare=prev", "compare means nothing here", ("compare", "")),
        ("net", "range=ytd&compare=prev", "nothing is compared", ("compare", "none")),
        ("net", "compare=maybe", "compare &#x27;maybe&#x27; is not to be had here.", ("compare", "")),
        ("kpis", "from=2026-11-16", "this panel shows what is now", ("range", "1d")),
        ("net", "range=7d&from=2026-11-16", "range is passed over", ("range", "span")),
    ],
)
def test_what_is_out_of_reach_is_replaced_and_told(
    world: Embedding, panel: str, query: str, note: str, meta: tuple[str, str]
) -> None:
    answer = world.client().get(f"/embed/{panel}?token={world.token(panel)}&{query}")

    assert answer.status_code == 200
    assert note in answer.text
    assert metas(answer.text)[meta[0]] == meta[1]
