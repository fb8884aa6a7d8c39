"""The first run, in which nothing is connected: a card a source instead of figures."""

from dash import html
from dash.development.base_component import Component

from pnl.domain.snapshot import Json

ID = "first-run"


def layout(snapshot: dict[str, Json] | None) -> Component:
    """Return the place of the cards; where nothing is connected, the head of them, so that no empty figure is shown."""
    return html.Div(_head() if snapshot and nothing(snapshot) else None, id=ID, className="first-run")


def nothing(snapshot: dict[str, Json]) -> bool:
    """Return whether no source at all is connected."""
    sources = snapshot["sources"]
    states = [one["status"] for one in sources.values() if isinstance(one, dict)] if isinstance(sources, dict) else []
    return bool(states) and all(state == "off" for state in states)


def _head() -> Component:
    return html.Div(html.H2("Nothing is connected yet"), className="connect-head")
