"""The frames of a company day's page; the browser reads what they show, and draws it."""

from dash import html
from dash.development.base_component import Component

from pnl.panels.attributes import named

ID = "day"
DIMENSIONS = ("market", "series", "model", "workspace", "customer", "source")
RECORDS = (
    ("fills", "Fills"),
    ("settlements", "Settlements"),
    ("costs", "API costs"),
    ("revenue", "Revenue"),
)


def layout() -> Component:
    """Return the page below its title: identity, statement, curve, restatements, breakdown and records."""
    return html.Div(
        [
            html.Section(
                html.P("Reading…", className="empty"),
                className="card kpis day-identity",
                **named(aria_label="Net P&L of the day and its parts"),
            ),
            html.Div(
                [
                    _panel("Statement", "day-statement", html.Span(className="panel-note day-facts")),
                    html.Section(
                        [
                            html.Div(
                                [html.H2("Net P&L over the day"), html.Div(className="history-legend")],
                                className="panel-head",
                            ),
                            html.Div(className="history-chart", **named(data_own="")),
                            html.Div(className="history-chart-said"),
                        ],
                        className="card history-main",
                        **named(aria_label="Net P&L over the day"),
                    ),
                ],
                className="day-grid",
            ),
            _panel(
                "Restatements",
                "day-restatements",
                html.Span("What changed it since it was shown", className="panel-note"),
            ),
            _panel("Breakdown", "day-breakdown", _choices("day-by", "by", [(one, one.title()) for one in DIMENSIONS])),
            _panel("Records", "day-records", _filter(), _choices("day-tab", "tab", list(RECORDS))),
        ],
        className="history-body",
    )


def _choices(action: str, key: str, options: list[tuple[str, str]]) -> Component:
    return html.Div(
        [
            html.Button(name, type="button", **named(data_action=action, aria_pressed="false") | {f"data-{key}": value})
            for value, name in options
        ],
        className="segments",
        role="group",
        **named(aria_label="Broken down by" if key == "by" else "Kind of record"),
    )


def _filter() -> Component:
    return html.Div(className="day-search", **named(data_own=""))


def _panel(name: str, content: str, *more: Component) -> Component:
    return html.Section(
        [
            html.Div([html.H2(name), *more], className="panel-head"),
            html.Div(html.P("Reading…", className="empty"), className=content),
        ],
        className="card",
        **named(aria_label=name),
    )
