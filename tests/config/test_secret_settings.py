"""Secrets are given by value or by file, and shown in no text."""

from pathlib import Path

import pytest

from pnl.errors import SecretUnavailable
from tests.config.loading import load, refusal


def test_a_secret_is_read_from_its_file(tmp_path: Path) -> None:
    held = tmp_path / "kalshi.pem"
    held.write_text("-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----\n")

    settings = load(PNL_KALSHI_KEY_ID="id", PNL_KALSHI_PRIVATE_KEY_FILE=str(held))

    assert settings.kalshi_private_key is not None
    assert settings.kalshi_private_key.get_secret_value().splitlines()[1] == "abc"


@pytest.mark.parametrize(
    ("setting", "field"),
    [
        ("PNL_KALSHI_PRIVATE_KEY", "kalshi_private_key"),
        ("PNL_ANTHROPIC_ADMIN_KEY", "anthropic_admin_key"),
        ("PNL_REVENUE_TOKEN", "revenue_token"),
        ("PNL_STRIPE_KEY", "stripe_key"),
        ("PNL_SECRET_KEY", "secret_key"),
    ],
)
def test_a_secret_is_in_no_text_made_of_the_settings(setting: str, field: str) -> None:
    settings = load(
        **{"PNL_KALSHI_KEY_ID": "id", "PNL_KALSHI_PRIVATE_KEY": "pem", "PNL_REVENUE_URL": "http://localhost"}
        | {setting: "canary" * 6}
    )

    assert "canary" * 6 in settings.secrets
    assert "canary" not in f"{settings} {settings!r} {settings.model_dump_json()} {getattr(settings, field)}"


def test_the_environment_replaces_a_secret_that_the_file_gives(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text("PNL_STRIPE_KEY=rk_from_the_file\n")
    held = tmp_path / "stripe"
    held.write_text("rk_mounted\n")

    assert load(env_file, PNL_STRIPE_KEY_FILE=str(held)).secrets == ("rk_mounted",)


def test_a_secret_given_twice_is_refused() -> None:
    text = refusal(PNL_STRIPE_KEY="canary", PNL_STRIPE_KEY_FILE="/run/secrets/stripe")

    assert text == "PNL_STRIPE_KEY and PNL_STRIPE_KEY_FILE are both set: keep one of them"


def test_a_secret_file_that_cannot_be_read_is_named_and_may_be_read_later(tmp_path: Path) -> None:
    missing, empty, garbled = tmp_path / "missing", tmp_path / "empty", tmp_path / "garbled"
    empty.touch()
    garbled.write_bytes(b"\xff\xfe")

    assert refusal(None, SecretUnavailable, PNL_STRIPE_KEY_FILE=str(missing)) == (
        f"PNL_STRIPE_KEY_FILE={missing} cannot be read (No such file or directory): "
        "give the path of a text file that this user can read"
    )
    assert refusal(None, SecretUnavailable, PNL_STRIPE_KEY_FILE=str(empty)) == (
        f"PNL_STRIPE_KEY_FILE={empty} is an empty file: put the secret in it"
    )
    assert "not UTF-8 text" in refusal(None, SecretUnavailable, PNL_STRIPE_KEY_FILE=str(garbled))


def test_a_short_secret_key_is_refused() -> None:
    assert "32 bytes or more" in refusal(PNL_SECRET_KEY="short")
