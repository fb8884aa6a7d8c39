"""The manual entries: the form, and the table of what was entered."""

from dash import html
from dash.development.base_component import Component

from pnl.domain.snapshot import Json
from pnl.panels.attributes import named

ID = "entries"
FORM_ID = "entry-form"


def layout(_snapshot: dict[str, Json] | None) -> Component:
    """Return the frames; the browser makes the form and reads the entries."""
    return html.Div(
        [
            html.Section(id=FORM_ID, className="card entry-card", **named(aria_label="Enter revenue or a cost")),
            html.Section(
                [
                    html.Div([html.H2("All entries"), html.Span(className="panel-note")], className="panel-head"),
                    html.Div(html.P("Reading the entries…", className="empty"), className="entries-body"),
                ],
                id=ID,
                className="card",
                **named(aria_label="All entries"),
            ),
        ],
        className="entries-grid",
    )
