"""Alerts: the rules with how they do, who is told, and the form of a rule."""

from dash import html
from dash.development.base_component import Component

from pnl.panels.attributes import named

ID = "alert-rules"
FORM_ID = "alert-form"
RECEIVERS_ID = "alert-receivers"


def layout() -> Component:
    """Return the frames; the browser reads how the rules do."""
    return html.Div(
        [
            html.Div(
                [
                    html.Section(
                        [
                            html.Div([html.H2("Rules"), html.Span(className="panel-note")], className="panel-head"),
                            html.Div(html.P("Reading how the rules do…", className="empty"), className="a-body"),
                        ],
                        id=ID,
                        className="card",
                        **named(aria_label="Rules"),
                    ),
                    html.Section(
                        [
                            html.Div(
                                [html.H2("Who is told"), html.Span(className="panel-note")], className="panel-head"
                            ),
                            html.Div(html.P("Reading who is told…", className="empty"), className="a-body"),
                        ],
                        id=RECEIVERS_ID,
                        className="card",
                        **named(aria_label="Who is told"),
                    ),
                ],
                className="a-column",
            ),
            html.Section(id=FORM_ID, className="card entry-card", **named(aria_label="A rule")),
        ],
        className="a-grid",
    )
