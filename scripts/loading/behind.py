"""What calamine leaves out of a workbook: errors of formulas, merged cells, and numbers shown as 000042.

Calamine reads errors as blanks and numbers without their format. For xlsx, books.py changes the rows before calamine
reads them. For xls, xlsb and ods, this module reads the cells itself.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from xml.etree import ElementTree

ERROR_TEXT = "#ERROR!"  # matches cells.ERROR; no word for "no value" ends in "!"
MOST_CELLS = 1_000_000
# A format of zeros, with or without letters before them: the cell shows an id, but its value is a plain number.
FORMAT = re.compile(r'(?:\[[^\]]*\])*((?:"[\w-]*"|\\[\w-])*)(0+)(?:_.)*', re.ASCII)
SHOWN_NUMBER = re.compile(r"([A-Za-z_-]*)(\d+)")
NUMBER_FORMAT = re.compile(rb"<(?:\w+:)?numFmt\s[^<>]*>")
CELL_STYLES = re.compile(rb"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", re.DOTALL)
STYLE = re.compile(rb"<(?:\w+:)?xf\b[^<>]*>")
ATTRIBUTE = re.compile(rb"\b(\w+)\s*=\s*[\"']([^\"']*)[\"']")
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
OFFICE_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
# A number that is shown as an id. Each tag is matched from its last "float", to avoid slow backtracking.
ODS_SIGN = re.compile(
    rb"[\"']error[\"']|number-rows-spanned\s*=\s*[\"'](?!1[\"'])"
    rb"|[\"']float[\"'][^<>\"']*+(?:[\"'](?!float[\"'])[^<>\"']*+)*+>\s*+<[^<>]*+>(?:[A-Za-z_-]+\d|0\d)")
VALUE_TYPE = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"
# Kinds of records in xls and xlsb, named as in Microsoft's specification.
BOF, EOF, BOUND_SHEET, FORMAT_RECORD, XF = 0x0809, 0x000A, 0x0085, 0x041E, 0x00E0
BOOL_ERR, FORMULA, NUMBER, RK, MUL_RK, MERGE_CELLS = 0x0205, 0x0006, 0x0203, 0x027E, 0x00BD, 0x00E5
BIFF8, IS_ERROR, ROOT = 0x0600, 2, 5
BRT_ROW, BRT_RK, BRT_ERROR, BRT_REAL, BRT_FORMULA_NUMBER, BRT_FORMULA_ERROR, BRT_MERGE = 0, 2, 3, 5, 9, 11, 176
BRT_FORMAT, BRT_XF, BRT_BEGIN_CELL_XFS, BRT_END_CELL_XFS, BRT_SHEET = 44, 47, 617, 618, 156
Format = tuple[str, int]


@dataclass
class Behind:
    """For one sheet: texts of cells by (row, column), and merged cells in calamine's form; all counted from 0."""

    cells: dict[tuple[int, int], str] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)

    def put(self, row: int, column: int, text: str) -> None:
        """Keep the text of a cell. Raises ValueError if there are too many."""
        if len(self.cells) >= MOST_CELLS:
            raise ValueError("cells")
        self.cells[row, column] = text


def format_of(code: str) -> Format | None:
    """Return (letters, number of zeros) of a number format that shows an id, or None."""
    found = FORMAT.fullmatch(code.partition(";")[0])
    if not found or (len(found[2]) == 1 and not found[1]):
        return None
    return re.sub(r'["\\]', "", found[1]), len(found[2])


def shown_number(value: float, style: Format) -> str | None:
    """Return a number as a format shows it, or None if that is the number itself."""
    letters, noughts = style
    if value != int(value) or value < 0:
        return None
    shown = f"{letters}{int(value):0{noughts}d}"
    return None if shown == str(int(value)) else shown


def xlsx_formats(styles: bytes) -> dict[bytes, Format]:
    """Return the formats that show ids, by the number of the style."""
    formats = {}
    for tag in NUMBER_FORMAT.findall(styles):
        named = {name: unescape(value.decode("utf-8", "replace")) for name, value in ATTRIBUTE.findall(tag)}
        if found := format_of(named.get(b"formatCode", "")):
            formats[named.get(b"numFmtId")] = found
    section = CELL_STYLES.search(styles) if formats else None
    if not section:
        return {}
    return {
        str(number).encode(): formats[name]
        for number, tag in enumerate(STYLE.findall(section[0]))
        if (name := dict(ATTRIBUTE.findall(tag)).get(b"numFmtId", b"").decode()) in formats
    }


# xls: an OLE file. The workbook stream is stored in sectors and holds BIFF records.


def stream_of(content: bytes) -> bytes:
    """Return the workbook stream. Raises ValueError; struct.error or IndexError for a broken file."""
    size, small_size = (1 << struct.unpack_from("<H", content, at)[0] for at in (30, 32))
    first, cutoff, small_first = (struct.unpack_from("<I", content, at)[0] for at in (48, 56, 60))

    def sector(number: int) -> bytes:
        return content[(number + 1) * size:(number + 2) * size]

    tables = list(struct.unpack_from("<109I", content, 76))
    more, count = struct.unpack_from("<2I", content, 68)
    for _ in range(min(count, len(content) // size)):
        *found, more = struct.unpack(f"<{size // 4}I", sector(more))
        tables += found
    next_of = [number for table in tables if table < 0xFFFFFFFA
               for number in struct.unpack(f"<{size // 4}I", sector(table))]

    def chain(number: int, following: list[int], piece) -> bytes:
        found = []
        while number < 0xFFFFFFFA and len(found) <= len(following):
            found.append(piece(number))
            number = following[number]
        return b"".join(found)

    folder = chain(first, next_of, sector)
    root, book = None, None
    for at in range(0, len(folder), 128):
        length, kind = struct.unpack_from("<HB", folder, at + 64)
        name = folder[at:at + max(length - 2, 0)].decode("utf-16-le", "replace").lower()
        start, length = struct.unpack_from("<2I", folder, at + 116)
        if kind == ROOT:
            root = start
        elif name in ("workbook", "book") and (book is None or name == "workbook"):
            book = (start, length)
    if book is None:
        raise ValueError("Workbook")
    if book[1] >= cutoff or root is None:
        return chain(book[0], next_of, sector)[:book[1]]
    small = chain(root, next_of, sector)
    table = chain(small_first, next_of, sector)
    return chain(book[0], list(struct.unpack(f"<{len(table) // 4}I", table)),
                 lambda number: small[number * small_size:(number + 1) * small_size])[:book[1]]


def rk_number(number: int) -> float:
    """Decode an RK number of BIFF (four bytes)."""
    value = float((number - ((number & 0x80000000) << 1)) >> 2) if number & 2 else struct.unpack(
        "<d", struct.pack("<Q", (number & 0xFFFFFFFC) << 32))[0]
    return value / 100 if number & 1 else value


def xls_records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Yield (kind, content) of the records of a substream, without those of embedded charts."""
    depth = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        if kind == BOF:
            depth += 1
        elif kind == EOF:
            depth -= 1
            if not depth:
                return
        if depth == 1:
            yield kind, stream[at + 4:at + 4 + length]
        at += 4 + length


def xls_behind(content: bytes) -> list[Behind]:
    """Return what calamine leaves out of each sheet of an xls file, in order."""
    stream = stream_of(content)
    places, formats, styles, is_new = [], {}, [], True
    for kind, data in xls_records(stream, 0):
        if kind == BOF:
            is_new = struct.unpack_from("<H", data)[0] >= BIFF8
        elif kind == BOUND_SHEET:
            places.append(struct.unpack_from("<I", data)[0])
        elif kind == FORMAT_RECORD:
            wide = is_new and data[4] & 1
            text = data[5 if is_new else 3:].decode("utf-16-le" if wide else "latin-1", "replace")
            if found := format_of(text):
                formats[struct.unpack_from("<H", data)[0]] = found
        elif kind == XF:
            styles.append(formats.get(struct.unpack_from("<H", data, 2)[0]))
    return [xls_sheet(stream, place, styles) for place in places]


def xls_sheet(stream: bytes, place: int, styles: list[Format | None]) -> Behind:
    """Return what calamine leaves out of one sheet of an xls file."""
    found = Behind()

    def number(row: int, column: int, style: int, value: float) -> None:
        shows = styles[style] if style < len(styles) else None
        if shows and (shown := shown_number(value, shows)):
            found.put(row, column, shown)

    has_formats = any(styles)
    for kind, data in xls_records(stream, place):
        if kind == BOOL_ERR:
            row, column, _, _, is_error = struct.unpack_from("<3H2B", data)
            if is_error:
                found.put(row, column, ERROR_TEXT)
        elif kind == FORMULA:
            row, column, style = struct.unpack_from("<3H", data)
            if data[12:14] != b"\xff\xff":
                number(row, column, style, struct.unpack_from("<d", data, 6)[0])
            elif data[6] == IS_ERROR:
                found.put(row, column, ERROR_TEXT)
        elif kind == NUMBER and has_formats:
            number(*struct.unpack_from("<3Hd", data))
        elif kind == RK and has_formats:
            *where, rk = struct.unpack_from("<3HI", data)
            number(*where, rk_number(rk))
        elif kind == MUL_RK and has_formats:
            row, first = struct.unpack_from("<2H", data)
            for place_in_row in range((len(data) - 6) // 6):
                style, rk = struct.unpack_from("<HI", data, 4 + 6 * place_in_row)
                number(row, first + place_in_row, style, rk_number(rk))
        elif kind == MERGE_CELLS:
            for at in range(2, len(data) - 7, 8):
                top, bottom, left, right = struct.unpack_from("<4H", data, at)
                found.merged.append((top, left, bottom, right))
    return found


# xlsb: BIFF12 records in the parts of a zip file.


def xlsb_records(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield (kind, content) of the records of a part."""
    at = 0
    while at < len(content):
        kind, at = content[at], at + 1
        if kind & 0x80:
            kind, at = (kind & 0x7F) | (content[at] & 0x7F) << 7, at + 1
        length = shift = 0
        for _ in range(4):
            byte, at = content[at], at + 1
            length |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                break
        yield kind, content[at:at + length]
        at += length


def wide_text(data: bytes, at: int) -> tuple[str, int]:
    """Return a text of a record, and where it ends."""
    length = 2 * struct.unpack_from("<I", data, at)[0]
    return data[at + 4:at + 4 + length].decode("utf-16-le", "replace"), at + 4 + length


def xlsb_behind(archive: zipfile.ZipFile) -> dict[str, Behind]:
    """Return what calamine leaves out of an xlsb file, by name of sheet."""
    links = ElementTree.fromstring(archive.read("xl/_rels/workbook.bin.rels"))  # noqa: S314 - expat bounds entities
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    formats, styles, is_cell = {}, [], False
    for kind, data in xlsb_records(archive.read("xl/styles.bin")) if "xl/styles.bin" in archive.namelist() else ():
        if kind == BRT_FORMAT and (found := format_of(wide_text(data, 2)[0])):
            formats[struct.unpack_from("<H", data)[0]] = found
        elif kind in (BRT_BEGIN_CELL_XFS, BRT_END_CELL_XFS):
            is_cell = kind == BRT_BEGIN_CELL_XFS
        elif kind == BRT_XF and is_cell:
            styles.append(formats.get(struct.unpack_from("<H", data, 2)[0]))
    sheets = {}
    for kind, data in xlsb_records(archive.read("xl/workbook.bin")):
        if kind == BRT_SHEET:
            link, end = wide_text(data, 8)
            target = targets.get(link, "")
            part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            if part in archive.namelist():
                sheets[wide_text(data, end)[0]] = xlsb_sheet(archive.read(part), styles)
    return sheets


def xlsb_sheet(content: bytes, styles: list[Format | None]) -> Behind:
    """Return what calamine leaves out of one sheet of an xlsb file."""
    found, row, has_formats = Behind(), 0, any(styles)
    for kind, data in xlsb_records(content):
        if kind == BRT_ROW:
            row = struct.unpack_from("<I", data)[0]
        elif kind in (BRT_ERROR, BRT_FORMULA_ERROR):
            found.put(row, struct.unpack_from("<I", data)[0], ERROR_TEXT)
        elif kind in (BRT_RK, BRT_REAL, BRT_FORMULA_NUMBER) and has_formats:
            column, style = struct.unpack_from("<2I", data)
            style &= 0xFFFFFF
            shows = styles[style] if style < len(styles) else None
            if shows:
                value = struct.unpack_from("<d", data, 8)[0] if kind != BRT_RK else rk_number(
                    struct.unpack_from("<I", data, 8)[0])
                if shown := shown_number(value, shows):
                    found.put(row, column, shown)
        elif kind == BRT_MERGE:
            top, bottom, left, right = struct.unpack_from("<4I", data)
            found.merged.append((top, left, bottom, right))
    return found


# ods: a cell also stores the text that it shows.


def ods_behind(content: bytes) -> dict[str, Behind]:
    """Return what calamine leaves out of an ods file, by name of sheet."""
    sheets: dict[str, Behind] = {}
    if not ODS_SIGN.search(content):  # most files have none, and parsing is slow
        return sheets
    found, row, column = Behind(), 0, 0
    cells: list[tuple[int, int, str]] = []
    for event, node in ElementTree.iterparse(io.BytesIO(content), ("start", "end")):  # noqa: S314 - expat bounds entities
        if event == "start":
            if node.tag == f"{TABLE}table":
                found, row = sheets.setdefault(node.get(f"{TABLE}name", ""), Behind()), 0
            elif node.tag == f"{TABLE}table-row":
                column, cells = 0, []
        elif node.tag in (f"{TABLE}table-cell", f"{TABLE}covered-table-cell"):
            times = int(node.get(f"{TABLE}number-columns-repeated", "1"))
            tall = int(node.get(f"{TABLE}number-rows-spanned", "1"))
            if tall > 1:
                wide = int(node.get(f"{TABLE}number-columns-spanned", "1"))
                found.merged.append((row, column, row + tall - 1, column + wide - 1))
            if text := ods_text(node):
                cells.append((column, times, text))
            column += times
            node.clear()
        elif node.tag == f"{TABLE}table-row":
            times = int(node.get(f"{TABLE}number-rows-repeated", "1"))
            for place in range(row, row + times if cells else row):
                for first, repeated, text in cells:
                    for n in range(first, first + repeated):
                        found.put(place, n, text)
            row += times
            node.clear()
    return sheets


def ods_text(cell: ElementTree.Element) -> str | None:
    """Return the text that a cell shows if calamine reads another, or None."""
    if cell.get(VALUE_TYPE) == "error":
        return ERROR_TEXT
    if cell.get(f"{OFFICE}value-type") != "float":
        return None
    shown = "".join(text for line in cell.findall(f"{OFFICE_TEXT}p") for text in line.itertext()).strip()
    try:
        value = float(cell.get(f"{OFFICE}value", ""))
    except ValueError:
        return None
    parts = SHOWN_NUMBER.fullmatch(shown)
    return shown_number(value, (parts[1], len(parts[2]))) if parts and int(parts[2]) == value else None
