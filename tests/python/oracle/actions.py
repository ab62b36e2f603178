"""The improvement actions, one trigger and subject after the other."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

from oracle.publication import is_published
from oracle.raw import Raw
from oracle.values import number_of


def improvement_actions(raw: Raw, metrics: list[dict], standing: list[dict]) -> list[dict]:
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
    for trigger_id in {row["trigger_id"] for row in raw.rules.rows["improvement_triggers"]}:
        versions = [row for row in raw.rules.rows["improvement_triggers"] if row["trigger_id"] == trigger_id]
        scope = tuple(versions[0][name] for name in ("metric", "period_type", "subject_type"))
        for key, history in histories.items():
            if key[:3] == scope:
                own = {row["period_start"]: row for row in history}
                names = ("period_type", "subject_type", "hall_id", "subject_id")
                absent = dict(zip(names, key[1:], strict=True)) | {"value": None, "sample_size": None}
                found += walk(raw, versions, [
                    own.get(start, absent | {"period_start": start, "period_end": end})
                    for start, end in sorted(periods[key[1]].items())
                ])
    return found


def walk(raw: Raw, versions: list[dict], history: list[dict]) -> list[dict]:
    """Return the rows of one trigger and subject, period by period."""
    found, run, opened, due = [], [], None, None
    for row in history:
        trigger = next((v for v in versions if v["from"] <= row["period_start"] <= v["to"]), None)
        if trigger and row["sample_size"] is None:  # no such subject then
            continue
        value, was_open = row["value"], opened is not None
        if trigger is None:
            if was_open:
                found.append(action(versions[0], row, "ended", opened, due, []))
            run, opened = [], None
            continue
        known = value is not None and row["sample_size"] >= int(trigger["min_sample"] or 0)
        lower, upper = number_of(trigger["lower_bound"]), number_of(trigger["upper_bound"])
        since = opened
        if known and (lower is None or value >= lower) and (upper is None or value < upper):
            run.append(row["period_start"])
            if opened is None and len(run) >= int(trigger["consecutive_periods"]):
                since = opened = row["period_start"]
                told = is_published(raw, row["period_type"], opened, row["period_end"])
                due = due_on(raw, raw.as_of if told else row["period_end"], int(trigger["deadline_working_days"]))
        elif known:
            run, opened = [], None
        if opened is None and not was_open:
            continue
        state = "recovered" if opened is None else "continuing" if was_open else "new"
        found.append(action(trigger, row, state, since, due, run))
    for row in found:
        row["is_open"] = int(row["state"] in ("new", "continuing"))
        row["is_overdue"] = int(row["opened_in"] == opened and due is not None and due < raw.as_of)
    return found


def action(trigger: dict, row: dict, state: str, since: date, due: date | None, run: list[date]) -> dict:
    names = ("period_type", "period_start", "hall_id", "subject_type", "subject_id")
    return {name: row[name] for name in names} | {
        "trigger_id": trigger["trigger_id"], "value": row["value"], "sample_size": row["sample_size"],
        "state": state, "revision": row.get("revision"), "due_on": due,
        "run_length": len(run), "opened_in": since, "first_period_start": run[0] if run else None,
    }


def due_on(raw: Raw, start: date, working_days: int) -> date | None:
    """Return the day so many working days later, None when the calendar lacks a year on the way."""
    days = {date.fromisoformat(row["calendar_date"]): row["is_working_day"] == "1"
            for row in raw.rules.rows["work_calendar"]}
    years, day = {day.year for day in days}, start
    while day.year in years and working_days:
        day += timedelta(days=1)
        working_days -= day.year in years and days.get(day, day.weekday() < 5)
    return day if day.year in years else None
