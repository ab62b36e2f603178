"""Both edges of every band: each row of the rules judged by the SQL and by the oracle, on values beside its bounds."""

import csv
from decimal import Decimal

import pandas as pd
import pytest

import raw_tables
from conftest import PROJECT_DIR, Project
from oracle import judge_rule

pytestmark = pytest.mark.once

AS_OF = "2026-03-31"
TICK = Decimal("0.0000000001")  # metrics hold ten decimals
STARTS = {
    "rolling_7d": "2026-03-24", "week": "2026-03-16", "month": "2026-03-01", "quarter": "2026-01-01",
    "year": "2026-01-01",
}
# Shapes that a reviewer may write, but the standard rules lack.
SHAPES = [
    {"metric": "avg_rating", "lower_bound": "3.5", "upper_bound": "4.5", "points": "10"},
    {"metric": "satisfied_rate", "lower_bound": "0.2", "upper_bound": "0.4", "points": "-5", "min_sample": "3"},
    {"metric": "complaint_count", "lower_bound": "3", "upper_bound": "6", "points": "-7"},
    {"metric": "complaint_count", "lower_bound": "2", "points": "-7", "when_missing": "zero", "min_sample": "1"},
    {"metric": "digital_usage_rate", "upper_bound": "0.3", "points": "-4.5", "when_missing": "zero"},
    {"metric": "rating_coverage_rate", "upper_bound": "0.3", "points": "4", "when_missing": "require"},
    {
        "metric": "avg_process_minutes", "rule_type": "slope", "lower_bound": "12", "upper_bound": "30",
        "benchmark": "10", "points_per_unit": "-3", "min_points": "-8",
    },
    {
        "metric": "case_mix_process_minutes", "rule_type": "slope", "benchmark": "8", "points_per_unit": "0.75",
        "min_points": "0.5", "max_points": "1.25",
    },
    {"metric": "complaint_count", "rule_type": "slope", "benchmark": "2", "points_per_unit": "-2.5"},
]


def read_rules(name: str) -> list[dict]:
    with next((PROJECT_DIR / "seeds").rglob(f"{name}.csv")).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def rows_to_judge() -> list[dict]:
    """Return each row without an end date in a separate rule set, so that it is tested alone."""
    rules = read_rules("scoring_rules")
    counts = {row["metric"] for row in read_rules("metric_definitions") if row["is_count"] == "1"}
    blank = dict.fromkeys(rules[0], "") | {"rule_type": "band", "dimension": "shapes"}
    return [
        row | {"rule_set": f"set{n:03}", "rule_id": row["rule_id"] or f"shape{n:03}", "valid_from": "2020-01-01",
               "valid_to": "", "is_count": row["metric"] in counts}
        for n, row in enumerate([*rules, *(blank | shape for shape in SHAPES)])
    ]


def results_for(rule: dict) -> list[dict]:
    """Return values of a metric: next to and at each bound and benchmark, and missing."""
    is_count = rule["is_count"]
    edge, unit = (Decimal(1), Decimal(1)) if is_count else (TICK, Decimal("0.01"))
    marks = [Decimal(rule[name]) for name in ("lower_bound", "upper_bound") if rule[name]]
    values = {mark + step for mark in marks for step in (-edge, 0, edge)}
    if rule["benchmark"]:
        values |= {Decimal(rule["benchmark"]) + step for step in (-1, -unit, 0, unit, 1)}
    if is_count:
        values = {value for value in values if value >= 0}
    enough = int(rule["min_sample"] or 0)
    measured = [{"value": value, "sample_size": enough, "status": "measured"} for value in sorted(values)]
    if enough:
        measured.append(measured[0] | {"sample_size": enough - 1})
    return [*measured, *({"value": None, "sample_size": 0, "status": s} for s in ("no_data", "not_attributable"))]


@pytest.fixture(scope="module")
def judged(project: Project) -> list[tuple[str, dict, dict]]:
    """Return (case, component by the SQL, component by the oracle); each case is a hall whose metric is set."""
    rules = rows_to_judge()
    cases = {
        f"{rule['rule_set']}-{n:02}": (rule, result)
        for rule in rules if rule["rule_type"] != "base"
        for n, result in enumerate(results_for(rule))
    }
    cases |= {f"{rule['rule_set']}-00": (rule, None) for rule in rules if rule["rule_type"] == "base"}
    raw_tables.create(project, "service_log", "feedback", "complaints", "halls")
    raw_tables.insert(project, "halls", [{"hall_id": hall, "opened_on": "2026-01-01"} for hall in cases])
    raw_tables.insert(project, "service_log", raw_tables.cases(1, "2026-01-05", next(iter(cases))))
    decided = {"valid_from": "2020-01-01", "valid_to": "", "decided_on": "", "reason": "", "source": ""}
    project.write_seed("scoring_rules", pd.DataFrame(rules).drop(columns="is_count"))
    project.write_seed("dimensions", pd.DataFrame([
        {"dimension": name, "label_zh": name, "label_en": name} for name in {rule["dimension"] for rule in rules}
    ]))
    project.write_seed("dimension_weights", pd.DataFrame([
        {"rule_set": rule["rule_set"], "dimension": rule["dimension"], "weight": "1", "min_score": "", "max_score": ""}
        | decided for rule in rules
    ]))
    project.write_seed("rule_set_assignments", pd.DataFrame([
        {"hall_id": hall, "rule_set": rule["rule_set"]} | decided for hall, (rule, _) in cases.items()
    ] + [{"hall_id": "", "rule_set": rules[0]["rule_set"]} | decided]))
    project.build(AS_OF, "--indirect-selection", "cautious", "--select", "+score_components")
    project.execute(f"update {project.schema}.metrics set value = null, sample_size = 0, status = 'no_data'")
    project.execute(
        f"update {project.schema}.metrics set value = %s, sample_size = %s, status = %s"
        " where period_type = %s and period_start = %s and hall_id = %s and metric = %s",
        [
            (result["value"], result["sample_size"], result["status"], kind, STARTS[kind], hall, rule["metric"])
            for hall, (rule, result) in cases.items() if result
            for kind in [rule["period_type"] or "month"]
        ],
    )
    project.dbt("run", "--full-refresh", "--select", "score_components", as_of_date=AS_OF)
    found = project.query("""
        select hall_id, period_type, period_start, rule_id, value, status, points, next_band_points,
            distance_to_next_band
        from {schema}.score_components where subject_type = 'hall'
    """).set_index(["hall_id", "period_type", "period_start"])
    empty = {"numerator": None, "denominator": None}
    judged = []
    for hall, (rule, result) in cases.items():
        kind = rule["period_type"] or "month"
        component = found.loc[(hall, kind, pd.Timestamp(STARTS[kind]).date())]
        judged.append((hall, component.to_dict(), judge_rule(rule, result and result | empty, rule["is_count"])))
    return judged


def test_the_sql_judges_each_edge_as_the_oracle_does(judged):
    columns = ("rule_id", "value", "status", "points", "next_band_points", "distance_to_next_band")
    different = [
        f"{case}: {column}: oracle {wanted[column]}, SQL {found[column]} (value {wanted['value']}, {wanted['rule_id']})"
        for case, found, wanted in judged for column in columns
        if found[column] != wanted[column]
    ]
    assert not different, f"{len(different)} differ:\n" + "\n".join(different[:20])


def test_every_row_was_judged_on_both_sides_of_its_bounds(judged):
    statuses: dict[str, set[str]] = {}
    for case, found, _ in judged:
        statuses.setdefault(case.split("-")[0], set()).add(found["status"])
    for rule in rows_to_judge():
        wanted = {"applied"}
        if rule["rule_type"] != "base":
            wanted |= {"not_attributable"}
        if rule["lower_bound"] not in ("", "0") or rule["upper_bound"]:
            wanted |= {"not_met"}
        assert wanted <= statuses[rule["rule_set"]], rule
