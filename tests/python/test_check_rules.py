"""A wrong rule seed is named by file, line and column, in both languages, before it is merged."""

import csv
import io
import os
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
import yaml

from conftest import PROJECT_DIR, run_script
from rules.check import check
from rules.columns import COLUMNS
from rules.models import MODELS
from rules.tables import Problem

pytestmark = [pytest.mark.once, pytest.mark.quick]

SEEDS = PROJECT_DIR / "seeds" / "rules"
TODAY = date(2026, 3, 31)


@pytest.fixture()
def seeds(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SEEDS, tmp_path / "seeds" / "rules"))


def read(folder: Path, seed: str) -> list[dict]:
    return list(csv.DictReader(io.StringIO((folder / f"{seed}.csv").read_text("utf-8"))))


def write(folder: Path, seed: str, rows: list[dict]) -> None:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    (folder / f"{seed}.csv").write_text(out.getvalue(), "utf-8")


def cells(seed: str, line: int, **changed: str):
    """Return a function that sets cells of a line."""

    def apply(folder: Path) -> None:
        rows = read(folder, seed)
        rows[line - 2] |= changed
        write(folder, seed, rows)

    return apply


def added(seed: str, like: int, **changed: str):
    """Return a function that adds a copy of a line, with other cells."""

    def apply(folder: Path) -> None:
        rows = read(folder, seed)
        write(folder, seed, [*rows, rows[like - 2] | changed])

    return apply


def replaced(seed: str, old: bytes, new: bytes):
    """Return a function that changes bytes of a file, once."""

    def apply(folder: Path) -> None:
        path = folder / f"{seed}.csv"
        content = path.read_bytes()
        assert old in content
        path.write_bytes(content.replace(old, new, 1))

    return apply


def exempt(**changed: str):
    """Return a function that writes one exemption."""
    row = {
        "exemption_id": "X1", "hall_id": "CITY", "subject_type": "window", "subject_id": "W1", "rule_id": "E3",
        "valid_from": "2026-01-01", "valid_to": "2026-06-30", "approved_by": "李主任", "decided_on": "2025-12-20",
        "reason": "装修", "source": "批复",
    }
    return lambda folder: write(folder, "exemptions", [row | changed])


def both(*edits):
    def apply(folder: Path) -> None:
        for edit in edits:
            edit(folder)

    return apply


def followed(line: int, last: str, first: str, **changed: str):
    """Return a function that ends a rule and adds a row that follows it."""
    return both(cells(RULES, line, valid_to=last), added(RULES, line, valid_from=first, valid_to="", **changed))


RULES, WEIGHTS, PARAMETERS = "scoring_rules", "dimension_weights", "metric_parameters"
TRIGGERS, TIERS, PILOTS = "improvement_triggers", "reward_tiers", "pilots"
KEYWORDS = "pain_point_keywords"
# name: (change, file, line, column, part of the Chinese message, part of the English one)
WRONG = {
    # the shape of a file
    "no file": (lambda folder: (folder / f"{WEIGHTS}.csv").unlink(), WEIGHTS, 1, "header", "缺少此文件", "missing"),
    "unknown file": (
        lambda folder: (folder / "scoring_rule.csv").write_text("a\n1\n"), "scoring_rule", 1, "header",
        "应为 scoring_rules？", "did you mean scoring_rules?",
    ),
    "empty file": (lambda folder: (folder / f"{RULES}.csv").write_bytes(b""), RULES, 1, "header", "缺少列 rule_set",
                   "column rule_set is missing"),
    "unknown column": (replaced(RULES, b",points,", b",point,"), RULES, 1, "header", "应为 points？",
                       "did you mean points?"),
    "column missing": (replaced(WEIGHTS, b",min_score", b""), WEIGHTS, 1, "header", "缺少列 min_score",
                       "column min_score is missing"),
    "column twice": (replaced(WEIGHTS, b"min_score", b"max_score"), WEIGHTS, 1, "header", "重复", "twice"),
    "cell too many": (replaced(RULES, b",S0,", b",S0,,"), RULES, 7, "row", "24 个单元格；应为 23",
                      "24 cells; write 23"),
    "cell missing": (replaced(RULES, b",S0,", b",S0"), RULES, 7, "row", "22 个单元格", "22 cells"),
    "empty line": (replaced(RULES, b"\nstandard,S0", b"\n\nstandard,S0"), RULES, 7, "row", "空行", "empty line"),
    "open quote": (replaced(RULES, b"standard,S0", b'"standard,S0'), RULES, 7, "row", "双引号", "quotes"),
    "GBK": (replaced(WEIGHTS, "效率占".encode(), "效率占".encode("gbk")), WEIGHTS, 2, "encoding", "不是 UTF-8",
            "not UTF-8"),
    "BOM": (replaced(RULES, b"rule_set", b"\xef\xbb\xbfrule_set"), RULES, 1, "header", "BOM", "BOM"),
    "CRLF": (replaced(RULES, b"\nstandard,E1", b"\r\nstandard,E1"), RULES, 2, "line end", "CRLF", "CRLF"),
    "tab": (cells(RULES, 3, points_per_unit="-1\t"), RULES, 3, "points_per_unit", "应写 -1", "write -1"),
    "tab in words": (cells(RULES, 3, reason="政策\t原文"), RULES, 3, "reason", "U+0009", "U+0009"),
    "NUL": (cells(RULES, 3, label_en="a\0b"), RULES, 3, "label_en", "U+0000", "control character"),
    "no-break space": (cells(RULES, 3, metric="avg_process\xa0minutes"), RULES, 3, "metric", "NO-BREAK", "NO-BREAK"),
    "zero-width space": (cells(RULES, 3, rule_id="E\u200b1"), RULES, 3, "rule_id", "U+200B", "ZERO WIDTH"),
    "blank around": (cells(RULES, 3, metric="avg_process_minutes "), RULES, 3, "metric", "空格", "blanks"),
    "line break in a code": (cells(RULES, 3, rule_id="E\n1"), RULES, 3, "rule_id", "U+000A", "U+000A"),
    "the word null": (cells(WEIGHTS, 3, reason="NULL"), WEIGHTS, 3, "reason", "读成空", "empty cell"),
    # line numbers as in an editor, even after a cell of two lines
    "after a cell of two lines": (
        both(cells(RULES, 2, reason="政策\n原文"), cells(RULES, 4, points="x", points_per_unit="y")),
        RULES, 5, "points_per_unit", "不是数字", "not a number",
    ),
    # numbers
    "full-width digit": (cells(PARAMETERS, 3, value="４"), PARAMETERS, 3, "value", "全角字符；应写 4", "write 4"),
    "full-width point and minus": (cells(RULES, 6, points="－３０。５"), RULES, 6, "points", "应写 -30.5",
                                   "write -30.5"),
    "percent": (cells(RULES, 5, lower_bound="90%"), RULES, 5, "lower_bound", "应写 0.90", "write 0.90"),
    "full-width percent": (cells(RULES, 5, lower_bound="９０％"), RULES, 5, "lower_bound", "应写 0.90", "write 0.90"),
    "thousands": (cells(PARAMETERS, 4, value="1,480"), PARAMETERS, 4, "value", "应写 1480", "write 1480"),
    "scientific": (cells(PARAMETERS, 4, value="4.8e2"), PARAMETERS, 4, "value", "应写 480", "write 480"),
    "no digit before the point": (cells(RULES, 5, lower_bound=".9"), RULES, 5, "lower_bound", "应写 0.9", "write 0.9"),
    "too many decimals": (cells(RULES, 13, points_per_unit="16.66666666667"), RULES, 13, "points_per_unit", "10 位小数",
                          "10 after the point"),
    "too many digits": (cells(RULES, 3, benchmark="1234567890"), RULES, 3, "benchmark", "9 位整数", "at most 9"),
    "words for points": (cells(RULES, 8, points="thirty"), RULES, 8, "points", "不是数字", "not a number"),
    "points beyond a score": (cells(RULES, 8, points="100000"), RULES, 8, "points", "99999", "99999"),
    "points empty": (cells(RULES, 8, points=""), RULES, 8, "points", "band 的行必须填写", "a band row needs it"),
    "half a case": (cells(RULES, 8, min_sample="1.5"), RULES, 8, "min_sample", "整数", "whole number"),
    "sample below zero": (cells(RULES, 8, min_sample="-1"), RULES, 8, "min_sample", "不小于 0", "0 or more"),
    # dates
    "full-width date": (cells(RULES, 8, valid_from="２０２０-01-01"), RULES, 8, "valid_from", "应写 2020-01-01",
                        "write 2020-01-01"),
    "slashes": (cells(RULES, 8, valid_from="2020/1/1"), RULES, 8, "valid_from", "应写 2020-01-01", "write 2020-01-01"),
    "no such day": (cells(RULES, 8, valid_from="2026-02-30"), RULES, 8, "valid_from", "没有这一天", "no day"),
    "no date": (cells(RULES, 8, decided_on="soon"), RULES, 8, "decided_on", "2026-03-31", "2026-03-31"),
    "a year beyond the calendar": (cells(RULES, 8, valid_to="9999-12-31"), RULES, 8, "valid_to", "应留空", "leave"),
    "dates out of order": (cells(RULES, 8, valid_to="2019-12-31"), RULES, 8, "valid_to", "小于 valid_from", "below"),
    # codes
    "full-width code": (cells(RULES, 8, rule_id="Ｓ1"), RULES, 8, "rule_id", "应写 S1", "write S1"),
    "rule type": (cells(RULES, 8, rule_type="bands"), RULES, 8, "rule_type", "应为 band？", "did you mean band?"),
    "when missing": (cells(RULES, 8, when_missing="skp"), RULES, 8, "when_missing", "应为 skip？", "mean skip?"),
    "subject type": (cells(RULES, 8, subject_type="Windows"), RULES, 8, "subject_type", "应为 window？",
                     "mean window?"),
    "period type": (cells(RULES, 8, period_type="quater"), RULES, 8, "period_type", "应为 quarter？", "mean quarter?"),
    "dimension": (cells(RULES, 8, dimension="satisfation"), RULES, 8, "dimension", "应为 satisfaction？",
                  "did you mean satisfaction?"),
    "metric": (cells(RULES, 5, metric="first_visit_rate"), RULES, 5, "metric", "应为 first_visit_completion_rate？",
               "did you mean first_visit_completion_rate?"),
    "metric not measured": (cells(RULES, 3, metric="audit_match_rate"), RULES, 3, "metric", "尚未测量", "not measured"),
    "code too long": (cells(RULES, 8, rule_id="S" * 65), RULES, 8, "rule_id", "不超过 64", "at most 64"),
    "label too long": (cells(RULES, 8, label_zh="长" * 256), RULES, 8, "label_zh", "不超过 255", "at most 255"),
    # rows
    "metric of a base": (cells(RULES, 2, metric="avg_rating"), RULES, 2, "metric", "应留空", "leave it empty"),
    "bound of a base": (cells(RULES, 2, lower_bound="1"), RULES, 2, "lower_bound", "应留空", "leave it empty"),
    "points of a slope": (cells(RULES, 3, points="1"), RULES, 3, "points", "应留空", "leave it empty"),
    "benchmark of a band": (cells(RULES, 8, benchmark="4"), RULES, 8, "benchmark", "应留空", "leave it empty"),
    "slope without benchmark": (cells(RULES, 3, benchmark=""), RULES, 3, "benchmark", "slope 的行必须", "a slope row"),
    "slope without points": (cells(RULES, 3, points_per_unit=""), RULES, 3, "points_per_unit", "必须填写", "needs it"),
    "band without metric": (cells(RULES, 8, metric=""), RULES, 8, "metric", "必须填写", "needs it"),
    "least above most": (cells(RULES, 3, min_points="5", max_points="-5"), RULES, 3, "max_points", "小于 min_points",
                         "below min_points"),
    "upper below lower": (cells(RULES, 5, upper_bound="0.8"), RULES, 5, "upper_bound", "应大于它",
                          "write a higher one"),
    "no reason": (cells(RULES, 8, reason=""), RULES, 8, "reason", "为空", "empty"),
    "no source": (cells(WEIGHTS, 2, source=""), WEIGHTS, 2, "source", "为空", "empty"),
    "not decided": (cells(PARAMETERS, 2, decided_on=""), PARAMETERS, 2, "decided_on", "为空", "empty"),
    # bands
    "overlap": (added(RULES, 5, rule_id="E5", lower_bound="0.95"), RULES, 24, "lower_bound",
                "与第 5 行（E3）的取值重叠",
                "overlap those of line 5 (E3)"),
    "overlap of a blank scope": (added(RULES, 5, rule_id="E5", subject_type="window"), RULES, 24, "lower_bound",
                                 "与第 5 行", "line 5"),
    "overlap of slopes": (cells(RULES, 4, upper_bound="11"), RULES, 4, "lower_bound", "与第 3 行", "line 3"),
    "share in percent": (cells(RULES, 5, lower_bound="90"), RULES, 5, "lower_bound", "0 至 1", "0 to 1"),
    "share never below 0": (cells(RULES, 6, upper_bound="0"), RULES, 6, "upper_bound", "0 至 1", "0 to 1"),
    "six stars": (cells(RULES, 8, lower_bound="6"), RULES, 8, "lower_bound", "1 至 5", "1 to 5"),
    "less than one star": (cells(RULES, 9, upper_bound="1"), RULES, 9, "upper_bound", "1 至 5", "1 to 5"),
    "minutes below zero": (cells(RULES, 3, lower_bound="-1"), RULES, 3, "lower_bound", "不小于 0", "0 or more"),
    "no count in the band": (cells(RULES, 12, lower_bound="0.2", upper_bound="0.8"), RULES, 12, "upper_bound",
                             "没有整数", "no whole number"),
    "slope beyond a score": (cells(RULES, 3, points_per_unit="-500"), RULES, 3, "points_per_unit", "min_points",
                             "a limit in min_points"),
    "benchmark beyond a score": (cells(RULES, 4, benchmark="999999"), RULES, 4, "points_per_unit", "max_points",
                                 "more than a score holds"),
    "rule twice": (added(RULES, 5), RULES, 24, "valid_from", "与第 5 行同时有效", "in force together with line 5"),
    "rule not ended": (added(RULES, 5, valid_from="2026-05-01", points="25"), RULES, 24, "valid_from", "第 5 行",
                       "line 5"),
    # bases
    "two bases": (added(RULES, 2, rule_id="E9", points="50"), RULES, 24, "points", "与第 2 行（E0）同为基础分",
                  "beside that of line 2 (E0), both are summed"),
    "two bases for a window": (added(RULES, 2, rule_id="E9", subject_type="window"), RULES, 24, "points", "会相加",
                               "both are summed"),
    "no base": (cells(RULES, 2, dimension="digital"), RULES, 3, "dimension", "efficiency 自 2020-01-01 起没有基础分",
                "efficiency of standard has no base from 2020-01-01"),
    "base ends before its rules": (cells(RULES, 2, valid_to="2026-12-31"), RULES, 3, "dimension",
                                   "自 2027-01-01 起没有基础分", "no base from 2027-01-01"),
    # never reached by any value
    "zero-complaint months of a month": (cells(RULES, 13, period_type="month"), RULES, 13, "period_type",
                                         "应为 quarter 或 year", "no value in a month; write quarter or year"),
    "zero-complaint months of a week": (cells(RULES, 13, period_type="week"), RULES, 13, "period_type", "week", "week"),
    "zero-complaint months of seven days": (cells(RULES, 13, period_type="rolling_7d"), RULES, 13, "period_type",
                                            "rolling_7d", "no value in a rolling_7d"),
    "four months in a quarter": (cells(RULES, 13, lower_bound="4"), RULES, 13, "lower_bound", "0 至 3", "0 to 3"),
    "slope of no points": (cells(RULES, 3, points_per_unit="0"), RULES, 3, "points_per_unit", "都得 0 分", "0 points"),
    "slope at its benchmark alone": (
        cells(RULES, 3, metric="avg_rating", lower_bound="5", benchmark="5"), RULES, 3, "points_per_unit", "都得 0 分",
        "0 points",
    ),
    # triggers and tiers
    "trigger of no metric": (cells(TRIGGERS, 2, metric="avg_raiting"), TRIGGERS, 2, "metric", "应为 avg_rating？",
                             "did you mean avg_rating?"),
    "trigger out of order": (cells(TRIGGERS, 2, upper_bound="30"), TRIGGERS, 2, "upper_bound", "应大于它",
                             "write a higher one"),
    "trigger of any value": (cells(TRIGGERS, 2, lower_bound=""), TRIGGERS, 2, "upper_bound", "任何值都会触发",
                             "every value fires it"),
    "trigger in percent": (cells(TRIGGERS, 3, upper_bound="50"), TRIGGERS, 3, "upper_bound", "0 至 1", "0 to 1"),
    "trigger of no period": (cells(TRIGGERS, 2, consecutive_periods="0"), TRIGGERS, 2, "consecutive_periods",
                             "不小于 1", "1 or more"),
    "trigger of half a period": (cells(TRIGGERS, 2, consecutive_periods="1.5"), TRIGGERS, 2, "consecutive_periods",
                                 "整数", "whole number"),
    "trigger of half a complaint": (
        cells(TRIGGERS, 2, metric="complaint_count", lower_bound="0.2", upper_bound="0.8"), TRIGGERS, 2, "upper_bound",
        "没有整数", "no whole number",
    ),
    "trigger of a month's zero-complaint months": (
        cells(TRIGGERS, 2, metric="zero_complaint_months", lower_bound="1"), TRIGGERS, 2, "period_type",
        "quarter 或 year", "quarter or year",
    ),
    "trigger that comes to judge another metric": (
        both(cells(TRIGGERS, 2, valid_to="2026-05-31"),
             added(TRIGGERS, 2, valid_from="2026-06-01", valid_to="", metric="avg_wait_minutes")),
        TRIGGERS, 12, "metric", "与第 2 行同一条件 W1 的", "line 2, the same trigger W1, whose runs it would continue",
    ),
    "trigger that comes to judge windows": (
        both(cells(TRIGGERS, 2, valid_to="2026-05-31"),
             added(TRIGGERS, 2, valid_from="2026-06-01", valid_to="", subject_type="window")),
        TRIGGERS, 12, "subject_type", "应另写一个 trigger_id", "write another trigger_id",
    ),
    "trigger that comes to judge weeks": (
        both(cells(TRIGGERS, 2, valid_to="2026-05-31"),
             added(TRIGGERS, 2, valid_from="2026-06-01", valid_to="", period_type="week")),
        TRIGGERS, 12, "period_type", "应另写一个 trigger_id", "write another trigger_id",
    ),
    "tier twice": (cells(TIERS, 3, tier="1"), TIERS, 3, "tier", "与第 2 行（BQ1）同级", "same tier as line 2 (BQ1)"),
    "better tier for as few points": (cells(TIERS, 2, min_score="125"), TIERS, 2, "min_score", "第 3 行（BQ2）",
                                      "not above that of the lower tier in line 3 (BQ2)"),
    "better tier for a larger share": (cells(TIERS, 2, max_rank_share="0.40"), TIERS, 2, "max_rank_share",
                                       "应不大于它", "above that of the lower tier in line 3 (BQ2)"),
    "better tier for any rank": (cells(TIERS, 2, max_rank_share=""), TIERS, 2, "max_rank_share", "应不大于它",
                                 "at most that"),
    # keywords of pain points
    "check of another table": (
        cells("quality_limits", 15, raw_table="feedback"), "quality_limits", 15, "raw_table", "可用：service_log",
        "known: service_log",
    ),
    "check of no table": (
        cells("quality_limits", 2, raw_table=""), "quality_limits", 2, "raw_table", "为空", "empty",
    ),
    "no keyword": (cells(KEYWORDS, 2, keyword=""), KEYWORDS, 2, "keyword", "为空", "empty"),
    "keyword of blanks": (cells(KEYWORDS, 2, keyword="\u3000"), KEYWORDS, 2, "keyword", "首尾有空格",
                          "blanks around it"),
    "keyword too long": (cells(KEYWORDS, 2, keyword="等" * 65), KEYWORDS, 2, "keyword", "被截断", "at most 64"),
    "keyword twice": (added(KEYWORDS, 2, valid_from="2026-01-01"), KEYWORDS, 147, "valid_from", "第 2 行", "line 2"),
    "category of all": (cells(KEYWORDS, 2, category="all"), KEYWORDS, 2, "category", "另有含义", "something else"),
    "category of two names": (cells(KEYWORDS, 3, label_en="Waits"), KEYWORDS, 3, "label_en", "第 2 行", "line 2"),
    # pilots
    "hall in full-width characters": (cells(PILOTS, 2, hall_id="Ｈ06"), PILOTS, 2, "hall_id", "应写 H06", "write H06"),
    "pilot of no hall": (cells(PILOTS, 2, hall_id=""), PILOTS, 2, "hall_id", "为空", "empty"),
    "shadow before go-live": (cells(PILOTS, 2, shadow_until="2026-08-31"), PILOTS, 2, "shadow_until",
                              "小于 go_live 2026-09-01", "below go_live 2026-09-01"),
    "no go-live": (cells(PILOTS, 2, go_live=""), PILOTS, 2, "go_live", "为空", "empty"),
    "no weeks to compare": (cells(PILOTS, 2, before_weeks="0"), PILOTS, 2, "before_weeks", "不小于 1", "1 or more"),
    "half a week": (cells(PILOTS, 2, after_weeks="1.5"), PILOTS, 2, "after_weeks", "整数", "whole number"),
    "claim in percent": (cells(PILOTS, 2, efficiency_claim="30"), PILOTS, 2, "efficiency_claim", "不大于 1",
                         "1 or less"),
    "pilot twice": (added(PILOTS, 2), PILOTS, 3, "pilot_id", "第 2 行", "line 2"),
    "audit match in percent": (cells(TIERS, 2, min_audit_match="80"), TIERS, 2, "min_audit_match", "不大于 1",
                               "1 or less"),
    # weights
    "sum of weights": (cells(WEIGHTS, 2, weight="0.41"), WEIGHTS, 2, "weight", "合计为 1.01", "sum to 1.01"),
    "sum of weights later": (
        both(cells(WEIGHTS, 2, valid_to="2026-05-31"),
             added(WEIGHTS, 2, valid_from="2026-06-01", valid_to="", weight="0.30")),
        WEIGHTS, 6, "weight", "2026-06-01 起权重合计为 0.90", "sum to 0.90 from 2026-06-01",
    ),
    "weight above 1": (cells(WEIGHTS, 2, weight="40"), WEIGHTS, 2, "weight", "不大于 1", "1 or less"),
    "weight empty": (cells(WEIGHTS, 2, weight=""), WEIGHTS, 2, "weight", "为空", "empty"),
    "score limits": (cells(WEIGHTS, 2, min_score="90", max_score="80"), WEIGHTS, 2, "max_score", "小于", "below"),
    "weight ends before the rule": (cells(WEIGHTS, 4, valid_to="2026-12-31"), RULES, 15, "dimension",
                                    "自 2027-01-01 起没有权重", "no weight from 2027-01-01"),
    "no weight": (cells(WEIGHTS, 4, rule_set="standart"), RULES, 15, "dimension", "没有权重", "no weight"),
    # parameters
    "unknown parameter": (cells(PARAMETERS, 2, parameter="complaint_deadline_hour"), PARAMETERS, 2, "parameter",
                          "应为 complaint_deadline_hours？", "mean complaint_deadline_hours?"),
    "parameter missing": (cells(PARAMETERS, 2, valid_from="2026-05-01"), PARAMETERS, 2, "parameter",
                          "complaint_deadline_hours 没有在 2026-03-31", "complaint_deadline_hours has no row in force"),
    "parameter without successor": (cells(PARAMETERS, 2, valid_to="2026-12-31"), PARAMETERS, 2, "parameter",
                                    "没有在 2027-01-01 有效", "no row in force on 2027-01-01"),
    "share above 1": (cells(PARAMETERS, 6, value="50"), PARAMETERS, 6, "value", "不大于 1", "0 or more, 1 or less"),
    "hours below 0": (cells(PARAMETERS, 2, value="-24"), PARAMETERS, 2, "value", "超出范围", "out of range"),
    "half a day": (cells(PARAMETERS, 10, value="7.5"), PARAMETERS, 10, "value", "应写整数", "write a whole number"),
    "another unit": (cells(PARAMETERS, 2, unit="minute"), PARAMETERS, 2, "unit", "不以 minute 计",
                     "not read in minute"),
    "unknown unit": (cells(PARAMETERS, 2, unit="hours"), PARAMETERS, 2, "unit", "应为 hour", "write hour"),
    "days beyond the calendar": (cells(PARAMETERS, 10, value="999999999"), PARAMETERS, 10, "value", "36525", "36525"),
    # the other files
    "standard of no minutes": (cells("item_standards", 2, standard_minutes="0"), "item_standards", 2,
                               "standard_minutes", "不小于 0.1", "0.1 or more"),
    "item twice": (added("item_standards", 2), "item_standards", 14, "valid_from", "第 2 行", "line 2"),
    "level twice": (added("rating_levels", 2), "rating_levels", 10, "level", "第 2 行", "line 2"),
    "half a star": (cells("rating_levels", 2, rating="4.5"), "rating_levels", 2, "rating", "整数", "whole number"),
    "six stars for a level": (cells("rating_levels", 2, rating="6"), "rating_levels", 2, "rating", "不大于 5",
                              "5 or less"),
    "metric twice": (added("metric_definitions", 2), "metric_definitions", 18, "metric", "第 2 行", "line 2"),
    "unit of a metric": (cells("metric_definitions", 2, unit="minutes"), "metric_definitions", 2, "unit",
                         "应为 minute？", "did you mean minute?"),
    "direction": (cells("metric_definitions", 2, direction="lower"), "metric_definitions", 2, "direction",
                  "应为 lower_is_better？", "mean lower_is_better?"),
    "flag": (cells("metric_definitions", 2, is_measured="yes"), "metric_definitions", 2, "is_measured", "0", "0, 1"),
    "no approver": (exempt(approved_by=""), "exemptions", 2, "approved_by", "为空", "empty"),
    "no end of an exemption": (exempt(valid_to=""), "exemptions", 2, "valid_to", "为空", "empty"),
    "subject of no type": (exempt(subject_type=""), "exemptions", 2, "subject_type", "应写对象类型", "write the type"),
    "everybody exempt": (
        exempt(hall_id="", subject_type="", subject_id="", rule_id=""), "exemptions", 2, "hall_id",
        "应至少写一个", "exempts everybody",
    ),
    "exempt from nothing known": (exempt(rule_id="E9"), "exemptions", 2, "rule_id", "没有", "is not in scoring_rules"),
    "rule set without rules": (cells("rule_set_assignments", 2, rule_set="standart"), "rule_set_assignments", 2,
                               "rule_set", "应为 standard？", "did you mean standard?"),
    "halls without a rule set": (cells("rule_set_assignments", 2, hall_id="CITY"), "rule_set_assignments", 1, "hall_id",
                                 "其余大厅没有规则集", "other halls have no rule set"),
    "halls without a rule set some day": (cells("rule_set_assignments", 2, valid_to="2027-12-31"),
                                          "rule_set_assignments", 2, "hall_id", "2028-01-01 起", "from 2028-01-01"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_seed_is_named(seeds: Path, name: str):
    apply, seed, line, column, zh, en = WRONG[name]
    apply(seeds)
    problems = [problem for problem in check(seeds, today=TODAY) if not problem.is_note]
    found = [p for p in problems if p.file.endswith(f"/{seed}.csv") and (p.line, p.column) == (line, column)]
    assert any(zh in p.zh and en in p.en for p in found), "\n".join(map(str, problems))
    for problem in problems:
        # one line each: the problem, and the correction
        assert len(str(problem).splitlines()) == 1
        assert re.search("[；？]", problem.zh) and "; " in problem.en, problem


def test_the_projects_own_seeds_are_right():
    assert not check(SEEDS, today=TODAY)


RIGHT = {
    "the best share": cells(RULES, 5, lower_bound="1"),
    "one complaint": cells(RULES, 12, lower_bound="0.2", upper_bound="1.8"),
    "four months in a year": cells(RULES, 14, lower_bound="4"),
    "a base that follows": followed(2, "2026-06-30", "2026-07-01", points="90"),
    "bases of two scopes": both(cells(RULES, 2, subject_type="window"),
                                added(RULES, 2, rule_id="E9", subject_type="hall", points="50")),
    "a parameter that follows": both(cells(PARAMETERS, 2, valid_to="2026-12-31"),
                                     added(PARAMETERS, 2, valid_from="2027-01-01", valid_to="", value="12")),
    "a tier in place of another": both(cells(TIERS, 2, valid_to="2026-12-31"),
                                       added(TIERS, 2, tier_id="BQ9", valid_from="2027-01-01", valid_to="")),
    "a lower tier of any rank": cells(TIERS, 3, max_rank_share=""),
    "a tier that asks for no audit": cells(TIERS, 2, min_audit_match=""),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_seed_is_let_through(seeds: Path, name: str):
    RIGHT[name](seeds)
    assert not [problem for problem in check(seeds, today=TODAY) if not problem.is_note]


def test_all_problems_are_printed_at_once_by_file_and_line(seeds: Path):
    cells(RULES, 8, points="thirty")(seeds)
    cells(RULES, 5, lower_bound="90%")(seeds)
    cells(WEIGHTS, 2, weight="0.41")(seeds)
    printed = run_script("check_rules.py", "--seeds", seeds, "--today", TODAY, code=1).splitlines()
    places = [line.split("/")[-1].split(": ")[:2] for line in (text.split(" / ")[0] for text in printed)]
    assert [place for place in places if len(place) == 2][:3] == [
        ["dimension_weights.csv:2", "weight"], ["scoring_rules.csv:5", "lower_bound"], ["scoring_rules.csv:8",
            "points"],
    ]
    assert "3 个问题 / 3 problems" in printed


def test_columns_may_stand_in_any_order(seeds: Path):
    rows = read(seeds, RULES)
    write(seeds, RULES, [dict(sorted(row.items())) for row in rows])
    assert not check(seeds, today=TODAY)


def notes(folder: Path) -> list[str]:
    problems = check(folder, today=TODAY)
    assert all(problem.is_note for problem in problems), problems
    return [f"{Path(p.file).stem}:{p.line}: {p.column}: {p.en}" for p in problems]


def test_where_a_rule_set_differs_from_the_standard_is_a_note(seeds: Path):
    for seed in (RULES, WEIGHTS):
        rows = read(seeds, seed)
        write(seeds, seed, [*rows, *(row | {"rule_set": "pilot"} for row in rows)])
    assert notes(seeds) == []
    cells(RULES, 27, points="25", lower_bound="0.950")(seeds)
    cells(RULES, 28, rule_id="E9")(seeds)
    found = notes(seeds)
    assert 'scoring_rules:27: points: E3 of pilot has "25"; standard has "20"' in found
    assert 'scoring_rules:27: lower_bound: E3 of pilot has "0.950"; standard has "0.90"' in found
    assert "scoring_rules:28: rule_id: pilot has E9; standard has not" in found
    assert "scoring_rules:6: rule_id: pilot has no E4; standard has" in found
    assert len(found) == 4


def test_an_expired_exemption_and_a_late_decision_are_notes(seeds: Path):
    exempt(valid_to="2026-03-30", decided_on="2026-01-02")(seeds)
    found = notes(seeds)
    assert any("exemption X1 expired on 2026-03-30" in note for note in found)
    assert any("2026-01-02 is after valid_from 2026-01-01" in note for note in found)
    printed = run_script("check_rules.py", "--seeds", seeds, "--today", TODAY)
    assert "note: " in printed


@pytest.mark.parametrize("seed", MODELS)
def test_a_model_and_the_projects_columns_are_one_contract(seed: str):
    described = yaml.safe_load((PROJECT_DIR / "seeds" / "_seeds.yml").read_text("utf-8"))["seeds"]
    [found] = [known for known in described if known["name"] == seed]
    fields = set(MODELS[seed].model_fields)
    assert fields == set(found["config"]["column_types"]) == {column["name"] for column in found["columns"]}


def test_every_rule_seed_has_a_model():
    assert set(MODELS) == {path.stem for path in (PROJECT_DIR / "seeds" / "rules").glob("*.csv")}


def test_codes_are_those_of_the_models():
    """A dimension with a column of its own must be one that rules can name."""
    columns = (PROJECT_DIR / "macros" / "rules" / "dimension_columns.sql").read_text("utf-8")
    wide = re.search(r"return\(\[(.*)\]\)", columns)[1].replace("'", "").split(", ")
    assert set(wide) <= set(COLUMNS["scoring_rules"]["dimension"][""].codes)


# Rows in force


@pytest.fixture()
def checkout(seeds: Path) -> Path:
    commit(seeds, "init", "-q")
    return seeds


def commit(seeds: Path, *first: str) -> None:
    run = ["git", "-C", str(seeds), "-c", "user.name=r", "-c", "user.email=r@example.org", "-c", "commit.gpgsign=false"]
    for arguments in ([*first], ["add", "."], ["commit", "-q", "-m", "rules"]):
        if arguments:
            subprocess.run([*run, *arguments], check=True)


def errors(seeds: Path) -> list[Problem]:
    return [p for p in check(seeds, "HEAD", TODAY) if not p.is_note]


def at(problems) -> set[tuple]:
    return {(Path(p.file).stem, p.line, p.column) for p in problems}


def put(seeds: Path, key: tuple[str, ...], lines: tuple[str, ...], seed: str = RULES) -> None:
    """Replace all rows that begin with a key by lines."""
    path = seeds / f"{seed}.csv"
    start = ",".join(key) + ","
    kept = [line for line in path.read_text("utf-8").splitlines() if not line.startswith(start)]
    path.write_text("\n".join([*kept, *lines]) + "\n", "utf-8")


# change of E3 (line 5): expected places, columns changed in the second line (None: the row ends without successor)
EDITS = {
    "threshold": (cells(RULES, 5, lower_bound="0.92"), {(RULES, 5, "lower_bound")},
                  {"lower_bound": "0.92", "valid_from": "2026-04-01"}),
    "two cells": (cells(RULES, 5, lower_bound="0.92", points="25"), {(RULES, 5, "lower_bound")},
                  {"lower_bound": "0.92", "points": "25", "valid_from": "2026-04-01"}),
    "moved to a later day": (cells(RULES, 5, points="25", valid_from="2026-07-01"), {(RULES, 5, "valid_from")},
                             {"points": "25", "valid_from": "2026-07-01"}),
    "ended in the past": (cells(RULES, 5, valid_to="2026-03-30"), {(RULES, 5, "valid_to")}, None),
    "deleted": (replaced(RULES, next(line for line in (SEEDS / f"{RULES}.csv").read_bytes().splitlines(True)
                                     if b",E3," in line), b""), {(RULES, 5, "valid_from")}, None),
    "new row from a past day": (
        followed(5, "2026-02-28", "2026-03-01", points="25"),
        {(RULES, 5, "valid_to"), (RULES, 24, "valid_from")}, {"points": "25", "valid_from": "2026-04-01"},
    ),
    "new row from today": (
        followed(5, "2026-03-30", "2026-03-31", points="25"),
        {(RULES, 5, "valid_to"), (RULES, 24, "valid_from")}, {"points": "25", "valid_from": "2026-04-01"},
    ),
}


@pytest.mark.parametrize("name", EDITS)
def test_a_row_in_force_is_followed_not_edited(checkout: Path, name: str):
    apply, places, changed = EDITS[name]
    before = read(checkout, RULES)[3]
    apply(checkout)
    found = errors(checkout)
    assert at(found) == places
    assert len({problem.lines for problem in found}) == 1
    lines = found[0].lines
    rows = [dict(zip(before, row, strict=True)) for row in csv.reader(lines)]
    last = "2026-06-30" if name == "moved to a later day" else "2026-03-31"
    assert rows[0] == before | {"valid_to": last}
    # Only the author knows who decided it.
    undecided = dict.fromkeys(("decided_on", "reason", "source"), "")
    assert rows[1:] == ([] if changed is None else [before | changed | undecided])
    assert (", and fill in decided_on, reason, source of the new one" in found[0].en) == (changed is not None)
    printed = str(found[0]).splitlines()
    assert [line.strip() for line in printed[1:]] == list(lines)
    put(checkout, ("standard", "E3"), lines)
    if changed is not None:
        line = len(read(checkout, RULES)) + 1
        assert at(errors(checkout)) == {(RULES, line, name) for name in undecided}
        assert {problem.en for problem in errors(checkout)} == {"the cell is empty; a value is needed"}
        cells(RULES, line, decided_on="2026-03-20", reason="会议决定", source="会议纪要")(checkout)
    assert not errors(checkout)


def test_who_decided_stays_when_the_edit_says_it(checkout: Path):
    decided = {"decided_on": "2026-03-20", "reason": "会议决定"}
    cells(RULES, 5, lower_bound="0.92", **decided)(checkout)
    [problem] = errors(checkout)
    old, new = csv.reader(problem.lines)
    assert (old[20:22], new[20:22]) == (["2019-12-01", "政策原文"], [*decided.values()])
    assert "fill in" not in problem.en
    put(checkout, ("standard", "E3"), problem.lines)
    assert not errors(checkout)


@pytest.mark.parametrize(("line", "change", "said"), [
    (5, {"lower_bound": "0.85"}, ["label_zh", "label_en"]),  # 90% and 90 %
    (5, {"lower_bound": "0.85", "label_zh": "一次办结率85%以上"}, ["label_en"]),
    (5, {"points": "25"}, []),  # no label says 20
    (3, {"benchmark": "11", "lower_bound": "11"}, ["label_zh", "label_en", "label_zh", "label_en"]),
    (3, {"points_per_unit": "-2"}, ["label_zh"]),  # 减1分, not the 1 of 10
    (9, {"upper_bound": "3"}, ["label_zh", "label_en"]),  # 3.5 is not 3
])
def test_a_label_that_still_says_the_old_number_is_named(checkout: Path, line: int, change: dict, said: list[str]):
    cells(RULES, line, **change)(checkout)
    for problem in errors(checkout):
        assert ("write them anew" in problem.en) == bool(said)
        assert all(label in problem.en for label in said)
    cells(RULES, line, **read(SEEDS, RULES)[line - 2])(checkout)
    followed(line, "2026-06-30", "2026-07-01", **change)(checkout)
    assert not errors(checkout)
    notes = [problem for problem in check(checkout, "HEAD", TODAY) if problem.column.startswith("label")]
    assert [note.column for note in notes] == said
    assert all(note.line == 24 and f"of line {line}; it is" in note.en for note in notes)


def test_a_trigger_that_is_to_judge_something_else_gets_another_id(checkout: Path):
    cells(TRIGGERS, 2, metric="avg_wait_minutes")(checkout)
    [problem] = errors(checkout)
    rows = [dict(zip(read(checkout, TRIGGERS)[0], row, strict=True)) for row in csv.reader(problem.lines)]
    assert [(row["trigger_id"], row["metric"], row["valid_from"], row["valid_to"]) for row in rows] == [
        ("W1", "p90_wait_minutes", "2020-01-01", "2026-03-31"), ("W1-2", "avg_wait_minutes", "2026-04-01", ""),
    ]
    put(checkout, ("W1",), problem.lines, TRIGGERS)
    cells(TRIGGERS, 12, decided_on="2026-03-20", reason="会议决定", source="会议纪要")(checkout)
    assert not errors(checkout)
    # Bounds may change under the same id.
    cells(TRIGGERS, 2, upper_bound="0.60")(checkout)
    assert [row[0] for problem in errors(checkout) for row in csv.reader(problem.lines)] == ["W2", "W2"]


def test_what_may_be_edited_in_a_row_in_force(checkout: Path):
    cells(RULES, 5, label_zh="新名称", reason="写得更清楚", source="修订", lower_bound="0.900")(checkout)
    cells(RULES, 6, valid_to="2026-03-31")(checkout)
    assert not errors(checkout)


def test_a_row_that_has_ended_stays(checkout: Path):
    followed(5, "2025-12-31", "2026-01-01", points="25")(checkout)
    commit(checkout)
    before = (checkout / f"{RULES}.csv").read_text("utf-8").splitlines()
    for change in ({"points": "10"}, {"valid_to": "2025-11-30"}):
        cells(RULES, 5, **change)(checkout)
        [problem] = errors(checkout)
        assert problem.lines == (before[4],)
        (checkout / f"{RULES}.csv").write_text("\n".join(before) + "\n", "utf-8")
    assert not errors(checkout)


def test_a_row_that_has_not_begun_may_change(checkout: Path):
    followed(5, "2026-05-31", "2026-06-01", points="25")(checkout)
    commit(checkout)
    cells(RULES, 24, points="30")(checkout)
    assert not errors(checkout)
    # but an edit of the row before it becomes a separate row, up to the day before
    cells(RULES, 5, points="22")(checkout)
    [problem] = errors(checkout)
    rows = list(csv.reader(problem.lines))
    assert [(row[10], row[16], row[17]) for row in rows] == [
        ("20", "2020-01-01", "2026-03-31"), ("22", "2026-04-01", "2026-05-31"),
    ]


# change of a pilot that is live since 2 March, in shadow to 30 April: the reported column, or None
PILOT_EDITS = {
    "compared over other weeks": (cells(PILOTS, 2, before_weeks="4"), "before_weeks"),
    "claims less": (cells(PILOTS, 2, efficiency_claim="0.10"), "efficiency_claim"),
    "goes live later": (cells(PILOTS, 2, go_live="2026-04-01"), "go_live"),
    "a shadow that ended before": (cells(PILOTS, 2, shadow_until="2026-03-30"), "shadow_until"),
    "no shadow": (cells(PILOTS, 2, shadow_until=""), "shadow_until"),
    "deleted": (replaced(PILOTS, (SEEDS / "pilots.csv").read_bytes().splitlines()[1][:3], b"P99"), "pilot_id"),
    "a shadow that ends today": (cells(PILOTS, 2, shadow_until="2026-03-31"), None),
    "a longer shadow": (cells(PILOTS, 2, shadow_until="2026-06-30"), None),
    "other words": (cells(PILOTS, 2, label_zh="新名称", reason="写得更清楚"), None),
}


@pytest.mark.parametrize("name", PILOT_EDITS)
def test_of_a_live_pilot_only_the_shadow_to_come_may_change(checkout: Path, name: str):
    apply, column = PILOT_EDITS[name]
    cells(PILOTS, 2, go_live="2026-03-02", shadow_until="2026-04-30", decided_on="2026-02-01")(checkout)
    commit(checkout)
    before = (checkout / "pilots.csv").read_text("utf-8")
    apply(checkout)
    found = errors(checkout)
    assert at(found) == (set() if column is None else {(PILOTS, 2, column)})
    assert [line for problem in found for line in problem.lines] == ([] if column is None else [before.splitlines()[1]])


def test_a_new_pilot_with_a_shadow_in_the_past_is_a_note(checkout: Path):
    cells(PILOTS, 2, go_live="2026-04-02")(checkout)
    commit(checkout)
    cells(PILOTS, 2, before_weeks="4")(checkout)  # not live yet
    added(PILOTS, 2, pilot_id="P02", go_live="2026-03-02", decided_on="2026-03-05")(checkout)
    added(PILOTS, 2, pilot_id="P03", go_live="2026-03-02", shadow_until="", decided_on="2026-02-01")(checkout)
    found = check(checkout, "HEAD", TODAY)
    assert {(p.line, p.column, p.is_note) for p in found} == {(2, "decided_on", True), (3, "decided_on", True),
                                                              (3, "go_live", True)}


def test_a_new_key_in_the_past_is_a_note(checkout: Path):
    added(RULES, 5, rule_id="E5", lower_bound="0.85", upper_bound="0.90", points="5")(checkout)
    added("item_standards", 2, item_code="I99")(checkout)
    found = check(checkout, "HEAD", TODAY)
    assert [(p.line, p.column, p.is_note) for p in found] == [(24, "valid_from", True)]


def test_a_column_more_or_less_hides_no_edit(checkout: Path):
    """The file of the ref had a column that is gone now, and lacked a new one."""
    rows = read(checkout, RULES)
    write(checkout, RULES, [row | {"old_column": "1"} for row in rows])
    rows = [{name: cell for name, cell in row.items() if name != "min_sample"} for row in read(checkout, RULES)]
    write(checkout, RULES, rows)
    commit(checkout)
    shutil.copy(SEEDS / f"{RULES}.csv", checkout)
    assert not errors(checkout)
    cells(RULES, 5, lower_bound="0.50")(checkout)
    cells(RULES, 6, upper_bound="0.40")(checkout)
    assert at(errors(checkout)) == {(RULES, 5, "lower_bound"), (RULES, 6, "upper_bound")}
    for problem in errors(checkout):
        assert {len(row) for row in csv.reader(problem.lines)} == {len(read(checkout, RULES)[0])}


def test_another_problem_hides_no_edit(checkout: Path):
    cells(RULES, 5, lower_bound="0.85")(checkout)
    cells(RULES, 8, points="thirty")(checkout)
    # S1 is not reported as deleted: it exists but cannot be read
    assert at(errors(checkout)) == {(RULES, 5, "lower_bound"), (RULES, 8, "points")}
    cells(RULES, 8, points="30")(checkout)
    replaced(RULES, b",S0,", b",S0,,")(checkout)
    assert at(errors(checkout)) == {(RULES, 5, "lower_bound"), (RULES, 7, "row")}


@pytest.mark.parametrize(("apply", "place"), [
    (cells("rating_levels", 2, rating="3"), ("rating_levels", 2, "rating")),
    (cells("metric_definitions", 2, direction="higher_is_better"), ("metric_definitions", 2, "direction")),
    (cells("work_calendar", 2, is_working_day="1"), ("work_calendar", 2, "is_working_day")),
    (lambda folder: write(folder, "rating_levels", read(folder, "rating_levels")[1:]), ("rating_levels", 1, "level")),
])
def test_an_edit_of_a_row_without_dates_is_a_note(checkout: Path, apply, place: tuple):
    apply(checkout)
    [note] = check(checkout, "HEAD", TODAY)
    assert note.is_note and at([note]) == {place}
    assert "所有未公布的期间会重新计分" in note.zh and "all periods that are not published are judged anew" in note.en


def test_words_of_a_row_without_dates_may_change(checkout: Path):
    cells("metric_definitions", 2, label_zh="时长", formula_en="minutes by cases", improve_zh="合并环节")(checkout)
    cells("work_calendar", 2, label_zh="假日", reason="通知")(checkout)
    assert not check(checkout, "HEAD", TODAY)


def test_a_band_of_no_points_is_a_note(seeds: Path):
    cells(RULES, 5, points="0")(seeds)
    assert notes(seeds) == [
        "scoring_rules:5: points: the band gives 0 points and changes no score; write others unless that is meant"
    ]


def test_weights_are_compared_too(checkout: Path):
    cells(WEIGHTS, 2, weight="0.50")(checkout)
    cells(WEIGHTS, 3, weight="0.50")(checkout)
    found = errors(checkout)
    assert at(found) == {(WEIGHTS, 2, "weight"), (WEIGHTS, 3, "weight")}
    path = checkout / f"{WEIGHTS}.csv"
    text = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([text[0], *found[0].lines, *found[1].lines, *text[3:]]) + "\n", "utf-8")
    for line in (3, 5):
        cells(WEIGHTS, line, decided_on="2026-03-20", reason="会议决定", source="会议纪要")(checkout)
    assert not errors(checkout)


def test_the_base_of_the_command(checkout: Path, tmp_path: Path):
    cells(RULES, 5, points="25")(checkout)
    assert "scoring_rules.csv:5: points" in run_script("check_rules.py", "--seeds", checkout, "--today", TODAY, code=1)
    assert "no such ref" in run_script("check_rules.py", "--seeds", checkout, "--base", "nowhere", code=1)
    assert "no such folder" in run_script("check_rules.py", "--seeds", tmp_path / "nowhere", code=1)
    commit(checkout)
    run_script("check_rules.py", "--seeds", checkout, "--today", TODAY)
    run_script("check_rules.py", "--seeds", checkout, "--base", "HEAD~1", "--today", TODAY, code=1)


def test_what_the_base_has_got_since_is_not_gone(checkout: Path):
    git = ["git", "-C", str(checkout)]
    subprocess.run([*git, "branch", "-q", "mine"], check=True)
    added(RULES, 5, rule_id="E5", lower_bound="0.85", upper_bound="0.90", points="5")(checkout)
    commit(checkout)
    subprocess.run([*git, "branch", "-q", "moved"], check=True)
    subprocess.run([*git, "checkout", "-q", "mine"], check=True)
    run_script("check_rules.py", "--seeds", checkout, "--base", "moved", "--today", TODAY)
    cells(RULES, 5, points="25")(checkout)
    run_script("check_rules.py", "--seeds", checkout, "--base", "moved", "--today", TODAY, code=1)


def test_outside_git_rows_in_force_are_not_compared(seeds: Path):
    cells(RULES, 5, points="25")(seeds)
    environment = {"GIT_CEILING_DIRECTORIES": str(seeds.parents[2])}
    for base in ([], ["--base", "HEAD"]):
        printed = run_script("check_rules.py", "--seeds", seeds, *base, "--today", TODAY, **environment)
        assert "note: 不在 git 中" in printed


def test_it_starts_without_what_it_does_not_need():
    code = "import sys, check_rules; print(*{'pandas', 'dbt', 'mysql', 'yaml'} & set(sys.modules))"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT_DIR / "scripts", env=os.environ, capture_output=True, text=True
    )
    assert (result.returncode, result.stdout.strip()) == (0, ""), result.stderr
