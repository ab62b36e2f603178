"""What each subject did, by day and by period."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from oracle.raw import Raw


@dataclass
class Tally:
    """What one subject did, on a day or in a period."""

    cases: int = 0
    minutes: int = 0
    completed: int = 0
    channel_known: int = 0
    digital: int = 0
    standard_cases: int = 0
    standard_minutes: int = 0
    expected: Decimal = Decimal(0)
    waits: tuple = ()
    ratings: int = 0
    stars: int = 0
    satisfied: int = 0
    complaints: int = 0
    upheld: int = 0
    due: int = 0
    timely: int = 0
    callbacks_due: int = 0
    called_back: int = 0
    merit: Decimal = Decimal(0)


def count(raw: Raw, first: date, last: date, by_day: dict) -> tuple[dict, dict]:
    """Return the tallies of all subjects from first to last day, and how many rows of a hall name window and clerk."""
    satisfied = raw.rules.parameter("satisfied_rating", first)
    deadline = raw.rules.parameter("complaint_deadline_hours", first)
    negative = raw.rules.parameter("negative_rating", first)
    call_within = timedelta(hours=float(raw.rules.parameter("callback_deadline_hours", first)))
    tallies: dict[tuple, Tally] = defaultdict(Tally)
    named: dict[tuple, list[int]] = defaultdict(lambda: [0, 0, 0])
    day = first
    while day <= min(last, raw.as_of):
        for subject, sums in by_day["cases"].get(day, {}).items():
            tally = tallies[subject]
            for field, value in sums.items():
                setattr(tally, field, getattr(tally, field) + value)
        for hall, counts in by_day["counter"].get(day, {}).items():
            named["cases", hall] = [a + b for a, b in zip(named["cases", hall], counts, strict=True)]
        for rating in by_day["ratings"].get(day, []):
            add_names(named["ratings", rating["hall"]], rating)
            due, called = 0, 0
            if rating["stars"] <= negative:
                midnight = datetime.combine(rating["day"], datetime.min.time())
                due, called = callback(raw, rating["callback"], midnight, midnight + timedelta(1), call_within)
            for subject in raw.subjects_of(rating):
                tally = tallies[subject]
                tally.callbacks_due += due
                tally.called_back += called
                tally.ratings += 1
                tally.stars += rating["stars"]
                tally.satisfied += rating["stars"] >= satisfied
        for complaint in by_day["complaints"].get(day, []):
            add_names(named["complaints", complaint["hall"]], complaint)
            taken = (complaint["end"] or raw.moment) - complaint["made"] if complaint["made"] else None
            in_time = taken is not None and taken <= timedelta(hours=float(deadline))
            due, called = 0, 0
            if complaint["called"] != "unclear":
                due, called = callback(raw, complaint["called"], datetime.min, complaint["call_from"], call_within)
            for subject in raw.subjects_of(complaint):
                tally = tallies[subject]
                tally.callbacks_due += due
                tally.called_back += called
                tally.complaints += 1
                tally.upheld += complaint["upheld"] == 1
                if complaint["timed"]:
                    tally.due += complaint["end"] is not None or not in_time
                    tally.timely += complaint["end"] is not None and in_time
        day += timedelta(days=1)
    for merit in raw.merits:
        if first <= merit["day"] <= min(last, raw.as_of):
            earned = {(merit["hall"], "hall", merit["hall"])}
            earned |= {(merit["hall"], merit["kind"], merit["id"])} if merit["kind"] != "hall" else set()
            for subject in earned:
                tallies[subject].merit += merit["quantity"]
    return tallies, named


def callback(raw: Raw, called, earliest: datetime, start: datetime, within: timedelta) -> tuple[int, int]:
    """Return (1 when a callback is due or made, 1 when it was made in time)."""
    if called is not None and called < earliest:
        return 0, 0
    if called is not None and called < raw.moment:
        return 1, int(called - start <= within)
    return int(raw.moment - start > within), 0


def rows_by_day(raw: Raw) -> dict:
    """Return the rows by day; cases already added up, there are too many to count each time."""
    standards = defaultdict(list)
    for row in raw.rules.rows["item_standards"]:
        standards[row["item_code"]].append(row)
    cases: dict = defaultdict(lambda: defaultdict(lambda: defaultdict(int) | {"waits": ()}))
    counter: dict = defaultdict(lambda: defaultdict(lambda: [0, 0, 0]))
    for case in raw.cases:
        standard = next((row for row in standards[case["item"]] if row["from"] <= case["day"] <= row["to"]), None)
        for subject in raw.subjects_of(case, with_item=True):
            sums = cases[case["day"]][subject]
            sums["cases"] += 1
            sums["minutes"] += case["minutes"]
            sums["completed"] += case["completed"]
            sums["channel_known"] += case["channel"] is not None
            sums["digital"] += case["channel"] in ("self_service", "online")
            if case["wait"] is not None:
                sums["waits"] += (case["wait"],)
            if standard:
                sums["standard_cases"] += 1
                sums["standard_minutes"] += case["minutes"]
                sums["expected"] += Decimal(standard["standard_minutes"])
        if case["channel"] in (None, "window"):
            add_names(counter[case["day"]][case["hall"]], case)
    found = {"cases": cases, "counter": counter, "ratings": defaultdict(list), "complaints": defaultdict(list)}
    for name, rows in (("ratings", raw.ratings), ("complaints", raw.complaints)):
        for row in rows:
            found[name][row["day"]].append(row)
    return found


def add_names(counts: list[int], row: dict) -> None:
    counts[0] += 1
    counts[1] += row["window"] is not None
    counts[2] += row["clerk"] is not None
