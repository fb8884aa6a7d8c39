"""What the process that ticks has left of a source."""

from datetime import datetime, timedelta

from pnl.ports import SourceMemory, Traffic


def well(now: datetime, name: str = "kalshi") -> SourceMemory:
    """Return a source that was read a second ago, and had its trouble two hours before."""

    def ago(seconds: float) -> timedelta:
        return timedelta(seconds=seconds)

    return SourceMemory(
        name=name,
        cursor=None,
        as_of=now - ago(1),
        complete_through=None,
        last_attempt=now - ago(1),
        next_attempt=now + ago(9),
        failures=0,
        error=None,
        caught_up=True,
        status="live",
        every_seconds=1200,
        stale_seconds=3000,
        traffic=Traffic(
            since=now - ago(3600), calls=1742, failed=2, p50_ms=83, p95_ms=1240, longest_ms=2100, skew_ms=40
        ),
        trouble=f"{name}: HTTP 502",
        trouble_at=now - ago(7200),
        trouble_kind="SourceBroken",
    )
