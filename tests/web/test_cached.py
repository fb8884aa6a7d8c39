"""Answers with a name: made once, and not sent to who has them."""

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient

from pnl.cache.layers import Layers
from pnl.cache.memory import Memory
from pnl.web.cached import answer
from tests.fakes import StillClock


@pytest.fixture
def made() -> list[str]:
    """What was made, in turn."""
    return []


def client_of(made: list[str], name: str = "k3f9x2") -> FlaskClient:
    """Return a client of a server with one route, whose answer is kept."""
    app, cache = Flask("one route"), Layers(Memory(), None, StillClock(), name=name)

    @app.get("/days/<seq>")
    def days(seq: str) -> Response:
        def make() -> bytes:
            made.append(seq)
            return b'{"seq":%s}' % seq.encode()

        return answer(cache, ("days", seq), make)

    return app.test_client()


def test_the_same_question_is_answered_alike_and_once(made: list[str]) -> None:
    client = client_of(made)

    answers = [client.get("/days/7") for _ in range(2)]

    assert [found.data for found in answers] == [b'{"seq":7}'] * 2
    assert made == ["7"]
    assert answers[0].content_type == "application/json"
    assert answers[0].headers["Cache-Control"] == "no-cache"
    assert answers[0].headers["ETag"] == answers[1].headers["ETag"]


def test_who_has_the_answer_is_not_sent_it_and_nothing_is_made(made: list[str]) -> None:
    tag = client_of([]).get("/days/7").headers["ETag"]

    found = client_of(made).get("/days/7", headers={"If-None-Match": tag})

    assert (found.status_code, found.data, made) == (304, b"", [])
    assert found.headers["ETag"] == tag
    assert found.headers["Cache-Control"] == "no-cache"


def test_a_proxy_that_compressed_the_answer_may_ask_with_its_weak_tag(made: list[str]) -> None:
    client = client_of(made)
    tag = client.get("/days/7").headers["ETag"]

    assert client.get("/days/7", headers={"If-None-Match": f"W/{tag}"}).status_code == 304


def test_another_answer_another_store_and_another_program_have_other_names(made: list[str]) -> None:
    tags = {
        client_of(made).get("/days/7").headers["ETag"],
        client_of(made).get("/days/8").headers["ETag"],
        client_of(made, "other store").get("/days/7").headers["ETag"],
    }

    assert len(tags) == 3
