"""The rules in words: docs/rules.md matches the seeds, and every shape of rule has the right text."""

import pandas as pd
import pytest

from conftest import PROJECT_DIR, Project, run_script

pytestmark = [pytest.mark.once, pytest.mark.quick]

AS_OF = "2026-03-31"
BOOK = ["--indirect-selection", "cautious", "--select", "+rule_book +dim_metrics +dim_parameters"]


@pytest.fixture(scope="module")
def built(project: Project) -> Project:
    project.build(AS_OF, *BOOK)
    return project


def page_of(project: Project, path) -> str:
    run_script("write_rules.py", "--out", path, **{
        name: project.environment[name] for name in ("HALL_SCORES_SCHEMA", "DBT_PROFILES_DIR")
    })
    return path.read_text("utf-8")


def test_the_page_is_what_the_seeds_say(built, tmp_path):
    page = page_of(built, tmp_path / "rules.md")
    assert page == (PROJECT_DIR / "docs" / "rules.md").read_text("utf-8"), "docs/rules.md is stale: run `make rules`"


def test_the_page_names_every_rule_metric_and_parameter(built):
    page = (PROJECT_DIR / "docs" / "rules.md").read_text("utf-8")
    for row in built.read_seed("scoring_rules").itertuples():
        assert f"#### {row.rule_id}　{row.label_zh} / {row.label_en}\n" in page
    for name, column in (("metric_definitions", "metric"), ("metric_parameters", "parameter")):
        for code in built.read_seed(name)[column]:
            assert f"`{code}`" in page
    assert "| None" not in page


def test_every_text_is_filled_in_both_languages(built):
    metrics = built.query("select * from {schema}.dim_metrics")
    assert metrics.notna().all(axis=None)
    rules = built.query("select * from {schema}.rule_book where rule_type <> 'base'")
    assert len(rules) > 10
    # Every rule has texts, names and the source of the decision; not every rule has every number.
    numbers = {
        "subject_type", "period_type", "lower_bound", "upper_bound", "benchmark", "points", "points_per_unit",
        "min_points", "max_points",
    }
    assert rules.drop(columns=numbers).notna().all(axis=None)
    for table in (metrics, rules):
        for name in (column for column in table.columns if column.endswith("_en")):
            assert not table[name].str.contains("[\u4e00-\u9fff]", regex=True).any(), name


def test_the_standard_rules_in_words(built):
    rules = built.query("select * from {schema}.rule_book").set_index("rule_id")
    assert rules.loc["E1", ["rule_zh", "example_zh", "rule_en", "example_en"]].tolist() == [
        "平均办理时长高于 10 分钟的部分，每 1 分钟减 1 分，不足 1 分钟按比例计算。",
        "10 分钟 → 0 分；12.5 分钟 → −2.5 分",
        "Average process time: −1 point for each minute above 10 minutes, fractions in proportion.",
        "10 minutes → 0; 12.5 minutes → −2.5",
    ]
    assert rules.loc["E3", ["rule_zh", "example_zh", "rule_en", "example_en"]].tolist() == [
        "一次办结率达到 90 %（含）以上，加 20 分。", "89.9 % → 0 分；90 % → +20 分",
        "First-visit completion rate: at least 90 % gives +20 points.", "89.9 % → 0; 90 % → +20",
    ]
    assert rules.loc["S5", ["rule_zh", "example_zh", "rule_en", "scope_zh", "scope_en"]].tolist() == [
        "投诉量为 0 件，加 50 分。", "0 件 → +50 分；1 件 → 0 分", "Complaints: exactly 0 gives +50 points.",
        "大厅、部门、窗口、人员；月", "halls, departments, windows, clerks; months",
    ]
    # 2 × 50/3
    assert rules.loc["S6", "example_en"] == "0 months → 0; 2 months → +33.33"
    assert rules.loc["E0", "rule_en"] == "The efficiency dimension starts every period at 100 points."


# cells of a rule, and its words
SHAPES = {
    "a closed band": (
        {"metric": "avg_rating", "lower_bound": "3.5", "upper_bound": "4.5", "points": "-1"},
        "平均评分在 3.5 星（含）至 4.5 星（不含）之间，减 1 分。",
        "Average rating: from 3.5 stars to below 4.5 stars gives −1 point.",
        "3.49 stars → 0; 3.5 stars → −1; 4.49 stars → −1; 4.5 stars → 0",
    ),
    "a band from the end of the range": (
        {"metric": "satisfied_rate", "lower_bound": "0", "upper_bound": "0.5", "points": "-12.25"},
        "满意率在 0 %（含）至 50 %（不含）之间，减 12.25 分。",
        "Satisfied rate: from 0 % to below 50 % gives −12.25 points.",
        "0 % → −12.25; 49.9 % → −12.25; 50 % → 0",
    ),
    "a band of a count": (
        {"metric": "complaint_count", "lower_bound": "3", "points": "-7", "when_missing": "zero"},
        "投诉量达到 3 件（含）以上，减 7 分。", "Complaints: at least 3 complaints gives −7 points.",
        "2 complaints → 0; 3 complaints → −7",
    ),
    # 10 + 2.5 is below the band; 12 + 2.5 is 4.5 above the benchmark
    "a slope that begins beyond its benchmark, clamped": (
        {
            "metric": "avg_process_minutes", "rule_type": "slope", "lower_bound": "12", "benchmark": "10",
            "points_per_unit": "-3", "min_points": "-8", "subject_type": "clerk", "period_type": "rolling_7d",
        },
        "平均办理时长达到 12 分钟（含）以上时，高于 10 分钟的部分，每 1 分钟减 3 分，"
        "不足 1 分钟按比例计算，最低 −8 分。",
        "Average process time, when at least 12 minutes: −3 points for each minute above 10 minutes,"
        " fractions in proportion, not less than −8.",
        "10 minutes → 0; 14.5 minutes → −8",
    ),
    "a slope of a share": (
        {
            "metric": "digital_usage_rate", "rule_type": "slope", "lower_bound": "0.97", "benchmark": "0.97",
            "points_per_unit": "50",
        },
        "数字化办理率高于 97 %的部分，每 1 个百分点加 0.5 分，不足 1 个百分点按比例计算。",
        "Digital usage rate: +0.5 points for each percentage point above 97 %, fractions in proportion.",
        "97 % → 0; 100 % → +1.5",
    ),
    "a slope on both sides": (
        {
            "metric": "case_mix_process_minutes", "rule_type": "slope", "benchmark": "8", "points_per_unit": "-0.5",
            "max_points": "0",
        },
        "按事项构成调整的办理时长与 8 分钟相差的部分，每 1 分钟减 0.5 分，不足 1 分钟按比例计算，最高 0 分。",
        "Case-mix adjusted process time: −0.5 points for each minute away from 8 minutes, fractions in proportion,"
        " not more than 0.",
        "8 minutes → 0; 10.5 minutes → −1.25",
    ),
}


def test_every_shape_in_words(built, tmp_path):
    seeds = {name: built.read_seed(name) for name in (
        "scoring_rules", "dimension_weights", "dimensions", "metric_definitions")}
    rules = seeds["scoring_rules"]
    blank = dict.fromkeys(rules.columns, "") | {
        "rule_set": "pilot", "dimension": "voice", "rule_type": "band", "valid_from": "2026-04-01",
        "label_zh": "一 | 二", "label_en": "one | two", "reason": "a|b",
    }
    made = [blank | {"rule_id": f"V{n}"} | cells for n, (cells, *_) in enumerate(SHAPES.values())]
    weights = seeds["dimension_weights"].query("dimension == 'digital'").assign(
        rule_set="pilot", dimension="voice", weight="1"
    )
    # An unknown unit must not stop a build.
    metrics = seeds["metric_definitions"].replace({"unit": {"item": "bushel"}})
    try:
        built.write_seed("scoring_rules", pd.concat([rules, pd.DataFrame(made)]))
        built.write_seed("dimension_weights", pd.concat([seeds["dimension_weights"], weights]))
        built.write_seed("metric_definitions", metrics)
        built.write_seed("dimensions", pd.concat([seeds["dimensions"], pd.DataFrame(
            [{"dimension": "voice", "label_zh": "声音", "label_en": "Voice"}])]))
        built.build(AS_OF, *BOOK)
        found = built.query("select * from {schema}.rule_book where rule_set = 'pilot'").set_index("rule_id")
        page = page_of(built, tmp_path / "rules.md")
    finally:
        for name, frame in seeds.items():
            built.write_seed(name, frame)
    words = {name: tuple(found.loc[f"V{n}", ["rule_zh", "rule_en", "example_en"]]) for n, name in enumerate(SHAPES)}
    assert words == {name: tuple(texts) for name, (_, *texts) in SHAPES.items()}
    # They begin on the next day; the weight is that of their first day.
    assert set(found.is_in_force) == {0} and set(found.weight) == {1}
    assert found.loc["V3", ["scope_zh", "scope_en"]].tolist() == ["人员；滚动七天", "clerks; rolling seven days"]
    assert found.loc["V2", "when_missing_en"] == "Without data the value counts as 0."
    assert "## 规则集 pilot / Rule set pilot" in page and "2026-04-01 起" in page
