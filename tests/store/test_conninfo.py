"""The address of a PostgreSQL: what it may be, and what is refused without a word of the password."""

from urllib.parse import quote

import psycopg
import pytest

from pnl.config.values import passwords
from pnl.errors import ConfigError
from pnl.store import claim_of, open_store
from pnl.store.conninfo import name, parsed
from pnl.store.postgres import Postgres
from tests.services import PostgresServer

LETTERS = "p/?#@:[]%&=+ \\'\"é"
"""What has a meaning in an address, or may have one for whoever reads it."""


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:canary/canary@h:1/x",
        "postgresql://u:12/canary@h:1/x",
        "postgresql://u:12/?canary@h/x",
        "postgresql://u:canary@canary@h:1",
        "postgresql://u:12@canary@h:1/x",
        "postgresql://u:12@canary/1@h/x",
        "postgresql://u:12@canary#1@h/x",
        "postgresql://u?:12@canary@h/x",
        "postgresql://u/v:canary@h/x",
        "postgresql://u/v:12@canary@h/x",
        "postgresql://u@v:canary@h/x",
        "postgresql://u@v:12@h/x?password=canary",
        "postgresql://u:canary",
        "postgresql://u:canary/x",
        "postgresql://u:canary%ZZ@h/x",
        "postgresql+psycopg://u:canary/canary@h/x",
        "postgresql:/u:canary@h/x",
        "postgresql+asyncpg://u:canary@h/x",
        "postgres://u:12/canary@h:canary/x",
        "mysql://u:canary@canary@h/x",
        "u:canary@h/x",
    ],
)
def test_an_address_whose_password_may_be_anywhere_is_refused_without_it(url: str) -> None:
    for ask in (lambda: open_store(url, demo=False), lambda: claim_of(url)):
        with pytest.raises(ConfigError, match=r"^PNL_DATABASE_URL .*: write ") as refused:
            ask()

        assert "canary" not in str(refused.value)
        assert refused.value.__cause__ is None


def test_the_refusal_says_how_a_password_is_written() -> None:
    with pytest.raises(ConfigError, match="%40 for an @ and %2F for a / in a user or a password"):
        parsed("postgresql://u:can/ary@h/x")


@pytest.mark.parametrize(
    ("url", "called"),
    [
        ("postgresql://h/pnl", "postgresql://h/pnl"),
        ("postgresql+psycopg://u:canary@h:5433/pnl?sslmode=require", "postgresql://u@h:5433/pnl"),
        ("postgresql:///pnl?host=/run/postgresql&user=ann@corp", "postgresql://ann@corp@/run/postgresql/pnl"),
        ("postgresql://u:canary@%2Frun%2Fpostgresql/pnl", "postgresql://u@/run/postgresql/pnl"),
        ("postgresql://u:canary@a:1,b:2/pnl", "postgresql://u@a,b:1,2/pnl"),
        ("postgresql://u:canary@[fe80::1%25lo]:1/pnl", "postgresql://u@fe80::1%lo:1/pnl"),
        ("postgresql://u:canary?#:[x@my-host.example.com", "postgresql://u@my-host.example.com/"),
        ("postgresql://u%40corp:canary%2F@h/a%2Fb", "postgresql://u@corp@h/a/b"),
    ],
)
def test_an_address_is_called_by_what_is_no_password(url: str, called: str) -> None:
    assert name(parsed(url)) == called
    assert all("canary" in password for password in passwords(url))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://h/x", ()),
        ("postgresql://u@h:1/x", ()),
        ("postgresql://u:a%2Fb+c@h/x", ("a/b+c",)),
        ("postgresql://u:a?b#c:[d@h/x", ("a?b#c:[d",)),
        ("postgresql://h/x?user=u@v:w&password=a+b%40&sslpassword=s", ("a+b@", "s")),
        ("sqlite:////srv/a:b@c/pnl.db", ()),
    ],
)
def test_the_passwords_of_an_address_are_known_as_libpq_reads_them(url: str, expected: tuple[str, ...]) -> None:
    assert passwords(url) == expected


def test_a_password_of_any_letters_goes_in_where_it_is_written_so(own_postgres: PostgresServer) -> None:
    database = own_postgres.create()
    with psycopg.connect(own_postgres.url(database), autocommit=True) as owner:
        owner.execute(f"CREATE ROLE \"u/@:\" LOGIN SUPERUSER PASSWORD '{LETTERS.replace(chr(39), chr(39) * 2)}'")
        own_postgres.require_passwords_of('"u/@:"')
        owner.execute("SELECT pg_reload_conf()")
    place = f"127.0.0.1:{own_postgres.port}/{database}"
    url = f"postgresql://{quote('u/@:', safe='')}:{quote(LETTERS, safe='')}@{place}"

    store, claim = open_store(url, demo=False), claim_of(url)
    taken = claim.take()
    claim.release()
    store.close()
    wrong = url.replace("%C3%A9", "")

    assert taken
    assert passwords(url) == (LETTERS,)
    with (
        pytest.raises(psycopg.OperationalError, match="password authentication failed"),
        Postgres(wrong, lock_seconds=2).alone(),
    ):
        pass
