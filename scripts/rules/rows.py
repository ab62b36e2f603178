"""What the rows of all rule files have in common: keys, dates, and the messages of pydantic in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from rules.cell_types import Day, Words
from rules.messages import choose, shown

# Columns that explain a row and judge nothing, besides its labels and texts in either language.
EXPLAINING = {"approved_by", "decided_on", "item_name", "reason", "source", "unit"}

FieldProblems = Iterator[tuple[str, str, str]]


def explains(column: str) -> bool:
    """Return whether a column only explains its row."""
    return column in EXPLAINING or column.endswith(("_zh", "_en"))


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
