"""The file of rules and receivers: TOML, read strictly. What is wrong is told with its line and its cure."""

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pnl.alerts.address import address_of
from pnl.alerts.receivers import Receiver, receiver, secret_files
from pnl.domain.alerts.rules import Rule, read, same_names
from pnl.errors import ConfigError, RuleError

MOST = 200
_FIELDS = ("public_url", "receiver", "rule")


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertsFile:
    """What the file says.

    Attributes:
        public_url: Where people open our pages, for the links in messages; None where it does not say.
    """

    rules: tuple[Rule, ...] = ()
    receivers: Mapping[str, Receiver] = field(default_factory=dict)
    public_url: str | None = None


def read_file(path: Path) -> AlertsFile:
    """Return what a file says.

    Raises:
        ConfigError: It cannot be read, or something in it cannot be taken; the text is one line, without a secret.
    """
    text, made = _parsed(path)
    for name in made:
        if name not in _FIELDS:
            line = _line(text, rf"\s*\[*\s*{re.escape(name)}\b")
            raise _wrong(path, line, f"there is no {name[:60]!r}; the file has {', '.join(_FIELDS)}")
    receivers = _receivers(path, text, made.get("receiver", {}))
    rules = _rules(path, text, made.get("rule", []), receivers)
    return AlertsFile(rules=rules, receivers=receivers, public_url=_public_url(path, text, made.get("public_url")))


def watched(path: Path) -> tuple[tuple[str, int, int, int], ...]:
    """Return what tells that the file, or a file of a secret that it names, has changed."""
    paths = [path]
    try:
        _, made = _parsed(path)
    except ConfigError:
        made = {}
    tables = made.get("receiver")
    for fields in tables.values() if isinstance(tables, dict) else ():
        paths += secret_files(fields, path.parent) if isinstance(fields, dict) else []
    return tuple(_stamp(one) for one in paths)


def rule_id(name: str) -> str:
    """Return what a rule of the file is known by, unless it was known before it was called so."""
    return f"file-{hashlib.sha256(name.strip().casefold().encode()).hexdigest()[:16]}"


def _stamp(path: Path) -> tuple[str, int, int, int]:
    try:
        found = path.stat()
    except OSError:
        return str(path), 0, 0, 0
    return str(path), found.st_mtime_ns, found.st_size, found.st_ino


def _parsed(path: Path) -> tuple[str, dict[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path} cannot be read ({error.strerror}): mend it, or PNL_ALERTS_FILE") from None
    except ValueError:
        raise ConfigError(f"{path} is no text in UTF-8: write it anew") from None
    try:
        return text, tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is no TOML: {error}") from None


def _receivers(path: Path, text: str, tables: object) -> dict[str, Receiver]:
    if not isinstance(tables, dict) or not all(isinstance(one, dict) for one in tables.values()):
        raise _wrong(path, _line(text, r"\s*\[*\s*receiver\b"), "receivers are tables: write [receiver.on-call]")
    found = {}
    for name, fields in tables.items():
        try:
            found[name] = receiver(name, fields, path.parent)
        except RuleError as error:
            line = _line(text, rf"\s*\[\s*receiver\s*\.\s*[\"']?{re.escape(name)}[\"']?\s*\]")
            raise _wrong(path, line, f"receiver {name[:60]!r}: {error}") from None
    return found


def _rules(path: Path, text: str, tables: object, receivers: Mapping[str, Receiver]) -> tuple[Rule, ...]:
    if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables) or len(tables) > MOST:
        line = _line(text, r"\s*\[*\s*rule\b")
        raise _wrong(path, line, f"rules are tables, {MOST} at most: write [[rule]] before each")
    found: list[Rule] = []
    for place, fields in enumerate(tables, 1):
        try:
            rule = read(fields, rule_id=rule_id(str(fields.get("name"))), origin="file")
            _check_rule(rule, found, receivers)
        except RuleError as error:
            line = _line(text, r"\s*\[\[\s*rule\s*\]\]", place)
            named = f" {str(fields['name'])[:60]!r}" if "name" in fields else ""
            raise _wrong(path, line, f"rule {place}{named}: {error}") from None
        found.append(rule)
    return tuple(found)


def _check_rule(rule: Rule, before: list[Rule], receivers: Mapping[str, Receiver]) -> None:
    if same_names([*before, rule]):
        raise RuleError("name", f"another rule is called {rule.name!r}: give it a name of its own")
    for name in rule.receivers:
        if name not in receivers:
            known = ", ".join(receivers) or "none"
            raise RuleError("receivers", f"there is no receiver {name!r} in the file (there is {known}): add it")


def _public_url(path: Path, text: str, value: object) -> str | None:
    if value is None:
        return None
    try:
        if not isinstance(value, str):
            raise RuleError("public_url", "public_url is no text: write it in quotes")
        address_of(value, "public_url", value)
    except RuleError as error:
        cure = f"public_url {str(value)[:60]!r} is not where our pages are opened, such as https://pnl.example.com"
        raise _wrong(path, _line(text, r"\s*public_url\b"), cure) from error
    return value.rstrip("/")


def _line(text: str, pattern: str, place: int = 1) -> int | None:
    """Return the number of the line that begins like `pattern` for the `place`th time; None where none does."""
    found = [number for number, line in enumerate(text.splitlines(), 1) if re.match(pattern, line)]
    return found[place - 1] if len(found) >= place else None


def _wrong(path: Path, line: int | None, text: str) -> ConfigError:
    return ConfigError(f"{path}{f', line {line}' if line else ''}, {text}")
