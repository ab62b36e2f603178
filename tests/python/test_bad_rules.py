"""A wrong seed stops the build with the row and the reason, before any mart changes."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest

import raw_tables
from conftest import PROJECT_DIR, Project
from rules.models import MODELS
from test_rule_fuzz import Database

AS_OF = "2026-03-31"


@pytest.fixture(scope="module")
def built(project: Project) -> Project:
    raw_tables.create(project, "service_log", "feedback", "complaints")
    raw_tables.insert(project, "service_log", raw_tables.cases(4, "2026-03-10", "CITY"))
    raw_tables.insert(project, "feedback", raw_tables.ratings([5, 4], "2026-03-11", "CITY"))
    project.build(AS_OF)
    return project


def mart_hashes(project: Project) -> dict[str, str]:
    tables = project.query(
        "select table_name as name from information_schema.tables where table_schema = '{schema}' order by 1"
    )
    hashes = {}
    for name in tables.name:
        rows = project.query(f"select * from {{schema}}.{name}")
        text = "\n".join(sorted(repr(row) for row in rows.itertuples(index=False, name=None)))
        hashes[name] = hashlib.sha256(text.encode()).hexdigest()
    assert len(hashes) > 10
    return hashes


def changed(seed: str, match: tuple[str, str], **cells: str):
    """Return a function that sets cells of the rows where a column has a value."""

    def apply(project: Project) -> None:
        frame = project.read_seed(seed)
        rows = frame[match[0]] == match[1]
        assert rows.any()
        for column, value in cells.items():
            frame.loc[rows, column] = value
        project.write_seed(seed, frame)

    return apply


def repeated(seed: str, match: tuple[str, str], **cells: str):
    """Return a function that adds a copy of a row, with other cells."""

    def apply(project: Project) -> None:
        frame = project.read_seed(seed)
        copy = frame[frame[match[0]] == match[1]].head(1).assign(**cells)
        project.write_seed(seed, pd.concat([frame, copy]))

    return apply


def both(*changes):
    def apply(project: Project) -> None:
        for change in changes:
            change(project)

    return apply


def emptied(seed: str):
    def apply(project: Project) -> None:
        project.write_seed(seed, project.read_seed(seed).head(0))

    return apply


# name: the change of a seed, and what the output must say. Each changes other rows, so that they can be
# tested together, except those that empty a seed.
WRONG = {
    "unknown metric": (
        changed("scoring_rules", ("rule_id", "E1"), metric="completion"),
        ["scoring_rules.csv: row standard/E1/2020-01-01: metric", 'is not a metric of metric_definitions.csv'],
    ),
    "divided or not": (
        changed("metric_definitions", ("metric", "avg_rating"), is_divided="yes"),
        ["metric_definitions.csv: row avg_rating: is_divided", '"yes" 不认识；可用 0、1 / is not known; use 0, 1'],
    ),
    "metric not measured": (
        changed("scoring_rules", ("rule_id", "E2"), metric="audit_match_rate"),
        ["standard/E2/2020-01-01: metric", "defined but not measured"],
    ),
    "percent sign": (
        changed("scoring_rules", ("rule_id", "E3"), lower_bound="90%"),
        ["standard/E3/2020-01-01: lower_bound", '"90%"'],
    ),
    "text for points": (
        changed("scoring_rules", ("rule_id", "S1"), points="thirty"),
        ["standard/S1/2020-01-01: points", '"thirty"'],
    ),
    "full-width digit": (
        changed("metric_parameters", ("parameter", "satisfied_rating"), value="４"),
        ["metric_parameters.csv: row satisfied_rating/2020-01-01: value"],
    ),
    "lower above upper": (
        changed("scoring_rules", ("rule_id", "S3"), lower_bound="0.95", upper_bound="0.90"),
        ["standard/S3/2020-01-01: upper_bound", "0.9", "0.95"],
    ),
    "overlapping bands": (
        repeated("scoring_rules", ("rule_id", "D1"), rule_id="D1b", lower_bound="0.70"),
        ["standard/D1b/2020-01-01: lower_bound", "overlap", "standard/D1/2020-01-01"],
    ),
    "two bases": (
        repeated("scoring_rules", ("rule_id", "E0"), rule_id="E0b", points="50"),
        ["standard/E0b/2020-01-01: points", "a base beside standard/E0/2020-01-01; both would be summed"],
    ),
    "weights do not sum to 1": (
        changed("dimension_weights", ("dimension", "efficiency"), weight="0.41"),
        ["dimension_weights.csv: row standard/2020-01-01: weight", "1.01"],
    ),
    "duplicate rule": (
        repeated("scoring_rules", ("rule_id", "S2")),
        ["scoring_rules.csv: row standard/S2"],
    ),
    "valid_to before valid_from": (
        changed("scoring_rules", ("rule_id", "E4"), valid_to="2019-01-01"),
        ["standard/E4", "valid_to", "2019-01-01"],
    ),
    "unreadable date": (
        changed("scoring_rules", ("rule_id", "M1"), valid_from="2026-02-30"),
        ["standard/M1", "valid_from", "2026-02-30"],
    ),
    "no rule set for a hall": (
        emptied("rule_set_assignments"),
        ["rule_set_assignments.csv", "no rule set"],
    ),
    "assigned rule set without rules": (
        changed("rule_set_assignments", ("rule_set", "standard"), rule_set="standart"),
        ['"standart" 在 scoring_rules.csv 中没有规则 / has no row in scoring_rules.csv'],
    ),
    "unknown rule type": (
        changed("scoring_rules", ("rule_id", "S5"), rule_type="bonus"),
        ["standard/S5/2020-01-01: rule_type", '"bonus" 不认识；可用 band、base、slope / is not known'],
    ),
    "dimension without weight": (
        both(
            changed("scoring_rules", ("rule_id", "D2"), dimension="efficency"),
            changed("dimension_weights", ("dimension", "digital"), valid_to="2026-12-31"),
        ),
        ["standard/D2/2020-01-01: dimension", '"efficency" 自 2020-01-01 起在 dimension_weights.csv 中没有权重',
         '"efficency" 不认识；可用 efficiency',
         'has no weight in dimension_weights.csv on 2027-01-01'],
    ),
    "published too early": (
        changed("metric_parameters", ("parameter", "publication_lag"), value="1"),
        ["metric_parameters.csv: row publication_lag/2020-01-01: value", "1 超出范围；应不小于 2、不大于 36525"],
    ),
    "publish_from is no date": (
        changed("metric_parameters", ("parameter", "publish_from"), value="20261001"),
        ["metric_parameters.csv: row publish_from/2020-01-01: value", '"20261001" 不是日期'],
    ),
    "a day twice in the work calendar": (
        repeated("work_calendar", ("calendar_date", "2026-10-01"), is_working_day="1"),
        ["work_calendar.csv: row 2026-10-01: calendar_date", "more than one row"],
    ),
    "wait target of half minutes": (
        changed("metric_parameters", ("parameter", "wait_target_minutes"), value="12.5"),
        ["metric_parameters.csv: row wait_target_minutes/2020-01-01: value", '12.5 不是整数；应写整数 / is not whole'],
    ),
    "keywords of pain points": (
        both(
            changed("pain_point_keywords", ("keyword", "踢皮球"), keyword=" "),
            changed("pain_point_keywords", ("category", "fees"), category="all"),
            changed("pain_point_keywords", ("keyword", "推诿"), label_zh="推诿"),
            repeated("pain_point_keywords", ("keyword", "扯皮"), valid_from="2026-01-01"),
        ),
        ["pain_point_keywords.csv: row passing_on//2020-01-01: keyword", "为空；必须填写",
         "pain_point_keywords.csv: row all/乱收费/2020-01-01: category", "means something else",
         "pain_point_keywords.csv: row passing_on: label_zh", "name it differently",
         "pain_point_keywords.csv: row passing_on/扯皮/2026-01-01: valid_from", "another row of the same key"],
    ),
    "wrong pilots": (
        both(
            changed("pilots", ("pilot_id", "P01"), shadow_until="2026-08-31", before_weeks="0.5", hall_id=""),
            repeated("pilots", ("pilot_id", "P01"), go_live="2026-09-31", efficiency_claim="30%"),
        ),
        ["pilots.csv: row P01: shadow_until", "2026-08-31 小于 go_live 2026-09-01",
         "pilots.csv: row P01: before_weeks", "0.5 超出范围；应不小于 1", "pilots.csv: row P01: hall_id",
         '"2026-09-31" 不是日期', '"30%" 不是数字', "pilots.csv: row P01: pilot_id", "more than one row"],
    ),
    "wrong tiers and triggers": (
        both(
            changed("reward_tiers", ("tier_id", "BQ1"), min_audit_match="80"),
            changed("improvement_triggers", ("trigger_id", "C2"), valid_to="2026-03-31"),
            repeated("improvement_triggers", ("trigger_id", "C2"), valid_from="2026-04-01", valid_to="",
                     subject_type="clerk", period_type="week", metric="avg_rating"),
            changed("improvement_triggers", ("trigger_id", "W1"), valid_to="2026-03-31"),
            repeated("improvement_triggers", ("trigger_id", "W1"), valid_from="2026-04-01", valid_to="",
                     subject_type="", period_type="", metric=" "),
        ),
        ["reward_tiers.csv: row BQ1/2020-01-01: min_audit_match", "above 0, 1 or less",
         *(f"improvement_triggers.csv: row {trigger}: {column}: 同一条件的各行判断的不是同一件事"
           for trigger in ("C2", "W1") for column in ("subject_type", "period_type", "metric"))],
    ),
    "parameter missing": (
        emptied("metric_parameters"),
        ["metric_parameters.csv: row complaint_deadline_hours", "missing"],
    ),
}
EMPTIED = ("no rule set for a hall", "parameter missing")


@pytest.fixture(scope="module")
def database(built: Project) -> Iterator[Database]:
    made = Database(built)
    yield made
    made.connection.close()


@contextmanager
def wrong_seeds(built: Project, *names: str) -> Iterator[None]:
    kept = {path: path.read_bytes() for path in (built.folder / "seeds").rglob("*.csv")}
    try:
        for name in names:
            WRONG[name][0](built)
        yield
    finally:
        for path, content in kept.items():
            path.write_bytes(content)


@pytest.mark.once
@pytest.mark.parametrize("name", WRONG)
def test_wrong_seed_is_named(built: Project, database: Database, name: str):
    """Each problem alone: the rows of stg_rule_problems, as a build prints them."""
    with wrong_seeds(built, name):
        problems = database.refusal(built.folder / "seeds" / "rules", list(MODELS))
    printed = "\n".join("seeds/rules/{}: row {}: {}: {}".format(*row) for row in problems)
    for text in WRONG[name][1]:
        assert text in printed


# All at once, in a build, on each engine, because SQL finds them.
@pytest.mark.parametrize("names", [[name for name in WRONG if name not in EMPTIED], EMPTIED], ids=["rows", "emptied"])
def test_wrong_seeds_are_named_together_and_no_mart_changes(built: Project, names: list[str]):
    before = mart_hashes(built)
    with wrong_seeds(built, *names):
        result = built.build(AS_OF, check=False)
    output = result.stdout + result.stderr
    assert result.returncode == 1
    assert "Traceback" not in output
    for name in names:
        for text in WRONG[name][1]:
            assert text in output, f"{name}: {text} not in {output[-9000:]}"
    assert mart_hashes(built) == before


def test_mended_seed_builds_whole_again(built: Project):
    changed("scoring_rules", ("rule_id", "E3"), lower_bound="90%")(built)
    assert built.build(AS_OF, check=False).returncode == 1
    changed("scoring_rules", ("rule_id", "E3"), lower_bound="0.90", points="25")(built)
    built.build(AS_OF)
    score = built.query("select efficiency_score from {schema}.scores where period_type = 'month'")
    assert list(score.efficiency_score) == [125]
    builds = built.query("select distinct build_id from {schema}.scores")
    assert len(builds) == 1


@pytest.mark.parametrize("command", [
    ["dbt", "build", "--project-dir", "."],
    ["python", "scripts/load_logs.py", "sample.csv"],
    ["python", "scripts/export_reports.py", "--period", "week"],
])
def test_a_warehouse_that_is_down_gives_one_clear_line(tmp_path, command):
    (tmp_path / "service_log.csv").write_text("service_date,process_time,is_completed\n2026-03-01,5,1\n", "utf-8")
    command = [str(tmp_path / "service_log.csv") if part == "sample.csv" else part for part in command]
    program = Path(sys.executable).parent / command[0]
    environment = os.environ | {
        "HALL_SCORES_TARGET": "mysql", "HALL_SCORES_HOST": "127.0.0.1", "HALL_SCORES_PORT": "1", "DBT_TARGET": "mysql",
        "DBT_LOG_PATH": str(tmp_path / "logs"), "DBT_TARGET_PATH": str(tmp_path / "target"),
    }
    result = subprocess.run(
        [program, *command[1:]], cwd=PROJECT_DIR, env=environment, capture_output=True, text=True
    )
    output = result.stdout + result.stderr
    assert result.returncode != 0
    assert "Traceback" not in output
    assert "127.0.0.1" in output
    assert len([line for line in output.splitlines() if "2003" in line or "does not answer" in line]) == 1, output
