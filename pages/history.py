"""The history page: any range, what it brought, what drove it, and its days."""

import dash
from dash import html
from dash.development.base_component import Component

from pnl.panels import history
from pnl.panels.attributes import named
from pnl.web.dash_app import titled

dash.register_page(  # type: ignore[no-untyped-call]  # Dash leaves it without types
    __name__, path="/history", name="History", order=1, title=lambda: titled("History")
)


def layout(**_query: str) -> Component:
    """Return the page; its address says what it shows, and the browser reads it."""
    return html.Div(
        [
            html.Div(
                [
                    html.H1("History"),
                    html.Span(className="titlebar-day history-said"),
                    html.Div(
                        html.Button(
                            [
                                html.Span(className="icon icon-link", **named(aria_hidden="true")),
                                html.Span("Copy link"),
                            ],
                            type="button",
                            className="button",
                            title="Copies a link to the stretch of time that is shown, from its beginning to its end. "
                            "The address bar keeps the range as it was chosen.",
                            **named(data_action="history-copy"),
                        ),
                        className="titlebar-end",
                    ),
                ],
                className="titlebar",
            ),
            html.Div(id="banner"),
            html.Div(className="history-banner"),
            history.layout(),
        ],
        id=history.ID,
        className="history",
    )
