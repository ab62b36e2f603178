"""Every number that a reviewer may change is in a seed: none is in SQL, Jinja, vars or Python."""

import ast
import csv
import re

import pytest
import yaml

from conftest import PROJECT_DIR

pytestmark = [pytest.mark.once, pytest.mark.quick]

TYPES = re.compile(r"decimal\(\d+, ?\d+\)|char\(\d+\)|datetime\(6\)")
STARS, TEXT_LENGTH, FIRST_YEAR = {2, 3, 4, 5}, {255}, {1900}
LAST_DAY = {9999, 12, 31}
# Numbers that no reviewer would change, by file: units, the calendar, the server's limits.
# 0 and 1 are allowed everywhere.
ALLOWED = {
    "int_complaints": {3_600_000_000, 256},  # microseconds an hour; SHA-256
    "int_cases": FIRST_YEAR,
    "int_ratings_by_day": STARS,
    "int_period_measures": STARS,
    "int_subject_days": STARS,
    "data_quality": STARS,  # columns by place in a group by
    "stg_feedback": STARS | {256},  # SHA-256
    "int_period_days": {2, 3, 6, 7, 10, 11, 100, 1000, 10000},  # days and months of a period; places of digits
    "int_rule_book_hashes": {256} | FIRST_YEAR | LAST_DAY,  # SHA-256
    "plan_days": {2, 24, 256, 3600},  # days to spare, hours a day; SHA-256; seconds an hour
    "plan_periods": {256},
    "int_period_waits": {9, 10},  # nine of ten: the 90th percentile itself
    "plan_raw_days": {2},  # columns by place in a group by
    "quality_checks": {2},  # more than half
    "stg_quality_limits": TEXT_LENGTH,
    "peak_hours": {9, 10},  # nine of ten
    "improvement_actions": {10, 40},  # decimals of a value, values of a text
    "stg_improvement_triggers": TEXT_LENGTH,
    "stg_reward_tiers": TEXT_LENGTH,
    "stg_dimension_weights": TEXT_LENGTH | {1000},
    "stg_dimensions": TEXT_LENGTH,
    "stg_pain_point_keywords": TEXT_LENGTH,
    "stg_pilots": TEXT_LENGTH,
    "pilot_effects": {7},  # days a week
    "rankings": {2},  # decimals of a shown score
    "stg_clerks": TEXT_LENGTH,
    "stg_halls": TEXT_LENGTH,
    "stg_windows": TEXT_LENGTH,
    "stg_metric_definitions": TEXT_LENGTH,
    "int_pain_points_by_day": {256},  # SHA-256
    "score_spreads": {2},  # the middle of a list
    "stg_metric_parameters": TEXT_LENGTH | {1000},
    "stg_scoring_rules": TEXT_LENGTH | {1000, 256},  # SHA-256
    "stg_merit_records": TEXT_LENGTH,
    "stg_complaints": TEXT_LENGTH | {60},  # seconds a minute
    "base_service_log": {60_000_000},  # microseconds a minute
    # digits of numbers and dates, lengths of cells and of a message, and what a message gives as an example
    "stg_rule_problems": LAST_DAY | TEXT_LENGTH | {2, 3, 4, 9, 10, 40, 64, 200, 500, 16_000, 1900, 2026, 0.9, 12, 31},
    "int_appeals": TEXT_LENGTH,
    "audit_results": {2, 4},  # of Wilson's formula
    "publish_due_periods": {2, 500},  # dimension scores and scores; length of a text
    "publish_upheld_appeals": {500},
    "appeal_outcomes": {2},  # decimals of a shown score
    "publication_drift": TEXT_LENGTH,
    "plan_rankings": {256},  # SHA-256
    "plan_components": {256},
    "plan_reviews": {256},
    "indicator_review": {2},  # decimals of a shown score
    "int_working_days": {5, 10, 100},  # Monday to Friday; places of digits
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
        assert not fractions_of(seeded_numbers()) & numbers_in(text), path.name


def test_vars_hold_no_number():
    variables = yaml.safe_load((PROJECT_DIR / "dbt_project.yml").read_text("utf-8"))["vars"]
    # For the server, not for scoring.
    switches = {"reconcile", "monthly_partitions", "tmp_table_bytes", "lock_wait_seconds", "copy_rows"}
    assert not [name for name, value in variables.items() if isinstance(value, int | float) and name not in switches]


def judging_numbers(code: str) -> set[float]:
    """Return the numbers of Python code that could be thresholds: all fractions, and integers in comparisons.

    Comparisons of lengths are left out.
    """
    tree = ast.parse(code)
    found = fractions_of({node.value for node in ast.walk(tree) if is_number(node)})
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            of_length = any(isinstance(side, ast.Call) and ast.unparse(side.func) == "len" for side in sides)
            found |= {side.value for side in sides if is_number(side) and not of_length}
    return {float(number) for number in found} - {0, 1}


def is_number(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


def fractions_of(numbers: set[float]) -> set[float]:
    return {number for number in numbers if not float(number).is_integer()}


def test_the_search_in_python_finds_thresholds():
    code = "def f(rate, minutes):\n    return rate * 0.4 if 10 < minutes and len(x) > 20 and 100 else WIDTH[24]"
    assert judging_numbers(code) == {0.4, 10}


# Scripts that generate logs need their own rates; they do not score.
INVENTING = {"sample_logs", "benchmark"}
ALLOWED_IN_SCRIPTS = {
    "cells": {12, 24, 64},  # hours of a day; length of an id
    "warehouse": {0.2},  # seconds between two looks
    "door": {0.2},  # the same
    "merge": {0.5},  # the same
    "messages": {0.4},  # how alike a mistyped word and a known one are
}


@pytest.mark.parametrize(
    "path", [p for p in sorted((PROJECT_DIR / "scripts").rglob("*.py")) if p.stem not in INVENTING],
    ids=lambda path: path.stem,
)
def test_python_knows_no_threshold(path):
    found = judging_numbers(path.read_text("utf-8")) - ALLOWED_IN_SCRIPTS.get(path.stem, set())
    assert not found & seeded_numbers(), f"{path.name}: a number that judges belongs in seeds/rules"


def test_pages_know_no_threshold():
    thresholds = fractions_of(seeded_numbers())
    for path in (PROJECT_DIR / "scripts" / "templates").glob("*.html.j2"):
        assert not thresholds & numbers_in(path.read_text("utf-8")), path.name
