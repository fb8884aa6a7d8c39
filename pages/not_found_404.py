"""What is shown at an address that no page has: that it is none, and a way on. Dash knows it by its name."""

import dash
from dash import html
from dash.development.base_component import Component

from pnl.web.dash_app import titled

dash.register_page(  # type: ignore[no-untyped-call]  # Dash leaves it without types
    __name__, name="No such page", title=lambda: titled("No such page")
)


def _path(path: str) -> str:
    found: str = dash.get_relative_path(path)  # type: ignore[no-untyped-call]  # Dash leaves it without types
    return found


def layout(**_query: str) -> Component:
    """Return the page."""
    return html.Div(
        [
            html.Div(html.H1("No such page"), className="titlebar"),
            html.Div(id="banner"),
            html.Div(
                [
                    html.P("There is no page at this address. It may have been typed wrong, or moved."),
                    html.P(
                        [
                            html.A("The live page", href=_path("/"), className="button primary"),
                            " ",
                            html.A("History", href=_path("/history"), className="button"),
                        ]
                    ),
                ],
                className="card empty",
            ),
        ]
    )
