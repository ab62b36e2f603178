"""Read delimited text: encoding, delimiter, and records with the lines where they begin.

Python's csv module reads the records in strict mode. A line that it cannot read is reported; reading goes on after it.
"""

from __future__ import annotations

import codecs
import csv
import operator
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from loading.contract import shown

BLOCK = 1 << 20
CHUNK_ROWS = 10_000
# A quote that is open over more lines was never closed.
OPEN_LINES = 100
Chunks = Iterator[tuple[Sequence[int], Sequence, list[tuple]]]
ASCII = bytes(sorted(set(range(128)) - set(b"\r\n")))
# Chinese characters have three bytes in UTF-8 and two in GBK; GBK text hardly ever matches this.
HAN_UTF8 = re.compile(rb"(?:[\xe2-\xef][\x80-\xbf]{2})++")
LINE_END = re.compile("\r\n?|\n")
BROKEN = re.compile("\ufffd+")
JUDGED_LINES = 1000
DELIMITERS = (",", ";", "\t", "，", "；", "|")
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class Unreadable(Exception):
    """A file or sheet cannot be read at all: a text of one line in Chinese and English, and the line that fails."""

    def __init__(self, text: str, line: int = 1, column: str = ""):
        """Keep the line (from 1) and the column."""
        super().__init__(text)
        self.line, self.column = line, column


def decodes(path: Path, encoding: str) -> bool:
    """Return whether a whole file is text in an encoding."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def encoding_of(path: Path) -> str:
    """Return the encoding of a text file. Raises Unreadable if none fits."""
    with path.open("rb") as file:
        start = file.read(BLOCK)
    if not start:
        raise Unreadable("文件是空的，应有一行表头 / the file is empty; it needs a header line")
    marked = next((name for mark, name in MARKS if start.startswith(mark)), None)
    zeros = start.count(0)
    if not marked and zeros:
        # UTF-16 text of Chinese and ASCII has its zero bytes at even or at odd places only.
        even, odd = start[0::2].count(0), start[1::2].count(0)
        marked = "utf-16-le" if odd > 10 * even else "utf-16-be" if even > 10 * odd else None
        if not marked or zeros < len(start) // 20:
            marked = None
    if marked:
        if decodes(path, marked):
            return marked
        raise broken(path, marked)
    if zeros > len(start) // 1000 + 8 or start.startswith((b"%PDF", b"\x7fELF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8")):
        raise Unreadable("不是文本文件，也不是 Excel 工作簿；请另存为 CSV 或 xlsx"
                         " / neither text nor a workbook; save it as CSV or xlsx")
    if decodes(path, "utf-8"):
        return "utf-8"
    if is_broken_utf8(path):
        raise broken(path, "utf-8")
    if decodes(path, "gb18030"):
        return "gb18030"
    raise broken(path, "gb18030")


def is_broken_utf8(path: Path) -> bool:
    """Return whether a file is damaged UTF-8. Read as GBK, it could give other words.

    It is if a line of Chinese is valid UTF-8, or if the other lines hold more valid characters than broken places.
    """
    good = bad = seen = 0
    for lines in blocks_of_lines(path):
        # ASCII is the same in both. Without it, equal words are checked once.
        for line in set(lines.translate(None, ASCII).replace(b"\r", b"\n").split(b"\n")):
            if HAN_UTF8.fullmatch(line):
                return True
            if line and seen < JUDGED_LINES:
                seen += 1
                text = line.decode("utf-8", errors="replace")
                good += sum(letter >= "\u0800" and letter != "\ufffd" for letter in text)
                bad += len(BROKEN.findall(text))
    return good >= bad > 0


def blocks_of_lines(path: Path) -> Iterator[bytes]:
    """Yield a file in blocks that end with a line."""
    rest = b""
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            lines, end, rest = (rest + block).rpartition(b"\n")
            if end:
                yield lines
    yield rest


def broken(path: Path, encoding: str) -> Unreadable:
    """Return the error for the first line that is not text in an encoding."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    line, end = 1, ""
    with path.open("rb") as file:
        while True:
            block = file.read(4096)
            try:
                text, is_broken = decoder.decode(block, final=not block), not block
            except UnicodeDecodeError as error:
                text, is_broken = error.object[: error.start].decode(encoding, errors="ignore"), True
            text = end + text
            end = "\r" if text.endswith("\r") else ""  # a line feed may follow
            line += len(LINE_END.findall(text.removesuffix(end)))
            if is_broken:
                line += bool(end)
                break
    name = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8", "gb18030": "UTF-8 或 GBK"}.get(encoding, "UTF-16")
    english = name.replace(" 或 ", " or ")
    return Unreadable(f"这一行起不是 {name} 文字（可能没有传完，或混有别的编码）；请另存为 UTF-8"
                      f" / from this line on it is not text in {english} (maybe cut off, or mixed with another"
                      " encoding); save it as UTF-8", line)


class Plain(Sequence):
    """Rows of lines without quotes, which can be split at each delimiter, all at once if possible."""

    def __init__(self, lines: list[str], delimiter: str):
        """Keep lines as read, with their line ends."""
        self.lines, self.delimiter = lines, delimiter

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.lines)

    def __getitem__(self, place: int | slice):
        """Return one row, or a slice of rows."""
        if isinstance(place, slice):
            return Plain(self.lines[place], self.delimiter)
        text = self.lines[place].rstrip("\r\n")
        return text.split(self.delimiter) if text else []

    def text(self) -> str:
        """Return all lines, each ending with a line feed."""
        text = "".join(self.lines).replace("\r\n", "\n").replace("\r", "\n")
        return text if text.endswith("\n") else text + "\n"

    def columns(self, width: int) -> list[list[str]] | None:
        """Return the columns, or None if a row does not have this many cells."""
        delimiters = operator.methodcaller("count", self.delimiter)
        if width <= 1 or set(map(delimiters, self.lines)) != {width - 1}:
            return None
        cells = self.text().removesuffix("\n").replace("\n", self.delimiter).split(self.delimiter)
        return [cells[place::width] for place in range(width)]


class Lines:
    """The lines of a file, with push-back and line numbers from 1."""

    def __init__(self, file):
        """Read a text file opened with newline=""."""
        self.file, self.back, self.number = file, [], 0
        self.taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        """Return itself."""
        return self

    def __next__(self) -> str:
        """Return the next line. Raises csv.Error if a record has too many."""
        if len(self.taken) >= OPEN_LINES:
            raise csv.Error("unexpected end of data")
        line = self.back.pop() if self.back else next(self.file)
        self.number += 1
        self.taken.append(line)
        return line


def records(
    path: Path, encoding: str, delimiter: str, is_row: Callable[[str], bool] = lambda line: False
) -> Chunks:
    """Yield chunks: (line of each record, its cells, bad lines as (line, text, why)).

    If a record cannot be read, its first line is bad and the next line begins a new record.
    The same holds if a later line of a record is itself a row: then a quote was left open.
    """
    with path.open(encoding=encoding, newline="") as file:
        lines = Lines(file)
        careful = csv.reader(lines, delimiter=delimiter, strict=True)
        while True:
            if not lines.back:
                found = list(islice(file, CHUNK_ROWS))
                if not found:
                    return
                if '"' not in "".join(found):
                    numbers = range(lines.number + 1, lines.number + 1 + len(found))
                    lines.number += len(found)
                    yield numbers, Plain(found, delimiter), []
                    continue
                lines.back = found[::-1]
            numbers, rows, bad = [], [], []
            while lines.back and len(rows) + len(bad) < CHUNK_ROWS:
                lines.taken.clear()
                first = lines.number + 1
                try:
                    row = next(careful)
                    if len(lines.taken) > 1 and any(is_row(line.rstrip("\r\n")) for line in lines.taken[1:]):
                        raise csv.Error("unexpected end of data")
                except StopIteration:
                    break
                except csv.Error as error:
                    kept, *rest = lines.taken
                    lines.back.extend(reversed(rest))
                    lines.number = first
                    bad.append((first, kept.rstrip("\r\n"), why(str(error))))
                    continue
                numbers.append(first)
                rows.append(row)
            yield numbers, rows, bad


def why(error: str) -> tuple[str, str]:
    """Explain an error of csv, in Chinese and English."""
    if "unexpected end" in error:
        return "引号没有关闭；请补上引号，或把单元格内的引号写两遍", \
            "a quote is never closed; close it, or double the quotes inside the cell"
    if "expected after" in error:
        return "引号之后还有文字；请把单元格内的引号写两遍", "text follows a closing quote; double the quotes in a cell"
    return f"不能读取（{shown(error)}）", f"cannot be read ({shown(error)})"
