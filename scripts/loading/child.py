"""Read one foreign file for the loader in a separate process, without password or connection, with limits.

Command line: ``child.py JOB`` with a JSON file; writes parts of canonical rows, refused rows and report.json beside
it, and reports on standard output what it has written.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from loading.check import (
    HEADER_NAMES,
    SHOWN_PROBLEMS,
    WHY,
    Reading,
    Source,
    find_header,
    first_rows,
    is_of_records,
    taken_back,
    without_header,
)
from loading.contract import (
    INCOMPLETE,
    OLE,
    REJECTED_NAME,
    ZIP,
    name_key,
    names_of_tables,
    read_contract,
    shown,
    tables_named,
)
from loading.door import MAX_BYTES
from loading.texts import DELIMITERS, Unreadable, encoding_of, records

MEMORY_BYTES = 1 << 30
CPU_SECONDS = 60  # plus so many per megabyte; plain text takes well under 1, a packed file 2:
CPU_SECONDS_A_MEGABYTE = 3
MOST_CPU_SECONDS = 1800
SHOWN_SHEETS = 5
MARKUP = (b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta")


def bound(path: Path) -> None:
    """Limit this process: additional memory, CPU time, file size; it may start no process."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    memory = pages * resource.getpagesize() + MEMORY_BYTES
    seconds = min(CPU_SECONDS + CPU_SECONDS_A_MEGABYTE * (path.stat().st_size >> 20), MOST_CPU_SECONDS)
    for limit, value in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_CORE, 0),
                         (resource.RLIMIT_FSIZE, MAX_BYTES), (resource.RLIMIT_NPROC, 0)):
        _, hard = resource.getrlimit(limit)
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        # Set the hard limit too, so that code from a hostile file cannot raise it again.
        resource.setrlimit(limit, (value, value))


def text_source(path: Path, tables: list[str], contract: dict) -> Source:
    """Return a text file with the delimiter that gives a header with most columns. Raises Unreadable."""
    with path.open("rb") as file:
        start = file.read(1024).lstrip().lower()
    if start.startswith(MARKUP):
        raise Unreadable("是网页而不是表格（有的系统这样导出 .xls）；请用 Excel 打开后另存为 xlsx"
                         " / a web page, not a table (some systems export .xls so); open it in Excel, save it as xlsx")
    encoding = encoding_of(path)
    best, best_rank = None, (-1, -1)
    for delimiter in DELIMITERS:
        source = Source(tables, None, delimiter=delimiter)
        source.chunks = lambda source=source: records(
            path, encoding, source.delimiter, lambda line: source.is_row(line))
        header = find_header(first_rows(source), tables, contract)
        count = header.named if header else 0
        rank = (int(bool(header) and not header.missing), count)
        if rank > best_rank:
            best, best_rank = source, rank
    return best


def sources_of(path: Path, names: dict, contract: dict, skipped: list[str]) -> tuple[list[Source], list[Source]]:
    """Return (sources to read, sheets without a header). Raises Unreadable."""
    tables = tables_named(path.stem, names)
    with path.open("rb") as file:
        start = file.read(8)
    if not start.startswith((ZIP, OLE)):
        if not tables:
            raise Unreadable(unnamed(names), 0)
        return [text_source(path, tables, contract)], []
    from loading import books  # needs a compiled library, which text does not need

    sheets = books.sheets_of(path)
    hidden = [sheet for sheet in sheets if not sheet.is_seen]
    seen = [Source(tables_named(sheet.name, names), sheet.chunks, sheet.name, sheet.date1904, merged=sheet.merged)
            for sheet in sheets if sheet.is_seen]
    skipped += told_sheets([sheet.name for sheet in hidden], "隐藏的工作表 / a hidden sheet")
    named = [source for source in seen if source.tables]
    # A sheet of cases may be called 大厅: the header decides.
    if not named and not tables:
        raise Unreadable(unnamed(names), 0)
    found, others = [], []
    exact = {name_key(name) for own in names.values() for name in own}
    for source in seen:
        own = list(source.tables)
        source.tables = [*own, *(table for table in tables if table not in own)]
        rows = first_rows(source) if source.tables else []
        header = find_header(rows, source.tables, contract) if rows else None
        # A sheet named after a table must have its header; if not, the file is refused.
        is_own = bool(rows) and (name_key(source.sheet) in exact or (
            header is not None and header.named >= HEADER_NAMES and (
                header.table in own or is_of_records(header))))
        if is_own or (header and (not header.missing or len(seen) == 1)):
            found.append(source)
        elif rows or not source.tables:
            others.append(source)
    skipped += told_sheets([source.sheet for source in others], "没有所需的表头 / without the header that is needed")
    if not found:
        for source in seen:
            if source.tables and first_rows(source):
                return [source], []
        raise Unreadable("没有内容，应有一行表头 / there is nothing in it; it needs a header line")
    return found, [source for source in others if source.tables]


def told_sheets(names: list[str], why: str) -> list[str]:
    """Return messages about sheets that are not read: one each, or one for many."""
    if len(names) <= SHOWN_SHEETS:
        return [f"{shown(name)}: {why}" for name in names]
    return [f"{'、'.join(map(shown, names[:SHOWN_SHEETS]))} …: 共 {len(names)} 张：{why}, {len(names)} sheets"]


def unnamed(names: dict) -> str:
    """Return the error for a file that is not named after a table."""
    known = ", ".join("/".join(found[:2]) for found in names.values())
    return f"看不出是哪张表，文件名应含表名（{known}） / named after no raw table; put one in the file name ({known})"


def read_file(path: Path, folder: Path, zone: timezone, say: Callable[..., None],
              keeps_refused: bool = False) -> dict:
    """Read a file into parts in a folder, report each part, return the report."""
    report = {"tables": [], "skipped": [], "failure": None}
    contract, names = read_contract(), names_of_tables()
    try:
        sources, others = sources_of(path, names, contract, report["skipped"])
        for number, source in enumerate(sources):
            rows = first_rows(source)
            header = find_header(rows, source.tables, contract)
            if header is None or (header.missing and header.named < HEADER_NAMES):
                raise without_header(source, header, contract, not rows)
            found = {"table": header.table, "sheet": source.sheet, "problems": header.problems[:SHOWN_PROBLEMS],
                     "notes": [], "columns": [], "read": 0, "left_out": 0, "refused": 0, "rejected": None}
            report["tables"].append(found)
            if header.problems:
                continue
            if REJECTED_NAME.search(path.stem) or header.cells[:2] in (["line", why] for why in WHY):
                taken_back(source)
            reading = Reading(
                source, header, contract[header.table], zone, datetime.now(zone).replace(tzinfo=None), folder,
                f"rows{number}",
                lambda name, rows, n=number: say("part", n, rows, name) if name else say("again", n),
                lambda rows: say("progress", rows), keeps_refused,
            )
            say("table", number, header.table, ",".join(reading.names))
            failed = None
            try:
                reading.run()
            except Unreadable as error:
                failed = Unreadable(str(error), error.line, error.column or shown(source.sheet))
            found |= {
                "columns": [] if failed else reading.names, "problems": reading.told(), "notes": reading.notes(),
                "read": reading.read, "left_out": reading.left_out, "refused": reading.refused,
                "rejected": f"rows{number}.rejected.csv" if reading.rejected else None,
            }
            if failed:
                raise failed
            for other in others:
                reading.check_sheet(other)
    except Unreadable as error:
        report["failure"] = [error.line, error.column, str(error)]
    except MemoryError:
        report["failure"] = [0, "", "太大，内存放不下；请按月分开，或另存为 CSV / too large for the memory it may take;"
                                    " split it by month, or save it as CSV"]
    return report


def main(job_path: str) -> None:
    """Read the file of a job."""
    job = json.loads(Path(job_path).read_text("utf-8"))
    path, folder = Path(job["path"]), Path(job_path).parent
    bound(path)
    report = read_file(path, folder, timezone(timedelta(minutes=job["zone_minutes"])),
                       lambda *words: print(*words, flush=True), job.get("keeps_refused", False))
    (folder / "report.json").write_text(json.dumps(report, ensure_ascii=False), "utf-8")


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except ImportError as error:
        print(f"{error.name}: {error}", file=sys.stderr)
        sys.exit(INCOMPLETE)
