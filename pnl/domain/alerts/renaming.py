"""Which rule of a file that was changed is which of those before: by its name, or by all but its name."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import count

from pnl.domain.alerts.rules import Rule


def followed(before: Sequence[Rule], now: Sequence[Rule]) -> tuple[Rule, ...]:
    """Return the rules of a file that was read anew, each under the id that it had before.

    A rule is known by its name. One whose name is new is one whose name is gone if they are alike in all else, and
    no other that is new or gone is like them: of two that only their names tell apart, nobody can say which is which.

    Args:
        before: The rules of the last reading.
        now: Those of this one, each under the id that it would have if there were none before.
    """
    ids = {_called(rule): rule.id for rule in before}
    kept = {_called(rule) for rule in now}
    gone = [rule for rule in before if _called(rule) not in kept]
    new = [rule for rule in now if _called(rule) not in ids]
    for rule in new:
        old = _alike(rule, gone)
        if len(old) == 1 and len(_alike(rule, new)) == 1:
            ids[_called(rule)] = old[0].id
    taken = {ids[_called(rule)] for rule in now if _called(rule) in ids}
    found = []
    for rule in now:
        own = ids.get(_called(rule)) or next(one for one in _names(rule.id) if one not in taken)
        taken.add(own)
        found.append(replace(rule, id=own))
    return tuple(found)


def _called(rule: Rule) -> str:
    return rule.name.casefold()


def _alike(rule: Rule, others: Iterable[Rule]) -> list[Rule]:
    return [one for one in others if replace(one, id=rule.id, name=rule.name) == rule]


def _names(wanted: str) -> Iterator[str]:
    """Give the id that is wanted, and then others: a rule that was called so may have it still."""
    yield wanted
    yield from (f"{wanted}-{number}" for number in count(2))
