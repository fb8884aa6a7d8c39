"""Writes the pages of reference that follow from the code: `python -m tests.docs.reference`, or `make reference`.

A test holds each page against what would be written.
"""

import argparse
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from flask import Flask
from sqlalchemy import Table

from pnl import errors
from pnl.access.decision import Need, need
from pnl.cli import parser
from pnl.live.feed import Feed
from pnl.live.hub import Hub
from pnl.live.seats import Seats
from pnl.store import schema
from pnl.web.access import OPEN
from pnl.web.describe import document
from tests.docs.tables import PURPOSE
from tests.web.doors import served
from tests.web.fakes import FakeFigures, FakeStore, snapshot

FOLDER: Final = Path(__file__).parents[2] / "docs" / "reference"
BY_CODE: Final = "<!-- Written by `make reference` from the code. Change it there. -->\n"


def commands() -> str:
    """Return the page of the commands."""
    made = parser()
    text = [
        "# Commands",
        "",
        BY_CODE,
        (
            "`.venv/bin/python -m pnl COMMAND`, with the settings of the server: from the environment, and from "
            "`.env` in the folder that it starts in. Each says by its exit code how it went: 0 well, 1 something is "
            "wrong that it was to look at, 2 a setting or an argument makes no sense, or the database cannot be "
            "used, 4 a secret that it needs cannot be read where it is kept and may be later on, as of a start. "
            "Commands read a secret when they use it, and all but `doctor` go on while a store of secrets is away. "
            "`users list` ends with 3 where the database is damaged, which a start restores."
        ),
    ]
    for name, command in _commands_of(made).items():
        own = _commands_of(command)
        text += ["", f"## {name}", f"{_sentence(_help(made, name))}"]
        if own:
            for own_name, action in own.items():
                text += ["", f"### {name} {own_name}", _sentence(_help(command, own_name)), *_arguments(action)]
        else:
            text += _arguments(command)
    return "\n".join(text) + "\n"


def errors_page() -> str:
    """Return the page of the errors."""
    tree = (errors.__doc__ or "").partition("\n\n")[2].rstrip()
    text = [
        "# Errors",
        "",
        BY_CODE,
        "## What the API answers",
        (
            "Every refusal is an `application/problem+json` of RFC 9457: `status`, a `title`, and a `detail` that "
            "names what was given, what is wrong with it, and what to write instead. What one parameter asked wrongly "
            "is named as `parameter`."
        ),
        "",
        "## What the program raises",
        "The class says what whoever called is to do.",
        "",
        "```text",
        tree,
        "```",
        "",
        "| error | when |",
        "|---|---|",
    ]
    classes = [found for found in vars(errors).values() if isinstance(found, type) and found.__module__ == "pnl.errors"]
    text += [f"| `{found.__name__}` | {(found.__doc__ or '').partition(chr(10))[0]} |" for found in classes]
    return "\n".join(text) + "\n"


def routes() -> str:
    """Return the page of the routes."""
    text = [
        "# Routes",
        "",
        BY_CODE,
        (
            "`GET /api/openapi.json` describes every one of the API with its parameters and answers (OpenAPI 3.1), "
            "from the server itself. Who may ask what is decided by `pnl/access/decision.py`; where nobody signs in, "
            "whoever is let in is an editor."
        ),
        "",
        "| route | | who | what |",
        "|---|---|---|---|",
    ]
    return "\n".join([*text, *_routes()]) + "\n"


def tables() -> str:
    """Return the page of the tables."""
    text = [
        "# Tables",
        "",
        BY_CODE,
        (
            "The same in SQLite and in PostgreSQL. Money is whole nano-dollars (`_n`), times are microseconds since "
            "1970 in UTC (`_us`). A table that is **added to only** has triggers that refuse every change and every "
            "removal. "
            "Read it as you like, best through the [API](routes.md) or an [export](export.md); write to it never: the "
            "chain would show it."
        ),
        "",
    ]
    for name in sorted(PURPOSE):
        text += _table(name)
    return "\n".join(text).rstrip() + "\n"


PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "commands": commands,
    "errors": errors_page,
    "routes": routes,
    "tables": tables,
}


def _commands_of(made: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    for action in made._actions:  # argparse has no other way to look at what it was told
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def _help(made: argparse.ArgumentParser, name: str) -> str:
    for action in made._actions:
        if isinstance(action, argparse._SubParsersAction):
            return next(str(one.help) for one in action._choices_actions if one.dest == name)
    raise LookupError(name)


def _arguments(made: argparse.ArgumentParser) -> list[str]:
    rows = [
        f"| {_spelt(action)} | {action.help or '' if action.help != argparse.SUPPRESS else ''} |"
        for action in made._actions
        if not isinstance(action, argparse._HelpAction)
    ]
    return ["", "| argument | meaning |", "|---|---|", *rows] if rows else []


def _spelt(action: argparse.Action) -> str:
    choices = ", ".join(f"`{choice}`" for choice in action.choices or ())
    value = str(action.metavar or action.dest.upper()) if action.nargs != 0 else ""
    name = " ".join(filter(None, (action.option_strings[-1] if action.option_strings else "", value)))
    return f"`{name}`" + (f": {choices}" if choices else "")


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _routes() -> Iterator[str]:
    store, hub = FakeStore(), Hub(Feed("k3f9x2", str), Seats(1, 1))
    app = served(FakeFigures(store, snapshot()), store, hub, OPEN)
    try:
        with app.app_context():
            paths: Mapping[str, Any] = document(app)["paths"]  # type: ignore[assignment]  # OpenAPI has them as an object
        found = {(rule.rule, method) for rule in app.url_map.iter_rules() for method in rule.methods or ()}
        for rule, method in sorted(found):
            asked = paths.get(re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule), {}).get(method.lower())
            if asked:
                yield f"| `{rule}` | {method} | {_who(need(rule, method))} | {asked['summary']} |"
    finally:
        hub.close()


def _who(asked: Need | None) -> str:
    if asked is None:
        return "anybody"
    program = f"a token with `{asked.scope}`" if asked.scope else "any token"
    return f"a {asked.role}, {program}".replace("a editor", "an editor") if asked.role else program


def undescribed(app: Flask) -> set[str]:
    """Return the routes of the API that OpenAPI does not describe."""
    with app.app_context():
        paths: Mapping[str, Any] = document(app)["paths"]  # type: ignore[assignment]  # as above
    rules = {rule.rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api")}
    return {rule for rule in rules if re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule) not in paths}


def _table(name: str) -> list[str]:
    found = schema.roll["1m"] if name == "roll" else schema.metadata.tables[name]
    title = ", ".join(f"roll_{level}" for level in schema.LEVELS) if name == "roll" else name
    sort = " **Added to only.**" if name in schema.APPEND_ONLY else ""
    return [f"## {title}", f"{PURPOSE[name]}{sort}", "", _columns(found), ""]


def _columns(table: Table) -> str:
    key = {column.name for column in table.primary_key}
    names = [f"**`{column.name}`**" if column.name in key else f"`{column.name}`" for column in table.columns]
    return ", ".join(names)


def main() -> None:
    """Write every page."""
    for name, make in PAGES.items():
        (FOLDER / f"{name}.md").write_text(make(), encoding="utf-8")


if __name__ == "__main__":
    main()
