"""The button that shows a chart as a table."""

from typing import Literal

from dash import html
from dash.development.base_component import Component

from pnl.panels.attributes import named


def button(chart: Literal["curve", "waterfall", "history"]) -> Component:
    """Return the button; the browser makes the table of what the chart shows (`assets/live/as_table.js`)."""
    return html.Button(
        html.Span(className="icon icon-table", **named(aria_hidden="true")),
        type="button",
        className="icon-button as-table-button",
        title="View as table",
        **named(data_action="as-table", data_of=chart, aria_label="View as table", aria_haspopup="dialog"),
    )
