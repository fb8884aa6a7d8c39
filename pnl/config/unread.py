"""A secret that is set and kept elsewhere, and is read when somebody uses it: most commands never do."""

from collections.abc import Callable

from pydantic import BeforeValidator, SecretStr

from pnl.errors import ConfigError
from pnl.secrets import Reference

Check = Callable[[str], str]


class UnreadSecret(SecretStr):
    """Counts as given; what it is, is asked for at each use.

    Args:
        name: The setting.
        one: Where it is kept.
        read: Reads it, or raises SecretUnavailable or ConfigError.
        check: Returns its text, or raises a ValueError whose text is the cure.
    """

    def __init__(
        self, name: str, one: Reference, read: Callable[[str, Reference], str], check: Check = lambda text: text
    ) -> None:
        super().__init__("")
        self.name, self.one, self._read, self._check = name, one, read, check

    def get_secret_value(self) -> str:
        """Return the secret as it is kept now.

        Raises:
            SecretUnavailable: It cannot be read, and may be later on. The text is one line.
            ConfigError: It makes no sense, or nothing says how to read it.
        """
        text = self._read(self.name, self.one)
        try:
            return self._check(text)
        except ValueError as error:
            raise ConfigError(f"{self.name}: {error}") from None

    def checked(self, check: Check) -> "UnreadSecret":
        """Return the same, whose text is checked when it is read."""
        return UnreadSecret(self.name, self.one, self._read, check)

    def __bool__(self) -> bool:
        """Tell that it is given."""
        return True

    def __eq__(self, other: object) -> bool:
        """Tell whether both are kept in the same place."""
        return isinstance(other, UnreadSecret) and (self.name, self.one) == (other.name, other.one)

    def __hash__(self) -> int:
        """Return what goes with equality."""
        return hash((self.name, self.one))

    def _display(self) -> str:
        return "**********"


def read_as(check: Check) -> BeforeValidator:
    """Return the check of a secret's text: at once, or when one that is not read yet is."""

    def checked(given: str | UnreadSecret) -> str | UnreadSecret:
        return given.checked(check) if isinstance(given, UnreadSecret) else check(given)

    return BeforeValidator(checked)
