"""The entries page: revenue and costs that are entered by hand, and what became of them."""

import dash
from dash import html
from dash.development.base_component import Component

from pnl.panels import entries, past_notice
from pnl.panels.attributes import named
from pnl.web.dash_app import newest, titled

dash.register_page(  # type: ignore[no-untyped-call]  # Dash leaves it without types
    __name__, path="/entries", name="Entries", order=4, title=lambda: titled("Entries")
)


def layout(**_query: str) -> Component:
    """Return the page."""
    return html.Div(
        [
            html.Div(
                [
                    html.H1("Entries"),
                    html.Span("Revenue and costs entered by hand", className="titlebar-day"),
                    html.Div(className="titlebar-end", **named(data_export_menu="", data_table="entries")),
                ],
                className="titlebar",
            ),
            html.Div(id="banner"),
            past_notice.layout(held=True),
            entries.layout(newest()),
        ]
    )
