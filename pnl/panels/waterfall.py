"""How today adds up: a bar a part, from revenue down to the net."""

from dash import html
from dash.development.base_component import Component

from pnl.domain.snapshot import Json
from pnl.panels import panel_menu
from pnl.panels.amounts import UNKNOWN, dollars, read
from pnl.panels.attributes import named

ID = "waterfall"


def layout(snapshot: dict[str, Json] | None) -> Component:
    """Return the parts and the net as text; the browser adds the bars."""
    net, parts = read(snapshot) if snapshot else (None, [])
    rows = [
        (part.group.name, UNKNOWN if part.cents is None else dollars(part.cents, plus=True), "waterfall-row")
        for part in parts
    ]
    rows.append(("Net", UNKNOWN if net is None else dollars(net), "waterfall-row waterfall-total"))
    return html.Section(
        [
            html.Div([html.H2("How today adds up"), panel_menu.button("waterfall")], className="panel-head"),
            html.Div(
                html.Div(
                    [
                        html.Div(
                            [
                                html.Span(name, className="waterfall-name"),
                                html.Span(className="waterfall-track"),
                                html.Span(amount, className="waterfall-amount"),
                            ],
                            className=cls,
                        )
                        for name, amount, cls in rows
                    ],
                    className="waterfall-rows",
                ),
                className="waterfall-body",
            ),
        ],
        id=ID,
        className="card waterfall",
        **named(aria_label="How today adds up"),
    )
