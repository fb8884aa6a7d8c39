"""Who may come in: this machine alone, or those whom a sign-in, a proxy or a provider lets in."""

from pathlib import Path

import pytest

from tests.config.loading import load, refusal

OIDC = {
    "PNL_AUTH": "oidc",
    "PNL_OIDC_ISSUER": "https://id.example.com/",
    "PNL_OIDC_CLIENT_ID": "northstar",
    "PNL_OIDC_CLIENT_SECRET": "a secret of theirs",
    "PNL_VIEWERS": "@example.com",
}


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "localhost", "::1", "[::1]"])
def test_this_machine_alone_may_come_in(host: str) -> None:
    assert load(PNL_HOST=host).host == host.strip("[]")


def test_an_address_of_six_stands_in_brackets() -> None:
    assert load(PNL_HOST="::1", PNL_PORT="80").address == "[::1]:80"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "pnl.example.com"])
def test_other_machines_may_not_come_in_without_a_sign_in(host: str) -> None:
    text = refusal(PNL_HOST=host)

    assert text.startswith(f"PNL_HOST={host}: anybody who reaches that address could read everything; set PNL_AUTH ")
    assert "or leave it at 127.0.0.1" in text
    assert load(PNL_HOST=host, PNL_AUTH="password").host == host
    assert load(PNL_HOST=host, **OIDC).host == host
    proxied = {"PNL_AUTH": "proxy", "PNL_TRUSTED_PROXIES": "10.0.0.1", "PNL_VIEWERS": "*"}
    assert load(PNL_HOST=host, **proxied).host == host
    ticking = {"PNL_ROLE": "aggregator", "PNL_REDIS_URL": "redis://localhost"}
    assert load(PNL_HOST=host, **ticking).host == host


def test_an_address_may_be_let_in_where_nobody_signs_in() -> None:
    given = load(PNL_HOST="0.0.0.0", PNL_OPEN_TO="10.213.85.1, fd00::1")

    assert given.open_to == ("10.213.85.1", "fd00::1")


@pytest.mark.parametrize("text", ["10.0.0.0/8", "0.0.0.0/0", "0.0.0.0", "8.8.8.8", "224.0.0.1", "2001:4860::1", "web"])
def test_no_network_and_no_address_of_the_world_is_let_in(text: str) -> None:
    assert refusal(PNL_HOST="0.0.0.0", PNL_OPEN_TO=text).startswith(f"PNL_OPEN_TO={text}: give ")


@pytest.mark.parametrize(
    ("other", "value"), [("PNL_AUTH", "password"), ("PNL_TRUSTED_PROXIES", "10.213.85.2")], ids=["sign-in", "proxy"]
)
def test_an_address_is_not_let_in_beside_a_sign_in_or_through_a_proxy(other: str, value: str) -> None:
    text = refusal(**{"PNL_OPEN_TO": "10.213.85.1", other: value})

    assert text.startswith("PNL_OPEN_TO and PNL_")
    assert "are both set" in text


def test_a_provider_is_given_whole_with_its_last_slash_and_its_secret_is_hidden(tmp_path: Path) -> None:
    settings = load(**OIDC)

    assert settings.oidc_issuer == "https://id.example.com/"
    assert settings.oidc_claim == "email"
    assert "a secret of theirs" in settings.secrets
    assert "a secret of theirs" not in repr(settings)
    secret = tmp_path / "secret"
    secret.write_text("another\n")
    filed = OIDC | {"PNL_OIDC_CLIENT_SECRET": "", "PNL_OIDC_CLIENT_SECRET_FILE": str(secret)}
    assert load(**filed).secrets == ("another",)
    assert load(**(OIDC | {"PNL_OIDC_ISSUER": "http://localhost:9400"})).oidc_issuer == "http://localhost:9400"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"PNL_OIDC_ISSUER": ""}, "PNL_AUTH=oidc needs PNL_OIDC_ISSUER: give the provider's address"),
        ({"PNL_OIDC_CLIENT_ID": ""}, "PNL_AUTH=oidc needs PNL_OIDC_CLIENT_ID: give the name by which"),
        ({"PNL_OIDC_CLIENT_SECRET": ""}, "PNL_AUTH=oidc needs PNL_OIDC_CLIENT_SECRET: give the secret"),
        ({"PNL_VIEWERS": ""}, "PNL_AUTH=oidc needs PNL_EDITORS: give who may come in"),
        ({"PNL_AUTH": "none", "PNL_VIEWERS": ""}, "PNL_OIDC_ISSUER is set, and PNL_AUTH is not oidc"),
        ({"PNL_OIDC_ISSUER": "http://id.example.com"}, "PNL_OIDC_ISSUER=http://id.example.com: over http anybody on"),
        ({"PNL_OIDC_ISSUER": "id.example.com"}, "PNL_OIDC_ISSUER=id.example.com: give the provider's address"),
        ({"PNL_OIDC_ISSUER": "https://id.example.com?x"}, "PNL_OIDC_ISSUER=https://id.example.com?x: give a base"),
        ({"PNL_OIDC_ISSUER": "ftp://id.example.com"}, "PNL_OIDC_ISSUER=ftp://id.example.com: give the provider's"),
        ({"PNL_OIDC_CLAIM": "two words"}, "PNL_OIDC_CLAIM=two words: give the name of a claim"),
    ],
)
def test_half_a_provider_is_refused(given: dict[str, str], said: str) -> None:
    assert refusal(**(OIDC | given)).startswith(said)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"PNL_AUTH": "proxy"}, "PNL_AUTH=proxy needs PNL_TRUSTED_PROXIES: give the addresses of the proxy"),
        ({"PNL_AUTH": "proxy", "PNL_TRUSTED_PROXIES": "10.0.0.1"}, "PNL_AUTH=proxy needs PNL_EDITORS: give who may"),
        ({"PNL_EDITORS": "ann"}, "PNL_EDITORS or PNL_VIEWERS is set, and PNL_AUTH is not proxy or oidc: users"),
        ({"PNL_TRUSTED_PROXIES": "10.0.0.0/40"}, "PNL_TRUSTED_PROXIES=10.0.0.0/40: give addresses or networks"),
        (
            {"PNL_TRUSTED_PROXIES": "10.0.0.1, 0.0.0.0/0"},
            "PNL_TRUSTED_PROXIES=10.0.0.1, 0.0.0.0/0: 0.0.0.0/0 is wider than any private",
        ),
        ({"PNL_TRUSTED_PROXIES": "0.0.0.0/1"}, "PNL_TRUSTED_PROXIES=0.0.0.0/1: 0.0.0.0/1 is wider than any private"),
        ({"PNL_TRUSTED_PROXIES": "::/0"}, "PNL_TRUSTED_PROXIES=::/0: ::/0 is wider than any private"),
        ({"PNL_TRUSTED_PROXIES": "proxy.local"}, "PNL_TRUSTED_PROXIES=proxy.local: give addresses or networks"),
        ({"PNL_VIEWERS": "two words"}, "PNL_VIEWERS=two words: give names or mail addresses"),
        ({"PNL_PROXY_USER_HEADER": "a b"}, "PNL_PROXY_USER_HEADER=a b: give the name of a header"),
        ({"PNL_HOSTS": "pnl.example.com:80/x"}, "PNL_HOSTS=pnl.example.com:80/x: give a name or an address"),
        ({"PNL_SESSION_HOURS": "0"}, "PNL_SESSION_HOURS=0: give a whole number from 1 to 720"),
    ],
)
def test_who_may_come_in_is_said_whole_or_the_start_is_refused(given: dict[str, str], said: str) -> None:
    assert refusal(**given).startswith(said)


def test_lists_are_given_with_commas() -> None:
    settings = load(
        PNL_AUTH="proxy",
        PNL_TRUSTED_PROXIES="10.0.0.1, 10.1.0.0/16",
        PNL_EDITORS="Ann@Example.com,@example.org",
        PNL_HOSTS="pnl.example.com, [::1]",
    )

    assert settings.trusted_proxies == ("10.0.0.1/32", "10.1.0.0/16")
    assert settings.editors == ("ann@example.com", "@example.org")
    assert settings.hosts == ("pnl.example.com", "::1")
