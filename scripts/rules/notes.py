"""What a reviewer should know of a rule file and need not mend."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import date
from decimal import Decimal
from itertools import pairwise

from rules.messages import shown
from rules.models import Pilot
from rules.rows import DatedRow
from rules.tables import Line, Table, by_key, differing


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
