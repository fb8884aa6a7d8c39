"""An API that already exists, read as a feed: which of its fields is which."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from pnl.errors import ConfigError
from pnl.sources.revenue.currencies import from_minor
from pnl.sources.revenue.entries import WrongField

_FIELDS = (
    "id",
    "version",
    "date",
    "amount",
    "currency",
    "kind",
    "status",
    "updated_at",
    "description",
    "parent_id",
    "customer",
)
_REQUIRED = ("id", "date", "amount", "currency")
_KEYS = {"path", "items", "fields", "amount_unit", "sign", "constant", "auth"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldMap:
    """Where a foreign answer keeps what an entry needs.

    `items` is the dotted path of the list (empty: the answer itself), `fields` the dotted path of
    each field within an item, `constant` the fields that are the same for all.
    """

    path: str = "/entries"
    items: str = "data"
    fields: Mapping[str, str] = field(default_factory=lambda: {name: name for name in _FIELDS})
    amount_unit: Literal["major", "minor"] = "major"
    sign: Literal["as_is", "negate"] = "as_is"
    constant: Mapping[str, str] = field(default_factory=dict)
    auth: str = "bearer"
    foreign: bool = False

    @classmethod
    def of(cls, mapping: Mapping[str, Any]) -> "FieldMap":
        """Return the map that a mapping file spells.

        Raises:
            ConfigError: It does not make sense; the text names the key and the cure.
        """
        unknown = mapping.keys() - _KEYS
        if unknown:
            _refuse(min(unknown), f"the keys are {', '.join(sorted(_KEYS))}")
        fields, constant = mapping.get("fields", {}), mapping.get("constant", {})
        for name, value in (("fields", fields), ("constant", constant)):
            if not isinstance(value, Mapping) or not all(isinstance(one, str) for one in value.values()):
                _refuse(name, "give names and texts")
            if value.keys() - set(_FIELDS):
                _refuse(f"{name}: {min(value.keys() - set(_FIELDS))}", f"the fields are {', '.join(_FIELDS)}")
        for name in _REQUIRED:
            if name not in fields and name not in constant:
                _refuse(f"fields: {name}", "say where it is, or give it as a constant")
        made = cls(
            path=_text(mapping, "path", "/entries"),
            items=_text(mapping, "items", ""),
            fields=dict(fields),
            amount_unit=_choice(mapping, "amount_unit", ("major", "minor")),
            sign=_choice(mapping, "sign", ("as_is", "negate")),
            constant=dict(constant),
            auth=_text(mapping, "auth", "bearer"),
            foreign=True,
        )
        if made.path and not made.path.startswith("/"):
            _refuse("path", "begin it with a slash")
        how, _, name = made.auth.partition(":")
        if made.auth != "bearer" and not (how in ("header", "query") and name):
            _refuse("auth", "it is bearer, header:NAME or query:NAME")
        return made

    def rows(self, page: object) -> tuple[list[Any], str]:
        """Return the list of items of a page, and its path for errors.

        Raises:
            WrongField: There is no list.
        """
        found = found_at(page, self.items)
        if not isinstance(found, list):
            raise WrongField(self.items or "the answer", found, "there must be a list of entries")
        return found, self.items

    def entry_fields(self, item: object) -> dict[str, object]:
        """Return an item's fields under our names; a null is a field that is not there."""
        if not isinstance(item, Mapping):
            raise WrongField("the entry", item, "it must be an object")
        found = {name: found_at(item, path) for name, path in self.fields.items()}
        found = {name: value for name, value in found.items() if value is not None}
        found = dict(self.constant) | found
        if self.foreign:
            found = {name: self._plain(name, value) for name, value in found.items()}
            if "amount" in found:
                found["amount"] = self._amount(found["amount"], str(found.get("currency", "")))
        return found

    def _plain(self, name: str, value: object) -> object:
        """Return what a foreign API sends as the text that we take: numbers as ids, times as days."""
        if name in ("id", "parent_id", "customer") and isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if name == "date" and isinstance(value, str):
            return value[:10]
        if name in ("currency", "kind", "status") and isinstance(value, str):
            return value.upper() if name == "currency" else value.lower()
        return value

    def _amount(self, value: object, currency: str) -> str:
        try:
            if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
                raise ValueError
            number = Decimal(value)
            if self.amount_unit == "minor":
                if number != int(number):
                    raise ValueError
                number = from_minor(int(number), currency)
        except (ValueError, ArithmeticError):
            cure = "it must be a number" if self.amount_unit == "major" else "it must be a whole number of minor units"
            raise WrongField("amount", value, cure) from None
        return f"{-number if self.sign == 'negate' and number else number:f}"


def found_at(value: object, path: str) -> object:
    """Return what is at a dotted path, None where there is nothing."""
    for name in filter(None, path.split(".")):
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def _text(mapping: Mapping[str, Any], name: str, default: str) -> str:
    value = mapping.get(name, default)
    if not isinstance(value, str):
        _refuse(name, "give a text")
    return str(value)


def _choice(mapping: Mapping[str, Any], name: str, known: tuple[Any, Any]) -> Any:  # noqa: ANN401 - one of the literals
    value = mapping.get(name, known[0])
    if value not in known:
        _refuse(name, f"it is {known[0]} or {known[1]}")
    return value


def _refuse(key: str, cure: str) -> None:
    raise ConfigError(f"the revenue mapping (PNL_REVENUE_MAPPING): {key}: {cure}")
