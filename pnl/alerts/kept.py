"""What is kept of alerts, and the port behind which it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, TypeAlias

from pnl.domain.alerts.board import Board
from pnl.domain.alerts.incidents import Event
from pnl.domain.alerts.rules import Rule
from pnl.domain.snapshot import Json

Outcome: TypeAlias = Literal["sent", "refused", "given_up"]
Action: TypeAlias = Literal["added", "changed", "removed", "silenced", "unsilenced"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRule:
    """A rule that was made on the page, in its newest version."""

    rule: Rule
    version: int
    at: datetime
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Who did what to a rule, and when; `body` is the rule as it was then, or until when it is silenced."""

    at: datetime
    actor: str
    action: Action
    body: Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """An event with its number and the snapshot that it was seen in."""

    number: int
    seq: int
    event: Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One event for one receiver, until it is sent, refused, or given up."""

    number: int
    receiver: str
    event: Event
    made_at: datetime
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How the messages to one receiver do.

    Attributes:
        waiting: How many are on their way.
        sent_at: When the last one arrived.
        failed_at: When the last attempt was made that did not; None where one went well since.
        error: What it came to.
        test: How the last test went: `waiting`, `sent`, `refused` or `given_up`; None where there was none.
        test_at: When it was asked for.
    """

    waiting: int = 0
    sent_at: datetime | None = None
    failed_at: datetime | None = None
    error: str | None = None
    test: str | None = None
    test_at: datetime | None = None


class AlertStore(Protocol):
    """Rules of the page, how every rule does, and what is to be sent. Every method may be called from any thread.

    Every one raises `StoreUnavailable` when the database cannot answer for now.
    """

    def rules(self) -> tuple[KeptRule, ...]:
        """Return the rules of the page, by name."""
        ...

    def add_rule(self, rule: Rule, actor: str, at: datetime) -> KeptRule:
        """Keep a new rule; the same name and content twice is one rule.

        Raises:
            RuleConflict: The name is another rule's.
        """
        ...

    def change_rule(self, rule: Rule, replaces: int, actor: str, at: datetime) -> KeptRule:
        """Keep the next version of a rule.

        Raises:
            RuleConflict: `replaces` is not the newest version, or the name is another rule's.
        """
        ...

    def remove_rule(self, rule_id: str, replaces: int, actor: str, at: datetime) -> None:
        """Forget a rule; its trail stays.

        Raises:
            RuleConflict: `replaces` is not the newest version.
        """
        ...

    def trail(self, rule_id: str) -> tuple[Change, ...]:
        """Return who did what to a rule, oldest first."""
        ...

    def silence(self, rule_id: str, until: datetime | None, actor: str, at: datetime) -> None:
        """Silence a rule until an instant; None lets it be heard again."""
        ...

    def silences(self) -> Mapping[str, datetime]:
        """Return until when rules are silenced."""
        ...

    def board(self) -> tuple[int, Board]:
        """Return how the rules did at the last look, and of which snapshot that was; 0 before the first."""
        ...

    def events(self, since: datetime | None, until: datetime | None, limit: int) -> tuple[Happened, ...]:
        """Return the newest events of [since, until), newest first."""
        ...

    def book(self) -> Mapping[str, Json] | None:
        """Return what the process that leads knows of the file; None before it looked."""
        ...

    def put_book(self, body: Mapping[str, Json]) -> None:
        """Tell what the file says, without its secrets."""
        ...

    def ask_test(self, receiver: str, event: Event) -> None:
        """Have whoever leads send a test to a receiver."""
        ...

    def deliveries(self) -> Mapping[str, Delivery]:
        """Return how the messages to each receiver do."""
        ...

    def due(self, now: datetime) -> Sequence[Message]:
        """Return the messages to be sent now, oldest first, of one incident and receiver only the first."""
        ...

    def claim(self, number: int, now: datetime, again: datetime) -> bool:
        """Take a message on, so that nobody else sends it before `again`; False if it is no longer there to be sent.

        Raises:
            Deposed: Another process leads.
        """
        ...

    def settle(self, number: int, outcome: Outcome, error: str | None, at: datetime) -> None:
        """Note what became of a message for good."""
        ...

    def postpone(self, number: int, due: datetime, error: str) -> None:
        """Note that an attempt failed, and when the next one is made."""
        ...

    def forget(self, before: datetime) -> None:
        """Let go of messages that ended before an instant."""
        ...
