"""The raw rows of cases, ratings, complaints, merits, audits and appeals, cleaned one by one."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pandas as pd

from oracle.rules import Rules
from oracle.values import MINUTE, SUBJECT_TYPES, digest, ident, rounded, text


class Raw:
    """What is known at the end of a day that is over."""

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

    def subjects_of(self, row: dict, with_item: bool = False):
        ids = {
            "hall": row["hall"], "department": self.departments.get((row["hall"], row["window"])),
            "window": row["window"], "clerk": row["clerk"], "item": row["item"] if with_item else None,
        }
        return [(row["hall"], kind, identity) for kind, identity in ids.items() if identity is not None]
