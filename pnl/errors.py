"""Every error this product raises on purpose; the class says what the caller should do.

PnlError
├── ConfigError          stop: a setting makes no sense; the text names it and the cure
├── MoneyError           refuse: an amount is no number, not finite, or too fine
├── BookError            stop: the program contradicts itself (a bug, never bad input)
├── EntryError           ask the person: a manual entry has a wrong field
│   └── EntryConflict    ask the person: somebody else changed the entry meanwhile
├── RuleError            ask the person: a rule of an alert, or a receiver, has a wrong field
│   └── RuleConflict     ask the person: somebody else changed the rule meanwhile, or its name is taken
├── StoreError           the store cannot take or give what was asked
│   ├── StoreUnavailable try again at the next tick
│   ├── StoreDamaged     stop, and put a backup in its place: the database is torn
│   ├── StoreMismatch    stop: the database belongs to other code or to other data
│   ├── Overtaken        try again at once: a manual entry was kept meanwhile that the tick did not know
│   └── Deposed          stop ticking: another process leads, and nothing was written
│       └── LeadershipLost  the same, found out before a write
├── BackupError          a backup cannot be made, read or believed; the text says which and what to do
│   ├── BackupUnreachable  try again later: the place of backups does not answer, or refuses
│   ├── BackupThere      leave it: a file of that name is there already, and is never written over
│   └── BackupAmbiguous  ask the person: backups of several archives are there, and nothing says which is meant
├── ExportError          refuse: an export cannot be made as it was asked for
├── TooManyClients       try again later: every place for a live connection is taken
├── SignInError          nobody is let in by what a provider of OpenID Connect says
│   ├── ProviderUnreachable  try again later: it gives no answer, or none that is documented
│   └── SignInRefused    ask the person to begin anew, or who runs the server to mend a setting; the text says which
├── SecretUnavailable    try again later: a secret cannot be read from where it is kept; the last good one stays
├── PortUnavailable      try again later: somebody else listens there, or the address is not there yet
├── EmbedRefused         ask the person: a token opens no panel
└── SourceError          an upstream could not be read; the last good answer stays
    ├── SourceUnreachable  try again at the next tick: no answer, or none in time
    ├── SourceBroken       try again at the next tick: it answered 5xx
    ├── SourceBusy         wait `retry_after` seconds, then try again: 429
    ├── SourceGarbled      try again, and tell a person: the answer is not what was documented
    ├── SourceRejected     do not repeat the same request: it answered 4xx
    └── SourceRefused      ask the person to mend the key: 401 or 403
"""

from collections.abc import Sequence


class PnlError(Exception):
    """Anything this product raises on purpose."""


class ConfigError(PnlError):
    """A setting makes no sense."""


class MoneyError(PnlError, ValueError):
    """An amount is no decimal number, is not finite, or is finer than its unit."""


class BookError(PnlError):
    """The program was asked for something that contradicts itself."""


class EntryError(PnlError, ValueError):
    """A manual entry has a field that cannot be taken.

    Attributes:
        field: The name of the field.
    """

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


class EntryConflict(EntryError):
    """The version that an edit replaces is not the newest one."""


class RuleError(PnlError, ValueError):
    """A rule of an alert, or a receiver, has a field that cannot be taken.

    Attributes:
        field: The name of the field.
    """

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


class RuleConflict(RuleError):
    """The version that a change replaces is not the newest one, or the name is another rule's."""


class SecretUnavailable(PnlError):
    """A secret cannot be read from where it is kept. The text says why, and nothing of the secret."""


class PortUnavailable(PnlError):
    """Where the product is to listen, it cannot yet. The text names the setting and the cure."""


class EmbedRefused(PnlError):
    """A token, link or ticket opens no panel; the text says why, to whoever sees the panel.

    Attributes:
        expired: Whether a newer one would do.
    """

    def __init__(self, text: str, *, expired: bool = False) -> None:
        super().__init__(text)
        self.expired = expired


class BackupError(PnlError):
    """A backup cannot be made, read or believed."""


class BackupUnreachable(BackupError):
    """The place where backups are does not answer, or refuses."""


class BackupThere(BackupError):
    """A file of that name is there already."""


class BackupAmbiguous(BackupError):
    """Backups of several archives are there, and nothing says which is meant.

    Attributes:
        found: Each series, and what it is.
    """

    def __init__(self, found: Sequence[tuple[str, str]]) -> None:
        super().__init__(f"backups of several archives are there; {self.choice(found)}")
        self.found = tuple(found)

    @staticmethod
    def choice(found: Sequence[tuple[str, str]]) -> str:
        """Return in words how to choose one."""
        return "; or ".join(f"`python -m pnl restore --replace --series {name}` for {what}" for name, what in found)


class ExportError(PnlError, ValueError):
    """An export cannot be made as it was asked for.

    Attributes:
        parameter: The name of what was asked wrongly.
    """

    def __init__(self, parameter: str, text: str) -> None:
        super().__init__(text)
        self.parameter = parameter


class TooManyClients(PnlError):
    """Every place for a live connection is taken, in all or for this address."""


class SignInError(PnlError):
    """A provider of OpenID Connect does not show who somebody is. The text is for that person's eyes."""


class ProviderUnreachable(SignInError):
    """The provider gives no answer, or none that is documented."""


class SignInRefused(SignInError):
    """What the provider or the browser brought proves nothing."""


class StoreError(PnlError):
    """The store cannot take or give what was asked."""


class StoreUnavailable(StoreError):
    """The database is locked, full or gone for now."""


class StoreDamaged(StoreError):
    """The database is torn, or is no database."""


class StoreMismatch(StoreError):
    """The database belongs to other code or to other data."""


class Overtaken(StoreError):
    """A manual entry was kept after the tick had looked for them: nothing was written."""


class Deposed(StoreError):
    """Another process leads: what this one wanted to keep was not written."""


class LeadershipLost(Deposed):
    """The right to tick is held no longer."""


class SourceError(PnlError):
    """An upstream could not be read.

    Attributes:
        source: The source's name, such as `kalshi`.
        retry_after: Seconds that the upstream asked us to wait; None when it did not say.
    """

    def __init__(self, source: str, text: str, *, retry_after: float | None = None) -> None:
        super().__init__(text)
        self.source = source
        self.retry_after = retry_after


class SourceUnreachable(SourceError):
    """No answer came, or none within the deadline."""


class SourceBroken(SourceError):
    """The upstream answered 5xx."""


class SourceBusy(SourceError):
    """The upstream answered 429."""


class SourceGarbled(SourceError):
    """The answer is not what the upstream documents."""


class SourceRejected(SourceError):
    """The upstream answered 4xx: the request is wrong, and repeating it will not help.

    Attributes:
        status: The HTTP status.
    """

    def __init__(self, source: str, text: str, *, status: int, retry_after: float | None = None) -> None:
        super().__init__(source, text, retry_after=retry_after)
        self.status = status


class SourceRefused(SourceRejected):
    """The key is wrong, expired, or may not do this."""
