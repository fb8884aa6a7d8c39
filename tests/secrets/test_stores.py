"""Secrets out of AWS Secrets Manager and Vault over real HTTP: read, remembered, rotated, and kept in an outage."""

import json
from collections.abc import Iterator
from pathlib import Path

import boto3
import httpx
import pytest
from moto.server import ThreadedMotoServer

from pnl.config import Settings
from pnl.errors import ConfigError, SecretUnavailable
from pnl.secrets import Keyring, Reference, reference
from pnl.secrets.keyring import KEPT_SECONDS
from pnl.secrets.stores import Vault, read_aws, read_file
from tests.fakes import StillClock
from tests.secrets.vault import VaultServer

FIRST, SECOND = "sk-ant-admin-first-canary", "sk-ant-admin-second-canary"


@pytest.fixture
def vault() -> Iterator[VaultServer]:
    with VaultServer() as server:
        server.secrets["secret/northstar"] = {"anthropic": FIRST, "number": 5}
        yield server


class Aws:
    """Secrets Manager, as whoever looks after the secrets uses it."""

    def __init__(self) -> None:
        self._client = boto3.client("secretsmanager")

    def create(self, name: str, text: str) -> None:
        self._client.create_secret(Name=name, SecretString=text)

    def change(self, name: str, text: str) -> None:
        self._client.put_secret_value(SecretId=name, SecretString=text)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in {
        "AWS_ENDPOINT_URL_SECRETS_MANAGER": f"http://{host}:{port}",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    httpx.post(f"http://{host}:{port}/moto-api/reset")  # what it holds outlives it in this process
    made = Aws()
    made.create("northstar/keys", json.dumps({"anthropic": FIRST}))
    yield made
    server.stop()


def at_vault(server: VaultServer, clock: StillClock) -> Keyring:
    environ = {"VAULT_ADDR": server.url, "VAULT_TOKEN": server.token}
    return Keyring(clock=clock, stores={"vault": Vault(environ), "file": read_file, "aws-sm": read_aws})


KEY = Reference("vault", "secret/northstar", "anthropic")


def test_a_secret_in_vault_is_read_once_in_five_minutes(vault: VaultServer) -> None:
    clock = StillClock()
    keyring = at_vault(vault, clock)

    assert [keyring.read(KEY) for _ in range(3)] == [FIRST] * 3
    assert vault.reads == 1

    vault.secrets["secret/northstar"] = {"anthropic": SECOND}
    assert keyring.read(KEY) == FIRST
    clock.go(KEPT_SECONDS + 1)
    assert keyring.read(KEY) == SECOND


def test_a_key_that_was_refused_is_read_anew_at_once(vault: VaultServer) -> None:
    keyring = at_vault(vault, StillClock())
    keyring.read(KEY)
    vault.secrets["secret/northstar"] = {"anthropic": SECOND}

    assert keyring.read(KEY, anew=True) == SECOND


@pytest.mark.parametrize("trouble", ["sealed", "down", "denied", "gone", "deleted", "field"])
def test_in_an_outage_the_last_good_secret_stays(trouble: str, vault: VaultServer) -> None:
    clock, told = StillClock(), list[tuple[str, str]]()
    keyring = at_vault(vault, clock)
    keyring.told = lambda kind, result: told.append((kind, result))
    keyring.read(KEY)
    clock.go(KEPT_SECONDS + 1)

    match trouble:
        case "sealed":
            vault.status = 503
        case "down":
            vault.__exit__()
        case "denied":
            vault.token = "another"
        case "gone":
            vault.secrets.clear()
        case "deleted":
            vault.secrets["secret/northstar"] = None
        case "field":
            vault.secrets["secret/northstar"] = {"other": "x"}
    if trouble == "field":  # it answers, and what it says is wrong: nobody would be helped by the old one in silence
        with pytest.raises(SecretUnavailable, match="no field anthropic"):
            keyring.read(KEY)
        return

    assert keyring.read(KEY) == FIRST
    assert told == [("vault", "same"), ("vault", "failed")]


def test_what_cannot_be_read_at_all_is_told_without_the_secret(vault: VaultServer) -> None:
    keyring = at_vault(vault, StillClock())

    for one, reason in (
        (Reference("vault", "secret/nothing", "x"), "HTTP 404"),
        (Reference("vault", "secret/northstar", "number"), "no field number"),
    ):
        with pytest.raises(SecretUnavailable, match=reason) as raised:
            keyring.read(one)
        assert FIRST not in str(raised.value)


def test_vault_without_address_or_token_says_which(tmp_path: Path, vault: VaultServer) -> None:
    with pytest.raises(ConfigError, match="VAULT_ADDR is not set"):
        Vault({})("secret/x")
    with pytest.raises(ConfigError, match="VAULT_ADDR is no address: give that of Vault, such as https://vault:8200"):
        Vault({"VAULT_ADDR": "https://ann:hunter/2@vault:8200", "VAULT_TOKEN": vault.token})("secret/x")
    with pytest.raises(ConfigError, match="neither VAULT_TOKEN"):
        Vault({"VAULT_ADDR": vault.url})("secret/x")
    file = tmp_path / "token"
    file.write_text(vault.token)
    assert Vault({"VAULT_ADDR": vault.url, "VAULT_TOKEN_FILE": str(file)})("secret/northstar")["anthropic"] == FIRST


def test_a_secret_of_aws_is_read_rotated_and_kept_in_an_outage(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = StillClock()
    keyring = Keyring(clock=clock)
    one = Reference("aws-sm", "northstar/keys", "anthropic")
    assert keyring.read(one) == FIRST

    aws.change("northstar/keys", json.dumps({"anthropic": SECOND}))
    assert keyring.read(one) == FIRST
    clock.go(KEPT_SECONDS + 1)
    assert keyring.read(one) == SECOND

    monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://127.0.0.1:9")
    clock.go(KEPT_SECONDS + 1)
    assert keyring.read(one) == SECOND
    with pytest.raises(SecretUnavailable, match="AWS cannot be asked"):
        Keyring().read(one)


def test_what_aws_does_not_have_is_told(aws: Aws) -> None:
    del aws
    with pytest.raises(SecretUnavailable, match="ResourceNotFoundException"):
        Keyring().read(Reference("aws-sm", "northstar/nothing"))


def test_settings_take_secrets_from_where_they_are_kept(aws: Aws, vault: VaultServer, tmp_path: Path) -> None:
    aws.create("stripe", "rk_live_whole_text")
    token = tmp_path / "token"
    token.write_text("feed-token-canary")
    given = {
        "PNL_ANTHROPIC_ADMIN_KEY": "vault://secret/northstar#anthropic",
        "PNL_STRIPE_KEY": "aws-sm://stripe",
        "PNL_REVENUE_URL": "https://feed.example.com",
        "PNL_REVENUE_TOKEN_FILE": str(token),
        "VAULT_ADDR": vault.url,
        "VAULT_TOKEN": vault.token,
    }

    settings = Settings.load(given, None)

    assert settings.secrets[:3] == (FIRST, "feed-token-canary", "rk_live_whole_text")
    assert settings.origins == {
        "PNL_ANTHROPIC_ADMIN_KEY": "vault://secret/northstar#anthropic",
        "PNL_REVENUE_TOKEN": f"file {token}",
        "PNL_STRIPE_KEY": "aws-sm://stripe",
    }
    assert settings.renewed(anew=True) is settings
    vault.secrets["secret/northstar"] = {"anthropic": SECOND}
    token.write_text("feed-token-second")
    renewed = settings.renewed(anew=True)
    assert renewed.secrets[:3] == (SECOND, "feed-token-second", "rk_live_whole_text")
    vault.status = 500
    assert renewed.renewed(anew=True) is renewed


@pytest.mark.parametrize(
    ("text", "cure"),
    [
        ("vault://secret", "write vault://mount/path#field"),
        ("vault://secret/x", "write vault://mount/path#field"),
        ("aws-sm://", "write aws-sm://name#field"),
        ("aws-sm://a b", "write aws-sm://name#field"),
    ],
)
def test_a_reference_that_makes_no_sense_stops_the_start(text: str, cure: str, vault: VaultServer) -> None:
    environ = {"PNL_STRIPE_KEY": text, "VAULT_ADDR": vault.url, "VAULT_TOKEN": vault.token}

    with pytest.raises(ConfigError, match="PNL_STRIPE_KEY") as raised:
        Settings.load(environ, None)

    assert cure in str(raised.value)
    assert vault.token not in str(raised.value)


def test_a_store_that_nobody_named_stops_the_start() -> None:
    with pytest.raises(ConfigError, match=r"PNL_STRIPE_KEY is kept at vault://.*: VAULT_ADDR is not set"):
        Settings.load({"PNL_STRIPE_KEY": "vault://secret/northstar#stripe"}, None)


@pytest.mark.parametrize("reference_text", ["vault://secret/northstar#nothing", "vault://secret/nowhere#x"])
def test_a_secret_that_is_not_there_yet_may_be_there_later(reference_text: str, vault: VaultServer) -> None:
    environ = {"PNL_STRIPE_KEY": reference_text, "VAULT_ADDR": vault.url, "VAULT_TOKEN": vault.token}

    with pytest.raises(
        SecretUnavailable, match=r"PNL_STRIPE_KEY is kept at vault://.*, which cannot be read"
    ) as raised:
        Settings.load(environ, None)

    assert vault.token not in str(raised.value)


def test_a_secret_that_looks_like_an_address_is_a_secret() -> None:
    assert reference("https://aws-sm://x") is None
    assert reference("sk-ant-123") is None
