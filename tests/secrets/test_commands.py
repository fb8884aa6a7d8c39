"""Commands while the store of secrets is away, as at night on a new machine: what they do not need stops none."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pnl.cli import failed, main
from pnl.config import Settings
from pnl.errors import ConfigError, SecretUnavailable, StoreError
from pnl.store import open_store
from tests.backups.making import live
from tests.secrets.vault import VaultServer

KEY = "k" * 32


@pytest.fixture
def vault() -> Iterator[VaultServer]:
    with VaultServer() as server:
        server.secrets["secret/northstar"] = {"sign": KEY, "stripe": "rk_live_canary", "short": "abc"}
        yield server


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, vault: VaultServer) -> Path:
    """Return the folder of an archive with a copy in a folder, whose secrets are at a Vault that is sealed."""
    store = open_store(f"sqlite:///{tmp_path / 'pnl.db'}", demo=False)
    store.lead()
    live(store, 6)
    store.close()
    for name, text in {
        "PNL_DATA_DIR": str(tmp_path),
        "PNL_BACKUP_FOLDER": str(tmp_path / "backups"),
        "PNL_SECRET_KEY": "vault://secret/northstar#sign",
        "PNL_STRIPE_KEY": "vault://secret/northstar#stripe",
        "PNL_REVENUE_URL": "http://127.0.0.1:9",
        "PNL_REVENUE_TOKEN_FILE": str(tmp_path / "nonexistent"),
        "VAULT_ADDR": vault.url,
        "VAULT_TOKEN": vault.token,
    }.items():
        monkeypatch.setenv(name, text)
    monkeypatch.chdir(tmp_path)
    vault.status = 503
    return tmp_path


def test_an_archive_is_restored_and_proved_while_the_store_of_secrets_is_away(
    machine: Path, vault: VaultServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["backup"]) == 0
    (machine / "pnl.db").write_bytes(b"torn")

    assert main(["backup", "--list"]) == 0
    assert main(["restore", "--replace", "--from", str(machine / "backups")]) == 0
    assert main(["verify"]) == 0
    assert main(["export", "snapshots", "--output", str(machine / "snapshots.csv")]) == 0
    assert main(["users", "list"]) == 0

    assert "The archive is back" in capsys.readouterr().out
    assert vault.reads == 0


def test_doctor_names_each_secret_that_cannot_be_read_and_goes_on(
    machine: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sales = machine / "sales.csv"
    sales.write_text("id,date,amount,currency\ninv-1,2026-11-20,12.50,USD\n", encoding="utf-8")
    monkeypatch.setenv("PNL_REVENUE_CSV", str(sales))

    assert main(["doctor"]) == 1

    said = capsys.readouterr().out
    for name, place in (
        ("PNL_SECRET_KEY", "vault://secret/northstar#sign, which cannot be read: Vault answers HTTP 503"),
        ("PNL_STRIPE_KEY", "vault://secret/northstar#stripe, which cannot be read: Vault answers HTTP 503"),
        ("PNL_REVENUE_TOKEN", f"file {machine / 'nonexistent'}, which cannot be read: No such file or directory"),
    ):
        assert f"FAIL  {name} is kept at {place}\n" in said
    assert "revenue.csv:\n  ok    csv: 1 entries, settled 12.50 USD" in said
    assert "revenue.stripe:" not in said


def test_doctor_reads_each_secret_and_tells_one_that_makes_no_sense(
    machine: Path, vault: VaultServer, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    vault.status = None
    monkeypatch.setenv("PNL_STRIPE_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("PNL_SECRET_KEY", "vault://secret/northstar#short")
    (machine / "nonexistent").write_text("a-token-canary")

    assert main(["doctor"]) == 1

    said = capsys.readouterr().out
    assert "FAIL  PNL_SECRET_KEY: give 32 bytes or more" in said
    assert "PNL_STRIPE_KEY comes from vault://secret/northstar#stripe\n" in said
    assert "canary" not in said


def test_a_secret_that_is_left_for_its_use_is_read_at_each_use(machine: Path, vault: VaultServer) -> None:
    settings = Settings.load(when_used=True)
    assert not settings.demo
    assert settings.secrets == ()
    assert settings.secret_key
    assert settings.stripe_key != settings.secret_key
    with pytest.raises(SecretUnavailable, match=r"PNL_SECRET_KEY is kept at vault://.*: Vault answers HTTP 503"):
        settings.secret_key.get_secret_value()

    vault.status = None

    assert settings.secret_key.get_secret_value() == KEY
    assert KEY not in repr(settings)
    assert KEY in settings.opened()[0].secrets
    assert machine.is_dir()


def test_a_secret_that_is_away_ends_a_command_as_it_ends_a_start() -> None:
    assert failed(SecretUnavailable("it is away")) == 4
    assert failed(ConfigError("it makes no sense")) == 2
    assert failed(StoreError("it is lost")) == 2
