"""The sources, each on a card of its own, and what went wrong with them of late."""

from dash import html
from dash.development.base_component import Component

from pnl.panels.attributes import named

ID = "sources"


def layout() -> Component:
    """Return the frames; the browser reads how the sources do, and tells their ages."""
    return html.Div(
        [
            html.Div(html.P("Reading how the sources do…", className="empty"), id=ID, className="sources"),
            html.Section(
                [
                    html.Div(
                        [html.H2("What went wrong"), html.Span("in the last seven days", className="panel-note")],
                        className="panel-head",
                    ),
                    html.Div(html.P("Reading the last seven days…", className="empty"), className="s-past"),
                ],
                id="source-past",
                className="card source-past",
                **named(aria_label="What went wrong"),
            ),
        ]
    )
