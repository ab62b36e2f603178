"""What a row of each rule seed may hold, and what is said in both languages about a cell that may not stand.

One pydantic model per file of seeds/rules/; scripts/check_rules.py reads the files.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from plain_text import plain

# What the database keeps: ids and labels are cut there, a text column holds 65,535 bytes.
ID_LENGTH, LABEL_LENGTH, TEXT_LENGTH = 64, 255, 16_000
REFERENCE = Path(__file__).resolve().parent.parent / "seeds" / "reference"
# A century: beyond it dates leave the calendar of the server. For minutes a day: no case takes longer, and
# observed by expected time of a long year still fits decimal(20, 10), as it does from a tenth of a minute on.
MOST = {
    "minute": 1_440, "hour": 876_600, "day": 36_525, "week": 5_218, "month": 1_200, "rating": 1_000_000,
    "case": 1_000_000, "text": 1_000_000, "working day": 1_000, "point": 99_999, "standard deviation": 10,
}
WHOLE_UNITS = ("day", "week", "month", "rating", "case", "text", "working day")
# A complaint of a period's last day is due only on the day after it.
LEAST_LAG = 2
LEAST_STANDARD = Decimal("0.1")
# Parameters judged in whole units: waits are counted by whole minutes.
WHOLE = {"wait_target_minutes"}
# Of texts, those of no category and all of them.
OWN_CATEGORIES = ("unclassified", "all")
# A score is decimal(12, 6): six digits before the point, and a sum of some ten of these.
MOST_POINTS = 99_999


def read_reference(name: str) -> list[dict[str, str]]:
    """Return the rows of a file of seeds/reference."""
    with (REFERENCE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# The least and the greatest value (None: no end) of each unit.
UNIT_RANGES = {
    row["unit"]: (Decimal(row["least_value"]), Decimal(row["greatest_value"]) if row["greatest_value"] else None)
    for row in read_reference("units")
}
DIMENSIONS = tuple(row["dimension"] for row in read_reference("dimensions"))
# Columns that explain a row and judge nothing, besides its labels and texts in either language.
EXPLAINING = {"approved_by", "decided_on", "item_name", "reason", "source", "unit"}
# What a Chinese keyboard gives where a number or a date has a sign.
KEYBOARD = str.maketrans({"。": ".", "—": "-", "–": "-", "−": "-", "、": ","})


def shown(text: object) -> str:
    """Return a cell as it may stand in a message: quoted, short, with unseen characters spelled out."""
    cell = str(text)
    cell = cell if len(cell) <= 40 else cell[:40] + "…"
    return f'"{plain(cell)}"'


def choose(word: str, known: Iterable[str]) -> tuple[str, str]:
    """Return (zh, en): the words that may be used, the nearest one named."""
    known = sorted(known)
    near = get_close_matches(word.lower(), known, n=1, cutoff=0.4)
    zh, en = f"可用：{'、'.join(known)}", f"known: {', '.join(known)}"
    return (f"应为 {near[0]}？{zh}", f"did you mean {near[0]}? {en}") if near else (f"应为其中之一。{zh}",
                                                                                    f"use one, {en}")


def explains(column: str) -> bool:
    """Return whether a column only explains its row."""
    return column in EXPLAINING or column.endswith(("_zh", "_en"))


# Cells


def refuse(zh: str, en: str) -> PydanticCustomError:
    """Return the error of a cell, with its message in both languages."""
    return PydanticCustomError("cell", "{en}", {"zh": zh, "en": en})


def half_width(text: str) -> str:
    """Return text with the full-width digits, letters and signs of a Chinese keyboard made plain."""
    return "".join(unicodedata.normalize("NFKC", c) if "\uff01" <= c <= "\uff5e" or c == "\u3000" else c for c in text)


def clean(cell: str | None, length: int, breaks: str = "") -> str | None:
    """Return a cell as it is; raise for what is not seen on a screen or is cut or lost in the database."""
    if cell is None:
        return None
    for c in cell:
        if c not in breaks and (c == "\xa0" or unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")):
            code = f"U+{ord(c):04X} {unicodedata.name(c, 'control character')}"
            raise refuse(f"{shown(cell)} 含有看不见的字符 {code}；应删去，或改为普通空格",
                         f"{shown(cell)} holds the unseen character {code}; delete it, or write a plain space")
    if cell != cell.strip():
        raise refuse(f"{shown(cell)} 首尾有空格；应删去", f"{shown(cell)} has blanks around it; delete them")
    if cell.lower() == "null":
        raise refuse(f"{shown(cell)} 会被读成空；应留空或换一个词",
                     f"{shown(cell)} is read as an empty cell; leave it empty or use another word")
    if len(cell) > length:
        raise refuse(f"{shown(cell)} 有 {len(cell)} 个字符；应不超过 {length} 个，否则会被截断",
                     f"{shown(cell)} has {len(cell)} characters; write at most {length}, the rest would be cut")
    return cell


def read_id(cell: str | None) -> str | None:
    """Return a code or id; raise when it is typed in full-width characters."""
    if cell and half_width(cell) != cell:
        raise refuse(f"{shown(cell)} 含有全角字符；应写 {half_width(cell).strip()}",
                     f"{shown(cell)} holds full-width characters; write {half_width(cell).strip()}")
    return clean(cell, ID_LENGTH)


def plain_number(text: str) -> str | None:
    """Return the number that was meant by another notation (９０, 90%, 1,000, 1e3, .5), or None."""
    text = half_width(text).translate(KEYBOARD).replace("\xa0", "").strip()
    share = text.endswith("%")
    text = text.removesuffix("%").rstrip()
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", text):
        text = text.replace(",", "")
    if not re.fullmatch(r"[+-]?(\d{1,30}\.?\d{0,30}|\.\d{1,30})([eE][+-]?\d{1,2})?", text, re.ASCII):
        return None
    number = format(Decimal(text).scaleb(-2 if share else 0), "f")
    return number.rstrip("0").rstrip(".") if "e" in text.lower() and "." in number else number


def read_number(cell: str | None) -> Decimal | None:
    """Return a number that the database keeps whole; raise with the form that was meant."""
    if cell is None:
        return None
    if re.fullmatch(r"[+-]?\d{1,9}(\.\d{1,10})?", cell, re.ASCII):
        return Decimal(cell)
    meant = plain_number(cell)
    if meant is None:
        clean(cell, ID_LENGTH)
        raise refuse(f"{shown(cell)} 不是数字；应写成 12 或 0.90 这样",
                     f"{shown(cell)} is not a number; write digits such as 12 or 0.90")
    if not re.fullmatch(r"[+-]?\d{1,9}(\.\d{1,10})?", meant):
        raise refuse(f"{shown(cell)} 位数过多；应最多 9 位整数、10 位小数",
                     f"{shown(cell)} has too many digits; write at most 9 before and 10 after the point")
    zh, en = "不是本文件的数字写法", "is not how numbers are written here"
    if half_width(cell) != cell or cell.translate(KEYBOARD) != cell:
        zh, en = "含有全角字符", "holds full-width characters"
    elif "%" in cell:
        zh, en = "带有百分号，比例用小数", "has a percent sign, shares are fractions"
    raise refuse(f"{shown(cell)} {zh}；应写 {meant}", f"{shown(cell)} {en}; write {meant}")


def read_day(cell: str | None) -> date | None:
    """Return a date written as 2026-03-31; raise with the form that was meant."""
    if cell is None:
        return None
    plain = half_width(cell).translate(KEYBOARD).replace("\xa0", "").strip()
    parts = re.fullmatch(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?([ T][\d:.]+)?", plain, re.ASCII)
    if parts is None:
        raise refuse(f"{shown(cell)} 不是日期；应写成 2026-03-31 这样",
                     f"{shown(cell)} is not a date; write it as 2026-03-31")
    try:
        day = date(*map(int, parts.groups()[:3]))
    except ValueError:
        raise refuse(f"{shown(cell)} 没有这一天；应写存在的日期",
                     f"{shown(cell)} is no day of the calendar; write one that exists") from None
    if day.isoformat() != cell:
        raise refuse(f"{shown(cell)} 日期写法不对；应写 {day}",
                     f"{shown(cell)} is not how dates are written here; write {day}")
    if not 1900 <= day.year <= 2099:
        raise refuse(f"{shown(cell)} 不在 1900 至 2099 年内；没有终止日应留空",
                     f"{shown(cell)} is not in 1900 to 2099; leave valid_to empty for no end")
    return day


def cell_type(base: object, reader) -> object:
    """Return a field's type: the cell goes through the reader, then pydantic checks the type."""
    return Annotated[base, BeforeValidator(reader)]


Id = cell_type(str, read_id)
Label = cell_type(str, lambda cell: clean(cell, LABEL_LENGTH))
Words = cell_type(str, lambda cell: clean(cell, TEXT_LENGTH, breaks="\n"))
Number = cell_type(Decimal, read_number)
Day = cell_type(date, read_day)
Points = Annotated[Number, Field(ge=-MOST_POINTS, le=MOST_POINTS)]
Flag = cell_type(Literal["0", "1"], read_id)
Dimension = cell_type(Literal[DIMENSIONS], read_id)
SubjectType = cell_type(Literal["hall", "department", "window", "clerk"], read_id)
PeriodType = cell_type(Literal["rolling_7d", "week", "month", "quarter", "year"], read_id)


# Rows

FieldProblems = Iterator[tuple[str, str, str]]


class Row(BaseModel):
    """A row of a seed; an empty cell is None."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)
    KEY: ClassVar[tuple[str, ...]]

    @model_validator(mode="before")
    @classmethod
    def empty_is_none(cls, cells: dict) -> dict:
        """Return the cells with None for empty ones, as dbt loads them."""
        return {name: cell or None for name, cell in cells.items()}

    @model_validator(mode="after")
    def fields_fit(self) -> Row:
        """Raise with all problems between the row's own cells."""
        if found := list(self.problems()):
            raise PydanticCustomError("row", "row", {"problems": found})
        return self

    def problems(self) -> FieldProblems:
        """Yield (column, zh, en) of cells that do not fit each other."""
        yield from ()

    @property
    def key(self) -> tuple:
        """What the row is about."""
        return tuple(getattr(self, name) for name in self.KEY)


def ordered(row: Row, low: str, high: str) -> FieldProblems:
    """Yield a problem when the higher of two cells is below the lower one."""
    lowest, highest = getattr(row, low), getattr(row, high)
    if lowest is not None and highest is not None and highest < lowest:
        yield (
            high, f"{high} {highest} 小于 {low} {lowest}；应不小于它",
            f"{high} {highest} is below {low} {lowest}; it must be at least that",
        )


class DatedRow(Row):
    """A decision: in force from a day on, decided by someone on a day."""

    valid_from: Day
    valid_to: Day | None
    decided_on: Day
    reason: Words
    source: Words

    @property
    def last(self) -> date:
        """The last day in force."""
        return self.valid_to or date.max

    def holds(self, day: date) -> bool:
        """Return whether the row is in force on a day."""
        return self.valid_from <= day <= self.last

    def meets(self, other: DatedRow) -> bool:
        """Return whether both are in force on some day."""
        return self.valid_from <= other.last and other.valid_from <= self.last

    def problems(self) -> FieldProblems:
        """Yield dates out of order."""
        yield from ordered(self, "valid_from", "valid_to")


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


ClosedPeriodType = cell_type(Literal["week", "month", "quarter", "year"], read_id)
Whole = Annotated[Number, Field(ge=0, multiple_of=1)]


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


def cell_problems(error: ValidationError) -> FieldProblems:
    """Yield (column, zh, en) of pydantic's errors."""
    limits = {
        "greater_than_equal": ("不小于 {ge}", "{ge} or more"),
        "greater_than": ("大于 {gt}", "above {gt}"),
        "less_than_equal": ("不大于 {le}", "{le} or less"),
        "multiple_of": ("整数", "a whole number"),
    }
    for found in error.errors(include_url=False):
        context = found.get("ctx", {})
        column, value = str(found["loc"][0]) if found["loc"] else "row", found["input"]
        if found["type"] == "row":
            yield from context["problems"]
        elif found["type"] == "cell":
            yield column, context["zh"], context["en"]
        elif value is None:
            yield column, "为空；必须填写", "the cell is empty; a value is needed"
        elif found["type"] == "literal_error":
            zh, en = choose(value, re.findall(r"'([^']*)'", context["expected"]))
            yield column, f"{shown(value)} 不认识；{zh}", f"{shown(value)} is not known; {en}"
        else:
            context = {name: re.sub(r"Decimal\('(.*)'\)", r"\1", str(limit)) for name, limit in context.items()}
            zh, en = (text.format(**context) for text in limits[found["type"]])
            yield column, f"{shown(value)} 超出范围；应为{zh}", f"{shown(value)} is out of range; write {en}"
