"""The receiver that tests speak to."""

from tests.alerts.ear import ear

__all__ = ["ear"]
