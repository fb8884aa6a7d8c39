"""The checks: what was expected and what the source says, since when, and how it has been."""

from dash import html
from dash.development.base_component import Component

from pnl.domain.snapshot import Json
from pnl.panels.attributes import named

ID = "reconcile"
FILTERS = (("all", "All"), ("failed", "Differ"), ("waiting", "Waiting"), ("ok", "Match"))


def layout(snapshot: dict[str, Json] | None) -> Component:
    """Return the frames and how many checks there are; the browser reads them."""
    buttons = [
        html.Button(
            name,
            type="button",
            **named(data_action="checks-state", data_state=key, aria_pressed="true" if key == "all" else "false"),
        )
        for key, name in FILTERS
    ]
    return html.Div(
        [
            html.Section(
                [
                    html.Div(
                        [
                            html.H2("Checks"),
                            html.Span(_counted(snapshot), className="panel-note"),
                            html.Div(buttons, className="segments", role="group", **named(aria_label="Which checks")),
                            html.Div(className="reconcile-search", **named(data_own="")),
                        ],
                        className="panel-head",
                    ),
                    html.Div(html.P("Reading the checks…", className="empty"), className="reconcile-body"),
                ],
                id=ID,
                className="card reconcile",
                **named(aria_label="Checks"),
            ),
            html.Div(id="breaks", className="breaks"),
        ]
    )


def _counted(snapshot: dict[str, Json] | None) -> str:
    counts = snapshot["checks"] if snapshot else None
    if not isinstance(counts, dict):
        return ""
    return f"{counts['ok']} match · {counts['failed']} differ · {counts['waiting']} wait"
