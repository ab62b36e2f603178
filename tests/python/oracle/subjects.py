"""Which periods there are, and from when to when each subject exists."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

from oracle.raw import Raw
from oracle.values import ident, months_later


def calendar_periods(raw: Raw) -> list[tuple[str, date, date]]:
    days = [row["day"] for rows in (raw.cases, raw.ratings, raw.complaints) for row in rows]
    found, day = set(), min(days, default=raw.as_of)
    while day <= raw.as_of:
        monday, month = day - timedelta(days=day.weekday()), day.replace(day=1)
        quarter, year = date(day.year, day.month - (day.month - 1) % 3, 1), date(day.year, 1, 1)
        found.add(("week", monday, monday + timedelta(days=6)))
        found.add(("month", month, months_later(month, 1) - timedelta(days=1)))
        found.add(("quarter", quarter, months_later(quarter, 3) - timedelta(days=1)))
        found.add(("year", year, months_later(year, 12) - timedelta(days=1)))
        day += timedelta(days=1)
    found.add(("rolling_7d", raw.as_of - timedelta(days=7), raw.as_of))
    return sorted(found)


def lifetimes(raw: Raw) -> dict[tuple, tuple[date, date]]:
    """Return from when to when each subject exists."""
    seen: dict[tuple, list[date]] = defaultdict(list)
    for rows, with_item in ((raw.cases, True), (raw.ratings, False), (raw.complaints, False)):
        for row in rows:
            for subject in raw.subjects_of(row, with_item):
                seen[subject].append(row["day"])
    listed = {}
    for table, kind, key in (("halls", "hall", "hall_id"), ("windows", "window", "window_id"),
                             ("clerks", "clerk", "clerk_id")):
        for row in raw.tables[table]:
            listed[ident(row["hall_id"]), kind, ident(row[key])] = row["opened_on"], row["closed_on"]
    months = int(raw.rules.parameter("active_months_after_last_record", raw.as_of))
    spans = {}
    for subject in {s for s in seen if s[1] != "department"} | set(listed):
        days = seen.get(subject, [])
        hall_days = seen.get((subject[0], "hall", subject[0]), [])
        opened, closed = listed.get(subject, (None, None))
        starts = [day for day in (opened, min(days, default=None)) if day]
        first = min(starts) if starts else min(hall_days, default=raw.as_of)
        if subject not in listed:
            last = months_later(max(days), months)
        elif closed:
            last = max([closed, *days])
        else:
            last = raw.as_of
        spans[subject] = first, last
    for (hall, window), department in raw.departments.items():
        if department and (hall, "window", window) in spans:
            first, last = spans[hall, "window", window]
            known = spans.get((hall, "department", department), (first, last))
            spans[hall, "department", department] = min(first, known[0]), max(last, known[1])
    return spans
