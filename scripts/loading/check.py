"""Read one table of one file: find the header, read the cells, report problems, write canonical rows."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path

from loading.cells import NULL, SERIAL, Aside, Cells, Special, quoted, text_of
from loading.contract import (
    DATE_COLUMNS,
    Column,
    column_of,
    folded,
    name_key,
    names_of_columns,
    read_contract,
    shown,
    unit_words,
    words_of,
)
from loading.texts import Chunks, Plain, Unreadable

FOOTER_CELLS = 2  # such as 制表人 and a name
GIVEN_UP_ROWS = 10_000  # stop after so many rows if more are refused than good
HEADER_NAMES = 2  # least number of column names that make a row a header
HEADER_ROWS = 30  # rows that are searched for the header
PART_ROWS, FIRST_PART_ROWS = 50_000, 5_000  # the first part is small, so that the server starts soon
SHOWN_LINES = 3
TITLE_UNIT = re.compile(r"(?<!\w)(?:单位|units?)\s*:\s*([^\W\d_]+)")  # 填报单位 is an office
NOTES = {
    "no_day": ("没有日期", "without a day"),
    "null": ("读作空", "read as blank"),
    "unseen": ("去掉了看不见的字符", "read without characters that cannot be seen"),
    "width": ("全角字母和数字读作半角", "full-width letters and digits read as plain ones"),
}
SHOWN_PROBLEMS = 20
# What Excel takes for a formula, after the apostrophes that no_formula adds.
FORMULA = re.compile("'*[=+\\-@\uff1d\uff0b\uff0d\uff20\t\r\n]")
WHY = ("reason", "refused_because")  # the second if the table has a column `reason`


@dataclass
class Source:
    """What may hold a table: a text file, or a sheet (with its name). Rows of a sheet may differ in width."""

    tables: list[str]
    chunks: Callable[[], Chunks]
    sheet: str = ""
    date1904: bool | None = None
    delimiter: str = ""
    # Merged cells: (first row, first column, last row, last column); known after all rows are read.
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    is_row: Callable[[str], bool] = lambda line: False  # whether a line inside a quoted cell is a row by itself


@dataclass
class Header:
    """The header of a table: its row, line, and the column that each cell names (None: not loaded)."""

    table: str
    line: int
    cells: list[str]
    columns: list[Column | None]
    problems: list[tuple[int, str, str]]
    missing: list[Column]

    @property
    def named(self) -> int:
        """Return how many columns of its table it names."""
        return sum(column is not None for column in self.columns)


@dataclass
class Problem:
    """A problem of some rows, with one column and one reason."""

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


def match_header(table: str, columns: list[Column], cells: list, line: int) -> Header:
    """Return a row as the header of a table."""
    aside = words_of(table, columns[0]).aside
    known = names_of_columns(columns)
    texts = [text_of(cell).strip() for cell in cells]
    matched: list[Column | None] = []
    problems = []
    for text in texts:
        column, unit = column_of(text, known)
        if column in matched and column is not None:
            problems.append((line, shown(text), f"{column.name} 有两列，请只留一列 / a second column for {column.name};"
                                                " keep one"))
            column = None
        elif unit:
            problems.append((line, shown(text), f"单位不是 {column.unit}：请换算成分钟，表头写 {column.name}"
                                                f" / not in {column.unit}s: convert it, and name it {column.name}"))
        elif column is None and text and name_key(text) not in aside:
            names = ", ".join(column.name for column in columns)
            problems.append((line, shown(text), f"不认识的列，{table} 的列有 {names}；请改名或删去"
                                                f" / unknown column; {table} has {names}; rename or remove it"))
        matched.append(column)
    missing = [column for column in columns if column.is_required and column not in matched]
    for column in missing:
        names = ", ".join((column.name, *column.aliases))
        problems.append((line, column.name, f"缺这一列，表头可写：{names} / the column is missing; name it one of:"
                                            f" {names}"))
    return Header(table, line, texts, matched, problems, missing)


def find_header(rows: list[tuple[int, list]], tables: list[str], contract: dict[str, list[Column]]) -> Header | None:
    """Return the first row with all required columns of a table, else the row that names most columns, or None.

    Of several tables, choose the one whose row names most columns.
    """
    best, best_rank = None, None
    for place, table in enumerate(tables):
        found = [match_header(table, contract[table], cells, line) for line, cells in rows[:HEADER_ROWS]]
        header = next((one for one in found if not one.missing), None) or max(
            found, key=lambda one: one.named, default=None)
        rank = (not header.missing, header.named, -place) if header else None
        if header and header.named and (best is None or rank > best_rank):
            best, best_rank = header, rank
    return best


def is_of_records(header: Header) -> bool:
    """Return whether an incomplete header is one of records, not of sums.

    Most of its cells name columns, among them an id or most of the required columns.
    """
    required = sum(column is not None and column.is_required for column in header.columns)
    has_id = any(column is not None and column.is_key and column.name != "hall_id" for column in header.columns)
    return 2 * header.named > sum(map(bool, header.cells)) and (has_id or required > len(header.missing))


def header_kind(cells: list, header: Header) -> str | None:
    """Return `again` if a row names the same columns as the header, `other` if it names others, else None."""
    texts = [text_of(cell).strip() for cell in cells]
    if texts == header.cells:
        return "again"
    filled = [text for text in texts if text]
    words = words_of(header.table, read_contract()[header.table][0])
    names = sum(name_key(text) in words.headers for text in filled)
    if not names:
        return None
    found = [match_header(table, columns, texts, 0) for table, columns in read_contract().items()]
    own = next(one for one in found if one.table == header.table)
    if not own.missing and without_end(own.columns) == without_end(header.columns):
        return "again"
    if names < HEADER_NAMES:
        return None
    is_whole = any(not one.missing and one.named >= HEADER_NAMES for one in found)
    return "other" if is_whole or all(name_key(text) in words.headers | words.aside for text in filled) else None


def without_end(columns: list[Column | None]) -> list[Column | None]:
    """Return columns without the Nones at the end."""
    return columns[: max((n for n, column in enumerate(columns, 1) if column), default=0)]


def two_tables(line: int, header: Header) -> Unreadable:
    """Return the error for a second header."""
    return Unreadable(
        f"这一行是另一个表头，第 {header.line} 行已有一个，列不相同；请把两张表分成两个文件"
        f" / this line is another header, with other columns than that of line {header.line}; split the tables into"
        " files of their own", line)


def first_rows(source: Source) -> list[tuple[int, list]]:
    """Return the first rows of a source that are not blank, with their lines."""
    found: list[tuple[int, list]] = []
    for numbers, rows, _ in source.chunks():
        found += [(number, row) for number, row in zip(numbers, rows, strict=True)
                  if any(text_of(cell).strip() for cell in row)]
        if len(found) >= HEADER_ROWS:
            break
    return found[:HEADER_ROWS]


def without_header(source: Source, header: Header | None, contract: dict[str, list[Column]], is_empty: bool
                   ) -> Unreadable:
    """Return the error for a source without a header."""
    if is_empty:
        return Unreadable(
            "没有内容，应有一行表头 / there is nothing in it; it needs a header line", column=shown(source.sheet))
    table = header.table if header else source.tables[0]
    needed = ", ".join(" 或 ".join((column.name, *column.aliases[:1])) for column in contract[table]
                       if column.is_required)
    return Unreadable(
        f"前 {HEADER_ROWS} 行里没有找到 {table} 的表头；第一行应是列名（必有 {needed}），上面的标题行请删去"
        f" / no header of {table} in the first {HEADER_ROWS} rows; line 1 holds the names of the columns"
        f" (needed: {needed.replace(' 或 ', ' or ')}); delete title rows above it", column=shown(source.sheet)
    )


class Reading:
    """Reads the rows of a source: writes parts of canonical rows and the refused rows, collects messages."""

    def __init__(
        self, source: Source, header: Header, columns: list[Column], zone: timezone, now: datetime, folder: Path,
        label: str, wrote: Callable[[str, int], None], progress: Callable[[int], None], keeps_refused: bool = False
    ):
        """Read the rows below a header; `wrote` receives the name and row count of each part."""
        self.keeps_refused = keeps_refused
        # In the header of refused rows, the added column must not repeat a column of the table.
        self.why_header = WHY[any(column.name == WHY[0] for column in columns)]
        self.source, self.header, self.folder, self.label = source, header, folder, label
        self.wrote, self.progress = wrote, progress
        self.orders: dict[int, str] = {}
        self.is_asking = True  # until the whole column has been searched
        self.parts = 0  # counts on over passes: the loader may still load a part of the pass before
        self.make_readers = lambda: [
            Cells(column, words_of(header.table, column), zone, source.date1904, now) if column
            else Aside(bool(text), self.words)
            for column, text in zip(header.columns, header.cells, strict=True)
        ]
        self.words = words_of(header.table, columns[0])
        self.day_place = next((n for n, column in enumerate(filter(None, header.columns))
                               if column.name in DATE_COLUMNS), None)  # among the columns that are loaded
        dated = [(not column.is_required, n) for n, column in enumerate(header.columns)
                 if column and column.data_type.startswith("date")]
        if dated:
            self.date_place = min(dated)[1]
            self.date_reader = self.make_readers()[self.date_place]
            self.date_reader.order = "mdy"
            source.is_row = self.is_row
        self.start()

    def is_row(self, line: str) -> bool:
        """Return whether a line inside a quoted cell is itself a row: as wide as the header, with a date."""
        cells = next(csv.reader([line], delimiter=self.source.delimiter), [])
        if len(cells) != len(self.header.cells):
            cells = line.split(self.source.delimiter)
        if len(cells) != len(self.header.cells):
            return False
        found = self.date_reader.read(cells[self.date_place])
        return found != NULL and type(found) is str and not SERIAL.fullmatch(cells[self.date_place].strip())

    def start(self) -> None:
        """Begin at the first row, with the known order of dates such as 3/31/2026."""
        self.readers = self.make_readers()
        for place, order in self.orders.items():
            self.readers[place].order = order
        self.named = max((n for n, text in enumerate(self.header.cells) if text), default=-1) + 1
        self.read = self.left_out = self.refused = 0
        self.problems: dict[tuple[str, str], Problem] = {}
        self.noted: dict[tuple[str, str, str], int] = {}
        self.pending: list[str] = []  # lines, or blocks of them
        self.pending_rows = 0
        self.quick = self.quick_pattern()
        self.rejected = None
        self.asked = False
        self.is_below = False  # below the header

    @property
    def names(self) -> list[str]:
        """Return the columns that a part holds, in order."""
        return [column.name for column in self.header.columns if column]

    def run(self) -> None:
        """Read all rows. If a date needs the order of its column, search the column first."""
        self.run_once()
        if self.asked:
            for place, reader in enumerate(self.readers):
                if reader.asked:
                    self.orders[place] = next(iter(reader.orders)) if len(reader.orders) == 1 else "unknown"
            self.is_asking = False
            self.wrote("", 0)  # discard what was written so far
            self.start()
            self.run_once()

    def run_once(self) -> None:
        """Read all rows once."""
        for numbers, rows, bad in self.source.chunks():
            if not self.is_below:
                numbers, rows, bad = self.below_header(numbers, rows, bad)
            for number, line, (zh, en) in bad:
                self.read += 1
                # In separate cells it can be corrected; a quote that begins an id is refused again.
                self.refuse(number, line.split(self.source.delimiter), [("", "line", zh, en, "")])
            if rows:
                self.take(numbers, rows)
            self.progress(self.read)
            if self.refused >= GIVEN_UP_ROWS and self.read - self.left_out - self.refused < self.refused:
                line = max((*numbers[-1:], *(found[0] for found in bad)), default=self.header.line)
                raise Unreadable(
                    f"到这一行已退回 {self.refused} 行，可装载的更少，不再读下去；请看看是不是这个文件、表头对不对"
                    f" / {self.refused} rows refused so far and so on, fewer are good; is this the right file?", line)
        self.flush()
        if self.rejected:
            self.rejected.close()
        self.check_merged()

    def below_header(self, numbers: Sequence[int], rows: Sequence[list], bad: list[tuple]) -> tuple:
        """Return the rows of a chunk below the header; rows above it are left out and counted.

        Raises Unreadable if one of those is a record or another header.
        """
        place = next((n for n, number in enumerate(numbers) if number >= self.header.line), len(numbers))
        above = [*zip(numbers[:place], rows[:place], strict=True), *(
            (line, text.split(self.source.delimiter)) for line, text, _ in bad if line < self.header.line)]
        for line, row in sorted(above, key=lambda found: found[0]):
            self.read += 1
            self.left_out += 1
            self.check_unit(line, row)
            if header_kind(row, self.header) == "other" and any(
                    not match_header(table, columns, row, line).missing for table, columns in read_contract().items()):
                raise two_tables(self.header.line, Header(self.header.table, line, [], [], [], []))
            if self.is_record(row):
                raise Unreadable(
                    f"这一行像一条记录，却在表头（第 {self.header.line} 行）上面；请把表头移到第一行，若是标题请删去"
                    f" / this line reads as a record, but stands above the header (line {self.header.line}); move the"
                    " header to the top; if it is a title, delete it", line)
        if place < len(numbers):
            self.is_below = True
            place += numbers[place] == self.header.line
        return numbers[place:], rows[place:], [found for found in bad if found[0] > self.header.line]

    def is_record(self, row: list) -> bool:
        """Return whether a row above the header reads as a record."""
        texts = [text_of(cell).strip() for cell in row]
        filled = [text for text in texts if text]
        if not filled or self.words.row_kind(filled[0]):
            return False
        readable = self.readable(row)
        typed = [is_good for column, is_good in readable if not column.data_type.startswith(("varchar", "text"))]
        if typed:
            return all(is_good for _, is_good in readable) or (any(typed) and 2 * len(filled) > self.header.named)
        # A title is in words; an id rarely is.
        return all(is_good for _, is_good in readable) and (
            len(filled) > 1 or (filled[0].isascii() and not any(map(str.isspace, filled[0]))))

    def readable(self, row: list) -> list[tuple[Column, bool]]:
        """Return each required column, and whether the row has a readable value for it."""
        found = []
        for place, reader in enumerate(self.make_readers()):
            if reader.column is not None and reader.column.is_required:
                reader.order = "mdy"
                value = reader.read(row[place]) if place < len(row) else NULL
                found.append((reader.column, type(value) is not Special and value != NULL))
        return found

    def check_sheet(self, source: Source) -> None:
        """Raise Unreadable if a sheet without a header, which would be skipped, holds records."""
        if self.day_place is None:
            return
        for line, row in first_rows(source):
            if all(is_good for _, is_good in self.readable(row)):
                raise Unreadable(
                    f"这一行像 {self.header.table} 的记录，工作表却没有表头；请补上表头，不是记录请删去或隐藏这张工作表"
                    f" / this line reads as a record of {self.header.table}, but its sheet has no header; add it, or"
                    " delete or hide the sheet", line, shown(source.sheet))

    def check_unit(self, line: int, row: list) -> None:
        """Raise Unreadable if a title gives another unit than the column's."""
        for column in filter(None, self.header.columns):
            for text in map(folded, map(text_of, row)):
                found = TITLE_UNIT.search(text) if column.unit else None
                if found and unit_words().get(name_key(found[1]), column.unit) != column.unit:
                    raise Unreadable(
                        f"标题说单位是 {found[1]}，{column.name} 的单位是 {column.unit}；请换算，并改标题"
                        f" / the title says {found[1]}, but {column.name} is in {column.unit}s; convert it, and change"
                        " the title", line)

    def check_merged(self) -> None:
        """Raise Unreadable if cells below the header are merged over rows: only the first row holds the value."""
        for top, left, bottom, right in sorted(self.source.merged):
            named = [n for n, column in enumerate(self.header.columns) if column]
            # A note over the whole width is read as one row and blank rows.
            if top < bottom and bottom > self.header.line and any(left <= n <= right for n in named) and not all(
                    left <= n <= right for n in named):
                raise Unreadable(
                    f"第 {top} 至 {bottom} 行有合并的单元格，只有第一行有值；请取消合并，每行都填上"
                    f" / cells of the rows {top} to {bottom} are merged, and only the first row holds the value;"
                    " unmerge them and fill in every row", top)

    def fit(self, numbers: list[int], rows: list[list]) -> tuple[list[int], list[list]]:
        """Return the rows as wide as the header; leave out blank rows and refuse the others."""
        width, kept_numbers, kept = len(self.header.cells), [], []
        for number, row in zip(numbers, rows, strict=True):
            if len(row) != width:
                if not any(text_of(cell).strip() for cell in row):
                    self.left_out += 1
                    continue
                if self.is_apart(row) or self.is_header_again(number, row):
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

    def is_apart(self, row: list) -> bool:
        """Return whether a row of another width than the header is a total or a footer."""
        kind = self.words.row_kind(next(text for cell in row if (text := text_of(cell).strip())))
        return kind == "total" or (kind == "subtotal" and len(row) < self.named) or (
            kind == "footer" and self.is_footer(row))

    def is_footer(self, row: list) -> bool:
        """Return whether a row that begins like a footer is one: it has few cells, or only footers."""
        texts = [text for cell in row if (text := text_of(cell).strip())]
        return len(texts) <= FOOTER_CELLS or all(self.words.row_kind(text) == "footer" for text in texts)

    def is_header_again(self, line: int, row: list) -> bool:
        """Return whether a row repeats the header. Raises Unreadable if it is another header."""
        kind = header_kind(row, self.header)
        if kind == "other":
            raise two_tables(line, self.header)
        return kind == "again"

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
        if self.day_place is not None and NULL in values[self.day_place]:
            undated = sum(day == NULL and n not in out for n, day in enumerate(values[self.day_place]))
            if undated:
                key = (self.names[self.day_place], "no_day", "")
                self.noted[key] = self.noted.get(key, 0) + undated
        if out:
            lines = [line for n, line in enumerate(lines) if n not in out]
        self.ready(lines, len(lines))

    def quick_pattern(self) -> re.Pattern | None:
        """Return a regular expression of lines whose cells are all canonical, or None."""
        patterns = [reader.quick_pattern() for reader in self.readers]
        delimiter = self.source.delimiter
        if None in patterns or not delimiter:
            return None
        # Blank rows and rows without a day need the slow path, so one required column must have a value.
        must = [(column.name not in DATE_COLUMNS, n) for n, column in enumerate(self.header.columns)
                if column.is_required]
        needed = min(must)[1] if must else 0
        cells = [f"(?:{pattern}){'' if n == needed or (column.is_key and column.is_required) else '?+'}"
                 for n, (pattern, column) in enumerate(zip(patterns, self.header.columns, strict=True))]
        return re.compile(f"(?:{re.escape(delimiter).join(cells)}\n)*+", re.ASCII)

    def ready(self, lines: list[str], rows: int) -> None:
        """Keep rows until there are enough for a part."""
        self.pending += lines
        self.pending_rows += rows
        if self.pending_rows >= (PART_ROWS if self.parts else FIRST_PART_ROWS):
            self.flush()

    def look(self, numbers: list[int], rows: list[list], looked_at: dict[int, list], values: list[list]) -> set[int]:
        """Handle the special values of some columns of a chunk; return the rows that are not loaded."""
        out, wrong, totals, subtotals = set(), {}, set(), set()
        readers = self.readers
        value_place = {}
        for place, reader in enumerate(readers):
            if reader.column is not None:
                value_place[place] = len(value_place)
        for place, found in looked_at.items():
            reader = readers[place]
            for n, value in enumerate(found):
                if type(value) is not Special:
                    continue
                if value.kind in ("total", "subtotal", "footer", "header"):
                    if value.kind == "header":
                        if n not in totals and self.is_header_again(numbers[n], rows[n]):
                            totals.add(n)
                    elif is_first(rows[n], place) and (value.kind != "footer" or self.is_footer(rows[n])):
                        (subtotals if value.kind == "subtotal" else totals).add(n)
                    elif value.kind != "footer" and self.day_place is not None and not (
                            reader.column and reader.is_text) and values[self.day_place][n] == NULL:
                        totals.add(n)  # every record has a day
                    value = reader.read_again(rows[n][place])
                    if reader.column is not None:
                        values[value_place[place]][n] = value
                    if type(value) is not Special:
                        continue
                if value.kind == "words":
                    if sum(bool(text_of(cell).strip()) for cell in rows[n]) > 1 or self.header.named == 1:
                        value = values[value_place[place]][n] = reader.read_again(rows[n][place])
                        if type(value) is not Special:
                            continue
                elif value.kind == "no_id" and not any(text_of(cell).strip() for cell in rows[n]):
                    continue
                if value.kind in ("null", "unseen", "width"):
                    word = reader.words.written[folded(text_of(rows[n][place]).strip())] if value.kind == "null" else ""
                    key = (reader.column.name, value.kind, word)
                    if key in self.noted or len(self.noted) < 100:
                        self.noted[key] = self.noted.get(key, 0) + 1
                else:
                    wrong.setdefault(n, []).append((place, value.kind))
        # 城东小计 is a total. 费用合计 may be the name of an item: then the row has all required values.
        needed = [values[value_place[place]] for place, column in enumerate(self.header.columns)
                  if column is not None and column.is_required]
        totals |= {n for n in subtotals if n in wrong or any(found[n] == NULL for found in needed)}
        for n in totals:
            out.add(n)
            self.left_out += 1
        for n in sorted(wrong.keys() - totals):
            out.add(n)
            if self.is_asking and all(kind == "order" for _, kind in wrong[n]):
                continue  # read again when the order is known
            if self.is_header_again(numbers[n], rows[n]):
                self.left_out += 1
                continue
            self.refuse(numbers[n], rows[n], [
                (self.column_name(place), kind, *readers[place].right(kind),
                 quoted(rows[n][place]) if readers[place].is_quoted and kind != "no_id" else "")
                for place, kind in wrong[n]
            ])
        return out

    def column_name(self, place: int) -> str:
        """Return the name of the column at an index, for messages."""
        column = self.header.columns[place]
        return column.name if column else f"第 {place + 1} 列 column {place + 1}"

    def refuse(self, line: int, row: list, why: list[tuple[str, str, str, str, str]]) -> None:
        """Refuse a row for reasons (column, kind, Chinese, English, example); keep it with them."""
        self.refused += 1
        for column, kind, zh, en, example in why:
            problem = self.problems.setdefault((column, kind), Problem(column, zh, en, example))
            problem.count += 1
            if len(problem.lines) < SHOWN_LINES:
                problem.lines.append(line)
        if not self.keeps_refused:
            return
        if self.rejected is None:
            self.rejected = (self.folder / f"{self.label}.rejected.csv").open("w", encoding="utf-8-sig", newline="")
            self.rejected_rows = csv.writer(self.rejected)  # its default line end makes it quote a lone CR too
            self.rejected_rows.writerow(["line", self.why_header, *self.header.cells])
        reasons = ". ".join(f"{column}: {example} {zh} / {en}".lstrip(": ") for column, _, zh, en, example in why)
        self.rejected_rows.writerow([line, *map(no_formula, (reasons, *map(text_of, row)))])

    def flush(self) -> None:
        """Write the pending rows as a part."""
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
        """Return the problems, one per column and reason, ordered by line."""
        return sorted(problem.told() for problem in self.problems.values())[:SHOWN_PROBLEMS]

    def notes(self) -> list[str]:
        """Return notes on values that were changed when read."""
        found = []
        for (column, kind, word), count in sorted(self.noted.items()):
            zh, en = NOTES[kind]
            word = f'"{word}" ' if word else ""
            found.append(f"{column}: {word}{zh}，{count} 格 / {en}, {count} cells")
        return found


def no_formula(text: str) -> str:
    """Return a cell that spreadsheets do not take for a formula: put one apostrophe before it."""
    return f"'{text}" if FORMULA.match(text) else text


def as_it_was(cell):
    """Return a cell of refused rows without the apostrophe that no_formula added."""
    return cell[1:] if isinstance(cell, str) and cell.startswith("'") and FORMULA.match(cell) else cell


def taken_back(source: Source) -> None:
    """Undo no_formula in a file of refused rows that comes back."""
    chunks = source.chunks
    source.chunks = lambda: (
        (numbers, [list(map(as_it_was, row)) for row in rows],
         bad) for numbers, rows, bad in chunks())


def is_first(row: list, place: int) -> bool:
    """Return whether a cell is the first in its row that is not blank."""
    return not any(text_of(cell).strip() for cell in row[:place])
