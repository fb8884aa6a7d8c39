"""The address of Redis: what it may be, and what is refused without a word of the password."""

import pytest

from pnl.errors import ConfigError
from pnl.redis.address import parse, secrets
from pnl.redis.client import Wire


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost:6379",
        "http://:hunter2@localhost",
        "redis://",
        "redis://:hunter2@:6379",
        "redis://:hunter2@localhost:65536",
        "redis://:hunter2@localhost:0",
        "redis://:hunter2@localhost:many",
        "redis://:hunter2@localhost/first",
        "redis://:hunter2#@localhost/0",
        "redis://:hunter2/@localhost/0",
        "redis://:hunter2?x=1@localhost/0",
        "redis://:hunter2?hunter2=1@localhost/0",
        "redis://user:12?hunter2=1@localhost/0",
        "redis://:hunter2@[::1/0",
        "redis://:hunter2@localhost/0\n",
        "redis://:hunter2",
        "redis://user:hunter2",
        "redis://localhost,other:hunter2@",
        "redis://:hunter2@localhost/0?socket_timeout=60",
        "redis://:hunter2@localhost/0?db=first",
        "redis://:hunter2@localhost/0?ssl_cert_reqs=none",
        "rediss://:hunter2@localhost/0?ssl_cert_reqs=hunter2",
        "unix://?password=hunter2",
        "unix://tmp/redis?password=hunter2",
        "redis+sentinel://",
        "redis+sentinel://:hunter2@/mymaster",
        "redis+sentinel://:hunter2@a:26379,b:26379",
        "redis+sentinel://:hunter2@a:26379,,b:26379/mymaster",
        "redis+sentinel://:hunter2@a:26379/mymaster/first",
        "redis+sentinel://:hunter2@a:70000/mymaster",
        "redis+sentinel://:hunter2@a:0/mymaster",
        "redis+sentinel://:hunter2/@a:1/mymaster",
        "redis+sentinel://:hunter2@a/mymaster?password=hunter2",
        "redis+sentinel://:hunter2@a/mymaster#",
        "unix+sentinel://:hunter2@a/mymaster",
        "redis+cluster://",
        "redis+cluster://:hunter2@a:6379/1",
        "redis+cluster://:hunter2@a:6379,b:many",
        "redis+cluster://:hunter2@a:6379?sentinel_password=hunter2",
        "rediss+cluster://:hunter2@a?ssl_cert_reqs=hunter2",
    ],
)
def test_an_address_that_makes_no_sense_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(ConfigError, match=r"^PNL_REDIS_URL[=:]") as refusal:
        Wire(url, key="{k3f9x2}")

    assert "hunter2" not in str(refusal.value)
    assert refusal.value.__cause__ is None
    assert str(refusal.value).isprintable()


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("redis://:hunter2@localhost/first", "PNL_REDIS_URL=redis://…@localhost/first: give redis://host:6379/0"),
        ("http://localhost", "PNL_REDIS_URL=http://localhost: give redis://host:6379/0"),
        (
            "redis+sentinel://u:hunter2@a:26379,b:26379",
            "PNL_REDIS_URL=redis+sentinel://…@a:26379,b:26379: name the master that the sentinels watch",
        ),
        ("redis+cluster://a:6379/1", "PNL_REDIS_URL=redis+cluster://a:6379/1: a cluster has no databases"),
        ("redis://localhost/0?retry=1", "PNL_REDIS_URL=redis://localhost/0: after the ? only db, ssl_ca_certs"),
    ],
)
def test_a_refusal_names_the_setting_the_value_and_the_cure(url: str, told: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        parse(url)

    assert str(refusal.value).startswith(told)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("redis://localhost", {"host": "localhost"}),
        ("redis://u%40b:p%2Fw@10.0.0.1:6380/3", {"username": "u@b", "password": "p/w", "port": 6380, "db": 3}),
        ("redis://[::1]:6379/", {"host": "::1", "port": 6379}),
        ("rediss://:pw@cache.example.com:6379/0", {"host": "cache.example.com", "password": "pw"}),
        ("unix:///run/redis.sock?db=2&password=pw", {"path": "/run/redis.sock", "db": 2, "password": "pw"}),
    ],
)
def test_the_address_of_one_server_says_where_redis_is(url: str, expected: dict[str, object]) -> None:
    wire = Wire(url, key="{k3f9x2}")

    kwargs = wire.find().get_connection_kwargs()

    assert wire.found
    assert {name: kwargs[name] for name in expected} == expected
    assert (kwargs["socket_timeout"], kwargs["socket_connect_timeout"]) == (0.1, 0.1)
    assert kwargs["retry"].get_retries() == 0


def test_the_address_of_sentinels_names_them_their_password_and_the_database_of_the_master() -> None:
    found = parse("rediss+sentinel://u:p%2Fw@a,[::1]:26380/my-master/3?sentinel_password=s%40&ssl_cert_reqs=none")

    assert found.kind == "sentinel"
    assert found.master == "my-master"
    assert found.urls == (
        "rediss://:s%40@a:26379?ssl_cert_reqs=none",
        "rediss://:s%40@[::1]:26380?ssl_cert_reqs=none",
    )
    assert found.at("fe80::2", 6379) == "rediss://u:p%2Fw@[fe80::2]:6379/3?ssl_cert_reqs=none"
    assert "p%2Fw" not in repr(found)


def test_the_address_of_a_cluster_names_some_of_its_nodes() -> None:
    found = parse("redis+cluster://:pw@a:7000,b/")

    assert found.kind == "cluster"
    assert found.urls == ("redis://:pw@a:7000", "redis://:pw@b:6379")
    assert found.at("c", 7002) == "redis://:pw@c:7002"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("redis://localhost", ()),
        ("redis://user@localhost", ()),
        ("redis://:p%2Fw@localhost", ("p%2Fw", "p/w")),
        ("redis+sentinel://u:pw@a,b/m?sentinel_password=s", ("s", "pw")),
        ("unix:///run/redis.sock?password=pw", ("pw",)),
    ],
)
def test_the_passwords_of_an_address_are_known_so_that_no_log_shows_them(url: str, expected: tuple[str, ...]) -> None:
    assert secrets(url) == expected
