"""What is well written and would hurt somebody is refused or doubted; what Excel did to a file is mended."""

import re
from pathlib import Path

import pytest

from conftest import run_script
from rules.check import check
from rules.messages import choose
from seed_edits import (
    KEYWORDS,
    PARAMETERS,
    PILOTS,
    RULES,
    TIERS,
    TODAY,
    TRIGGERS,
    WEIGHTS,
    added,
    at,
    both,
    cells,
    commit,
    copy_rules,
    errors,
    exempt,
    followed,
    read,
    replaced,
    write,
)

pytestmark = [pytest.mark.once, pytest.mark.quick]


@pytest.fixture()
def seeds(tmp_path: Path) -> Path:
    return copy_rules(tmp_path)


@pytest.fixture()
def checkout(seeds: Path) -> Path:
    commit(seeds, "init", "-q")
    return seeds


def deleted(*rule_ids: str):
    """Return a function that removes rules."""
    return lambda folder: write(folder, RULES, [row for row in read(folder, RULES) if row["rule_id"] not in rule_ids])


def pilot_set(folder: Path) -> None:
    """Give halls a rule set `pilot`, a copy of the standard: its rules are lines 24 to 45, its weights 6 to 9."""
    for seed in (RULES, WEIGHTS):
        rows = read(folder, seed)
        write(folder, seed, [*rows, *(row | {"rule_set": "pilot"} for row in rows)])


def band(rule_id: str, low: str, high: str, points: str, **more: str):
    """Return a function that adds a band of first_visit_completion_rate, whose label says no number."""
    return added(RULES, 5, rule_id=rule_id, lower_bound=low, upper_bound=high, points=points, label_zh="一次办结率",
                 label_en="First-visit completion", **more)


# name: (what is done, file, line, column, piece of the Chinese message, piece of the English one)
REFUSED = {
    "nothing measures a weighted dimension": (
        deleted("S1", "S2", "S3", "S4", "S5", "S6", "S7"), WEIGHTS, 3, "weight",
        "standard 的 satisfaction 自 2026-04-01 起没有 band 或 slope 规则", "no band or slope from 2026-04-01",
    ),
    "a dimension is weighted before it is measured": (
        both(*(cells(WEIGHTS, line, valid_to="2026-12-31") for line in (2, 3, 4)),
             added(WEIGHTS, 2, valid_from="2027-01-01", valid_to="", weight="0.30"),
             added(WEIGHTS, 3, valid_from="2027-01-01", valid_to=""),
             added(WEIGHTS, 4, valid_from="2027-01-01", valid_to="", weight="0.10"),
             cells(RULES, 16, valid_to="2027-03-31"), cells(RULES, 17, valid_to="2027-03-31")),
        WEIGHTS, 8, "weight", "digital 自 2027-04-01 起", "digital of standard has no band or slope from 2027-04-01",
    ),
    "nothing measures a weighted dimension of a pilot": (
        both(pilot_set, lambda folder: write(folder, RULES, [
            row for row in read(folder, RULES)
            if row["rule_set"] != "pilot" or row["dimension"] != "efficiency" or row["rule_type"] == "base"
        ])),
        WEIGHTS, 6, "weight", "pilot 的 efficiency", "efficiency of pilot has no band or slope",
    ),
    "a rule pauses for a month": (
        followed(5, "2026-12-31", "2027-02-01", points="25"), RULES, 24, "valid_from",
        "standard/E3 在 2027-01-01 至 2027-01-31 没有生效的行（第 5 行止于 2026-12-31）；"
        "应将此行的 valid_from 改为 2027-01-01，或将第 5 行的 valid_to 改为 2027-01-31",
        "no row of standard/E3 is in force from 2027-01-01 to 2027-01-31 (line 5 ends on 2026-12-31); write 2027-01-01 "
        "as valid_from here, or 2027-01-31 as valid_to of line 5",
    ),
    "a rule that has ended comes back next month": (
        followed(5, "2026-02-28", "2026-05-01", points="25"), RULES, 24, "valid_from",
        "在 2026-03-01 至 2026-04-30 没有生效的行", "write 2026-04-01 as valid_from here; if the pause is meant",
    ),
    "an exempted base": (exempt(rule_id="E0"), "exemptions", 2, "rule_id", "会失去 100 分", "100 points are lost"),
    "most score below the base": (cells(WEIGHTS, 3, max_score="90"), WEIGHTS, 3, "max_score", "低于基础分 S0 的 100 分",
                                  "below the 100 points of the base S0"),
    "least score above the base": (cells(WEIGHTS, 3, min_score="110"), WEIGHTS, 3, "min_score", "高于基础分",
                                   "above the 100 points of the base S0"),
    "benchmark below its slope": (cells(RULES, 3, benchmark="8"), RULES, 3, "benchmark", "不在此行的取值 10 – … 内",
                                  "lies outside the values of the row, 10 – …"),
    "benchmark above its slope": (cells(RULES, 4, benchmark="12"), RULES, 4, "benchmark", "不在此行的取值",
                                  "outside the values of the row, … – 10"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_no_meaning_is_refused(seeds: Path, name: str):
    apply, seed, line, column, zh, en = REFUSED[name]
    apply(seeds)
    problems = [problem for problem in check(seeds, today=TODAY) if not problem.is_note]
    found = [problem for problem in problems if at([problem]) == {(seed, line, column)}]
    assert any(zh in problem.zh and en in problem.en for problem in found), "\n".join(map(str, problems))
    for problem in problems:
        assert len(str(problem).splitlines()) == 1
        assert re.search("[；？]", problem.zh) and "; " in problem.en, problem


# What may be meant after all is a note, an error with --strict.
DOUBTED = {
    "points for the bad side": (cells(RULES, 6, points="30"), RULES, 6, "points", "一次办结率越高越好，而 0.8 得 0 分，"
                                "较差的 略低于 0.8 得 30 分", "0.8 earns 0 points and the worse just below 0.8 30"),
    "points for each minute more": (cells(RULES, 3, points_per_unit="1", label_zh="平均办理时长"), RULES, 3,
                                    "points_per_unit", "越低越好，而 10 得 0 分，较差的 11 得 1 分",
                                    "lower is better, but 10 earns 0 points and the worse 11 1"),
    "a hole between two bands": (
        band("E5", "0.85", "0.89", "10"), RULES, 24, "upper_bound", "两档之间有空档",
        "0.89 earns 0 points and the worse just below 0.89 10: between two rows there is a hole",
    ),
    "a hole between two bands of points to lose": (
        both(cells(RULES, 6, upper_bound="0.70", label_zh="一次办结率", label_en="Completion"),
             band("E5", "0.71", "0.80", "-10")),
        RULES, 6, "upper_bound", "两档之间有空档", "let the rows meet",
    ),
    "a hole of a metric of which less is better": (
        both(cells(RULES, 4, lower_bound="2", upper_bound="8", benchmark="8", max_points="12", label_zh="时长",
                   label_en="Minutes"),
             added(RULES, 4, rule_id="E6", lower_bound="", upper_bound="1", benchmark="1", points_per_unit="0.5",
                   label_zh="时长", label_en="Minutes")),
        RULES, 4, "points_per_unit", "越低越好", "lower is better, but",
    ),
    "better worth less": (
        both(cells(RULES, 5, upper_bound="0.95"), band("E5", "0.95", "", "10")), RULES, 24, "points",
        "0.95 得 10 分，较差的 略低于 0.95 得 20 分", "0.95 earns 10 points and the worse just below 0.95 20",
    ),
    "nothing for all": (cells(RULES, 5, upper_bound="1"), RULES, 5, "points", "1 得 0 分", "but 1 earns 0 points"),
    "no deduction for the worst": (cells(RULES, 9, lower_bound="2"), RULES, 9, "points", "2 得 -20 分",
                                   "2 earns -20 points and the worse just below 2 0"),
    "points for complaints": (
        cells(RULES, 12, lower_bound="1", upper_bound="3", label_zh="投诉", label_en="Complaints"), RULES, 12, "points",
        "0 得 0 分，较差的 1 得 50 分", "0 earns 0 points and the worse 1 50",
    ),
    "windows alone are judged the wrong way": (
        band("E7", "0.80", "0.90", "30", subject_type="window"), RULES, 5, "points", "0.9 得 20 分",
        "0.9 earns 20 points and the worse just below 0.9 30",
    ),
    "a wrong order to come": (
        followed(5, "2026-12-31", "2027-01-01", upper_bound="0.95"), RULES, 24, "points", "0.95 得 0 分",
        "0.95 earns 0 points",
    ),
    # labels
    "a label of another sign": (
        cells(RULES, 3, points_per_unit="1"), RULES, 3, "label_zh", "说的是 减1分，而此行为 points_per_unit 1",
        "says 减1分, but the row has points_per_unit 1",
    ),
    "a label of other points": (cells(RULES, 3, points_per_unit="-2"), RULES, 3, "label_zh", "减1分", "减1分"),
    "a label without a number": (
        cells(RULES, 5, label_zh="办结率高扣分"), RULES, 5, "label_zh", "扣分，而此行为 points 20", "says 扣分",
    ),
    "an English label of another sign": (cells(RULES, 6, label_en="Completion below 80 %: plus 30 points"), RULES, 6,
                                         "label_en", "plus 30 points", "but the row has points -30"),
    "a label of another bound": (
        cells(RULES, 5, label_zh="一次办结率95%以上"), RULES, 5, "label_zh",
        "说的是 95%以上，而此行为 lower_bound 0.90", "lower_bound 0.90; let label and row agree",
    ),
    "a label of the other bound": (cells(RULES, 5, label_zh="一次办结率低于90%"), RULES, 5, "label_zh",
                                   "低于90%，而此行为 upper_bound …", "upper_bound …"),
    "an English label of another bound": (cells(RULES, 8, label_en="Average rating at least 4"), RULES, 8, "label_en",
                                          "at least 4，而此行为 lower_bound 4.5", "says at least 4"),
    "a label of other minutes": (cells(RULES, 3, label_zh="平均办理时长每超过12分钟1分钟减1分"), RULES, 3, "label_zh",
                                 "超过12分钟", "lower_bound 10"),
    "a label of a range": (
        both(band("E8", "0.85", "0.90", "5"), cells(RULES, 24, label_zh="一次办结率80%–90%")), RULES, 24, "label_zh",
        "80%–90%", "lower_bound 0.85",
    ),
    "a label of a trigger": (
        cells(TRIGGERS, 9, upper_bound="90"), TRIGGERS, 9, "label_zh", "低于100分", "upper_bound 90",
    ),
    # days, samples
    "an exemption to 2099": (exempt(valid_to="2099-12-31"), "exemptions", 2, "valid_to", "豁免整年 2026–2099",
                             "exempt for all of 2026–2099"),
    "an exemption of one whole year": (exempt(valid_from="2026-03-01", valid_to="2027-12-31"), "exemptions", 2,
                                       "valid_to", "豁免整年 2027，", "exempt for all of 2027,"),
    "a sample that nobody has": (
        cells(RULES, 5, min_sample="100000"), RULES, 5, "min_sample", "100000 大于奖励 BQ1 要求的办件量 100",
        "more than the 100 cases that reward BQ1 asks for",
    ),
    "a tier that pauses": (
        both(cells(TIERS, 2, valid_to="2026-12-31"), added(TIERS, 2, valid_from="2027-04-01", valid_to="")),
        TIERS, 7, "valid_from", "BQ1 在 2027-01-01 至 2027-03-31 没有生效的行", "or 2027-03-31 as valid_to of line 2",
    ),
}


@pytest.mark.parametrize("name", DOUBTED)
def test_what_is_hardly_meant_is_a_note_and_with_strict_an_error(seeds: Path, name: str):
    apply, seed, line, column, zh, en = DOUBTED[name]
    apply(seeds)
    for strict in (False, True):
        found = [p for p in check(seeds, today=TODAY, strict=strict) if at([p]) == {(seed, line, column)}]
        assert any(zh in p.zh and en in p.en and p.is_note != strict for p in found), "\n".join(map(str, found))
    assert not [p for p in check(seeds, today=TODAY) if not p.is_note]
    assert len(str(found[0]).splitlines()) == 1


MEANT = {
    "two bands that meet": band("E5", "0.85", "0.90", "10"),
    "values between a deduction and a bonus": cells(RULES, 6, upper_bound="0.70", label_zh="低", label_en="Low"),
    "a benchmark moved with its bounds": both(
        cells(RULES, 3, lower_bound="8", benchmark="8", label_zh="时长", label_en="Minutes"),
        cells(RULES, 4, upper_bound="8", benchmark="8", label_zh="时长", label_en="Minutes"),
    ),
    "bands of a count that meet": both(
        cells(RULES, 12, upper_bound="0.5"),
        added(RULES, 12, rule_id="S8", lower_bound="1", upper_bound="2", points="20", label_zh="投诉", label_en="One"),
    ),
    "a slope up to its most points": cells(RULES, 4, max_points="10"),
    "a rule of windows beside one of halls": both(
        cells(RULES, 5, subject_type="hall"), band("E5", "0.95", "", "10", subject_type="window")
    ),
    "a wrong order that ends today": both(
        cells(RULES, 5, valid_to="2026-03-31"), band("E5", "0.90", "", "10", valid_to="2026-03-31"),
        cells(RULES, 24, lower_bound="0.95"), cells(RULES, 5, upper_bound="0.95"),
    ),
    "numbers of something else": both(
        cells(RULES, 10, label_zh="投诉48小时内处理率90%以上，2027年起"),
        cells(RULES, 8, label_zh="平均评分4.5以上（不低于30条评价时计）", label_en="At least 4.5 stars of 5"),
        cells(RULES, 5, label_zh="参加分享会：一次办结率90%及以上"),
        cells(RULES, 4, label_zh="办理时长减少1分钟加2分"),
        cells(RULES, 6, label_zh="一次办结率不足80%减30分", label_en="Completion less than 80 %: minus 30 points"),
    ),
    "a bound that is not below": cells(RULES, 5, label_zh="一次办结率不低于90%", label_en="No less than 90 %"),
    "a range": both(band("E5", "0.85", "0.90", "10"),
                    cells(RULES, 24, label_zh="一次办结率85%至90%", label_en="Completion 85 to 90 %")),
    "an exemption of some months": exempt(valid_from="2026-11-01", valid_to="2027-11-30"),
    "an exemption of all rules": exempt(rule_id=""),
    "an exemption of a base that has ended": exempt(rule_id="E0", valid_to="2026-03-31"),
    "a sample as large as that of rewards": cells(RULES, 5, min_sample="100"),
    "a sample of a week": cells(RULES, 19, min_sample="1000"),
    "a pause of the past": followed(5, "2025-11-30", "2026-01-01"),
    "score limits around the base": cells(WEIGHTS, 3, min_score="0", max_score="100"),
    "a dimension of weight 0 that nothing measures": deleted("D1", "D2"),
}


@pytest.mark.parametrize("name", MEANT)
def test_what_may_be_meant_is_let_through(seeds: Path, name: str):
    MEANT[name](seeds)
    assert not [str(p) for p in check(seeds, today=TODAY, strict=True) if not p.is_note]


# Back-dated rows


BACK_DATED = {
    "exemptions": exempt(),
    "rule_set_assignments": added("rule_set_assignments", 2, hall_id="H03", valid_from="2026-01-01"),
    TIERS: added(TIERS, 5, tier_id="TQ9", reward="other"),
    TRIGGERS: added(TRIGGERS, 2, trigger_id="W9"),
    "item_standards": added("item_standards", 2, item_code="I99"),
    KEYWORDS: added(KEYWORDS, 2, keyword="排长队"),
    "quality_limits": both(
        lambda folder: write(folder, "quality_limits", read(folder, "quality_limits")[:-1]), commit,
        added("quality_limits", 15, check_id="repeated_id_share", valid_from="2026-03-01"),
    ),
    WEIGHTS: both(
        lambda folder: write(folder, WEIGHTS, read(folder, WEIGHTS)[:-1]),
        lambda folder: write(folder, RULES, [row for row in read(folder, RULES) if row["dimension"] != "merit"]),
        commit,
        added(WEIGHTS, 4, dimension="merit"),
    ),
    # of weight 0: no composite score changes
    RULES: added(RULES, 16, rule_id="D9", lower_bound="0.40", upper_bound="0.60", points="5", label_zh="率",
                 label_en="Rate"),
}


@pytest.mark.parametrize("seed", BACK_DATED)
def test_a_new_row_that_is_in_force_already_is_doubted(checkout: Path, seed: str):
    BACK_DATED[seed](checkout)
    line = len(read(checkout, seed)) + 1
    doubts = [p for p in check(checkout, "HEAD", TODAY) if p.is_doubt]
    assert at(doubts) == {(seed, line, "valid_from")}
    assert "此后未公布的部分会重新计算" in doubts[0].zh and "is worked out anew" in doubts[0].en
    assert not errors(checkout)


def test_a_new_rule_that_counts_from_a_past_day_is_refused(checkout: Path):
    row = {"rule_id": "E9", "metric": "avg_wait_minutes", "rule_type": "band", "points": "-100", "upper_bound": "",
           "lower_bound": "30", "label_zh": "等候", "label_en": "Wait"}
    added(RULES, 6, **row, valid_from="2026-01-01")(checkout)
    [problem] = errors(checkout)
    assert at([problem]) == {(RULES, 24, "valid_from")}
    assert "valid_from 应写 2026-04-01 或以后" in problem.zh
    assert problem.en.endswith("not after today, 2026-03-31; write 2026-04-01 or later as valid_from")
    cells(RULES, 24, valid_from="2026-04-01")(checkout)
    assert not errors(checkout)


def test_a_rule_set_that_no_hall_follows_yet_has_no_past(checkout: Path):
    pilot_set(checkout)
    added("rule_set_assignments", 2, hall_id="H03", rule_set="pilot", valid_from="2026-05-01")(checkout)
    assert not check(checkout, "HEAD", TODAY)
    # With an assignment from a past day it has.
    cells("rule_set_assignments", 3, valid_from="2026-03-01")(checkout)
    assert {Path(p.file).stem for p in check(checkout, "HEAD", TODAY) if p.is_doubt} == {
        RULES, WEIGHTS, "rule_set_assignments",
    }


# The record of a decision


@pytest.mark.parametrize(("seed", "line", "column", "cell"), [
    (RULES, 5, "decided_on", "2019-12-31"), (RULES, 5, "source", "会议纪要"), (WEIGHTS, 2, "source", "会议纪要"),
    (PARAMETERS, 2, "decided_on", "2019-11-01"), (PILOTS, 2, "source", "会议纪要"),
    ("exemptions", 2, "approved_by", "王"),
])
def test_who_decided_a_row_in_force_is_not_rewritten(checkout: Path, seed: str, line: int, column: str, cell: str):
    exempt()(checkout)
    cells(PILOTS, 2, go_live="2026-03-02", shadow_until="", decided_on="2026-02-01")(checkout)
    commit(checkout)
    before = (checkout / f"{seed}.csv").read_text("utf-8").splitlines()
    cells(seed, line, **{column: cell, "reason": "说明"})(checkout)
    [problem] = errors(checkout)
    assert at([problem]) == {(seed, line, column)}
    assert f'→ "{cell}"' in problem.zh and "write the line below, and a new decision in a new row" in problem.en
    # The other words are let, with a note.
    assert problem.lines == (before[line - 1].replace(read_before(before, line, "reason"), "说明"),)
    notes = [p for p in check(checkout, "HEAD", TODAY) if p.is_note and not p.is_doubt]
    assert (seed, line, "reason") in at(notes)


def read_before(lines: list[str], line: int, column: str) -> str:
    return dict(zip(lines[0].split(","), lines[line - 1].split(","), strict=True))[column]


def test_who_decided_a_row_to_come_may_change(checkout: Path):
    followed(5, "2026-05-31", "2026-06-01", points="25")(checkout)
    commit(checkout)
    cells(RULES, 24, decided_on="2026-03-20", source="会议纪要", reason="说明")(checkout)
    assert not check(checkout, "HEAD", TODAY)


def test_who_decided_a_holiday_is_a_note(checkout: Path):
    cells("work_calendar", 2, source="通知")(checkout)
    [note] = check(checkout, "HEAD", TODAY)
    assert note.is_note and at([note]) == {("work_calendar", 2, "source")}


# Mending


def text_of(folder: Path, seed: str) -> str:
    return (folder / f"{seed}.csv").read_bytes().decode("utf-8")


def parted(seed: str, sign: str):
    """Return a function that writes a sign for each comma of a file."""
    return lambda folder: (folder / f"{seed}.csv").write_text(text_of(folder, seed).replace(",", sign), "utf-8")


# what is done to E3 (line 5) or its file; the printed lines that must be there
MENDED = {
    "BOM": (replaced(RULES, b"rule_set", b"\xef\xbb\xbfrule_set"), ["scoring_rules.csv: 已修改 / mended: BOM"]),
    "CRLF": (lambda folder: (folder / f"{RULES}.csv").write_bytes(
        (folder / f"{RULES}.csv").read_bytes().replace(b"\n", b"\r\n")
    ), ["scoring_rules.csv: 已修改 / mended: CRLF → LF"]),
    "slashes": (cells(RULES, 5, valid_from="2020/1/1"), ["-standard,E3,", "+standard,E3,", "2020/1/1"]),
    "Chinese date": (cells(RULES, 5, valid_from="2020年1月1日"), ["2020年1月1日"]),
    "date and midnight": (cells(RULES, 5, valid_from="2020-01-01 00:00:00"), ["00:00:00"]),
    "full-width date": (cells(RULES, 5, valid_from="２０２０－１－１"), ["-standard,E3"]),
    "no digit before the point": (cells(RULES, 5, lower_bound=".90"), ["band,.90", "band,0.90"]),
    "full-width number": (cells(RULES, 5, lower_bound="０．９０"), ["band,０．９０"]),
    "full-width code": (cells(RULES, 5, rule_id="Ｅ3"), ["-standard,Ｅ3"]),
    "blanks around": (cells(RULES, 5, metric=" first_visit_completion_rate "), ["-standard,E3"]),
    "blank line": (replaced(RULES, b"\nstandard,S0", b"\n\nstandard,S0"), ["-"]),
    "row of empty cells": (replaced(RULES, b"\nstandard,S0", b"\n" + b"," * 22 + b"\nstandard,S0"), ["-" + "," * 22]),
    "day of a parameter": (
        cells(PARAMETERS, 12, value="2026/10/1"), ["-publish_from,2026/10/1", "+publish_from,2026-10-01"],
    ),
    **{f"parted by {sign!r}": (parted(WEIGHTS, sign), ["+rule_set,dimension,"]) for sign in ";\t，|；"},
    "all at once": (both(
        cells(RULES, 5, valid_from="2020.1.1", lower_bound=".90"),
        replaced(RULES, b"\nstandard,S0", b"\n\nstandard,S0"),
        lambda folder: (folder / f"{RULES}.csv").write_bytes(
            b"\xef\xbb\xbf" + text_of(folder, RULES).replace(",", ";").replace("\n", "\r\n").encode()
        ),
    ), ["mended: BOM", "mended: CRLF → LF", "2020.1.1"]),
}


@pytest.mark.parametrize("name", MENDED)
def test_what_has_one_meaning_is_mended(seeds: Path, name: str):
    apply, printed = MENDED[name]
    before = {path.name: path.read_bytes() for path in seeds.glob("*.csv")}
    apply(seeds)
    spoilt = {path.name: path.read_bytes() for path in seeds.glob("*.csv")}
    refused = run_script("check_rules.py", "--seeds", seeds, "--today", TODAY, code=1)
    assert spoilt == {path.name: path.read_bytes() for path in seeds.glob("*.csv")}
    if "parted" in name:
        assert "1 个问题 / 1 problems" in refused and "FIX=1" in refused
    output = run_script("check_rules.py", "--seeds", seeds, "--today", TODAY, "--fix")
    assert all(text in output for text in printed), output
    assert {path.name: path.read_bytes() for path in seeds.glob("*.csv")} == before
    again = run_script("check_rules.py", "--seeds", seeds, "--today", TODAY, "--fix")
    assert "mended" not in again


@pytest.mark.parametrize("changed", [
    {"valid_from": "1/2/2027"}, {"valid_from": "2027111"}, {"valid_from": "2027-02-30"}, {"valid_from": "27-1-1"},
    {"valid_from": "2027-1/2"}, {"lower_bound": "90%"}, {"lower_bound": "0,9"}, {"points": "1,000"},
    {"points": "2E1"}, {"points": "-"}, {"rule_type": "Band"}, {"metric": "first_visit_rate"}, {"reason": "NULL"},
])
def test_what_may_mean_two_things_stays(seeds: Path, changed: dict):
    cells(RULES, 5, **changed)(seeds)
    before = text_of(seeds, RULES)
    output = run_script("check_rules.py", "--seeds", seeds, "--today", TODAY, "--fix", code=1)
    assert "mended" not in output and "scoring_rules.csv:5: " in output
    assert text_of(seeds, RULES) == before


def test_a_sign_that_stands_in_the_words_too_is_no_delimiter_to_mend(seeds: Path):
    parted(RULES, "，")(seeds)
    before = text_of(seeds, RULES)
    output = run_script("check_rules.py", "--seeds", seeds, "--today", TODAY, "--fix", code=1)
    assert 'the columns are parted by "，"; write commas\n' in output and "1 problems" in output
    assert text_of(seeds, RULES) == before


def test_records_that_need_nothing_stay_as_they_were_written(seeds: Path):
    cells(RULES, 2, reason="两行\n文字，含 2027/1/1", label_zh="全角，标点。")(seeds)
    replaced(RULES, b"standard,E1,", b'"standard",E1,')(seeds)
    wanted = text_of(seeds, RULES)
    cells_of_e3 = b"first_visit_completion_rate,,,band,0.90"
    replaced(RULES, cells_of_e3, cells_of_e3.replace(b"0.90", b".90"))(seeds)
    run_script("check_rules.py", "--seeds", seeds, "--today", TODAY, "--fix")
    assert text_of(seeds, RULES) == wanted


def test_files_that_cannot_be_read_stay(seeds: Path):
    replaced(RULES, b"standard,S0", b'"standard,S0')(seeds)
    (seeds / f"{WEIGHTS}.csv").write_bytes(text_of(seeds, WEIGHTS).encode("gbk"))
    (seeds / f"{TIERS}.csv").unlink()
    before = {path.name: path.read_bytes() for path in seeds.glob("*.csv")}
    run_script("check_rules.py", "--seeds", seeds, "--today", TODAY, "--fix", code=1)
    assert {path.name: path.read_bytes() for path in seeds.glob("*.csv")} == before


# The command


def test_strict_is_of_the_command_too(seeds: Path):
    cells(RULES, 6, points="30")(seeds)
    printed = run_script("check_rules.py", "--seeds", seeds, "--today", TODAY)
    assert "note: " in printed and "规则表无误" in printed
    printed = run_script("check_rules.py", "--seeds", seeds, "--today", TODAY, "--strict", code=1)
    assert "scoring_rules.csv:6: points: " in printed and "1 个问题 / 1 problems" in printed


@pytest.mark.parametrize(("word", "near"), [("e1", "E1"), ("s1", "S1"), ("E_1", "E1"), ("standart", "standard")])
def test_a_word_that_differs_by_case_alone_is_the_nearest(word: str, near: str):
    assert f"did you mean {near}?" in choose(word, ["E0", "E1", "E2", "S0", "S1", "S2", "standard"])[1]
