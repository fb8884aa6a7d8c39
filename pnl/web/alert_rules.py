"""The rules and receivers that the web finds: of the file, as the leading process tells them, and of the page."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from werkzeug.exceptions import Conflict, NotFound

from pnl.alerts.kept import AlertStore, KeptRule
from pnl.clock import Clock
from pnl.domain.alerts import rules as ruling
from pnl.domain.alerts.rules import Rule
from pnl.errors import RuleConflict, RuleError


def silenced(store: AlertStore, clock: Clock) -> dict[str, datetime]:
    """Return until when rules are silenced now, by id."""
    now = clock.now()
    return {rule_id: until for rule_id, until in store.silences().items() if until > now}


def found(rule_id: str, store: AlertStore) -> tuple[Rule, KeptRule | None]:
    """Return a rule, and what is kept of it where the page made it.

    Raises:
        NotFound: There is none.
    """
    for kept in store.rules():
        if kept.rule.id == rule_id:
            return kept.rule, kept
    for rule in of_file(store.book() or {}):
        if rule.id == rule_id:
            return rule, None
    raise NotFound(f"There is no rule {rule_id[:40]!r}.")


def of_page(rule_id: str, store: AlertStore) -> None:
    """See that a rule may be changed here.

    Raises:
        NotFound: There is none.
        Conflict: It stands in the file.
    """
    rule, kept = found(rule_id, store)
    if kept is None:
        raise Conflict(f"{rule.name!r} stands in the file of PNL_ALERTS_FILE: change it there.")


def check(rule: Rule, store: AlertStore) -> None:
    """See that the receivers of a rule are known, and that no rule of the file has its name.

    Raises:
        RuleError: One of them is not.
    """
    book = store.book() or {}
    known = [str(one["name"]) for one in receivers(book)]
    for name in rule.receivers:
        if name not in known:
            there = f"there are {', '.join(known)}" if known else "the file of PNL_ALERTS_FILE names none"
            raise RuleError("receivers", f"there is no receiver {name!r}: {there}")
    if any(one.name.casefold() == rule.name.casefold() for one in of_file(book)):
        raise RuleConflict("name", f"the file has a rule of the name {rule.name!r}: give it a name of its own")


def of_file(book: Mapping[str, Any]) -> list[Rule]:
    """Return the rules of the file."""
    return [ruling.of_json(one) for one in book.get("rules", [])]


def receivers(book: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the receivers of the file, each with its name and its kind."""
    return cast("list[dict[str, Any]]", book.get("receivers", []))
