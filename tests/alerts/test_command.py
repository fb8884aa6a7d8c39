"""`pnl alerts`, as an operator runs it."""

from pathlib import Path

import pytest

from pnl.cli import main
from tests.alerts.ear import KEY, SECRET, Ear, assert_pagerduty_takes, assert_signed

RULE = '[[rule]]\nname = "Loss"\nfigure = "net"\nwhen = "below"\namount = "-500"\nreceivers = ["pager"]\n'


@pytest.fixture(autouse=True)
def path(ear: Ear, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = tmp_path / "alerts.toml"
    made.write_text(
        f'[receiver.pager]\nkind = "pagerduty"\nrouting_key = "{KEY}"\nbase_url = "{ear.url}"\n'
        f'[receiver.hook]\nkind = "webhook"\nurl = "{ear.url}/hook"\nsecret = "{SECRET}"\n{RULE}'
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PNL_ALERTS_FILE", str(made))
    return made


def test_a_test_is_sent_and_told(ear: Ear, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["alerts", "test", "pager"]) == 0
    assert main(["alerts", "test", "hook"]) == 0

    paged, resolved, hooked = ear.bodies()
    assert_pagerduty_takes(paged)
    assert_pagerduty_takes(resolved)
    assert (resolved["event_action"], resolved["dedup_key"]) == ("resolve", paged["dedup_key"])
    assert paged["payload"]["severity"] == "info"
    assert paged["payload"]["summary"] == "DEMO DATA · Test of pager: a test, nothing is wrong"
    assert paged["links"][0]["href"] == "http://127.0.0.1:8050/alerts"
    assert hooked["action"] == "test"
    assert_signed(ear.raw[2], ear.heard[2][2])
    assert capsys.readouterr().out == "pager has taken the test\nhook has taken the test\n"


def test_a_test_that_does_not_arrive_is_told_with_why(ear: Ear, capsys: pytest.CaptureFixture[str]) -> None:
    ear.replies.append((403, {}))

    assert main(["alerts", "test", "pager"]) == 1

    said = capsys.readouterr().err
    assert said == "pnl: pager has not taken the test: HTTP 403: ok; mend its key or its address in the file\n"


def test_a_file_is_checked_before_it_is_used(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["alerts", "check"]) == 0
    assert capsys.readouterr().out == f"Loss  warning  to pager\npager  pagerduty\nhook  webhook\n{path} is well\n"

    path.write_text(path.read_text().replace("-500", "x"))

    assert main(["alerts", "check"]) == 2
    assert "line 9, rule 1 'Loss': amount 'x' is no plain decimal number" in capsys.readouterr().err


def test_what_there_is_not_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, path: Path
) -> None:
    assert main(["alerts", "test", "nobody"]) == 2
    assert capsys.readouterr().err == f"pnl: there is no receiver 'nobody' in {path}: there is pager, hook\n"

    monkeypatch.setenv("PNL_ALERTS_FILE", "")

    assert main(["alerts", "check"]) == 2
    assert "PNL_ALERTS_FILE is not set" in capsys.readouterr().err
