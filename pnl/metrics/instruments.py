"""The instruments, one set a process; every threshold of an alert is an edge of a bucket.

The values of a label are of a closed set: routes, sources, reasons; never a market, an address or a person.
"""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram

from pnl.metrics.told import Told

REGISTRY: Final = CollectorRegistry()

REQUEST: Final = Histogram(
    "pnl_http_request_duration_seconds",
    "From a request to the first byte of its answer.",
    ("handler", "method"),
    buckets=(0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2.5, 5),
    registry=REGISTRY,
)
REQUESTS: Final = Counter(
    "pnl_http_requests_total", "Requests that were answered.", ("handler", "method", "code"), registry=REGISTRY
)
STAGES: Final = Histogram(
    "pnl_aggregation_duration_seconds",
    "From what the sources answered to a snapshot that is kept and published: what is computed, the commit, the "
    "publishing, and all three together.",
    ("stage",),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2.5),
    registry=REGISTRY,
)
COMPUTE: Final = STAGES.labels("compute")
COMMIT: Final = STAGES.labels("commit")
PUBLISH: Final = STAGES.labels("publish")
AGGREGATION: Final = STAGES.labels("total")
TICK: Final = Histogram(
    "pnl_tick_duration_seconds",
    "A whole tick, with the reading of the sources.",
    buckets=(0.1, 0.3, 0.5, 1, 2, 3, 5, 9),
    registry=REGISTRY,
)
TICKS: Final = Counter(
    "pnl_tick_total",
    "Ticks by how they ended: ok; partial, kept while a source did not answer; failed, not kept; late, not made.",
    ("result",),
    registry=REGISTRY,
)
for _result in ("ok", "partial", "failed", "late"):
    TICKS.labels(_result)  # from 0 on, so that the first one is an increase
SNAPSHOTS: Final = Counter("pnl_snapshots_total", "Snapshots that were kept.", registry=REGISTRY)
GAPS: Final = Counter(
    "pnl_gaps_total",
    "Gaps between snapshots by why: late, a tick was not made in time; refused, no snapshot could be kept, for neither "
    "the database nor the spool took it; stopped, the process ended itself; away, the product was not running; "
    "restored, they were made after the backup that the archive was restored from.",
    ("reason",),
    registry=REGISTRY,
)
for _reason in ("late", "refused", "stopped", "away", "restored"):
    GAPS.labels(_reason)
COMMITTED: Final = Told(
    "pnl_last_snapshot_commit_timestamp_seconds", "When the newest snapshot was kept.", registry=REGISTRY
)
UPSTREAM: Final = Histogram(
    "pnl_upstream_request_duration_seconds",
    "From asking a source to the last byte of its answer.",
    ("api",),
    buckets=(0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 3, 5, 9),
    registry=REGISTRY,
)
UPSTREAM_REQUESTS: Final = Counter(
    "pnl_upstream_requests_total",
    "Requests to a source by how they ended; breaker is one that was not made, because those before had failed.",
    ("api", "result"),
    registry=REGISTRY,
)
UPSTREAM_SUCCESS: Final = Told(
    "pnl_upstream_last_success_timestamp_seconds", "When a source last answered well.", ("api",), registry=REGISTRY
)
BREAKER_CHANGES: Final = Counter(
    "pnl_breaker_transitions_total", "Times that a breaker came into a state.", ("name", "to"), registry=REGISTRY
)
CACHE: Final = Counter(
    "pnl_cache_requests_total",
    "Look-ups of a layer of the cache: l1 this process, l2 Redis, l3 the making of the answer from the database. "
    "Every reading of a user is counted once at l1.",
    ("layer", "result"),
    registry=REGISTRY,
)
DELIVERY: Final = Histogram(
    "pnl_live_delivery_seconds",
    "From a published snapshot until it was handed to the connection of every open page.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1),
    registry=REGISTRY,
)
ECHO: Final = Histogram(
    "pnl_ws_delivery_latency_seconds",
    "From a published snapshot until a browser said that it had come, of a few WebSockets at every tick.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1),
    registry=REGISTRY,
)
REJECTED: Final = Counter(
    "pnl_ws_rejected_total",
    "Live connections that were not let in: full, draining at a stop, of a foreign origin, or unable since the server "
    "speaks no WebSocket.",
    ("reason",),
    registry=REGISTRY,
)
for _reason in ("full", "draining", "origin", "unable"):
    REJECTED.labels(_reason)
QUERY: Final = Histogram(
    "pnl_db_query_duration_seconds",
    "One statement of the database.",
    ("op",),
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1),
    registry=REGISTRY,
)
DB_BYTES: Final = Told("pnl_db_bytes", "The size of the database.", registry=REGISTRY)
SPOOLED: Final = Told(
    "pnl_spool_records", "Snapshots that wait in the spool for the database to take them.", registry=REGISTRY
)
SPOOL_FREE: Final = Told("pnl_spool_bytes_free", "Bytes that the spool still takes.", registry=REGISTRY)
BACKUP_VERIFIED: Final = Told(
    "pnl_backup_last_verified_timestamp_seconds",
    "When the newest whole copy in a place was read back and proved.",
    ("place",),
    registry=REGISTRY,
)
BACKUP_DUE: Final = Told(
    "pnl_backup_due_timestamp_seconds",
    "When the next whole copy of a place is due, PNL_BACKUP_HOURS after the newest was proved; where none ever was, "
    "since when one is being waited for.",
    ("place",),
    registry=REGISTRY,
)
BACKUP_BYTES: Final = Told(
    "pnl_backup_bytes", "The database in the newest whole copy, unpacked.", ("place",), registry=REGISTRY
)
SHIP_LAG: Final = Told(
    "pnl_segment_ship_lag_seconds", "Since when a place has not been sent what came.", ("place",), registry=REGISTRY
)
REFUSED: Final = Counter(
    "pnl_snapshots_refused_total", "Snapshots that neither the database nor the spool took.", registry=REGISTRY
)
AUTH_FAILURES: Final = Counter(
    "pnl_auth_failures_total",
    "Requests that were not let in: nothing was shown, or a session, token, password or embed token that does not "
    "hold; scope, it may not do that.",
    ("reason",),
    registry=REGISTRY,
)
SECRETS: Final = Counter(
    "pnl_secret_reads_total",
    "Readings of a secret store by how they ended: same, rotated, or failed, while the last good secret stays in use.",
    ("store", "result"),
    registry=REGISTRY,
)
