"""Makes the Grafana dashboard: `.venv/bin/python deploy/monitoring/dashboard.py` writes grafana/northstar.json."""

from pathlib import Path
from typing import Final

from grafana_foundation_sdk.builders import common, dashboard, prometheus, stat, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    DataSourceRef,
    Threshold,
    ThresholdsMode,
    VariableRefresh,
)

FILE: Final = Path(__file__).parent / "grafana" / "northstar.json"
SOURCE: Final = DataSourceRef(type_val="prometheus", uid="northstar-prometheus")
Limits = tuple[float, float]


def query(expr: str, legend: str = "{{instance}}") -> prometheus.Dataquery:
    """Return a question to Prometheus."""
    return prometheus.Dataquery().expr(expr).legend_format(legend)


def limits(warning: float, critical: float, *, more: bool = False) -> dashboard.ThresholdsConfig:
    """Return the colours from a warning on; with `more`, a lower value is the worse one."""
    steps = (
        [Threshold(color="red"), Threshold(value=critical, color="orange"), Threshold(value=warning, color="green")]
        if more
        else [
            Threshold(color="green"),
            Threshold(value=warning, color="orange"),
            Threshold(value=critical, color="red"),
        ]
    )
    return dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps)


def figure(title: str, expr: str, unit: str, colours: dashboard.ThresholdsConfig) -> stat.Panel:
    """Return one number, coloured by its limits."""
    return (
        stat.Panel()
        .title(title)
        .datasource(SOURCE)
        .unit(unit)
        .thresholds(colours)
        .with_target(query(expr, ""))
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .height(4)
        .span(4)
    )


def course(title: str, unit: str, *queries: prometheus.Dataquery, about: str = "") -> timeseries.Panel:
    """Return a course over time."""
    panel = timeseries.Panel().title(title).description(about).datasource(SOURCE).unit(unit).height(8).span(8)
    for one in queries:
        panel.with_target(one)
    return panel.tooltip(common.VizTooltipOptions().mode("multi")).fill_opacity(8).line_width(1.5)


def made() -> str:
    """Return the dashboard as JSON."""
    board = (
        dashboard.Dashboard("NorthStar P&L")
        .uid("northstar-pnl")
        .tags(["northstar"])
        .readonly()
        .refresh("30s")
        .time("now-6h", "now")
        .timezone("browser")
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .with_variable(
            dashboard.QueryVariable("job")
            .datasource(SOURCE)
            .query("label_values(pnl_build_info, job)")
            .refresh(VariableRefresh.ON_DASHBOARD_LOAD)
        )
        .with_row(dashboard.Row("Against the limits"))
        .with_panel(figure("API, 99 in 100", 'pnl:http_latency:p99_5m{job="$job"}', "s", limits(0.5, 1)))
        .with_panel(figure("Snapshot, 95 in 100", 'pnl:aggregation:p95_15m{job="$job"}', "s", limits(0.3, 0.5)))
        .with_panel(figure("Delivery, 99 in 100", 'pnl:ws_delivery:p99_5m{job="$job"}', "s", limits(0.1, 0.2)))
        .with_panel(
            figure(
                "Without the database", 'pnl:cache:hit_ratio_5m{job="$job"}', "percentunit", limits(0.7, 0.5, more=True)
            )
        )
        .with_panel(figure("Database, 99 in 100", 'pnl:db_latency:p99_5m{job="$job"}', "s", limits(0.1, 0.5)))
        .with_panel(figure("Errors", 'pnl:http_errors:ratio_5m{job="$job"}', "percentunit", limits(0.01, 0.05)))
        .with_panel(figure("Live clients", 'pnl:ws_clients:sum{job="$job"}', "none", limits(8_000, 10_000)))
        .with_panel(figure("Memory", 'max(process_resident_memory_bytes{job="$job"})', "bytes", limits(1e9, 2e9)))
        .with_panel(
            figure(
                "Free disk",
                'min(pnl_disk_free_bytes{job="$job"} / pnl_disk_size_bytes{job="$job"})',
                "percentunit",
                limits(0.2, 0.1, more=True),
            )
        )
        .with_panel(figure("Leaders", 'sum(pnl_leader{job="$job"})', "none", limits(2, 2)))
        .with_panel(
            figure(
                "Newest snapshot",
                'time() - max(pnl_last_snapshot_commit_timestamp_seconds{job="$job"})',
                "s",
                limits(20, 30),
            )
        )
        .with_panel(
            figure(
                "Backup overdue",
                'clamp_min(time() - min(pnl_backup_due_timestamp_seconds{job="$job"}), 0)',
                "s",
                limits(1_800, 3_600),
            )
        )
        .with_row(dashboard.Row("Ticks and sources"))
        .with_panel(
            course(
                "Stages of a snapshot",
                "s",
                query(
                    'sum by (stage) (rate(pnl_aggregation_duration_seconds_sum{job="$job"}[$__rate_interval])) / '
                    'sum by (stage) (rate(pnl_aggregation_duration_seconds_count{job="$job"}[$__rate_interval]))',
                    "{{stage}}",
                ),
                about="The mean of each stage.",
            )
        )
        .with_panel(
            course("Ticks", "none", query('sum by (result) (increase(pnl_tick_total{job="$job"}[5m]))', "{{result}}"))
        )
        .with_panel(
            course("Age of figures", "s", query('max by (api) (pnl_upstream_data_age_seconds{job="$job"})', "{{api}}"))
        )
        .with_panel(
            course(
                "Requests to sources",
                "reqps",
                query(
                    'sum by (api, result) (rate(pnl_upstream_requests_total{job="$job"}[$__rate_interval]))',
                    "{{api}} {{result}}",
                ),
            )
        )
        .with_panel(
            course(
                "Breakers",
                "none",
                query('max by (name) (pnl_breaker_state{job="$job"})', "{{name}}"),
                about="0 closed, 1 being tried, 2 open.",
            )
        )
        .with_panel(
            course(
                "Sources, 95 in 100",
                "s",
                query(
                    "histogram_quantile(0.95, sum by (api, le) "
                    '(rate(pnl_upstream_request_duration_seconds_bucket{job="$job"}[5m])))',
                    "{{api}}",
                ),
            )
        )
        .with_row(dashboard.Row("Web and live"))
        .with_panel(
            course(
                "Requests",
                "reqps",
                query('sum by (code) (rate(pnl_http_requests_total{job="$job"}[$__rate_interval]))', "{{code}}"),
            )
        )
        .with_panel(course("Live clients", "none", query('pnl_ws_clients{job="$job"}')))
        .with_panel(
            course(
                "Live connections that ended or were not let in",
                "none",
                query('sum by (reason) (increase(pnl_ws_dropped_total{job="$job"}[5m]))', "{{reason}}"),
                query('sum by (reason) (increase(pnl_ws_rejected_total{job="$job"}[5m]))', "not let in: {{reason}}"),
            )
        )
        .with_panel(
            course(
                "Cache",
                "reqps",
                query(
                    'sum by (layer, result) (rate(pnl_cache_requests_total{job="$job"}[$__rate_interval]))',
                    "{{layer}} {{result}}",
                ),
            )
        )
        .with_panel(
            course(
                "Not let in",
                "none",
                query('sum by (reason) (increase(pnl_auth_failures_total{job="$job"}[5m]))', "{{reason}}"),
            )
        )
        .with_panel(course("Largest backlog of a client", "bytes", query('pnl_ws_queue_depth_max{job="$job"}')))
        .with_row(dashboard.Row("Process and store"))
        .with_panel(course("Memory", "bytes", query('process_resident_memory_bytes{job="$job"}')))
        .with_panel(
            course("Processor", "percentunit", query('rate(process_cpu_seconds_total{job="$job"}[$__rate_interval])'))
        )
        .with_panel(
            course(
                "Database",
                "bytes",
                query('max(pnl_db_bytes{job="$job"})', "database"),
                query('max(pnl_db_wal_bytes{job="$job"})', "write-ahead log"),
            )
        )
        .with_panel(
            course(
                "Ticks in the spool",
                "none",
                query('pnl_spool_records{job="$job"}'),
                query('increase(pnl_snapshots_refused_total{job="$job"}[5m])', "refused: {{instance}}"),
            )
        )
        .with_panel(course("Backups lag", "s", query('max(pnl_segment_ship_lag_seconds{job="$job"})', "oldest")))
        .with_panel(course("Terms of leaders", "none", query('pnl_leader_epoch{job="$job"} * pnl_leader{job="$job"}')))
    )
    return JSONEncoder(sort_keys=True, indent=2).encode(board.build()) + "\n"


if __name__ == "__main__":
    FILE.write_text(made(), encoding="utf-8")
