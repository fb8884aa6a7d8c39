"""The checks: what was expected and what the source says, since when, and how it has been."""

from dash import html
from dash.development.base_component import Component

from pnl.domain.snapshot import Json
from pnl.panels.attributes import named

ID = "reconcile"
FILTERS = (("all", "All"), ("failed", "Differ"), ("waiting", "Waiting"), ("ok", "Match"))

UNCHECKED = (
    ("Entries made by hand, and other costs", "no source tells of them, so there is nothing to hold them against"),
    ("Totals of revenue", "no source gives a total of its own; what is kept is held against all of it, read again"),
    ("API cost of today by usage", "the usage and the cost of a UTC day are held against each other once it is over"),
    ("Tokens of the priority tier", "a contract bills them, and no report of Anthropic tells their cost"),
    ("Unrealised results", "Kalshi tells quotes and what was paid, not what its positions are worth at our mark"),
)
"""What no check covers, and why."""


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
                            html.Div(id="check-now", className="check-now"),
                            html.Div(buttons, className="segments", role="group", **named(aria_label="Which checks")),
                            html.Div(className="reconcile-search", **named(data_own="")),
                        ],
                        className="panel-head",
                    ),
                    html.Div(id="check-said", className="check-said", role="status"),
                    html.Div(html.P("Reading the checks…", className="empty"), className="reconcile-body"),
                ],
                id=ID,
                className="card reconcile",
                **named(aria_label="Checks"),
            ),
            html.Div(id="breaks", className="breaks"),
            _unchecked(),
        ]
    )


def _unchecked() -> Component:
    return html.Section(
        [html.H2("Not checked"), html.Ul([html.Li([html.Strong(what), f": {why}."]) for what, why in UNCHECKED])],
        className="unchecked",
        **named(aria_label="What is not checked"),
    )


def _counted(snapshot: dict[str, Json] | None) -> str:
    counts = snapshot["checks"] if snapshot else None
    if not isinstance(counts, dict):
        return ""
    return f"{counts['ok']:,} match · {counts['failed']:,} differ · {counts['waiting']:,} wait"
