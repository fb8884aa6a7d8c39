"""Keys and signatures, and what Kalshi says when it takes neither."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from pnl.errors import ConfigError
from pnl.sources.kalshi import PrivateKey, explain, load_key
from pnl.sources.kalshi.sign import signed_headers
from tests.sources.kalshi.exchange import KEY, RSA_KEY, START, check_signature


def pem(key: PrivateKey, form: PrivateFormat = PrivateFormat.PKCS8) -> str:
    return key.private_bytes(Encoding.PEM, form, NoEncryption()).decode()


@pytest.mark.parametrize(
    "text",
    [
        pem(KEY),
        pem(RSA_KEY),
        pem(RSA_KEY, PrivateFormat.TraditionalOpenSSL),
        pem(RSA_KEY).replace("\n", "\\n"),
        f'  "{pem(KEY)}" ',
        pem(KEY).replace("\n", "\r\n"),
    ],
    ids=["Ed25519", "RSA PKCS#8", "RSA PKCS#1", "one line", "quoted", "CRLF"],
)
def test_a_key_is_read_as_it_is_found(text: str) -> None:
    key = load_key(text)

    headers = signed_headers("id", key, "GET", "/trade-api/v2/portfolio/fills?limit=1", START)

    message = f"{int(START.timestamp() * 1000)}GET/trade-api/v2/portfolio/fills"
    assert headers["KALSHI-ACCESS-KEY"] == "id"
    check_signature(key, headers["KALSHI-ACCESS-SIGNATURE"], message)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("abc", "not in PEM"),
        (KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(), "public key"),
        (KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x")).decode(), "passphrase"),
        (pem(KEY)[:60], "cannot be read"),
        (
            ec.generate_private_key(ec.SECP256R1())
            .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            .decode(),
            "neither RSA nor Ed25519",
        ),
    ],
    ids=["empty", "no PEM", "public", "locked", "cut", "elliptic"],
)
def test_a_key_that_cannot_sign_says_the_cure_and_nothing_of_itself(text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        load_key(text)

    assert not any(line and line in str(caught.value) for line in text.splitlines()[1:-1])


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"error":{"code":"a","message":"a","details":"B"}}', "a: B"),
        (b'{"code":"bad_request","message":"m","details":"d"}', "bad_request: m: d"),
        (b'{"msg":"Parameter validation failed"}', "Parameter validation failed"),
        (b'{"error":"too many requests"}', "too many requests"),
        (b'{"error":{"code":"not_found","message":"not found","service":"exchange"}}', "not_found: not found"),
        (b'{"error":7}', None),
        (b'{"error":{}}', None),
        (b"<html>", None),
        (b"\xff", None),
        (b"", None),
        (b"[1]", None),
        (b"[" * 100_000, None),
    ],
)
def test_every_shape_of_error_is_understood(body: bytes, text: str | None) -> None:
    assert explain(body) == text
