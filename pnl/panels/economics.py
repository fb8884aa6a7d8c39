"""What API use costs: this month and to come, against its budget, and per dollar made."""

from dash import html
from dash.development.base_component import Component

from pnl.domain.snapshot import Json
from pnl.panels.attributes import named

ID = "economics"


def layout(_snapshot: dict[str, Json] | None) -> Component:
    """Return the frame; the browser reads the days before today, and adds today from each snapshot."""
    return html.Section(
        [
            html.Div([html.H2("API cost this month"), html.Span(className="panel-note")], className="panel-head"),
            html.Div(html.P("Reading the month…", className="empty"), className="economics-body"),
        ],
        id=ID,
        className="card economics",
        **named(aria_label="API cost this month, and what it brings"),
    )
