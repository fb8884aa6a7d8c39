"""The status page: how the product itself does, measured against its limits."""

import dash
from dash import html
from dash.development.base_component import Component

from pnl.panels import past_notice, status
from pnl.web.dash_app import titled

dash.register_page(  # type: ignore[no-untyped-call]  # Dash leaves it without types
    __name__, path="/status", name="Status", order=6, title=lambda: titled("Status")
)


def layout(**_query: str) -> Component:
    """Return the page."""
    return html.Div(
        [
            html.Div(
                [
                    html.H1("Status"),
                    html.Span("How the server itself does, in the last five minutes", className="titlebar-day"),
                    html.Div(id="status-said", className="titlebar-end"),
                ],
                className="titlebar",
            ),
            html.Div(id="banner"),
            past_notice.layout(held=False),
            status.layout(),
        ]
    )
