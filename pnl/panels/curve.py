"""Net P&L of the day against the day before, with its drawdown."""

from dash import html
from dash.development.base_component import Component

from pnl.domain.snapshot import Json
from pnl.panels import panel_menu
from pnl.panels.attributes import named

ID = "curve"
RANGES = ("1h", "3h", "6h", "1d")


def layout(_snapshot: dict[str, Json] | None) -> Component:
    """Return the frame of the chart; the browser reads the day and draws it."""
    buttons = [
        html.Button(
            name.upper(),
            type="button",
            **named(data_action="range", data_range=name, aria_pressed="true" if name == "1d" else "false"),
        )
        for name in RANGES
    ]
    return html.Section(
        [
            html.Div(
                [
                    html.H2("Net P&L and drawdown"),
                    html.Div(className="curve-legend"),
                    html.Div(buttons, className="segments", role="group", **named(aria_label="How far back")),
                    panel_menu.button("curve"),
                ],
                className="panel-head",
            ),
            html.Div(className="curve-chart"),
            html.P(className="curve-caption"),
        ],
        id=ID,
        className="card curve",
        **named(aria_label="Net P&L and drawdown"),
    )
