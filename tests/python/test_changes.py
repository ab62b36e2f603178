"""No change is missed: each input is changed, and the next build must give the same as a full refresh.

Two targets are built from the same raw tables and seeds: one nightly, the other whole. The inputs are
read from the catalogue (columns of the raw tables and seeds, parameters, vars), so that one added next
year is changed too. Each change of a row or a dated seed has its own month and halls, so that no other
change can rewrite the same slices.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

import pandas as pd
import pytest
import yaml

import raw_tables
from conftest import PROJECT_DIR, Project
from loading.contract import read_contract

pytestmark = pytest.mark.once

AS_OF = "2026-03-31"
# Each change has its own month, newest first; a quarter holds three changes.
MONTHS = [date(year, month, 1) for year in range(2025, 2017, -1) for month in range(12, 0, -1)]
KEYS = ("hall_id", "period_type", "period_start", "subject_id", "rule_id")
WITHOUT_TESTS = ("--resource-type", "seed", "--resource-type", "model")


class Pair:
    """One project under two targets: `nightly` is built nightly, `whole` completely each time."""

    def __init__(self, factory: pytest.TempPathFactory):
        self.nightly, self.whole = (Project(factory.mktemp(name)) for name in ("nightly", "whole"))
        self.whole.execute(f"drop schema {self.whole.raw_schema}")
        self.whole.raw_schema = self.nightly.raw_schema
        # With the server's 16 MB it would use the disk.
        self.nightly.execute("set session tmp_table_size = 1073741824, session max_heap_table_size = 1073741824")
        self.seeds = {}
        for path in (self.nightly.folder / "seeds").rglob("*.csv"):
            self.seeds[path.stem] = self.nightly.read_seed(path.stem)
            other = self.whole.folder / path.relative_to(self.nightly.folder)
            other.unlink()
            other.symlink_to(path)

    def execute(self, sql: str) -> None:
        self.nightly.execute(sql.replace("{raw}", self.nightly.raw_schema))

    def rename(self, table: str, name: str) -> None:
        self.execute(f"rename table {{raw}}.{table} to {{raw}}.{name}")

    def build(self, *arguments: str, **variables) -> None:
        """Build both in parallel. Raises AssertionError if a build fails."""
        for name, frame in self.seeds.items():
            self.nightly.write_seed(name, frame)
        variables = {"as_of_date": AS_OF} | variables
        builds = [
            self.nightly.start_dbt("build", *WITHOUT_TESTS, *arguments, **variables),
            self.whole.start_dbt("build", *WITHOUT_TESTS, "--full-refresh", **(variables | {"reconcile": False})),
        ]
        for build in builds:
            output, _ = build.communicate()
            assert build.returncode == 0, output[-6000:]

    def differences(self) -> list[str]:
        """Return, by mart, the first row that only one of the two targets has."""
        columns = self.nightly.query("""
            select table_name as t, column_name as c from information_schema.columns
            where table_schema = '{schema}' and column_name not in ('build_id', 'published_at')
            order by table_name, ordinal_position
        """)
        assert columns.t.nunique() > 30
        found = []
        for mart, names in columns.groupby("t").c:
            listed = ", ".join(f"`{name}`" for name in names)
            cells = ", ".join(f"coalesce(`{name}`, 'null')" for name in names)
            bits = f"left(sha2(concat_ws('|', {cells}), 256), 15)"
            total = f"select count(*), sum(cast(conv({bits}, 16, 10) as unsigned))"
            sums = [
                self.nightly.query(f"{total} from {project.schema}.{mart}").values.tolist()
                for project in (self.nightly, self.whole)
            ]
            if sums[0] == sums[1]:
                continue
            rows = self.nightly.query(f"""
                select sum(side) as side, {listed}
                from (
                    select 1 as side, {listed} from {self.nightly.schema}.{mart}
                    union all
                    select -1 as side, {listed} from {self.whole.schema}.{mart}
                ) as both_sides
                group by {listed}
                having sum(side) <> 0
            """)
            keys = [name for name in names if name in KEYS]
            for _, row in rows.head(6).iterrows():
                side = "stale" if row.side > 0 else "missing"
                shown = {name: str(row[name]) for name in (keys or list(names))}
                found.append(f"{mart}: {len(rows)} rows, {side}: {shown}")
        return found

    def written_months(self) -> set[str]:
        """Return the months, as 2025-12, for which the last build wrote into any table of slices."""
        slices = self.nightly.query("""
            select slice from {schema}_work.slice_versions where build_id = (
                select build_id from {schema}_work.slice_versions where model_name = 'scores' and slice = 'code'
            )
        """).slice
        return set(slices.str.extract(r"(\d{4}-\d{2})-\d{2}")[0].dropna())

    def close(self) -> None:
        self.whole.close()
        self.nightly.close()


@pytest.fixture
def pair(tmp_path_factory):
    made = Pair(tmp_path_factory)
    yield made
    made.close()


# The data of a month


def days(month: date) -> list[date]:
    """Return four Mondays of a month: with all data, and with only complaints, ratings and merit."""
    return [month + timedelta(days=-month.weekday() % 7, weeks=week) for week in range(4)]


def history(month: date) -> dict[str, list[dict]]:
    """Return the raw rows of a month, by table; rows to be changed come in pairs that differ."""
    code = f"{month:%y%m}"
    hall, other = f"H{code}", f"G{code}"
    mixed, complained, rated, merited = map(str, days(month))
    listed = {"opened_on": mixed, "closed_on": str(days(month)[-1] + timedelta(days=6))}
    named = [{"window_id": f"W{n}", "clerk_id": f"C{n}"} for n in (1, 2)]

    def case(day: str, n: int, **columns) -> dict:
        return {
            "service_date": day, "hall_id": hall, "log_id": f"L{code}-{n}", "process_time": [12, 7.5][n],
            "is_completed": [1, 0][n], "item_code": [f"I{code}", f"K{code}"][n],
            "channel": ["window", "self_service"][n],
            "ticket_time": f"{day} {['09:00', '10:00'][n]}:00", "start_time": f"{day} {['09:10', '10:31'][n]}:00",
            "end_time": f"{day} {['09:25', '10:40'][n]}:00", **named[n], **columns,
        }

    def rating(day: str, n: int, log_id: str) -> dict:
        return {
            "date": day, "hall_id": hall, "rating": ["5", "1"][n], "feedback_id": f"F{day}-{n}", "log_id": log_id,
            "channel": ["wechat", "sms"][n], "comment": ["等太久", "态度差"][n],
            "callback_time": f"{date.fromisoformat(day) + timedelta(days=[1, 6][n])} 12:00:00", **named[n],
        }

    def complaint(day: str, n: int) -> dict:
        return {
            "complaint_date": day, "complaint_time": f"{day} 10:00:00", "hall_id": hall, "complaint_id": f"K{day}-{n}",
            "resolution_time": f"{date.fromisoformat(day) + timedelta(days=[0, 3][n])} 16:00:00",
            "category": ["服务", "环境"][n], "description": ["排队", "脸色难看"][n], "is_upheld": [1, 0][n],
            "callback_time": f"{date.fromisoformat(day) + timedelta(days=[1, 5][n])} 09:00:00", **named[n],
        }

    def merit(day: str, n: int) -> dict:
        return {"hall_id": hall, "subject_type": ["clerk", "window"][n], "subject_id": ["C1", "W2"][n], "date": day,
                "kind": ["延时服务", "上门指导"][n], "quantity": [2, 3][n], "approved_by": ["Li", "Wu"][n]}

    cases = [case(mixed, n) for n in (0, 1)]
    return {
        "service_log": [*cases, case(mixed, 0, hall_id=other, log_id=f"G{code}", window_id=None, clerk_id=None)],
        "feedback": [
            *(rating(mixed, n, cases[n]["log_id"]) for n in (0, 1)),
            *(rating(rated, n, f"Z{n}") for n in (0, 1)),
            rating(mixed, 0, f"G{code}") | {"hall_id": other, "feedback_id": f"G{code}"},
        ],
        "complaints": [complaint(day, n) for day in (mixed, complained) for n in (0, 1)],
        "merit_records": [merit(day, n) for day in (mixed, merited) for n in (0, 1)],
        "halls": [
            {"hall_id": hall, "hall_name": f"甲{code}", "region": "东", "peer_group": "large", **listed},
            {"hall_id": other, "hall_name": f"乙{code}", "region": "西", "peer_group": "small", **listed},
        ],
        "windows": [
            {"hall_id": hall, "window_id": f"W{n}", "window_name": f"窗{n}", "department": f"D{n}", **listed}
            for n in (1, 2)
        ],
        "clerks": [{"hall_id": hall, "clerk_id": f"C{n}", "clerk_name": f"人{n}", **listed} for n in (1, 2)],
        "audit_samples": [
            {"audit_id": f"A{code}-{n}", "log_id": cases[n]["log_id"], "auditor": ["Qi", "He"][n],
             "audited_at": f"{mixed} 1{n}:00:00", "audited_process_time": [12, 30][n], "audited_is_completed": 1}
            for n in (0, 1)
        ],
    }


# The changes of a month


@dataclass
class Change:
    """One input changed in one month, and how."""

    name: str
    apply: Callable[[Pair, date], None]


def another(value, name: str):
    """Return another value of the same kind, as a correction might write."""
    if isinstance(value, str):
        for form in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d"):
            try:
                moment = datetime.strptime(value, form)
            except ValueError:
                continue
            step = timedelta(days=10) if form == "%Y-%m-%d" else timedelta(minutes=37)
            return (moment + step).strftime(form)
        return f"{value}x"
    return 1 - value if name.startswith("is_") or name == "audited_is_completed" else value + Decimal("1.25")


def literal(value) -> str:
    return "null" if value is None else f"'{value}'"


def raw_changes(tables: dict[str, list[str]]) -> list[Change]:
    """Return the changes of each raw column: two rows exchanged, another value, none."""

    def change(table: str, column: str, kind: str) -> Callable[[Pair, date], None]:
        def apply(pair: Pair, month: date) -> None:
            rows = [row for row in history(month)[table] if row.get("hall_id", "H")[0] == "H" or table == "halls"]
            for first, second in zip(rows[::2], rows[1::2], strict=True):
                one, two = first.get(column), second.get(column)
                new = {"exchanged": {0: two, 1: one}, "none": {0: None}, "other": {0: another(one, column)}}[kind]
                if kind == "other" and column.endswith("_id"):  # moved to an id with other rows
                    new = {0: f"G{month:%y%m}" if column == "hall_id" and one[0] == "H" else two}
                for place, value in new.items():
                    row = (first, second)[place]
                    # Both rows are found by their old values, so that exchanging an id does not match the other row.
                    where = " and ".join(f"`{name}` = {literal(cell)}" for name, cell in row.items())
                    pair.execute(f"update {{raw}}.{table} set `{column}` = {literal(value)} where {where}")
        return apply

    changes = []
    for table, columns in tables.items():
        for column in columns:
            for kind in ("exchanged", "other", "none"):
                changes.append(Change(f"{table}.{column} {kind}", change(table, column, kind)))
    return changes


def row_changes(tables: dict[str, list[str]]) -> list[Change]:
    """Return the changes of whole rows: one deleted, one duplicated."""

    def gone(table: str) -> Callable[[Pair, date], None]:
        def apply(pair: Pair, month: date) -> None:
            for row in history(month)[table][:-1:2]:
                where = " and ".join(f"`{name}` = {literal(cell)}" for name, cell in row.items() if cell is not None)
                pair.execute(f"delete from {{raw}}.{table} where {where}")
        return apply

    def twice(table: str) -> Callable[[Pair, date], None]:
        def apply(pair: Pair, month: date) -> None:
            raw_tables.insert(pair.nightly, table, history(month)[table][:-1:2])
        return apply

    return [Change(f"{table} row {kind}", make(table)) for table in tables for kind, make in
            (("gone", gone), ("twice", twice))]


def last_day(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def in_force(month: date) -> dict[str, str]:
    return {"valid_from": str(month), "valid_to": str(last_day(month)), "decided_on": "2017-12-01", "reason": "试验",
            "source": "试验"}


RULE = {
    "rule_set": "standard", "dimension": "efficiency", "metric": "avg_wait_minutes", "subject_type": "clerk",
    "period_type": "week", "min_sample": "1", "when_missing": "skip", "label_zh": "规则", "label_en": "Rule",
}
BAND = {"rule_type": "band", "lower_bound": "0", "upper_bound": "100", "points": "3"}
SLOPE = {"rule_type": "slope", "benchmark": "10", "points_per_unit": "1"}


def probes(month: date, column: str) -> dict[str, dict[str, str]]:
    """Return a row of each dated seed that has an effect in that month only."""
    code = f"{month:%y%m}"
    hall, dated = f"H{code}", in_force(month)
    is_slope = column in ("benchmark", "points_per_unit", "min_points", "max_points")
    kind = SLOPE | {"lower_bound": "0", "min_points": "-1", "max_points": "1"} if is_slope else BAND
    live = days(month)[1]
    return {
        "scoring_rules": RULE | kind | dated | {"rule_id": f"X{code}"},
        "exemptions": {"exemption_id": f"X{code}", "hall_id": hall, "subject_type": "clerk", "subject_id": "C1",
                       "rule_id": "E1", "approved_by": "Li"} | dated,
        "improvement_triggers": {
            "trigger_id": f"T{code}", "subject_type": "clerk", "period_type": "week",
            "metric": "avg_process_minutes", "lower_bound": "0", "upper_bound": "100", "min_sample": "1",
            "consecutive_periods": "1", "action": "talk", "label_zh": "谈", "label_en": "Talk",
            "deadline_working_days": "5"} | dated,
        "reward_tiers": {
            "tier_id": f"T{code}", "reward": "bonus", "tier": "1", "subject_type": "clerk", "period_type": "week",
            "min_score": "50", "max_rank_share": "1", "min_sample": "1", "complaints": "any", "min_audit_match": "0.5",
            "label_zh": "奖", "label_en": "Bonus"} | dated,
        "pain_point_keywords": {
            "category": f"k{code}", "keyword": "排队", "label_zh": "队", "label_en": "Queue"} | dated,
        "item_standards": {"item_code": f"I{code}", "item_name": "事项", "standard_minutes": "8"} | dated,
        "rule_set_assignments": {"hall_id": hall, "rule_set": "trial"} | dated,
        "pilots": {
            "pilot_id": f"P{code}", "hall_id": hall, "label_zh": "试", "label_en": "Pilot", "go_live": str(live),
            "shadow_until": str(live + timedelta(days=13)), "before_weeks": "1", "after_weeks": "1", "min_sample": "1",
            "efficiency_claim": "0.3", "satisfaction_claim": "0.1"} | {
                name: cell for name, cell in dated.items() if not name.startswith("valid")},
    }


# Other values for cells that do not accept any number, text or day.
OTHERS = {
    "scoring_rules": {
        "rule_set": "trial", "dimension": "satisfaction", "metric": "case_mix_process_minutes",
        "subject_type": "window", "period_type": "month", "rule_type": SLOPE | {"points": ""},
        "when_missing": "require", "upper_bound": "9", "lower_bound": "9", "min_sample": "3",
    },
    "exemptions": {
        "hall_id": "G", "subject_type": {"subject_type": "window", "subject_id": "W1"}, "subject_id": "C2",
        "rule_id": "E2",
    },
    "improvement_triggers": {"subject_type": "window", "period_type": "month", "metric": "avg_rating",
                             "upper_bound": "9", "lower_bound": "9"},
    "reward_tiers": {"subject_type": "window", "period_type": "month", "complaints": "none", "max_rank_share": "0.5",
                     "min_audit_match": "0.9", "min_score": "120", "min_sample": "5", "tier": "2"},
    "pain_point_keywords": {"keyword": "脸色"},
    "item_standards": {"item_code": "K"},
    "rule_set_assignments": {"hall_id": "G", "rule_set": "standard"},
    "pilots": {"hall_id": "G", "before_weeks": "2", "after_weeks": "2"},
}
# Seeds without dates: steps() below changes them.
UNDATED = ("metric_definitions", "dimensions", "units", "rating_levels", "work_calendar", "quality_limits")
# The rule check refuses a change of these alone, so it cannot be missed.
REFUSED = {("dimension_weights", "rule_set"), ("dimension_weights", "dimension")}


def another_cell(seed: str, column: str, value: str, month: date) -> dict[str, str]:
    """Return the cells to write for a change of one cell of a seed."""
    other = OTHERS.get(seed, {}).get(column)
    if isinstance(other, dict):
        return other
    if other in ("G", "K"):
        return {column: f"{other}{month:%y%m}"}
    if other:
        return {column: other}
    if column == "valid_to":
        return {column: str(days(month)[2])}
    try:
        number = Decimal(value)
    except ArithmeticError:
        return {column: another(value, column)}
    return {column: str(number + 1 if number == number.to_integral_value() else number / 2)}


def seed_changes(pair: Pair) -> list[Change]:
    """Return the changes of each column of the dated seeds, each parameter and each weight."""

    def change(seed: str, column: str) -> Callable[[Pair, date], None]:
        def apply(pair: Pair, month: date) -> None:
            frame = pair.seeds[seed]
            key = frame.columns[1] if seed == "scoring_rules" else frame.columns[0]
            if seed in ("item_standards", "pain_point_keywords", "rule_set_assignments"):
                rows = (frame.valid_from == str(month))
            else:
                rows = frame[key] == probes(month, column)[seed][key]
            assert rows.sum() == 1, (seed, column, month)
            for name, cell in another_cell(seed, column, frame.loc[rows, column].item(), month).items():
                frame.loc[rows, name] = cell
        return apply

    def parameter(name: str) -> Callable[[Pair, date], None]:
        def apply(pair: Pair, month: date) -> None:
            frame = pair.seeds["metric_parameters"]
            rows = (frame.parameter == name) & (frame.valid_from == str(month))
            assert rows.sum() == 1, (name, month)
            frame.loc[rows, "value"] = another_cell("", "value", frame.loc[rows, "value"].item(), month)["value"]
        return apply

    def weights(column: str) -> Callable[[Pair, date], None]:
        def apply(pair: Pair, month: date) -> None:
            frame = pair.seeds["dimension_weights"]
            for dimension, weight in (("efficiency", "0.30"), ("satisfaction", "0.70")):
                rows = (frame.dimension == dimension) & (frame.rule_set == "standard")
                rows &= frame.valid_from == str(month)
                assert rows.sum() == 1, (column, month)
                frame.loc[rows, column] = {"weight": weight, "min_score": "99", "max_score": "101"}.get(column, "x")
        return apply

    changes = [
        Change(f"metric_parameters.value {name}", parameter(name)) for name in pair.seeds["metric_parameters"].parameter
    ]
    changes += [
        Change(f"dimension_weights.{column}", weights(column)) for column in pair.seeds["dimension_weights"].columns
        if ("dimension_weights", column) not in REFUSED and not column.startswith("valid_") and column != "decided_on"
    ]
    for seed in probes(MONTHS[0], ""):
        changes += [Change(f"{seed}.{column}", change(seed, column)) for column in pair.seeds[seed].columns]
    return changes


def split(frame: pd.DataFrame, rows: pd.Series, month: date) -> pd.DataFrame:
    """Return a seed in which some rows are split into before, during and after a month."""
    held = frame[rows]
    before = held.assign(valid_to=str(month - timedelta(days=1)))
    after = held.assign(valid_from=str(last_day(month) + timedelta(days=1)))
    during = held.assign(valid_from=str(month), valid_to=str(last_day(month)))
    parts = pd.concat([frame[~rows], before, during, after], ignore_index=True)
    return parts[(parts.valid_to == "") | (parts.valid_to >= parts.valid_from)]


def open_rows(frame: pd.DataFrame, month: date) -> pd.Series:
    """Return which rows are in force for a whole month."""
    return (frame.valid_from <= str(month)) & ((frame.valid_to == "") | (frame.valid_to >= str(last_day(month))))


def prepare_seeds(pair: Pair, planned: dict[str, date]) -> None:
    """Make the rules old enough for all months, with a second rule set, and separate rows for what will change."""
    seeds = pair.seeds
    for frame in seeds.values():
        if "valid_from" in frame:
            frame["valid_from"] = frame.valid_from.replace("2020-01-01", "2000-01-01")
            frame["decided_on"] = frame.decided_on.replace("2019-12-01", "1999-12-01")
    rules, weights = seeds["scoring_rules"], seeds["dimension_weights"]
    # Dimensions without weight judge many rows but decide nothing.
    weighty = weights.dimension[weights.weight != "0"]
    seeds["scoring_rules"], seeds["dimension_weights"] = (
        frame[frame.dimension.isin(weighty)] for frame in (rules, weights))
    for name in ("scoring_rules", "dimension_weights"):
        seeds[name] = pd.concat([seeds[name], seeds[name].assign(rule_set="trial")], ignore_index=True)
    seeds["pilots"] = seeds["pilots"][:0]
    holiday = seeds["work_calendar"][:1].assign(calendar_date="2025-10-01")
    seeds["work_calendar"] = pd.concat([seeds["work_calendar"], holiday], ignore_index=True)
    for name, month in planned.items():
        seed, _, column = name.partition(".")
        if seed == "metric_parameters":
            frame = seeds[seed]
            rows = (frame.parameter == column.removeprefix("value ")) & open_rows(frame, month)
            seeds[seed] = split(frame, rows, month)
        elif seed == "dimension_weights":
            frame = seeds[seed]
            seeds[seed] = split(frame, (frame.rule_set == "standard") & open_rows(frame, month), month)
        elif seed in seeds:
            row = probes(month, column)[seed]
            seeds[seed] = pd.concat([seeds[seed], pd.DataFrame([row])], ignore_index=True).fillna("")



def test_each_change_of_a_row_or_a_dated_rule_is_seen(pair):
    contract = read_contract()
    raw_tables.create(pair.nightly, *history(MONTHS[0]))
    columns = {table: [column.name for column in contract[table]] for table in history(MONTHS[0])}
    changes = raw_changes(columns) + row_changes(columns) + seed_changes(pair)
    # Changes that apply until today are made in the latest months, so that they hide few others.
    changes.sort(key=lambda change: not change.name.endswith("closed_on none"))
    batches = [
        dict(zip(MONTHS, changes[start : start + len(MONTHS)], strict=False))
        for start in range(0, len(changes), len(MONTHS))
    ]
    prepare_seeds(pair, {change.name: month for batch in batches for month, change in batch.items()})
    for table in columns:
        raw_tables.insert(pair.nightly, table, [row for month in MONTHS for row in history(month)[table]])
    pair.build()
    assert not pair.differences()
    unseen, written = [], 0
    for batch in batches:
        for month, change in batch.items():
            change.apply(pair, month)
        pair.build(reconcile=True)
        written += len({f"{month:%Y-%m}" for month in batch} & pair.written_months())
        for row in pair.differences():
            named = [change.name for month, change in batch.items() if f"{month:%y%m}" in row or str(month)[:7] in row]
            unseen.append(f"{named}: {row}")
    assert not unseen, "\n".join(unseen)
    # No slice reads names, labels and reasons.
    assert written > len(changes) * 0.6


# Inputs that affect everything: each is changed separately


def appeals(month: date) -> list[dict]:
    """Return an appeal for each column that may change, against the same published month."""
    return [
        {
            "appeal_id": f"B{n}", "hall_id": f"H{month:%y%m}", "subject_type": "clerk", "subject_id": "C1",
            "period_type": "month", "period_start": str(month), "rule_id": "E3", "points_adjustment": 1,
            "reason": "误记", "submitted_by": "C1", "submitted_at": f"{last_day(month) + timedelta(days=5)} 10:00:00",
            "decision": ["pending", "rejected"][n % 2], "decided_by": "Li", "decision_reason": "核实",
            "decided_at": f"{last_day(month) + timedelta(days=9)} 10:00:00",
        }
        for n in range(len(read_contract()["appeals"]))
    ]


def corrections(month: date) -> list[dict]:
    """Return a correction for each column that may change; none of them is approved."""
    return [
        {"correction_id": f"R{n}", "period_type": "month", "period_start": str(month), "reason": "补录", "author": "Li",
         "approved_by": "Li", "approved_at": f"{last_day(month) + timedelta(days=9)} 10:00:00"}
        for n in range(len(read_contract()["corrections"]))
    ]


def change_each_column(pair: Pair, table: str, rows: list[dict]) -> None:
    """Change a different column in each of some rows."""
    for row, column in zip(rows, read_contract()[table], strict=True):
        key = next(iter(row))
        value = "upheld" if column.name == "decision" else another(row[column.name], column.name)
        pair.execute(f"update {{raw}}.{table} set `{column.name}` = {literal(value)} where {key} = {literal(row[key])}")


def change_seed(pair: Pair, seed: str, columns: list[str], rows: slice = slice(None)) -> None:
    """Change columns of an undated seed: words get another letter, numbers change."""
    frame = pair.seeds[seed]
    for column in columns:
        for place in frame.index[rows]:
            cell = frame.loc[place, column]
            if cell:
                frame.loc[place, column] = another_cell(seed, column, cell, MONTHS[0])[column]


def recent(n: int) -> str:
    """Return a different day for each n, within the lookback days."""
    return str(date.fromisoformat(AS_OF) - timedelta(days=n + 1))


def steps(pair: Pair) -> dict[str, Callable[[], dict | None]]:
    """Return the changes before each pair of builds, by name; they return the vars from then on."""
    contract, month = read_contract(), MONTHS[1]
    made: dict[str, Callable] = {}
    is_words = ("label", "formula", "data_source", "when_null", "improve", "word", "step", "item_name")

    def words() -> None:
        change_seed(pair, "metric_definitions", [c for c in pair.seeds["metric_definitions"] if c.startswith(is_words)])
        change_seed(pair, "units", list(pair.seeds["units"].columns[1:]))
        change_seed(pair, "dimensions", ["label_zh", "label_en"])

    def limits() -> None:
        pair.seeds["work_calendar"] = pair.seeds["work_calendar"][5:]
        frame = pair.seeds["quality_limits"]
        change_seed(pair, "quality_limits", [c for c in frame if frame[c].str.fullmatch(r"[\d.]*").all()])

    def levels() -> None:
        change_seed(pair, "rating_levels", ["rating"], slice(3, 4))
        change_seed(pair, "rating_levels", ["level"], slice(0, 1))

    made |= {"words and units": words, "quality limits, the work calendar": limits, "rating levels": levels}

    def definition(column: str) -> Callable[[], None]:
        def change() -> None:
            frame = pair.seeds["metric_definitions"]
            frame.loc[frame.metric == "avg_process_minutes", column] = {
                "direction": "higher_is_better", "unit": "hour", "pilot_claim": "satisfaction"}.get(column) or str(
                    1 - int(frame.loc[frame.metric == "avg_process_minutes", column].item()))
        return change

    for column in pair.seeds["metric_definitions"].columns[1:]:
        if not column.startswith(is_words) and column != "is_measured":
            made[f"metric_definitions.{column}"] = definition(column)

    def parameters() -> None:
        frame = pair.seeds["metric_parameters"]
        for name in frame.parameter.unique():
            frame = split(frame, (frame.parameter == name), date(2026, 3, 1))
        for place in frame.index[frame.valid_from == "2026-03-01"]:
            frame.loc[place, "value"] = another_cell("", "value", frame.loc[place, "value"], MONTHS[0])["value"]
        pair.seeds["metric_parameters"] = frame

    made["each parameter, as of today"] = parameters

    def lookback(kind: str) -> None:
        for table, day in (("service_log", "service_date"), ("feedback", "date")):
            for n, column in enumerate(contract[table]):
                key, cell = ("feedback_id" if table == "feedback" else "log_id"), column.name
                if kind == "none":
                    pair.execute(f"update {{raw}}.{table} set `{cell}` = null where `{day}` = '{recent(n)}'"
                                 f" order by {key} limit 1")
                elif cell != day:
                    one, two = pair.nightly.query(
                        f"select {key} as k, `{cell}` as v from {{raw}}.{table} where `{day}` = '{recent(n)}'"
                        f" order by {key} desc limit 2").values.tolist()
                    for row, value in ((one, two[1]), (two, one[1])):
                        pair.execute(f"update {{raw}}.{table} set `{cell}` = {literal(value)}"
                                     f" where `{day}` = '{recent(n)}' and {key} = {literal(row[0])}")

    for kind in ("exchanged", "none"):
        made[f"each column of a recent day {kind}"] = lambda kind=kind: lookback(kind)

    def procedures() -> None:
        change_each_column(pair, "appeals", appeals(month))
        change_each_column(pair, "corrections", corrections(month))

    made["each column of an appeal and of a correction"] = procedures
    optional = [table for table, columns in contract.items() if table not in ("service_log", "feedback", "complaints")]
    for table in optional:
        made[f"{table} gone"] = lambda table=table: pair.rename(table, f"{table}_gone")
    made["all there again"] = lambda: [pair.rename(f"{table}_gone", table) for table in optional] and None

    def floats() -> dict:
        pair.execute("alter table {raw}.service_log modify process_time float")
        pair.execute("update {raw}.service_log set process_time = 100.0001")
        return {"reconcile": True}

    made["floats"] = floats
    made["a float's last digit"] = lambda: pair.execute("update {raw}.service_log set process_time = 100.0004")

    def no_channel() -> dict:
        pair.execute("alter table {raw}.service_log drop column channel")
        return {"default_hall_id": "other"}

    made["no channel, another hall by default"] = no_channel
    made["an earlier day"] = lambda: {"as_of_date": "2026-03-20", "reconcile": False}
    made["another time zone"] = lambda: {"time_zone": "-09:00"}
    return made


def test_each_seed_and_var_is_changed():
    """A seed, var or table added later must be added here, or be listed as one that changes no result."""
    seeds = {path.stem for path in (PROJECT_DIR / "seeds").rglob("*.csv")}
    changed = set(probes(MONTHS[0], "")) | {"metric_parameters", "dimension_weights", *UNDATED}
    # Read by the loader, and by the checks of rules: neither changes a result.
    assert seeds - changed == {"raw_columns", "raw_tables", "raw_words", "rule_columns"}
    variables = set(yaml.safe_load((PROJECT_DIR / "dbt_project.yml").read_text("utf-8"))["vars"])
    assert variables - {"as_of_date", "time_zone", "default_hall_id", "reconcile", "raw_schema"} == {
        "code_version",  # written into publications
        "monthly_partitions", "tmp_table_bytes", "lock_wait_seconds", "copy_rows",  # how a table is written
        "scratch_schema", "only_periods",  # of a preview
    }
    assert set(read_contract()) == {*history(MONTHS[0]), "appeals", "corrections"}


def test_each_change_of_what_holds_for_all_is_seen(pair):
    contract = read_contract()
    raw_tables.create(pair.nightly, *contract)
    prepare_seeds(pair, {})
    months = MONTHS[:3]
    for month in months:
        for table, rows in history(month).items():
            raw_tables.insert(pair.nightly, table, rows)
    raw_tables.insert(pair.nightly, "appeals", appeals(MONTHS[1]))
    raw_tables.insert(pair.nightly, "corrections", corrections(MONTHS[1]))
    for table, day in (("service_log", "service_date"), ("feedback", "date")):
        for n in range(len(contract[table])):
            raw_tables.insert(pair.nightly, table, [
                row | {name: f"{row[name]}-{n}" for name in ("log_id", "feedback_id") if name in row} | {day: recent(n)}
                for row in history(months[0])[table]
            ])
    raw_tables.insert(pair.nightly, "service_log", raw_tables.cases(3, recent(0), None))
    frame = pair.seeds["metric_parameters"]
    frame.loc[frame.parameter == "publish_from", "value"] = "2025-10-01"
    frame.loc[frame.parameter == "lookback_days", "value"] = "20"
    variables: dict = {}
    pair.build()
    assert not pair.differences()
    unseen = []
    for name, change in steps(pair).items():
        variables |= change() or {}
        pair.build(**variables)
        unseen += [f"{name}: {row}" for row in pair.differences()]
    assert not unseen, "\n".join(unseen)


@pytest.mark.parametrize("model, read, left_out, table, column", [
    ("plan_raw_days", "column in contract[table_name] -", "column in contract[table_name] and column != 'clerk_id' -",
     "service_log", "clerk_id"),
    ("plan_days", "'subject_id', 'quantity',", "'subject_id',", "merit_records", "quantity"),
    ("plan_periods", "'departments.departments_fingerprint',", "", "windows", "department"),
])
def test_a_version_that_leaves_an_input_out_is_found(pair, model, read, left_out, table, column):
    """Break a version on purpose, to show that the comparison above can fail."""
    path = next((pair.nightly.folder / "models").rglob(f"{model}.sql"))
    text = path.read_text("utf-8")
    assert read in text
    path.write_text(text.replace(read, left_out), "utf-8")
    raw_tables.create(pair.nightly, *history(MONTHS[0]))
    prepare_seeds(pair, {})
    for name, rows in history(MONTHS[0]).items():
        raw_tables.insert(pair.nightly, name, rows)
    pair.build()
    exchanged = raw_changes({table: [column]})[0]
    assert exchanged.name == f"{table}.{column} exchanged"
    exchanged.apply(pair, MONTHS[0])
    pair.build(reconcile=True)
    assert any(row.startswith("metrics: ") for row in pair.differences())
