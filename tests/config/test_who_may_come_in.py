from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from pnl.config import Settings
from pnl.desk.upstreams import left_aside
from pnl.domain.money import DOLLAR
from pnl.errors import ConfigError, PnlError, SecretUnavailable

DATABASE = "give sqlite:///path/to/pnl.db, or postgresql://user@host:5432/name"


def load(env_file: Path | None = None, /, **given: str) -> Settings:
    return Settings.load(given, env_file)


def refusal(env_file: Path | None = None, kind: type[PnlError] = ConfigError, /, **given: str) -> str:
    """Return the line with which a start is refused."""
    with pytest.raises(kind) as caught:
        load(env_file, **given)
    text = str(caught.value)
    assert "\n" not in text
    return text


def test_nothing_set_is_a_sandbox_on_loopback() -> None:
    settings = load()

    assert settings.demo
    assert settings.address == "127.0.0.1:8050"
    assert settings.database_url == "sqlite:///data/demo.db"
    assert settings.interval_seconds == 10
    assert settings.source_timeout_seconds == 3
    assert settings.zone == ZoneInfo("America/New_York")
    assert settings.secrets == ()


@pytest.mark.parametrize(
    "given",
    [
        {"PNL_KALSHI_KEY_ID": "id", "PNL_KALSHI_PRIVATE_KEY": "pem"},
        {"PNL_ANTHROPIC_ADMIN_KEY": "key"},
        {"PNL_REVENUE_URL": "http://127.0.0.1:9000"},
        {"PNL_REVENUE_CSV": "revenue.csv"},
        {"PNL_STRIPE_KEY": "rk"},
        {"PNL_SANDBOX": "off"},
    ],
)
def test_real_figures_are_kept_apart_from_demo_figures(given: dict[str, str]) -> None:
    settings = load(**given, PNL_DATA_DIR="/var/lib/pnl")

    assert not settings.demo
    assert settings.database_url == "sqlite:////var/lib/pnl/pnl.db"


def test_the_sandbox_can_be_asked_for_beside_keys() -> None:
    settings = load(PNL_STRIPE_KEY="rk", PNL_STRIPE_BASE_URL="https://stripe.example", PNL_SANDBOX="on")

    assert settings.demo
    assert settings.database_url == "sqlite:///data/demo.db"


def test_what_the_sandbox_leaves_aside_is_named_and_no_value_of_it() -> None:
    aside = {"PNL_KALSHI_BASE_URL": "https://kalshi.example", "PNL_STRIPE_KEY": "rk", "PNL_REVENUE_CSV": "revenue.csv"}

    assert left_aside(load(**aside, PNL_SANDBOX="on")) == (
        "PNL_KALSHI_BASE_URL",
        "PNL_REVENUE_CSV",
        "PNL_STRIPE_KEY",
    )
    assert left_aside(load(PNL_SANDBOX="on")) == ()
    assert left_aside(load(PNL_STRIPE_KEY="rk")) == ()


def test_a_database_that_is_named_is_used() -> None:
    assert load(PNL_DATABASE_URL="sqlite:////srv/books.db").database_url == "sqlite:////srv/books.db"


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


@pytest.mark.parametrize(
    ("name", "value", "cure"),
    [
        ("PNL_PORT", "abc", "give a whole number from 1 to 65535"),
        ("PNL_PORT", "0", "give a whole number from 1 to 65535"),
        ("PNL_PORT", "65536", "give a whole number from 1 to 65535"),
        ("PNL_PORT", "8050.0", "give a whole number from 1 to 65535"),
        ("PNL_INTERVAL_SECONDS", "7", "give 1, 5, 10, 30 or 60 seconds"),
        ("PNL_SOURCE_TIMEOUT_SECONDS", "0", "give seconds above 0 and up to 60, such as 3 or 2.5"),
        ("PNL_SOURCE_TIMEOUT_SECONDS", "nan", "give seconds above 0 and up to 60, such as 3 or 2.5"),
        ("PNL_TIME_ZONE", "Mars/Olympus", "give a name from the IANA list, such as America/New_York or UTC"),
        ("PNL_TIME_ZONE", "../etc/passwd", "give a name from the IANA list, such as America/New_York or UTC"),
        ("PNL_SANDBOX", "yes", "give auto or on or off"),
        ("PNL_MARK", "last", "give bid or mid"),
        ("PNL_ANTHROPIC_MODE", "beta", "give auto or analytics or legacy"),
        ("PNL_REVENUE_PRIMARY", "paypal", "give feed, csv, stripe or manual"),
        ("PNL_REVENUE_CSV", "/nowhere/at/all.csv", "give the path of a file in a folder that exists"),
        ("PNL_REVENUE_CSV", "/tmp", "give the path of a file in a folder that exists"),  # noqa: S108
        ("PNL_DATA_DIR", __file__, "there is a file of that name; give a folder"),
        ("PNL_DATA_DIR", "~nobody-has-this-name/x", "there is no user of that name; give a path from the root"),
        ("PNL_DATABASE_URL", "mysql://x", DATABASE),
        ("PNL_DATABASE_URL", "sqlite:///:memory:", DATABASE),
        ("PNL_DATABASE_URL", "postgresql://", DATABASE),
        ("PNL_DATABASE_URL", "postgresql://h/my database", DATABASE),
        ("PNL_DATABASE_URL", "postgresql+asyncpg://h/pnl", DATABASE),
        ("PNL_STALE_KALSHI_SECONDS", "-1", "give a whole number from 1 to 1000000"),
        ("PNL_KALSHI_SUBACCOUNT", "one", "give a whole number from 0 to 1000000"),
        ("PNL_HOST", "http://127.0.0.1", "give a name or an address without a port, such as 127.0.0.1"),
    ],
)
def test_a_value_that_makes_no_sense_is_told_with_its_cure(name: str, value: str, cure: str) -> None:
    assert refusal(**{name: value}) == f"{name}={value}: {cure}"


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


@pytest.mark.parametrize("interval", [1, 5, 10, 30, 60])
def test_the_beat_can_be_chosen(interval: int) -> None:
    assert load(PNL_INTERVAL_SECONDS=str(interval)).interval_seconds == interval


def test_a_time_out_may_have_decimals() -> None:
    assert load(PNL_SOURCE_TIMEOUT_SECONDS="2.5").source_timeout_seconds == 2.5


def test_the_default_of_what_cannot_be_chosen_yet_may_be_spelled_out() -> None:
    assert load(PNL_MAX_CLIENTS="10000", PNL_AUTH="none", PNL_ROLE="all") == load()


def test_a_base_address_loses_its_last_slash() -> None:
    assert load(PNL_REVENUE_URL="http://127.0.0.1:9000/feed/").revenue_url == "http://127.0.0.1:9000/feed"


def test_a_message_shows_no_password_of_an_address() -> None:
    assert refusal(PNL_REVENUE_URL="https://john:canary@a.example").startswith("PNL_REVENUE_URL=https://…@a.example: ")


def test_a_message_stays_on_one_short_line() -> None:
    assert len(refusal(PNL_SANDBOX="on\noff" * 200)) < 150


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


OIDC = {
    "PNL_AUTH": "oidc",
    "PNL_OIDC_ISSUER": "https://id.example.com/",
    "PNL_OIDC_CLIENT_ID": "northstar",
    "PNL_OIDC_CLIENT_SECRET": "a secret of theirs",
    "PNL_VIEWERS": "@example.com",
}


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


@pytest.mark.parametrize(("text", "amount"), [("500", 500 * DOLLAR), ("1250.50", 1250 * DOLLAR + DOLLAR // 2)])
def test_a_monthly_budget_is_exact_dollars(text: str, amount: int) -> None:
    assert load().budget_api_monthly is None
    assert load(PNL_BUDGET_API_MONTHLY=text).budget_api_monthly == amount


@pytest.mark.parametrize("text", ["0", "0.00", "-5", "$500", "1,250", "5e2", "0.005", "NaN", "\u0665", "9999999999"])
def test_a_budget_that_is_no_amount_of_dollars_is_refused(text: str) -> None:
    assert refusal(PNL_BUDGET_API_MONTHLY=text) == (
        f"PNL_BUDGET_API_MONTHLY={text}: give dollars above 0, as a decimal without a currency sign, such as 500 or "
        "1250.50"
    )


@pytest.mark.parametrize("role", ["web", "aggregator"])
def test_a_process_with_half_the_work_needs_the_redis_that_joins_it_to_the_other_half(role: str) -> None:
    assert refusal(PNL_ROLE=role) == f"PNL_ROLE={role} is set, and PNL_REDIS_URL is not: set both, or neither"
    assert load(PNL_ROLE=role, PNL_REDIS_URL="redis://localhost").role == role


@pytest.mark.parametrize(
    "url",
    ["postgresql://h/pnl", "postgresql+psycopg://u:p@h:5433/pnl?sslmode=verify-full", "postgresql:///pnl?host=/run"],
)
def test_a_postgresql_is_named_by_its_url(url: str) -> None:
    assert load(PNL_DATABASE_URL=url).database_url == url


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


def test_a_base_address_may_have_an_at_sign_in_its_path() -> None:
    assert load(PNL_REVENUE_URL="https://a.example/@me/r").revenue_url == "https://a.example/@me/r"
    assert load(PNL_REVENUE_URL="https://a.example:8443/%40me/r").revenue_url == "https://a.example:8443/%40me/r"


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


def test_marks_may_be_kept_shorter_or_longer() -> None:
    assert load(PNL_RETENTION_MARKS_DAYS="30").retention_marks_days == 30
    assert "from 7 to 36500" in refusal(PNL_RETENTION_MARKS_DAYS="6")


def test_the_limits_of_live_connections_are_taken() -> None:
    found = load(PNL_MAX_CLIENTS="50", PNL_MAX_CLIENTS_PER_ADDRESS="5", PNL_EMBED_MAX_CLIENTS="7")

    assert (found.max_clients, found.max_clients_per_address, found.embed_max_clients) == (50, 5, 7)


@pytest.mark.parametrize(
    ("given", "other"),
    [
        ({"PNL_KALSHI_KEY_ID": "id"}, "PNL_KALSHI_PRIVATE_KEY"),
        ({"PNL_KALSHI_PRIVATE_KEY": "canary"}, "PNL_KALSHI_KEY_ID"),
        ({"PNL_KALSHI_BASE_URL": "http://127.0.0.1:1"}, "PNL_KALSHI_KEY_ID"),
        ({"PNL_ANTHROPIC_BASE_URL": "http://127.0.0.1:1"}, "PNL_ANTHROPIC_ADMIN_KEY"),
        ({"PNL_STRIPE_BASE_URL": "http://127.0.0.1:1"}, "PNL_STRIPE_KEY"),
        ({"PNL_REVENUE_TOKEN": "canary"}, "PNL_REVENUE_URL"),
        ({"PNL_REVENUE_MAPPING": "mapping.toml"}, "PNL_REVENUE_URL"),
    ],
)
def test_half_a_pair_is_refused_naming_both(given: dict[str, str], other: str) -> None:
    (name,) = given

    assert refusal(**given) == f"{name} is set, and {other} is not: set both, or neither"


@pytest.mark.parametrize(
    ("source", "other"), [("feed", "PNL_REVENUE_URL"), ("csv", "PNL_REVENUE_CSV"), ("stripe", "PNL_STRIPE_KEY")]
)
def test_the_first_among_sources_of_revenue_must_be_one_of_them(source: str, other: str) -> None:
    text = refusal(PNL_REVENUE_PRIMARY=source)

    assert text == f"PNL_REVENUE_PRIMARY={source} is set, and {other} is not: set both, or neither"


def test_the_first_among_sources_of_revenue_is_known_by_its_full_name() -> None:
    settings = load(PNL_REVENUE_PRIMARY="feed", PNL_REVENUE_URL="http://localhost:9000")

    assert settings.revenue_primary == "revenue.feed"
    assert load(PNL_REVENUE_PRIMARY="manual").revenue_primary == "manual"


def test_sites_that_may_frame_panels_are_told_as_browsers_tell_them() -> None:
    settings = load(PNL_EMBED_PARENTS="HTTPS://Wiki.example.com:443/, http://localhost:8080, https://wiki.example.com")

    assert settings.embed_parents == ("https://wiki.example.com", "http://localhost:8080")


@pytest.mark.parametrize(
    "value", ["*", "https://*", "https://*.example.com", "wiki.example.com", "https://wiki.example.com/page", "null"]
)
def test_a_wildcard_or_anything_else_that_is_no_site_is_refused(value: str) -> None:
    text = refusal(PNL_EMBED_PARENTS=value)

    assert text.startswith(f"PNL_EMBED_PARENTS={value}: give origins such as ")
    assert "no wildcard" in text


@pytest.mark.parametrize("value", ["short", "wiki=short", f"={'s' * 32}", f"a={'s' * 32},b={'t' * 32},c={'u' * 32}"])
def test_keys_of_hosts_that_make_no_sense_are_refused_without_being_shown(value: str) -> None:
    text = refusal(PNL_EMBED_PARENTS="https://wiki.example.com", PNL_EMBED_KEYS=value)

    assert text.startswith("PNL_EMBED_KEYS: give one or two keys as NAME=SECRET")
    assert "sss" not in text


def test_keys_of_hosts_need_sites_that_may_frame() -> None:
    assert "PNL_EMBED_PARENTS" in refusal(PNL_EMBED_KEYS=f"wiki={'s' * 32}")


def test_a_short_secret_key_is_refused() -> None:
    assert "32 bytes or more" in refusal(PNL_SECRET_KEY="short")


@pytest.mark.parametrize("more", [{}, {"PNL_DEBUG": "on", "PNL_HOST": "10.0.0.5", "PNL_AUTH": "password"}])
def test_certificates_go_unchecked_for_tests_on_this_machine_alone(more: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match=r"PNL_INSECURE_TLS_HOSTS=feed\.test: .*PNL_DEBUG=on"):
        load(PNL_INSECURE_TLS_HOSTS="feed.test", **more)

    assert load(PNL_INSECURE_TLS_HOSTS="feed.test", PNL_DEBUG="on").insecure_tls_hosts == ("feed.test",)
