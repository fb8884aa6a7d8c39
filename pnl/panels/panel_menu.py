"""The button of a chart's menu: what else can be had of the chart."""

from typing import Literal

from dash import html
from dash.development.base_component import Component

from pnl.panels.attributes import named

CHARTS = {"curve": "Net P&L and drawdown", "waterfall": "How today adds up", "history": "Cumulative net P&L"}
"""The charts that have one, and what they are called."""


def button(chart: Literal["curve", "waterfall", "history"]) -> Component:
    """Return the button; the browser makes the menu when it is pressed (`assets/live/panel_menu.js`)."""
    return html.Button(
        html.Span(className="icon icon-ellipsis", **named(aria_hidden="true")),
        type="button",
        id=f"{chart}-menu",
        className="icon-button panel-menu-button",
        title="More",
        **named(
            data_action="panel-menu",
            data_of=chart,
            aria_label=f"{CHARTS[chart]}: more",
            aria_haspopup="menu",
            aria_expanded="false",
        ),
    )
