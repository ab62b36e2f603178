"""Judge whole rule files, and what must fit across files."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import date, timedelta
from decimal import ROUND_CEILING

from rules.columns import UNIT_RANGES, kinds, most_of
from rules.messages import choose, shown
from rules.models import ImprovementTrigger, MetricDefinition, ScoringRule
from rules.rows import DatedRow, FieldProblems
from rules.tables import PROJECT_DIR, Line, Table

DIMENSION_COLUMNS = PROJECT_DIR / "macros" / "rules" / "dimension_columns.sql"
DAY = timedelta(days=1)
# The highest count reckoned with when a slope has no upper bound.
HIGHEST_COUNT = 1_000
# The most months of a period that counts whole months; blank stands for all periods.
MONTHS = {None: 12, "quarter": 3, "year": 12}


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
    dimensions = re.findall(r"'(\w+)'", DIMENSION_COLUMNS.read_text("utf-8"))
    scores = ["composite_score", *(f"{dimension}_score" for dimension in dimensions)]
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
    highest = UNIT_RANGES[metric.unit][1] or most_of(metric.unit) or HIGHEST_COUNT
    ends = (rule.lower_bound or 0, rule.upper_bound or highest)
    reach = abs(rule.points_per_unit) * max(abs(end - rule.benchmark) for end in ends)
    if reach > most_of("point"):
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
    """Note parameters without a value today or later."""
    for name in kinds("metric_parameters") if parameters.is_whole else ():
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
