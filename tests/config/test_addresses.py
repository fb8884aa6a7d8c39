"""Addresses of sources, of the database and of Redis are whole, and no message shows their passwords."""

import pytest

from pnl.errors import ConfigError
from tests.config.loading import load, refusal


@pytest.mark.parametrize(
    "address",
    [
        "api.example.com",
        "ftp://example.com",
        "https://",
        "https://a.example/?x=1",
        "https://a.example/#x",
        "http://[::1",
    ],
)
@pytest.mark.parametrize("name", ["PNL_KALSHI_BASE_URL", "PNL_ANTHROPIC_BASE_URL", "PNL_REVENUE_URL"])
def test_a_base_address_is_whole_and_bare(name: str, address: str) -> None:
    shown = address.replace("x=1", "x=…")  # the values of a query are kept to themselves: keys stand there
    assert refusal(**{name: address}) == (
        f"{name}={shown}: give a base address such as https://api.example.com/v1, with no user, query or fragment"
    )


def test_a_base_address_loses_its_last_slash() -> None:
    assert load(PNL_REVENUE_URL="http://127.0.0.1:9000/feed/").revenue_url == "http://127.0.0.1:9000/feed"


def test_a_base_address_may_have_an_at_sign_in_its_path() -> None:
    assert load(PNL_REVENUE_URL="https://a.example/@me/r").revenue_url == "https://a.example/@me/r"
    assert load(PNL_REVENUE_URL="https://a.example:8443/%40me/r").revenue_url == "https://a.example:8443/%40me/r"


def test_a_message_shows_no_password_of_an_address() -> None:
    assert refusal(PNL_REVENUE_URL="https://john:canary@a.example").startswith("PNL_REVENUE_URL=https://…@a.example: ")


@pytest.mark.parametrize(
    "address",
    [
        "https://john:can/ary@a.example/r",
        "https://john:12/can@a.example/r",
        "https://jo/hn:can@a.example/r",
        "https://john:can?ary@a.example",
        "https://john:can#ary@a.example",
        "https://john:ca n@a.example",
        "https://john:can@ary@a.example",
        "https://john:can",
    ],
)
@pytest.mark.parametrize("name", ["PNL_REVENUE_URL", "PNL_OTLP_URL", "PNL_KALSHI_BASE_URL", "PNL_OIDC_ISSUER"])
def test_an_address_with_a_password_is_refused_without_it(name: str, address: str) -> None:
    text = refusal(**{name: address})

    assert text.startswith(f"{name}=https://")
    assert "can" not in text


def test_a_database_that_is_named_is_used() -> None:
    assert load(PNL_DATABASE_URL="sqlite:////srv/books.db").database_url == "sqlite:////srv/books.db"


@pytest.mark.parametrize(
    "url",
    ["postgresql://h/pnl", "postgresql+psycopg://u:p@h:5433/pnl?sslmode=verify-full", "postgresql:///pnl?host=/run"],
)
def test_a_postgresql_is_named_by_its_url(url: str) -> None:
    assert load(PNL_DATABASE_URL=url).database_url == url


@pytest.mark.parametrize("url", ["postgresql://u:ca%40nary@h/pnl", "postgresql://h/pnl?password=ca%40nary"])
def test_the_password_of_the_database_is_a_secret(url: str) -> None:
    assert load(PNL_DATABASE_URL=url).secrets == ("ca@nary",)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:canary@h/a b",
        "postgresql://h/a b?password=canary",
        "postgresql://u:can/can@nary@h/a b",
        "postgresql://u:can ary@h/x",
        "postgresql://u:can ary",
        "postgresql:/u:can@h/x",
        "u:can@h/x",
    ],
)
def test_a_database_url_that_is_refused_shows_no_password(url: str) -> None:
    text = refusal(PNL_DATABASE_URL=url)

    assert "give sqlite:///" in text
    assert "can" not in text.removeprefix("PNL_DATABASE_URL").partition(": give")[0]


@pytest.mark.parametrize("url", ["redis://h", "rediss://u:p@h:6380/1", "unix:///run/redis.sock"])
def test_a_redis_is_named_by_its_url(url: str) -> None:
    found = load(PNL_REDIS_URL=url).redis_url

    assert found is not None
    assert found.get_secret_value() == url


@pytest.mark.parametrize("url", ["localhost:6379", "http://h", "redis://", "unix://", "redis://:canary@h:port"])
def test_a_url_that_names_no_redis_is_refused_without_showing_its_password(url: str) -> None:
    text = refusal(PNL_REDIS_URL=url)

    assert text.startswith("PNL_REDIS_URL")
    assert "give redis://host:6379/0" in text
    assert "canary" not in text


@pytest.mark.parametrize("more", [{}, {"PNL_DEBUG": "on", "PNL_HOST": "10.0.0.5", "PNL_AUTH": "password"}])
def test_certificates_go_unchecked_for_tests_on_this_machine_alone(more: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match=r"PNL_INSECURE_TLS_HOSTS=feed\.test: .*PNL_DEBUG=on"):
        load(PNL_INSECURE_TLS_HOSTS="feed.test", **more)

    assert load(PNL_INSECURE_TLS_HOSTS="feed.test", PNL_DEBUG="on").insecure_tls_hosts == ("feed.test",)
