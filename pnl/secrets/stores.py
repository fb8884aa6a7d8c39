"""Reads one secret from where it is kept: a file, AWS Secrets Manager, or Vault's key-value engine, version 2."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import httpx

from pnl.errors import ConfigError, SecretUnavailable

TIMEOUT_SECONDS: Final = 3.0
Store = Callable[[str], str | Mapping[str, Any]]
"""Returns what is at a place: a text, or fields; raises SecretUnavailable."""


def read_file(place: str) -> str:
    """Return the text of a file.

    Raises:
        SecretUnavailable: It cannot be read, or is empty.
    """
    try:
        text = Path(place).expanduser().read_text(encoding="utf-8").strip()
    except (OSError, ValueError, RuntimeError) as error:
        raise SecretUnavailable(getattr(error, "strerror", None) or "it is not UTF-8 text") from error
    if not text:
        raise SecretUnavailable("it is empty")
    return text


def read_aws(place: str) -> str:
    """Return the text of a secret in AWS Secrets Manager; region and credentials are found as AWS's own tools do.

    Raises:
        SecretUnavailable: It cannot be read.
    """
    import boto3  # noqa: PLC0415 - 25 MB of memory, which are for whoever uses it
    from botocore.config import Config  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    quick = Config(connect_timeout=TIMEOUT_SECONDS, read_timeout=TIMEOUT_SECONDS, retries={"total_max_attempts": 2})
    try:
        answer = boto3.client("secretsmanager", config=quick).get_secret_value(SecretId=place)
    except ClientError as error:
        raise SecretUnavailable(f"AWS answers {error.response.get('Error', {}).get('Code', 'an error')}") from error
    except (BotoCoreError, ValueError) as error:
        raise SecretUnavailable(f"AWS cannot be asked ({type(error).__name__})") from error
    text = answer.get("SecretString")
    if not isinstance(text, str) or not text:
        raise SecretUnavailable("it holds bytes or nothing, and must be a text")
    return text


class Vault:
    """Asks the Vault that VAULT_ADDR names, with the token of VAULT_TOKEN, or of the file that VAULT_TOKEN_FILE names.

    Args:
        environ: The environment.
    """

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self._environ = os.environ if environ is None else environ

    def __call__(self, place: str) -> Mapping[str, Any]:
        """Return the fields of a secret.

        Raises:
            ConfigError: The environment does not say where Vault is, or names no token.
            SecretUnavailable: It cannot be read.
        """
        address = self._environ.get("VAULT_ADDR", "").rstrip("/")
        if not address.startswith(("https://", "http://")):
            raise ConfigError("VAULT_ADDR is not set: give the address of Vault, such as https://vault:8200")
        mount, _, path = place.partition("/")
        headers = {"X-Vault-Token": self._token(), "X-Vault-Request": "true"}
        if namespace := self._environ.get("VAULT_NAMESPACE"):
            headers["X-Vault-Namespace"] = namespace
        url = f"{address}/v1/{quote(mount)}/data/{quote(path)}"
        try:
            answer = httpx.get(url, headers=headers, timeout=TIMEOUT_SECONDS, follow_redirects=False)
            fields = answer.json()["data"]["data"] if answer.status_code == 200 else None
        except httpx.InvalidURL:
            raise ConfigError("VAULT_ADDR is no address: give that of Vault, such as https://vault:8200") from None
        except httpx.HTTPError as error:
            raise SecretUnavailable(f"Vault does not answer ({type(error).__name__})") from error
        except (ValueError, KeyError, TypeError) as error:
            raise SecretUnavailable("Vault's answer is not that of a key-value engine, version 2") from error
        if answer.status_code != 200:
            raise SecretUnavailable(f"Vault answers HTTP {answer.status_code}")
        if not isinstance(fields, dict):
            raise SecretUnavailable("its newest version is deleted")
        return fields

    def _token(self) -> str:
        given = self._environ.get("VAULT_TOKEN", "").strip()
        file = self._environ.get("VAULT_TOKEN_FILE", "")
        token = given or (read_file(file) if file else "")
        if not token:
            raise ConfigError("neither VAULT_TOKEN nor VAULT_TOKEN_FILE is set: give one of them")
        return token
