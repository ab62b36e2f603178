"""What the rows of all rule files have in common: keys, dates, and the messages of pydantic in both languages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, ValidationError, create_model, model_validator
from pydantic_core import PydanticCustomError

from rules.columns import COLUMNS, Column, fields, key

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
    LINES: ClassVar[tuple[Column, ...]] = ()  # the columns that are compared with another one

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
        for line in self.LINES:
            value, low = getattr(self, line.name), getattr(self, line.not_below or line.above)
            if None in (value, low):
                continue
            if value < low and line.not_below:
                yield (
                    line.name, f"{line.name} {value} 小于 {line.not_below} {low}；应不小于它",
                    f"{line.name} {value} is below {line.not_below} {low}; it must be at least that",
                )
            elif value <= low and line.above:
                yield (
                    line.name, f"没有值能落入：{value} 不大于 {line.above} {low}；应大于它",
                    f"no value is in the band: {value} is not above {line.above} {low}; write a higher one",
                )

    @property
    def key(self) -> tuple:
        """What the row is about."""
        return tuple(getattr(self, name) for name in self.KEY)


class DatedRow(Row):
    """A decision: in force from a day on, decided by someone on a day."""

    valid_from: date
    valid_to: date | None
    decided_on: date
    reason: str
    source: str

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


def of_file(seed: str) -> Callable[[type[Row]], type[Row]]:
    """Return a decorator that gives a model the columns of its file."""

    def make(model: type[Row]) -> type[Row]:
        made = create_model(model.__name__, __base__=model, __doc__=model.__doc__, **fields(seed))
        made.KEY = key(seed)
        made.LINES = tuple({
            line.name: line for lines in COLUMNS[seed].values() for line in lines.values()
            if line.not_below or line.above
        }.values())
        return made

    return make


def cell_problems(error: ValidationError) -> FieldProblems:
    """Yield (column, zh, en) of pydantic's errors."""
    for found in error.errors(include_url=False):
        context = found["ctx"]
        if found["type"] == "row":
            yield from context["problems"]
        else:
            yield str(found["loc"][0]), context["zh"], context["en"]
