"""What is in force: the rules of the file and of the page, who is silenced, and whom to tell."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import structlog

from pnl.alerts.file import AlertsFile, read_file, watched
from pnl.alerts.kept import AlertStore
from pnl.alerts.receivers import Receiver
from pnl.clock import Clock
from pnl.domain.alerts import rules as ruling
from pnl.domain.alerts.renaming import followed
from pnl.domain.alerts.rules import Rule
from pnl.domain.snapshot import Json, instant
from pnl.errors import ConfigError, Deposed

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """Rules, and until when some of them are silenced; one of these is never changed, only replaced."""

    rules: tuple[Rule, ...] = ()
    silenced: Mapping[str, datetime] = field(default_factory=dict)


class Book:
    """Keeps what is in force. `look` is called by the task that sends; anybody may read.

    Args:
        store: Where the rules of the page are, and where pages read what the file says.
        path: The file; None where there is none.
        clock: The time.
        home: Where pages are opened when the file does not say.
    """

    def __init__(self, store: AlertStore, path: Path | None, clock: Clock, home: str) -> None:
        self._store = store
        self._path = path
        self._clock = clock
        self._home = home
        self._stamp: object = None
        self._file = AlertsFile()
        self._told: Mapping[str, Json] | None = None
        self.trouble: str | None = None
        self.in_force = InForce()

    @property
    def receivers(self) -> Mapping[str, Receiver]:
        """Whom the file names."""
        return self._file.receivers

    @property
    def public_url(self) -> str:
        """Where people open our pages."""
        return self._file.public_url or self._home

    def begin(self) -> None:
        """Take up what is in force; a file that cannot be taken leaves the rules that it had when it last could.

        Raises:
            StoreError: The store does not answer.
        """
        kept = self._store.book()
        if self._path and kept:
            rules = kept.get("rules")
            self._file = AlertsFile(rules=tuple(map(ruling.of_json, rules)) if isinstance(rules, list) else ())  # type: ignore[arg-type]  # as `_body` wrote them
        self.look()

    def look(self) -> None:
        """Read the file if it has changed, and the rules of the page anew.

        Raises:
            StoreError: The store does not answer; what was in force stays.
        """
        self._look_at_file()
        rules = (*self._file.rules, *(kept.rule for kept in self._store.rules()))
        self.in_force = InForce(rules=rules, silenced=self._store.silences())
        self._tell()

    def _look_at_file(self) -> None:
        if self._path is None:
            return
        stamp = watched(self._path)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        self._told = None  # when it was read is to be told, whatever it says
        try:
            found = read_file(self._path)
        except ConfigError as error:
            self.trouble = str(error)
            log.error("alerts file not taken, the rules before stay", trouble=self.trouble)
            return
        self._file = replace(found, rules=followed(self._file.rules, found.rules))
        self.trouble = None
        log.info("alerts file read", rules=len(self._file.rules), receivers=len(self._file.receivers))

    def _tell(self) -> None:
        """Have the pages know what the file says, without its secrets."""
        told: dict[str, Json] = {
            "configured": self._path is not None,
            "trouble": self.trouble,
            "rules": [ruling.to_json(rule) for rule in self._file.rules],
            "receivers": [{"name": one.name, "kind": one.kind} for one in self._file.receivers.values()],
        }
        if self._told is not None and {**self._told, "read_at": None} == {**told, "read_at": None}:
            return
        told["read_at"] = instant(self._clock.now())
        try:
            self._store.put_book(told)
        except Deposed:
            return  # who leads now tells
        self._told = told
