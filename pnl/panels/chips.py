"""The chips: how fresh each source is, and whether the figures agree with it."""

from dash import html
from dash.development.base_component import Component

from pnl.domain.snapshot import Json
from pnl.panels.attributes import named

ID = "chips"


def layout(_snapshot: dict[str, Json] | None) -> Component:
    """Return the place of the chips; ages are the browser's to tell."""
    return html.Div(id=ID, className="chips", role="group", **named(aria_label="Freshness of the sources"))
