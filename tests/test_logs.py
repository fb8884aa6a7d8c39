import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from gunicorn.config import Config

from pnl.logs import ServerLog, configure

PEM = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIFirstLine\nSecondLineOfTheKey42\n-----END PRIVATE KEY-----\n"


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def only_line(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    """Return what was logged, which is one line of JSON."""
    (line,) = capsys.readouterr().out.splitlines()
    parsed: dict[str, object] = json.loads(line)
    return parsed


def test_a_line_is_one_json_object_with_the_facts_as_keys(capsys: pytest.CaptureFixture[str]) -> None:
    configure(json=True)

    structlog.get_logger("pnl.tick").info("source pulled", source="kalshi", new=3)

    line = only_line(capsys)
    assert str(line.pop("timestamp")).endswith("Z")
    assert line == {"event": "source pulled", "source": "kalshi", "new": 3, "level": "info", "logger": "pnl.tick"}


def test_what_is_no_terminal_gets_json(capsys: pytest.CaptureFixture[str]) -> None:
    configure()

    structlog.get_logger().warning("source refused")

    assert only_line(capsys)["level"] == "warning"


def test_a_person_reads_no_json(capsys: pytest.CaptureFixture[str]) -> None:
    configure(json=False)

    structlog.get_logger().info("source pulled", new=3)

    text = capsys.readouterr().out
    assert "source pulled" in text
    assert "new=3" in text
    assert "{" not in text


def test_what_a_library_logs_comes_out_the_same_way(capsys: pytest.CaptureFixture[str]) -> None:
    configure(json=True)

    logging.getLogger("gunicorn.error").error("worker %s died", 7)

    line = only_line(capsys)
    assert (line["event"], line["logger"], line["level"]) == ("worker 7 died", "gunicorn.error", "error")


@pytest.mark.parametrize("library", ["werkzeug", "apscheduler.scheduler", "httpx", "alembic.runtime", "gunicorn.error"])
def test_the_chatter_of_libraries_is_left_out(library: str, capsys: pytest.CaptureFixture[str]) -> None:
    configure(json=True)

    logging.getLogger(library).info("all is well")

    assert capsys.readouterr().out == ""


def test_a_second_configuration_does_not_log_twice(capsys: pytest.CaptureFixture[str]) -> None:
    configure(json=True)
    configure(json=True)

    structlog.get_logger().info("once")

    assert only_line(capsys)["event"] == "once"


@pytest.mark.parametrize(
    "name", ["token", "api_key", "Authorization", "X-Api-Key", "private_key", "password", "KALSHI-ACCESS-SIGNATURE"]
)
def test_a_field_named_like_a_secret_is_hidden(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    configure(json=True)

    structlog.get_logger().info("asked", **{name: "hunter2"}, headers={name: "hunter2"}, tried=[{name: "hunter2"}])

    line = only_line(capsys)
    assert line[name] == "[hidden]"
    assert line["headers"] == {name: "[hidden]"}
    assert line["tried"] == [{name: "[hidden]"}]


@pytest.mark.parametrize("as_json", [True, False])
def test_a_known_secret_is_hidden_wherever_it_turns_up(as_json: bool, capsys: pytest.CaptureFixture[str]) -> None:
    configure(json=as_json, secrets=["rk_live_canary", 'quo"te/d', PEM])
    log = structlog.get_logger()

    log.info("read rk_live_canary", url="https://example.com/rk_live_canary", body='quo"te/d', pem=PEM, key=repr(PEM))
    log.info("escaped", address="quo%22te%2Fd", line="SecondLineOfTheKey42")
    try:
        raise ValueError(f"refused rk_live_canary and {PEM}")
    except ValueError:
        log.exception("it broke")

    text = capsys.readouterr().out
    assert "it broke" in text
    assert "Traceback" in text
    for canary in ("rk_live_canary", 'quo"te', 'quo\\"te', "quo%22te", "FirstLine", "SecondLineOfTheKey42"):
        assert canary not in text


def test_a_key_in_an_address_or_a_header_is_hidden_without_being_known(capsys: pytest.CaptureFixture[str]) -> None:
    configure(json=True)

    structlog.get_logger().info("GET /v1?token=abc&limit=5 with Bearer xyz.123", url="/a?api_key=def&page=2")

    line = only_line(capsys)
    assert line["event"] == "GET /v1?token=[hidden]&limit=5 with Bearer [hidden]"
    assert line["url"] == "/a?api_key=[hidden]&page=2"


def test_a_traceback_shows_no_local_variables(capsys: pytest.CaptureFixture[str]) -> None:
    configure(json=False)

    try:
        held = "only a local variable"
        raise ValueError(len(held))
    except ValueError:
        structlog.get_logger().exception("it broke")

    text = capsys.readouterr().out
    assert "ValueError: 21" in text
    assert "only a local variable" not in text


def test_the_web_server_logs_into_the_same_log(capsys: pytest.CaptureFixture[str]) -> None:
    configure(json=True)

    ServerLog(Config()).error("worker %s died", 7)

    captured = capsys.readouterr()
    assert json.loads(captured.out)["event"] == "worker 7 died"
    assert captured.err == ""
