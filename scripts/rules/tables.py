"""A rule file as it was read: its rows with their lines, and the problems found at a line and column."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from plain_text import plain
from rules.messages import choose, shown
from rules.rows import FieldProblems, Row, cell_problems, explains

PROJECT_DIR = Path(__file__).resolve().parents[2]
SEEDS = PROJECT_DIR / "seeds" / "rules"
BOM = b"\xef\xbb\xbf"


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
