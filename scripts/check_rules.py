"""Check the rule seeds of seeds/rules/ before they are merged: every problem at once, in Chinese and English.

It needs no warehouse. rule_models.py says what a row may hold; here whole files are
looked at, and what must fit across files. With --base, rows that have begun are compared
with those of a git ref: such a rule is not edited, a new row follows it. Exit code 1 with
problems; lines that begin with `note:` are none.
"""

from __future__ import annotations

import argparse
import csv
import io
import re
import subprocess
import sys
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from decimal import ROUND_CEILING, Decimal
from itertools import count, pairwise
from pathlib import Path

from pydantic import ValidationError, create_model

from plain_text import plain
from rule_models import (
    MODELS,
    MOST,
    MOST_POINTS,
    UNIT_RANGES,
    DatedRow,
    FieldProblems,
    ImprovementTrigger,
    MetricDefinition,
    Pilot,
    Row,
    ScoringRule,
    cell_problems,
    choose,
    explains,
    shown,
)

PROJECT_DIR = Path(__file__).resolve().parent.parent
SEEDS = PROJECT_DIR / "seeds" / "rules"
PARAMETER_NAMES = [PROJECT_DIR / "macros" / "rules" / f"{kind}parameter_names.sql" for kind in ("", "procedure_")]
SCORE_NAMES = PROJECT_DIR / "macros" / "rules" / "score_names.sql"
DAY = timedelta(days=1)
BOM = b"\xef\xbb\xbf"
# The highest count reckoned with when a slope has no upper bound.
HIGHEST_COUNT = 1_000
# The most months of a period that counts whole months; blank stands for all periods.
MONTHS = {None: 12, "quarter": 3, "year": 12}
# Who decided a row, which nobody but its writer knows.
DECISION = ("decided_on", "reason", "source")


@dataclass(frozen=True)
class Problem:
    """What is wrong at a line and column, and what would be right; `lines` are rows to write instead."""

    file: str
    line: int
    column: str
    zh: str
    en: str
    is_note: bool = False
    lines: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return the line that is printed, and under it the rows to write."""
        start = "note: " if self.is_note else ""
        text = plain(f"{start}{self.file}:{self.line}: {self.column}: {self.zh} / {self.en}")
        return "\n".join([text, *(f"    {line}" for line in self.lines)])


# Files


@dataclass(frozen=True)
class Line:
    """A row with the number of its first line, and its cells as they were written."""

    number: int
    cells: dict[str, str]
    row: Row


@dataclass
class Table:
    """A seed as read: its good rows and its problems. What is missing is looked for only when every row was good."""

    file: str
    columns: list[str] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    is_whole: bool = False

    def add(self, line: int, column: str, zh: str, en: str, **more) -> None:
        """Add a problem."""
        self.problems.append(Problem(self.file, line, column, zh, en, **more))

    def note(self, line: int, column: str, zh: str, en: str) -> None:
        """Add what a reviewer should know and need not mend."""
        self.add(line, column, zh, en, is_note=True)


def read_header(table: Table, header: list[str], model: type[Row]) -> bool:
    """Note what is wrong with the names of the columns, which may stand in any order; return whether all is right."""
    for place, name in enumerate(header, 1):
        if name not in model.model_fields:
            zh, en = choose(name, (known for known in model.model_fields if known not in header))
            table.add(1, "header", f"第 {place} 列 {shown(name)} 不认识；{zh}",
                      f"column {place} {shown(name)} is not known; {en}")
        elif name in header[: place - 1]:
            table.add(1, "header", f"列 {name} 重复；应只写一次", f"column {name} is there twice; write it once")
    for name in model.model_fields:
        if name not in header:
            table.add(1, "header", f"缺少列 {name}；应补上，没有内容也要留空列",
                      f"column {name} is missing; add it, with empty cells if need be")
    return sorted(header) == sorted(model.model_fields)


def read_text(table: Table, content: bytes) -> str | None:
    """Return a file's text, or None when it is not UTF-8; note what an editor or Excel added to it."""
    if content.startswith(BOM):
        table.add(1, "header", "文件开头有 BOM；应存为不带 BOM 的 UTF-8",
                  "the file begins with a BOM; save it as UTF-8 without BOM")
        content = content.removeprefix(BOM)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        table.add(line, "encoding", "文件不是 UTF-8（可能是 GBK）；应另存为 UTF-8",
                  "the file is not UTF-8 (GBK, perhaps); save it as UTF-8")
        return None
    if "\r" in text:
        line = text.count("\n", 0, text.index("\r")) + 1
        table.add(line, "line end", "行尾是 Windows 的 CRLF；应存为 LF",
                  "the line ends in CRLF (Windows); save the file with LF")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_table(table: Table, content: bytes, model: type[Row]) -> None:
    """Read a seed's rows and note their problems."""
    text = read_text(table, content)
    if text is None:
        return
    reader = csv.reader(io.StringIO(text), strict=True)
    first = 1
    try:
        for cells in reader:
            if first == 1:
                table.columns = cells
                if not read_header(table, cells, model):
                    return
            elif not cells:
                table.add(first, "row", "空行；应删去", "an empty line; delete it")
            elif len(cells) != len(table.columns):
                table.add(
                    first, "row", f"有 {len(cells)} 个单元格；应为 {len(table.columns)} 个，含逗号的单元格要加双引号",
                    f"the row has {len(cells)} cells; write {len(table.columns)}, and quote a cell that holds a comma",
                )
            else:
                named = dict(zip(table.columns, cells, strict=True))
                try:
                    table.lines.append(Line(first, named, model.model_validate(named)))
                except ValidationError as error:
                    for problem in cell_problems(error):
                        table.add(first, *problem)
            first = reader.line_num + 1
    except csv.Error as error:
        table.add(first, "row", "双引号不成对，或单元格过长；应检查引号",
                  f"the row cannot be read ({error}); look at its quotes")
    if not text:
        read_header(table, [], model)
    table.is_whole = not table.problems


# Whole files and across files


def check_keys(table: Table) -> None:
    """Note rows of one key, and of dated rows those in force on one day."""
    seen: dict[tuple, list[Line]] = defaultdict(list)
    for line in table.lines:
        for other in seen[line.row.key]:
            if not isinstance(line.row, DatedRow):
                table.add(line.number, line.row.KEY[0], f"与第 {other.number} 行重复；应只留一行",
                          f"the same as in line {other.number}; keep one row")
            elif line.row.meets(other.row):
                table.add(line.number, "valid_from", f"与第 {other.number} 行同时有效；前一行应止于后一行生效的前一天",
                          f"in force together with line {other.number}; end the earlier row the day before the later")
        seen[line.row.key].append(line)


def check_bands(rules: Table) -> None:
    """Note bands and slopes that a value falls into twice, and bases that would be summed."""
    for place, later in enumerate(rules.lines):
        for earlier in rules.lines[:place]:
            if later.row.key == earlier.row.key or not later.row.overlaps(earlier.row):
                continue
            if later.row.rule_type == "base":
                rules.add(
                    later.number, "points",
                    f"与第 {earlier.number} 行（{earlier.row.rule_id}）同为基础分，会相加；同时只应有一行",
                    f"a base beside that of line {earlier.number} ({earlier.row.rule_id}), both are summed; "
                    "let one be in force at a time",
                )
            else:
                rules.add(
                    later.number, "lower_bound",
                    f"与第 {earlier.number} 行（{earlier.row.rule_id}）的取值重叠；同一数值只应落入一行",
                    f"the values overlap those of line {earlier.number} ({earlier.row.rule_id}); "
                    "let a value fall into one row only",
                )


def check_bases(rules: Table) -> None:
    """Note dimensions whose rules start from 0 on some day, because no base is in force."""
    bases: dict[tuple, list[ScoringRule]] = defaultdict(list)
    for line in rules.lines:
        if line.row.rule_type == "base":
            bases[line.row.rule_set, line.row.dimension].append(line.row)
    told = set()
    for line in rules.lines if rules.is_whole else ():
        rule = line.row
        same = [base for base in bases[rule.rule_set, rule.dimension] if base.shares_scope(rule)]
        day = first_gap(same, rule.valid_from, rule.last)
        if day and (rule.rule_set, rule.dimension) not in told:
            told.add((rule.rule_set, rule.dimension))
            rules.add(
                line.number, "dimension", f"{rule.rule_set} 的 {rule.dimension} 自 {day} 起没有基础分，从 0 起算；"
                "应补一行 base",
                f"{rule.dimension} of {rule.rule_set} has no base from {day} on and starts at 0; add a base row",
            )


def check_metrics(rules: Table, definitions: Table) -> None:
    """Note metrics that are not measured, and bounds that no value of the metric's unit has."""
    known = {line.row.metric: line.row for line in definitions.lines}
    measured = [name for name, row in known.items() if row.is_measured == "1"]
    for line in rules.lines:
        metric = known.get(line.row.metric)
        if line.row.metric and definitions.is_whole and line.row.metric not in measured:
            zh, en = choose(line.row.metric, measured)
            state = ("不是已定义的指标", "is not a metric")
            if metric:
                state = ("尚未测量", "is defined but not measured yet")
            rules.add(line.number, "metric", f"{shown(line.row.metric)} {state[0]}；{zh}",
                      f"{shown(line.row.metric)} {state[1]}; {en}")
        if line.row.rule_type == "band" and line.row.points == 0:
            rules.note(line.number, "points", "此档为 0 分，不影响得分；如非有意应改写",
                       "the band gives 0 points and changes no score; write others unless that is meant")
        for problem in (*unreachable(line.row, metric), *boundless(line.row, metric)) if metric else ():
            rules.add(line.number, *problem)


def check_triggers(triggers: Table, definitions: Table) -> None:
    """Note triggers of no measured metric or score, beyond its values, and those that come to judge something else."""
    known = {line.row.metric: line.row for line in definitions.lines if line.row.is_measured == "1"}
    scores = re.findall(r"'(\w+)'", SCORE_NAMES.read_text("utf-8"))
    for line in triggers.lines:
        row, metric = line.row, known.get(line.row.metric)
        if metric is None and row.metric not in scores and definitions.is_whole:
            zh, en = choose(row.metric, [*known, *scores])
            triggers.add(line.number, "metric", f"{shown(row.metric)} 既非已测量的指标也非得分；{zh}",
                         f"{shown(row.metric)} is neither a measured metric nor a score; {en}")
        for problem in unreachable(row, metric) if metric else ():
            triggers.add(line.number, *problem)
    first: dict[str, Line] = {}
    for line in sorted(triggers.lines, key=lambda line: line.row.valid_from):
        other = first.setdefault(line.row.trigger_id, line)
        for name in ImprovementTrigger.LASTING:
            mine, theirs = getattr(line.row, name), getattr(other.row, name)
            if mine != theirs:
                triggers.add(
                    line.number, name,
                    f"{shown(mine)} 与第 {other.number} 行同一条件 {line.row.trigger_id} 的 {shown(theirs)} 不同，"
                    "会接着它的连续次数；应另写一个 trigger_id",
                    f"{shown(mine)} is not {shown(theirs)} of line {other.number}, the same trigger "
                    f"{line.row.trigger_id}, whose runs it would continue; write another trigger_id",
                )


def check_tiers(tiers: Table) -> None:
    """Note tiers of one reward that nobody reaches, because a better tier asks for no more."""
    group = ("reward", "subject_type", "period_type")
    for one in tiers.lines:
        for other in tiers.lines:
            if one.row.key == other.row.key or not one.row.meets(other.row) or one.row.tier > other.row.tier:
                continue
            if any(getattr(one.row, name) != getattr(other.row, name) for name in group):
                continue
            better, worse = one.row, other.row
            if better.tier == worse.tier:
                if one.number < other.number:
                    tiers.add(other.number, "tier", f"与第 {one.number} 行（{better.tier_id}）同级；应写另一级",
                              f"the same tier as line {one.number} ({better.tier_id}); write another one")
                continue
            if better.min_score <= worse.min_score:
                tiers.add(one.number, "min_score", f"不高于第 {other.number} 行（{worse.tier_id}）较低一级的；应高于它",
                          f"not above that of the lower tier in line {other.number} ({worse.tier_id}); "
                          "write a higher one")
            if (better.max_rank_share or 1) > (worse.max_rank_share or 1):
                tiers.add(one.number, "max_rank_share",
                          f"大于第 {other.number} 行（{worse.tier_id}）较低一级的；应不大于它",
                          f"above that of the lower tier in line {other.number} ({worse.tier_id}); "
                          "write at most that")


def check_keywords(keywords: Table) -> None:
    """Note rows that name their category otherwise than its first row."""
    first: dict[str, Line] = {}
    for line in keywords.lines:
        other = first.setdefault(line.row.category, line)
        for name in ("label_zh", "label_en"):
            mine, theirs = getattr(line.row, name), getattr(other.row, name)
            if mine != theirs:
                keywords.add(
                    line.number, name, f"{shown(mine)} 与第 {other.number} 行同类别的 {shown(theirs)} 不同；应相同",
                    f"{shown(mine)} is not {shown(theirs)} of line {other.number}, the same category; write the same",
                )


def unreachable(row: ScoringRule | ImprovementTrigger, metric: MetricDefinition) -> FieldProblems:
    """Yield what no value of a metric reaches: bounds beyond its values, periods without it, slopes of no points."""
    low, high = UNIT_RANGES[metric.unit]
    if metric.metric == "zero_complaint_months":
        if row.period_type not in MONTHS:
            yield (
                "period_type", f"{metric.label_zh}在 {row.period_type} 没有值；应为 quarter 或 year",
                f"{metric.metric} has no value in a {row.period_type}; write quarter or year",
            )
            return
        high = MONTHS[row.period_type]
    is_slope = isinstance(row, ScoringRule) and row.rule_type == "slope"
    low = 0 if isinstance(row, ScoringRule) and row.when_missing == "zero" else low
    zh = f"应不小于 {low}" if high is None else f"应在 {low} 至 {high} 之间"
    en = f"write {low} or more" if high is None else f"write {low} to {high}"
    for name, bound in (("lower_bound", row.lower_bound), ("upper_bound", row.upper_bound)):
        if bound is None:
            continue
        if bound < low or (high is not None and bound > high) or (name == "upper_bound" and bound == low):
            yield (
                name, f"{metric.label_zh}没有以 {bound} 为界的值；{zh}，不设界限则留空",
                f"no value of {metric.metric} is bounded by {bound}; {en}, or leave it empty for no bound",
            )
    bounds = (row.lower_bound, row.upper_bound)
    if metric.is_count == "1" and None not in bounds and bounds[0].to_integral_value(ROUND_CEILING) >= bounds[1]:
        yield (
            "upper_bound", "区间内没有整数，而指标是计数；应包含一个整数",
            "no whole number is in the band of a count; let it hold one",
        )
    if is_slope and (row.points_per_unit == 0 or (row.lower_bound == high and row.benchmark == high)):
        yield (
            "points_per_unit", "任何数值都得 0 分；应改写系数或基准，或删去此行",
            "every value gives 0 points; write another factor or benchmark, or delete the row",
        )


def boundless(rule: ScoringRule, metric: MetricDefinition) -> FieldProblems:
    """Yield a slope that can give more points than a score holds."""
    if rule.rule_type != "slope" or (rule.min_points if rule.points_per_unit < 0 else rule.max_points) is not None:
        return
    highest = UNIT_RANGES[metric.unit][1] or MOST.get(metric.unit, HIGHEST_COUNT)
    ends = (rule.lower_bound or 0, rule.upper_bound or highest)
    reach = abs(rule.points_per_unit) * max(abs(end - rule.benchmark) for end in ends)
    if reach > MOST_POINTS:
        limit = "min_points" if rule.points_per_unit < 0 else "max_points"
        yield (
            "points_per_unit", f"可能达到 {reach.normalize():f} 分，超出得分能存的位数；应减小，或填写 {limit}",
            f"it can reach {reach.normalize():f} points, more than a score holds; write less, or a limit in {limit}",
        )


def first_gap(rows: list[DatedRow], first: date, last: date) -> date | None:
    """Return the first day from first to last on which no row is in force, or None."""
    day = first
    for row in sorted(rows, key=lambda row: row.valid_from):
        if row.valid_from <= day <= row.last:
            if row.last >= last:
                return None
            day = row.last + DAY
    return day


def check_weights(rules: Table, weights: Table) -> None:
    """Note weights that do not sum to 1, and rules of a dimension without weight on a day of theirs."""
    if not weights.is_whole:
        return
    sets: dict[str, list[Line]] = defaultdict(list)
    for line in weights.lines:
        sets[line.row.rule_set].append(line)
    for lines in sets.values():
        ends = {line.row.valid_to + DAY for line in lines if line.row.valid_to}
        for day in sorted(ends | {line.row.valid_from for line in lines}):
            held = [line for line in lines if line.row.holds(day)]
            total = sum(line.row.weight for line in held)
            if held and total != 1:
                weights.add(
                    max(held, key=lambda line: line.row.valid_from).number, "weight",
                    f"{day} 起权重合计为 {total}；应正好为 1",
                    f"the weights sum to {total} from {day} on; they must sum to exactly 1",
                )
    for line in rules.lines:
        rule = line.row
        same = [other.row for other in sets[rule.rule_set] if other.row.dimension == rule.dimension]
        if day := first_gap(same, rule.valid_from, rule.last):
            rules.add(
                line.number, "dimension",
                f"{rule.rule_set} 的 {rule.dimension} 自 {day} 起没有权重；"
                "应在 dimension_weights.csv 补一行，不计入写 0",
                f"{rule.dimension} of {rule.rule_set} has no weight from {day} on; "
                "add a row to dimension_weights.csv, 0 for none",
            )


def check_assignments(assignments: Table, rules: Table) -> None:
    """Note rule sets without rules, and days on which halls have no rule set."""
    sets = {line.row.rule_set for line in rules.lines}
    for line in assignments.lines:
        if rules.is_whole and line.row.rule_set not in sets:
            zh, en = choose(line.row.rule_set, sets)
            assignments.add(line.number, "rule_set",
                            f"{shown(line.row.rule_set)} 在 scoring_rules.csv 中没有规则；{zh}",
                            f"{shown(line.row.rule_set)} has no row in scoring_rules.csv; {en}")
    general = [line for line in assignments.lines if line.row.hall_id is None]
    first = min((line.row.valid_from for line in assignments.lines), default=date.min)
    day = first_gap([line.row for line in general], first, date.max)
    if day and assignments.is_whole:
        assignments.add(
            general[-1].number if general else 1, "hall_id",
            f"{day} 起没有 hall_id 为空的行，其余大厅没有规则集；应补一行",
            f"no row with an empty hall_id is in force from {day} on, other halls have no rule set; add one",
        )


def check_parameters(parameters: Table, today: date) -> None:
    """Note parameters that no model reads, and those without a value today or later."""
    needed = [name for path in PARAMETER_NAMES for name in re.findall(r"'(\w+)'", path.read_text("utf-8"))]
    for line in parameters.lines:
        name = line.row.parameter
        if name not in needed:
            zh, en = choose(name, needed)
            parameters.add(line.number, "parameter", f"{shown(name)} 不是已知参数；{zh}",
                           f"{shown(name)} is not read by any model; {en}")
    for name in needed if parameters.is_whole else ():
        lines = [line for line in parameters.lines if line.row.parameter == name]
        if day := first_gap([line.row for line in lines], today, date.max):
            parameters.add(max((line.number for line in lines), default=1), "parameter",
                           f"{name} 没有在 {day} 有效的行；应补一行", f"{name} has no row in force on {day}; add one")


def check_exemptions(exemptions: Table, rules: Table, today: date) -> None:
    """Note exemptions from unknown rules, and as notes those that have expired."""
    known = {line.row.rule_id for line in rules.lines}
    for line in exemptions.lines:
        row = line.row
        if row.rule_id and row.rule_id not in known and rules.is_whole:
            zh, en = choose(row.rule_id, known)
            exemptions.add(line.number, "rule_id", f"{shown(row.rule_id)} 在 scoring_rules.csv 中没有；{zh}",
                           f"{shown(row.rule_id)} is not in scoring_rules.csv; {en}")
        if row.last < today:
            exemptions.note(line.number, "valid_to",
                            f"豁免 {row.exemption_id} 已于 {row.last} 到期；如需继续应另写一行",
                            f"exemption {row.exemption_id} expired on {row.last}; write a new row if it should go on")


def note_late_decisions(table: Table) -> None:
    """Note decisions made after the day they are in force from."""
    for line in table.lines:
        if isinstance(line.row, DatedRow) and line.row.decided_on > line.row.valid_from:
            table.note(line.number, "decided_on",
                       f"{line.row.decided_on} 晚于生效日 {line.row.valid_from}；应先决定后生效",
                       f"{line.row.decided_on} is after valid_from {line.row.valid_from}; decide before it begins")
        if isinstance(line.row, Pilot) and line.row.decided_on > line.row.go_live:
            table.note(line.number, "decided_on",
                       f"{line.row.decided_on} 晚于上线日 {line.row.go_live}；应先定怎样比较再上线",
                       f"{line.row.decided_on} is after go_live {line.row.go_live}; decide what is compared before it")


def differing(line: Line, other: Line, skip: set[str]) -> FieldProblems:
    """Yield (column, cell, other cell) where two rows decide otherwise; 0.9 and 0.90 are the same."""
    for name in line.cells:
        if name in skip or explains(name) or name not in other.cells:
            continue
        if getattr(line.row, name) != getattr(other.row, name):
            yield name, shown(line.cells[name]), shown(other.cells[name])


def by_key(table: Table) -> dict[tuple, list[Line]]:
    """Return the lines of each key."""
    found: dict[tuple, list[Line]] = defaultdict(list)
    for line in table.lines:
        found[line.row.key].append(line)
    return found


def holds_number(label: str, number: Decimal) -> bool:
    """Return whether a label holds a number, a share as per cent: 90% or 90 % for 0.9."""
    number = abs(number)
    is_share = 0 < number < 1
    text = re.escape(f"{(number * 100 if is_share else number).normalize():f}")
    end = r"(\.0+)? ?[%％]" if is_share else r"(?!\.?\d)"  # neither the 1 nor the 5 of 1.5
    return bool(re.search(rf"(?<![\d.]){text}{end}", label or ""))


def stale_labels(line: Line, before: Line) -> list[tuple[str, str, str, str]]:
    """Return (label's column, number's column, number before, number now) where a label still says the one before."""
    found = []
    for name, cell in line.cells.items():
        now, old = getattr(line.row, name), getattr(before.row, name, None)
        if isinstance(now, Decimal) and isinstance(old, Decimal) and now != old:
            found += [
                (label, name, before.cells[name], cell) for label in ("label_zh", "label_en") if label in line.cells
                and holds_number(line.cells[label], old) and not holds_number(line.cells[label], now)
            ]
    return found


def note_stale_labels(table: Table, today: date) -> None:
    """Note rows to come whose label still holds a number of the row that they follow."""
    for lines in by_key(table).values():
        dated = [line for line in lines if isinstance(line.row, DatedRow)]
        ordered = sorted(dated, key=lambda line: line.row.valid_from)
        for before, line in pairwise(ordered):
            for label, name, old, now in stale_labels(line, before) if line.row.valid_from > today else ():
                table.note(line.number, label,
                           f"{shown(line.cells[label])} 说的还是第 {before.number} 行的 {name} {old}；"
                           f"此行为 {now}，应一并改写",
                           f"{shown(line.cells[label])} still says {name} {old} of line {before.number}; it is {now} "
                           "here, write the label anew")


def note_differences(table: Table, today: date) -> None:
    """Note where the last rows of other rule sets differ from the standard's."""
    sets: dict[str, dict[str, Line]] = defaultdict(dict)
    for line in sorted(table.lines, key=lambda line: line.row.valid_from):
        if line.row.last >= today:
            sets[line.row.rule_set][line.row.key[1]] = line
    standard = sets.pop("standard", {})
    for name, lines in sets.items():
        for key, line in lines.items():
            column = line.row.KEY[1]
            if key not in standard:
                table.note(line.number, column, f"{name} 有 {key}；standard 没有",
                           f"{name} has {key}; standard has not")
                continue
            for column, mine, theirs in differing(line, standard[key], {"rule_set", "valid_from", "valid_to"}):
                table.note(line.number, column, f"{name} 的 {key} 为 {mine}；standard 为 {theirs}",
                           f"{key} of {name} has {mine}; standard has {theirs}")
        for key in standard.keys() - lines.keys():
            table.note(standard[key].number, standard[key].row.KEY[1], f"{name} 没有 {key}；standard 有",
                       f"{name} has no {key}; standard has")


# Rows in force, compared with a git ref


def git(folder: Path, *arguments: str) -> bytes | None:
    """Return what git printed, or None when it failed or is not installed."""
    try:
        done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True)  # noqa: S603, S607
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None


def csv_line(table: Table, line: Line, **cells: object) -> str:
    """Return a row as a line of the file, with some cells changed."""
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow([str((line.cells | cells).get(name, "")) for name in table.columns])
    return out.getvalue()


def another_id(table: Table, old: Line, changed: Line) -> dict[str, str]:
    """Return an id that is free, when a trigger comes to judge something else under its old one."""
    row = changed.row
    if not isinstance(row, ImprovementTrigger) or all(getattr(row, n) == getattr(old.row, n) for n in row.LASTING):
        return {}
    taken = {line.row.trigger_id for line in table.lines}
    return {"trigger_id": next(i for n in count(2) if (i := f"{row.trigger_id[:60]}-{n}") not in taken)}


def lines_to_write(table: Table, old: Line, changed: Line | None, today: date) -> tuple[str, ...]:
    """Return the old row with its last day, and the changed row that follows it (next month, unless it says later)."""
    start = (today.replace(day=1) + 31 * DAY).replace(day=1)
    if changed and changed.row.valid_from > today:
        start = changed.row.valid_from
    ended = csv_line(table, old, valid_to=min(old.row.last, start - DAY)) if old.row.last >= today else None
    if changed is None:
        return (ended or csv_line(table, old),)
    later = [line.row.valid_from for line in table.lines if line.row.key == old.row.key and line is not changed]
    last = min([changed.row.last, *(day - DAY for day in later if day >= start)])
    if last < start:  # a row already follows: that one is the place for the change
        return (csv_line(table, old),)
    days = {"valid_from": start, "valid_to": "" if last == date.max else last}
    follows = csv_line(table, changed, **days, **another_id(table, old, changed), **decision(changed, old))
    return (ended, follows) if ended else (follows,)


def decision(changed: Line, old: Line) -> dict[str, str]:
    """Return blanks for who decided, when that is still the decision of the old row."""
    same = all(changed.cells.get(name) == old.cells.get(name) for name in DECISION)
    return dict.fromkeys(DECISION, "") if same else {}


def still_to_write(lines: tuple[str, ...], old: Line, changed: Line | None) -> tuple[str, str]:
    """Return (zh, en): what the lines to write leave to their writer."""
    zh, en = "", ""
    if changed and len(lines) > 1:
        if decision(changed, old):
            zh += f"，并填写新行的 {'、'.join(DECISION)}"
            en += f", and fill in {', '.join(DECISION)} of the new one"
        if labels := {label: old for label, _, old, _ in stale_labels(changed, old)}:
            zh += f"；{'、'.join(labels)} 说的还是 {'、'.join(dict.fromkeys(labels.values()))}，应一并改写"
            en += f"; {', '.join(labels)} still say {', '.join(dict.fromkeys(labels.values()))}, write them anew"
    return zh, en


def check_begun(table: Table, old: Table, today: date) -> None:
    """Note rows that had begun at the ref and are edited or gone, and new rows of their keys that begin in the past."""
    olds = by_key(old)
    news: dict[tuple, dict[date, Line]] = defaultdict(dict)
    for line in table.lines:
        news[line.row.key][line.row.valid_from] = line
        if line.row.key not in olds and line.row.KEY[0] == "rule_set" and line.row.valid_from <= today:
            table.note(line.number, "valid_from", f"新增的行自 {line.row.valid_from} 起已生效；此后的期间会重新计分",
                       f"a new row in force since {line.row.valid_from}; the periods since then are judged anew")
    for key, lines in olds.items():
        check_begun_key(table, [line for line in lines if line.row.valid_from <= today], news[key], today)


def check_begun_key(table: Table, olds: list[Line], news: dict[date, Line], today: date) -> None:
    """Note what check_begun looks for, in the rows of one key that had begun at the ref and those there are now."""
    found: list[tuple[Line | None, int, str, str, str]] = []  # (the ended row that was touched, problem)
    changed = None
    for old in olds:
        new, ended = news.get(old.row.valid_from), old if old.row.last < today else None
        if new is None:
            if not table.is_whole:  # it may be a row that cannot be read
                continue
            found.append((ended, old.number, "valid_from", "已生效的行被删除或改了生效日",
                          "a row that has begun is gone"))
        elif cells := list(differing(new, old, {"valid_to"})):
            changed = changed if ended else new
            text = "、".join(f"{name} {before} → {after}" for name, after, before in cells)
            found.append((ended, new.number, cells[0][0], f"已生效的行被修改：{text}",
                          f"edited after it began: {text}"))
        elif new.row.last != old.row.last and (ended or new.row.last < today):
            text = f"{old.row.valid_to or '…'} → {new.row.last}"
            found.append((ended, new.number, "valid_to", f"过去的有效期被修改：{text}",
                          f"its past was changed: {text}"))
    begun = {old.row.valid_from for old in olds}
    for day in sorted(news.keys() - begun):
        if day <= today and olds:
            found.append((None, news[day].number, "valid_from", f"新的一行自 {day} 起生效，不晚于今天 {today}",
                          f"a new row begins on {day}, not after today, {today}"))
        if day <= today or changed is None:
            changed = news[day]
    for ended, number, column, zh, en in found:
        current = max(olds, key=lambda line: line.row.valid_from)
        lines = (csv_line(table, ended),) if ended else lines_to_write(table, current, changed, today)
        more_zh, more_en = ("", "") if ended else still_to_write(lines, current, changed)
        table.problems.append(
            Problem(table.file, number, column, f"{zh}；应改写为下面 {len(lines)} 行{more_zh}",
                    f"{en}; write the lines below{more_en}", lines=lines)
        )


def check_begun_pilots(table: Table, old: Table, today: date) -> None:
    """Note pilots that were live at the ref and are edited or gone, and new ones with a shadow time in the past.

    Of a pilot that is live only the end of its shadow time may move, among the days to come: what is
    compared and claimed was settled before.
    """

    def end(row: Pilot) -> date:
        return row.shadow_until or row.go_live - DAY

    news = {line.row.key: line for line in table.lines}
    begun = {line.row.key: line for line in old.lines if line.row.go_live <= today}
    for key, line in begun.items():
        new = news.get(key)
        if new is None:
            if table.is_whole:
                table.add(line.number, "pilot_id", "已上线的试点被删除；应改写为下面 1 行",
                          "a pilot that is live is gone; write the line below", lines=(csv_line(table, line),))
            continue
        cells = [
            cell for cell in differing(new, line, set())
            if cell[0] != "shadow_until" or min(end(new.row), end(line.row)) < today
        ]
        if cells:
            text = "、".join(f"{name} {before} → {after}" for name, after, before in cells)
            kept = {name: line.cells[name] for name, _, _ in cells}
            table.add(new.number, cells[0][0], f"已上线的试点被修改：{text}；应改写为下面 1 行",
                      f"edited after go-live: {text}; write the line below", lines=(csv_line(table, new, **kept),))
    for key, line in news.items():
        if key not in begun and line.row.go_live <= today and line.row.shadow_until:
            table.note(line.number, "go_live",
                       f"影子期自 {line.row.go_live} 起；此后未公布的期间会重新排名",
                       f"in shadow since {line.row.go_live}; the periods since then that are not published "
                       "are ranked anew")


def read_base(file: str, content: bytes, model: type[Row]) -> Table:
    """Return a seed's rows at the ref in the columns that it shares with today's model, which may know others."""
    table = Table(file)
    reader = csv.reader(io.StringIO(content.decode("utf-8-sig", "replace")))
    header = next(reader, [])
    missing = model.model_fields.keys() - set(header)
    if missing & {*model.KEY, "valid_from", "go_live"}:
        return table

    class BaseRow(model):
        """What fits together is checked of today's rows alone."""

        def problems(self) -> FieldProblems:
            yield from ()

    lenient = create_model("BaseRow", __base__=BaseRow, **dict.fromkeys(missing, (object, None)))
    first = reader.line_num + 1
    for row in reader:
        cells = {name: cell for name, cell in zip(header, row, strict=False) if name in model.model_fields}
        with suppress(ValidationError):
            table.lines.append(Line(first, cells, lenient.model_validate(cells)))
        first = reader.line_num + 1
    return table


def check_against(table: Table, content: bytes, model: type[Row], today: date) -> None:
    """Compare a seed's good rows with those that the file held at the ref."""
    try:
        old = read_base(table.file, content, model)
    except csv.Error:
        return
    if issubclass(model, DatedRow):
        check_begun(table, old, today)
    elif model is Pilot:
        check_begun_pilots(table, old, today)
    else:
        note_undated(table, old)


def note_undated(table: Table, old: Table) -> None:
    """Note rows without dates that decide otherwise than at the ref, or are gone: they hold for all days."""
    news = {line.row.key: line for line in table.lines}
    for line in old.lines:
        new = news.get(line.row.key)
        cells = list(differing(new, line, set())) if new else [(line.row.KEY[0], shown("…"), shown(line.row.key[0]))]
        if cells and (new or table.is_whole):
            text = "、".join(f"{name} {before} → {after}" for name, after, before in cells)
            table.note(new.number if new else 1, cells[0][0], f"{text}；所有未公布的期间会重新计分",
                       f"{text}; all periods that are not published are judged anew")


# The command


def check(folder: Path = SEEDS, base: str | None = None, today: date | None = None) -> list[Problem]:
    """Return the problems and notes of a folder of seeds, by file and line.

    base is a git ref that exists: rows that have begun there are compared with it.
    """
    today = today or datetime.now(timezone(timedelta(hours=8))).date()
    folder = Path(folder).resolve()
    place = folder.relative_to(PROJECT_DIR) if folder.is_relative_to(PROJECT_DIR) else folder
    tables = {}
    for name, model in MODELS.items():
        path = folder / f"{name}.csv"
        table = tables[name] = Table(f"{place}/{path.name}")
        if path.is_file():
            read_table(table, path.read_bytes(), model)
        else:
            table.add(1, "header", "缺少此文件；应补上，至少有表头",
                      "the file is missing; add it, with its header at least")
    for path in sorted(folder.glob("*.csv")):
        if path.stem not in MODELS:
            zh, en = choose(path.stem, MODELS)
            tables[path.stem] = Table(f"{place}/{path.name}")
            tables[path.stem].add(1, "header", f"不是已知的规则文件；{zh}", f"is not a known rule file; {en}")
    rules, weights = tables["scoring_rules"], tables["dimension_weights"]
    for table in tables.values():
        check_keys(table)
        note_late_decisions(table)
    check_bands(rules)
    check_bases(rules)
    check_metrics(rules, tables["metric_definitions"])
    check_tiers(tables["reward_tiers"])
    check_triggers(tables["improvement_triggers"], tables["metric_definitions"])
    check_keywords(tables["pain_point_keywords"])
    check_weights(rules, weights)
    check_assignments(tables["rule_set_assignments"], rules)
    check_parameters(tables["metric_parameters"], today)
    check_exemptions(tables["exemptions"], rules, today)
    note_differences(rules, today)
    note_differences(weights, today)
    for table in tables.values():
        note_stale_labels(table, today)
    for name, model in MODELS.items() if base else ():
        content = git(folder, "show", f"{base}:./{name}.csv")
        if content is not None:
            check_against(tables[name], content, model, today)
    return sorted((p for table in tables.values() for p in table.problems), key=lambda p: (p.file, p.line))


def find_base(folder: Path, named: str | None) -> str | None:
    """Return where HEAD left the named ref, else origin/main, else HEAD; None when there is none."""
    refs = [named] if named else ["origin/main", "HEAD"]
    for ref in refs:
        if git(folder, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}"):
            # What the ref has got since is no deletion here.
            forked = git(folder, "merge-base", ref, "HEAD")
            return forked.decode().strip() if forked else ref
    return None


def main() -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=Path, default=SEEDS, help="folder of the rule seeds (default: seeds/rules)")
    parser.add_argument("--base", help="git ref whose rows in force must stay (default: origin/main, else HEAD)")
    parser.add_argument("--today", type=date.fromisoformat, help="the day that rows are in force on (default: today)")
    arguments = parser.parse_args()
    if not arguments.seeds.is_dir():
        print(f"error: {arguments.seeds}: 没有此文件夹 / no such folder", file=sys.stderr)
        return 1
    base = find_base(arguments.seeds, arguments.base)
    if arguments.base not in (None, "HEAD") and base is None:
        print(f"error: {arguments.base}: git 中没有此版本 / git knows no such ref", file=sys.stderr)
        return 1
    problems = check(arguments.seeds, base, arguments.today)
    for problem in problems:
        print(problem)
    if base is None:
        print("note: 不在 git 中，未检查已生效的行 / not in git, rows in force are not compared")
    errors = sum(not problem.is_note for problem in problems)
    print(f"{errors} 个问题 / {errors} problems" if errors else "规则表无误 / the rule seeds are right")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
