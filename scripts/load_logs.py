"""Load exports of the hall's systems (CSV or Excel) into the typed raw tables.

The contract of the tables — columns, types, which must exist, keys, header
names known — is seeds/reference/raw_columns.csv. A value that cannot be read
is an error here; one that is merely implausible is loaded and judged by staging.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
import tempfile
from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import mysql.connector
import pandas as pd
from tqdm import tqdm

from warehouse import PROJECT_DIR, WarehouseError, connect

CONTRACT = PROJECT_DIR / "seeds" / "reference" / "raw_columns.csv"
CHUNK_ROWS = 200_000
SHOWN_PROBLEMS = 20
YES_NO = {"是": "1", "否": "0", "true": "1", "false": "0", "yes": "1", "no": "0", "y": "1", "n": "0"}
DATE_COLUMNS = ("service_date", "date", "complaint_date")
# What staging looks rows up by: a day, a case of a day, the days of a log id.
INDEXES = (("service_date", "log_id"), ("log_id", "service_date"), ("date",), ("complaint_date",))
NUMBER = r"[+-]?\d{1,8}(?:\.\d+)?"
DAY = r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
CLOCK = r"(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6})\d*)?)?)?"


@dataclass(frozen=True)
class Column:
    """One column of a raw table, as the contract states it."""

    name: str
    data_type: str
    is_required: bool
    is_key: bool
    aliases: tuple[str, ...]


@dataclass
class Source:
    """One table's rows in one file: where from, its cells as text, and what is wrong with them."""

    path: Path
    table: str
    chunks: Iterator[pd.DataFrame]
    is_plain: bool = False  # a CSV in UTF-8 that the server reads as pandas does
    problems: list[tuple[int, str, str]] = field(default_factory=list)

    def problem(self, line: int, column: str, text: str) -> None:
        """Note what is wrong at a line (as an editor counts) and column."""
        self.problems.append((line, column, text))


def read_contract() -> dict[str, list[Column]]:
    """Return the columns of every raw table, in order."""
    tables: dict[str, list[Column]] = {}
    with CONTRACT.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            aliases = tuple(name for name in row["aliases"].split("|") if name)
            tables.setdefault(row["raw_table"], []).append(
                Column(row["column_name"], row["data_type"], row["is_required"] == "1", row["is_key"] == "1", aliases)
            )
    return tables


def table_named(name: str, contract: dict[str, list[Column]]) -> str | None:
    """Return the table that a file or sheet name begins with (service_log_2026-03), or None."""
    fits = [table for table in contract if name.lower().startswith(table)]
    return max(fits, key=len, default=None)


def files_of(paths: list[str], contract: dict[str, list[Column]]) -> list[Path]:
    """Return the files to load; a folder stands for the files named after a raw table."""
    files = []
    for path in map(Path, paths):
        if path.is_dir():
            found = sorted(
                file
                for file in path.iterdir()
                if file.suffix.lower() in (".csv", ".xlsx")
                and table_named(file.name, contract)
                and not file.name.endswith(".rejected.csv")
            )
            if not found:
                raise WarehouseError(f"{path}: no CSV or Excel file named after a raw table ({', '.join(contract)})")
            files += found
        elif path.is_file():
            files.append(path)
        else:
            raise WarehouseError(f"{path}: no such file or folder")
    return files


def starts_with_bom(path: Path) -> bool:
    """Return whether a file begins with the byte order mark of UTF-8."""
    with path.open("rb") as file:
        return file.read(3) == BOM_UTF8


def encoding_of(path: Path) -> tuple[str, bool]:
    """Return (encoding, is plain): utf-8-sig when the whole file is UTF-8, else gb18030 (which holds GBK).

    A plain file is UTF-8 and holds nothing that LOAD DATA reads otherwise than pandas: no BOM, no
    carriage return, no white space but blanks and line feeds, and not the word NULL.
    """
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            is_plain = encoding == "utf-8-sig" and not starts_with_bom(path)
            with path.open(encoding=encoding, newline="") as file:
                while part := file.read(1 << 20):
                    is_plain = is_plain and not any(mark in part for mark in ("\r", "\t", "\xa0", "\u3000", "NULL"))
            return encoding, is_plain
        except UnicodeDecodeError:
            continue
    raise WarehouseError(f"{path}: neither UTF-8 nor GBK; save it as UTF-8")


def sources_of(path: Path, contract: dict[str, list[Column]]) -> list[Source]:
    """Open a file: one source, or one for each sheet of a workbook named after a raw table."""
    table = table_named(path.name, contract)
    options = {"dtype": str, "keep_default_na": False, "na_filter": False}
    try:
        if path.suffix.lower() == ".xlsx":
            sheets = pd.read_excel(path, sheet_name=None, **options)
            named = {name: table_named(name, contract) for name in sheets}
            if any(named.values()):
                return [Source(path, named[name], iter([sheets[name]])) for name in sheets if named[name]]
            if table:
                return [Source(path, table, iter([next(iter(sheets.values()))]))]
        elif table:
            encoding, is_plain = encoding_of(path)
            chunks = pd.read_csv(path, encoding=encoding, chunksize=CHUNK_ROWS, index_col=False, **options)
            return [Source(path, table, iter(chunks), is_plain)]
    except (ValueError, KeyError, OSError, pd.errors.ParserError) as error:
        raise WarehouseError(f"{path}: cannot be read: {' '.join(str(error).split())}") from None
    raise WarehouseError(f"{path}: the name begins with no raw table ({', '.join(contract)})")


def match_headers(source: Source, headers: list[str], columns: list[Column]) -> dict[str, str]:
    """Return {header: column name}; unknown, doubled and missing columns become problems of line 1."""
    known = {name.lower(): column.name for column in columns for name in (column.name, *column.aliases)}
    matched: dict[str, str] = {}
    for header in headers:
        name = known.get(str(header).strip().lower())
        if name is None:
            source.problem(1, str(header), f"unknown column; {source.table} has {', '.join(c.name for c in columns)}")
        elif name in matched.values():
            source.problem(1, str(header), f"a second column for {name}; keep one")
        else:
            matched[header] = name
    for column in columns:
        if column.is_required and column.name not in matched.values():
            names = ", ".join((column.name, *column.aliases))
            source.problem(1, column.name, f"the column is missing; name it one of: {names}")
    return matched


def read_times(cells: pd.Series, with_clock: bool) -> tuple[pd.Series, pd.Series]:
    """Return (canonical text, is readable) of dates such as 2026-03-01, 2026/3/1 9:30 or 2026年3月1日."""
    parts = cells.str.extract(f"^{DAY}{CLOCK}$")
    day = parts[0] + "-" + parts[1].str.zfill(2) + "-" + parts[2].str.zfill(2)
    clock = (
        parts[3].fillna("0").str.zfill(2) + ":" + parts[4].fillna("00") + ":" + parts[5].fillna("00")
        + "." + parts[6].fillna("").str.ljust(6, "0")
    )
    text = day + " " + clock
    readable = pd.to_datetime(text, format="%Y-%m-%d %H:%M:%S.%f", errors="coerce").notna()
    return (text if with_clock else day), readable


def read_cells(cells: pd.Series, column: Column) -> tuple[pd.Series, pd.Series, str]:
    """Return (canonical text, is readable, what would be right) of one column; blank cells are null."""
    cells = cells.str.strip()
    kind = column.data_type
    if kind == "date":
        return *read_times(cells, with_clock=False), "write a date such as 2026-03-31"
    if kind.startswith("datetime"):
        return *read_times(cells, with_clock=True), "write a time such as 2026-03-31 09:30:00"
    if kind.startswith("decimal"):
        return cells, cells.str.fullmatch(NUMBER, flags=256), "write a number such as 12.5"
    if kind == "tinyint":
        lowered = cells.str.lower()
        cells = lowered.map(YES_NO).fillna(cells).str.replace(r"\.0+$", "", regex=True)
        readable = cells.str.fullmatch(r"[+-]?\d{1,2}", flags=256)
        return cells, readable, "write 1 or 0 (是 or 否)"
    if kind.startswith("varchar"):
        length = int(kind[8:-1])
        return cells, cells.str.len() <= length, f"write at most {length} characters"
    return cells, pd.Series(True, index=cells.index), ""


def read_source(source: Source, columns: list[Column], progress: tqdm) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """Yield (readable rows in contract columns, bad rows as they came with line and reason).

    Line numbers count the line breaks inside quoted cells, so that they are those an editor shows.
    """
    line = 2
    matched: dict[str, str] | None = None
    for chunk in source.chunks:
        if matched is None:
            matched = match_headers(source, list(chunk.columns), columns)
            if source.problems:
                return
        breaks = sum(chunk[header].str.count("\n") for header in chunk.columns)
        lines = line + pd.Series(range(len(chunk)), index=chunk.index) + breaks.cumsum() - breaks
        line += len(chunk) + int(breaks.sum())
        reasons = pd.Series("", index=chunk.index)
        values = {}
        for column in columns:
            header = next((h for h, name in matched.items() if name == column.name), None)
            if header is None:
                values[column.name] = pd.Series(None, index=chunk.index, dtype=object)
                continue
            text, readable, right = read_cells(chunk[header], column)
            blank = chunk[header].str.strip() == ""
            values[column.name] = text.where(~blank & readable, None)
            for index in chunk.index[~readable & ~blank]:
                reason = f"'{chunk.at[index, header][:40]}' cannot be read; {right}"
                source.problem(int(lines[index]), column.name, reason)
                reasons[index] += f"{column.name}: {reason}. "
        is_bad = reasons != ""
        rejected = chunk[is_bad].assign(line=lines[is_bad], reason=reasons[is_bad].str.strip())
        progress.update(len(chunk))
        yield pd.DataFrame(values)[~is_bad], rejected
    if matched is None:
        source.problem(1, source.table, "the file is empty; it needs a header line")


def indexes_of(columns: list[Column]) -> list[str]:
    """Return the index clauses of a raw table."""
    names = {column.name for column in columns}
    return [f"index (`{'`, `'.join(index)}`)" for index in INDEXES if set(index) <= names]


def create_statement(schema: str, name: str, columns: list[Column], indexed: bool = True) -> str:
    """Return the create table statement of a raw table under a name, with its indexes if wanted."""
    lines = [f"`{column.name}` {column.data_type} null" for column in columns]
    lines += indexes_of(columns) if indexed else []
    charset = "default charset utf8mb4 collate utf8mb4_bin"
    return f"create table if not exists `{schema}`.`{name}` ({', '.join(lines)}) {charset}"


def escape(cells: pd.Series) -> pd.Series:
    """Return cells as LOAD DATA reads them: backslash, tab and line breaks escaped."""
    special = cells.str.contains(r"[\\\t\n\r]", na=False)
    if not special.any():
        return cells
    marks = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
    return cells.mask(special, cells[special].str.translate(marks))


def write_rows(cursor, target: str, frame: pd.DataFrame, by_file: bool) -> None:
    """Append rows to a table, by LOAD DATA LOCAL or by batched inserts."""
    names = ", ".join(f"`{name}`" for name in frame.columns)
    if by_file:
        escaped = frame.apply(escape)
        handle, path = tempfile.mkstemp(suffix=".tsv")
        os.close(handle)
        try:
            escaped.to_csv(
                path, sep="\t", header=False, index=False, na_rep="\\N", quoting=csv.QUOTE_NONE, quotechar=None,
                encoding="utf-8", lineterminator="\n",
            )
            cursor.execute(f"load data local infile '{path}' into table {target} character set utf8mb4 ({names})")
        finally:
            Path(path).unlink()
        return
    rows = frame.astype(object).where(frame.notna(), None).itertuples(index=False, name=None)
    marks = ", ".join(["%s"] * len(frame.columns))
    cursor.executemany(f"insert into {target} ({names}) values ({marks})", list(rows))


def strict_cell(column: Column) -> str:
    """Return the SQL of a cell as LOAD DATA reads it into @name; what is not canonical raises a warning."""
    name = f"@`{column.name}`"
    blank = f"when trim({name}) = '' then null"
    if column.data_type == "date":
        return f"case {blank} when char_length({name}) = 10 then {name} else 'not a date' end"
    if column.data_type.startswith("datetime"):
        return (
            f"case {blank} when char_length({name}) in (10, 16, 19) or substr({name}, 20, 1) = '.'"
            f" and char_length({name}) <= 26 then {name} else 'not a time' end"
        )
    if column.data_type.startswith("decimal"):
        return f"case {blank} when {name} regexp '^[+-]?[0-9]{{1,8}}([.][0-9]+)?$' then {name} else 'not a number' end"
    if column.data_type == "tinyint":
        return f"case {blank} when {name} in ('0', '1') then {name} else 'not 0 or 1' end"
    return f"nullif(trim({name}), '')"


def load_plain(cursor, source: Source, target: str, columns: list[Column]) -> bool:
    """Let the server read a plain file by itself; return whether every cell was canonical.

    Otherwise the table is emptied again: the caller reads the file cell by cell, to name what is wrong.
    """
    with source.path.open(encoding="utf-8", newline="") as file:
        headers = next(csv.reader(file), [])
    matched = match_headers(Source(source.path, source.table, iter([])), headers, columns)
    by_name = {column.name: column for column in columns}
    required = {column.name for column in columns if column.is_required}
    if len(matched) != len(headers) or not required <= set(matched.values()):
        return False
    read = [by_name[matched[header]] for header in headers]
    cursor.execute(
        f"load data local infile '{str(source.path.resolve()).replace(chr(39), chr(39) * 2)}' into table {target}"
        " character set utf8mb4 fields terminated by ',' optionally enclosed by '\"' escaped by ''"
        f" lines terminated by '\\n' ignore 1 lines ({', '.join(f'@`{column.name}`' for column in read)})"
        f" set {', '.join(f'`{column.name}` = {strict_cell(column)}' for column in read)}"
    )
    cursor.execute("select @@warning_count")
    if cursor.fetchone()[0] == 0:
        return True
    cursor.execute(f"truncate table {target}")
    return False


def fingerprint(names: list[str]) -> str:
    """Return the SQL of a row's fingerprint, as macros/adapter/fingerprint.sql makes it."""
    return "sha2(concat(" + ", ".join(f"coalesce(concat(length({n}), ':', {n}), '-')" for n in names) + "), 256)"


def merge(cursor, schema: str, table: str, columns: list[Column]) -> int:
    """Bring `<table>__loading` into the raw table in one transaction; return the rows written.

    Rows already there are left alone; a record with the same id and other content is replaced;
    equal rows without an id are counted, so that the same file again adds nothing.
    """
    raw, loading = f"`{schema}`.`{table}`", f"`{schema}`.`{table}__loading`"
    names = [f"`{column.name}`" for column in columns]
    content = fingerprint(names)
    keys = [f"`{c.name}`" for c in columns if c.is_key] + [f"`{c.name}`" for c in columns if c.name == "service_date"]
    key_names = sorted((c.name for c in columns if c.is_key), key=lambda name: name == "hall_id")
    identity = f"`{key_names[0]}`" if key_names else None
    cursor.execute("start transaction")
    if identity:
        same_key = " and ".join(f"raw.{key} <=> loaded.{key}" for key in keys)
        cursor.execute(
            f"delete raw from {raw} as raw"
            f" inner join (select distinct {', '.join(keys)} from {loading} where {identity} is not null) as loaded"
            f" on {same_key}"
            f" left join (select distinct {content} as content_hash from {loading}) as same"
            f" on same.content_hash = {fingerprint([f'raw.{name}' for name in names])}"
            " where same.content_hash is null"
        )
    numbered = f"{content} as content_hash, row_number() over (partition by {content}) as copy_number"
    date = next((f"`{name}`" for name in DATE_COLUMNS if f"`{name}`" in names), None)
    same_days = (
        f"where {date} between (select min({date}) from {loading}) and (select max({date}) from {loading})"
        f" or {date} is null"
        if date
        else ""
    )
    cursor.execute(
        f"insert into {raw} ({', '.join(names)})"
        f" select {', '.join('loaded.' + name for name in names)}"
        f" from (select {', '.join(names)}, {numbered} from {loading}) as loaded"
        f" left join (select {numbered} from {raw} {same_days}) as present"
        " on loaded.content_hash = present.content_hash and loaded.copy_number = present.copy_number"
        " where present.content_hash is null"
    )
    written = cursor.rowcount
    cursor.execute("commit")
    return written


def load_source(connection, schema: str, source: Source, columns: list[Column], skip_bad_rows: bool) -> bool:
    """Load one source; print what was done or every problem. Return whether it was loaded."""
    cursor = connection.cursor()
    loading = f"`{schema}`.`{source.table}__loading`"
    cursor.execute(f"drop table if exists {loading}")
    cursor.execute(create_statement(schema, f"{source.table}__loading", columns, indexed=False))
    cursor.execute("select @@local_infile, lower(concat(version(), @@version_comment))")
    local_infile, version = cursor.fetchone()
    by_file = bool(local_infile)
    # seekdb and OceanBase load a bad cell without a warning: there every cell is read here.
    warns = "oceanbase" not in version and "seekdb" not in version
    rejected = []
    if not (by_file and warns and source.is_plain and load_plain(cursor, source, loading, columns)):
        with tqdm(desc=source.path.name, unit=" rows", disable=None, leave=False) as progress:
            for rows, bad_rows in read_source(source, columns, progress):
                rejected.append(bad_rows)
                if rows.empty or (source.problems and not skip_bad_rows):
                    continue
                write_rows(cursor, loading, rows, by_file)
    connection.commit()
    header_problem = any(line == 1 for line, _, _ in source.problems)
    if source.problems and (header_problem or not skip_bad_rows):
        for line, column, text in source.problems[:SHOWN_PROBLEMS]:
            print(f"error: {source.path}:{line}: {column}: {text}", file=sys.stderr)
        more = len(source.problems) - SHOWN_PROBLEMS
        if more > 0:
            print(f"error: {source.path}: and {more} more problems", file=sys.stderr)
        print(f"error: {source.path}: nothing was loaded", file=sys.stderr)
        cursor.execute(f"drop table {loading}")
        return False
    cursor.execute(
        "select 1 from information_schema.tables where table_schema = %s and table_name = %s", (schema, source.table)
    )
    if cursor.fetchone():
        written = merge(cursor, schema, source.table, columns)
        cursor.execute(f"drop table {loading}")
    else:
        cursor.execute(f"select count(*) from {loading}")
        written = cursor.fetchone()[0]
        # Added to what is filled, which takes half the time.
        if indexes := indexes_of(columns):
            cursor.execute(f"alter table {loading} {', '.join(f'add {index}' for index in indexes)}")
        cursor.execute(f"rename table {loading} to `{schema}`.`{source.table}`")
    print(f"{source.path.name}: {written} rows new or changed in {schema}.{source.table}")
    bad = pd.concat(rejected) if rejected else pd.DataFrame()
    if len(bad):
        place = source.path.with_name(f"{source.path.stem}.rejected.csv")
        bad.to_csv(place, index=False, encoding="utf-8-sig")
        print(f"{source.path.name}: {len(bad)} unreadable rows are in {place}, with their reasons")
    return True


def write_templates(folder: Path, contract: dict[str, list[Column]]) -> None:
    """Write an empty workbook for each raw table; columns that must exist are bold."""
    import xlsxwriter

    folder.mkdir(parents=True, exist_ok=True)
    for table, columns in contract.items():
        with xlsxwriter.Workbook(folder / f"{table}.xlsx") as workbook:
            bold = workbook.add_format({"bold": True})
            sheet = workbook.add_worksheet(table)
            for position, column in enumerate(columns):
                sheet.write_string(0, position, column.name, bold if column.is_required else None)
                sheet.write_comment(0, position, " / ".join((column.data_type, *column.aliases)))
            sheet.set_column(0, len(columns) - 1, 18)
            sheet.freeze_panes(1, 0)
        print(folder / f"{table}.xlsx")


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code (1: a file was not loaded)."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="*", metavar="DIR|FILE", help="CSV or Excel files named after the raw tables")
    parser.add_argument("--raw-schema", default=os.environ.get("HALL_SCORES_RAW_SCHEMA", "government_hall"))
    parser.add_argument("--target", help="output of profiles.yml (default: its own default)")
    parser.add_argument("--skip-bad-rows", action="store_true", help="load the rest, put unreadable rows in a file")
    parser.add_argument("--template", metavar="DIR", help="write empty workbooks with the expected headers and end")
    options = parser.parse_args(arguments)
    contract = read_contract()
    if options.template:
        write_templates(Path(options.template), contract)
        return 0
    if not options.paths:
        parser.error("name a folder or a file to load, or --template DIR")
    if not options.raw_schema.replace("_", "").isalnum():
        parser.error(f"--raw-schema: '{options.raw_schema}' is not a plain name")
    all_loaded = True
    try:
        files = files_of(options.paths, contract)
        connection = connect(options.target)
        cursor = connection.cursor()
        cursor.execute(f"create schema if not exists `{options.raw_schema}` character set utf8mb4 collate utf8mb4_bin")
        cursor.execute(f"use `{options.raw_schema}`")
        for path in files:
            for source in sources_of(path, contract):
                columns = contract[source.table]
                all_loaded &= load_source(connection, options.raw_schema, source, columns, options.skip_bad_rows)
    except (WarehouseError, mysql.connector.Error) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0 if all_loaded else 1


if __name__ == "__main__":
    sys.exit(main())
