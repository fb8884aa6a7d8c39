"""The frames of the history page; the browser reads what they show, and draws it."""

from dash import html
from dash.development.base_component import Component

from pnl.panels import panel_menu
from pnl.panels.attributes import named

ID = "history"
CHARTS = (("area", "Area"), ("candles", "Candles"))


def layout() -> Component:
    """Return the page below its title: filters, figures, chart, calendar, and the tables."""
    return html.Div(
        [
            html.Div(className="history-filters", **named(data_own="")),
            html.Div(className="card history-stats"),
            html.Div([_chart(), _side()], className="history-grid"),
            _panel(
                "Breakdown",
                "history-breakdown",
                html.Span("What the net is made of", className="panel-note history-made"),
            ),
            _panel(
                "By day",
                "history-days",
                html.Span(className="panel-note history-note"),
                html.Div(className="panel-end", **named(data_export_menu="", data_table="days")),
            ),
        ],
        className="history-body",
    )


def _chart() -> Component:
    buttons = [
        html.Button(
            name,
            type="button",
            **named(data_action="history-chart", data_chart=key, aria_pressed="true" if key == "area" else "false"),
        )
        for key, name in CHARTS
    ]
    zooms = [
        html.Button(
            html.Span(className=f"icon icon-{icon}", **named(aria_hidden="true")),
            type="button",
            className="icon-button",
            title=label,
            **named(data_action="history-zoom", data_way=way, aria_label=label),
        )
        for way, icon, label in (("out", "zoom-out", "A longer range"), ("in", "zoom-in", "A shorter range"))
    ]
    return html.Section(
        [
            html.Div(
                [
                    html.H2("Cumulative net P&L"),
                    html.Div(className="history-legend"),
                    html.Div([*zooms, panel_menu.button("history")], className="panel-end"),
                    html.Div(buttons, className="segments", role="group", **named(aria_label="Kind of chart")),
                ],
                className="panel-head",
            ),
            html.Div(className="history-chart", **named(data_own="")),
            html.Div(className="history-chart-said"),
        ],
        className="card history-main",
        **named(aria_label="Cumulative net P&L"),
    )


def _side() -> Component:
    return html.Div(
        [
            _panel("Daily result", "history-heat", html.Span("last 26 weeks", className="panel-note")),
            _panel("What drove it", "history-drove", html.Span(className="panel-note history-whole")),
        ],
        className="history-side",
    )


def _panel(name: str, content: str, *more: Component) -> Component:
    return html.Section(
        [
            html.Div([html.H2(name), *more], className="panel-head"),
            html.Div(html.P("Reading…", className="empty"), className=content),
        ],
        className="card",
        **named(aria_label=name),
    )
