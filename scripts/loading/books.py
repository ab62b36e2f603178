"""Read workbooks (xlsx, xlsb, ods, xls) with calamine.

Calamine gets only zip files that this module packed, so that an archive cannot expand beyond the limit. Sheets of
xlsx are passed in pieces, so that memory does not grow with a sheet.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from loading.behind import Behind, Format, ods_behind, shown_number, xls_behind, xlsb_behind, xlsx_formats
from loading.contract import ZIP, shown
from loading.texts import Chunks, Unreadable

# Eight million cases in one workbook; Excel allows a million rows in a sheet.
EXPANDED_BYTES = 2 << 30
HELD_BYTES = 128 << 20  # held in memory at once: the shared texts, or a whole workbook that is not xlsx
PIECE_BYTES = 8 << 20
SMALL_BYTES = 4 << 20
CHUNK_ROWS = 10_000
# Calamine makes cells for every row between the first and the last of a piece, so a piece has no wide gap.
GAP_ROWS, SPAN_ROWS = 1_000, 50_000
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OWN_PARTS = {
    "[Content_Types].xml":
        f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml"'
        ' ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>',
    "_rels/.rels":
        f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="{LINK}/officeDocument"'
        ' Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels":
        f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="{LINK}/worksheet"'
        f' Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="{LINK}/styles" Target="styles.xml"/>'
        f'<Relationship Id="rId3" Type="{LINK}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
}
# A cell with a formula, a value, or both; all tags have the same namespace prefix.
CELL = re.compile(
    rb"<((?:\w+:)?)c((?:\s[^<>]*)?)(?<!/)>\s*+(<\1f(?:\s[^<>]*)?(?:/>|>[^<]*</\1f>))?\s*+"
    rb"(?:<\1v>([^<]*)</\1v>|<\1v\s*/>)?\s*+</\1c>")
TYPE = re.compile(rb"\st\s*=\s*[\"'](\w+)[\"']")
NOT_CALCULATED = b"#CALC!"
VALUE = re.compile(rb"<(?:\w+:)?v>(\d+)</")
MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^<>]*\bref=[\"']([A-Z]+)(\d+):([A-Z]+)(\d+)[\"']")
MOST_MERGED = 100_000
MOST_DIGITS = 16  # Excel keeps no more of a number
ROWS_BEGIN = re.compile(rb"<(\w+:)?sheetData\s*(/?)>")


@dataclass
class Sheet:
    """A sheet: its name, whether it is visible, its rows in chunks, its date system and its merged cells."""

    name: str
    is_seen: bool
    chunks: Callable[[], Chunks]
    date1904: bool | None
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)


def cannot(what: str) -> Unreadable:
    """Return the error for a workbook that cannot be opened."""
    return Unreadable(f"工作簿不能打开（{what}）；请用 Excel 打开后另存为 xlsx"
                      f" / the workbook cannot be opened ({what}); open it in Excel and save it as xlsx", 0)


def too_large() -> Unreadable:
    """Return the error for a workbook that is too large."""
    return Unreadable("工作簿展开后太大，请按月分开，或另存为 CSV"
                      " / the workbook is too large when unpacked; split it by month, or save it as CSV", 0)


@contextmanager
def opening() -> Iterator[None]:
    """Turn the libraries' errors for a broken workbook into Unreadable."""
    try:
        yield
    except Unreadable:
        raise
    except PasswordError:
        raise cannot("有密码 password") from None
    except (CalamineError, zipfile.BadZipFile, zlib.error, ElementTree.ParseError, KeyError, ValueError, OSError,
            NotImplementedError, EOFError, RuntimeError, IndexError, struct.error) as error:
        raise cannot(shown(str(error) or type(error).__name__)) from None


def sheets_of(path: Path) -> list[Sheet]:
    """Return the sheets of a workbook. Raises Unreadable."""
    with opening():
        with path.open("rb") as file:
            if file.read(4) != ZIP:
                if path.stat().st_size > HELD_BYTES:
                    raise too_large()
                book = CalamineWorkbook.from_path(path)
                return whole(book, dict(zip(
                    (about.name for about in book.sheets_metadata), xls_behind(path.read_bytes()), strict=True)))
        archive = zipfile.ZipFile(path)
        if sum(info.file_size for info in archive.infolist()) > EXPANDED_BYTES:
            raise too_large()
        if "xl/workbook.xml" in archive.namelist():
            return xlsx(archive)
        packed = repacked(archive)
        book = CalamineWorkbook.from_filelike(packed)
        with zipfile.ZipFile(packed) as same:
            if "content.xml" in same.namelist():
                return whole(book, ods_behind(same.read("content.xml")))
            return whole(book, xlsb_behind(same))


def part(archive: zipfile.ZipFile, name: str, limit: int = HELD_BYTES) -> bytes:
    """Return a part of an archive. Raises Unreadable if it is larger than the limit."""
    with archive.open(name) as file:
        found = file.read(limit + 1)
    if len(found) > limit:
        raise too_large()
    return found


def repacked(archive: zipfile.ZipFile) -> io.BytesIO:
    """Return an uncompressed archive of the same parts. Raises Unreadable if it is too large."""
    packed, left = io.BytesIO(), HELD_BYTES
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as made:
        for name in dict.fromkeys(archive.namelist()):
            if name.endswith((".xml", ".bin", ".rels", "mimetype")):
                content = part(archive, name, left)
                left -= len(content)
                made.writestr(name, content)
    packed.seek(0)
    return packed


def whole(book: CalamineWorkbook, behind: dict[str, Behind]) -> list[Sheet]:
    """Return the sheets of a workbook that calamine holds as a whole."""
    found = []
    for about in book.sheets_metadata:
        if about.typ == SheetTypeEnum.WorkSheet:
            own = behind.get(about.name, Behind())
            found.append(Sheet(
                about.name, about.visible == SheetVisibleEnum.Visible,
                lambda name=about.name, own=own: in_chunks(whole_rows(book, name, own)), None,
                [(top + 1, left, bottom + 1, right) for top, left, bottom, right in own.merged]))
    return found


def whole_rows(book: CalamineWorkbook, name: str, behind: Behind) -> Iterator[tuple[int, list]]:
    """Yield (row, cells) of a sheet, with the texts that calamine leaves out."""
    rows: dict[int, dict[int, str]] = {}
    for (row, column), text in behind.cells.items():
        rows.setdefault(row + 1, {})[column] = text
    for number, cells in sheet_rows(book, name):
        for column, text in rows.get(number, {}).items():
            cells += [""] * (column + 1 - len(cells))
            cells[column] = text
        yield number, cells


def sheet_rows(book: CalamineWorkbook, name: str) -> Iterator[tuple[int, list]]:
    """Yield (row number from 1, cells from column A) of a sheet."""
    sheet = book.get_sheet_by_name(name)
    if sheet.start is None:
        return
    row, column = sheet.start
    for number, cells in enumerate(sheet.to_python(skip_empty_area=True), row + 1):
        yield number, [""] * column + cells if column else cells


def in_chunks(rows: Iterator[tuple[int, list]]) -> Chunks:
    """Yield rows in chunks."""
    numbers, found = [], []
    with opening():
        for number, cells in rows:
            numbers.append(number)
            found.append(cells)
            if len(found) == CHUNK_ROWS:
                yield numbers, found, []
                numbers, found = [], []
    yield numbers, found, []


def xlsx(archive: zipfile.ZipFile) -> list[Sheet]:
    """Return the sheets of an xlsx file."""
    # Expat limits the expansion of entities, and this process has a memory limit.
    book = ElementTree.fromstring(part(archive, "xl/workbook.xml", SMALL_BYTES))  # noqa: S314
    links = ElementTree.fromstring(part(archive, "xl/_rels/workbook.xml.rels", SMALL_BYTES))  # noqa: S314
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    properties = next((node for node in book.iter() if node.tag.endswith("}workbookPr")), None)
    date1904 = properties is not None and properties.get("date1904") in ("1", "true")
    found, parts = [], set(archive.namelist())
    for node in book.iter():
        if not node.tag.endswith("}sheet"):
            continue
        target = next((targets.get(value, "") for key, value in node.items() if key.endswith("}id")), "")
        name = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if name in parts and "worksheets/" in name:
            merged: list[tuple[int, int, int, int]] = []
            found.append(Sheet(
                node.get("name", ""), node.get("state", "visible") == "visible",
                lambda name=name, merged=merged: in_chunks(xlsx_rows(archive, name, date1904, merged)), date1904,
                merged,
            ))
    return found


def xlsx_rows(
    archive: zipfile.ZipFile, name: str, date1904: bool, merged: list[tuple[int, int, int, int]]
) -> Iterator[tuple[int, list]]:
    """Yield (row, cells) of a sheet, read in pieces; then fill `merged` with its merged cells.

    Raises Unreadable.
    """
    common = dict(OWN_PARTS)
    common["xl/workbook.xml"] = (
        f'<workbook xmlns="{MAIN}" xmlns:r="{LINK}"><workbookPr date1904="{int(date1904)}"/>'
        '<sheets><sheet name="s" sheetId="1" r:id="rId1"/></sheets></workbook>'
    )
    lower = {found.lower(): found for found in archive.namelist()}
    for own in ("xl/styles.xml", "xl/sharedStrings.xml"):
        if own.lower() in lower:
            common[own] = part(archive, lower[own.lower()])
    formats = xlsx_formats(common.get("xl/styles.xml", b""))
    last = 0
    merged.clear()
    for piece in pieces(archive, name, merged):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as made:
            for own, content in (common | {"xl/worksheets/sheet1.xml": as_shown(piece, formats)}).items():
                made.writestr(own, content)
        packed.seek(0)
        book = CalamineWorkbook.from_filelike(packed)
        piece = content = made = None  # free memory before the rows are read
        offset = None
        for number, cells in sheet_rows(book, "s"):
            if offset is None:  # rows without a number continue the count
                offset = last if number <= last else 0
            yield number + offset, cells
        if offset is not None:
            last = number + offset
        book = packed = None


def as_shown(piece: bytes, formats: dict[bytes, Format]) -> bytes:
    """Return rows in which errors, formulas without a value, and numbers shown as 000042 are texts.

    Calamine reads the first two as blank and the last as 42.
    """
    if b't="e"' in piece or b"t='e'" in piece or b"f>" in piece:
        piece = CELL.sub(with_error, piece)
    if not formats:
        return piece
    styles = b"|".join(formats)
    formatted = re.compile(
        rb"<((?:\w+:)?)c(?=[^<>]*\ss=[\"'](%b)[\"'])(?![^<>]*\st=[\"'](?!n[\"']))([^<>]*)(?<!/)>"
        rb"([^<]*+(?:<(?!/?\1c[\s/>])[^<]*+)*+)</\1c>" % styles)
    return formatted.sub(lambda found: with_format(found, formats[found[2]]), piece)


def with_format(found: re.Match, shows: Format) -> bytes:
    """Return a cell with a number as a cell with the text that it shows."""
    prefix, _, attributes, content = found.groups()
    value = VALUE.search(content)
    text = shown_number(int(value[1]), shows) if value and len(value[1]) < MOST_DIGITS else None
    if text is None:
        return found[0]
    return b"<%bc%b t=\"str\"><%bv>%b</%bv></%bc>" % (prefix, TYPE.sub(b"", attributes), prefix, text.encode(), prefix,
                                                    prefix)


def with_error(found: re.Match) -> bytes:
    """Return a cell, an error as its text; that ends in "!", which no word for "no value" does."""
    prefix, attributes, formula, value = found.groups()
    kind = TYPE.search(attributes)
    if kind and kind[1] == b"e":
        error = (value or NOT_CALCULATED).rstrip(b"!?") + b"!"
    elif formula and not kind and not value:
        error = NOT_CALCULATED
    else:
        return found[0]
    attributes = TYPE.sub(b"", attributes)
    return b"<%bc%b t=\"str\"><%bv>%b</%bv></%bc>" % (prefix, attributes, prefix, error, prefix, prefix)


def pieces(archive: zipfile.ZipFile, name: str, merged: list[tuple[int, int, int, int]]) -> Iterator[bytes]:
    """Yield the rows of a sheet as smaller sheets; then add its merged cells to `merged`."""
    with archive.open(name) as file:
        rest = file.read(PIECE_BYTES)
        begin = ROWS_BEGIN.search(rest)
        if not begin or begin[2]:
            return
        head, prefix = rest[: begin.end()], begin[1] or b""
        tail = b"</" + prefix + b"sheetData></" + prefix + b"worksheet>"
        # Rows that are formatted and empty are dropped, unless they have no number: those count.
        empty = re.compile(rb"<%brow\s[^<>]*+(?<=/)>" % prefix)
        numbered = re.compile(rb"<%brow(?:\s[^<>]*?)?\sr=[\"'](\d{1,9})" % prefix)
        row_end = re.compile(rb"</%brow\s*>|<%brow(?:\s[^<>]*)?/>" % (prefix, prefix))
        rest = rest[begin.end():]
        while True:
            end = rest.find(b"</" + prefix + b"sheetData")
            rows, after = (rest[:end], rest[end:]) if end >= 0 else (rest, b"")
            more = b"" if end >= 0 else file.read(PIECE_BYTES)
            rows = empty.sub(lambda found: b"" if b" r=" in found[0] else found[0], rows)
            cut = len(rows)
            if end < 0 and more:
                place = max(rows.rfind(b"</" + prefix + b"row"), rows.rfind(b"<" + prefix + b"row"))
                last = row_end.match(rows, max(place, 0)) or row_end.match(
                    rows, max(rows.rfind(b"</" + prefix + b"row"), 0))
                cut = last.end() if last else 0
                if not cut and len(rows) > 4 * PIECE_BYTES:
                    raise too_large()
            if cut:
                for some in without_gaps(rows[:cut], b"<" + prefix + b"row", numbered):
                    yield head + some + (tail if end >= 0 or more else b"")  # a file cut short: calamine reports it
            if end >= 0:
                break
            if not more:
                return
            rest = rows[cut:] + more
        while True:
            for found in MERGED.finditer(after):
                top, bottom = int(found[2]), int(found[4])
                if bottom > top and len(merged) < MOST_MERGED:
                    merged.append((top, column_number(found[1]), bottom, column_number(found[3])))
            more = file.read(PIECE_BYTES)
            if not more:
                return
            after = after[after.rfind(b"<"):] + more


def without_gaps(rows: bytes, tag: bytes, numbered: re.Pattern) -> Iterator[bytes]:
    """Yield rows in runs without wide gaps between their numbers. Each row begins with `tag`."""
    ends = numbered.search(rows), numbered.search(rows, max(rows.rfind(tag), 0))
    if all(ends) and int(ends[1][1]) - int(ends[0][1]) < min(rows.count(tag) + GAP_ROWS, SPAN_ROWS):
        yield rows
        return
    begin = first = last = 0
    for found in numbered.finditer(rows):
        number = int(found[1])
        if number - last > GAP_ROWS or number - first > SPAN_ROWS:
            if found.start() > begin:
                yield rows[begin:found.start()]
            begin, first = found.start(), number
        last = number
    yield rows[begin:]


def column_number(letters: bytes) -> int:
    """Return the index of a column, from 0, by its letters."""
    number = 0
    for letter in letters[:3]:
        number = number * 26 + letter - 64
    return number - 1
