"""Where an address asks for the past: that the page shows it, or that it shows now all the same."""

from dash import html
from dash.development.base_component import Component

from pnl.panels.attributes import named

ID = "past-notice"


def layout(*, held: bool) -> Component:
    """Return the frame; the browser reads `as_of` from the address. `held` tells whether the page takes it."""
    return html.Div(id=ID, **named(data_held="yes" if held else "no"))
