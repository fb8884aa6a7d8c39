"""The rows of docs/reference/metrics.md, as the code has them."""

from prometheus_client.metrics import MetricWrapperBase

from pnl.metrics.gauges import GLANCES
from pnl.metrics.instruments import REGISTRY
from pnl.metrics.told import Told


def rows() -> list[str]:
    """Return a row for each metric of ours, by name."""
    found: dict[str, str] = {}
    for one in set(REGISTRY._collector_to_names):
        if isinstance(one, Told):
            found[one.name] = _row(one.name, "gauge", one._labels, one._documentation)
        elif isinstance(one, MetricWrapperBase):
            name = f"{one._name}_total" if one._type == "counter" else one._name
            found[name] = _row(name, str(one._type), one._labelnames, one._documentation)
    for glance in GLANCES:
        kind = "counter" if glance.counts else "gauge"
        found[glance.name] = _row(glance.name, kind, glance.labels, glance.documentation)
    return [found[name] for name in sorted(found)]


def _row(name: str, kind: str, labels: tuple[str, ...], documentation: str) -> str:
    return f"| `{name}` | {kind} | {', '.join(f'`{label}`' for label in labels)} | {documentation} |".replace(
        "|  |", "| |"
    )
