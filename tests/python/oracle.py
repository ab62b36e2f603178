"""The scores once more, in pandas and Decimal, from the raw tables and the rule files alone.

Written from the policy and docs/decisions.md, in another language and another order than the
models: rows are cleaned one by one, counted by day, and every subject and period is judged in
a plain loop. Nothing here reads the models or what they built.
"""

from __future__ import annotations

import csv
import hashlib
import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, getcontext
from functools import cache
from itertools import combinations
from pathlib import Path

import pandas as pd

getcontext().prec = 60
LAST_DAY = date(9999, 12, 31)
SUBJECT_TYPES = ("hall", "department", "window", "clerk")
MINUTE = 10**10  # process minutes are kept as whole ten-billionths
CASE_METRICS = (
    "avg_process_minutes", "case_mix_process_minutes", "first_visit_completion_rate", "digital_usage_rate",
    "avg_wait_minutes",
)
METRICS = (
    *CASE_METRICS, "wait_within_target_rate", "p90_wait_minutes", "avg_rating", "satisfied_rate",
    "rating_coverage_rate", "complaint_count",
    "zero_complaint_months", "complaint_timely_rate", "negative_feedback_callback_rate",
    "merit_quantity",
)
CLAIMED = {
    "efficiency": ("avg_wait_minutes", "avg_process_minutes", "case_mix_process_minutes"),
    "satisfaction": ("avg_rating", "satisfied_rate"),
}
LOWER_IS_BETTER = (
    "avg_process_minutes", "case_mix_process_minutes", "complaint_count", "avg_wait_minutes", "p90_wait_minutes",
)

# The best and the worst value that a metric can have; shares 1 and 0.
ENDS = dict.fromkeys(LOWER_IS_BETTER, (0, None)) | {
    "avg_rating": (5, 1), "merit_quantity": (None, 0), "zero_complaint_months": (12, 0),
}


def rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


@cache
def minutes_of(wait: timedelta) -> Decimal:
    return rounded(Decimal(wait // timedelta(microseconds=1)) / 60_000_000, 10)


def is_blank(sign: str) -> bool:
    """Return whether a character is white space, a control or a formatting character."""
    return unicodedata.category(sign) in ("Zs", "Zl", "Zp", "Cc", "Cf")


def text(value) -> str | None:
    """Return a cell without what is blank at its ends, None when nothing is left."""
    signs = list("" if value is None else str(value))
    while signs and is_blank(signs[-1]):
        signs.pop()
    while signs and is_blank(signs[0]):
        del signs[0]
    return "".join(signs) or None


def ident(value) -> str | None:
    """Return an id; one of more than 64 characters, or that looks shortened, keeps 47 and the begin of its hash."""
    name = text(value)
    is_kept = name is None or len(name) < 64 or (len(name) == 64 and not re.fullmatch("~[0-9a-f]{16}", name[47:]))
    return name if is_kept else f"{name[:47]}~{digest(name)[:16]}"


def digest(value: str | None) -> str:
    return hashlib.sha256(value.encode()).hexdigest() if value else ""


def day_of(value: str, default: date | None) -> date | None:
    return date.fromisoformat(value) if value else default


def number_of(value: str) -> Decimal | None:
    return Decimal(value) if value else None


class Rules:
    """The rule files, each row with its first and last day."""

    def __init__(self, folder: Path):
        self.rows = {}
        for path in sorted(folder.glob("*.csv")):
            with path.open(encoding="utf-8-sig", newline="") as file:
                rows = list(csv.DictReader(file))
            for row in rows:
                row["from"] = day_of(row.get("valid_from", ""), date.min)
                row["to"] = day_of(row.get("valid_to", ""), LAST_DAY)
            self.rows[path.stem] = rows

    @cache  # noqa: B019 - asked for each subject and period, of some hundred days
    def on(self, name: str, day: date, **cells: str) -> list[dict]:
        """Return the rows in force on a day whose cells have these values."""
        return [
            row for row in self.rows[name]
            if row["from"] <= day <= row["to"] and all(row[key] == value for key, value in cells.items())
        ]

    def parameter(self, name: str, day: date) -> Decimal | None:
        rows = self.on("metric_parameters", day, parameter=name)
        return Decimal(rows[0]["value"]) if rows else None


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


class Oracle:
    """Recomputes the scores as of the end of a day that is over."""

    def __init__(self, tables: dict[str, pd.DataFrame], rules_folder: Path, as_of: date):
        self.rules = Rules(rules_folder)
        self.as_of = as_of
        self.moment = datetime.combine(as_of + timedelta(days=1), datetime.min.time())
        self.tables = {name: frame.to_dict("records") for name, frame in tables.items()}
        self.departments = {
            (ident(row["hall_id"]), ident(row["window_id"])): ident(row["department"]) for row in self.tables["windows"]
        }
        self.catalogue = {row["metric"]: row for row in self.rules.rows["metric_definitions"]}
        self.levels = {row["level"]: int(row["rating"]) for row in self.rules.rows["rating_levels"]}
        self.cases = self.clean_cases()
        self.ratings = self.clean_ratings()
        self.complaints = self.clean_complaints()
        self.merits = self.clean_merits()
        self.audits = self.clean_audits()
        self.appeals = self.clean_appeals()

    # Cleaning

    def clean_cases(self) -> list[dict]:
        limits = self.rules.rows["metric_parameters"]
        limits = [row for row in limits if row["parameter"] == "max_process_minutes"]
        kept, by_key = [], defaultdict(list)
        for row in self.tables["service_log"]:
            day = row["service_date"]
            if day is None or day.year < 1900 or day > self.as_of:
                continue
            start, end = row["start_time"], row["end_time"]
            in_order = start is not None and end is not None and end >= start
            if row["process_time"] is not None and row["process_time"] >= 0:
                minutes = int(row["process_time"] * MINUTE)
            elif in_order:
                micros = (end - start) // timedelta(microseconds=1)
                minutes = int(rounded(Decimal(micros) / 60_000_000, 10) * MINUTE)
            else:
                minutes = None
            limit = next((Decimal(r["value"]) for r in limits if r["from"] <= day <= r["to"]), None)
            is_long = limit is not None and minutes is not None and minutes > limit * MINUTE
            if start is not None and end is not None and end < start:
                start = end = None
            case = {
                "day": day, "hall": ident(row["hall_id"]) or "main", "window": ident(row["window_id"]),
                "clerk": ident(row["clerk_id"]), "item": ident(row["item_code"]), "log_id": ident(row["log_id"]),
                "minutes": minutes, "completed": row["is_completed"],
                "counts": minutes is not None and not is_long and row["is_completed"] in (0, 1),
                "channel": row["channel"] if row["channel"] in ("window", "self_service", "online") else None,
                "start": start, "end": end, "ticket": row["ticket_time"],
            }
            case["wait"] = self.wait_of(case)
            if case["log_id"] is None:
                kept += [case] if case["counts"] else []
            else:
                by_key[day, case["hall"], case["log_id"]].append(case)

        def earliest_first(case: dict) -> tuple:
            moments = [(case[k] is not None, case[k] or datetime.min) for k in ("start", "end", "ticket")]
            words = [case[k] or "" for k in ("window", "clerk", "item", "channel")]
            numbers = [(case[k] is not None, case[k] or 0) for k in ("minutes", "completed")]
            bad_last = not case["counts"], case["start"] is None
            return *bad_last, moments[0], moments[1], *numbers, *words, moments[2]

        # What a rating is given for: one row a case, whatever became of its clock.
        self.placed = [min(copies, key=earliest_first) for copies in by_key.values()]
        return kept + [case for case in self.placed if case["counts"]]

    def wait_of(self, case: dict) -> timedelta | None:
        """Return how long somebody waited with a ticket; None when it is unknown or cannot be."""
        if case["ticket"] is None or case["start"] is None or case["start"] < case["ticket"]:
            return None
        longest = self.rules.parameter("max_wait_minutes", case["day"])
        wait = case["start"] - case["ticket"]
        return None if longest is not None and wait > timedelta(minutes=float(longest)) else wait

    def clean_ratings(self) -> list[dict]:
        by_id, kept = defaultdict(list), []
        for row in self.tables["feedback"]:
            day, level = row["date"], text(row["rating"])
            if day is None or day.year < 1900 or day > self.as_of or level is None:
                continue
            stars = self.levels.get(level)
            if stars is None and level.lstrip("+-").replace(".", "", 1).isascii() and level[-1:].isdigit():
                stars = Decimal(level)
            if stars not in (1, 2, 3, 4, 5):
                continue
            rating = {
                "day": day, "stars": int(stars), "named_hall": ident(row["hall_id"]), "id": ident(row["feedback_id"]),
                "hall": ident(row["hall_id"]) or "main", "log_id": ident(row["log_id"]),
                "window": ident(row["window_id"]), "clerk": ident(row["clerk_id"]), "item": None,
                "channel": row["channel"] if row["channel"] in ("touchscreen", "wechat", "app", "sms") else None,
                "callback": row["callback_time"], "text": text(row.get("comment")),
            }
            (kept if rating["id"] is None else by_id[day, rating["hall"], rating["id"]]).append(rating)

        def copy_order(rating: dict) -> tuple:
            words = [rating[k] or "" for k in ("log_id", "window", "clerk", "channel")]
            moment = rating["callback"] is None, rating["callback"] or datetime.min
            return rating["stars"], *words, *moment, digest(rating["text"])

        kept += [min(copies, key=copy_order) for copies in by_id.values()]
        cases_of = defaultdict(list)
        for case in self.placed:
            cases_of[case["log_id"]].append(case)
        first_of = {}
        without_case = []
        for rating in kept:
            if rating["log_id"] is None:
                without_case.append(rating)
                continue
            days_back = self.rules.parameter("rating_case_days", rating["day"])
            fitting = [
                case for case in cases_of[rating["log_id"]]
                if rating["named_hall"] in (None, case["hall"])
                and rating["day"] - timedelta(days=int(days_back)) <= case["day"] <= rating["day"]
            ]
            case_day = rating["day"]
            if fitting:
                case_day = max(case["day"] for case in fitting)
                case = min((c for c in fitting if c["day"] == case_day), key=lambda c: c["hall"])
                rating["hall"], rating["item"] = case["hall"], case["item"]
                for key in ("window", "clerk"):
                    rating[key] = case[key] or rating[key]
            key = rating["hall"], rating["log_id"], case_day
            order = (
                rating["day"], rating["id"] is None, rating["id"] or "", rating["stars"],
                *[rating[k] or "" for k in ("window", "clerk", "channel")], digest(rating["text"]),
            )
            if key not in first_of or order < first_of[key][0]:
                first_of[key] = order, rating
        return without_case + [rating for _, rating in first_of.values()]

    def clean_complaints(self) -> list[dict]:
        kept = {}
        for position, row in enumerate(self.tables["complaints"]):
            made, resolved = row["complaint_time"], row["resolution_time"]
            day = row["complaint_date"] or (made and made.date())
            if day is None or day.year < 1900 or day > self.as_of or (made and made >= self.moment):
                continue
            if resolved is not None and resolved >= self.moment:
                resolved = None
            tolerance = timedelta(minutes=float(self.rules.parameter("clock_tolerance_minutes", day) or 0))
            too_early = bool(made and resolved and resolved < made - tolerance)
            end = None if too_early or resolved is None else max(resolved, made) if made else resolved
            complaint = {
                "day": day, "hall": ident(row["hall_id"]) or "main", "window": ident(row["window_id"]),
                "clerk": ident(row["clerk_id"]), "item": None, "made": made, "end": end,
                "timed": made is not None and not too_early, "upheld": row["is_upheld"],
                "text": "\n".join(filter(None, (text(row["category"]), text(row.get("description"))))) or None,
            }
            identity = ident(row["complaint_id"])
            order = (
                made or datetime.min, resolved or datetime.min,
                complaint["window"] or "", complaint["clerk"] or "", text(row["category"]) or "",
            )
            called = row["callback_time"]
            known = called if called is not None and called < self.moment else None
            at = made or datetime.combine(day, datetime.min.time())
            complaint["called"] = "unclear" if known is not None and known < at - tolerance else known
            complaint["call_from"] = made or at + timedelta(days=1)
            key = (day, complaint["hall"], identity) if identity else (day, complaint["hall"], None, position)
            if key not in kept or order < kept[key][0]:
                kept[key] = order, complaint
        return [complaint for _, complaint in kept.values() if complaint["upheld"] != 0]

    def clean_merits(self) -> list[dict]:
        return [
            {"day": row["date"], "hall": ident(row["hall_id"]) or "main", "kind": row["subject_type"],
             "id": ident(row["subject_id"]), "quantity": Decimal(row["quantity"])}
            for row in self.tables.get("merit_records", [])
            if row["date"] and row["date"].year >= 1900 and row["quantity"] and row["quantity"] > 0
            and ident(row["approved_by"]) and (row["subject_type"] == "hall" or ident(row["subject_id"]))
            and row["subject_type"] in SUBJECT_TYPES
        ]

    def clean_audits(self) -> list[tuple[str, date, bool]]:
        """Return (hall, day, whether it matches) of each audited case that can be told from all others."""
        by_log_id, found, seen = defaultdict(list), [], set()
        for case in self.cases:
            by_log_id[case["log_id"]].append(case)
        for row in self.tables.get("audit_samples", []):
            at, log_id, audit_id = row["audited_at"], ident(row["log_id"]), ident(row["audit_id"])
            if audit_id is None or audit_id in seen or log_id is None or (at is not None and at >= self.moment):
                continue
            seen.add(audit_id)
            known = [case for case in by_log_id[log_id] if at is None or case["day"] <= at.date()]
            latest = [case for case in known if case["day"] == max(one["day"] for one in known)]
            minutes, completed = row["audited_process_time"], row["audited_is_completed"]
            if len({case["hall"] for case in latest}) != 1 or (minutes is None and completed is None):
                continue
            case = latest[0]
            limit = self.rules.parameter("audit_tolerance_minutes", case["day"])
            off = abs(Decimal(minutes) - Decimal(case["minutes"]) / MINUTE) if minutes is not None else Decimal(0)
            is_match = (limit is None or off <= limit) and completed in (None, case["completed"])
            found.append((case["hall"], case["day"], is_match))
        return found

    def audited(self, hall: str, first: date, last: date) -> tuple[int, int]:
        """Return how many cases of a hall and period were audited, and how many of them match."""
        own = [is_match for place, day, is_match in self.audits if place == hall and first <= day <= last]
        return len(own), sum(own)

    def audited_below(self, hall: str, first: date, last: date) -> bool:
        count, matching = self.audited(hall, first, last)
        minimum = self.rules.parameter("audit_minimum_match_rate", first)
        return minimum is not None and matching < count * minimum

    def clean_appeals(self) -> list[dict]:
        """Return the appeals known by now, with the decision known by now."""
        found = []
        for row in self.tables.get("appeals", []):
            if row["submitted_at"] >= self.moment:
                continue
            names = ("period_type", "period_start", "hall_id", "subject_type", "subject_id")
            is_decided = row["decided_at"] is not None and row["decided_at"] < self.moment
            found.append({
                "key": tuple(row[name] for name in names), "rule_id": row["rule_id"],
                "decision": row["decision"] if is_decided else "pending",
                "points": Decimal(row["points_adjustment"] or 0),
            })
        return found

    def is_published(self, kind: str, first: date, last: date) -> bool:
        """Return whether a build as of this day has published the period."""
        start = date.fromisoformat(self.rules.on("metric_parameters", self.as_of, parameter="publish_from")[0]["value"])
        lag = int(self.rules.parameter("publication_lag", first))
        return kind != "rolling_7d" and first >= start and last + timedelta(days=lag) <= self.as_of

    def due_on(self, start: date, working_days: int) -> date | None:
        """Return the day so many working days later, None when the calendar lacks a year on the way."""
        days = {date.fromisoformat(row["calendar_date"]): row["is_working_day"] == "1"
                for row in self.rules.rows["work_calendar"]}
        years, day = {day.year for day in days}, start
        while day.year in years and working_days:
            day += timedelta(days=1)
            working_days -= day.year in years and days.get(day, day.weekday() < 5)
        return day if day.year in years else None

    # Counting

    def subjects_of(self, row: dict, with_item: bool = False):
        ids = {
            "hall": row["hall"], "department": self.departments.get((row["hall"], row["window"])),
            "window": row["window"], "clerk": row["clerk"], "item": row["item"] if with_item else None,
        }
        return [(row["hall"], kind, identity) for kind, identity in ids.items() if identity is not None]

    def periods(self) -> list[tuple[str, date, date]]:
        days = [row["day"] for rows in (self.cases, self.ratings, self.complaints) for row in rows]
        found, day = set(), min(days, default=self.as_of)
        while day <= self.as_of:
            monday, month = day - timedelta(days=day.weekday()), day.replace(day=1)
            quarter, year = date(day.year, day.month - (day.month - 1) % 3, 1), date(day.year, 1, 1)
            found.add(("week", monday, monday + timedelta(days=6)))
            found.add(("month", month, months_later(month, 1) - timedelta(days=1)))
            found.add(("quarter", quarter, months_later(quarter, 3) - timedelta(days=1)))
            found.add(("year", year, months_later(year, 12) - timedelta(days=1)))
            day += timedelta(days=1)
        found.add(("rolling_7d", self.as_of - timedelta(days=7), self.as_of))
        return sorted(found)

    def spans(self) -> dict[tuple, tuple[date, date]]:
        """Return from when to when each subject exists."""
        seen: dict[tuple, list[date]] = defaultdict(list)
        for rows, with_item in ((self.cases, True), (self.ratings, False), (self.complaints, False)):
            for row in rows:
                for subject in self.subjects_of(row, with_item):
                    seen[subject].append(row["day"])
        listed = {}
        for table, kind, key in (("halls", "hall", "hall_id"), ("windows", "window", "window_id"),
                                 ("clerks", "clerk", "clerk_id")):
            for row in self.tables[table]:
                listed[ident(row["hall_id"]), kind, ident(row[key])] = row["opened_on"], row["closed_on"]
        months = int(self.rules.parameter("active_months_after_last_record", self.as_of))
        spans = {}
        for subject in {s for s in seen if s[1] != "department"} | set(listed):
            days = seen.get(subject, [])
            hall_days = seen.get((subject[0], "hall", subject[0]), [])
            opened, closed = listed.get(subject, (None, None))
            starts = [day for day in (opened, min(days, default=None)) if day]
            first = min(starts) if starts else min(hall_days, default=self.as_of)
            if subject in listed:
                last = max([closed, *days]) if closed else self.as_of
            else:
                last = months_later(max(days), months)
            spans[subject] = first, last
        for (hall, window), department in self.departments.items():
            if department and (hall, "window", window) in spans:
                first, last = spans[hall, "window", window]
                known = spans.get((hall, "department", department), (first, last))
                spans[hall, "department", department] = min(first, known[0]), max(last, known[1])
        return spans

    def count(self, first: date, last: date, by_day: dict) -> tuple[dict, dict]:
        """Return the tallies of all subjects from first to last day, and the rows that name whom by hall."""
        satisfied = self.rules.parameter("satisfied_rating", first)
        deadline = self.rules.parameter("complaint_deadline_hours", first)
        negative = self.rules.parameter("negative_rating", first)
        call_within = timedelta(hours=float(self.rules.parameter("callback_deadline_hours", first)))
        tallies: dict[tuple, Tally] = defaultdict(Tally)
        named: dict[tuple, list[int]] = defaultdict(lambda: [0, 0, 0])
        day = first
        while day <= min(last, self.as_of):
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
                    due, called = self.callback(rating["callback"], midnight, midnight + timedelta(1), call_within)
                for subject in self.subjects_of(rating):
                    tally = tallies[subject]
                    tally.callbacks_due += due
                    tally.called_back += called
                    tally.ratings += 1
                    tally.stars += rating["stars"]
                    tally.satisfied += rating["stars"] >= satisfied
            for complaint in by_day["complaints"].get(day, []):
                add_names(named["complaints", complaint["hall"]], complaint)
                taken = (complaint["end"] or self.moment) - complaint["made"] if complaint["made"] else None
                in_time = taken is not None and taken <= timedelta(hours=float(deadline))
                due, called = 0, 0
                if complaint["called"] != "unclear":
                    due, called = self.callback(complaint["called"], datetime.min, complaint["call_from"], call_within)
                for subject in self.subjects_of(complaint):
                    tally = tallies[subject]
                    tally.callbacks_due += due
                    tally.called_back += called
                    tally.complaints += 1
                    tally.upheld += complaint["upheld"] == 1
                    if complaint["timed"]:
                        tally.due += complaint["end"] is not None or not in_time
                        tally.timely += complaint["end"] is not None and in_time
            day += timedelta(days=1)
        for merit in self.merits:
            if first <= merit["day"] <= min(last, self.as_of):
                earned = {(merit["hall"], "hall", merit["hall"])}
                earned |= {(merit["hall"], merit["kind"], merit["id"])} if merit["kind"] != "hall" else set()
                for subject in earned:
                    tallies[subject].merit += merit["quantity"]
        return tallies, named

    def callback(self, called, earliest: datetime, start: datetime, within: timedelta) -> tuple[int, int]:
        """Return (1 when a callback is due or made, 1 when it was made in time)."""
        if called is not None and called < earliest:
            return 0, 0
        if called is not None and called < self.moment:
            return 1, int(called - start <= within)
        return int(self.moment - start > within), 0

    def days(self) -> dict:
        """Return the rows by day; cases already added up, there are too many to count each time."""
        standards = defaultdict(list)
        for row in self.rules.rows["item_standards"]:
            standards[row["item_code"]].append(row)
        cases: dict = defaultdict(lambda: defaultdict(lambda: defaultdict(int) | {"waits": ()}))
        counter: dict = defaultdict(lambda: defaultdict(lambda: [0, 0, 0]))
        for case in self.cases:
            standard = next((row for row in standards[case["item"]] if row["from"] <= case["day"] <= row["to"]), None)
            for subject in self.subjects_of(case, with_item=True):
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
        for name, rows in (("ratings", self.ratings), ("complaints", self.complaints)):
            for row in rows:
                found[name][row["day"]].append(row)
        return found

    # Measuring and judging

    def measure(self, tally: Tally, zero_months: tuple[int, int] | None, reference: Decimal, first: date) -> dict:
        """Return {metric: (numerator, denominator, sample)}; a count has no denominator to divide by."""
        minutes = Decimal(tally.minutes) / MINUTE
        waits, waited = sorted(tally.waits), len(tally.waits)
        target = timedelta(minutes=int(self.rules.parameter("wait_target_minutes", first)))
        in_minutes = map(minutes_of, waits)
        # The wait at place ceil(0.9 n), and the whole minutes that it did not exceed.
        ninth = -(-waits[-(-9 * waited // 10) - 1] // timedelta(minutes=1)) if waits else None
        return {
            "avg_wait_minutes": (sum(in_minutes, Decimal(0)), waited, waited),
            "wait_within_target_rate": (sum(wait <= target for wait in waits) if waits else None, waited, waited),
            "p90_wait_minutes": (ninth, waited, waited),
            "avg_process_minutes": (minutes, tally.cases, tally.cases),
            "case_mix_process_minutes": (
                Decimal(tally.standard_minutes) / MINUTE * reference, tally.expected, tally.standard_cases
            ),
            "first_visit_completion_rate": (tally.completed, tally.cases, tally.cases),
            "digital_usage_rate": (tally.digital, tally.channel_known, tally.channel_known),
            "avg_rating": (tally.stars, tally.ratings, tally.ratings),
            "satisfied_rate": (tally.satisfied, tally.ratings, tally.ratings),
            "rating_coverage_rate": (tally.ratings, tally.cases, tally.cases),
            "complaint_count": (tally.complaints, None, tally.cases),
            "zero_complaint_months": (*zero_months, zero_months[1]) if zero_months else (None, None, 0),
            "complaint_timely_rate": (tally.timely, tally.due, tally.due),
            "merit_quantity": (tally.merit if "merit_records" in self.tables else None, None, tally.cases),
            "negative_feedback_callback_rate": (tally.called_back, tally.callbacks_due, tally.callbacks_due),
        }

    def recompute(self) -> dict[str, pd.DataFrame]:
        """Return the marts that are recomputed, each with the columns that are."""
        by_day, spans, periods = self.days(), self.spans(), self.periods()
        groups = {ident(row["hall_id"]): ident(row["peer_group"]) for row in self.tables["halls"]}
        names = ("metrics", "score_components", "dimension_scores", "scores")
        marts: dict[str, list[dict]] = {name: [] for name in names}
        month_results: dict = {}
        upheld: dict = {}
        for kind, first, last in sorted(periods, key=lambda p: p[0] != "month"):
            tallies, named = self.count(first, last, by_day)
            is_closed = kind != "rolling_7d" and last <= self.as_of
            share = self.rules.parameter("attribution_minimum_share", first)
            reference = self.rules.parameter("case_mix_reference_minutes", first)
            for subject, (exists_from, exists_until) in spans.items():
                if exists_from > last or exists_until < first:
                    continue
                hall, subject_type, subject_id = subject
                keys = {
                    "period_type": kind, "period_start": first, "hall_id": hall, "subject_type": subject_type,
                    "subject_id": subject_id,
                }
                place = {"window": 1, "department": 1, "clerk": 2}.get(subject_type)
                attributable = {
                    table: place is None or counts[place] >= counts[0] * share
                    for table in ("cases", "ratings", "complaints")
                    for counts in [named.get((table, hall), [0, 0, 0])]
                }
                tally = tallies.get(subject, Tally())
                zero_months = None
                if kind == "month":
                    counted = is_closed and tally.cases > 0 and attributable["complaints"]
                    month_results[subject, first] = (int(counted and tally.complaints == 0), int(counted))
                elif kind in ("quarter", "year"):
                    months = [
                        month_results.get((subject, months_later(first, n)), (0, 0))
                        for n in range(3 if kind == "quarter" else 12)
                    ]
                    zero_months = sum(m[0] for m in months), sum(m[1] for m in months)
                measured = self.measure(tally, zero_months, reference, first)
                results = {}
                for metric in CASE_METRICS if subject_type == "item" else METRICS:
                    results[metric] = judge_metric(
                        metric, *measured[metric], attributable, self.catalogue[metric]["is_divided"] == "1"
                    )
                    marts["metrics"].append(
                        keys | {"period_end": last, "is_closed": int(is_closed), "metric": metric} | results[metric]
                    )
                if subject_type != "item":
                    self.score(keys, last, is_closed, tally, results, groups.get(hall) or "all", marts)
                    upheld[tuple(keys.values())] = tally.upheld, attributable["complaints"]
        frames = {name: pd.DataFrame(rows) for name, rows in marts.items()}
        standing = self.standing(marts)
        columns = [*frames["scores"].columns.drop("is_closed"), "revision"]  # merit has no column of its own
        frames["standing_scores"] = pd.DataFrame(standing)[columns]
        frames["rankings"] = rank(standing)
        frames["improvement_actions"] = pd.DataFrame(self.actions(marts["metrics"], standing))
        frames["reward_candidates"] = pd.DataFrame(self.rewards(standing, frames["rankings"], upheld))
        frames["indicator_review"] = pd.DataFrame(self.review(marts))
        frames["metric_review"] = pd.DataFrame(self.metric_review(marts))
        frames["pain_points"] = pd.DataFrame(self.pain_points(periods))
        halls = {hall: groups.get(hall) or "all" for hall, kind, _ in spans if kind == "hall"}
        frames["pilot_effects"] = pd.DataFrame(self.effects(marts["metrics"], halls))
        frames["metric_correlations"] = pd.DataFrame(self.correlations(marts))
        return frames

    def pain_points(self, periods: list[tuple[str, date, date]]) -> list[dict]:
        """Return what citizens write about, of each hall, window and item; windows are ranked within their hall."""
        heard = defaultdict(list)
        for row in [*self.ratings, *self.complaints]:
            if row["text"]:
                words = self.rules.on("pain_point_keywords", row["day"])
                found = {word["category"] for word in words if word["keyword"].lower() in row["text"].lower()}
                subjects = {"hall": row["hall"], "window": row["window"], "item": row["item"]}
                heard[row["day"]].append(([(row["hall"], *s) for s in subjects.items() if s[1]], found))
        counts: dict = defaultdict(lambda: defaultdict(int))
        for kind, first, last in periods:
            for day in heard:
                if kind != "rolling_7d" and first <= day <= last:
                    for subjects, found in heard[day]:
                        for subject in subjects:
                            for category in found or {"unclassified"}:
                                counts[kind, first, *subject][category] += 1
                            counts[kind, first, *subject]["all"] += 1
        starts = {(kind, last + timedelta(days=1)): first for kind, first, last in periods}
        rows = []
        subjects = {key[2:] for key in counts}
        for kind, first, _ in periods:
            minimum = self.rules.parameter("pain_point_minimum_texts", first)
            before = starts.get((kind, first))
            ranked: dict = defaultdict(list)
            for subject in subjects if kind != "rolling_7d" else ():
                now = counts.get((kind, first, *subject), {})
                then = counts.get((kind, before, *subject), {})
                for category in ({*now, *then} | {"unclassified"}) - {"all"} if now or then else ():
                    share = rounded(Decimal(now.get(category, 0)) / now["all"], 10) if now else None
                    old_share = rounded(Decimal(then.get(category, 0)) / then["all"], 10) if then else None
                    row = {
                        "period_type": kind, "period_start": first, "hall_id": subject[0], "subject_type": subject[1],
                        "subject_id": subject[2], "category": category, "text_count": now.get(category, 0),
                        "all_text_count": now.get("all", 0), "share": share,
                        "previous_text_count": then.get(category, 0) if before else None,
                        "previous_share": old_share,
                        "share_change": share - old_share if now and then else None, "rank_in_hall": None,
                    }
                    rows.append(row)
                    is_named = category != "unclassified" and row["text_count"]
                    if subject[1] == "window" and is_named and row["all_text_count"] >= minimum:
                        ranked[subject[0], category].append(row)
            for group in ranked.values():
                for row in group:
                    row["rank_in_hall"] = 1 + sum(other["share"] > row["share"] for other in group)
        return rows

    def standing(self, marts: dict[str, list[dict]]) -> list[dict]:
        """Return the scores with the revision they were published in, moved by the appeals that were upheld."""
        names = ("period_type", "period_start", "hall_id", "subject_type", "subject_id")
        dimension_of = {(*(row[n] for n in names), row["rule_id"]): row["dimension"]
                        for row in marts["score_components"]}
        weighed = defaultdict(list)
        for row in marts["dimension_scores"]:
            weighed[tuple(row[name] for name in names)].append(row)
        upheld = [appeal for appeal in self.appeals if appeal["decision"] == "upheld" and appeal["points"]]
        moved_periods = {appeal["key"][:2] for appeal in upheld}
        found = []
        for score in marts["scores"]:
            key = tuple(score[name] for name in names)
            if not self.is_published(*key[:2], score["period_end"]):
                found.append(score | {"revision": None})
                continue
            points: dict[str, Decimal] = defaultdict(Decimal)
            for appeal in upheld:
                if appeal["key"] == key:
                    points[dimension_of[*key, appeal["rule_id"]]] += appeal["points"]
            score = score | {"revision": 2 if key[:2] in moved_periods else 1}
            if points and score["status"] in ("scored", "shadow"):
                total = Decimal(0)
                for row in weighed[key]:
                    limits = self.rules.on("dimension_weights", key[1], rule_set=row["rule_set"],
                                           dimension=row["dimension"])[0]
                    value = clamped(row["unclamped_score"] + points[row["dimension"]], limits)
                    score[f"{row['dimension']}_score"] = value if row["score"] is not None else None
                    total += row["weight"] * (value if row["score"] is not None else 0)
                score["composite_score"] = rounded(total, 6)
            found.append(score)
        return found

    def actions(self, metrics: list[dict], standing: list[dict]) -> list[dict]:
        """Return the improvement actions: each trigger walks through the closed periods of each subject."""
        scores = [
            row | {"metric": name, "value": row[name], "sample_size": row["case_count"]}
            for row in standing for name in ("composite_score", "efficiency_score", "satisfaction_score")
        ]
        histories, periods = defaultdict(list), defaultdict(dict)
        for row in [*metrics, *scores]:
            if row["is_closed"]:
                names = ("metric", "period_type", "subject_type", "hall_id", "subject_id")
                histories[tuple(row[name] for name in names)].append(row)
                periods[row["period_type"]][row["period_start"]] = row["period_end"]
        found = []
        for trigger_id in {row["trigger_id"] for row in self.rules.rows["improvement_triggers"]}:
            versions = [row for row in self.rules.rows["improvement_triggers"] if row["trigger_id"] == trigger_id]
            scope = tuple(versions[0][name] for name in ("metric", "period_type", "subject_type"))
            for key, history in histories.items():
                if key[:3] == scope:
                    own = {row["period_start"]: row for row in history}
                    names = ("period_type", "subject_type", "hall_id", "subject_id")
                    absent = dict(zip(names, key[1:], strict=True)) | {"value": None, "sample_size": None}
                    found += self.walk(versions, [
                        own.get(start, absent | {"period_start": start, "period_end": end})
                        for start, end in sorted(periods[key[1]].items())
                    ])
        return found

    def walk(self, versions: list[dict], history: list[dict]) -> list[dict]:
        """Return the rows of one trigger and subject, period by period."""
        found, run, opened, due = [], [], None, None
        for row in history:
            trigger = next((v for v in versions if v["from"] <= row["period_start"] <= v["to"]), None)
            if trigger and row["sample_size"] is None:  # no such subject then
                continue
            value, was_open = row["value"], opened is not None
            if trigger is None:
                if was_open:
                    found.append(self.action(versions[0], row, "ended", opened, due, []))
                run, opened = [], None
                continue
            known = value is not None and row["sample_size"] >= int(trigger["min_sample"] or 0)
            lower, upper = number_of(trigger["lower_bound"]), number_of(trigger["upper_bound"])
            since = opened
            if known and (lower is None or value >= lower) and (upper is None or value < upper):
                run.append(row["period_start"])
                if opened is None and len(run) >= int(trigger["consecutive_periods"]):
                    since = opened = row["period_start"]
                    told = self.is_published(row["period_type"], opened, row["period_end"])
                    due = self.due_on(self.as_of if told else row["period_end"], int(trigger["deadline_working_days"]))
            elif known:
                run, opened = [], None
            if opened is None and not was_open:
                continue
            state = "recovered" if opened is None else "continuing" if was_open else "new"
            found.append(self.action(trigger, row, state, since, due, run))
        for row in found:
            row["is_open"] = int(row["state"] in ("new", "continuing"))
            row["is_overdue"] = int(row["opened_in"] == opened and due is not None and due < self.as_of)
        return found

    @staticmethod
    def action(trigger: dict, row: dict, state: str, since: date, due: date | None, run: list[date]) -> dict:
        names = ("period_type", "period_start", "hall_id", "subject_type", "subject_id")
        return {name: row[name] for name in names} | {
            "trigger_id": trigger["trigger_id"], "value": row["value"], "sample_size": row["sample_size"],
            "state": state, "revision": row.get("revision"), "due_on": due,
            "run_length": len(run), "opened_in": since, "first_period_start": run[0] if run else None,
        }

    def rewards(self, scores: list[dict], rankings: pd.DataFrame, upheld: dict) -> list[dict]:
        """Return each subject with business against each tier."""
        names = ("period_type", "period_start", "hall_id", "subject_type", "subject_id")
        ranks = {tuple(row[name] for name in names): row for row in rankings.to_dict("records")}
        ends = {(row["period_type"], row["period_start"]): row["period_end"] for row in scores}
        found = []
        for score in scores:
            if not score["is_closed"] or score["status"] == "no_business":
                continue
            key = tuple(score[name] for name in names)
            place, (upheld_count, attributable) = ranks.get(key), upheld[key]
            audited, matching = self.audited(key[2], score["period_start"], score["period_end"])
            has_open_appeal = self.has_open_appeal(key, score["period_end"], ends)
            won: dict[str, int] = {}
            tiers = self.rules.on(
                "reward_tiers", score["period_start"], subject_type=key[3], period_type=key[0]
            )
            for tier in sorted(tiers, key=lambda tier: int(tier["tier"])):
                unranked = "shadow" if score["status"] == "shadow" else "not_scored"
                reasons = [] if place else [unranked]
                if place and place["ranked_score"] < Decimal(tier["min_score"]):
                    reasons.append("score_too_low")
                if place and tier["max_rank_share"]:
                    enough = Decimal(tier["max_rank_share"]) * place["ranked_in_group"]
                    # The rank before this one must lie within the share.
                    if place["rank_in_group"] - 1 >= enough:
                        reasons.append("rank_too_low")
                if score["case_count"] < int(tier["min_sample"] or 0):
                    reasons.append("sample_too_small")
                if tier["complaints"] != "any" and not attributable:
                    reasons.append("complaints_not_attributable")
                elif tier["complaints"] == "none" and (score["complaint_count"] or upheld_count):
                    reasons.append("complaint")
                elif tier["complaints"] == "none_upheld" and upheld_count:
                    reasons.append("upheld_complaint")
                if has_open_appeal:
                    reasons.append("open_appeal")
                if tier["min_audit_match"] and matching < audited * Decimal(tier["min_audit_match"]):
                    reasons.append("audit_mismatch")
                if not reasons and won.setdefault(tier["reward"], int(tier["tier"])) < int(tier["tier"]):
                    reasons.append("higher_tier")
                found.append(dict(zip(names, key, strict=True)) | {
                    "tier_id": tier["tier_id"], "is_candidate": int(not reasons),
                    "missed_reason": ", ".join(reasons) or None, "upheld_count": upheld_count,
                    "revision": score["revision"], "audited_count": audited, "has_open_appeal": int(has_open_appeal),
                    "is_provisional": int(
                        score["revision"] is None
                        or self.audited_below(key[2], score["period_start"], score["period_end"])
                    ),
                })
        return found

    def review(self, marts: dict[str, list[dict]]) -> list[dict]:
        """Return what each rule gave in a year and whose rank would be another without it."""
        names = ("period_type", "period_start", "hall_id", "subject_type", "subject_id")
        units = {
            tuple(row[name] for name in names): row for row in reviewed_scores(marts) if row["status"] != "no_business"
        }
        dimensions = {
            (*(row[name] for name in names), row["dimension"]): row for row in marts["dimension_scores"]
        }
        found: dict[tuple, dict] = {}
        groups: dict[tuple, list[tuple[Decimal, Decimal]]] = defaultdict(list)
        for component in marts["score_components"]:
            key = tuple(component[name] for name in names)
            if key not in units or component["rule_type"] == "base":
                continue
            start, unit = key[1], units[key]
            scope = {name: component[name] for name in ("rule_set", "rule_id")}
            [rule] = self.rules.on("scoring_rules", start, **scope)
            if (rule["period_type"] or "month") != key[0]:
                continue
            reviewed = (start.year, rule["rule_set"], rule["rule_id"], rule["from"], key[3])
            row = found.setdefault(reviewed, {
                "period_start": date(start.year, 1, 1), "rule_set": rule["rule_set"], "rule_id": rule["rule_id"],
                "valid_from": rule["from"], "subject_type": key[3], "unit_count": 0, "applied_count": 0,
                "judged_count": 0, "points_sum": Decimal(0), "scored_count": 0, "decided_points": Decimal(0),
                "changed_rank_count": 0,
            })
            row["unit_count"] += 1
            row["applied_count"] += component["status"] == "applied"
            row["judged_count"] += component["status"] in ("applied", "not_met")
            row["points_sum"] += component["points"]
            if unit["composite_score"] is None:
                continue
            dimension = dimensions[(*key, rule["dimension"])]
            [limits] = self.rules.on(
                "dimension_weights", start, rule_set=rule["rule_set"], dimension=rule["dimension"]
            )
            without = dimension["unclamped_score"] - component["points"]
            if limits["min_score"]:
                without = max(without, Decimal(limits["min_score"]))
            if limits["max_score"]:
                without = min(without, Decimal(limits["max_score"]))
            difference = Decimal(0) if dimension["score"] is None else dimension["score"] - without
            decided = rounded(dimension["weight"] * difference, 6)
            row["scored_count"] += 1
            row["decided_points"] += abs(decided)
            if unit["status"] == "scored":
                groups[(*reviewed, start, unit["peer_group"])].append((unit["composite_score"], decided))
        for key, pairs in groups.items():
            shown = [rounded(score, 2) for score, _ in pairs]
            others = [rounded(score - decided, 2) for score, decided in pairs]
            found[key[:5]]["changed_rank_count"] += sum(
                sum(other > mine for other in shown) != sum(other > left for other in others)
                for mine, left in zip(shown, others, strict=True)
            )
        return list(found.values())

    def metric_review(self, marts: dict[str, list[dict]]) -> list[dict]:
        """Return what the values of each metric were like over the closed months of a year, by rule set."""
        names = ("period_type", "period_start", "hall_id", "subject_type", "subject_id")
        units = {
            tuple(row[name] for name in names): row for row in marts["scores"]
            if row["period_type"] == "month" and row["is_closed"] and row["status"] != "no_business" and row["rule_set"]
        }
        found = defaultdict(list)
        for row in marts["metrics"]:
            unit = units.get(tuple(row[name] for name in names))
            if unit:
                year = row["period_start"].year
                found[year, unit["rule_set"], row["subject_type"], row["metric"]].append((row["value"], unit))
        used = defaultdict(set)
        for kind, start in {(row["period_type"], row["period_start"]) for row in reviewed_scores(marts)}:
            for rule in self.rules.on("scoring_rules", start):
                [limits] = self.rules.on(
                    "dimension_weights", start, rule_set=rule["rule_set"], dimension=rule["dimension"])
                judges = rule["rule_type"] != "base" and (rule["period_type"] or "month") == kind
                if judges and Decimal(limits["weight"]):
                    for subject_type in [rule["subject_type"]] if rule["subject_type"] else SUBJECT_TYPES:
                        used[start.year, rule["rule_set"], subject_type, rule["metric"]].add(rule["rule_id"])
        return [{
            "period_start": date(key[0], 1, 1), "rule_set": key[1], "subject_type": key[2], "metric": key[3],
            "is_closed": int(date(key[0], 12, 31) <= self.as_of), "rule_count": len(used[key]),
            "unit_count": len(pairs),
        } | described(key[3], pairs) for key, pairs in found.items()]

    def correlations(self, marts: dict[str, list[dict]]) -> list[dict]:
        """Return how alike each two metrics run over the closed months of a year."""
        names = ("period_type", "period_start", "hall_id", "subject_type", "subject_id")
        values = {
            tuple(row[name] for name in names): {} for row in marts["scores"]
            if row["period_type"] == "month" and row["is_closed"] and row["status"] != "no_business"
        }
        for row in marts["metrics"]:
            key = tuple(row[name] for name in names)
            if key in values and row["value"] is not None:
                values[key][row["metric"]] = row["value"]
        pairs = defaultdict(list)
        for (_, start, _, subject_type, _), own in values.items():
            for a, b in combinations(sorted(own), 2):
                pairs[start.year, subject_type, a, b].append((own[a], own[b]))
        found = []
        for (year, subject_type, a, b), both in pairs.items():
            count, xs, ys = len(both), [x for x, _ in both], [y for _, y in both]
            spread_a, spread_b = (count * sum(v * v for v in side) - sum(side) ** 2 for side in (xs, ys))
            together = count * sum(x * y for x, y in both) - sum(xs) * sum(ys)
            known = spread_a and spread_b
            constant = "both" if not spread_a and not spread_b else "a" if not spread_a else "b"
            found.append({
                "period_type": "year", "period_start": date(year, 1, 1), "subject_type": subject_type,
                "metric_a": a, "metric_b": b, "is_closed": int(date(year, 12, 31) <= self.as_of), "pair_count": count,
                # Eight decimals of the root, and six of those.
                "correlation": rounded(rounded(together / (spread_a * spread_b).sqrt(), 8), 6) if known else None,
                "correlation_reason": None if known else f"constant_{constant}" if count > 1 else "too_few_pairs",
            })
        return found

    def effects(self, metrics: list[dict], halls: dict[str, str]) -> list[dict]:
        """Return what each pilot changed; halls has the peer group of each hall."""
        weeks: dict = {hall: defaultdict(dict) for hall in halls}
        for row in metrics:
            if row["period_type"] == "week" and row["subject_type"] == "hall" and row["is_closed"]:
                weeks[row["hall_id"]][row["period_start"]][row["metric"]] = row
        found = []
        for pilot in self.rules.rows["pilots"]:
            hall, planned = pilot["hall_id"], planned_weeks(pilot)
            # A pilot that ran in the week between the two sides spoils the comparison as well.
            first, last = planned["before"][0], planned["after"][-1] + timedelta(days=6)
            busy = {
                other["hall_id"] for other in self.rules.rows["pilots"]
                if day_of(other["go_live"], None) <= last and first <= max(
                    planned_weeks(other)["after"][-1] + timedelta(days=6), day_of(other["shadow_until"], date.min)
                )
            }
            lived = {side: [week for week in planned[side] if week in weeks.get(hall, {})] for side in planned}
            for metric in (name for name in METRICS if self.catalogue[name]["is_divided"] == "1"):
                sums = {
                    name: {side: add_up([weeks[name][week].get(metric) for week in lived[side] if week in weeks[name]])
                           for side in lived}
                    for name in halls
                }
                others = [name for name in halls if name not in {hall, *busy}
                          and all(side["value"] is not None for side in sums[name].values())]
                peers = [name for name in others if halls[name] == halls[hall]]
                together = {side: add_up([sums[name][side] for name in peers or others]) for side in lived}
                own = sums.get(hall) or {side: add_up([]) for side in lived}
                found.append(self.effect(pilot, metric, lived, own, together) | {
                    "comparison_hall_count": len(peers or others),
                    "comparison_scope": "peer_group" if peers else "all" if others else None,
                    "status": self.pilot_status(pilot, hall in halls, planned, lived, own),
                })
        for row in found:
            for name, share in (("is_claim_met", row["improvement_share"]),
                                ("is_net_claim_met", row["net_improvement_share"])):
                judged = row["status"] == "measured" and None not in (share, row["claimed_improvement"])
                row[name] = int(share >= row["claimed_improvement"]) if judged else None
        return found

    def effect(self, pilot: dict, metric: str, lived: dict, own: dict, together: dict) -> dict:
        """Return a pilot's hall and the others before and after, and what the policy claims of the metric."""
        better = -1 if metric in LOWER_IS_BETTER else 1
        dimension = next((name for name, metrics in CLAIMED.items() if metric in metrics), None)
        row = {
            **{name: text(pilot[name]) for name in ("pilot_id", "hall_id", "label_zh", "label_en")},
            **{name: day_of(pilot[name], None) for name in ("go_live", "shadow_until")},
            **{name: int(pilot[name] or 0) for name in ("before_weeks", "after_weeks", "min_sample")},
            "metric": metric, "dimension": dimension,
            "claimed_improvement": number_of(pilot[f"{dimension}_claim"]) if dimension else None,
        }
        for side, days in lived.items():
            row[f"{side}_week_count"] = len(days)
            row[f"{side}_first_day"] = days[0] if days else None
            row[f"{side}_last_day"] = days[-1] + timedelta(days=6) if days else None
        for prefix, sums in (("", own), ("comparison_", together)):
            for side in lived:
                row |= {f"{prefix}{side}_{name}": sums[side][name]
                        for name in ("numerator", "denominator", "value", "sample_size")}
            before, after = sums["before"]["value"], sums["after"]["value"]
            change = None if before is None or after is None else after - before
            share = rounded(change / before, 10) if change is not None and before else None
            row[f"{prefix}value_change"], row[f"{prefix}change_share"] = change, share
            row[f"{prefix}improvement_share"] = None if share is None else better * share
        for name, part in (("net_change", "value_change"), ("net_improvement_share", "improvement_share")):
            both = row[part], row[f"comparison_{part}"]
            row[name] = None if None in both else both[0] - both[1]
        value, claim = row["before_value"], row["claimed_improvement"]
        row["claimed_value"] = None if None in (value, claim) else rounded(value + better * claim * value, 10)
        return row

    def pilot_status(self, pilot: dict, is_known: bool, planned: dict, lived: dict, own: dict) -> str:
        if not is_known:
            return "unknown_hall"
        if self.as_of < day_of(pilot["go_live"], None):
            return "before_go_live"
        if lived != planned:
            return "too_few_weeks"
        if None in (own["before"]["value"], own["after"]["value"]):
            return "no_data"
        least = min(own["before"]["sample_size"], own["after"]["sample_size"])
        return "insufficient_sample" if least < int(pilot["min_sample"] or 0) else "measured"

    def in_shadow(self, hall: str, first: date) -> bool:
        """Return whether a hall's periods that begin on a day are not ranked."""
        return any(
            row["hall_id"] == hall and row["shadow_until"]
            and date.fromisoformat(row["go_live"]) <= first <= date.fromisoformat(row["shadow_until"])
            for row in self.rules.rows["pilots"]
        )

    def has_open_appeal(self, key: tuple, last: date, ends: dict[tuple, date]) -> bool:
        """Return whether the subject waits for a decision about a published part of the period."""
        return any(
            appeal["decision"] == "pending" and appeal["key"][2:] == key[2:]
            and self.is_published(*appeal["key"][:2], ends[appeal["key"][:2]])
            and key[1] <= appeal["key"][1] and ends[appeal["key"][:2]] <= last
            for appeal in self.appeals
        )

    def score(self, keys, last, is_closed, tally, results, peer_group, marts) -> None:
        """Judge one subject and period by the rules in force on its first day."""
        first, hall = keys["period_start"], keys["hall_id"]
        assigned = self.rules.on("rule_set_assignments", first, hall_id=hall)
        assigned = assigned or self.rules.on("rule_set_assignments", first, hall_id="")
        rule_set = assigned[0]["rule_set"] if assigned else None
        components = []
        for rule in self.rules.on("scoring_rules", first, rule_set=rule_set):
            if rule["subject_type"] in ("", keys["subject_type"]) and rule["period_type"] in ("", keys["period_type"]):
                is_count = bool(rule["metric"]) and self.catalogue[rule["metric"]]["is_count"] == "1"
                components.append(judge_rule(rule, results.get(rule["metric"]), is_count))
        marts["score_components"] += [keys | component for component in components]
        weights = self.rules.on("dimension_weights", first, rule_set=rule_set)
        scores, small = {}, {}
        for row in weights:
            own = [c for c in components if c["dimension"] == row["dimension"]]
            others = [c for c in own if c["rule_type"] != "base"]
            missing = ("no_data", "insufficient_sample", "not_attributable")
            total = sum((c["points"] for c in own), Decimal(0))
            has_score = any(c["status"] in ("applied", "not_met") for c in others) and not any(
                c["when_missing"] == "require" and c["status"] in missing for c in own
            )
            scores[row["dimension"]] = clamped(total, row) if has_score else None
            small[row["dimension"]] = any(c["status"] == "insufficient_sample" for c in others)
            marts["dimension_scores"].append(keys | {
                "dimension": row["dimension"], "rule_set": rule_set, "weight": Decimal(row["weight"]),
                "score": scores[row["dimension"]], "unclamped_score": total,
            })
        weighted = [(Decimal(row["weight"]), row["dimension"]) for row in weights if Decimal(row["weight"]) > 0]
        complete = all(scores[dimension] is not None for _, dimension in weighted)
        if not components:
            status = "no_rules"
        elif tally.cases + tally.ratings + tally.complaints == 0:
            status = "no_business"
        elif complete:
            status = "shadow" if self.in_shadow(hall, first) else "scored"
        elif any(scores[d] is None and small[d] for _, d in weighted):
            status = "insufficient_sample"
        else:
            status = "incomplete"
        composite = sum((w * scores[d] for w, d in weighted), Decimal(0)) if status in ("scored", "shadow") else None
        marts["scores"].append(keys | {
            "period_end": last, "is_closed": int(is_closed), "rule_set": rule_set, "peer_group": peer_group,
            "composite_score": None if composite is None else rounded(composite, 6),
            **{f"{d}_score": scores.get(d) for d in ("efficiency", "satisfaction", "digital")},
            "case_count": tally.cases, "rating_count": tally.ratings, "complaint_count": tally.complaints,
            "status": status, "is_provisional": int(not is_closed or self.audited_below(hall, first, last)),
        })


def clamped(value: Decimal, limits: dict) -> Decimal:
    """Return a dimension's score within the limits of its row, where it has any."""
    if limits["min_score"]:
        value = max(value, Decimal(limits["min_score"]))
    return min(value, Decimal(limits["max_score"])) if limits["max_score"] else value


def planned_weeks(pilot: dict) -> dict[str, list[date]]:
    """Return the Mondays of the weeks before and after go-live; a week with days of both is neither."""
    live, week = date.fromisoformat(pilot["go_live"]), timedelta(weeks=1)
    monday = live - timedelta(days=live.weekday())
    after = monday if live == monday else monday + week
    return {
        "before": [monday - n * week for n in range(int(pilot["before_weeks"]), 0, -1)],
        "after": [after + n * week for n in range(int(pilot["after_weeks"]))],
    }


def add_up(rows: list[dict | None]) -> dict:
    """Return the quotient of summed numerators and denominators, of rows that have a value."""
    rows = [row for row in rows if row and row["value"] is not None]
    if not rows:
        return {"numerator": None, "denominator": None, "value": None, "sample_size": 0}
    total = {name: sum(row[name] for row in rows) for name in ("numerator", "denominator", "sample_size")}
    return total | {"value": rounded(total["numerator"] / total["denominator"], 10)}


def months_later(day: date, months: int) -> date:
    """Return the day some months later, or that month's last day when it is shorter."""
    month = day.year * 12 + day.month - 1 + months
    start = date(month // 12, month % 12 + 1, 1)
    end = date((month + 1) // 12, (month + 1) % 12 + 1, 1) - timedelta(days=1)
    return min(start.replace(day=1) + timedelta(days=day.day - 1), end)


def add_names(counts: list[int], row: dict) -> None:
    counts[0] += 1
    counts[1] += row["window"] is not None
    counts[2] += row["clerk"] is not None


def reviewed_scores(marts: dict[str, list[dict]]) -> list[dict]:
    """Return the scores of a closed year, and of a running one of what ended with its last closed month."""
    until: dict[int, date] = {}
    for row in marts["scores"]:
        year = row["period_start"].year
        if row["is_closed"] and row["period_type"] in ("month", "year"):
            end = date.max if row["period_type"] == "year" else row["period_end"]
            until[year] = max(end, until.get(year, end))
    return [
        row for row in marts["scores"]
        if row["is_closed"] and row["period_end"] <= until.get(row["period_start"].year, date.min)
    ]


def described(metric: str, pairs: list[tuple[Decimal | None, dict]]) -> dict:
    """Return spread, ends and correlation with the composite of a metric's values, each beside its score."""
    values = [value for value, _ in pairs if value is not None]
    both = [(value, unit["composite_score"]) for value, unit in pairs
            if value is not None and unit["composite_score"] is not None]
    row = dict.fromkeys((
        "value_mean", "value_deviation", "value_min", "value_max", "ceiling_share", "floor_share", "score_correlation",
        "correlation_reason",
    )) | {"value_count": len(values), "pair_count": len(both)}
    if values:
        mean = sum(values) / len(values)
        variance = sum(value * value for value in values) / len(values) - mean * mean
        row |= {
            "value_mean": rounded(mean, 10), "value_deviation": rounded(variance.sqrt(), 8) if variance > 0 else 0,
            "value_min": min(values), "value_max": max(values),
        }
        for name, end in zip(("ceiling_share", "floor_share"), ENDS.get(metric, (1, 0)), strict=True):
            row[name] = None if end is None else rounded(Decimal(values.count(end)) / len(values), 6)
    xs, ys = [value for value, _ in both], [score for _, score in both]
    spread_x, spread_y = (len(both) * sum(v * v for v in side) - sum(side) ** 2 for side in (xs, ys))
    if spread_x and spread_y:
        together = len(both) * sum(x * y for x, y in both) - sum(xs) * sum(ys)
        row["score_correlation"] = rounded(rounded(together / (spread_x * spread_y).sqrt(), 8), 6)
    else:
        constant = "constant_score" if spread_x else "constant_value"
        row["correlation_reason"] = constant if len(both) > 1 else "too_few_pairs"
    return row


def judge_metric(
    metric: str, numerator, denominator, sample: int, attributable: dict[str, bool], is_divided: bool
) -> dict:
    needs = {"avg_rating": ["ratings"], "satisfied_rate": ["ratings"], "rating_coverage_rate": ["cases", "ratings"],
             "negative_feedback_callback_rate": ["ratings", "complaints"]}
    needs["merit_quantity"] = []
    tables = ["complaints"] if "complaint" in metric else needs.get(metric, ["cases"])
    if not all(attributable[table] for table in tables):
        status = "not_attributable"
    elif numerator is None or (metric not in ("complaint_count", "merit_quantity") and not denominator):
        status = "no_data"
    else:
        status = "measured"
    value = None
    if status == "measured":
        value = rounded(Decimal(numerator) / Decimal(denominator), 10) if is_divided else Decimal(numerator)
    return {
        "numerator": None if numerator is None else Decimal(numerator),
        "denominator": None if denominator is None else Decimal(denominator),
        "value": value, "sample_size": sample, "status": status,
    }


def judge_rule(rule: dict, result: dict | None, is_count: bool) -> dict:
    """Return the component of one rule: whether it applies, its points, and what the next step would bring."""
    lower, upper = number_of(rule["lower_bound"]), number_of(rule["upper_bound"])
    kind, metric = rule["rule_type"], rule["metric"]
    points, distance, gain, value = Decimal(0), None, None, None
    if kind == "base":
        status, points = "applied", Decimal(rule["points"])
    else:
        value = result["value"]
        if value is None and result["status"] == "no_data" and rule["when_missing"] == "zero":
            value = Decimal(0)
        if result["status"] == "not_attributable":
            status = "not_attributable"
        elif value is None:
            status = "no_data"
        elif result["value"] is not None and result["sample_size"] < int(rule["min_sample"] or 0):
            status = "insufficient_sample"
        elif (lower is not None and value < lower) or (upper is not None and value >= upper):
            status = "not_met"
        else:
            status = "applied"
        step = 1 if is_count else 0
        if kind == "band":
            offered = Decimal(rule["points"])
            points = offered if status == "applied" else points
            if status == "not_met" and offered > 0:
                distance = (lower if lower is not None and value < lower else upper - step) - value
                gain = offered
            elif status == "applied" and offered < 0:
                upward = lower is None or (upper is not None and metric not in LOWER_IS_BETTER)
                distance = (upper if upward else lower - step) - value
                gain = -offered
        elif status == "applied":
            points = Decimal(rule["points_per_unit"]) * abs(value - Decimal(rule["benchmark"]))
            if rule["min_points"]:
                points = max(points, Decimal(rule["min_points"]))
            if rule["max_points"]:
                points = min(points, Decimal(rule["max_points"]))
            if points < 0:
                distance, gain = Decimal(rule["benchmark"]) - value, -points
    result = result or {"value": None, "numerator": None, "denominator": None, "sample_size": None}
    return {
        "rule_set": rule["rule_set"], "rule_id": rule["rule_id"], "dimension": rule["dimension"],
        "metric": metric or None, "rule_type": kind, "when_missing": rule["when_missing"] or "skip", "status": status,
        **{key: result[key] for key in ("value", "numerator", "denominator", "sample_size")},
        "points": rounded(points, 6), "next_band_points": None if gain is None else rounded(gain, 6),
        "distance_to_next_band": distance,
    }


def rank(scores: list[dict]) -> pd.DataFrame:
    """Return the competition ranks of the scored subjects."""
    group_of = ("period_type", "period_start", "subject_type", "rule_set", "peer_group")
    hall_of = ("period_type", "period_start", "subject_type", "hall_id")
    groups, halls = defaultdict(list), defaultdict(list)
    scored = [row for row in scores if row["status"] == "scored"]
    for row in scored:
        shown = rounded(row["composite_score"], 2)
        groups[tuple(row[key] for key in group_of)].append(shown)
        halls[tuple(row[key] for key in hall_of)].append(shown)
    ranked, ranks = [], {}
    for row in scored:
        shown = rounded(row["composite_score"], 2)
        group, hall = groups[tuple(row[k] for k in group_of)], halls[tuple(row[k] for k in hall_of)]
        below = sum(score < shown for score in group)
        percentile = rounded(Decimal(below) / (len(group) - 1), 6) if len(group) > 1 else None
        place = {
            **{key: row[key] for key in (*group_of, "hall_id", "subject_id", "period_end")},
            "is_provisional": row["is_provisional"], "revision": row["revision"],
            "ranked_score": shown, "rank_in_group": 1 + sum(score > shown for score in group),
            "ranked_in_group": len(group), "rank_in_hall": 1 + sum(score > shown for score in hall),
            "ranked_in_hall": len(hall), "percentile": percentile,
        }
        subject = tuple(row[key] for key in ("hall_id", "subject_type", "subject_id", "rule_set", "peer_group"))
        ranks[row["period_type"], row["period_end"], subject] = place["rank_in_group"]
        ranked.append((subject, place))
    for subject, place in ranked:
        before = ranks.get((place["period_type"], place["period_start"] - timedelta(days=1), subject))
        place["previous_rank"] = before
        place["rank_change"] = None if before is None else before - place["rank_in_group"]
    return pd.DataFrame([place for _, place in ranked])
