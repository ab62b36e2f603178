"""Find values that earn less than worse ones: a wrong sign, bands in the wrong order, a hole between bands.

`direction` of a metric says which way is good. All rules of a metric that judge a subject together make one line of
points over its values; towards the good end it may not fall.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal
from itertools import pairwise

from rules.across import DAY
from rules.guard import lines_to_come
from rules.limits import UNIT_RANGES
from rules.models import MetricDefinition, ScoringRule
from rules.tables import Line, Table


@dataclass(frozen=True)
class Point:
    """What a value earns, by which lines. Below an end of a band the value is the end, and not quite reached."""

    value: Decimal
    is_below: bool
    lines: tuple[Line, ...]

    @property
    def points(self) -> Decimal:
        """Return the sum over the lines."""
        return sum((earned(line.row, self.value) for line in self.lines), Decimal(0))

    @property
    def zh(self) -> str:
        """Return the value in words."""
        return f"{'略低于 ' if self.is_below else ''}{plain_number(self.value)}"

    @property
    def en(self) -> str:
        """Return the value in words."""
        return f"{'just below ' if self.is_below else ''}{plain_number(self.value)}"


def plain_number(number: Decimal) -> str:
    """Return a number without needless zeros."""
    return f"{number.normalize():f}"


def earned(rule: ScoringRule, value: Decimal) -> Decimal:
    """Return the points of a value within a rule's bounds, as macros/rules/earned_points.sql does."""
    if rule.rule_type == "band":
        return rule.points
    points = rule.points_per_unit * abs(value - rule.benchmark)
    points = points if rule.min_points is None else max(points, rule.min_points)
    return points if rule.max_points is None else min(points, rule.max_points)


def bends(rule: ScoringRule) -> Iterator[Decimal]:
    """Yield the values at which a rule begins, ends, turns or reaches a limit of its points."""
    for value in (rule.lower_bound, rule.upper_bound):
        if value is not None:
            yield value
    if rule.rule_type == "slope":
        yield rule.benchmark
        for limit in (rule.min_points, rule.max_points):
            if limit is not None and rule.points_per_unit:
                distance = abs(limit / rule.points_per_unit)
                yield from (rule.benchmark - distance, rule.benchmark + distance)


def line_of_points(lines: list[Line], metric: MetricDefinition) -> list[Point]:
    """Return what the values earn, from the lowest on. Between two points of the list the line is straight."""
    low, high = UNIT_RANGES[metric.unit]
    values = {value for line in lines for value in bends(line.row) if low <= value and (high is None or value <= high)}
    values |= {low, max(values, default=low) + 1 if high is None else high}
    ordered = sorted(values)
    pieces = [(first, last) for first, last in pairwise(ordered)] + [(ordered[-1], None)]
    found = []
    for first, last in pieces:
        if last is None and high is None:
            continue  # the end was made up, to see which way the last piece goes
        inside = [
            line for line in lines
            if (line.row.lower_bound is None or line.row.lower_bound <= first)
            and (line.row.upper_bound is None or line.row.upper_bound > first)
        ]
        if metric.is_count == "1":
            first = first.to_integral_value(ROUND_CEILING)
            last = None if last is None else last.to_integral_value(ROUND_CEILING) - 1
            if last is not None and last < first:
                continue  # no whole number lies in the piece
        found.append(Point(first, False, tuple(inside)))
        if last is not None and last > first:
            is_made_up = high is None and last == ordered[-1]
            found.append(Point(last, metric.is_count != "1" and not is_made_up, tuple(inside)))
    return found


def drops(points: list[Point]) -> Iterator[tuple[Point, Point, Line, bool]]:
    """Yield (worse, better, line to look at, whether a hole is to blame) where a better value earns less.

    The points go from the worst value to the best. A hole has no row, but rows of one sign on both sides; the line
    is that of the worse side.
    """
    for place, (worse, better) in enumerate(pairwise(points)):
        if better.points >= worse.points:
            continue
        after = next((point for point in points[place + 1:] if point.lines), None)
        before = next((point for point in reversed(points[:place + 1]) if point.lines), None)
        if not better.lines and after and 0 < worse.points <= after.points:
            yield worse, better, last_of(worse), True
        elif not worse.lines and before and before.points <= better.points < 0:
            yield worse, better, last_of(before), True
        else:
            yield worse, better, last_of(better) or last_of(worse), False


def last_of(point: Point) -> Line | None:
    """Return the last line of the file that gives the points."""
    return max(point.lines, key=lambda line: line.number, default=None)


def judged_together(lines: list[Line], today: date) -> Iterator[list[Line]]:
    """Yield the lines of one metric that judge one subject in one period, on each day to come on which they change."""
    tomorrow = today + DAY
    days = {tomorrow, *(line.row.valid_from for line in lines)}
    days |= {line.row.valid_to + DAY for line in lines if line.row.valid_to}
    # None stands for all that no line names.
    subjects = dict.fromkeys([None, *(line.row.subject_type for line in lines)])
    periods = dict.fromkeys([None, *(line.row.period_type for line in lines)])
    told = set()
    for day in sorted(day for day in days if day >= tomorrow):
        for subject in subjects:
            for period in periods:
                held = [
                    line for line in lines
                    if line.row.holds(day) and line.row.subject_type in (None, subject)
                    and line.row.period_type in (None, period)
                ]
                numbers = tuple(line.number for line in held)
                if held and numbers not in told:
                    told.add(numbers)
                    yield held


def doubt_directions(rules: Table, definitions: Table, today: date) -> None:
    """Note where more of the good earns less."""
    metrics = {line.row.metric: line.row for line in definitions.lines}
    groups: dict[tuple, list[Line]] = defaultdict(list)
    for line in lines_to_come(rules, today) if rules.is_whole else ():
        if line.row.metric in metrics:
            groups[line.row.rule_set, line.row.dimension, line.row.metric].append(line)
    told = set()
    for (*_, name), lines in groups.items():
        metric = metrics[name]
        is_higher = metric.direction == "higher_is_better"
        way_zh, way_en = ("越高越好", "higher is better") if is_higher else ("越低越好", "lower is better")
        for held in judged_together(lines, today):
            points = line_of_points(held, metric)
            for worse, better, line, is_hole in drops(points if is_higher else points[::-1]):
                if (line.number, worse.value, better.value) in told:
                    continue
                told.add((line.number, worse.value, better.value))
                zh = (f"{metric.label_zh}{way_zh}，而 {better.zh} 得 {plain_number(better.points)} 分，"
                      f"较差的 {worse.zh} 得 {plain_number(worse.points)} 分")
                en = (f"{name}: {way_en}, but {better.en} earns {plain_number(better.points)} points and the worse "
                      f"{worse.en} {plain_number(worse.points)}")
                if is_hole:
                    column = "upper_bound" if is_higher else "lower_bound"
                    rules.doubt(line.number, column,
                                f"{zh}：两档之间有空档，其中的数值不落入任何一行；如非有意应使两档相接",
                                f"{en}: between two rows there is a hole, whose values are in no row; unless that is "
                                "meant let the rows meet")
                else:
                    column = "points" if line.row.rule_type == "band" else "points_per_unit"
                    rules.doubt(line.number, column, f"{zh}；如非有意应检查正负号、界限与分值的次序",
                                f"{en}; unless that is meant look at sign, bounds and order of the points")
