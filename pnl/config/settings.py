"""The settings: their names, their defaults, and what must go together."""

import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, PrivateAttr, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from pnl.access.address import is_loopback
from pnl.config import values
from pnl.config.layers import Names, files_of, read_dotenv, read_secret, resolve, shown
from pnl.config.unread import UnreadSecret, read_as
from pnl.domain.money import Nano
from pnl.errors import ConfigError, SecretUnavailable
from pnl.redis import address
from pnl.secrets import Keyring, Reference, reference

PREFIX = "PNL_"
KALSHI = "https://external-api.kalshi.com/trade-api/v2"
ANTHROPIC = "https://api.anthropic.com"
STRIPE = "https://api.stripe.com"


def _is_demo(given: Mapping[str, Any]) -> bool:
    named = ("kalshi_key_id", "anthropic_admin_key", "revenue_url", "revenue_csv", "stripe_key")
    return given["sandbox"] == "on" or (given["sandbox"] == "auto" and not any(given[name] for name in named))


def _database_of(given: Mapping[str, Any]) -> str:
    # What is invented and what is real never share a file.
    return f"sqlite:///{given['data_dir'] / ('demo.db' if _is_demo(given) else 'pnl.db')}"


Base = Annotated[str, BeforeValidator(values.web_base)]
Count = Annotated[int, values.whole(1, 1_000_000)]
Secret = SecretStr | None


class Settings(BaseSettings):
    """What an operator may choose; each field is the setting `PNL_` and its name in capitals."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="forbid", hide_input_in_errors=True, validate_default=False
    )

    _kept: dict[str, Reference] = PrivateAttr(default_factory=dict)
    _keyring: Keyring | None = PrivateAttr(default=None)

    host: Annotated[str, BeforeValidator(values.host)] = "127.0.0.1"
    port: Annotated[int, values.whole(1, 65_535)] = 8050
    data_dir: Annotated[Path, BeforeValidator(values.folder)] = Path("data")
    redis_url: Annotated[Secret, read_as(values.redis)] = None
    interval_seconds: Annotated[int, BeforeValidator(values.interval)] = 10
    source_timeout_seconds: Annotated[float, BeforeValidator(values.seconds)] = 3.0
    time_zone: Annotated[str, BeforeValidator(values.zone)] = "America/New_York"
    sandbox: Annotated[Literal["auto", "on", "off"], values.one_of("auto", "on", "off")] = "auto"
    kalshi_base_url: Base = KALSHI
    kalshi_key_id: str | None = None
    kalshi_private_key: Secret = None
    kalshi_subaccount: Annotated[int, values.whole(0, 1_000_000)] | None = None
    anthropic_base_url: Base = ANTHROPIC
    anthropic_admin_key: Secret = None
    anthropic_mode: Annotated[Literal["auto", "analytics", "legacy"], values.one_of("auto", "analytics", "legacy")] = (
        "auto"
    )
    revenue_url: Base | None = None
    revenue_token: Secret = None
    revenue_csv: Annotated[Path, BeforeValidator(values.file)] | None = None
    revenue_mapping: Annotated[Path, BeforeValidator(values.file)] | None = None
    revenue_primary: Annotated[str, BeforeValidator(values.revenue_source)] | None = None
    stripe_base_url: Base = STRIPE
    stripe_key: Secret = None
    auth: Annotated[
        Literal["none", "password", "proxy", "oidc"], values.one_of("none", "password", "proxy", "oidc")
    ] = "none"
    open_to: Annotated[tuple[str, ...], BeforeValidator(values.doors)] = ()
    hosts: Annotated[tuple[str, ...], BeforeValidator(values.hosts)] = ()
    trusted_proxies: Annotated[tuple[str, ...], BeforeValidator(values.networks)] = ()
    proxy_user_header: Annotated[str, BeforeValidator(values.header)] = "X-Forwarded-User"
    oidc_issuer: Annotated[str, BeforeValidator(values.issuer)] | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: Secret = None
    oidc_claim: Annotated[str, BeforeValidator(values.claim)] = "email"
    editors: Annotated[tuple[str, ...], BeforeValidator(values.people)] = ()
    viewers: Annotated[tuple[str, ...], BeforeValidator(values.people)] = ()
    session_hours: Annotated[int, values.whole(1, 720)] = 168
    secret_key: Annotated[Secret, read_as(values.signing_secret)] = None
    secret_key_previous: Annotated[Secret, read_as(values.signing_secret)] = None
    embed_parents: Annotated[tuple[str, ...], BeforeValidator(values.origins)] = ()
    embed_keys: Annotated[Secret, read_as(values.embed_keys)] = None
    embed_requests_per_minute: Annotated[int, values.whole(10, 1_000_000)] = 1_200
    embed_max_clients: Annotated[int, values.whole(1, 1_000_000)] = 1_000
    max_clients: Annotated[int, values.whole(1, 1_000_000)] = 10_000
    max_clients_per_address: Annotated[int, values.whole(1, 1_000_000)] = 100
    mark: Annotated[Literal["bid", "mid"], values.one_of("bid", "mid")] = "bid"
    stale_kalshi_seconds: Count = 30
    stale_anthropic_seconds: Count = 900
    stale_revenue_seconds: Count = 108_000
    alerts_file: Annotated[Path, BeforeValidator(values.file)] | None = None
    budget_api_monthly: Annotated[Nano, BeforeValidator(values.budget)] | None = None
    retention_marks_days: Annotated[int, values.whole(7, 36_500)] = 400
    sentry_dsn: Annotated[Secret, read_as(values.sentry)] = None
    otlp_url: Base | None = None
    debug: Annotated[Literal["on", "off"], values.one_of("on", "off")] = "off"
    insecure_tls_hosts: Annotated[tuple[str, ...], BeforeValidator(values.hosts)] = ()
    spool_mb: Annotated[int, values.whole(0, 4_096)] = 16
    spool_folder: Annotated[Path, BeforeValidator(values.folder)] | None = None
    backup_folder: Annotated[Path, BeforeValidator(values.folder)] | None = None
    backup_bucket: Annotated[str, BeforeValidator(values.bucket)] | None = None
    backup_endpoint: Base | None = None
    backup_hours: Annotated[int, values.whole(1, 168)] = 1
    backup_keep_days: Annotated[int, values.whole(7, 3_650)] = 35
    role: Annotated[Literal["all", "web", "aggregator"], values.one_of("all", "web", "aggregator")] = "all"
    database_url: Annotated[str, BeforeValidator(values.database)] = Field(default_factory=_database_of)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the library's signature
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take nothing but what `load` has put together, so that no layer slips past its checks."""
        return (init_settings,)

    @classmethod
    def load(
        cls,
        environ: Mapping[str, str] | None = None,
        env_file: Path | None = Path(".env"),
        *,
        when_used: bool = False,
    ) -> Self:
        """Return the settings in force. A setting given as empty text counts as not given.

        Args:
            environ: The environment; None for that of this process.
            env_file: Read after the environment, which wins; it need not exist. None for none.
            when_used: Whether a secret that is kept elsewhere is read no earlier than somebody uses it: a command
                that needs none goes on while their store is away.

        Raises:
            ConfigError: A setting is unknown, makes no sense, misses its other half, or asks for what
                this version does not have. The text is one line.
            SecretUnavailable: A secret cannot be read from where it is kept, and may be later on. The text is one line.
        """
        environ = os.environ if environ is None else environ
        given: dict[str, str] = {}
        kept: dict[str, Reference] = {}
        keyring = Keyring(environ)
        read_file = (lambda _name, path: path) if when_used else read_secret
        for layer, where in ((read_dotenv(env_file), f" in {env_file}") if env_file else ({}, ""), (environ, "")):
            found = resolve(layer, NAMES, where, read_file)
            files = {name: Reference("file", path) for name, path in files_of(layer, NAMES).items()}
            kept = {name: one for name, one in kept.items() if name not in found} | files
            given |= found
        for name in given.keys() & NAMES.secrets - kept.keys():
            one = _reference(name, given[name])
            if one:
                kept[name] = one
                given[name] = given[name] if when_used else _fetched(name, one, keyring)
        held: dict[str, str | SecretStr] = dict(given)
        if when_used:
            read = partial(_fetched, keyring=keyring)
            held |= {name: UnreadSecret(name, one, read) for name, one in kept.items()}
        try:
            made = cls.model_validate({name.removeprefix(PREFIX).lower(): value for name, value in held.items()})
            if kept:
                made._kept, made._keyring = kept, keyring
            return made
        except ValidationError as error:
            wrong = error.errors(include_url=False)[0]
            name = f"{PREFIX}{wrong['loc'][0]}".upper()
            raise ConfigError(f"{shown(name, given[name], NAMES)}: {wrong['ctx']['error']}") from None

    @property
    def keyring(self) -> Keyring | None:
        """What reads the secrets that are kept elsewhere; None where there are none."""
        return self._keyring

    @property
    def origins(self) -> dict[str, str]:
        """Where each secret that is set comes from, by the name of its setting; nothing of the secret itself."""
        given = (name for name in sorted(NAMES.secrets) if getattr(self, name.removeprefix(PREFIX).lower()) is not None)
        return {name: str(self._kept.get(name, "the environment or .env")) for name in given}

    def renewed(self, *, anew: bool = False) -> Self:
        """Return the settings with the secrets as they are kept now; the very same if none has changed.

        Args:
            anew: Whether to ask where they are kept even if that was done lately.
        """
        changed: dict[str, SecretStr] = {}
        keyring = self._keyring
        if keyring is None:
            return self
        for name, one in self._kept.items():
            field = name.removeprefix(PREFIX).lower()
            held: SecretStr | None = getattr(self, field)
            try:
                found = keyring.read(one, anew=anew)
            except SecretUnavailable:
                continue  # it was told; what is held stays
            if held and held.get_secret_value() != found:
                changed[field] = SecretStr(found)
        return self.model_copy(update=changed) if changed else self

    def opened(self) -> tuple[Self, dict[str, str]]:
        """Return the settings with every secret read that was left for its use, and by setting why one cannot be."""
        found: dict[str, SecretStr] = {}
        wrong: dict[str, str] = {}
        for field, value in self:
            if isinstance(value, UnreadSecret):
                try:
                    found[field] = SecretStr(value.get_secret_value())
                except (ConfigError, SecretUnavailable) as error:
                    wrong[value.name] = str(error)
        return self.model_copy(update=found), wrong

    @model_validator(mode="after")
    def _whole_pairs(self) -> Self:
        real = self.sandbox != "on"
        for wrong, name, other in (
            (self.kalshi_key_id and not self.kalshi_private_key, "KALSHI_KEY_ID", "KALSHI_PRIVATE_KEY"),
            (self.kalshi_private_key and not self.kalshi_key_id, "KALSHI_PRIVATE_KEY", "KALSHI_KEY_ID"),
            (self.revenue_token and not self.revenue_url, "REVENUE_TOKEN", "REVENUE_URL"),
            (self.revenue_mapping and not self.revenue_url, "REVENUE_MAPPING", "REVENUE_URL"),
            (real and self.kalshi_base_url != KALSHI and not self.kalshi_key_id, "KALSHI_BASE_URL", "KALSHI_KEY_ID"),
            (
                real and self.anthropic_base_url != ANTHROPIC and not self.anthropic_admin_key,
                "ANTHROPIC_BASE_URL",
                "ANTHROPIC_ADMIN_KEY",
            ),
            (real and self.stripe_base_url != STRIPE and not self.stripe_key, "STRIPE_BASE_URL", "STRIPE_KEY"),
            (self.role != "all" and not self.redis_url, f"ROLE={self.role}", "REDIS_URL"),
            (self.revenue_primary == "revenue.feed" and not self.revenue_url, "REVENUE_PRIMARY=feed", "REVENUE_URL"),
            (self.revenue_primary == "revenue.csv" and not self.revenue_csv, "REVENUE_PRIMARY=csv", "REVENUE_CSV"),
            (self.revenue_primary == "revenue.stripe" and not self.stripe_key, "REVENUE_PRIMARY=stripe", "STRIPE_KEY"),
            (self.backup_endpoint and not self.backup_bucket, "BACKUP_ENDPOINT", "BACKUP_BUCKET"),
            (self.embed_keys and not self.embed_parents, "EMBED_KEYS", "EMBED_PARENTS"),
            (self.secret_key_previous and not self.secret_key, "SECRET_KEY_PREVIOUS", "SECRET_KEY"),
        ):
            if wrong:
                raise ConfigError(
                    f"{PREFIX}{name} is set, and {PREFIX}{other} is not: "
                    f"set {PREFIX}{other}, too, or leave {PREFIX}{name} out"
                )
        return self

    @model_validator(mode="after")
    def _somebody_at_the_door(self) -> Self:
        if self.auth == "none" and self.role != "aggregator" and not is_loopback(self.host) and not self.open_to:
            raise ConfigError(
                f"{PREFIX}HOST={self.host}: anybody who reaches that address could read everything; set {PREFIX}AUTH "
                "to password, proxy or oidc, or leave it at 127.0.0.1 and come in through a tunnel "
                "(ssh -L 8050:127.0.0.1:8050 this-machine)"
            )
        if self.insecure_tls_hosts and (self.debug != "on" or not is_loopback(self.host)):
            raise ConfigError(
                f"{PREFIX}INSECURE_TLS_HOSTS={','.join(self.insecure_tls_hosts)}: whoever is on the way to such a host "
                f"can read the key and invent figures; remove it, or for a test alone set {PREFIX}DEBUG=on and leave "
                f"{PREFIX}HOST at 127.0.0.1"
            )
        if self.open_to and (self.auth != "none" or self.trusted_proxies):
            other = f"AUTH={self.auth}" if self.auth != "none" else "TRUSTED_PROXIES"
            raise ConfigError(
                f"{PREFIX}OPEN_TO and {PREFIX}{other} are both set: the first lets an address in without a sign-in, "
                "so that behind a proxy everybody would be; keep one of them"
            )
        people = self.editors or self.viewers
        oidc = self.auth == "oidc"
        for wrong, name, cure in (
            (self.auth == "proxy" and not self.trusted_proxies, "TRUSTED_PROXIES", "the addresses of the proxy"),
            (oidc and not self.oidc_issuer, "OIDC_ISSUER", "the provider's address, such as https://id.example.com"),
            (oidc and not self.oidc_client_id, "OIDC_CLIENT_ID", "the name by which the provider knows this server"),
            (oidc and not self.oidc_client_secret, "OIDC_CLIENT_SECRET", "the secret that the provider gave"),
            (
                self.auth in ("proxy", "oidc") and not people,
                "EDITORS",
                "who may come in, here or in PNL_VIEWERS; * is everybody",
            ),
        ):
            if wrong:
                raise ConfigError(f"{PREFIX}AUTH={self.auth} needs {PREFIX}{name}: give {cure}")
        if people and self.auth not in ("proxy", "oidc"):
            raise ConfigError(
                f"{PREFIX}EDITORS or {PREFIX}VIEWERS is set, and {PREFIX}AUTH is not proxy or oidc: users who sign in "
                "with a password have their role from `python -m pnl users`"
            )
        if self.oidc_issuer and not oidc:
            raise ConfigError(
                f"{PREFIX}OIDC_ISSUER is set, and {PREFIX}AUTH is not oidc: set {PREFIX}AUTH=oidc, or remove it"
            )
        return self

    @property
    def demo(self) -> bool:
        """True when the figures come from the built-in sandbox."""
        return _is_demo(dict(self))

    @property
    def zone(self) -> ZoneInfo:
        """The company's time zone."""
        return ZoneInfo(self.time_zone)

    @property
    def address(self) -> str:
        """Where to listen, as `host:port`; an IPv6 host stands in brackets."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every secret value that was read, for the log to leave out."""
        known = {
            name: value.get_secret_value()
            for name, value in self
            if isinstance(value, SecretStr) and not isinstance(value, UnreadSecret)
        }
        given = known.values()
        redis = address.secrets(known["redis_url"]) if "redis_url" in known else ()
        return (*given, *values.passwords(self.database_url), *redis)


def _reference(name: str, text: str) -> Reference | None:
    try:
        return reference(text)
    except ValueError as error:
        raise ConfigError(f"{name} names a place of a secret that makes no sense: {error}") from None


def _fetched(name: str, one: Reference, keyring: Keyring) -> str:
    try:
        return keyring.read(one)
    except (ConfigError, SecretUnavailable) as error:
        raise type(error)(f"{name} is kept at {one}, which cannot be read: {error}") from error


NAMES = Names(
    prefix=PREFIX,
    plain=frozenset(f"{PREFIX}{name}".upper() for name in Settings.model_fields),
    secrets=frozenset(
        f"{PREFIX}{name}".upper() for name, field in Settings.model_fields.items() if field.annotation == Secret
    ),
)
"""Every setting by the name that an operator writes."""
