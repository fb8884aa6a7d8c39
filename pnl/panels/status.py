"""What the server measures of itself: nine measures against their limits, and what it is made of."""

from dash import html
from dash.development.base_component import Component

from pnl.panels.attributes import named


def layout() -> Component:
    """Return the frames; the browser reads what they show."""
    return html.Div(
        [
            html.Section(
                html.P("Measuring…", className="empty"),
                id="status-measures",
                className="measures",
                **named(aria_label="Measures"),
            ),
            html.Div(id="status-parts", className="status-parts"),
        ]
    )
