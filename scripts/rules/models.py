"""One model for each file of seeds/rules/: what a row may hold, and which cells must fit each other."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from rules.cell_types import (
    ClosedPeriodType,
    Day,
    Dimension,
    Flag,
    Id,
    Label,
    Number,
    PeriodType,
    Points,
    SubjectType,
    Whole,
    Words,
    cell_type,
    clean,
    read_day,
    read_id,
    read_number,
)
from rules.limits import ID_LENGTH, LEAST_LAG, LEAST_STANDARD, MOST, OWN_CATEGORIES, UNIT_RANGES, WHOLE, WHOLE_UNITS
from rules.rows import DatedRow, FieldProblems, Row, ordered


class ScoringRule(DatedRow):
    """A base, a band or a slope."""

    KEY = ("rule_set", "rule_id")
    rule_set: Id
    rule_id: Id
    dimension: Dimension
    metric: Id | None
    subject_type: SubjectType | None
    period_type: PeriodType | None
    rule_type: cell_type(Literal["base", "band", "slope"], read_id)
    lower_bound: Number | None
    upper_bound: Number | None
    benchmark: Number | None
    points: Points | None
    points_per_unit: Points | None
    min_points: Points | None
    max_points: Points | None
    min_sample: Annotated[Number, Field(ge=0, multiple_of=1)] | None
    when_missing: cell_type(Literal["skip", "zero", "require"], read_id) | None
    label_zh: Label
    label_en: Label

    # rule type: (cells it needs, other cells it may have)
    USED: ClassVar = {
        "base": (("points",), ()),
        "band": (("metric", "points"), ("lower_bound", "upper_bound", "min_sample", "when_missing")),
        "slope": (
            ("metric", "points_per_unit", "benchmark"),
            ("lower_bound", "upper_bound", "min_points", "max_points", "min_sample", "when_missing"),
        ),
    }
    OPTIONAL: ClassVar = {name for needed, optional in USED.values() for name in (*needed, *optional)}

    def problems(self) -> FieldProblems:
        """Yield also cells that the rule type needs or does not use, and bounds out of order."""
        yield from super().problems()
        needed, optional = self.USED[self.rule_type]
        for name in sorted(self.OPTIONAL):
            value = getattr(self, name)
            if name in needed and value is None:
                yield (
                    name, f"为空；{self.rule_type} 规则必须填写",
                    f"the cell is empty; a {self.rule_type} rule needs it",
                )
            elif name not in (*needed, *optional) and value is not None:
                yield (
                    name, f"{self.rule_type} 规则不用此列；应留空",
                    f"a {self.rule_type} rule does not use it; leave it empty",
                )
        yield from ordered(self, "min_points", "max_points")
        if None not in (self.lower_bound, self.upper_bound) and self.upper_bound <= self.lower_bound:
            yield (
                "upper_bound", f"没有值能落入：上限 {self.upper_bound} 不大于下限 {self.lower_bound}；应大于下限",
                f"no value is in the band: {self.upper_bound} is not above the lower bound {self.lower_bound}; "
                "write a higher one",
            )

    def shares_scope(self, other: ScoringRule) -> bool:
        """Return whether both judge some subject in some period; blank meets any."""
        return all(
            None in (mine, theirs) or mine == theirs
            for mine, theirs in ((self.subject_type, other.subject_type), (self.period_type, other.period_type))
        )

    def overlaps(self, other: ScoringRule) -> bool:
        """Return whether one value of one subject and period can fall into both rows on a day; blank meets any."""
        return (
            (self.rule_set, self.dimension, self.metric, self.rule_type)
            == (other.rule_set, other.dimension, other.metric, other.rule_type)
            and self.meets(other)
            and self.shares_scope(other)
            and all(
                None in (low, high) or low < high
                for low, high in ((self.lower_bound, other.upper_bound), (other.lower_bound, self.upper_bound))
            )
        )


class DimensionWeight(DatedRow):
    """What a dimension counts in the composite."""

    KEY = ("rule_set", "dimension")
    rule_set: Id
    dimension: Dimension
    weight: Annotated[Number, Field(ge=0, le=1)]
    min_score: Points | None
    max_score: Points | None

    def problems(self) -> FieldProblems:
        """Yield also score limits out of order."""
        yield from super().problems()
        yield from ordered(self, "min_score", "max_score")


class RuleSetAssignment(DatedRow):
    """A hall's rule set; no hall stands for all others."""

    KEY = ("hall_id",)
    hall_id: Id | None
    rule_set: Id


class MetricParameter(DatedRow):
    """A number that a measure needs; publish_from is a day."""

    KEY = ("parameter",)
    parameter: Id
    value: Decimal | date
    unit: Id
    label_zh: Label
    label_en: Label

    UNITS: ClassVar = {
        "complaint_deadline_hours": "hour", "satisfied_rating": "star", "max_process_minutes": "minute",
        "clock_tolerance_minutes": "minute", "attribution_minimum_share": "share", "rating_case_days": "day",
        "case_mix_reference_minutes": "minute", "active_months_after_last_record": "month", "lookback_days": "day",
        "public_minimum_ratings": "rating", "publish_from": "date", "publication_lag": "day",
        "appeal_max_adjustment": "point", "appeal_decision_days": "working day", "audit_tolerance_minutes": "minute",
        "audit_minimum_match_rate": "share", "audit_interval_z": "standard deviation",
        "audit_cases_per_window": "case", "wait_target_minutes": "minute", "max_wait_minutes": "minute",
        "negative_rating": "star", "callback_deadline_hours": "hour", "peak_weeks": "week",
        "item_standard_percentile": "share", "item_standard_minimum_cases": "case",
        "wanted_rating_coverage": "share", "pain_point_minimum_texts": "text",
    }

    @field_validator("value", mode="before")
    @classmethod
    def value_of_its_kind(cls, cell: str | None, info: ValidationInfo) -> Decimal | date | None:
        """Return the value: a day for publish_from, a number for all others."""
        return read_day(cell) if info.data.get("parameter") == "publish_from" else read_number(cell)

    def problems(self) -> FieldProblems:
        """Yield also a value that its unit cannot have, and a unit that the models do not read."""
        yield from super().problems()
        unit = self.UNITS.get(self.parameter)
        if unit is None or unit == "date":
            return
        if self.unit != unit:
            yield (
                "unit", f"{self.parameter} 不以 {self.unit} 计；应为 {unit}",
                f"{self.parameter} is not read in {self.unit}; write {unit}",
            )
        low, high = UNIT_RANGES[unit]
        low, high = LEAST_LAG if self.parameter == "publication_lag" else low, MOST.get(unit, high)
        if not low <= self.value <= high:
            yield (
                "value", f"{self.value} 超出范围；应在 {low} 至 {high} 之间",
                f"{self.value} is out of range; write {low} to {high}",
            )
        if (unit in WHOLE_UNITS or self.parameter in WHOLE) and self.value % 1:
            yield "value", f"{self.value} 不是整数；应写整数", f"{self.value} is not whole; write a whole number"


class WorkingDay(Row):
    """An exception of the work calendar: a holiday, or a weekend day that is worked."""

    KEY = ("calendar_date",)
    calendar_date: Day
    is_working_day: Flag
    label_zh: Label
    decided_on: Day
    reason: Words
    source: Words


class ItemStandard(DatedRow):
    """Standard minutes of an item."""

    KEY = ("item_code",)
    item_code: Id
    item_name: Label
    standard_minutes: Annotated[Number, Field(ge=LEAST_STANDARD, le=MOST["minute"])]


class Exemption(DatedRow):
    """A subject that a rule does not judge for a time."""

    KEY = ("exemption_id",)
    exemption_id: Id
    hall_id: Id | None
    subject_type: SubjectType | None
    subject_id: Id | None
    rule_id: Id | None
    valid_to: Day
    approved_by: Label

    def problems(self) -> FieldProblems:
        """Yield also a subject of no type, and what would exempt everybody from everything."""
        yield from super().problems()
        if not (self.hall_id or self.rule_id):
            yield (
                "hall_id", "hall_id 与 rule_id 都为空，会豁免所有人的所有规则；应至少写一个",
                "hall_id and rule_id are both empty, which exempts everybody from everything; write one of them",
            )
        if self.subject_id and not self.subject_type:
            yield (
                "subject_type", "写了 subject_id 而此列为空；应写对象类型",
                "the cell is empty beside a subject_id; write the type of the subject",
            )


class ImprovementTrigger(DatedRow):
    """Values that, some periods in a row, call for an action."""

    KEY = ("trigger_id",)
    trigger_id: Id
    subject_type: SubjectType
    period_type: ClosedPeriodType
    metric: Id
    lower_bound: Number | None
    upper_bound: Number | None
    min_sample: Whole | None
    consecutive_periods: Annotated[Number, Field(ge=1, multiple_of=1)]
    action: Id
    label_zh: Label
    label_en: Label
    deadline_working_days: Whole

    # A later row of an id goes on with the runs of the one before, so these stay.
    LASTING: ClassVar = ("subject_type", "period_type", "metric")

    def problems(self) -> FieldProblems:
        """Yield also bounds that no value, or every value, lies in."""
        yield from super().problems()
        if self.lower_bound is None and self.upper_bound is None:
            yield (
                "upper_bound", "上下限都为空，任何值都会触发；应至少写一个",
                "both bounds are empty, every value fires it; write one of them",
            )
        elif None not in (self.lower_bound, self.upper_bound) and self.upper_bound <= self.lower_bound:
            yield (
                "upper_bound", f"没有值能落入：上限 {self.upper_bound} 不大于下限 {self.lower_bound}；应大于下限",
                f"no value is in the band: {self.upper_bound} is not above the lower bound {self.lower_bound}; "
                "write a higher one",
            )


class RewardTier(DatedRow):
    """What a subject needs for a reward."""

    KEY = ("tier_id",)
    tier_id: Id
    reward: Id
    tier: Annotated[Number, Field(ge=1, multiple_of=1)]
    subject_type: SubjectType
    period_type: ClosedPeriodType
    min_score: Points
    max_rank_share: Annotated[Number, Field(gt=0, le=1)] | None
    min_sample: Whole | None
    complaints: cell_type(Literal["any", "none_upheld", "none"], read_id)
    min_audit_match: Annotated[Number, Field(gt=0, le=1)] | None
    label_zh: Label
    label_en: Label


class PainPointKeyword(DatedRow):
    """A word that puts a comment or complaint into a category."""

    KEY = ("category", "keyword")
    category: Id
    keyword: cell_type(str, lambda cell: clean(cell, ID_LENGTH))
    label_zh: Label
    label_en: Label

    def problems(self) -> FieldProblems:
        """Yield also a category that the marts use for something else."""
        yield from super().problems()
        if self.category in OWN_CATEGORIES:
            yield (
                "category", f"{self.category} 另有含义；应换一个词",
                f"{self.category} means something else in the marts; write another word",
            )


NAMED_TABLES = ("service_log", "feedback", "complaints")
QUALITY_CHECK_TABLES = {  # as macros/rules/quality_check_tables.sql
    "days_since_last_row": (*NAMED_TABLES, "merit_records"),
    "rejected_share": (*NAMED_TABLES, "merit_records"),
    "no_window_share": NAMED_TABLES,
    "no_clerk_share": NAMED_TABLES,
    "days_without_log": ("service_log",),
    "repeated_id_share": ("service_log",),
}


class QualityLimit(DatedRow):
    """From which value on a check of a raw table warns."""

    KEY = ("check_id", "raw_table")
    check_id: cell_type(Literal[tuple(QUALITY_CHECK_TABLES)], read_id)
    raw_table: cell_type(Literal["service_log", "feedback", "complaints", "merit_records"], read_id)
    days: Annotated[Number, Field(ge=1, le=MOST["day"], multiple_of=1)]
    min_sample: Whole | None
    warn_from: Annotated[Number, Field(ge=0)] | None
    error_from: Annotated[Number, Field(ge=0)] | None
    ignore_from: Annotated[Number, Field(ge=0)] | None
    label_zh: Label
    label_en: Label

    def problems(self) -> FieldProblems:
        """Yield also limits out of order, and a table that the check cannot look at."""
        yield from super().problems()
        yield from ordered(self, "warn_from", "error_from")
        tables = QUALITY_CHECK_TABLES[self.check_id]
        if self.raw_table not in tables:
            wanted = ", ".join(tables)
            yield (
                "raw_table", f"{self.check_id} 不检查 {self.raw_table}；应为 {wanted}",
                f"{self.check_id} does not look at {self.raw_table}; use {wanted}",
            )


class Pilot(Row):
    """A hall that tries something from go-live on, what is compared, and how long it is not ranked."""

    KEY = ("pilot_id",)
    pilot_id: Id
    hall_id: Id
    label_zh: Label
    label_en: Label
    go_live: Day
    shadow_until: Day | None
    before_weeks: Annotated[Number, Field(ge=1, le=MOST["week"], multiple_of=1)]
    after_weeks: Annotated[Number, Field(ge=1, le=MOST["week"], multiple_of=1)]
    min_sample: Whole | None
    efficiency_claim: Annotated[Number, Field(gt=0, le=1)] | None
    satisfaction_claim: Annotated[Number, Field(gt=0, le=1)] | None
    decided_on: Day
    reason: Words
    source: Words

    def problems(self) -> FieldProblems:
        """Yield a shadow time that ends before it begins."""
        yield from ordered(self, "go_live", "shadow_until")


class MetricDefinition(Row):
    """A metric that rules can name."""

    KEY = ("metric",)
    metric: Id
    unit: cell_type(Literal[tuple(UNIT_RANGES)], read_id)
    direction: cell_type(Literal["higher_is_better", "lower_is_better"], read_id)
    is_measured: Flag
    is_count: Flag
    is_divided: Flag
    is_private: Flag
    is_of_items: Flag
    pilot_claim: cell_type(Literal["efficiency", "satisfaction"], read_id) | None
    label_zh: Label
    label_en: Label
    formula_zh: Label
    formula_en: Label
    data_source_zh: Label
    data_source_en: Label
    when_null_zh: Label
    when_null_en: Label
    improve_zh: Label
    improve_en: Label


class RatingLevel(Row):
    """A level that stands for stars."""

    KEY = ("level",)
    level: Id
    rating: Annotated[Number, Field(ge=1, le=5, multiple_of=1)]


MODELS: dict[str, type[Row]] = {
    "scoring_rules": ScoringRule,
    "dimension_weights": DimensionWeight,
    "rule_set_assignments": RuleSetAssignment,
    "metric_parameters": MetricParameter,
    "item_standards": ItemStandard,
    "exemptions": Exemption,
    "improvement_triggers": ImprovementTrigger,
    "reward_tiers": RewardTier,
    "pain_point_keywords": PainPointKeyword,
    "quality_limits": QualityLimit,
    "pilots": Pilot,
    "metric_definitions": MetricDefinition,
    "rating_levels": RatingLevel,
    "work_calendar": WorkingDay,
}
