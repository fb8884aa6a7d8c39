"""The reconcile page: every check of our ledger against its sources, as it is now and how it has been."""

import dash
from dash import html
from dash.development.base_component import Component

from pnl.panels import reconcile
from pnl.panels.attributes import named
from pnl.web.dash_app import newest, titled

dash.register_page(  # type: ignore[no-untyped-call]  # Dash leaves it without types
    __name__, path="/reconcile", name="Reconcile", order=2, title=lambda: titled("Reconcile")
)


def layout(as_of: str | None = None, **_query: str) -> Component:
    """Return the page; the browser reads the checks, as they are now or as they stood, and follows the live feed."""
    return html.Div(
        [
            html.Div(
                [
                    html.H1("Reconcile"),
                    html.Span("Our ledger against each source, with every snapshot", className="titlebar-day"),
                    html.Div(className="titlebar-end", **named(data_export_menu="", data_table="days")),
                ],
                className="titlebar",
            ),
            html.Div(id="banner"),
            reconcile.layout(None if as_of else newest()),
        ]
    )
