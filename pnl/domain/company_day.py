"""The company day: from midnight to midnight in the company's zone, 23 to 25 hours long."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


class Calendar:
    """Tells which company day an instant belongs to, and when a day begins and ends."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self._day = date.min
        self._start = self._end = datetime.min.replace(tzinfo=UTC)

    def day(self, at: datetime) -> date:
        """Return the company day of an aware instant."""
        if not self._start <= at < self._end:
            self._day = at.astimezone(self.zone).date()
            self._start, self._end = self.bounds(self._day)
        return self._day

    def bounds(self, day: date) -> tuple[datetime, datetime]:
        """Return the first instant of `day` and that of the next day, in UTC."""
        return self._midnight(day), self._midnight(day + timedelta(days=1))

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone).astimezone(UTC)
