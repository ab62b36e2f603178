"""Rows of one table in one file: find the header, read the cells, name what is wrong, write what is right."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path

from loading.cells import NULL, Cells, Special, Unnamed, said, text_of
from loading.contract import Column, plain, shown, words_of
from loading.texts import Plain, Unreadable

HEADER_ROWS = 30  # looked through for the header
PART_ROWS, FIRST_PART_ROWS = 50_000, 10_000  # the server has something to do soon
SHOWN_LINES = 3
SHOWN_PROBLEMS = 20

Chunks = Iterator[tuple[list[int], list[list], list[tuple]]]


@dataclass
class Source:
    """What may hold a table: a file of text, or a sheet (its name). In sheets rows are as wide as their cells go."""

    tables: list[str]
    chunks: Callable[[], Chunks]
    sheet: str = ""
    date1904: bool | None = None
    delimiter: str = ""


@dataclass
class Header:
    """The header of a table: its row, line, and the column that each cell names; None is a column left aside."""

    table: str
    index: int
    line: int
    cells: list[str]
    columns: list[Column | None]
    problems: list[tuple[int, str, str]]
    missing: list[Column]


@dataclass
class Problem:
    """What is wrong with some rows, in one column and for one reason."""

    column: str
    zh: str
    en: str
    example: str
    count: int = 0
    lines: list[int] = field(default_factory=list)

    def told(self) -> tuple[int, str, str]:
        """Return (first line, column, text)."""
        zh, en = f"{self.example} {self.zh}".strip(), f"{self.example} {self.en}".strip()
        if self.count > 1:
            some = len(self.lines) < self.count
            zh += f"；共 {self.count} 行：第 {'、'.join(map(str, self.lines))}{' …' if some else ''} 行"
            en += f"; {self.count} rows: lines {', '.join(map(str, self.lines))}{' …' if some else ''}"
        return self.lines[0], self.column, f"{zh} / {en}"


def match_header(table: str, columns: list[Column], cells: list, index: int, line: int) -> Header:
    """Return what a row is as a header of a table."""
    aside = words_of(table, columns[0]).aside
    known = {plain(name): column for column in columns for name in (*column.aliases, column.name)}
    texts = [text_of(cell).strip() for cell in cells]
    matched: list[Column | None] = []
    problems = []
    for text in texts:
        column = known.get(plain(text))
        if column in matched and column is not None:
            problems.append((line, shown(text), f"{column.name} 有两列，请只留一列 / a second column for {column.name};"
                                                " keep one"))
            column = None
        elif column is None and text and plain(text) not in aside:
            names = ", ".join(column.name for column in columns)
            problems.append((line, shown(text), f"不认识的列，{table} 的列有 {names}；请改名或删去"
                                                f" / unknown column; {table} has {names}; rename or remove it"))
        matched.append(column)
    missing = [column for column in columns if column.is_required and column not in matched]
    for column in missing:
        names = ", ".join((column.name, *column.aliases))
        problems.append((line, column.name, f"缺这一列，表头可写：{names} / the column is missing; name it one of:"
                                            f" {names}"))
    return Header(table, index, line, texts, matched, problems, missing)


def find_header(rows: list[tuple[int, list]], tables: list[str], contract: dict[str, list[Column]]) -> Header | None:
    """Return the row that names most columns of a table, or None; a table with all it needs goes before the others."""
    best, best_rank = None, None
    for place, table in enumerate(tables):
        for index, (line, cells) in enumerate(rows[:HEADER_ROWS]):
            header = match_header(table, contract[table], cells, index, line)
            count = sum(column is not None for column in header.columns)
            rank = (not header.missing, count, -place, -index)
            if count and (best is None or rank > best_rank):
                best, best_rank = header, rank
    return best


def first_rows(source: Source) -> list[tuple[int, list]]:
    """Return the first rows of a source that hold anything, with their lines."""
    found: list[tuple[int, list]] = []
    for numbers, rows, _ in source.chunks():
        found += [(number, row) for number, row in zip(numbers, rows, strict=True)
                  if any(text_of(cell).strip() for cell in row)]
        if len(found) >= HEADER_ROWS:
            break
    return found[:HEADER_ROWS]


def without_header(source: Source, header: Header | None, contract: dict[str, list[Column]], is_empty: bool
                   ) -> Unreadable:
    """Return what to say of a source in which no header was found."""
    if is_empty:
        return Unreadable("没有内容，应有一行表头 / there is nothing in it; it needs a header line")
    table = header.table if header else source.tables[0]
    needed = ", ".join(" 或 ".join((column.name, *column.aliases[:1])) for column in contract[table]
                       if column.is_required)
    return Unreadable(
        f"前 {HEADER_ROWS} 行里没有找到 {table} 的表头；第一行应是列名（必有 {needed}），上面的标题行请删去"
        f" / no header of {table} in the first {HEADER_ROWS} rows; line 1 holds the names of the columns"
        f" (needed: {needed.replace(' 或 ', ' or ')}); delete title rows above it"
    )


class Reading:
    """The rows of a source as they are read: parts of canonical rows, the refused rows, and what is to be said."""

    def __init__(
        self, source: Source, header: Header, columns: list[Column], zone: timezone, now: datetime, folder: Path,
        label: str, wrote: Callable[[str, int], None], progress: Callable[[int], None]
    ):
        """Read the rows under a header; `wrote` is told the name of each part and its rows."""
        self.source, self.header, self.folder, self.label = source, header, folder, label
        self.wrote, self.progress = wrote, progress
        self.orders: dict[int, str] = {}
        self.parts = 0  # of all passes: the loader may still be loading one of the pass before
        self.make_readers = lambda: [
            Cells(column, words_of(header.table, column), zone, source.date1904, now) if column else None
            for column in header.columns
        ]
        self.totals = words_of(header.table, columns[0]).total_rows
        self.start()

    def start(self) -> None:
        """Begin at the first row, knowing in what order dates such as 3/31/2026 are."""
        self.readers = self.make_readers()
        for place, order in self.orders.items():
            self.readers[place].order = order
        for place, (column, text) in enumerate(zip(self.header.columns, self.header.cells, strict=True)):
            if column is None and not text:
                self.readers[place] = Unnamed()
        self.named = max((n for n, text in enumerate(self.header.cells) if text), default=-1) + 1
        self.read = self.left_out = self.refused = 0
        self.problems: dict[tuple[str, str], Problem] = {}
        self.noted: dict[tuple[str, str, str], int] = {}
        self.pending: list[str] = []  # lines, or blocks of them
        self.pending_rows = 0
        self.quick = self.quick_pattern()
        self.rejected = None
        self.asked = False

    @property
    def names(self) -> list[str]:
        """Return the columns that a part holds, in order."""
        return [column.name for column in self.header.columns if column]

    def run(self) -> None:
        """Read all rows. Where a date needs to know its column's order, look through the column first."""
        self.run_once()
        if self.asked:
            for place, reader in enumerate(self.readers):
                if reader is not None and reader.asked:
                    self.orders[place] = next(iter(reader.orders)) if len(reader.orders) == 1 else "unknown"
            self.wrote("", 0)  # what was written so far counts no more
            self.start()
            self.run_once()

    def run_once(self) -> None:
        """Read all rows once."""
        skip = True
        for numbers, rows, bad in self.source.chunks():
            if skip:
                place = next((n for n, number in enumerate(numbers) if number >= self.header.line), None)
                bad = [found for found in bad if found[0] > self.header.line]
                if place is None:
                    numbers, rows = [], []
                else:
                    skip = False
                    begin = place + (numbers[place] == self.header.line)
                    numbers, rows = numbers[begin:], rows[begin:]
            for number, line, (zh, en) in bad:
                self.read += 1
                self.refuse(number, [line], [("", "line", zh, en, "")])
            if rows:
                self.take(numbers, rows)
            self.progress(self.read)
        self.flush()
        if self.rejected:
            self.rejected.close()

    def fit(self, numbers: list[int], rows: list[list]) -> tuple[list[int], list[list]]:
        """Return the rows that have as many cells as the header; blank ones are left out, the others refused."""
        width, kept_numbers, kept = len(self.header.cells), [], []
        for number, row in zip(numbers, rows, strict=True):
            if len(row) != width:
                if not any(text_of(cell).strip() for cell in row):
                    self.left_out += 1
                    continue
                beyond = row[width:]
                blank_beyond = not any(text_of(cell).strip() for cell in beyond)
                if len(row) > width and blank_beyond and self.source.sheet:
                    row = row[:width]
                elif len(row) > width:
                    self.refuse(number, row, [(
                        "", "many", f"有 {len(row)} 个单元格，表头只有 {width} 个；请检查多余的分隔符",
                        f"has {len(row)} cells, the header {width}; look for a delimiter too many", "")])
                    continue
                elif self.source.sheet or len(row) >= self.named:
                    row = row + [""] * (width - len(row))
                else:
                    self.refuse(number, row, [(
                        "", "few", f"只有 {len(row)} 个单元格，表头有 {self.named} 个；请补齐",
                        f"has {len(row)} cells, the header {self.named}; complete the line", "")])
                    continue
            kept_numbers.append(number)
            kept.append(row)
        return kept_numbers, kept

    def take(self, numbers: list[int], rows: list[list]) -> None:
        """Read a chunk of rows."""
        self.read += len(rows)
        if self.quick and isinstance(rows, Plain) and self.quick.fullmatch(text := rows.text()):
            text = text.replace(rows.delimiter, "\t")
            while "\t\t" in text:
                text = text.replace("\t\t", f"\t{NULL}\t")
            text = text.replace("\t\n", f"\t{NULL}\n").replace("\n\t", f"\n{NULL}\t").removesuffix("\n")
            self.ready([NULL + text if text.startswith("\t") else text], len(rows))
            return
        columns = rows.columns(len(self.header.cells)) if isinstance(rows, Plain) else None
        if columns is None:
            numbers, rows = self.fit(numbers, rows)
            if not rows:
                return
            columns = list(zip(*rows, strict=True))
        values, looked_at = [], {}
        for place, reader in enumerate(self.readers):
            if reader is None:
                if not self.totals.isdisjoint(columns[place]):
                    looked_at[place] = columns[place]
                continue
            found = reader.read_column(columns[place])
            if reader.column is not None:
                values.append(found)
            if reader.special:
                looked_at[place] = found
            self.asked |= reader.asked
        out: set[int] = self.look(numbers, rows, looked_at, values) if looked_at else set()
        lines = list(map("\t".join, zip(*values, strict=True)))
        blank = "\t".join([NULL] * len(values))
        if blank in lines:
            blanks = {n for n, line in enumerate(lines) if line == blank} - out
            self.left_out += len(blanks)
            out |= blanks
        if out:
            lines = [line for n, line in enumerate(lines) if n not in out]
        self.ready(lines, len(lines))

    def quick_pattern(self) -> re.Pattern | None:
        """Return a regular expression of lines that are canonical but for their delimiters, or None."""
        patterns = [reader.quick_pattern() if reader is not None and reader.column else None for reader in self.readers]
        delimiter = self.source.delimiter
        if None in patterns or not delimiter:
            return None
        # A blank row is one without its first column that must be there: never this quick.
        needed = next((n for n, column in enumerate(self.header.columns) if column.is_required), 0)
        cells = [f"(?:{pattern}){'' if n == needed else '?+'}" for n, pattern in enumerate(patterns)]
        return re.compile(f"(?:{re.escape(delimiter).join(cells)}\n)*+", re.ASCII)

    def ready(self, lines: list[str], rows: int) -> None:
        """Keep rows until there are enough for a part."""
        self.pending += lines
        self.pending_rows += rows
        if self.pending_rows >= (PART_ROWS if self.parts else FIRST_PART_ROWS):
            self.flush()

    def look(self, numbers: list[int], rows: list[list], looked_at: dict[int, list], values: list[list]) -> set[int]:
        """Look at what is special in some columns of a chunk; return the rows that are not to be loaded."""
        out, wrong, totals = set(), {}, set()
        readers = self.readers
        value_place = {}
        for place, reader in enumerate(readers):
            if reader is not None and reader.column is not None:
                value_place[place] = len(value_place)
        for place, found in looked_at.items():
            reader = readers[place]
            for n, value in enumerate(found):
                if reader is None:
                    if plain(text_of(value)).rstrip(":") in self.totals and is_first(rows[n], place):
                        totals.add(n)
                elif type(value) is Special:
                    if value.kind == "total":
                        if is_first(rows[n], place):
                            totals.add(n)
                            continue
                        value = values[value_place[place]][n] = reader.read_again(rows[n][place])
                        if type(value) is not Special:
                            continue
                    if value.kind in ("null", "unseen"):
                        key = (reader.column.name, value.kind, said(rows[n][place]))
                        if key in self.noted or len(self.noted) < 100:
                            self.noted[key] = self.noted.get(key, 0) + 1
                    else:
                        wrong.setdefault(n, []).append((place, value.kind))
        for n in totals:
            out.add(n)
            self.left_out += 1
        for n in sorted(wrong.keys() - totals):
            out.add(n)
            if is_header_again(rows[n], self.header.cells):
                self.left_out += 1
                continue
            self.refuse(numbers[n], rows[n], [
                (self.column_name(place), kind, *readers[place].right(kind), said(rows[n][place]))
                for place, kind in wrong[n]
            ])
        return out

    def column_name(self, place: int) -> str:
        """Return how messages name the column at a place."""
        column = self.header.columns[place]
        return column.name if column else f"第 {place + 1} 列 column {place + 1}"

    def refuse(self, line: int, row: list, why: list[tuple[str, str, str, str, str]]) -> None:
        """Refuse a row for (column, kind, Chinese, English, example); keep it with its reasons."""
        self.refused += 1
        for column, kind, zh, en, example in why:
            problem = self.problems.setdefault((column, kind), Problem(column, zh, en, example))
            problem.count += 1
            if len(problem.lines) < SHOWN_LINES:
                problem.lines.append(line)
        if self.rejected is None:
            self.rejected = (self.folder / f"{self.label}.rejected.csv").open("w", encoding="utf-8-sig", newline="")
            self.rejected_rows = csv.writer(self.rejected)  # its line ends make it quote a lone CR too
            has_reason = any(column is not None and column.name == "reason" for column in self.header.columns)
            self.rejected_rows.writerow(
                ["line", "refused_because" if has_reason else "reason", *self.header.cells])
        reasons = ". ".join(f"{column}: {example} {zh} / {en}".lstrip(": ") for column, _, zh, en, example in why)
        self.rejected_rows.writerow([line, reasons, *map(text_of, row)])

    def flush(self) -> None:
        """Write the rows that are ready as a part."""
        rows, self.pending_rows = self.pending_rows, 0
        if not rows or self.asked:
            self.pending = []
            return
        name = f"{self.label}-{self.parts}.tsv"
        with (self.folder / name).open("w", encoding="utf-8", newline="") as file:
            file.write("\n".join(self.pending))
            file.write("\n")
        self.wrote(name, rows)
        self.parts += 1
        self.pending = []

    def told(self) -> list[tuple[int, str, str]]:
        """Return what is wrong, a line a column and reason, by line."""
        return sorted(problem.told() for problem in self.problems.values())[:SHOWN_PROBLEMS]

    def notes(self) -> list[str]:
        """Return what was read as something else than it says."""
        found = []
        for (column, kind, word), count in sorted(self.noted.items()):
            zh, en = (("读作空", "read as blank") if kind == "null"
                      else ("去掉了看不见的字符", "read without characters that cannot be seen"))
            found.append(f"{column}: {word} {zh}，{count} 格 / {en}, {count} cells")
        return found


def is_first(row: list, place: int) -> bool:
    """Return whether a cell is the first of its row that is not blank."""
    return not any(text_of(cell).strip() for cell in row[:place])


def is_header_again(row: list, cells: list[str]) -> bool:
    """Return whether a row repeats the header, as where files were put one behind the other."""
    return [text_of(cell).strip() for cell in row] == cells
