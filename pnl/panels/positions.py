"""The open positions: a table that can be sorted, with its totals."""

from dash import html
from dash.development.base_component import Component

from pnl.domain.snapshot import Json
from pnl.panels.amounts import shown
from pnl.panels.attributes import named

ID = "positions"


def layout(snapshot: dict[str, Json] | None) -> Component:
    """Return the positions that are known now, as a plain table."""
    rows = snapshot["positions"] if snapshot else []
    positions = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return html.Section(
        [
            html.Div([html.H2("Open positions"), html.Span(className="panel-note")], className="panel-head"),
            html.Div(_table(positions) if positions else _empty(snapshot), className="positions-body"),
        ],
        id=ID,
        className="card positions-panel",
        **named(aria_label="Open positions"),
    )


def _empty(snapshot: dict[str, Json] | None) -> Component:
    return html.P("No open positions." if snapshot else "Waiting for the first figures.", className="empty")


def _table(rows: list[dict[str, Json]]) -> Component:
    head = html.Tr(
        [
            html.Th("Market", scope="col"),
            html.Th("Value", scope="col", className="num"),
            html.Th("Unrealised", scope="col", className="num"),
        ]
    )
    body = [
        html.Tr(
            [
                html.Th(str(row["title"] or row["ticker"]), scope="row"),
                html.Td(shown(row["value"]), className="num"),
                html.Td(shown(row["unrealised"], plus=True), className="num"),
            ]
        )
        for row in rows
    ]
    return html.Div(html.Table([html.Thead(head), html.Tbody(body)], className="table"), className="scroll")
