"""Find rows that are well written and would hurt somebody, or that nobody can have meant.

Only the days after today are looked at. What has begun is not edited, so a problem of its past could not be mended.
"""

from __future__ import annotations

from datetime import date
from itertools import pairwise

from rules.across import DAY, first_gap
from rules.models import ScoringRule
from rules.rows import DatedRow
from rules.tables import Line, Table, by_key


def lines_to_come(table: Table, today: date) -> list[Line]:
    """Return the lines that are in force on some day after today."""
    return [line for line in table.lines if line.row.last > today]


def check_measured(weights: Table, rules: Table, today: date) -> None:
    """Note weighted dimensions that no rule measures on some day: then nobody has a score."""
    for line in lines_to_come(weights, today) if rules.is_whole else ():
        row = line.row
        if not row.weight:
            continue
        measuring = [
            other.row for other in rules.lines
            if (other.row.rule_set, other.row.dimension) == (row.rule_set, row.dimension)
            and other.row.rule_type != "base"
        ]
        if day := first_gap(measuring, max(row.valid_from, today + DAY), row.last):
            weights.add(
                line.number, "weight",
                f"{row.rule_set} 的 {row.dimension} 自 {day} 起没有 band 或 slope 规则，无法测量，综合分会为空；"
                "应在 scoring_rules.csv 补一条，或将权重改为 0",
                f"{row.dimension} of {row.rule_set} has no band or slope from {day} on: nothing measures it, and no "
                "composite score comes about; add a rule to scoring_rules.csv, or write the weight 0",
            )


def check_score_limits(weights: Table, rules: Table, today: date) -> None:
    """Note limits of a score that its base does not lie in: everybody would start at the limit."""
    bases = [line.row for line in lines_to_come(rules, today) if line.row.rule_type == "base"]
    for line in lines_to_come(weights, today):
        row = line.row
        for base in bases:
            if (base.rule_set, base.dimension) != (row.rule_set, row.dimension) or not base.meets(row):
                continue
            if row.max_score is not None and row.max_score < base.points:
                weights.add(line.number, "max_score",
                            f"低于基础分 {base.rule_id} 的 {base.points} 分，所有人起步即被压到 {row.max_score}；"
                            "应不低于基础分",
                            f"below the {base.points} points of the base {base.rule_id}, everybody starts cut to "
                            f"{row.max_score}; write at least the base")
            if row.min_score is not None and row.min_score > base.points:
                weights.add(line.number, "min_score",
                            f"高于基础分 {base.rule_id} 的 {base.points} 分，所有人起步即被抬到 {row.min_score}；"
                            "应不高于基础分",
                            f"above the {base.points} points of the base {base.rule_id}, everybody starts lifted to "
                            f"{row.min_score}; write at most the base")


def check_benchmarks(rules: Table, today: date) -> None:
    """Note slopes whose benchmark is no value of theirs: the first value of the slope would jump."""
    for line in lines_to_come(rules, today):
        row = line.row
        if row.rule_type != "slope":
            continue
        low, high = row.lower_bound, row.upper_bound
        if (low is not None and row.benchmark < low) or (high is not None and row.benchmark > high):
            ends = f"{'…' if low is None else low} – {'…' if high is None else high}"
            rules.add(line.number, "benchmark",
                      f"基准 {row.benchmark} 不在此行的取值 {ends} 内，到界限处得分会跳变；"
                      "应写界限之内的基准，多为界限本身",
                      f"the benchmark {row.benchmark} lies outside the values of the row, {ends}, so the points jump "
                      "at the bound; write one within the bounds, mostly the bound itself")


def check_pauses(table: Table, today: date) -> None:
    """Note days between a row and the one that follows it.

    A scoring rule that pauses takes points from everybody who earned them. Other rows may pause: then the general
    rule set holds, or nothing is asked.
    """
    for lines in by_key(table).values():
        dated = sorted((line for line in lines if isinstance(line.row, DatedRow)), key=lambda line: line.row.valid_from)
        for before, line in pairwise(dated):
            if line.row.valid_from - before.row.last <= DAY or line.row.valid_from - DAY <= today:
                continue
            first, last = before.row.last + DAY, line.row.valid_from - DAY
            name = "/".join(str(part) for part in line.row.key if part is not None) or "*"
            start = max(first, today + DAY)
            zh = f"{name} 在 {first} 至 {last} 没有生效的行（第 {before.number} 行止于 {before.row.last}）"
            en = f"no row of {name} is in force from {first} to {last} (line {before.number} ends on {before.row.last})"
            close_zh = "" if first < start else f"，或将第 {before.number} 行的 valid_to 改为 {last}"
            close_en = "" if first < start else f", or {last} as valid_to of line {before.number}"
            if isinstance(line.row, ScoringRule):
                table.add(line.number, "valid_from",
                          f"{zh}；应将此行的 valid_from 改为 {start}{close_zh}；有意暂停的，后一行另用一个 rule_id",
                          f"{en}; write {start} as valid_from here{close_en}; if the pause is meant, give the later "
                          "row another rule_id")
            else:
                table.doubt(line.number, "valid_from",
                            f"{zh}；如非有意，应将此行的 valid_from 改为 {start}{close_zh}",
                            f"{en}; unless that is meant, write {start} as valid_from here{close_en}")


def check_exempted(exemptions: Table, rules: Table, today: date) -> None:
    """Note exemptions from a base, which takes its points, and those that no period of a whole year escapes."""
    bases = {line.row.rule_id: line.row.points for line in rules.lines if line.row.rule_type == "base"}
    for line in lines_to_come(exemptions, today):
        row = line.row
        if row.rule_id in bases:
            exemptions.add(line.number, "rule_id",
                           f"{row.rule_id} 是基础分，豁免它会失去 {bases[row.rule_id]} 分；"
                           "应写所豁免的加减分规则；全部豁免则留空",
                           f"{row.rule_id} is a base, without it {bases[row.rule_id]} points are lost; write the rule "
                           "that shall not judge, or leave it empty for all rules")
        first, last = row.valid_from.year + (row.valid_from > row.valid_from.replace(month=1, day=1)), row.last.year
        last -= row.last < row.last.replace(month=12, day=31)
        if first <= last:
            years = str(first) if first == last else f"{first}–{last}"
            exemptions.doubt(line.number, "valid_to",
                             f"豁免整年 {years}，此间任何周期都不评；如非有意应提前终止，届时需要再另写一行",
                             f"exempt for all of {years}, no period of that time is judged; unless that is meant write "
                             "an earlier day, and a new row if it should go on then")


def doubt_samples(rules: Table, tiers: Table, today: date) -> None:
    """Note rules that ask for a larger sample than a reward does: they cannot judge all who are rewarded.

    A reward asks for cases, and no metric has more samples than there are cases.
    """
    for line in lines_to_come(rules, today):
        rule = line.row
        tighter = [
            tier for tier in (other.row for other in lines_to_come(tiers, today))
            if None not in (rule.min_sample, tier.min_sample) and rule.min_sample > tier.min_sample
            and rule.meets(tier) and rule.subject_type in (None, tier.subject_type)
            and rule.period_type in (None, tier.period_type)
        ]
        if tighter:
            tier = min(tighter, key=lambda tier: tier.min_sample)
            rules.doubt(line.number, "min_sample",
                        f"{rule.min_sample} 大于奖励 {tier.tier_id} 要求的办件量 {tier.min_sample}，"
                        f"得奖的人可能未经此规则评过；如非有意应不大于 {tier.min_sample}",
                        f"{rule.min_sample} is more than the {tier.min_sample} cases that reward {tier.tier_id} asks "
                        f"for, whom this rule may not have judged; unless that is meant write at most "
                        f"{tier.min_sample}")
