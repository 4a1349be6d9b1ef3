"""Incidents: named periods of heightened working, opened and closed by a person."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident. Times are milliseconds since 1970, UTC."""

    id: int
    name: str
    posture: str
    opened_by: str
    opened_at: int
    closed_at: int | None = None

    @property
    def is_open(self) -> bool:
        """Whether it still runs."""
        return self.closed_at is None
