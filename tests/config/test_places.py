"""Where settings are read: the environment, then a file; a name that is none is refused."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from pnl.config import Settings
from tests.config.loading import load, refusal


def test_the_environment_of_the_process_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PNL_PORT", "9001")

    assert Settings.load().port == 9001


def test_settings_do_not_change() -> None:
    settings = load()

    with pytest.raises(ValidationError, match="frozen"):
        settings.port = 1


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text('# ports\nexport PNL_PORT=9000\nPNL_TIME_ZONE="UTC"\nCOMPOSE_PROJECT_NAME=other\n')

    settings = load(env_file, PNL_PORT="9001", PATH="/bin")

    assert (settings.port, settings.time_zone) == (9001, "UTC")


def test_a_file_that_is_not_there_sets_nothing(tmp_path: Path) -> None:
    assert load(tmp_path / ".env") == load()


def test_an_empty_text_sets_nothing() -> None:
    assert load(PNL_PORT="", PNL_REDIS_URL=" ", PNL_KALSHI_KEY_ID="") == load()


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("PNL_PROT", "PNL_PORT"),
        ("PNL_INTERVAL", "PNL_INTERVAL_SECONDS"),
        ("PNL_STRIPE_KEY_FIEL", "PNL_STRIPE_KEY_FILE"),
        ("pnl_port", "PNL_PORT"),
    ],
)
def test_a_typo_does_not_pass_in_silence(name: str, meant: str, tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text(f"{name}=1\n")

    assert refusal(**{name: "1"}) == f"{name} is no setting: did you mean {meant}?"
    assert refusal(env_file) == f"{name} in {env_file} is no setting: did you mean {meant}?"


def test_a_name_like_no_other_is_refused_too() -> None:
    assert refusal(PNL_ZZZZ="1") == (
        "PNL_ZZZZ is no setting: remove it; docs/reference/settings.md lists those there are"
    )


def test_only_secrets_are_read_from_files() -> None:
    assert refusal(PNL_PORT_FILE="/port").startswith("PNL_PORT_FILE is no setting")


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_bytes(b"PNL_PORT=\xff\n")

    assert refusal(env_file) == f"{env_file} cannot be read (not UTF-8 text): mend it, or remove it"


def test_a_line_of_the_file_that_makes_no_sense_is_named(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text("PNL_PORT=9000\nwhat is this?\n")

    assert refusal(env_file) == f"{env_file} line 2 makes no sense: write NAME=value"
