"""How many of a hall's audited cases match."""

from __future__ import annotations

from datetime import date

from oracle.raw import Raw


def count_audited(raw: Raw, hall: str, first: date, last: date) -> tuple[int, int]:
    """Return how many cases of a hall and period were audited, and how many of them match."""
    own = [is_match for place, day, is_match in raw.audits if place == hall and first <= day <= last]
    return len(own), sum(own)


def audited_below(raw: Raw, hall: str, first: date, last: date) -> bool:
    count, matching = count_audited(raw, hall, first, last)
    minimum = raw.rules.parameter("audit_minimum_match_rate", first)
    return minimum is not None and matching < count * minimum
