"""A page as plain HTML, for the first paint: what Dash draws later from the same layout, with its figures.

It stands in the entry point until the app is there (`assets/live/first.js`), so nothing waits and nothing jumps.
"""

import re
from collections.abc import Mapping
from html import escape
from typing import Any, Final

from dash import dcc
from dash.development.base_component import Component

_VOID: Final = ("area", "br", "col", "hr", "img", "input", "wbr")
_NAMES: Final = {"className": "class", "htmlFor": "for", "tabIndex": "tabindex", "colSpan": "colspan"}
_LEFT_OUT: Final = ("children", "style", "n_clicks", "n_clicks_timestamp", "disable_n_clicks", "key")
PREFIX: Final = "first-"
"""What the ids begin with, for the app's own come while these are still there."""


def html_of(node: object) -> str:
    """Return a layout as HTML: elements and links; what else Dash has draws nothing."""
    if node is None:
        return ""
    if isinstance(node, list | tuple):
        return "".join(map(html_of, node))
    if not isinstance(node, Component):
        return escape(str(node))
    link = isinstance(node, dcc.Link)
    if not link and type(node).__module__.partition(".")[2].partition(".")[0] != "html":
        return ""
    tag = "a" if link else type(node).__name__.lower()
    properties: dict[str, Any] = node.to_plotly_json()["props"]  # type: ignore[no-untyped-call]  # Dash leaves it without types
    opened = f"<{tag}{''.join(_attribute(name, value) for name, value in properties.items())}{_style(properties)}>"
    return opened if tag in _VOID else f"{opened}{html_of(properties.get('children'))}</{tag}>"


def entry_point(shell: Component, path: str) -> str:
    """Return the element in which the app will be drawn, holding the page of a path until then."""
    tab = f'<a href="{escape(path)}" class="page-tab"'
    page = html_of(shell).replace(tab, f'{tab} aria-current="page"', 1)
    return f'<div id="react-entry-point"><div class="first" aria-busy="true">{page}</div></div>'


def _attribute(name: str, value: object) -> str:
    if name in _LEFT_OUT or value is None or value is False:
        return ""
    if name in {"id", "htmlFor"}:
        value = f"{PREFIX}{value}"
    if name == "href" and isinstance(value, str) and value.startswith("#"):
        value = f"#{PREFIX}{value[1:]}"
    written = _NAMES.get(name, name)
    return f" {written}" if value is True else f' {written}="{escape(str(value))}"'


def _style(properties: Mapping[str, Any]) -> str:
    style: Mapping[str, object] = properties.get("style") or {}
    if not style:
        return ""
    rules = "; ".join(f"{_property(name)}: {value}" for name, value in style.items())
    return f' style="{escape(rules)}"'


def _property(name: str) -> str:
    """Return the CSS name of what React calls `maxWidth`; custom properties are called alike."""
    return name if name.startswith("--") else re.sub("[A-Z]", lambda letter: f"-{letter[0].lower()}", name)
