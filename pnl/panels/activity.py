"""What happened lately: fills, settlements, costs and revenue."""

from dash import html
from dash.development.base_component import Component

from pnl.domain.snapshot import Json
from pnl.panels.attributes import named

ID = "activity"
FILTERS = (("all", "All"), ("fills", "Fills"), ("costs", "Costs"), ("revenue", "Revenue"))


def layout(_snapshot: dict[str, Json] | None) -> Component:
    """Return the frame of the list; the browser reads the records."""
    buttons = [
        html.Button(
            name,
            type="button",
            **named(data_action="filter", data_filter=key, aria_pressed="true" if key == "all" else "false"),
        )
        for key, name in FILTERS
    ]
    return html.Section(
        [
            html.Div(
                [
                    html.H2("Activity"),
                    html.Div(buttons, className="segments", role="group", **named(aria_label="What to show")),
                ],
                className="panel-head",
            ),
            html.Div(className="activity-body"),
        ],
        id=ID,
        className="card activity",
        **named(aria_label="Activity"),
    )
