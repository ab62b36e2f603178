"""Mend what has one meaning in the rule files of a folder: what Excel and keyboards add, and other forms of a day.

What may mean two things stays for its writer: 1/2/2027, 1,000 and 90 %, which Excel may have rounded.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import date
from difflib import unified_diff
from pathlib import Path

from pydantic import ValidationError

from plain_text import plain
from rules.cell_types import KEYBOARD, half_width
from rules.models import MODELS
from rules.rows import Row
from rules.tables import BOM, other_delimiter, place_of, rows_parted_by


def mend(folder: Path) -> list[str]:
    """Write the mended files; return the lines that tell what was changed."""
    told = []
    place = place_of(folder)
    for name, model in MODELS.items():
        path = folder / f"{name}.csv"
        content = path.read_bytes() if path.is_file() else b""
        try:
            text = content.removeprefix(BOM).decode("utf-8")
        except UnicodeDecodeError:
            continue
        lines = text.replace("\r\n", "\n").replace("\r", "\n")
        mended = mended_text(lines, model)
        if mended.encode() == content:
            continue
        what = [("BOM", content.startswith(BOM)), ("CRLF → LF", "\r" in text)]
        told += [f"{place}/{path.name}: 已修改 / mended: {sign}" for sign, is_there in what if is_there]
        names = (f"{place}/{path.name} {words}" for words in ("原文 / before", "已修改 / mended"))
        told += map(plain, unified_diff(lines.split("\n"), mended.split("\n"), *names, n=0, lineterm=""))
        path.write_bytes(mended.encode())
    return told


def mended_text(text: str, model: type[Row]) -> str:
    """Return a file's text with its cells mended; records that need nothing stay as they were written."""
    sign = other_delimiter(text, model)
    if sign and (rows := rows_parted_by(sign, text)):
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows(rows)
        text = out.getvalue()
    try:
        return "".join(mended_records(text, model))
    except csv.Error:
        return text


def mended_records(text: str, model: type[Row]) -> Iterator[str]:
    """Yield the records of a text, without blank ones. Raises csv.Error where quotes are open."""
    lines = io.StringIO(text).readlines()
    reader = csv.reader(lines, strict=True)
    header: list[str] = []
    first = 0
    for cells in reader:
        record = "".join(lines[first:reader.line_num])
        first = reader.line_num
        if not header:
            header = cells
        elif not any(cells):
            continue
        elif len(cells) == len(header):
            mended = mended_cells(dict(zip(header, cells, strict=True)), model)
            if list(mended.values()) != cells:
                out = io.StringIO()
                csv.writer(out, lineterminator="\n").writerow(mended.values())
                record = out.getvalue()
        yield record


def mended_cells(cells: dict[str, str], model: type[Row]) -> dict[str, str]:
    """Return the cells of a row with those mended that are right in one other form."""
    for name in wrong_cells(cells, model):
        for meant in (cells.get(name, "").strip(), *other_forms(cells.get(name, ""))):
            if name not in wrong_cells(cells | {name: meant}, model):
                cells = cells | {name: meant}
                break
    return cells


def wrong_cells(cells: dict[str, str], model: type[Row]) -> list[str]:
    """Return the columns whose cell cannot be read."""
    try:
        model.model_validate(cells)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False)
        return [str(problem["loc"][0]) for problem in found if problem["loc"] and problem["type"] == "cell"]
    return []


def other_forms(cell: str) -> Iterator[str]:
    """Yield what a cell means if it is a code, a day or a number: Ｅ１, 2027/1/1, 2027年1月1日, .93 and ０．９３."""
    text = half_width(cell).strip()
    yield text
    text = text.translate(KEYBOARD).strip()
    day = re.fullmatch(r"(\d{4})(?:([-/.])(\d{1,2})\2(\d{1,2})|年(\d{1,2})月(\d{1,2})日)(?:[ T]0?0:00(?::00)?)?", text,
                       re.ASCII)
    if day:
        year, _, *parts = day.groups()
        month, last = (part for part in parts if part)
        try:
            yield date(int(year), int(month), int(last)).isoformat()
        except ValueError:
            return
    number = re.fullmatch(r"([+-]?)(\d*)\.?(\d*)", text, re.ASCII)
    if number and (number[2] or number[3]):
        yield number[1] + (number[2] or "0") + (f".{number[3]}" if number[3] else "")
