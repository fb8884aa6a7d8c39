"""What is recorded is what it is called: quantiles, ratios and peaks of series that were made for it."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.monitoring.rules import MONITORING, program, recorded

HTTP = "pnl_http_requests_total"


def histogram(name: str, edges: dict[str, float], labels: str = "") -> dict[str, str]:
    """Return the buckets of a histogram that grow by so much each minute."""
    return {f'{name}_bucket{{job="pnl"{labels},le="{edge}"}}': f"0+{each}x400" for edge, each in edges.items()}


def requests(code: int, each: float, handler: str = "/", before: str = "") -> dict[str, str]:
    return {f'{HTTP}{{job="pnl",code="{code}",handler="{handler}"}}': f"{before}0+{each}x400"}


LATENCY = "pnl_http_request_duration_seconds"
CASES: dict[str, list[tuple[dict[str, str], float | None]]] = {
    "pnl:http_latency:p99_5m": [
        (histogram(LATENCY, {"0.5": 98, "1.0": 100, "+Inf": 100}, ',handler="/"'), 0.75),
        (histogram(LATENCY, {"0.5": 98, "1.0": 100, "+Inf": 100}, ',handler="/api/pnl/export.csv"'), None),
        (histogram(LATENCY, {"0.5": 0, "1.0": 0, "+Inf": 0}, ',handler="/"'), float("nan")),
    ],
    **{
        f"pnl:http_errors:ratio_{span}": [
            (requests(200, 99) | requests(503, 1), 0.01),
            (requests(200, 99) | requests(404, 1), 0),
            (requests(200, 60) | requests(503, 40, "/readyz"), 0),
        ]
        for span in ("5m", "30m", "1h", "6h")
    },
    "pnl:aggregation:p95_15m": [
        (
            histogram("pnl_aggregation_duration_seconds", {"0.1": 90, "0.2": 100, "+Inf": 100}, ',stage="total"')
            | histogram("pnl_aggregation_duration_seconds", {"0.1": 0, "0.2": 0, "+Inf": 100}, ',stage="commit"'),
            0.15,
        )
    ],
    "pnl:ws_delivery:p99_5m": [
        (histogram("pnl_ws_delivery_latency_seconds", {"0.1": 98, "0.2": 100, "+Inf": 100}), 0.15)
    ],
    "pnl:cache:reads_5m": [
        (
            {
                'pnl_cache_requests_total{job="pnl",layer="l1",result="hit"}': "0+30x400",
                'pnl_cache_requests_total{job="pnl",layer="l1",result="miss"}': "0+10x400",
                'pnl_cache_requests_total{job="pnl",layer="l2",result="hit"}': "0+5x400",
            },
            200,
        )
    ],
    "pnl:cache:hit_ratio_5m": [
        (
            {
                'pnl_cache_requests_total{job="pnl",layer="l1",result="hit"}': "0+30x400",
                'pnl_cache_requests_total{job="pnl",layer="l1",result="miss"}': "0+10x400",
                'pnl_cache_requests_total{job="pnl",layer="l2",result="hit"}': "0+5x400",
                'pnl_cache_requests_total{job="pnl",layer="l2",result="miss"}': "0+5x400",
                'pnl_cache_requests_total{job="pnl",layer="l3",result="hit"}': "0+5x400",
            },
            0.875,
        )
    ],
    "pnl:db_latency:p99_5m": [
        (histogram("pnl_db_query_duration_seconds", {"0.1": 98, "0.25": 100, "+Inf": 100}, ',op="read"'), 0.175)
    ],
    "pnl:ws_clients:sum": [
        ({'pnl_ws_clients{job="pnl",instance="a"}': "5+0x400", 'pnl_ws_clients{job="pnl",instance="b"}': "7+0x400"}, 12)
    ],
    "pnl:ws_clients:peak_15m": [({'pnl_ws_clients{job="pnl"}': "400-1x400"}, 375)],
}


def test_everything_that_is_recorded_has_a_case() -> None:
    assert CASES.keys() == recorded().keys()


@pytest.mark.parametrize("name", CASES)
def test_what_is_recorded_is_what_it_is_called(name: str, tmp_path: Path) -> None:
    tests = [
        {
            "interval": "1m",
            "input_series": [{"series": series, "values": values} for series, values in given.items()],
            "promql_expr_test": [
                {
                    "expr": f"round({name}, 0.0001)",
                    "eval_time": _at(name),
                    "exp_samples": [] if value is None else [{"labels": '{job="pnl"}', "value": value}],
                }
            ],
        }
        for given, value in CASES[name]
        if value == value  # noqa: PLR0124 - promtool cannot compare what is no number
    ]
    idle = [{**test, "promql_expr_test": _never(name)} for test in _of_nothing(name)]
    rules = [str(MONITORING / "rules" / "recording.yml")]
    file = tmp_path / "tests.yml"
    file.write_text(json.dumps({"rule_files": rules, "evaluation_interval": "1m", "tests": tests + idle}))

    said = subprocess.run(
        [program("promtool"), "test", "rules", str(file)], capture_output=True, text=True, check=False
    )

    assert said.returncode == 0, said.stdout + said.stderr


def _at(name: str) -> str:
    """Return when it is looked at: as soon as the longest span that it reads is full."""
    return "6h" if name.endswith("6h") else "40m"


def _of_nothing(name: str) -> list[dict[str, object]]:
    """Return tests of series that stand still, of which no quantile is a number."""
    return [
        {
            "interval": "1m",
            "input_series": [{"series": series, "values": values} for series, values in given.items()],
        }
        for given, value in CASES[name]
        if value is not None and value != value  # noqa: PLR0124
    ]


def _never(name: str) -> list[dict[str, object]]:
    return [{"expr": f"{name} > 0", "eval_time": _at(name), "exp_samples": []}]
