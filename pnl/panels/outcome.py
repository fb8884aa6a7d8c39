"""What the open positions bring once they settle: worst, expected and best, event by event."""

from dash import html
from dash.development.base_component import Component

from pnl.domain.outcome import CASES, Outcome, outcomes, stakes, total
from pnl.domain.snapshot import Json, money
from pnl.panels.amounts import shown
from pnl.panels.attributes import named

ID = "outcome"


def layout(snapshot: dict[str, Json] | None) -> Component:
    """Return the three totals that are known now; the browser adds the events."""
    rows = snapshot["positions"] if snapshot else []
    held = stakes(row for row in rows if isinstance(row, dict)) if isinstance(rows, list) else []
    return html.Section(
        [
            html.Div([html.H2("At settlement"), html.Span(className="panel-note")], className="panel-head"),
            html.Div(_totals(outcomes(held)) if held else [], className="outcome-body"),
        ],
        id=ID,
        className="card outcome",
        **named(aria_label="What the open positions bring at settlement"),
    )


def _totals(found: list[Outcome]) -> Component:
    names = {"worst_case": "Worst case", "expected": "Expected", "best_case": "Best case"}
    amounts = {case: shown(money(total(found, case)), plus=True) for case in CASES}
    return html.Dl(
        [html.Div([html.Dt(name), html.Dd(amounts[case])]) for case, name in names.items()],  # type: ignore[index]  # the three cases
        className="outcome-totals",
    )
