"""When each alert fires, and when it does not: a case on either side of every threshold, as close as five percent."""

from dataclasses import dataclass
from typing import Final

Series = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Series that Prometheus has scraped, and whether an alert fires.

    Attributes:
        fires: How many of the alert fire in the end.
        series: The values of each series, as promtool writes them, one for every scrape.
        at: When that is looked at, in seconds.
        before: When it does not fire yet, in seconds; None where that is not looked at.
    """

    fires: int
    series: Series
    at: int
    before: int | None = None


Key = tuple[str, str]

EVERY: Final[dict[Key, int]] = {("PnlDisk", "warning"): 60, ("PnlSnapshotStale", "critical"): 5}
"""Seconds between scrapes where it is not a quarter of a minute."""


def flat(name: str, value: float, labels: str = "") -> Series:
    """Return a series that always has one value."""
    return {f'{name}{{job="pnl"{labels}}}': f"{value}+0x100"}


def _limits(name: str, low: float, high: float, wait: int, labels: str = "") -> list[Case]:
    """Return the cases of a warning between two limits."""
    return [
        Case(fires=0, series=flat(name, low * 0.95, labels), at=wait + 60),
        Case(fires=1, series=flat(name, low * 1.05, labels), at=wait + 15, before=wait - 15),
        Case(fires=1, series=flat(name, high * 0.95, labels), at=wait + 60),
        Case(fires=0, series=flat(name, high * 1.05, labels), at=wait + 60),
    ]


def _limit(name: str, limit: float, wait: int, labels: str = "") -> list[Case]:
    """Return the cases of a limit."""
    return [
        Case(fires=0, series=flat(name, limit * 0.95, labels), at=wait + 60),
        Case(fires=1, series=flat(name, limit * 1.05, labels), at=wait + 15, before=wait - 15),
    ]


def _cache(hits: float, reads: float) -> Series:
    return flat("pnl:cache:hit_ratio_5m", hits) | flat("pnl:cache:reads_5m", reads)


def _clients(now: float, most: float, draining: int = 0) -> Series:
    return (
        flat("pnl:ws_clients:sum", now)
        | flat("pnl:ws_clients:peak_15m", most)
        | flat("pnl_draining", draining, ',instance="a"')
    )


def _burn(long: str, low: float, short: str, now: float) -> Series:
    return flat(f"pnl:http_errors:ratio_{long}", low) | flat(f"pnl:http_errors:ratio_{short}", now)


def _disk(free: str) -> Series:
    return {'pnl_disk_free_bytes{job="pnl"}': free, 'pnl_disk_size_bytes{job="pnl"}': "100e9+0x100"}


def _backup(overdue: float, place: str = "folder") -> Series:
    return {f'pnl_backup_due_timestamp_seconds{{job="pnl",place="{place}"}}': f"{-overdue}+15x100"}


def _lag(seconds: float, place: str = "folder") -> Series:
    return flat("pnl_segment_ship_lag_seconds", seconds, f',place="{place}"')


def _secrets(result: str, each: float) -> Series:
    return {f'pnl_secret_reads_total{{job="pnl",store="vault",result="{result}"}}': f"0+{each}x100"}


def _slow(each: float) -> Series:
    return {
        'pnl_tick_duration_seconds_count{job="pnl"}': "0+1x100",
        'pnl_tick_duration_seconds_bucket{job="pnl",le="9.0"}': f"0+{each}x100",
    }


EQUIVALENT: Final = {("PnlDisk", "0 at 101"), ("PnlWatchdog", "1 at 7")}
"""What may as well be another number: a byte more or less of a forecast, and the value of what always fires."""

CASES: Final[dict[Key, list[Case]]] = {
    ("PnlApiSlow", "warning"): _limits("pnl:http_latency:p99_5m", 0.5, 1, 300),
    ("PnlApiSlow", "critical"): _limit("pnl:http_latency:p99_5m", 1, 120),
    ("PnlAggregationSlow", "warning"): _limits("pnl:aggregation:p95_15m", 0.3, 0.5, 300),
    ("PnlAggregationSlow", "critical"): _limit("pnl:aggregation:p95_15m", 0.5, 120),
    ("PnlDeliverySlow", "warning"): _limits("pnl:ws_delivery:p99_5m", 0.1, 0.2, 300),
    ("PnlDeliverySlow", "critical"): _limit("pnl:ws_delivery:p99_5m", 0.2, 120),
    ("PnlCacheMisses", "warning"): [
        Case(fires=0, series=_cache(0.735, 500), at=700),
        Case(fires=1, series=_cache(0.665, 315), at=615, before=585),
        Case(fires=1, series=_cache(0.525, 500), at=700),
        Case(fires=0, series=_cache(0.475, 500), at=700),
        Case(fires=0, series=_cache(0.6, 285), at=700),
        Case(fires=0, series=_cache(float("nan"), 0), at=700),
    ],
    ("PnlCacheMisses", "critical"): [
        Case(fires=0, series=_cache(0.525, 500), at=400),
        Case(fires=1, series=_cache(0.475, 315), at=315, before=285),
        Case(fires=0, series=_cache(0.4, 285), at=400),
    ],
    ("PnlDatabaseSlow", "warning"): _limits("pnl:db_latency:p99_5m", 0.1, 0.5, 300),
    ("PnlDatabaseSlow", "critical"): _limit("pnl:db_latency:p99_5m", 0.5, 120),
    ("PnlClientsLost", "warning"): [
        Case(fires=0, series=_clients(92, 100), at=200),
        Case(fires=1, series=_clients(89, 100), at=135, before=105),
        Case(fires=1, series=_clients(52, 100), at=200),
        Case(fires=0, series=_clients(48, 100), at=200),
        Case(fires=1, series=_clients(8, 10.5), at=200),
        Case(fires=0, series=_clients(7, 9.5), at=200),
        Case(fires=0, series=_clients(80, 100, draining=1), at=200),
    ],
    ("PnlClientsLost", "critical"): [
        Case(fires=0, series=_clients(52, 100), at=200),
        Case(fires=1, series=_clients(48, 100), at=75, before=45),
        Case(fires=1, series=_clients(3, 10.5), at=200),
        Case(fires=0, series=_clients(3, 9.5), at=200),
        Case(fires=0, series=_clients(0, 0), at=200),
        Case(fires=0, series=_clients(20, 100, draining=1), at=200),
    ],
    ("PnlErrors", "warning"): _limits("pnl:http_errors:ratio_5m", 0.01, 0.05, 300),
    ("PnlErrors", "critical"): _limit("pnl:http_errors:ratio_5m", 0.05, 120),
    ("PnlErrorBudgetBurns", "warning"): [
        Case(fires=1, series=_burn("6h", 0.0063, "30m", 0.0063), at=75, before=45),
        Case(fires=0, series=_burn("6h", 0.0057, "30m", 1), at=200),
        Case(fires=0, series=_burn("6h", 1, "30m", 0.0057), at=200),
    ],
    ("PnlErrorBudgetBurns", "critical"): [
        Case(fires=1, series=_burn("1h", 0.0151, "5m", 0.0151), at=75, before=45),
        Case(fires=0, series=_burn("1h", 0.0137, "5m", 1), at=200),
        Case(fires=0, series=_burn("1h", 1, "5m", 0.0137), at=200),
    ],
    ("PnlMemory", "warning"): _limits("process_resident_memory_bytes", 1e9, 2e9, 300),
    ("PnlMemory", "critical"): _limit("process_resident_memory_bytes", 2e9, 60),
    ("PnlMemoryLimit", "warning"): _limits("pnl_memory_limit_ratio", 0.7, 0.9, 300),
    ("PnlMemoryLimit", "critical"): _limit("pnl_memory_limit_ratio", 0.9, 60),
    ("PnlDisk", "warning"): [
        Case(fires=0, series=_disk("21e9+0x100"), at=900),
        Case(fires=1, series=_disk("19e9+0x100"), at=360, before=240),
        Case(fires=0, series=_disk("63.6e9-10e6x400"), at=22_800),
        Case(fires=1, series=_disk("63.96e9-11e6x400"), at=22_800),
    ],
    ("PnlDisk", "critical"): [
        Case(fires=0, series=_disk("10.5e9+0x100"), at=200),
        Case(fires=1, series=_disk("9.5e9+0x100"), at=75, before=45),
        Case(fires=1, series=_disk("0.48e9+0x100") | flat("pnl_disk_size_bytes", 1e9), at=200),
        Case(fires=0, series=_disk("0.52e9+0x100") | flat("pnl_disk_size_bytes", 1e9), at=200),
    ],
    ("PnlUpstreamFailing", "warning"): [
        Case(fires=0, series=flat("pnl_breaker_state", 0, ',name="kalshi"'), at=200),
        Case(fires=1, series=flat("pnl_breaker_state", 1, ',name="kalshi"'), at=135, before=105),
        Case(fires=0, series=flat("pnl_breaker_state", 2, ',name="redis"'), at=200),
        Case(
            fires=2,
            series=flat("pnl_breaker_state", 2, ',name="kalshi"') | flat("pnl_breaker_state", 2, ',name="anthropic"'),
            at=200,
        ),
    ],
    ("PnlUpstreamStale", "warning"): [
        *_limit("pnl_upstream_data_age_seconds", 120, 60, ',api="kalshi"'),
        Case(fires=0, series=flat("pnl_upstream_data_age_seconds", 3600, ',api="revenue.feed"'), at=200),
    ],
    ("PnlRedisDown", "warning"): [
        Case(fires=0, series=flat("pnl_breaker_state", 0, ',name="redis"'), at=200),
        Case(fires=1, series=flat("pnl_breaker_state", 2, ',name="redis"'), at=135, before=105),
        Case(fires=0, series=flat("pnl_breaker_state", 2, ',name="kalshi"'), at=200),
    ],
    ("PnlTickSlow", "warning"): [
        Case(fires=0, series=_slow(0.976), at=900),
        Case(fires=1, series=_slow(0.972), at=900),
        Case(fires=0, series=_slow(1), at=900),
        Case(fires=1, series=_slow(0.5), at=135, before=60),
    ],
    ("PnlTicksFail", "critical"): [
        Case(fires=0, series={'pnl_tick_total{job="pnl",result="failed"}': "0+0.14x100"}, at=900),
        Case(fires=1, series={'pnl_tick_total{job="pnl",result="late"}': "0+0.16x100"}, at=900),
        Case(fires=0, series={'pnl_tick_total{job="pnl",result="ok"}': "0+1x100"}, at=900),
        Case(fires=1, series={'pnl_tick_total{job="pnl",result="failed"}': "0+4x100"}, at=105, before=60),
    ],
    ("PnlSnapshotStale", "critical"): [
        Case(fires=0, series={'pnl_last_snapshot_commit_timestamp_seconds{job="pnl"}': "-28+5x100"}, at=300),
        Case(fires=1, series={'pnl_last_snapshot_commit_timestamp_seconds{job="pnl"}': "-32+5x100"}, at=20, before=10),
        Case(
            fires=0,
            series={
                'pnl_last_snapshot_commit_timestamp_seconds{job="pnl",instance="led"}': "0+0x100",
                'pnl_last_snapshot_commit_timestamp_seconds{job="pnl",instance="leads"}': "0+5x100",
            },
            at=300,
        ),
    ],
    ("PnlLeaders", "critical"): [
        Case(fires=0, series=flat("pnl_leader", 1, ',instance="a"') | flat("pnl_leader", 0, ',instance="b"'), at=120),
        Case(fires=1, series=flat("pnl_leader", 0, ',instance="a"'), at=45, before=15),
        Case(fires=1, series=flat("pnl_leader", 1, ',instance="a"') | flat("pnl_leader", 1, ',instance="b"'), at=120),
    ],
    ("PnlSpoolWaits", "critical"): [
        Case(fires=0, series=flat("pnl_spool_records", 0), at=400),
        Case(fires=1, series=flat("pnl_spool_records", 1), at=315, before=285),
    ],
    ("PnlSnapshotsRefused", "critical"): [
        Case(fires=0, series={'pnl_snapshots_refused_total{job="pnl"}': "0+0.0079x100"}, at=1200),
        Case(fires=1, series={'pnl_snapshots_refused_total{job="pnl"}': "0+0.00875x100"}, at=1200),
        Case(fires=1, series={'pnl_snapshots_refused_total{job="pnl"}': "0x9 1x100"}, at=150, before=135),
        Case(fires=0, series={'pnl_snapshots_refused_total{job="pnl"}': "0x9 1x100"}, at=1080),
    ],
    ("PnlBackupUnverified", "warning"): [
        Case(fires=0, series=_backup(3420), at=300),
        Case(fires=1, series=_backup(3780), at=75, before=45),
        Case(fires=0, series=_backup(-86_400), at=300),
        Case(fires=1, series=_backup(-86_400) | _backup(3780, "s3"), at=300),
        Case(fires=2, series=_backup(3780) | _backup(3780, "s3"), at=300),
        Case(
            fires=1, series={'pnl_backup_due_timestamp_seconds{job="pnl",place="s3"}': "0+0x300"}, at=3750, before=3600
        ),
        Case(fires=0, series=flat("pnl_leader", 1), at=300),
    ],
    ("PnlSegmentsUnsent", "warning"): [
        *_limit("pnl_segment_ship_lag_seconds", 300, 120, ',place="folder"'),
        Case(fires=1, series=_lag(0) | _lag(900, "s3"), at=200),
        Case(fires=2, series=_lag(900) | _lag(900, "s3"), at=200),
        Case(fires=0, series={'pnl_segment_ship_lag_seconds{job="pnl",place="folder"}': "0+15x17 0x30"}, at=600),
        Case(fires=0, series=flat("pnl_leader", 1), at=300),
    ],
    ("PnlSecretStoreFails", "warning"): [
        Case(fires=0, series=_secrets("failed", 0.0155), at=1200),
        Case(fires=1, series=_secrets("failed", 0.0175), at=1200),
        Case(fires=0, series=_secrets("same", 1), at=1200),
        Case(
            fires=1,
            series={'pnl_secret_reads_total{job="pnl",store="aws",result="failed"}': "0+2x100"},
            at=90,
            before=45,
        ),
    ],
    ("PnlTlsUnchecked", "warning"): [
        Case(fires=0, series=flat("pnl_tls_verify_disabled", 0), at=200),
        Case(fires=1, series=flat("pnl_tls_verify_disabled", 1), at=75, before=45),
    ],
    ("PnlDown", "critical"): [
        Case(fires=0, series=flat("up", 1, ',instance="a"'), at=200),
        Case(fires=1, series=flat("up", 0, ',instance="a"') | flat("up", 1, ',instance="b"'), at=75, before=45),
        Case(fires=1, series={'up{job="another"}': "1+0x100"}, at=75, before=45),
    ],
    ("PnlWatchdog", "none"): [Case(fires=1, series=flat("up", 1), at=15)],
}
