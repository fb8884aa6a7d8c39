"""The sources page: how each source does, how often it is read, what went wrong, and the cure."""

import dash
from dash import html
from dash.development.base_component import Component

from pnl.panels import past_notice, sources
from pnl.web.dash_app import titled

dash.register_page(  # type: ignore[no-untyped-call]  # Dash leaves it without types
    __name__, path="/sources", name="Sources", order=3, title=lambda: titled("Sources")
)


def layout(**_query: str) -> Component:
    """Return the page."""
    return html.Div(
        [
            html.Div(
                [
                    html.H1("Sources"),
                    html.Span("How each one does, and what to do when it does not", className="titlebar-day"),
                ],
                className="titlebar",
            ),
            html.Div(id="banner"),
            past_notice.layout(held=False),
            sources.layout(),
        ]
    )
