"""Where settings come from: one layer of names and texts after another, secrets also from files."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from dotenv.parser import parse_stream

from pnl.errors import ConfigError, SecretUnavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The settings that there are, by full name; `secrets` may also be given as `NAME_FILE`."""

    prefix: str
    plain: frozenset[str]
    secrets: frozenset[str]

    def of(self, given: str) -> str | None:
        """Return the setting that `given` sets; None if there is no such setting."""
        if given in self.plain:
            return given
        name = given.removesuffix("_FILE")
        return name if name in self.secrets else None

    def near(self, given: str) -> str | None:
        """Return the name that `given` was probably meant to be."""
        every = [*self.plain, *(f"{name}_FILE" for name in self.secrets)]
        return next(iter(get_close_matches(given.upper(), sorted(every), 1)), None)


def resolve(layer: Mapping[str, str], names: Names, where: str, read: Callable[[str, str], str]) -> dict[str, str]:
    """Return what a layer sets, by setting, with the files of secrets read; empty texts set nothing.

    Args:
        layer: Names and texts; names without the prefix are somebody else's.
        names: The settings that there are.
        where: The layer's name for messages, such as ` in .env`.
        read: Gives what stands for a secret, by the name that was given and the path of its file.

    Raises:
        ConfigError: A setting is unknown or given twice.
        SecretUnavailable: `read` cannot read a secret's file.
    """
    given: dict[str, str] = {}
    for name, raw in layer.items():
        if not name.upper().startswith(names.prefix):
            continue
        setting = names.of(name)
        if setting is None:
            near = names.near(name)
            cure = f"did you mean {near}?" if near else "remove it; docs/reference/settings.md lists those there are"
            raise ConfigError(f"{name}{where} is no setting: {cure}")
        text = raw.strip()
        if not text:
            continue
        if setting in given:
            raise ConfigError(f"{setting} and {setting}_FILE{where} are both set: keep one of them")
        given[setting] = text if name == setting else read(name, text)
    return given


def files_of(layer: Mapping[str, str], names: Names) -> dict[str, str]:
    """Return the paths of the files that a layer names secrets by, by setting."""
    return {
        setting: raw.strip()
        for name, raw in layer.items()
        if raw.strip() and (setting := names.of(name)) is not None and setting != name
    }


def read_dotenv(path: Path) -> dict[str, str]:
    """Return the names and texts of a `.env` file; nothing if there is no such file.

    Raises:
        ConfigError: It cannot be read, or a line of it makes no sense.
    """
    layer: dict[str, str] = {}
    if not path.exists():
        return layer
    try:
        with path.open(encoding="utf-8") as lines:
            for binding in parse_stream(lines):
                if binding.error:
                    raise ConfigError(f"{path} line {binding.original.line} makes no sense: write NAME=value")
                if binding.key is not None:
                    layer[binding.key] = binding.value or ""
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read ({_reason(error)}): mend it, or remove it") from None
    return layer


def shown(name: str, text: str, names: Names) -> str:
    """Return `NAME=value` on one line; of a secret the name alone, of an address no password and no query's values."""
    if name in names.secrets:
        return name
    text = re.sub(r"(://|//|:).*@", r"\1…@", text, flags=re.DOTALL)
    text = re.sub(r"(://[^/@:\[]*:)(?!\d{1,5}(?:[/?#,]|\Z)).*", r"\1…", text, flags=re.DOTALL)  # no port: a password
    text = re.sub(r"([?&][^=&]*)=[^&#]*", r"\1=…", text)
    text = text if len(text) <= 80 else f"{text[:80]}…"
    return f"{name}={text if text.isprintable() else repr(text)}"


def read_secret(name: str, path: str) -> str:
    """Return the text of the file that a setting names a secret by.

    Raises:
        SecretUnavailable: It cannot be read, or is empty.
    """
    try:
        text = Path(path).expanduser().read_text(encoding="utf-8").strip()
    except (OSError, ValueError, RuntimeError) as error:
        cure = "give the path of a text file that this user can read"
        raise SecretUnavailable(f"{name}={path} cannot be read ({_reason(error)}): {cure}") from None
    if not text:
        raise SecretUnavailable(f"{name}={path} is an empty file: put the secret in it")
    return text


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or "not UTF-8 text"
