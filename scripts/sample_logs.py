"""Write realistic sample logs of six service halls, with about 1 % of faulty rows as in real logs.

The same seed and last day always give the same files.
"""

from __future__ import annotations

import argparse
import csv
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

PARAMETERS = Path(__file__).resolve().parent.parent / "seeds" / "rules" / "metric_parameters.csv"
CALENDAR = PARAMETERS.with_name("work_calendar.csv")
PILOTS = PARAMETERS.with_name("pilots.csv")
# hall, name, region, peer group, windows, clerks, minutes of its clerks beyond the usual, share done at
# the first visit, mean stars, share handled digitally, share of complaints handled within a day
HALLS = [
    ("H01", "市民中心政务服务大厅", "市本级", "市级", 14, 30, 1.5, 0.93, 4.60, 0.45, 0.97),
    ("H02", "滨江政务服务大厅", "滨江区", "市级", 12, 25, 3.6, 0.88, 4.10, 0.35, 0.90),
    ("H03", "城东政务服务大厅", "城东区", "区级", 10, 19, 5.4, 0.78, 3.40, 0.18, 0.70),
    ("H04", "城西政务服务大厅", "城西区", "区级", 9, 18, 2.6, 0.91, 4.50, 0.30, 0.95),
    ("H05", "高新区政务服务大厅", "高新区", "区级", 8, 15, 1.0, 0.90, 4.55, 0.62, 0.93),
    ("H06", "南湖政务服务大厅", "南湖区", "区级", 7, 13, 4.2, 0.84, 3.80, 0.15, 0.82),
]
ITEMS = {  # usual minutes at the counter, share of the visits
    "I01": (6, 18), "I02": (3, 16), "I03": (6, 13), "I04": (8, 10), "I05": (17, 5), "I06": (10, 9),
    "I07": (15, 6), "I08": (7, 8), "I09": (10, 3), "I10": (13, 4), "I11": (4, 6), "I12": (20, 2),
}
DEPARTMENTS = ["公安", "人社", "税务", "不动产", "市场监管"]
SURNAMES = list("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗")
GIVEN_NAMES = [*"伟芳娜敏静丽强磊洋艳勇军杰娟涛明超", "秀英"]
# Visits by half hour from 09:00 to 17:00: a morning peak, a lunch dip, a smaller afternoon peak.
ARRIVALS = [6, 10, 12, 12, 10, 7, 2, 2, 3, 5, 8, 9, 8, 7, 5, 3]
LEVELS = {5: "非常满意", 4: "满意", 3: "基本满意", 2: "不满意", 1: "非常不满意"}
COMMENTS = {
    5: ["态度很好，办得很快", "工作人员很耐心", "一次就办好了", "流程清楚，点赞"],
    4: ["总体满意", "比以前快了", "还可以再快一点", "指引清楚"],
    3: ["等候时间有点长", "一般", "材料要求没有提前说明", "窗口偏少"],
    2: ["等太久了", "材料来回补了两次", "态度冷淡", "系统总是卡"],
    1: ["排队两个小时", "让我跑了三趟", "服务态度差", "没有人解释为什么不能办"],
}
COMPLAINTS = {
    "等候时间": ["取号后等了一个多小时", "高峰期只开一个窗口"],
    "服务态度": ["工作人员态度生硬", "咨询时不耐烦"],
    "材料反复": ["同一材料让补交两次", "没有一次性告知"],
    "办理错误": ["证件信息录入错误", "办结后发现事项办错"],
}

# What unhappy citizens of a hall complain about most; at one window it is the manner.
WEAKNESSES = {
    "H01": ["指引不清，找不到窗口", "停车难，绕了两圈"],
    "H02": ["系统总是卡，又要重来", "自助机坏了没人修"],
    "H03": ["等太久了，窗口太少", "排队两个小时"],
    "H04": ["复印要到外面，多收了钱", "小程序打不开，只好来窗口"],
    "H05": ["APP打不开，网上提交不了", "没有座位，空调太冷"],
    "H06": ["材料来回补了三次", "没有一次性告知，白跑一趟"],
}
RUDE_WINDOW = ("H04", "W05")
COACHED = "C105"
LOST_LOG_HALL = "H05"
RUDE = ["态度生硬，不耐烦", "语气不好，说不清要什么材料"]


def working_days(until: date, days: int) -> list[date]:
    """Return the open days (closed on Sundays) among so many days up to until."""
    span = [until - timedelta(days=back) for back in range(days - 1, -1, -1)]
    return [day for day in span if day.weekday() != 6]


def go_lives() -> dict[str, date]:
    """Return the day from which a hall of pilots.csv is quicker and better rated."""
    with PILOTS.open(encoding="utf-8", newline="") as file:
        return {row["hall_id"]: date.fromisoformat(row["go_live"]) for row in csv.DictReader(file)}


def make_places(rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return halls, windows and clerks; every fifteenth clerk also works in the next hall."""
    halls, windows, clerks = [], [], []
    number = 0
    for position, (hall, name, region, group, window_count, clerk_count, *_) in enumerate(HALLS):
        halls.append((hall, name, region, group, "2020-01-01", None))
        for window in range(1, window_count + 1):
            department = DEPARTMENTS[(window - 1) % len(DEPARTMENTS)]
            windows.append((hall, f"W{window:02d}", f"窗口{window}", department, "2020-01-01", None))
        for _ in range(clerk_count):
            number += 1
            clerk = f"C{number:03d}"
            person = str(rng.choice(SURNAMES)) + str(rng.choice(GIVEN_NAMES))
            clerks.append((hall, clerk, person, None, None))
            if number % 15 == 0:
                clerks.append((HALLS[(position + 1) % len(HALLS)][0], clerk, person, None, None))
    return (
        pd.DataFrame(halls, columns=["hall_id", "hall_name", "region", "peer_group", "opened_on", "closed_on"]),
        pd.DataFrame(windows, columns=["hall_id", "window_id", "window_name", "department", "opened_on", "closed_on"]),
        pd.DataFrame(clerks, columns=["hall_id", "clerk_id", "clerk_name", "opened_on", "closed_on"]),
    )


def make_cases(rng: np.random.Generator, clerks: pd.DataFrame, open_days: list[date]) -> pd.DataFrame:
    """Return clean cases with their hidden quality (_stars) and what a pilot adds to the rating (_gain)."""
    parts = []
    first_day, last_day = open_days[0], open_days[-1]
    span = max((last_day - first_day).days, 1)
    pilots = go_lives()
    for hall, _, _, _, window_count, _, skill, first, stars, digital, _ in HALLS:
        people = clerks.loc[clerks.hall_id == hall, "clerk_id"].to_numpy()
        # Newly opened windows vary like the others, so that some are good and some bad.
        window_effect = rng.normal(0, 0.18, window_count + 1)
        clerk_effect = dict(zip(people, rng.normal(0, 0.15, len(people)), strict=True))
        day_factor = np.array([0.55 if day.weekday() == 5 else 1.0 for day in open_days])
        counts = rng.poisson(13.5 * window_count * day_factor * rng.uniform(0.85, 1.15, len(open_days)))
        total = int(counts.sum())
        day = np.repeat(np.array(open_days, dtype="datetime64[D]"), counts)
        progress = (day - np.datetime64(first_day)).astype(int) / span
        slot = rng.choice(len(ARRIVALS), total, p=np.array(ARRIVALS) / sum(ARRIVALS))
        arrival = 9 * 3600 + slot * 1800 + rng.integers(0, 1800, total)
        window = rng.integers(1, window_count + 1, total)
        item = rng.choice(list(ITEMS), total, p=np.array([s for _, s in ITEMS.values()]) / 100)
        clerk = people[(window * 7 + rng.integers(0, 3, total) + progress.astype(int)) % len(people)]
        effect = window_effect[window] + np.array([clerk_effect[c] for c in clerk])
        if hall == "H03":  # one window gets worse half-way, one of the next hall better
            effect = effect + np.where((window == 2) & (progress > 0.5), 0.7, 0)
        if hall == "H04":
            effect = effect + np.where(window == 3, 0.6 * (1 - progress), 0)
        usual = np.array([ITEMS[i][0] for i in item])
        minutes = np.maximum(0.5, (usual + skill) * np.exp(effect + rng.normal(-0.06, 0.35, total)))
        busy = np.array(ARRIVALS)[slot] / max(ARRIVALS)
        wait = np.round(rng.gamma(1.6, 3 + 9 * busy, total) * 60).astype(int)
        # H03 has too few windows from the middle of the time on, H02 for a while before it.
        is_short = (hall == "H03") & (progress > 0.5) | (hall == "H02") & (progress > 0.1) & (progress < 0.45)
        waited = wait * np.where(is_short, 1.7, 1)
        # A pilot uses no random numbers, so that all other data stay the same.
        is_live = day >= np.datetime64(pilots.get(hall, last_day + timedelta(days=1)))
        waited = (waited * np.where(is_live, 0.7, 1)).astype(int)
        minutes = minutes * np.where(is_live, 0.66, 1)
        # H06 learned late of a change in the required papers; one of its clerks was coached.
        done = first - 0.25 * effect - np.where((hall == "H06") & (progress > 0.05) & (progress < 0.45), 0.12, 0)
        done = done + np.where((clerk == COACHED) & (progress > 0.8), 0.15, 0)
        is_digital, is_at_machine = rng.random(total) < digital, rng.random(total) < 0.5
        channel = np.where(is_digital, np.where(is_at_machine, "self_service", "online"), "window")
        parts.append(pd.DataFrame({
            "service_date": day, "hall_id": hall, "window_no": window, "clerk_id": clerk, "item_code": item,
            "channel": channel, "_arrival": arrival, "_wait": np.where(channel == "window", waited, 0),
            "process_time": np.round(minutes, 2),
            "is_completed": (rng.random(total) < np.clip(done, 0.3, 0.995)).astype(int),
            "_stars": stars - 0.9 * effect - 0.5 * (wait > 1800), "_gain": np.where(is_live, 0.5, 0),
        }))
    cases = pd.concat(parts, ignore_index=True)
    # One window of the last hall had no business in the last month.
    idle = (cases.hall_id == "H06") & (cases.window_no == 7)
    cases = cases[~(idle & (cases.service_date > np.datetime64(last_day - timedelta(days=30))))]
    cases = cases.sort_values(["service_date", "_arrival", "hall_id"], kind="stable", ignore_index=True)
    cases["log_id"] = [f"L{number:07d}" for number in range(1, len(cases) + 1)]
    cases["window_id"] = "W" + cases.window_no.astype(str).str.zfill(2)
    digital = cases.channel != "window"
    cases.loc[digital, "clerk_id"] = None
    cases.loc[cases.channel == "online", "window_id"] = None
    ticket = cases.service_date.astype("datetime64[s]") + pd.to_timedelta(cases._arrival, unit="s")
    cases["start_time"] = ticket + pd.to_timedelta(cases._wait, unit="s")
    cases["end_time"] = cases.start_time + pd.to_timedelta((cases.process_time * 60).round(), unit="s")
    cases["ticket_time"] = ticket.where(~digital, pd.NaT)
    return cases


def make_feedback(rng: np.random.Generator, cases: pd.DataFrame) -> pd.DataFrame:
    """Return clean ratings of a quarter of the cases; one clerk (C007) never gets one."""
    rated = cases[(rng.random(len(cases)) < 0.25) & (cases.clerk_id != "C007")].reset_index(drop=True)
    stars = np.clip(np.round(rng.normal(rated._stars + rated._gain + 0.15, 0.75)), 1, 5).astype(int)
    channel = rng.choice(["touchscreen", "wechat", "app", "sms"], len(rated), p=[0.5, 0.25, 0.1, 0.15])
    late = (channel == "sms") & (rng.random(len(rated)) < 0.4)
    day = rated.service_date + pd.to_timedelta(late.astype(int), unit="D")
    as_level = rng.random(len(rated)) < 0.3
    rating = pd.Series(stars).map(LEVELS).where(as_level, pd.Series(stars).astype(str))
    has_comment = rng.random(len(rated)) < 0.2
    comment = [str(rng.choice(COMMENTS[s])) if spoken else None for s, spoken in zip(stars, has_comment, strict=True)]
    named = rng.random(len(rated)) < 0.6
    callback = day.astype("datetime64[s]") + pd.to_timedelta(rng.integers(10, 90, len(rated)), unit="h")
    return pd.DataFrame({
        "date": day, "rating": rating, "feedback_id": [f"F{n:06d}" for n in range(1, len(rated) + 1)],
        "hall_id": rated.hall_id, "window_id": rated.window_id, "clerk_id": rated.clerk_id,
        "log_id": rated.log_id.where(pd.Series(named), None), "channel": channel, "comment": comment,
        "callback_time": callback.where(pd.Series((stars <= 2) & (rng.random(len(rated)) < 0.8)), pd.NaT),
    })


def with_weaknesses(rng: np.random.Generator, feedback: pd.DataFrame) -> pd.Series:
    """Return the comments; two of five unhappy ones name the weakness of the hall or window."""
    comments = feedback.comment.copy()
    unhappy = comments.notna() & feedback.rating.isin(["1", "2", "3", LEVELS[1], LEVELS[2], LEVELS[3]])
    for row in feedback[unhappy].itertuples():
        is_rude = (row.hall_id, row.window_id) == RUDE_WINDOW
        if rng.random() < (0.8 if is_rude else 0.4):
            comments[row.Index] = str(rng.choice(RUDE if is_rude else WEAKNESSES[row.hall_id]))
    return comments


def make_complaints(rng: np.random.Generator, cases: pd.DataFrame, until: date) -> pd.DataFrame:
    """Return clean complaints, about three per hall and week, some still open."""
    weight = np.exp(-1.4 * cases._stars) * (cases.channel == "window")
    weeks = max((cases.service_date.max() - cases.service_date.min()).days / 7, 1)
    count = min(int(weeks * 3 * len(HALLS)), len(cases) // 10)
    positions = np.sort(rng.choice(len(cases), count, replace=False, p=weight / weight.sum()))
    picked = cases.iloc[positions].reset_index(drop=True)
    prompt = picked.hall_id.map({hall[0]: hall[-1] for hall in HALLS}).to_numpy()
    hours = np.where(rng.random(count) < prompt, rng.uniform(0.5, 23.5, count), rng.uniform(25, 200, count))
    category = rng.choice(list(COMPLAINTS), count, p=[0.4, 0.25, 0.25, 0.1])
    time = (picked.end_time + pd.to_timedelta(rng.integers(60, 3600, count), unit="s")).astype("datetime64[s]")
    is_resolved = pd.Series(rng.random(count) > 0.05)
    resolution = (time + pd.to_timedelta((hours * 3600).round(), unit="s")).where(is_resolved, pd.NaT)
    resolution = resolution.where(resolution < pd.Timestamp(until) + pd.Timedelta(days=1), pd.NaT)
    named = pd.Series(rng.random(count) < 0.85)
    return pd.DataFrame({
        "complaint_date": time.dt.normalize(), "complaint_time": time, "resolution_time": resolution,
        "complaint_id": [f"P{n:05d}" for n in range(1, count + 1)], "hall_id": picked.hall_id,
        "window_id": picked.window_id, "clerk_id": picked.clerk_id.where(named, None), "category": category,
        "description": [str(rng.choice(COMPLAINTS[c])) for c in category],
        "is_upheld": rng.choice([1, 0, None], count, p=[0.6, 0.15, 0.25]),
        "callback_time": (resolution + pd.Timedelta(hours=20)).where(pd.Series(rng.random(count) < 0.7), pd.NaT),
    })


def make_merits(rng: np.random.Generator, clerks: pd.DataFrame, open_days: list[date]) -> pd.DataFrame:
    """Return merit records of clerks, windows and halls; one in eight not approved, a few unreadable."""
    count = max(len(open_days) // 2, 1)
    picked = clerks.iloc[rng.integers(0, len(clerks), count)]
    merits = pd.DataFrame({
        "hall_id": picked.hall_id.to_numpy(), "subject_type": "clerk", "subject_id": picked.clerk_id.to_numpy(),
        "date": [open_days[n] for n in rng.integers(0, len(open_days), count)],
        "kind": rng.choice(["延时服务", "上门指导", "帮办代办"], count), "quantity": rng.integers(1, 5, count),
        "approved_by": np.where(rng.random(count) < 0.125, None, "值班主任"),
    }).astype({"quantity": object})
    merits.loc[merits.index[::9], ["subject_type", "subject_id"]] = ["hall", None]
    merits.loc[merits.index[1::9], ["subject_type", "subject_id"]] = ["window", "W01"]
    merits.loc[merits.index[2::29], "quantity"] = -1
    return merits.sort_values(["date", "hall_id"], kind="stable")


def pick(rng: np.random.Generator, frame: pd.DataFrame, share: float) -> pd.Index:
    """Return a random share of the rows (at least one), as an index."""
    return frame.index[rng.choice(len(frame), max(1, int(len(frame) * share)), replace=False)]


def soil_cases(rng: np.random.Generator, cases: pd.DataFrame, until: date) -> pd.DataFrame:
    """Return the cases with every kind of error that staging rejects or repairs."""
    share = 0.0009
    cases = cases.astype({"process_time": object, "is_completed": object, "service_date": object})
    cases.loc[pick(rng, cases, share), "process_time"] = None  # derived from start and end
    rows = pick(rng, cases, share)
    cases.loc[rows, ["process_time", "start_time", "end_time"]] = [None, pd.NaT, pd.NaT]
    rows = pick(rng, cases, share)
    cases.loc[rows, ["process_time", "start_time"]] = [-1, pd.NaT]
    cases.loc[pick(rng, cases, share), "process_time"] = 900
    cases.loc[pick(rng, cases, share), "is_completed"] = 2
    cases.loc[pick(rng, cases, share), "is_completed"] = None
    cases.loc[pick(rng, cases, share), "channel"] = "kiosk"
    rows = pick(rng, cases, share)
    cases.loc[rows, "end_time"] = cases.loc[rows, "start_time"] - pd.Timedelta(minutes=7)
    cases.loc[pick(rng, cases, share / 2), "service_date"] = None
    cases.loc[pick(rng, cases, share), "window_id"] = None
    cases.loc[pick(rng, cases, share), "clerk_id"] = None
    # Tickets of another day, and machines whose clock runs ahead. A separate generator keeps later
    # random numbers the same.
    own = rng.spawn(1)[0]
    waited = cases[cases.ticket_time.notna() & cases.start_time.notna()]
    rows = pick(own, waited, share)
    cases.loc[rows, "ticket_time"] = cases.loc[rows, "start_time"] + pd.Timedelta(minutes=4)
    rows = pick(own, waited, share)
    cases.loc[rows, "ticket_time"] = cases.loc[rows, "start_time"] - pd.Timedelta(hours=26)
    copies = cases.loc[pick(rng, cases, share)].copy()
    copies["start_time"] = copies["start_time"] + pd.Timedelta(minutes=3)
    ahead = cases.loc[pick(rng, cases, share)].copy()
    ahead["service_date"] = pd.Timestamp(until + timedelta(days=3))
    ahead["log_id"] = "N" + ahead["log_id"]
    return pd.concat([cases, copies, ahead], ignore_index=True)


def without_lost_day(cases: pd.DataFrame, open_days: list[date]) -> pd.DataFrame:
    """Return the cases without one hall's on the last weekday before the last open day, whose log was lost."""
    lost = next(day for day in reversed(open_days[:-1]) if day.weekday() < 5)
    return cases[(cases.hall_id != LOST_LOG_HALL) | (cases.service_date != pd.Timestamp(lost))]


def soil_feedback(rng: np.random.Generator, feedback: pd.DataFrame) -> pd.DataFrame:
    """Return the ratings with unknown levels, stars out of range, blank dates and second ratings."""
    feedback = feedback.astype({"date": object})
    for wrong in ("0", "9", "还行"):
        feedback.loc[pick(rng, feedback, 0.001), "rating"] = wrong
    feedback.loc[pick(rng, feedback, 0.001), "channel"] = "phone"
    feedback.loc[pick(rng, feedback, 0.001), "date"] = None
    again = feedback[feedback.log_id.notna()]
    again = again.loc[pick(rng, again, 0.003)].copy()
    again["feedback_id"] = "S" + again["feedback_id"]
    copies = feedback.loc[pick(rng, feedback, 0.001)].copy()
    copies["channel"] = "app"
    return pd.concat([feedback, again, copies], ignore_index=True)


def soil_complaints(rng: np.random.Generator, complaints: pd.DataFrame) -> pd.DataFrame:
    """Return the complaints with resolutions before the complaint (clock skew and worse), duplicates and blanks."""
    complaints = complaints.astype({"complaint_date": object})
    skewed = pick(rng, complaints, 0.008)
    complaints.loc[skewed, "resolution_time"] = complaints.loc[skewed, "complaint_time"] - pd.Timedelta(minutes=2)
    wrong = pick(rng, complaints, 0.006)
    complaints.loc[wrong, "resolution_time"] = complaints.loc[wrong, "complaint_time"] - pd.Timedelta(hours=30)
    blank = pick(rng, complaints, 0.003)
    complaints.loc[blank, ["complaint_date", "complaint_time"]] = [None, pd.NaT]
    timeless = pick(rng, complaints.drop(index=blank), 0.004)
    complaints.loc[timeless, "complaint_time"] = pd.NaT
    copies = complaints.loc[pick(rng, complaints, 0.005)].copy()
    copies["category"] = "其他"
    return pd.concat([complaints, copies], ignore_index=True)


def make_audits(rng: np.random.Generator, cases: pd.DataFrame, log: pd.DataFrame, until: date) -> pd.DataFrame:
    """Return audits of thirty counter cases per hall: recent ones, and some of the quarter before.

    Every third time was recorded too short at H03 recently, and at H05 in that quarter. Only cases that the log
    holds unchanged can be drawn (analyses/draw_audit_sample.sql); rejected or lost ones cannot be compared.
    """
    before = until.replace(month=until.month - (until.month - 1) % 3, day=1) - timedelta(days=1)
    spans = [(until - timedelta(days=29), until - timedelta(days=8), "H03", 15),
             (before.replace(month=before.month - 2, day=1), before, "H05", None)]
    parts = []
    for first, last, short, usual in spans:
        audited = cases[(cases.channel == "window") & (cases.service_date >= np.datetime64(first))]
        audited = audited[audited.service_date <= np.datetime64(last)]
        for number, (hall, *_) in enumerate(HALLS):
            own = audited[audited.hall_id == hall]
            if own.empty:
                continue
            own = own.iloc[np.sort(rng.choice(len(own), min(30, len(own)), replace=False))].reset_index(drop=True)
            error = rng.uniform(-0.6, 0.6, len(own))
            every = 3 if hall == short else usual
            if every:
                error[own.index % every == 1] += 6.5
            parts.append(pd.DataFrame({
                "log_id": own.log_id,
                "audited_at": own.service_date.astype("datetime64[s]") + pd.Timedelta(hours=30 + number),
                "auditor": np.where(own.index % 2 == 0, "第三方机构甲", "第三方机构乙"),
                "audited_process_time": np.round(np.maximum(own.process_time.astype(float) + error, 0.1), 2),
                "audited_is_completed": own.is_completed,
            }))
    audited = ["service_date", "process_time", "is_completed"]
    held = (log[audited] == cases[audited].reindex(log.index)).all(axis=1)
    audits = pd.concat(parts, ignore_index=True)
    audits = audits[audits.log_id.isin(log.log_id[held])].reset_index(drop=True)
    audits.insert(0, "audit_id", [f"V{n:04d}" for n in range(1, len(audits) + 1)])
    return audits


def make_disputes(cases: pd.DataFrame, until: date) -> dict[str, pd.DataFrame]:
    """Return three appeals and a correction about weeks published by then.

    None if no week is published, or if the work calendar lacks the year of a deadline.
    """
    with PARAMETERS.open(encoding="utf-8", newline="") as file:
        first = min(row["value"] for row in csv.DictReader(file) if row["parameter"] == "publish_from")
    with CALENDAR.open(encoding="utf-8", newline="") as file:
        years = {row["calendar_date"][:4] for row in csv.DictReader(file)}
    week = until - timedelta(days=14 + until.weekday())
    if str(week) < first or not {str(until.year), str((until + timedelta(days=30)).year)} <= years:
        return {}
    days = cases[(cases.service_date >= np.datetime64(week)) & (cases.service_date < np.datetime64(until))]
    counter = days[days.channel == "window"]
    busiest = {hall: rows.clerk_id.value_counts().index[0] for hall, rows in counter.groupby("hall_id")}
    sent, decided = f"{until - timedelta(days=4)} 10:00:00", f"{until - timedelta(days=1)} 15:30:00"
    columns = [
        "appeal_id", "hall_id", "subject_type", "subject_id", "period_type", "period_start", "rule_id",
        "points_adjustment", "reason", "submitted_by", "submitted_at", "decision", "decided_by", "decided_at",
        "decision_reason",
    ]
    appeals = [
        ("A001", "H02", "clerk", busiest["H02"], "week", week, "E1", None, "叫号系统当天故障，时长多记", busiest["H02"],
         sent, "pending", None, None, None),
        ("A002", "H03", "clerk", busiest["H03"], "week", week, "E1", 3, "协助老人填表，时长不应全计", busiest["H03"],
         sent, "upheld", "复核组", decided, "经查录像，情况属实，调增3分"),
        ("A003", "H04", "window", "W03", "week", week, "S2", None, "差评与本窗口无关", "W03负责人",
         sent, "rejected", "复核组", decided, "评价所附流水号为本窗口办件"),
    ]
    correction = ("K001", "week", week, "补录了设备故障当日的纸质记录", "数据管理员", "考核领导小组", decided)
    return {
        "appeals": pd.DataFrame(appeals, columns=columns),
        "corrections": pd.DataFrame([correction], columns=[
            "correction_id", "period_type", "period_start", "reason", "author", "approved_by", "approved_at",
        ]),
    }


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and write the CSV files."""
    yesterday = (datetime.now(UTC) + timedelta(hours=8)).date() - timedelta(days=1)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", default="sample_data", type=Path)
    parser.add_argument("--until", default=yesterday, type=date.fromisoformat, help="last day (default: yesterday)")
    parser.add_argument("--days", default=180, type=int)
    parser.add_argument("--seed", default=20260101, type=int)
    options = parser.parse_args(arguments)
    if options.days < 14:
        parser.error("--days: at least 14")
    rng = np.random.default_rng(options.seed)
    halls, windows, clerks = make_places(rng)
    open_days = working_days(options.until, options.days)
    cases = make_cases(rng, clerks, open_days)
    feedback = make_feedback(rng, cases)
    # A separate generator keeps later random numbers the same.
    feedback["comment"] = with_weaknesses(np.random.default_rng(options.seed + 1), feedback)
    complaints = make_complaints(rng, cases, options.until)
    merits = make_merits(rng.spawn(1)[0], clerks, open_days)
    log_columns = [
        "service_date", "process_time", "is_completed", "log_id", "hall_id", "window_id", "clerk_id", "item_code",
        "channel", "ticket_time", "start_time", "end_time",
    ]
    tables = {
        "halls": halls,
        "windows": windows,
        "clerks": clerks,
        "service_log": without_lost_day(soil_cases(rng, cases[log_columns], options.until), open_days),
        "feedback": soil_feedback(rng, feedback),
        "complaints": soil_complaints(rng, complaints),
        "merit_records": merits,
    }
    audits = make_audits(rng, cases, tables["service_log"], options.until)
    tables |= {"audit_samples": audits} | make_disputes(cases, options.until)
    options.out.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        for column in ("service_date", "date", "complaint_date"):
            if column in table:
                table[column] = pd.to_datetime(table[column]).dt.strftime("%Y-%m-%d")
        table.to_csv(options.out / f"{name}.csv", index=False, encoding="utf-8")
        print(f"{options.out / name}.csv: {len(table)} rows")
    return 0


if __name__ == "__main__":
    sys.exit(main())
