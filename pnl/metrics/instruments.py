"""The instruments, one set a process; every threshold of an alert is an edge of a bucket."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY: Final = CollectorRegistry()

REQUEST: Final = Histogram(
    "pnl_http_request_duration_seconds",
    "From a request to the first byte of its answer.",
    ("handler", "method"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2.5, 5),
    registry=REGISTRY,
)
REQUESTS: Final = Counter(
    "pnl_http_requests_total", "Requests that were answered.", ("handler", "method", "code"), registry=REGISTRY
)
AGGREGATION: Final = Histogram(
    "pnl_aggregation_duration_seconds",
    "From what the sources answered to a snapshot that is kept and published.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2.5),
    registry=REGISTRY,
)
DELIVERY: Final = Histogram(
    "pnl_live_delivery_seconds",
    "From a published snapshot until it was handed to the connection of every open page.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1),
    registry=REGISTRY,
)
QUERY: Final = Histogram(
    "pnl_db_query_duration_seconds",
    "One statement of the database.",
    ("op",),
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1),
    registry=REGISTRY,
)
BACKUP_VERIFIED: Final = Gauge(
    "pnl_backup_last_verified_timestamp_seconds",
    "When the newest whole copy in a place was read back and proved.",
    ("place",),
    registry=REGISTRY,
)
BACKUP_BYTES: Final = Gauge(
    "pnl_backup_bytes", "The database in the newest whole copy, unpacked.", ("place",), registry=REGISTRY
)
SHIP_LAG: Final = Gauge(
    "pnl_segment_ship_lag_seconds", "Since when a place has not been sent what came.", ("place",), registry=REGISTRY
)
SPOOLED: Final = Gauge(
    "pnl_spool_records", "Snapshots that wait in the spool for the database to take them.", registry=REGISTRY
)
SPOOL_FREE: Final = Gauge("pnl_spool_bytes_free", "Room in the spool.", registry=REGISTRY)
REFUSED: Final = Counter(
    "pnl_snapshots_refused_total", "Snapshots that neither the database nor the spool took.", registry=REGISTRY
)
