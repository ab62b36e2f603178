"""What each column of a rule file may hold: seeds/reference/rule_columns.csv, as fields of a pydantic model.

The build judges by the same file (models/staging/rules/stg_rule_problems.sql).
"""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, ValidationInfo

from rules.cell_types import read_day, read_id, read_label, read_number, read_text, read_word
from rules.messages import choose, refuse, shown

REFERENCE = Path(__file__).resolve().parents[2] / "seeds" / "reference"
# Each reads a cell that is not empty; `kind` is an id that tells the kind of its row.
READERS = {
    "id": read_id, "kind": read_id, "label": read_label, "text": read_text, "word": read_word, "number": read_number,
    "date": read_day,
}


def read_reference(name: str) -> list[dict[str, str]]:
    """Return the rows of a file of seeds/reference."""
    with (REFERENCE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def number(cell: str) -> Decimal | None:
    """Return a number of a reference file, None for a blank."""
    return Decimal(cell) if cell else None


@dataclass(frozen=True)
class Column:
    """A line of rule_columns.csv; kind is "" when it is for all rows of the file."""

    seed: str
    name: str
    kind: str
    data_type: str
    key_order: str
    is_required: bool
    codes: tuple[str, ...]
    unit: str
    least: Decimal | None
    is_above_least: bool
    most: Decimal | None
    is_whole: bool
    not_below: str
    above: str

    def range_problem(self, value: Decimal) -> tuple[str, str] | None:
        """Return (zh, en) of what is wrong with a number, or None."""
        low, high = self.least, self.most
        too_low = low is not None and (value <= low if self.is_above_least else value < low)
        if too_low or (high is not None and value > high):
            ends = []
            if low is not None:
                zh, en = (f"大于 {low}", f"above {low}") if self.is_above_least else (f"不小于 {low}", f"{low} or more")
                ends.append((zh, en))
            if high is not None:
                ends.append((f"不大于 {high}", f"{high} or less"))
            return (f"超出范围；应{'、'.join(zh for zh, _ in ends)}",
                    f"is out of range; write {', '.join(en for _, en in ends)}")
        if self.is_whole and value % 1:
            return "不是整数；应写整数", "is not whole; write a whole number"
        return None


def read_columns() -> dict[str, dict[str, dict[str, Column]]]:
    """Return the lines of rule_columns.csv by file, column and kind."""
    lists = {name: tuple(next(iter(row.values())) for row in read_reference(name)) for name in ("dimensions", "units")}
    found: dict = defaultdict(lambda: defaultdict(dict))
    for row in read_reference("rule_columns"):
        codes = tuple(row["codes"].split("|")) if row["codes"] else lists.get(row["known_in"], ())
        found[row["seed"]][row["column_name"]][row["kind"]] = Column(
            row["seed"], row["column_name"], row["kind"], row["data_type"], row["key_order"], row["is_required"] == "1",
            codes, row["unit"], number(row["least"]), row["is_above_least"] == "1", number(row["most"]),
            row["is_whole"] == "1", row["not_below"], row["above"],
        )
    return found


COLUMNS = read_columns()
# The least and the greatest value (None: no end) of each unit.
UNIT_RANGES = {
    row["unit"]: (Decimal(row["least_value"]), number(row["greatest_value"])) for row in read_reference("units")
}


def kinds(seed: str) -> list[str]:
    """Return the kinds of rows of a file, in its order: none when all are alike."""
    return list(dict.fromkeys(kind for lines in COLUMNS[seed].values() for kind in lines if kind))


def key(seed: str) -> tuple[str, ...]:
    """Return the columns that name what a row is about; valid_from only tells the rows of one key apart."""
    placed = {lines[next(iter(lines))].key_order: name for name, lines in COLUMNS[seed].items()}
    return tuple(placed[place] for place in sorted(placed) if place and placed[place] != "valid_from")


def most_of(unit: str) -> Decimal | None:
    """Return the most that any column takes in a unit, None when there is no end."""
    found = [line.most for lines in COLUMNS.values() for kinds in lines.values() for line in kinds.values()
             if line.unit == unit and line.most is not None]
    return max(found, default=None)


def read_cell(lines: dict[str, Column], kind_column: str | None, cell: str | None, info: ValidationInfo) -> object:
    """Return the value of a cell; raise with what is wrong and what would be right."""
    kind = info.data.get(kind_column) if kind_column else None
    line = lines.get("") or lines.get(kind)
    if line is None:  # of a kind that is not known, its own column says so
        if kind and cell is not None:
            raise refuse(f"{kind} 的行不用此列；应留空", f"a {kind} row does not use it; leave it empty")
        return None
    if cell is None:
        if line.is_required:
            who = (f"{kind} 的行必须填写", f"a {kind} row needs it") if line.kind else ("必须填写", "a value is needed")
            raise refuse(f"为空；{who[0]}", f"the cell is empty; {who[1]}")
        return None
    value = READERS[line.data_type](cell)
    codes = kinds(line.seed) if line.data_type == "kind" else line.codes
    if codes and value not in codes:
        zh, en = choose(cell, codes)
        raise refuse(f"{shown(cell)} 不认识；{zh}", f"{shown(cell)} is not known; {en}")
    if isinstance(value, Decimal) and (problem := line.range_problem(value)):
        raise refuse(f"{shown(cell)} {problem[0]}", f"{shown(cell)} {problem[1]}")
    return value


def fields(seed: str) -> dict[str, tuple[object, ...]]:
    """Return the fields of a file's model for pydantic.create_model; the kind comes first, since others go by it."""
    names = COLUMNS[seed]
    kind_column = next((name for name, lines in names.items() if "" in lines and lines[""].data_type == "kind"), None)
    ordered = sorted(names, key=lambda name: name != kind_column)
    kept = str | Decimal | date | None
    return {
        name: (Annotated[kept, BeforeValidator(partial(read_cell, names[name], kind_column))], ...) for name in ordered
    }
