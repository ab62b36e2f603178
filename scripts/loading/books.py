"""Workbooks (xlsx, xlsb, ods, xls), read by calamine. It never sees a foreign zip file, only one made here.

So no archive swells beyond what was counted. Sheets of xlsx are handed over in pieces: memory does not grow with them.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from loading.contract import ZIP, shown
from loading.texts import Chunks, Unreadable

# Eight million cases in the sheets of one workbook; Excel's own limit of a sheet is a million rows.
EXPANDED_BYTES = 2 << 30
HELD_BYTES = 128 << 20  # what is held at once: texts of all cells, or a whole workbook that is not xlsx
PIECE_BYTES = 8 << 20
SMALL_BYTES = 4 << 20
CHUNK_ROWS = 10_000
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
# A cell with a formula, a value, or both; of prefixes, the row's own.
CELL = re.compile(
    rb"<((?:\w+:)?)c((?:\s[^<>]*)?)(?<!/)>\s*+(<\1f(?:\s[^<>]*)?(?:/>|>[^<]*</\1f>))?\s*+"
    rb"(?:<\1v>([^<]*)</\1v>|<\1v\s*/>)?\s*+</\1c>")
TYPE = re.compile(rb"\st\s*=\s*[\"'](\w+)[\"']")
NOT_CALCULATED = b"#CALC!"
ROWS_BEGIN = re.compile(rb"<(\w+:)?sheetData\s*(/?)>")


@dataclass
class Sheet:
    """A sheet: its name, whether people see it, its rows in chunks, and from when Excel counts its days."""

    name: str
    is_seen: bool
    chunks: Callable[[], Chunks]
    date1904: bool | None


def cannot(what: str) -> Unreadable:
    """Return what to say of a workbook that is none."""
    return Unreadable(f"工作簿不能打开（{what}）；请用 Excel 打开后另存为 xlsx"
                      f" / the workbook cannot be opened ({what}); open it in Excel and save it as xlsx", 0)


def too_large() -> Unreadable:
    """Return what to say of a workbook that swells."""
    return Unreadable("工作簿展开后太大，请按月分开，或另存为 CSV"
                      " / the workbook is too large when unpacked; split it by month, or save it as CSV", 0)


@contextmanager
def opening() -> Iterator[None]:
    """Turn whatever the libraries say of a broken workbook into Unreadable."""
    try:
        yield
    except Unreadable:
        raise
    except PasswordError:
        raise cannot("有密码 password") from None
    except (CalamineError, zipfile.BadZipFile, zlib.error, ElementTree.ParseError, KeyError, ValueError, OSError,
            NotImplementedError, EOFError, RuntimeError, IndexError) as error:
        raise cannot(shown(str(error) or type(error).__name__)) from None


def sheets_of(path: Path) -> list[Sheet]:
    """Return the sheets of a workbook. Raises Unreadable."""
    with opening():
        with path.open("rb") as file:
            if file.read(4) != ZIP:
                return whole(CalamineWorkbook.from_path(path))
        archive = zipfile.ZipFile(path)
        if sum(info.file_size for info in archive.infolist()) > EXPANDED_BYTES:
            raise too_large()
        if "xl/workbook.xml" in archive.namelist():
            return xlsx(archive)
        return whole(CalamineWorkbook.from_filelike(repacked(archive)))


def part(archive: zipfile.ZipFile, name: str, limit: int = HELD_BYTES) -> bytes:
    """Return a part of an archive. Raises Unreadable when it is larger than the limit."""
    with archive.open(name) as file:
        found = file.read(limit + 1)
    if len(found) > limit:
        raise too_large()
    return found


def repacked(archive: zipfile.ZipFile) -> io.BytesIO:
    """Return an archive with the same parts, as large as it says."""
    packed, left = io.BytesIO(), HELD_BYTES
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as made:
        for name in dict.fromkeys(archive.namelist()):
            if name.endswith((".xml", ".bin", ".rels", "mimetype")):
                content = part(archive, name, left)
                left -= len(content)
                made.writestr(name, content)
    packed.seek(0)
    return packed


def whole(book: CalamineWorkbook) -> list[Sheet]:
    """Return the sheets of a workbook that calamine holds as a whole."""
    return [
        Sheet(about.name, about.visible == SheetVisibleEnum.Visible, lambda name=about.name: in_chunks(
            rows_of(book, name)), None)
        for about in book.sheets_metadata if about.typ == SheetTypeEnum.WorkSheet
    ]


def rows_of(book: CalamineWorkbook, name: str) -> Iterator[tuple[int, list]]:
    """Yield (row as Excel counts, its cells from column A) of a sheet."""
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
    # Entities cannot swell: expat bounds them, and this process is bounded too.
    book = ElementTree.fromstring(part(archive, "xl/workbook.xml", SMALL_BYTES))  # noqa: S314
    links = ElementTree.fromstring(part(archive, "xl/_rels/workbook.xml.rels", SMALL_BYTES))  # noqa: S314
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    properties = next((node for node in book.iter() if node.tag.endswith("}workbookPr")), None)
    date1904 = properties is not None and properties.get("date1904") in ("1", "true")
    found = []
    for node in book.iter():
        if not node.tag.endswith("}sheet"):
            continue
        target = next((targets.get(value, "") for key, value in node.items() if key.endswith("}id")), "")
        name = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if name in archive.namelist() and "worksheets/" in name:
            found.append(Sheet(
                node.get("name", ""), node.get("state", "visible") == "visible",
                lambda name=name: in_chunks(xlsx_rows(archive, name, date1904)), date1904,
            ))
    return found


def xlsx_rows(archive: zipfile.ZipFile, name: str, date1904: bool) -> Iterator[tuple[int, list]]:
    """Yield (row, cells) of a sheet, which calamine reads in pieces. Raises Unreadable."""
    common = dict(OWN_PARTS)
    common["xl/workbook.xml"] = (
        f'<workbook xmlns="{MAIN}" xmlns:r="{LINK}"><workbookPr date1904="{int(date1904)}"/>'
        '<sheets><sheet name="s" sheetId="1" r:id="rId1"/></sheets></workbook>'
    )
    lower = {found.lower(): found for found in archive.namelist()}
    for own in ("xl/styles.xml", "xl/sharedStrings.xml"):
        if own.lower() in lower:
            common[own] = part(archive, lower[own.lower()])
    last = 0
    for piece in pieces(archive, name):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as made:
            for own, content in (common | {"xl/worksheets/sheet1.xml": with_errors(piece)}).items():
                made.writestr(own, content)
        packed.seek(0)
        book = CalamineWorkbook.from_filelike(packed)
        offset = None
        for number, cells in rows_of(book, "s"):
            if offset is None:  # rows without a number are counted on
                offset = last if number <= last else 0
            yield number + offset, cells
        if offset is not None:
            last = number + offset


def with_errors(piece: bytes) -> bytes:
    """Return rows in which errors of formulas, and formulas without a value, are texts: calamine calls them blank."""
    return CELL.sub(with_error, piece) if b't="e"' in piece or b"t='e'" in piece or b"f>" in piece else piece


def with_error(found: re.Match) -> bytes:
    """Return a cell; where it is an error, as its text, which ends in a sign that no word for nothing has."""
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


def pieces(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """Yield sheets of at most some rows each, which together have the rows of a sheet."""
    with archive.open(name) as file:
        rest = file.read(PIECE_BYTES)
        begin = ROWS_BEGIN.search(rest)
        if not begin or begin[2]:
            return
        head, prefix = rest[: begin.end()], begin[1] or b""
        tail = b"</" + prefix + b"sheetData></" + prefix + b"worksheet>"
        rest = rest[begin.end():]
        while True:
            end = rest.find(b"</" + prefix + b"sheetData")
            if end >= 0:
                yield head + rest[:end] + tail
                return
            more = file.read(PIECE_BYTES)
            if not more:
                yield head + rest  # cut off: calamine says so
                return
            last_row = rest.rfind(b"</" + prefix + b"row>")
            cut = rest.find(b">", last_row) + 1 if last_row >= 0 else 0
            if cut:
                yield head + rest[:cut] + tail
            elif len(rest) > 4 * PIECE_BYTES:
                raise too_large()
            rest = rest[cut:] + more
