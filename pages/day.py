"""One company day: its statement as known and as shown, and every record of it."""

import dash
from dash import html
from dash.development.base_component import Component

from pnl.panels.attributes import named
from pnl.panels.day import ID
from pnl.panels.day import layout as frames
from pnl.web.dash_app import titled


def _title(**parts: str) -> str:
    return titled(parts.get("day") or "Day")


dash.register_page(  # type: ignore[no-untyped-call]  # Dash leaves it without types
    __name__, path_template="/history/day/<day>", name="Day", title=_title
)


def layout(day: str | None = None, **_query: str) -> Component:  # noqa: ARG001 - Dash gives it; the browser reads it from the address
    """Return the page; its address says what it shows, and the browser reads it."""
    return html.Div(
        [
            html.Div(
                [
                    html.H1("Day"),
                    html.Div(className="day-ways"),
                    html.Div(className="titlebar-end", **named(data_export_menu="", data_table="fills")),
                ],
                className="titlebar",
            ),
            html.Div(id="banner"),
            html.Div(className="history-banner"),
            frames(),
        ],
        id=ID,
        className="history day",
    )
