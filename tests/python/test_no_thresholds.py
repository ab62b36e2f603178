"""Every number a reviewer may change lives in a seed: none stands in SQL, Jinja, vars or Python."""

import csv
import re

import pytest
import yaml
from conftest import PROJECT_DIR

TYPES = re.compile(r"decimal\(\d+, ?\d+\)|char\(\d+\)|datetime\(6\)")
STARS, TEXT_LENGTH, FIRST_YEAR = {2, 3, 4, 5}, {255}, {1900}
LAST_DAY = {9999, 12, 31}
# Numbers that no reviewer would change, and where they stand: units, the calendar, the server's own limits.
# 0 and 1 may stand anywhere.
ALLOWED = {
    "counted_complaints": {3_600_000_000},  # microseconds an hour
    "daily_feedback": STARS,
    "period_measures": STARS,
    "subject_days": STARS,
    "data_quality": STARS,  # columns by place in a group by
    "stg_feedback": STARS | FIRST_YEAR,
    "period_days": {2, 3, 6, 7, 10, 11, 100, 1000, 10000},  # days and months of a period; places of digits
    "rule_books": {256},  # SHA-256
    "day_versions": {256, 3600},  # SHA-256; seconds an hour
    "period_versions": {256} | FIRST_YEAR | LAST_DAY,
    "raw_days": {2},  # columns by place in a group by
    "rankings": {2},  # decimals of a shown score
    "stg_clerks": TEXT_LENGTH,
    "stg_halls": TEXT_LENGTH,
    "stg_windows": TEXT_LENGTH,
    "stg_metric_definitions": TEXT_LENGTH,
    "stg_scoring_rules": TEXT_LENGTH,
    "stg_complaints": TEXT_LENGTH | FIRST_YEAR | {60},  # seconds a minute
    "base_service_log": FIRST_YEAR | {60_000_000},  # microseconds a minute
    "rule_problems": LAST_DAY | {2, 40, 200, 500, 2026, 10},  # least days of a complaint's due; lengths of a message
    "judged_appeals": TEXT_LENGTH,
    "audit_results": {2, 4},  # of Wilson's formula
    "period_publications": {3, 500},  # the three tables of a score; length of a text
    "appeal_publications": {500},
    "appeal_outcomes": {2},  # decimals of a shown score
    "publication_drift": TEXT_LENGTH,
    "ranking_versions": {256},  # SHA-256
    "working_days": {5, 10, 100},  # Monday to Friday; places of digits
    "stg_appeals": {500},  # length of a text
    "stg_corrections": {500},
}


def seeded_numbers() -> set[float]:
    """Return the thresholds, points, weights and parameters of the rule files."""
    columns = ("lower_bound", "upper_bound", "benchmark", "points", "points_per_unit", "weight", "value")
    numbers = set()
    for path in (PROJECT_DIR / "seeds" / "rules").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row.get("parameter") != "publish_from":  # a date
                    numbers |= {abs(float(row[column])) for column in columns if row.get(column)}
    return numbers


def numbers_in(text: str) -> set[float]:
    return {float(number) for number in re.findall(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.])", text)}


def models():
    return sorted((PROJECT_DIR / "models").rglob("*.sql"))


def test_the_search_finds_thresholds():
    assert {0.9, 0.8, 4.5, 3.5, 480.0, 0.4, 0.6, 50.0} <= seeded_numbers()
    assert numbers_in("value >= 0.90 and {{ 24 }} > process_2") == {0.9, 24}
    assert {path.stem for path in models()} > set(ALLOWED)


@pytest.mark.parametrize("path", models(), ids=lambda path: path.stem)
def test_a_model_holds_no_number_that_judges(path):
    text = re.sub(r"\{#.*?#\}|--[^\n]*", "", path.read_text("utf-8"), flags=re.DOTALL)
    found = numbers_in(TYPES.sub("", text)) - {0, 1} - ALLOWED.get(path.stem, set())
    assert not found, f"{path.name} holds {sorted(found)}; a number that judges belongs in seeds/rules"


def test_no_macro_compares_with_a_number():
    for path in (PROJECT_DIR / "macros").rglob("*.sql"):
        text = re.sub(r"\{#.*?#\}|'[^']*'", "", path.read_text("utf-8"), flags=re.DOTALL)
        compared = re.findall(r"(?:[<>]=?|between|\bin \()\s*-?(\d+(?:\.\d+)?)", text)
        # length of a list, the hour and minute of an offset, the age of the calendar
        assert not {float(number) for number in compared} - {0, 1, 12, 60}, path.name


def test_vars_hold_no_number():
    variables = yaml.safe_load((PROJECT_DIR / "dbt_project.yml").read_text("utf-8"))["vars"]
    switches = {"reconcile", "monthly_partitions", "tmp_table_bytes"}  # of the server, not of scoring
    assert not [name for name, value in variables.items() if isinstance(value, int | float) and name not in switches]


@pytest.mark.parametrize("name", ["export_reports", "load_logs", "verify_published"])
def test_python_knows_no_threshold(name):
    text = (PROJECT_DIR / "scripts" / f"{name}.py").read_text("utf-8")
    thresholds = {number for number in seeded_numbers() if not number.is_integer()}
    assert not thresholds & numbers_in(text)
