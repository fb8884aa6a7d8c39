"""The alerts page: how each rule does, what it watches, and who is told."""

import dash
from dash import html
from dash.development.base_component import Component

from pnl.panels import alerts, past_notice
from pnl.web.dash_app import titled

dash.register_page(  # type: ignore[no-untyped-call]  # Dash leaves it without types
    __name__, path="/alerts", name="Alerts", order=5, title=lambda: titled("Alerts")
)


def layout(**_query: str) -> Component:
    """Return the page."""
    return html.Div(
        [
            html.Div(
                [
                    html.H1("Alerts"),
                    html.Span("What is watched, and who is told", className="titlebar-day"),
                ],
                className="titlebar",
            ),
            html.Div(id="banner"),
            past_notice.layout(held=False),
            alerts.layout(),
        ]
    )
