"""Typical office files, one for each habit: read if unambiguous, else reported."""

import csv
import datetime
import io
import json
import re
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import xlsxwriter

import load_logs
from conftest import Project, run_script
from loading import books

ZH = "日期,办理时长,是否一次办结,流水号,大厅,窗口,渠道"
ROWS = ["2026-03-10,7.5,是,A1,H1,W1,窗口", "2026-03-11,8,否,A2,H1,W2,网上"]
PLAIN = [("2026-03-10", 7.5, 1, "A1", "H1", "W1", "window"), ("2026-03-11", 8.0, 0, "A2", "H1", "W2", "online")]


def load(project: Project, *arguments, code: int = 0) -> str:
    return run_script("load_logs.py", "--raw-schema", project.raw_schema, *arguments, code=code)


def load_check(path, *arguments, code: int = 0) -> str:
    return run_script("load_logs.py", "--check", path, *arguments, code=code)


def counts(output: str) -> dict[str, int]:
    """Return the numbers of the one summary line."""
    (line,) = [line for line in output.splitlines() if " / read " in line]
    return {name: int(number) for name, number in (
        part.rsplit(" ", 1) for part in line.split(" / ")[1].split(", "))}


def cases(project: Project) -> list[tuple]:
    found = project.query("select * from {raw}.service_log order by service_date, log_id")
    return [(str(row.service_date), float(row.process_time), row.is_completed, row.log_id, row.hall_id, row.window_id,
             row.channel) for row in found.itertuples()]


@pytest.fixture(autouse=True)
def empty(project: Project):
    tables = project.query("select table_name as t from information_schema.tables where table_schema = '{raw}'")
    for name in tables.t:
        project.execute(f"drop table {project.raw_schema}.{name}")


def text(*lines: str, end: str = "\r\n", encoding: str = "utf-8") -> bytes:
    return (end.join(lines) + end).encode(encoding)


def book(*sheets: tuple[str, list[list]], epoch1904: bool = False) -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.active)
    if epoch1904:
        made.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    for name, rows in sheets:
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def libre_book(*changed: str) -> bytes:
    """Return the plain cases as a LibreOffice workbook, written without a library.

    The given cells are in the last row, from its fourth column on.
    """
    cells = [[f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'
              for cell in line.split(",")] for line in (ZH, *ROWS)]
    cells[-1][3:3 + len(changed)] = changed
    rows = "".join(f"<table:table-row>{''.join(row)}</table:table-row>" for row in cells)
    namespace = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<?xml version="1.0"?><office:document-content xmlns:office="{namespace}:office:1.0"'
        f' xmlns:table="{namespace}:table:1.0" xmlns:text="{namespace}:text:1.0"'
        ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
        ' office:version="1.2"><office:body>'
        f'<office:spreadsheet><table:table table:name="Sheet1">{rows}</table:table></office:spreadsheet>'
        '</office:body></office:document-content>')
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        made.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        made.writestr("content.xml", content)
        made.writestr("META-INF/manifest.xml", '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:'
                      'xmlns:manifest:1.0"><manifest:file-entry manifest:full-path="/" manifest:media-type='
                      '"application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>')
    return stream.getvalue()


ERROR, PADDED = object(), object()  # 1/0, and 42 shown as 000042


def table_with(value: object) -> list[list]:
    """Return the plain cases, with a value in place of an id."""
    return [ZH.split(","), *([row[0], float(row[1]), 1.0, *row[3:]] for row in (row.split(",") for row in ROWS)),
            ["2026-03-12", 9.0, 1.0, value, "H1", "W1", "窗口"]]


def old_book(rows: list[list], merged: tuple[int, int, int, int] | None = None) -> bytes:
    """Return a workbook of Excel 97, written without a library."""
    def record(kind: int, data: bytes) -> bytes:
        return struct.pack("<HH", kind, len(data)) + data

    begin = record(0x0809, struct.pack("<4H2I", 0x0600, 5, 0, 0, 0, 0))
    formats = record(0x041E, struct.pack("<HHB", 164, 6, 0) + b"000000")
    styles = b"".join(record(0x00E0, struct.pack("<2H16x", 0, style)) for style in (0, 164))
    cells = b""
    for n, row in enumerate(rows):
        for m, cell in enumerate(row):
            if cell is ERROR:
                cells += record(0x0205, struct.pack("<3H2B", n, m, 0, 7, 1))
            elif cell is PADDED:
                cells += record(0x0203, struct.pack("<3Hd", n, m, 1, 42))
            elif isinstance(cell, float):
                cells += record(0x027E, struct.pack("<3HI", n, m, 0, int(cell * 100) << 2 | 3))
            else:
                text = cell.encode("utf-16-le")
                cells += record(0x0204, struct.pack("<4HB", n, m, 0, len(text) // 2, 1) + text)
    if merged:
        cells += record(0x00E5, struct.pack("<5H", 1, *merged))
    name = "Sheet1".encode("utf-16-le")
    bound = len(begin + formats + styles) + 4 + 8 + len(name) + 4
    stream = begin + formats + styles + record(0x0085, struct.pack("<IHBB", bound, 0, 6, 1) + name)
    stream += record(0x000A, b"")
    assert len(stream) == bound
    stream += record(0x0809, struct.pack("<4H2I", 0x0600, 16, 0, 0, 0, 0)) + cells + record(0x000A, b"")
    stream = stream.ljust(4096, b"\0")
    stream += bytes(-len(stream) % 512)
    sectors = len(stream) // 512

    def entry(name: str, kind: int, start: int, size: int) -> bytes:
        named = (name + "\0").encode("utf-16-le")
        below = 1 if kind == 5 else 0xFFFFFFFF
        return named.ljust(64, b"\0") + struct.pack(
            "<HBB3I36xIQ", len(named), kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, below, start, size)

    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack(
        "<5H6x9I", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0) + struct.pack(
        "<109I", 0, *[0xFFFFFFFF] * 108)
    chain = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, sectors + 2), 0xFFFFFFFE]
    table = struct.pack("<128I", *chain, *[0xFFFFFFFF] * (128 - len(chain)))
    folder = entry("Root Entry", 5, 0xFFFFFFFE, 0) + entry("Workbook", 2, 2, len(stream)) + bytes(256)
    return header + table + folder + stream


def binary_book(rows: list[list], merged: tuple[int, int, int, int] | None = None) -> bytes:
    """Return an xlsb workbook, written without a library."""
    def record(kind: int, data: bytes = b"") -> bytes:
        number = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
        length = bytes([len(data)]) if len(data) < 128 else bytes([len(data) & 0x7F | 0x80, len(data) >> 7])
        return number + length + data

    def wide(text: str) -> bytes:
        return struct.pack("<I", len(text)) + text.encode("utf-16-le")

    cells = b""
    for n, row in enumerate(rows):
        cells += record(0, struct.pack("<I13x", n))
        for m, cell in enumerate(row):
            if cell is ERROR:
                cells += record(3, struct.pack("<2IB", m, 0, 7))
            elif cell is PADDED:
                cells += record(5, struct.pack("<2Id", m, 1, 42))
            elif isinstance(cell, float):
                cells += record(2, struct.pack("<3I", m, 0, int(cell * 100) << 2 | 3))
            else:
                cells += record(6, struct.pack("<2I", m, 0) + wide(cell))
    sheet = record(129) + record(148, struct.pack("<4I", 0, len(rows) - 1, 0, 6)) + record(145) + cells + record(146)
    if merged:
        top, bottom, left, right = merged
        sheet += record(177, struct.pack("<I", 1))
        sheet += record(176, struct.pack("<4I", top, bottom, left, right)) + record(178)
    styles = record(278) + record(615, struct.pack("<I", 1)) + record(44, struct.pack("<H", 164) + wide("000000"))
    styles += record(616) + record(617, struct.pack("<I", 2)) + b"".join(
        record(47, struct.pack("<2H12x", 0, style)) for style in (0, 164)) + record(618) + record(279)
    book = record(131) + record(143) + record(156, struct.pack("<2I", 0, 1) + wide("rId1") + wide("Sheet1")) + record(
        144) + record(132)
    link, kinds = "http://schemas.openxmlformats.org/package/2006", "application/vnd.ms-excel"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        made.writestr("[Content_Types].xml", f'<Types xmlns="{link}/content-types"><Default Extension="bin"'
                      f' ContentType="{kinds}.sheet.binary.macroEnabled.main"/></Types>')
        made.writestr("_rels/.rels", f'<Relationships xmlns="{link}/relationships"><Relationship Id="r" Type="{office}/'
                      'officeDocument" Target="xl/workbook.bin"/></Relationships>')
        made.writestr("xl/_rels/workbook.bin.rels", f'<Relationships xmlns="{link}/relationships"><Relationship'
                      f' Id="rId1" Type="{office}/worksheet" Target="worksheets/sheet1.bin"/></Relationships>')
        made.writestr("xl/workbook.bin", book)
        made.writestr("xl/styles.bin", styles)
        made.writestr("xl/worksheets/sheet1.bin", sheet + record(130))
    return stream.getvalue()


def new_book(rows: list[list], merged: tuple[int, int, int, int] | None = None) -> bytes:
    """Return an xlsx workbook."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as made:
        sheet = made.add_worksheet("Sheet1")
        padded = made.add_format({"num_format": "000000"})
        for n, row in enumerate(rows):
            for m, cell in enumerate(row):
                if cell is ERROR:
                    sheet.write_formula(n, m, "=1/0", None, "#DIV/0!")
                elif cell is PADDED:
                    sheet.write_number(n, m, 42, padded)
                else:
                    sheet.write(n, m, cell)
        if merged:
            top, bottom, left, right = merged
            sheet.merge_range(top, left, bottom, right, rows[top][left])
    return stream.getvalue()


BOOKS = {"xls": old_book, "xlsb": binary_book, "xlsx": new_book}


TITLE = ["城东大厅办件明细表,,,,,,", "填报日期：2026年3月,,,,,,"]
DATED = [[datetime.date(2026, 3, 10), 7.5, True, "A1", "H1", "W1", "窗口"],
         [datetime.date(2026, 3, 11), 8, False, "A2", "H1", "W2", "网上"]]
SAME = {  # each holds exactly the two plain cases
    "办件记录2026-03.csv": text(ZH, *ROWS),
    "service_log_bom.csv": text(ZH, *ROWS, encoding="utf-8-sig"),
    "service_log_gbk.csv": text(ZH, *ROWS, encoding="gbk"),
    "service_log_utf16.csv": text(ZH, *ROWS, encoding="utf-16"),
    "service_log_utf16be.csv": text(ZH, *ROWS, encoding="utf-16-be"),
    "service_log_mac.csv": text(ZH, *ROWS, end="\r"),
    "service_log_semicolon.csv": text(ZH.replace(",", ";"), *(row.replace(",", ";") for row in ROWS)),
    "service_log_tab.csv": text(ZH.replace(",", "\t"), *(row.replace(",", "\t") for row in ROWS), encoding="utf-16"),
    "service_log_wide.csv": text(ZH.replace(",", "，"), *(row.replace(",", "，") for row in ROWS)),
    "service_log_title.csv": text(*TITLE, ZH, *ROWS),
    "service_log_trailing.csv": text(ZH + ",,", *(row + ",," for row in ROWS)),
    "service_log_slashes.csv": text(ZH, *(row.replace("2026-03-", "2026/3/") for row in ROWS)),
    "service_log_chinese.csv": text(ZH, *(row.replace("2026-03-", "2026年3月") for row in ROWS)),
    "service_log_american.csv": text(ZH, "3/10/2026,7.5,Y,A1,H1,W1,window", "3/11/2026,8,N,A2,H1,W2,online"),
    "service_log_durations.csv": text(ZH, ROWS[0].replace("7.5", "00:07:30"), ROWS[1].replace("8", "0:08:00")),
    "service_log_serials.csv": text(ZH, ROWS[0].replace("2026-03-10", "46091"), ROWS[1].replace("2026-03-11", "46092")),
    "service_log_quoted.csv": text(*(",".join(f'"{cell}"' for cell in line.split(",")) for line in (ZH, *ROWS))),
    "service_log_numbered.csv": text("序号," + ZH, "1," + ROWS[0], "2," + ROWS[1]),
    "service_log_text.xls": text(ZH.replace(",", "\t"), *(row.replace(",", "\t") for row in ROWS), encoding="gbk"),
    "service_log_dates.xlsx": book(("Sheet1", [ZH.split(","), *DATED])),
    "service_log_macintosh.xlsx": book(("Sheet1", [ZH.split(","), *DATED]), epoch1904=True),
    "service_log_serials.xlsx": book(("Sheet1", [ZH.split(","), [46091, *DATED[0][1:]], [46092, *DATED[1][1:]]])),
    "service_log_durations.xlsx": book(("Sheet1", [
        ZH.split(","), [DATED[0][0], datetime.time(0, 7, 30), *DATED[0][2:]],
        [DATED[1][0], datetime.timedelta(minutes=8), *DATED[1][2:]]])),
    "service_log_months.xlsx": book(
        ("说明", [["本表由叫号系统导出"]]), ("上旬", [ZH.split(","), DATED[0]]), ("中旬", [ZH.split(","), DATED[1]])),
    "2026年台账.xlsx": book(("办件记录", [ZH.split(","), *DATED])),
    "service_log_title.xlsx": book(
        ("Sheet1", [["城东大厅"], [], [None, *ZH.split(",")], *([None, *row] for row in DATED)])),
    "service_log_libre.ods": libre_book(),
    "service_log_named_xlsx.csv": book(("Sheet1", [ZH.split(","), *DATED])),
}


TITLES = {"service_log_title.csv": 2, "service_log_title.xlsx": 2}  # rows above the header


@pytest.mark.parametrize("name", SAME)
def test_it_is_read(project, tmp_path, name):
    path = tmp_path / name
    path.write_bytes(SAME[name])
    if "american" in name:  # only ambiguous days: a third case decides them
        path.write_bytes(SAME[name] + b"3/31/2026,1,1,A3,H1,W3,window\r\n")
    found = counts(load(project, path))
    titles = TITLES.get(name, 0)
    expected = [*PLAIN, ("2026-03-31", 1.0, 1, "A3", "H1", "W3", "window")] if "american" in name else PLAIN
    assert cases(project) == expected
    assert found == {"read": len(expected) + titles, "new": len(expected), "replaced": 0, "same": 0,
                     "left out": titles, "refused": 0}
    if "american" not in name:
        assert counts(load(project, path))["same"] == 2


def test_blank_and_total_rows_are_left_out_and_counted(project, tmp_path):
    path = tmp_path / "service_log.csv"
    path.write_bytes(text(ZH, ROWS[0], ",,,,,,", "", ROWS[1], "小计,15.5,,,,,", "合 计：,15.5,,2,,,", ZH))
    output = load(project, path)
    assert counts(output) == {"read": 7, "new": 2, "replaced": 0, "same": 0, "left out": 5, "refused": 0}
    assert cases(project) == PLAIN


TOTALS = [
    ("序号," + ZH, "1," + ROWS[0], ["合 计,,15.5,,,,,", "合计：,,15.5,,,,,", "总计（条）,,2,,,,,",
      "合计：3,,,,,,,", "城东小计,,,,,,,"]),
    ("," + ZH, "," + ROWS[0], ["合计,,15.5,,,,,", "合计3条,,,,,,,", "Ｔｏｔａｌ：,,1,,,,,"]),
    (ZH, ROWS[0], [",合计,2,,,,", "城东小计,5,,,,,", "合计：3,,,,,,", "合计,3", ",,,城东大厅合计,,,"]),
    (ZH, ROWS[0], ["制表人：张三,,,,,,", "审核：,,,,,,", "制表人,张三,,,,,",
                    "填表日期：2026年4月1日", "审核人: 李四,,,制表：王五,,,"]),
]


@pytest.mark.parametrize(("header", "row", "below"), TOTALS)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_totals_and_signatures_are_left_out_and_counted(tmp_path, header, row, below, kind):
    lines = [header, row, *below]
    path = tmp_path / f"service_log.{kind}"
    path.write_bytes(
        text(*lines) if kind == "csv" else book(("a", [[cell or None for cell in line.split(",")] for line in lines])))
    assert f"read {len(below) + 1}, good 1, left out {len(below)}, refused 0" in load_check(path)


def test_a_whole_row_is_no_total_for_its_name(tmp_path):
    path = tmp_path / "service_log.csv"
    lines = ["事项,日期,办理时长,一次办结", "费用合计,2026-03-10,5,1", "Total3,2026-03-10,5,1", "备注,2026-03-10,5,1",
             "费用合计,,5,1"]
    path.write_bytes(text(*lines))
    assert "read 4, good 3, left out 1, refused 0" in load_check(path)
    clerks = tmp_path / "clerks.csv"
    clerks.write_bytes(text("大厅编号,人员编号,姓名", "H1,C1,小计", "H1,审核,x"))
    assert "read 2, good 2, left out 0, refused 0" in load_check(clerks)


@pytest.mark.parametrize(("lines", "line", "said"), [
    ([ROWS[0], "2026-03-12,9,1,A3"], 3, "has 4 cells, the header 7"),
    ([ROWS[0], "2026-03-12,9,1,A3,H1,W1,window,x"], 3, "has 8 cells, the header 7"),
    ([ROWS[0], "2026-03-12,9,1,,A3,H1,W1,window"], 3, "has 8 cells, the header 7"),
    ([ROWS[0], '2026-03-12,9,1,A3,H1,"W1,window', ROWS[1]], 3, "a quote is never closed"),
    ([ROWS[0], '2026-03-12,9,1,A3,H1,"W1"x,window', ROWS[1]], 3, "text follows a closing quote"),
    ([ROWS[0], "2026-03-12,9,1,1.2E+11,H1,W1,window"], 3, "scientific notation"),
    ([ROWS[0], "2026-13-12,9,1,A3,H1,W1,window"], 3, "write a date such as 2026-03-31"),
    ([ROWS[0], "3/4/2026,9,1,A3,H1,W1,window"], 3, "does not tell month from day"),
    ([ROWS[0], "44650,9,1,A3,H1,W1,window"], 3, "from which year is not known"),
    ([ROWS[0], "2026-03-12,12:30,1,A3,H1,W1,window"], 3, "write minutes such as 12.5, or 00:12:30"),
    ([ROWS[0], '2026-03-12,"1,234",1,A3,H1,W1,window'], 3, "write minutes such as 12.5"),
    ([ROWS[0], "2026-03-12,9,maybe,A3,H1,W1,window"], 3, "write 1 or 0"),
])
def test_a_bad_line_is_refused_by_its_number(project, tmp_path, lines, line, said):
    path = tmp_path / "service_log.csv"
    path.write_bytes(text(ZH, *lines))
    output = load(project, path, code=1)
    (told,) = [row for row in output.splitlines() if row.startswith(f"error: {path}:")][:-1]
    assert told.startswith(f"error: {path}:{line}: ") and said in told
    assert project.query(
        "select 1 from information_schema.tables where table_schema = '{raw}' and table_name <> 'load_lock'").empty
    # The rest is good, and refused rows come back unchanged.
    assert counts(load(project, path, "--skip-bad-rows"))["refused"] == 1
    rejected = tmp_path / "service_log.rejected.csv"
    assert len(cases(project)) == len(lines) - 1
    assert "error" in load(project, rejected, code=1)
    mended = ["2026-03-12", "9", "1", "A3", "H1", "W1", "window"]
    header, _ = rejected.read_text("utf-8-sig").split("\n", 1)
    rejected.write_text(f"{header}\n{line},mended,{','.join(mended)}\n", "utf-8-sig")
    assert counts(load(project, rejected))["new"] == 1
    assert cases(project)[-1] == ("2026-03-12", 9.0, 1, "A3", "H1", "W1", "window")


def test_what_repeats_is_said_once(project, tmp_path):
    path = tmp_path / "service_log.csv"
    path.write_bytes(text(ZH, *(f"2026-03-10,{n}小时,是,A{n},H1,W1,窗口" for n in range(1, 2001))))
    output = load(project, path, code=1)
    lines = [line for line in output.splitlines() if line.startswith("error: ")]
    assert len(lines) == 2
    assert "2000 rows: lines 2, 3, 4 …" in lines[0]
    assert "service_log.csv: 没有装载：读入 2000，略过 0，退回 2000" in output
    assert "nothing loaded: read 2000, left out 0, refused 2000" in output


def test_nothing_is_swallowed_by_a_quote_that_others_close(project, tmp_path):
    path = tmp_path / "service_log.csv"
    path.write_bytes(text(ZH, '2026-03-10,1,1,A1,H1,W1,"窗口', ROWS[1], '2026-03-12,1,1,A3,H1,W1,"窗口"', ROWS[1]))
    output = load(project, path, "--skip-bad-rows")
    assert counts(output) == {"read": 4, "new": 3, "replaced": 0, "same": 0, "left out": 0, "refused": 1}
    assert f"refused: {path}:2: " in output


def test_times_of_all_kinds(project, tmp_path):
    path = tmp_path / "service_log.csv"
    written = {
        "2026-03-31T09:30:00+08:00": "2026-03-31 09:30:00",
        "2026-03-31T01:30:00Z": "2026-03-31 09:30:00",
        "2026-03-31T10:30:00.5+09:00": "2026-03-31 09:30:00.500000",
        "3/31/2026 9:30 AM": "2026-03-31 09:30:00",
        "3/31/2026 9:30 PM": "2026-03-31 21:30:00",
        "3/4/2026 12:05 AM": "2026-03-04 00:05:00",
        "2026年3月31日 9:30": "2026-03-31 09:30:00",
        "2026年3月31日 下午2时05分": "2026-03-31 14:05:00",
        "2026/3/31 9:30:15": "2026-03-31 09:30:15",
        "２０２６-０３-３１ ０９：３０": "2026-03-31 09:30:00",
        "20260331 093000": "2026-03-31 09:30:00",
        "2026-03-31 24:00": "2026-04-01 00:00:00",
        "2026-03-31": "2026-03-31 00:00:00",
        "无": None,
        "": None,
    }
    path.write_bytes(text(ZH + ",叫号时间", *(
        f"2026-03-31,1,1,A{n:02d},H1,W1,window,{cell}" for n, cell in enumerate(written))))
    load(project, path)
    found = project.query("select start_time from {raw}.service_log order by log_id").start_time
    assert [None if pd.isna(time) else str(time) for time in found] == list(written.values())


@pytest.mark.parametrize("cell", [
    "2026-02-29 09:30", "2026-03-31 25:00", "2026-03-31 24:01", "2026-03-31 9:30 XM", "31/31/2026 9:30", "09:30",
    "26-3-31 09:30", "2026-03-31 13:30 PM", "2026-03-31T09:30:00+99:99", "昨天",
])
def test_a_time_is_never_guessed(project, tmp_path, cell):
    path = tmp_path / "service_log.csv"
    path.write_bytes(text(ZH + ",叫号时间", f"2026-03-31,1,1,A1,H1,W1,window,{cell}"))
    assert "write a time such as 2026-03-31 09:30:00" in load(project, path, "--check", code=1)


def test_words_for_nothing_are_null_and_said(project, tmp_path):
    path = tmp_path / "service_log.csv"
    path.write_bytes(text(ZH, "2026-03-10,7,1,A1,EMPTY,无,-", "2026-03-10,7,1,A2,H1,N/A,自助机"))
    output = load(project, path)
    assert [row[4:] for row in cases(project)] == [(None, None, None), ("H1", None, "self_service")]
    assert 'window_id: "无" 读作空，1 格 / read as blank, 1 cells' in output
    comment = tmp_path / "feedback.csv"
    comment.write_bytes(text("日期,满意度,评语", "2026-03-10,满意,无", "2026-03-10,5,合计"))
    load(project, comment)
    assert sorted(project.query("select comment from {raw}.feedback").comment) == ["合计", "无"]


def test_ids_with_characters_that_cannot_be_seen_are_refused(tmp_path):
    path = tmp_path / "service_log.csv"
    path.write_bytes(text(ZH, *(f"2026-03-10,7,1,{cell},H1,W1,window" for cell in (
        "1\t23", "12\t3", "A\x001", "H\x1b1", "A\u200b1", "\u202aA1\u200b"))))
    output = load_check(path, code=1)
    assert "5 rows: lines 2, 3, 4 …" in output and "characters that cannot be seen" in output
    assert "\x1b" not in output and "\x00" not in output
    # At the ends, where exports put them, they do not change the id; in texts they are removed.
    path.write_bytes(text("日期,满意度,评价编号,评语", "2026-03-10,5,\u202aA1\u200b,a\x07 new 99999 王芳"))
    feedback = path.rename(tmp_path / "feedback.csv")
    output = load_check(feedback)
    assert "good 1, left out 0, refused 0" in output
    assert "comment: 去掉了看不见的字符，1 格 / read without characters that cannot be seen, 1 cells" in output
    assert "feedback_id: 去掉了看不见的字符，1 格" in output
    assert "99999" not in output and "王芳" not in output


def test_no_message_quotes_what_people_wrote(tmp_path):
    path = tmp_path / "feedback.csv"
    path.write_bytes(text("日期,满意度,评语,", "2026-03-10,5," + "王芳" * 40_000 + ",", "2026-03-10,5,好,王芳"))
    output = load_check(path, code=1)
    assert "comment: 太长" in output and "stands in a column without a header" in output
    assert "王芳" not in output


def test_ids_of_a_workbook(project, tmp_path):
    path = tmp_path / "service_log.xlsx"
    day = datetime.date(2026, 3, 10)
    path.write_bytes(book(("a", [ZH.split(","), [day, 7.5, 1, 12.0, 123456789012, "007", None]])))
    load(project, path)
    assert cases(project)[0][3:6] == ("12", "123456789012", "007")
    path.write_bytes(book(("a", [ZH.split(","), [
        day, 7.5, 1, 1234567890123456, "H1", datetime.date(2026, 3, 1), None]])))
    output = load(project, path, code=1)
    assert "has more than 15 digits" in output
    assert "was made a date by Excel" in output


def test_times_of_a_workbook(project, tmp_path):
    path = tmp_path / "service_log.xlsx"
    time = datetime.datetime(2026, 3, 10, 9, 30)
    path.write_bytes(book(("a", [
        [*ZH.split(","), "叫号时间", "办结时间"], [*DATED[0], time, None], [*DATED[1], "2026/3/10 9:30", time]])))
    load(project, path)
    path.write_bytes(book(("a", [[*ZH.split(","), "叫号时间"], [*DATED[1][:3], "A3", "H1", "W1", None, time]])))
    load(project, path)
    found = project.query("select start_time, end_time from {raw}.service_log order by log_id")
    assert list(map(str, found.start_time)) == ["2026-03-10 09:30:00"] * 3
    assert [value if value is None else str(value) for value in found.end_time] == [None, "2026-03-10 09:30:00", None]


def test_a_sheet_that_is_read_again_leaves_the_sheets_before_it(project, tmp_path):
    path = tmp_path / "service_log.xlsx"
    header = ZH.split(",")[:4]
    sheets = {
        "办件记录1月": ["2026-01-05"] * 3, "办件记录2月": ["3/31/2026", "3/4/2026"], "办件记录3月": ["2026-03-10"],
        "办件记录4月": ["4/30/2026", "4/5/2026"],
    }
    path.write_bytes(book(*(
        (name, [header, *([day, 5, 1, f"{name}{n}"] for n, day in enumerate(days))]) for name, days in sheets.items())))
    expected = {"read": 8, "new": 8, "replaced": 0, "same": 0, "left out": 0, "refused": 0}
    assert counts(load(project, path)) == expected
    assert len(cases(project)) == 8
    assert counts(load(project, path)) == expected | {"new": 0, "same": 8}


def test_a_workbook_of_several_tables_says_a_line_a_table(project, tmp_path):
    path = tmp_path / "2026年3月.xlsx"
    path.write_bytes(book(
        ("办件", [ZH.split(","), *DATED]), ("评价", [["日期", "满意度"], [datetime.date(2026, 3, 10), "满意"]]),
        ("图", [["没有数据"]])))
    output = load(project, path)
    assert "service_log: 读入 2，新增 2" in output
    assert "feedback: 读入 1，新增 1" in output
    assert f"skipped: {path}: 图: " in output
    # If one sheet is wrong, nothing of the file is loaded.
    path.write_bytes(book(
        ("办件", [ZH.split(","), [datetime.date(2026, 3, 12), *DATED[0][1:]]]),
        ("评价", [["日期", "满意度"], ["?", "1"]])))
    assert f"error: {path}:评价:2: date: " in load(project, path, code=1)
    assert len(cases(project)) == 2


@pytest.mark.parametrize(("name", "content", "said"), [
    ("service_log.csv", b"", "the file is empty"),
    ("service_log.csv", b"\n\n", "nothing in it"),
    ("service_log.csv", b"%PDF-1.7 ...", "neither text nor a workbook"),
    ("service_log.csv", text("a,b", "1,2"), "no header of service_log in the first 30 rows"),
    ("service_log.csv", text(*["标题"] * 40, ZH, ROWS[0]), "delete title rows above it"),
    ("service_log.csv", text(ZH, ROWS[0])[:-30] + b"\xe5\xa4", "maybe cut off"),
    ("service_log.xls", b"<html><table><tr><td>1</td></tr></table></html>", "a web page"),
    ("service_log.xlsx", book(("Sheet1", [ZH.split(",")]))[:-200], "the workbook cannot be opened"),
    ("service_log.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5000), "the workbook cannot be opened"),
    ("notes.csv", text(ZH, *ROWS), "named after no raw table"),
    ("service log.csv", text(ZH, *ROWS), "rename the file"),
    ("service_log.csv", text(ZH + ",", ROWS[0] + ",x"), "stands in a column without a header"),
])
def test_what_cannot_be_read_gives_a_line(project, tmp_path, name, content, said):
    path = tmp_path / name
    path.write_bytes(content)
    output = load(project, path, code=1)
    assert said in output
    told, *errors = output.splitlines()  # the summary, then the problems
    assert told.startswith(f"{name}: 没有装载：读入 ")
    assert errors and all(line.startswith(f"error: {path}") for line in errors)


def bomb() -> bytes:
    made = book(("Sheet1", [ZH.split(",")]))
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "xl/sharedStrings.xml" or name.endswith("styles.xml"):
                content = content.replace(b"?>", b"?><!--" + b" " * (300 << 20) + b"-->", 1) if b"?>" in content \
                    else b"<!--" + b" " * (300 << 20) + b"-->" + content
            new.writestr(name, content)
    return stream.getvalue()


@pytest.mark.once
def test_a_zip_bomb_is_named(project, tmp_path):
    path = tmp_path / "service_log.xlsx"
    path.write_bytes(bomb())
    assert path.stat().st_size < 2 << 20
    assert "too large when unpacked" in load(project, path, code=1)


def test_whole_days(project, tmp_path):
    path = tmp_path / "service_log.csv"
    path.write_bytes(text(
        ZH, "2026-03-10,1,1,A1,H1,W1,", "2026-03-10,1,1,A2,H1,W1,", "2026-03-10,2,1,,H1,W1,", "2026-03-10,2,1,,H1,W1,",
        "2026-03-11,1,1,A3,H1,W1,", "2026-03-10,1,1,A1,H2,W1,", "2026-03-12,1,1,A9,H1,W1,"))
    load(project, path)
    # A2 and one of two equal cases were withdrawn; A3 was of the day before; A1 has another length.
    path.write_bytes(text(
        ZH, "2026-03-10,9,1,A1,H1,W1,", "2026-03-10,2,1,,H1,W1,", "2026-03-10,1,1,A3,H1,W1,",
        "2026-03-11,1,1,A4,H1,W1,"))
    output = load(project, path, "--whole-days")
    assert "read 4, new 2, replaced 1, same 1, left out 0, refused 0, removed 3" in output
    found = sorted((row[0], row[3] or "", row[4], row[1]) for row in cases(project))
    assert found == [
        ("2026-03-10", "", "H1", 2), ("2026-03-10", "A1", "H1", 9), ("2026-03-10", "A1", "H2", 1),
        ("2026-03-10", "A3", "H1", 1), ("2026-03-11", "A4", "H1", 1), ("2026-03-12", "A9", "H1", 1)]
    assert "same 4, left out 0, refused 0, removed 0" in load(project, path, "--whole-days")
    # Refused if it is not known what is missing.
    path.write_bytes(text(ZH, "2026-03-10,1,1,A1,H1,W1,", "x,1,1,A2,H1,W1,"))
    assert "not with --whole-days" in load(project, path, "--whole-days", "--skip-bad-rows", code=1)
    path.write_bytes(text(ZH, "2026-03-10,1,1,A1,H1,W1,", ",1,1,A2,H1,W1,"))
    assert "rows without a date" in load(project, path, "--whole-days", code=1)
    halls = tmp_path / "halls.csv"
    halls.write_bytes(text("hall_id", "H1"))
    assert "has no days of halls" in load(project, halls, "--whole-days", code=1)
    assert len(cases(project)) == 6


def test_check_needs_no_warehouse(tmp_path):
    good, bad = tmp_path / "投诉.csv", tmp_path / "service_log.csv"
    good.write_bytes(text("投诉日期,投诉时间,办结时间", "2026-03-10,2026-03-10 9:00,"))
    bad.write_bytes(text(ZH, "x,1,1,A1,H1,W1,"))
    nowhere = {"HALL_SCORES_TARGET": "mysql", "HALL_SCORES_HOST": "127.0.0.1", "HALL_SCORES_PORT": "1"}
    output = run_script("load_logs.py", "--check", tmp_path, code=1, **nowhere)
    assert "checked only: read 1, good 1, left out 0, refused 0" in output
    assert f"error: {bad}:2: service_date" in output
    assert "does not answer" in run_script("load_logs.py", good, code=4, **nowhere)


def test_the_raw_schema_has_one_setting(project, tmp_path):
    path = tmp_path / "halls.csv"
    path.write_bytes(text("hall_id", "H1"))
    output = run_script("load_logs.py", "--check", path, code=2, HALL_SCORES_RAW_SCHEMA="elsewhere")
    assert "dbt_project.yml" in output
    run_script("load_logs.py", "--check", path, HALL_SCORES_RAW_SCHEMA="government_hall")


def test_what_is_skipped_in_a_folder_is_named(project, tmp_path):
    (tmp_path / "halls.csv").write_bytes(text("hall_id", "H1"))
    (tmp_path / "notes.csv").write_bytes(b"x")
    (tmp_path / "halls.pdf").write_bytes(b"x")
    (tmp_path / "~$halls.xlsx").write_bytes(b"x")
    (tmp_path / ".halls.csv").write_bytes(b"x")
    (tmp_path / "halls").mkdir()
    (tmp_path / "windows.csv").symlink_to("/proc/self/environ")
    output = load(project, tmp_path)
    for name in ("notes.csv", "halls.pdf", "halls", "windows.csv", "~$halls.xlsx", ".halls.csv"):
        assert f"skipped: {tmp_path / name}: " in output
    assert "symbolic link" in load(project, tmp_path / "windows.csv", code=1)


def test_a_sheet_named_after_a_table_is_never_passed_over(tmp_path):
    path = tmp_path / "2026年3月.xlsx"
    cases = ("办件记录", [ZH.split(","), *DATED])
    wrong = [["投诉日期", "投诉时刻", "办结时间", "投诉编号"],
             ["2026-03-01", "2026-03-01 09:00", "2026-03-01 10:00", "T1"]]
    path.write_bytes(book(cases, ("投诉", wrong)))
    output = load_check(path, code=1)
    assert f"error: {path}:投诉:1: complaint_time: " in output and "nothing was loaded" in output
    path.write_bytes(book(cases, ("城东投诉3月", wrong)))
    assert f"error: {path}:城东投诉3月:1: complaint_time: " in load_check(path, code=1)
    path.write_bytes(book(cases, ("投诉", [["没有", "表头"], ["1", "2"]])))
    output = load_check(path, code=1)
    assert "投诉: 前 30 行里没有找到 complaints 的表头" in output
    path.write_bytes(book(cases, ("投诉统计", [["投诉类别", "件"], ["态度", 2]]), ("评价", [])))
    assert f"skipped: {path}: 投诉统计: " in load_check(path)
    made = openpyxl.load_workbook(io.BytesIO(book(cases, ("投诉", wrong))))
    made["投诉"].sheet_state = "hidden"
    made.save(path)
    assert f"skipped: {path}: 投诉: 隐藏的工作表" in load_check(path)


def test_a_file_of_something_else_is_given_up_soon(tmp_path):
    path = tmp_path / "service_log.csv"
    path.write_bytes(text(ZH, *ROWS) + b"x\n" * 1_000_000)
    output = load_check(path, "--skip-bad-rows", code=1)
    assert "is this the right file?" in output and "read 19999, left out 0, refused 19997" in output
    assert len(output.splitlines()) == 4
    # Reading goes on if bad rows are fewer, or if the order of dates is just not known yet.
    path.write_bytes(text(ZH, *ROWS * 6_000, end="\n") + b"x\n" * 11_000)
    assert "good 12000, left out 0, refused 11000" in load_check(path, "--skip-bad-rows")
    path.write_bytes(text(ZH, *["3/4/2026,1,1,A3,H1,W3,window"] * 12_000, "3/31/2026,1,1,A3,H1,W3,window"))
    assert "good 12001" in load_check(path)


def test_the_reason_of_an_appeal_is_never_ours(project, tmp_path):
    path = tmp_path / "appeals.csv"
    path.write_bytes(text("申诉编号,对象类型,对象编号,周期类型,周期开始日,规则编号,提交时间",
                          "A1,clerk,C1,month,x,R1,2026-03-01 09:00:00", "A2,clerk,C1,month,2026-03-01,R1,2026-03-01"))
    load(project, path, "--skip-bad-rows")
    rejected = tmp_path / "appeals.rejected.csv"
    rejected.write_text(rejected.read_text("utf-8-sig").replace("month,x,", "month,2026-03-01,"), "utf-8-sig")
    load(project, rejected)
    found = project.query("select * from {raw}.appeals")
    assert len(found) == 2 and found.reason.isna().all()


def test_a_line_with_a_broken_quote_comes_back_cell_by_cell(project, tmp_path):
    path = tmp_path / "service_log.csv"
    path.write_bytes(text(ZH.replace(",", ";"), ROWS[0].replace(",", ";"), '2026-03-12;9;1;A3;H1;"W1;window'))
    load(project, path, "--skip-bad-rows")
    rejected = tmp_path / "service_log.rejected.csv"
    (_, row) = csv.reader(rejected.read_text("utf-8-sig").splitlines())
    assert row[2:] == ["2026-03-12", "9", "1", "A3", "H1", '"W1', "window"]
    assert "begins with a quote" in load_check(rejected, code=1)
    rejected.write_text(rejected.read_text("utf-8-sig").replace('"""W1"', "W1"), "utf-8-sig")
    assert counts(load(project, rejected))["new"] == 1


def test_a_time_of_day_is_no_duration(tmp_path):
    path = tmp_path / "service_log.xlsx"
    path.write_bytes(book(("a", [ZH.split(","), *(
        [datetime.date(2026, 3, 10), value, 1, "A1", "H1", "W1", "窗口"] for value in (
            datetime.time(12, 30), datetime.timedelta(hours=25, minutes=30), datetime.time(0, 12, 30),
            datetime.time(0, 59), datetime.timedelta(seconds=90), datetime.time(1, 0)))])))
    output = load_check(path, "--skip-bad-rows")
    assert f"refused: {path}:a:2: process_time: \"12:30:00\" " in output and "3 rows: lines 2, 3, 7" in output
    assert "good 3, left out 0, refused 3" in output


def test_a_formula_without_a_value_is_refused(tmp_path):
    path = tmp_path / "service_log.xlsx"
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as made:
        sheet = made.add_worksheet("a")
        sheet.write_row(0, 0, ZH.split(","))
        for n, (formula, value) in enumerate([
            ("=NA()", "#N/A"), ("=1/0", "#DIV/0!"), ("=B9", "#REF!"), ("=1+1", 2), ("=A()", "#NAME?"),
        ], 1):
            sheet.write_row(n, 0, ["2026-03-10", 7.5, 1, f"A{n}", "H1"])
            sheet.write_formula(n, 5, formula, None, value)
    path.write_bytes(stream.getvalue())
    output = load_check(path, "--skip-bad-rows")
    assert "good 1, left out 0, refused 4" in output and "mend the formula" in output
    blank = b'<x:c r="A1" t="str"><x:f>""</x:f><x:v></x:v></x:c><x:c r="B1"/><x:c r="C1" s="1"><x:v>2</x:v></x:c>'
    error = b'<x:c r="D1" t="e" s="2"><x:f t="shared" si="0"/><x:v>#N/A</x:v></x:c>'
    assert books.as_shown(blank + error, {}) == blank + b'<x:c r="D1" s="2" t="str"><x:v>#N/A!</x:v></x:c>'
    path.write_bytes(book(("a", [ZH.split(","), *DATED, [DATED[0][0], "=1+2", 1, "A3", "H1", "W1", None]])))
    output = load_check(path, code=1)
    assert f"error: {path}:a:4: process_time: " in output and "mend the formula" in output


def test_words_are_known_in_full_width_and_any_case(tmp_path):
    path = tmp_path / "service_log.csv"
    path.write_bytes(text(ZH, *(f"2026年3月31日 星期二,1,ＹＥＳ,A{n},H1,{word},ｗｉｎｄｏｗ" for n, word in enumerate(
        ("ＥＭＰＴＹ", "Ｎ/Ａ", "空白", "null ", "ｅmpty")))))
    output = load_check(path)
    for word, count in (("EMPTY", 2), ("N/A", 1), ("空白", 1), ("NULL", 1)):
        assert f'window_id: "{word}" 读作空，{count} 格' in output


@pytest.mark.parametrize("day", ["2026-03-02", "2026/03/02"])
def test_the_year_nought_is_refused_in_each_way(tmp_path, day):
    path = tmp_path / "service_log.csv"
    path.write_bytes(text("service_date,process_time,is_completed", "0000-01-01,5,1", f"{day},5,1", end="\n"))
    assert f"error: {path}:2: service_date: " in load_check(path, code=1)


def test_no_row_is_swallowed_by_a_quote_that_a_later_cell_closes(tmp_path):
    path = tmp_path / "feedback.csv"
    header = "date,rating,feedback_id,comment"
    path.write_bytes(text(header, '2026-03-31,5,F1,"很好', "2026-03-31,1,F2,差", '2026-03-31,1,F3,差"', end="\n"))
    output = load_check(path, "--skip-bad-rows")
    assert f"refused: {path}:2: " in output and "a quote is never closed" in output
    assert "read 3, good 2, left out 0, refused 1" in output
    path.write_bytes(
        text(header, '2026-03-31,5,F1,"很好', "2026年3月31日来的，很快", "46112,a,b,c",
             '谢谢"', "2026-03-31,1,F2,差", end="\n"))
    assert "read 2, good 2, left out 0, refused 0" in load_check(path)


def test_a_name_or_folder_that_cannot_be_looked_at_is_refused(tmp_path, monkeypatch, capsys):
    good, closed = tmp_path / "halls.csv", tmp_path / "closed"
    good.write_bytes(text("hall_id", "H1"))
    closed.mkdir()
    long = tmp_path / f"halls_{'x' * 300}.csv"
    real = Path.iterdir

    def iterdir(path):
        if path == closed:  # root can read all files
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(Path, "iterdir", iterdir)
    assert load_logs.main(["--check", str(long), str(closed), str(tmp_path / "halls\udcff.csv"), str(good)]) == 1
    said = capsys.readouterr()
    assert "checked only: read 1, good 1" in said.out
    assert f"error: {long}: 文件名超过" in said.err
    assert f"error: {closed}: 文件夹不能读取（Permission denied）" in said.err
    assert load_logs.main(["--check", str(closed)]) == 1


@pytest.mark.parametrize(("change", "said"), [
    ({"HALL_SCORES_TARGET": "nowhere"}, "没有名为 'nowhere' 的输出"),
    ({"HALL_SCORES_TARGET": "mysql", "HALL_SCORES_HOST": "127.0.0.1", "HALL_SCORES_PORT": "1"}, "数据库没有应答"),
    ({"DBT_PROFILES_DIR": "spoiled"}, "读不出 hall_scores 的连接设置"),
])
def test_what_is_wrong_with_the_connection_is_said_in_both_languages(tmp_path, change, said):
    path = tmp_path / "halls.csv"
    path.write_bytes(text("hall_id", "H1"))
    (tmp_path / "profiles.yml").write_text("a: [\n\nb: {", "utf-8")
    change = {name: value.replace("spoiled", str(tmp_path)) for name, value in change.items()}
    (line,) = run_script("load_logs.py", path, code=4, **change).splitlines()
    assert said in line and " / " in line


CLERKS = "大厅编号,人员编号,姓名"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize(("name", "lines", "line", "said"), [
    # The header was sorted among the records.
    ("service_log", [*ROWS, ZH, *ROWS], 1, "stands above the header (line 3)"),
    ("service_log", [ROWS[0].replace("2026-03-10", "3/10/2026"), ZH, *ROWS], 1, "stands above the header"),
    ("service_log", [ROWS[0].replace("7.5", "7.5小时"), ZH, *ROWS], 1, "stands above the header"),
    ("clerks", ["H1,C1,王芳", "H1,C2,", CLERKS, "H1,C3,李四"], 1, "stands above the header"),
    ("halls", ["H1,", "大厅编号,名称", "H2,城西"], 1, "stands above the header"),
    # A second block, with a column more, less, or in another order; or of another table.
    ("service_log", [ZH, *ROWS, "", ZH + ",叫号时间", *(f"{row}," for row in ROWS)], 5, "split the tables"),
    ("service_log", [ZH, *ROWS, ZH.removesuffix(",渠道"), *(row.rpartition(",")[0] for row in ROWS)], 4, "split the"),
    ("service_log", [ZH, *ROWS, "流水号,日期,办理时长,是否一次办结,大厅,窗口,渠道"], 4, "split the tables"),
    ("clerks", [CLERKS, "H1,C1,王芳", "人员编号,大厅编号,姓名", "C2,H1,李四"], 3, "split the tables"),
    ("halls", ["大厅编号,名称,区域", "H1,城东,东", "", "大厅编号,窗口号,窗口名称", "H1,W1,一号窗"], 4, "split the"),
    ("halls", ["大厅编号,名称,区域", "H1,城东,东", "窗口号,窗口名称,大厅编号", "W1,一号窗,H1"], 3, "split the tables"),
    ("service_log", ["大厅编号,名称,区域,,,,", "H1,城东,东,,,,", ZH, *ROWS], 3, "split the tables"),
])
def test_no_record_is_lost_above_or_below_a_header(tmp_path, name, lines, line, said, kind):
    path = tmp_path / f"{name}.{kind}"
    cells = [next(csv.reader([row]), []) for row in lines]
    path.write_bytes(text(*lines) if kind == "csv" else book(("a", [[cell or None for cell in row] for row in cells])))
    output = load_check(path, "--skip-bad-rows", code=1)
    assert f"error: {path}:{line}: " in output and said in output
    assert "nothing loaded" in output


@pytest.mark.parametrize(("name", "lines", "good", "left_out"), [
    ("service_log", ["城东大厅,,,,,,", "填报日期：2026-03-31,,,,,,", "", "（年月日）,（分钟）,,,,,", ZH, *ROWS], 2, 4),
    ("service_log", ['"城东"大厅,,,,,,', ZH, *ROWS], 2, 1),  # a title with quotes
    # Exports with two headers: codes and words.
    ("service_log", ["service_date,process_time,is_completed,log_id,hall_id,window_id,channel", ZH, *ROWS], 2, 1),
    ("halls", ["大厅名单,,", "2026年3月,,", "大厅编号,名称,区域", "H1,城东,东", "大厅编号,名称,区域"], 1, 3),
    ("clerks", ["填报单位：城东,填报日期：2026年,", CLERKS, "H1,C1,王芳", CLERKS], 1, 2),
    ("halls", ["大厅编号,名称,区域", "H1,城东,东", "注：三月,,", "制表人：张三,审核：李四,填表日期：3月31日"], 1, 2),
    ("clerks", [CLERKS, "H1,C1,王芳", "制表人：张三,审核：李四,填表日期：3月31日", "审核人,王五,"], 1, 2),
    ("feedback", ["日期,满意度,评语", "2026-03-10,满意,评价", "2026-03-10,评价,评语"], 2, 0),  # the column's own words
])
def test_titles_and_footers_are_no_records(tmp_path, name, lines, good, left_out):
    path = tmp_path / f"{name}.csv"
    path.write_bytes(text(*lines))
    assert f"read {good + left_out}, good {good}, left out {left_out}, refused 0" in load_check(path)


@pytest.mark.parametrize(("content", "line"), [
    (text(ZH, *ROWS)[:-4], 3),  # cut off inside a character
    (text(ZH, ROWS[0]) + text(ROWS[1], encoding="gbk"), 3),
    (text("date,rating,comment", "2026-03-10,5,好的谢谢").rstrip()[:-1], 2),
    (text("date,rating,comment", "2026-03-10,5,好") + text(*["2026-03-10,5,很满意"] * 9, encoding="gbk"), 3),
    (text(ZH, ROWS[0], end="\r") + text(ROWS[1], encoding="gbk", end="\r"), 3),
])
def test_broken_utf8_is_never_read_as_other_words(tmp_path, content, line):
    path = tmp_path / ("feedback.csv" if content.startswith(b"date") else "service_log.csv")
    path.write_bytes(content)
    assert f"error: {path}:{line}: 这一行起不是 UTF-8 文字" in load_check(path, code=1)


@pytest.mark.parametrize(("header", "said"), [
    ("办理时长(分)", ""), ("办理时长（分钟）", ""), ("办理时长【min】", ""), ("Process Time", ""), ("process-time", ""),
    ("ProcessTime (Minutes)", ""), ("办理时长（秒）", "not in minutes: convert it"),
    ("办理时长（小时）", "not in minutes"), ("process_time(s)", "not in minutes"), ("数量（分钟）", "unknown column"),
])
def test_headers_in_any_writing(tmp_path, header, said):
    path = tmp_path / "service_log.csv"
    path.write_bytes(text(ZH.replace("办理时长", header), *ROWS))
    output = load_check(path, code=1 if said else 0)
    assert (said or "good 2, left out 0, refused 0") in output


@pytest.mark.parametrize(("name", "table"), [
    ("windows_service_log.csv", "service_log"), ("城东halls_service_log_3.csv", "service_log"),
    ("service-log-2026.csv", "service_log"), ("大厅办件明细.csv", "service_log"), ("service_log_halls.csv", "halls"),
])
def test_a_name_with_several_tables(tmp_path, name, table):
    path = tmp_path / name
    path.write_bytes(text(ZH, *ROWS) if table == "service_log" else text("大厅编号,名称", "H1,城东"))
    assert f"{name}: {table}: 只检查" in load_check(path)


@pytest.mark.parametrize("kind", [*BOOKS, "ods"])
def test_errors_and_noughts_are_not_lost_in_any_workbook(project, tmp_path, kind):
    path = tmp_path / f"service_log.{kind}"
    path.write_bytes(libre_book(
        '<table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value=""'
        ' calcext:value-type="error"><text:p>#DIV/0!</text:p></table:table-cell>'
    ) if kind == "ods" else BOOKS[kind](table_with(ERROR)))
    place = 3 if kind == "ods" else 4
    assert f"error: {path}:Sheet1:{place}: log_id: \"#" in load_check(path, code=1)
    path.write_bytes(libre_book(
        '<table:table-cell office:value-type="float" office:value="42"><text:p>000042</text:p></table:table-cell>'
    ) if kind == "ods" else BOOKS[kind](table_with(PADDED)))
    load(project, path)
    assert {row[3] for row in cases(project)} == {"A1", "000042"} | ({"A2"} if kind != "ods" else set())


@pytest.mark.parametrize("kind", [*BOOKS, "ods"])
def test_cells_merged_over_rows_are_refused(tmp_path, kind):
    path = tmp_path / f"service_log.{kind}"
    rows = table_with("A3")
    if kind == "ods":
        path.write_bytes(libre_book('<table:table-cell table:number-rows-spanned="2" office:value-type="string">'
                                    '<text:p>A</text:p></table:table-cell>'))
        assert f"error: {path}:3: Sheet1: 第 3 至 4 行有合并的单元格" in load_check(path, code=1)
        return
    path.write_bytes(BOOKS[kind](rows, (1, 3, 4, 4)))
    output = load_check(path, code=1)
    assert f"error: {path}:2: Sheet1: 第 2 至 4 行有合并的单元格" in output and "fill in every row" in output
    # Merged titles above the header and notes over the whole width are allowed.
    path.write_bytes(BOOKS[kind]([["城东大厅办件明细", *[""] * 6], [""] * 7, *rows], (0, 1, 0, 6)))
    assert "good 3" in load_check(path)
    path.write_bytes(BOOKS[kind]([*rows, ["备注：无", *[""] * 6], [""] * 7], (4, 5, 0, 6)))
    assert "good 3" in load_check(path)


@pytest.mark.parametrize(("code", "value", "id_read"), [
    ("000000", 42, "000042"), ('"H"00', 1, "H01"), ("00000000", 20260331, "20260331"), ("0000_ ", 7, "0007"),
    ("General", 42, "42"), ("0", 42, "42"), ("#,##0", 1234, "1234"), ('0"号"', 3, "3"), ("000;-000", 5, "005"),
])
def test_an_id_is_read_as_it_is_shown(project, tmp_path, code, value, id_read):
    path = tmp_path / "service_log.xlsx"
    made = openpyxl.load_workbook(io.BytesIO(book(("a", [ZH.split(","), *DATED]))))
    made["a"]["D2"].value, made["a"]["D2"].number_format = value, code
    made["a"]["B2"].number_format = code  # still a number
    made.save(path)
    load(project, path)
    assert {row[3] for row in cases(project)} == {id_read, "A2"}
    assert {row[1] for row in cases(project)} == {7.5, 8.0}


def changed(path: Path, content: bytes, change) -> None:
    """Write a workbook whose sheet is changed."""
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, change(part) if name.endswith("sheet1.xml") else part)


@pytest.mark.parametrize(("rows", "left_out"), [
    (b"".join(b'<row r="%d" spans="1:7" ht="18" customHeight="1"/>' % n for n in range(4, 1_000_000)), 0),
    (b'<row r="1048576"><c r="G1048576" t="inlineStr"><is><t xml:space="preserve"> </t></is></c></row>', 1),
])
def test_empty_rows_far_down_cost_nothing(tmp_path, rows, left_out):
    path = tmp_path / "service_log.xlsx"
    changed(path, book(("a", [ZH.split(","), *DATED])), lambda part: part.replace(
        b"</sheetData>", rows + b"</sheetData>"))
    (tmp_path / "job.json").write_text(json.dumps({"path": str(path), "zone_minutes": 480}), "utf-8")
    measured = (f"import resource, subprocess, sys; subprocess.run([sys.executable, {str(load_logs.CHILD)!r},"
                f" {str(tmp_path / 'job.json')!r}]); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)")
    done = subprocess.run([sys.executable, "-c", measured], check=True, capture_output=True, text=True)
    (found,) = json.loads((tmp_path / "report.json").read_text("utf-8"))["tables"]
    assert found["read"] == 2 + left_out and found["left_out"] == left_out
    assert int(done.stdout.split()[-1]) < 150_000  # kilobytes


@pytest.mark.parametrize("value", ["2026-03-31T24:00:00", "2026-03-31T23:59:59"])
def test_midnight_of_a_workbook_is_of_the_next_day_or_refused(tmp_path, value):
    path = tmp_path / "complaints.xlsx"
    rows = [["投诉日期", "投诉时间", "办结时间"], ["2026-03-31", "x", "2026-04-02 09:00:00"]]
    changed(path, book(("Sheet1", rows)), lambda part: re.sub(
        rb'<c r="B2"[^>]*>.*?</c>', b'<c r="B2" t="d"><v>%b</v></c>' % value.encode(), part))
    (tmp_path / "job.json").write_text(json.dumps({"path": str(path), "zone_minutes": 480}), "utf-8")
    subprocess.run([sys.executable, str(load_logs.CHILD), str(tmp_path / "job.json")], check=True)
    parts = "".join(part.read_text("utf-8") for part in tmp_path.glob("*.tsv"))
    assert value.endswith("24:00:00") or "2026-03-31 23:59:59" in parts
    assert "2026-03-31 00:00:00" not in parts


@pytest.mark.parametrize("by_file", [True, False])
def test_numbers_and_texts_fit_their_columns(project, tmp_path, monkeypatch, capsys, by_file):
    path = tmp_path / "service_log.csv"
    numbers = {
        "99999999.9999": "99999999.9999", "7.12345": "7.1235", "7.12344999": "7.1234", "-7.00005": "-7.0001",
        "-0.00001": "0.0000", "0.1" + "0" * 500 + "1": "0.1000", "1,234.56789": "1234.5679", "0:00:01": "0.0167",
    }
    good = [f'2026-03-10,"{number}",1,A{n},H1,W1,window' for n, number in enumerate(numbers)]
    bad = ["99999999.99995", "99999999.99999", "123456789", "-100000000", "9" * 5000]
    refused = [f"2026-03-10,{number},1,B{n},H1,W1,window" for n, number in enumerate(bad)]
    refused += [f"2026-03-10,1,1,{'x' * 65},H1,W1,window", f"2026-03-10,1,1,C,H1,W1,{'城' * 33}"]
    path.write_bytes(text(ZH, *good, *refused))
    if not by_file:
        monkeypatch.setattr(load_logs.Loader, "__init__", slow(load_logs.Loader.__init__))
    assert load_logs.main(["--raw-schema", project.raw_schema, "--skip-bad-rows", str(path)]) == 0
    said = capsys.readouterr()
    assert f"refused {len(refused)}" in said.out
    assert f"refused: {path}:10: process_time: " in said.err and "5 rows: lines 10, 11, 12" in said.err
    assert "write at most 64 characters" in said.err and "write at most 32 characters" in said.err
    found = project.query("select process_time from {raw}.service_log order by log_id").process_time
    assert list(map(str, found)) == list(numbers.values())
    comments = tmp_path / "feedback.csv"
    comments.write_bytes(text("日期,满意度,评语", f"2026-03-10,5,{'好' * 21_845}", f"2026-03-10,5,{'好' * 21_846}"))
    output = load(project, comments, "--skip-bad-rows")
    assert "new 1" in output and "refused 1" in output


def slow(begin):
    """Return a wrapped begin that makes the loader insert rows, as with local_infile off."""
    def begun(self, *arguments):
        begin(self, *arguments)
        self.by_file = False
    return begun


def test_ids_in_full_width_are_those_in_plain_letters(project, tmp_path):
    path = tmp_path / "service_log.csv"
    path.write_bytes(text(ZH, "2026-03-10,7,1,Ａ１,Ｈ０１,①号,window", "2026-03-10,7,1,A2,H01,１号（东）,window"))
    output = load(project, path)
    assert [row[3:6] for row in cases(project)] == [("A1", "H01", "①号"), ("A2", "H01", "1号(东)")]
    assert "hall_id: 全角字母和数字读作半角，1 格 / full-width letters and digits read as plain ones, 1 cells" in output


@pytest.mark.parametrize(("name", "lines", "line", "said"), [
    ("clerks", [CLERKS, "H1,C1,王芳", "以上数据截至三月,,"], 3, "clerk_id: 没有编号"),
    ("clerks", [CLERKS, "H1,C1,王芳", "H1,,李四"], 3, "clerk_id: 没有编号"),
    ("clerks", [CLERKS, "H1,无,李四"], 2, "clerk_id: 没有编号"),
    ("halls", ["大厅编号,名称", "H1,城东", "截至三月31日,"], 3, "hall_id: \"截至三月31日\" 只有这一格文字"),
    ("windows", ["大厅编号,窗口号,窗口名称", "H1,W1,一号窗", "本表共1个窗口,,"], 3, "window_id: 没有编号"),
])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_stands_below_a_list_is_no_record(tmp_path, name, lines, line, said, kind):
    path = tmp_path / f"{name}.{kind}"
    path.write_bytes(text(*lines) if kind == "csv" else book(("a", [[cell or None for cell in row.split(",")]
                                                                   for row in lines])))
    place = f"{line}" if kind == "csv" else f"a:{line}"
    output = load_check(path, code=1)
    assert f"error: {path}:{place}: " in output and said in output
    path.write_bytes(text("大厅编号,窗口号,人员编号,窗口名称", "城东,一号,王芳,", ",,,", "城西,一号,李四,"))
    halls = path.rename(tmp_path / "windows_of_all.csv")
    assert "unknown column" in load_check(halls, code=1)
    path = tmp_path / "halls.csv"
    path.write_bytes(text("大厅编号,名称", "城东,城东大厅", ",", "H2,"))
    assert "read 3, good 2, left out 1, refused 0" in load_check(path)


def test_many_sheets_are_told_in_a_line(tmp_path):
    path = tmp_path / "service_log.xlsx"
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as made:
        sheet = made.add_worksheet("办件")
        sheet.write_row(0, 0, ZH.split(","))
        sheet.write_row(1, 0, ["2026-03-10", 7.5, 1, "A1", "H1", "W1", "窗口"])
        for n in range(200):
            made.add_worksheet(f"h{n}").hide()
        for n in range(100):
            made.add_worksheet(f"图{n}").write(0, 0, "没有数据")
    path.write_bytes(stream.getvalue())
    output = load_check(path)
    assert len(output.splitlines()) == 3 and "good 1" in output
    assert "h0、h1、h2、h3、h4 …: 共 200 张：隐藏的工作表 / a hidden sheet, 200 sheets" in output
    assert "共 100 张：没有所需的表头" in output


FORMULAS = ["=cmd|'/c calc'!A1", "+1", "-W1", "@SUM(1)", "'=x", "''=x", "'x", "＝1", "=1+1,2"]


def test_refused_rows_hold_no_formula_and_go_back_as_they_were(project, tmp_path):
    path = tmp_path / "service_log.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([ZH.split(","), *(
            ["x", 7, 1, f"A{n}", "H1", cell, "window"] for n, cell in enumerate(FORMULAS))])
        file.write(f'=2+3;{ROWS[0]},"\n')
    load(project, path, "--skip-bad-rows")
    rejected = tmp_path / "service_log.rejected.csv"
    rows = list(csv.reader(rejected.read_text("utf-8-sig").splitlines()))
    assert len(rows) == len(FORMULAS) + 2
    assert not [cell for row in rows for cell in row if cell[:1] in set("=+-@＝＋－＠\t\r\n")]
    mended = [["2026-03-10" if cell == "x" else cell for cell in row] for row in rows if "x" in row]
    for name in ("csv", "xlsx"):  # corrected as CSV, and saved as a workbook
        back = tmp_path / f"service_log_{name}.{name}"
        if name == "csv":
            with back.open("w", encoding="utf-8-sig", newline="") as file:
                csv.writer(file).writerows([rows[0], *mended])
        else:
            back.write_bytes(book(("a", [rows[0], *mended])))
        load(project, back)
        assert [row[5] for row in cases(project)] == [cell.replace("＝", "=") for cell in FORMULAS]
    # Apostrophes of other files are kept.
    path.write_bytes(text(ZH, "2026-03-11,7,1,B1,H1,'=x,window"))
    load(project, path)
    assert cases(project)[-1][5] == "'=x"


def test_a_total_is_one_wherever_its_word_stands(tmp_path):
    path = tmp_path / "service_log.csv"
    path.write_bytes(text(
        "窗口,日期,办理时长,一次办结,流水号,事项", "03,2026-03-10,5,1,A1,", "03小计,,5,,1,", "04,2026-03-10,6,1,A2,",
        ",,6,,,04小计", "3合计,,11,,2,", "平均,,5.5,,,", ",,11,,2,总计", "05,2026-03-10,6,1,A3,费用合计"))
    assert "read 8, good 3, left out 5, refused 0" in load_check(path)


def test_rows_without_a_day_are_said(tmp_path):
    path = tmp_path / "service_log.csv"
    path.write_bytes(text(ZH, ROWS[0], ",8,否,A2,H1,W2,网上", ",9,否,A3,H1,W2,网上"))
    output = load_check(path)
    assert "good 3, left out 0, refused 0" in output
    assert "service_date: 没有日期，2 格 / without a day, 2 cells" in output
    path.write_bytes(text(ZH, *ROWS))
    assert "提示" not in load_check(path)


SHEETS = {
    "with a column of another name": [[ZH.replace("办理时长", "时长").split(","), *DATED], "1: process_time: 缺这一列"],
    "without a header": [DATED, "reads as a record"],
}


@pytest.mark.parametrize("kind", SHEETS)
def test_a_sheet_of_records_is_never_passed_over(project, tmp_path, kind):
    rows, said = SHEETS[kind]
    path = tmp_path / "service_log.xlsx"
    path.write_bytes(book(("1月", [ZH.split(","), *DATED]), ("2月", rows)))
    output = load(project, path, code=1)
    assert f"error: {path}:2月:" in output or f"error: {path}:1: 2月: " in output
    assert said in output and "nothing was loaded" in output


def test_a_sheet_of_sums_is_passed_over(tmp_path):
    path = tmp_path / "service_log.xlsx"
    path.write_bytes(book(
        ("1月", [ZH.split(","), *DATED]), ("汇总", [["日期", "窗口", "人员", "办件数", "平均时长"],
                                               [DATED[0][0], "W1", "C1", 1, 7.5], ["合计", None, None, 1, 7.5]])))
    output = load_check(path)
    assert f"skipped: {path}: 汇总: " in output and "read 2, good 2" in output


def test_a_column_that_a_file_lacks_blanks_no_record(project, tmp_path):
    path = tmp_path / "service_log.csv"
    path.write_bytes(text(ZH, *ROWS))
    load(project, path)
    lacking = ",".join(ZH.split(",")[:5])
    path.write_bytes(text(lacking, *(row.rsplit(",", 2)[0] for row in ROWS)))
    output = load(project, path, code=1)
    assert f"error: {path}: service_log：" in output and "window_id, channel" in output and "2 records" in output
    assert cases(project) == PLAIN
    assert "window_id, channel" in load(project, path, "--whole-days", code=1)
    assert cases(project) == PLAIN
    # A blank column removes the values; a missing column is allowed only if there are none.
    path.write_bytes(text(ZH, *(row.rsplit(",", 2)[0] + ",," for row in ROWS)))
    assert counts(load(project, path))["replaced"] == 2
    path.write_bytes(text(lacking, "2026-03-10,9,是,A1,H1", "2026-03-12,9,是,A3,H1"))
    found = counts(load(project, path))
    assert (found["replaced"], found["new"]) == (1, 1)


def test_two_files_are_not_each_all_of_a_day(project, tmp_path):
    first, second, third = (tmp_path / f"service_log_{name}.csv" for name in "abc")
    first.write_bytes(text(ZH, ROWS[0]))
    second.write_bytes(text(ZH, ROWS[0].replace("A1", "A5"), ROWS[1]))
    third.write_bytes(text(ZH, ROWS[1].replace("A2", "A6")))
    output = load(project, first, second, third, "--whole-days", code=1)
    assert f"error: {second}: service_log：2026-03-10 H1" in output and "put them into one file" in output
    # The second was not loaded, so the third is the first of its day.
    assert [row[3] for row in cases(project)] == ["A1", "A6"]
    load(project, second, "--whole-days")
    assert [row[3] for row in cases(project)] == ["A5", "A2"]


def test_values_that_exports_wrap_are_read_and_marks_of_excel_are_no_ids(project, tmp_path):
    path = tmp_path / "service_log.csv"
    path.write_bytes(text(ZH, '="2026-03-10",="7.5","=""是""",="0001","=""H01""",W1,窗口'))
    load(project, path)
    assert cases(project) == [("2026-03-10", 7.5, 1, "0001", "H01", "W1", "window")]
    comment = tmp_path / "feedback.csv"
    comment.write_bytes(text("日期,满意度,评语", '2026-03-10,5,"=""好"""', "2026-03-10,5,####"))
    load(project, comment)
    assert sorted(project.query("select comment from {raw}.feedback").comment) == ["####", '="好"']
    path.write_bytes(text(ZH, "2026-03-10,7.5,是,########,H1,W1,窗口", "2026-03-10,7.5,是,'0001,H1,W1,窗口"))
    output = load_check(path, code=1)
    assert f"error: {path}:2: log_id: " in output and "column was too narrow" in output
    assert f"error: {path}:3: log_id: " in output and "begins with a quote" in output


@pytest.mark.parametrize(("title", "is_good"), [
    ("单位：秒,,,,,,", False), (",,,,,,（单位：小时）", False), ("制表：张三  单位:秒,,,,,,", False),
    ("单位：分钟,,,,,,", True), ("单位：城东大厅,,,,,,", True), ("填报单位：秒表厂,,,,,,", True),
])
def test_a_title_that_names_another_unit_refuses_the_file(tmp_path, title, is_good):
    path = tmp_path / "service_log.csv"
    path.write_bytes(text(title, ZH, *ROWS))
    output = load_check(path, code=0 if is_good else 1)
    assert ("good 2" in output) == is_good
    assert is_good or (f"error: {path}:1: " in output and "minutes" in output)
    halls = tmp_path / "halls.csv"  # has no column of minutes
    halls.write_bytes(text(title, "大厅编号,大厅名称,区域", "H1,城东,东区"))
    assert "good 1" in load_check(halls)


def test_true_is_no_number(tmp_path):
    path = tmp_path / "service_log.xlsx"
    path.write_bytes(book(("a", [ZH.split(","), [DATED[0][0], True, True, "A1", "H1", "W1", "窗口"]])))
    assert f"error: {path}:a:2: process_time: " in load_check(path, code=1)
