"""Load exports of the hall's systems (CSV or workbooks) into the typed raw tables.

seeds/reference/raw_*.csv define the tables: columns, types, required columns, keys,
header names and known words. A value that cannot be read is an error here. One that
is only implausible is loaded and judged by staging.
loading/door.py copies files in, loading/child.py reads and checks them in a
separate process, loading/merge.py merges them into the raw tables.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

import mysql.connector
from tqdm import tqdm

from loading.contract import (
    INCOMPLETE,
    REJECTED_NAME,
    UNSEEN,
    Column,
    names_of_tables,
    read_contract,
    shown,
    tables_named,
)
from loading.door import MAX_BYTES, SUFFIXES, Refused, copy_in, in_place
from loading.merge import Counts, Lock, Target, has_whole_days, is_oceanbase, is_of_a_value, merge_all, prepare, unlike
from loading.passwords import forget_passwords, hide_passwords
from loading.private import PLAIN_PATH, private_folder
from loading.setting import project_variables, raw_schema, zone_minutes
from provenance import harmless_environment
from warehouse import PROJECT_DIR, WarehouseError, connect

CHILD = PROJECT_DIR / "scripts" / "loading" / "child.py"
CHILD_SECONDS = 300  # plus so many per megabyte:
CHILD_SECONDS_A_MEGABYTE = 4
MOST_CHILD_SECONDS = 3600
LOCK_SECONDS = 900  # waits for the file that another load is merging
SHOWN_HALL_DAYS = 3
# A workbook stores a text once that many rows may repeat.
MOST_WRITTEN = 2 * MAX_BYTES
EVENT_LENGTH, REPORT_BYTES, LAST_WORDS = 10_000, 1 << 22, 4096  # limits on output read from the child
PART, REJECTED_PART = re.compile(r"rows\d+-\d+\.tsv"), re.compile(r"rows\d+\.rejected\.csv")


@dataclass
class Options:
    """The options of the command line."""

    schema: str
    skip_bad_rows: bool
    whole_days: bool
    in_place: bool
    zone_minutes: int


def said(path: Path) -> str:
    """Return a path as messages show it."""
    return UNSEEN.sub("�", str(path).encode(errors="replace").decode())


def say_error(
    path: Path, text: str, line: int = 0, column: str = "", sheet: str = "", what: str = "error"
) -> None:
    """Print the problems of a file by sheet, line and column."""
    place = "".join(f":{part}" for part in (shown(sheet), line or "") if part)
    print(f"{what}: {said(path)}{place}: {f'{column}: ' if column else ''}{text}", file=sys.stderr)


def files_of(paths: list[str]) -> tuple[list[Path], list[tuple[Path, str]], list[tuple[Path, str]]]:
    """Return (files to load, skipped files of folders and why, unreadable folders and why).

    A folder stands for the files in it that are named after tables.
    """
    files, skipped, unread, names = [], [], [], names_of_tables()
    for path in map(Path, paths):
        try:
            is_folder = path.is_dir() and not path.is_symlink()
        except OSError:  # such as a name that is too long: the door reports it
            is_folder = False
        if not is_folder:
            files.append(path)
            continue
        try:
            for file in sorted(path.iterdir()):
                if file.name[0] in ".~":
                    skipped.append((file, "隐藏或临时文件 / a hidden or temporary file"))
                elif file.is_symlink() or not file.is_file():
                    skipped.append((file, "不是普通文件 / not a plain file"))
                elif REJECTED_NAME.search(file.stem):
                    skipped.append((file, "退回的行，改好后请单独装载"
                                          " / refused rows; mend them, load the file by itself"))
                elif file.suffix.lower() not in SUFFIXES:
                    skipped.append((file, f"不是 {' '.join(SUFFIXES)} / not one of these"))
                elif not tables_named(file.stem, names):
                    skipped.append((file, "看不出是哪张表 / named after no raw table"))
                else:
                    files.append(file)
        except OSError as error:
            unread.append((path, f"文件夹不能读取（{error.strerror}），请检查权限"
                                 f" / the folder cannot be read ({error.strerror}); look at its permissions"))
    return files, skipped, unread


def read(copy: Path, folder: Path, zone: int, keeps_refused: bool, on_event: Callable[[list[str]], None]) -> dict:
    """Let the child read a private copy; pass on each event; return the report. Raises Refused."""
    job = folder / "job.json"
    job.write_text(json.dumps({"path": str(copy), "zone_minutes": zone, "keeps_refused": keeps_refused}), "utf-8")
    with (folder / "errors").open("wb") as errors:
        process = subprocess.Popen(  # noqa: S603 - our own script
            [sys.executable, str(CHILD), str(job)], env=harmless_environment() | {"PYTHONUTF8": "1"},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, text=True, encoding="utf-8",
        )
    seconds = min(CHILD_SECONDS + CHILD_SECONDS_A_MEGABYTE * (copy.stat().st_size >> 20), MOST_CHILD_SECONDS)
    timer = threading.Timer(seconds, process.kill)
    timer.start()
    try:
        while line := process.stdout.readline(EVENT_LENGTH):
            on_event(line.split())
        code = process.wait()
        if code == 0:
            return checked(json.loads(read_plain(folder / "report.json", REPORT_BYTES)))
        last = (read_plain(folder / "errors", LAST_WORDS, at_end=True).splitlines() or [""])[-1]
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise Refused(not_believed(str(error))) from None
    finally:
        timer.cancel()
        process.kill()
        process.wait()
        process.stdout.close()
    if code == INCOMPLETE:
        # The child is not trusted: check here too that the library is missing.
        try:
            import python_calamine  # noqa: F401
        except ImportError as error:
            raise WarehouseError(f"没有安装 {error.name}，请运行 `make setup`"
                                 f" / {error.name} is not installed, run `make setup`") from None
    what = f"{code}: {shown(last, 200)}" if last else code
    raise Refused(f"读取时出错（{what}），可能太大或已损坏；请另存为 CSV，按月分开"
                  f" / reading it failed ({what}), maybe it is too large or broken; save it as CSV, split by month")


def not_believed(what: str) -> str:
    """Return the error for output of the child that cannot be right."""
    return (f"读取程序答得不对（{shown(what)}），请告诉管理员"
            f" / what the reader says cannot be ({shown(what)}); tell the administrator")


def read_plain(path: Path, limit: int, at_end: bool = False) -> str:
    """Return the text of a file that the child wrote. Raises ValueError if it is a link, no file, or too long."""
    try:
        with open(path, "rb", opener=not_followed) as file:
            size = os.fstat(file.fileno()).st_size
            if at_end:
                file.seek(max(size - limit, 0))
            elif size > limit:
                raise ValueError(f"{path.name}: {size}")
            return file.read(limit).decode(errors="replace")
    except OSError as error:
        raise ValueError(f"{path.name}: {error.strerror}") from None


def not_followed(path: str, flags: int) -> int:
    """Open a file without following a link and without blocking."""
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)


def checked(report: dict) -> dict:
    """Return the child's report, each text on one line. Raises ValueError or the like if it is not valid."""
    kinds = {"table": str, "sheet": str, "problems": list, "notes": list, "columns": list, "read": int, "left_out": int,
             "refused": int, "rejected": (str, type(None))}
    for found in report["tables"]:
        for name, kind in kinds.items():
            if not isinstance(found[name], kind):
                raise ValueError(f"{name}: {found[name]!r}")
        if found["rejected"] and not REJECTED_PART.fullmatch(found["rejected"]):
            raise ValueError(found["rejected"])
        found["notes"] = list(map(on_one_line, found["notes"]))
        found["problems"] = list(map(problem_of, found["problems"]))
    failure = report["failure"] and problem_of(report["failure"])
    if not failure and not report["tables"]:
        raise ValueError("tables: []")
    return {"tables": report["tables"], "skipped": list(map(on_one_line, report["skipped"])), "failure": failure}


def on_one_line(text: str) -> str:
    """Return a text of the child that is safe to print."""
    return UNSEEN.sub("�", text)


def problem_of(found: list) -> tuple[int, str, str]:
    """Return line, column and text of a problem."""
    line, column, text = found
    return int(line), on_one_line(column), on_one_line(text)


class Loader:
    """Loads files one by one over one connection; without a connection it only checks them."""

    def __init__(self, connection, lock: Lock | None, options: Options, contract: dict[str, list[Column]], base: Path):
        """Load with a connection and a lock, or check with None; the folder base takes the private copies."""
        self.connection, self.options, self.contract, self.base = connection, options, contract, base
        self.lock = lock or nullcontext()
        self.targets: dict[str, Target] = {}
        self.whole: dict[str, set[tuple]] = {}  # by table: hall days that a file held completely
        self.names: dict[str, tuple[str, list[str]]] = {}  # by source: table and columns
        self.taken = 0  # bytes of the loaded parts
        if connection:
            self.cursor = connection.cursor()
            self.cursor.execute("select @@local_infile")
            has_local_files = bool(self.cursor.fetchall()[0][0])
            # OceanBase's LOAD DATA changes values that do not fit without a warning.
            self.by_file = has_local_files and not is_oceanbase(self.cursor)

    def load(self, path: Path) -> bool:
        """Load one file; print the counts or all problems. Return whether it was loaded.

        Raises mysql.connector.Error if the warehouse fails, and OSError if the disk does. A value that the
        warehouse refuses counts as a problem of the file.
        """
        # The child may leave something that cannot be removed; that is no disk failure.
        with self.lock, tempfile.TemporaryDirectory(dir=self.base, ignore_cleanup_errors=True) as folder:
            private = Path(folder)
            (private / "in").mkdir(mode=0o700)
            self.targets, self.names, self.taken = {}, {}, 0
            report = {"tables": []}
            is_loaded = False
            try:
                copy = in_place(path) if self.options.in_place else copy_in(path, private / "in")
                with tqdm(desc=path.name, unit=" rows", disable=None, leave=False) as progress:
                    report = read(copy, private, self.options.zone_minutes, self.options.skip_bad_rows,
                                  lambda words: self.on_event(words, private, progress))
                    for found in report["tables"]:
                        if found["columns"] and (found["table"], found["columns"]) not in self.names.values():
                            raise Refused(not_believed(found["table"]))
                    if self.is_good(path, report):
                        for table, target in self.targets.items():
                            target.complete(sum(found["read"] - found["left_out"] - found["refused"]
                                                for found in report["tables"] if found["table"] == table))
                        progress.set_description(f"{path.name} → {self.options.schema}")
                        days = self.days_taken() if self.options.whole_days else {}
                        self.finish(path, private, report)
                        for table, found in days.items():
                            self.whole.setdefault(table, set()).update(found)
                        is_loaded = True
            except Refused as error:
                say_error(path, str(error))
            except mysql.connector.Error as error:
                if not is_of_a_value(error):
                    raise
                say_error(path, unlike(error.msg or str(error)))
            finally:
                for target in self.targets.values():
                    with suppress(mysql.connector.Error):  # report the first failure of the warehouse
                        target.drop()
        if not is_loaded:
            read_rows, left_out, refused = (
                sum(found[name] for found in report["tables"]) for name in ("read", "left_out", "refused"))
            print(f"{said(Path(path.name))}: 没有装载：读入 {read_rows}，略过 {left_out}，退回 {refused}"
                  f" / nothing loaded: read {read_rows}, left out {left_out}, refused {refused}", flush=True)
        return is_loaded

    def on_event(self, words: list[str], private: Path, progress: tqdm) -> None:
        """Load a part that the child has written. Raises Refused if the parts are too large."""
        try:
            lying = sum(found.stat(follow_symlinks=False).st_size for found in os.scandir(private))
        except OSError as error:
            raise ValueError(str(error)) from None
        if self.taken + lying > MOST_WRITTEN:
            raise Refused(f"读出的内容超过 {MOST_WRITTEN} 字节，请按月分开"
                          f" / more than {MOST_WRITTEN} bytes were read of it; split it by month")
        match words:
            case ["progress", rows]:
                progress.update(int(rows) - progress.n)
            case ["table", number, table, listed] if number not in self.names:
                names = listed.split(",")
                if len({column.name for column in self.contract[table]} & set(names)) != len(names):
                    raise ValueError(listed)
                self.names[number] = (table, names)
                if self.connection:
                    if table not in self.targets:
                        self.targets[table] = Target(
                            self.cursor, self.options.schema, table, self.contract[table])
                    self.targets[table].begin(names)
            case ["part", number, _, name] if PART.fullmatch(name) and number == next(reversed(self.names), None):
                part = private / name
                # The client opens it by name: it must not be a link to a file that only this program may read.
                if part.is_symlink() or not part.is_file():
                    raise ValueError(name)
                if self.connection:
                    table, names = self.names[number]
                    self.targets[table].add(part, names, self.by_file)
                    self.connection.commit()
                self.taken += part.stat().st_size
                part.unlink()
            case ["again", number] if number == next(reversed(self.names), None):
                if self.connection:
                    self.targets[self.names[number][0]].empty()
            case _:
                raise ValueError(" ".join(words))

    def is_good(self, path: Path, report: dict) -> bool:
        """Print the problems of a file; return whether to load it."""
        for line in report["skipped"]:
            print(f"skipped: {said(path)}: {line}", file=sys.stderr)
        if report["failure"]:
            line, column, text = report["failure"]
            say_error(path, text, line, column)
        good = not report["failure"]
        for found in report["tables"]:
            is_loaded = bool(found["columns"]) and (self.options.skip_bad_rows or not found["refused"])
            for line, column, text in found["problems"]:
                say_error(path, text, line, column, found["sheet"], "refused" if is_loaded else "error")
            good &= is_loaded
            if self.options.whole_days and good:
                good = self.is_whole(path, found)
        if not good and report["tables"]:
            say_error(path, "整个文件都没有装载 / nothing was loaded")
        return good

    def is_whole(self, path: Path, found: dict) -> bool:
        """Return whether a file can hold complete days of a table; print why not."""
        text = None
        if not has_whole_days(self.contract[found["table"]]):
            text = f"{found['table']} 没有日期或大厅，不能用 --whole-days / has no days of halls: not with --whole-days"
        elif found["refused"]:
            text = "有退回的行，不能用 --whole-days / rows were refused: not with --whole-days"
        elif self.connection and self.targets[found["table"]].has_blank_days():
            text = "有的行没有日期，不能用 --whole-days / rows without a date: not with --whole-days"
        if text:
            say_error(path, text, sheet=found["sheet"])
        return text is None

    def days_taken(self) -> dict[str, set[tuple]]:
        """Return the hall days in a file, by table. Raises Refused if another file held one completely."""
        taken = {table: target.hall_days() for table, target in self.targets.items()}
        for table, days in taken.items():
            if twice := sorted(days & self.whole.get(table, set()), key=str):
                day, hall = twice[0]
                raise Refused(
                    f"{table}：{day} {shown(hall or '-')} 等 {len(twice)} 个大厅日，前面的文件里也有，不能都是全部；"
                    "请合为一个文件，或不用 --whole-days"
                    f" / {table}: {day} {shown(hall or '-')} and so on, {len(twice)} days of halls, are in a file"
                    " before, and not both are all there is; put them into one file, or load without --whole-days")
        return taken

    def finish(self, path: Path, private: Path, report: dict) -> None:
        """Merge the rows; print one line per table."""
        tables: dict[str, list[dict]] = {}
        for found in report["tables"]:
            tables.setdefault(found["table"], []).append(found)
        places: dict[str, Path] = {}
        try:
            # Before the merge, so that a full disk leaves nothing half done.
            for found in report["tables"]:
                if found["rejected"] and self.connection:
                    places[found["rejected"]] = keep_rejected(path, found["table"], private / found["rejected"])
            merged = merge_all(list(self.targets.values()), self.options.whole_days) if self.connection else {}
        except BaseException:
            for place in places.values():
                place.unlink(missing_ok=True)
            raise
        for table, parts in tables.items():
            read, left_out, refused = (sum(part[name] for part in parts) for name in ("read", "left_out", "refused"))
            if self.connection:
                print(summary(f"{path.name}: {self.options.schema}.{table}", read, left_out, refused, merged[table],
                              self.options.whole_days), flush=True)
                if kept := merged[table].kept:
                    print(f"{path.name}: 提示 {kept_note(kept)}", flush=True)
            else:
                good = read - left_out - refused
                print(f"{path.name}: {table}: 只检查：读入 {read}，可装载 {good}，略过 {left_out}，退回 {refused}"
                      f" / checked only: read {read}, good {good}, left out {left_out}, refused {refused}", flush=True)
            for note in dict.fromkeys(note for part in parts for note in part["notes"]):
                print(f"{path.name}: 提示 {note}", flush=True)
            for part in parts:
                if place := places.get(part["rejected"]):
                    print(f"{path.name}: 退回的 {part['refused']} 行和原因在 {place}"
                          f" / {part['refused']} unreadable rows are in {place}, with their reasons", flush=True)


def summary(name: str, read: int, left_out: int, refused: int, counts: Counts, whole_days: bool) -> str:
    """Return the line with the counts of a file's rows."""
    zh = f"读入 {read}，新增 {counts.new}，替换 {counts.replaced}，相同 {counts.same}，略过 {left_out}，退回 {refused}"
    en = (f"read {read}, new {counts.new}, replaced {counts.replaced}, same {counts.same}, left out {left_out},"
          f" refused {refused}")
    if whole_days:
        zh, en = f"{zh}，删除 {counts.removed}", f"{en}, removed {counts.removed}"
    return f"{name}: {zh} / {en}"


def kept_note(kept: list[tuple]) -> str:
    """Return the note on hall days that --whole-days keeps because the file has no rows of them."""
    named = ", ".join(f"{day} {shown(hall or '-')}" for day, hall, _ in kept[:SHOWN_HALL_DAYS])
    named += ", …" if len(kept) > SHOWN_HALL_DAYS else ""
    rows = sum(found for _, _, found in kept)
    return (f"文件里没有、因而保留的大厅日 {len(kept)} 个，共 {rows} 行：{named}"
            f" / {len(kept)} days of halls of which the file has nothing are kept, {rows} rows: {named}")


def keep_rejected(path: Path, table: str, found: Path) -> Path:
    """Save refused rows beside a file under a new name with their table; return the path."""
    stem = REJECTED_NAME.sub("", path.stem)
    if next(iter(tables_named(stem, names_of_tables())), None) != table:
        stem = f"{table}_{stem}"
    number = 1
    while True:
        place = path.with_name(f"{stem}.rejected{f'-{number}' if number > 1 else ''}.csv")
        try:
            descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o640)
        except FileExistsError:
            number += 1
            continue
        try:
            with os.fdopen(descriptor, "wb") as file, open(found, "rb", opener=not_followed) as rejected:
                shutil.copyfileobj(rejected, file)
        except BaseException:
            place.unlink(missing_ok=True)
            raise
        return place


def write_templates(folder: Path, contract: dict[str, list[Column]]) -> None:
    """Write an empty workbook for each raw table; required columns are bold."""
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
    """Run the command line; return the exit code: 1 if a file was not loaded, 4 if the warehouse failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="*", metavar="DIR|FILE", help="CSV files or workbooks named after raw tables")
    parser.add_argument("--raw-schema", help="database of the raw tables (default: var raw_schema of dbt_project.yml)")
    parser.add_argument("--target", help="output of profiles.yml (default: its own default)")
    parser.add_argument("--skip-bad-rows", action="store_true", help="load the rest, put unreadable rows in a file")
    parser.add_argument("--whole-days", action="store_true",
                        help="each file is all there is of each day of a hall in it: remove what it lacks of them")
    parser.add_argument("--in-place", action="store_true",
                        help="the files lie in folders that nobody else can enter, and are read without a copy")
    parser.add_argument("--check", action="store_true", help="read and judge the files, without a warehouse")
    parser.add_argument("--template", metavar="DIR", help="write empty workbooks with the expected headers and end")
    options = parser.parse_args(arguments)
    contract = read_contract()
    if options.template:
        write_templates(Path(options.template), contract)
        return 0
    if not options.paths:
        parser.error("请写要装载的文件夹或文件，或 --template DIR / name a folder or a file to load, or --template DIR")
    try:
        variables = project_variables()
        schema = raw_schema(options.raw_schema, variables)
        chosen = Options(
            schema, options.skip_bad_rows, options.whole_days, options.in_place, zone_minutes(variables))
    except WarehouseError as error:
        parser.error(str(error))
    files, skipped, unread = files_of(options.paths)
    for path, why in skipped:
        print(f"skipped: {said(path)}: {why}", file=sys.stderr)
    for path, why in unread:
        say_error(path, why)
    if not files and not unread:
        known = ", ".join("/".join(found[:2]) for found in names_of_tables().values())
        print(f"error: {said(Path(options.paths[0]))}: 没有可装载的文件，文件名应含表名（{known}）"
              f" / no file named after a raw table ({known})", file=sys.stderr)
        return 1
    connection = second = lock = None
    all_loaded = not unread
    try:
        with private_folder() as base:
            if not PLAIN_PATH.fullmatch(str(base)):
                raise WarehouseError(f"TMPDIR: {base} 只能用字母、数字、. _ - / may hold letters, digits, . _ - only")
            if not options.check:
                # A server can request files of its client; allow only this folder.
                connection = connect(options.target, allow_local_infile=False, allow_local_infile_in_path=str(base))
                second = connect(options.target, allow_local_infile=False)
                forget_passwords()
                cursor = connection.cursor()
                cursor.execute(f"create schema if not exists `{schema}` character set utf8mb4 collate utf8mb4_bin")
                cursor.execute(f"use `{schema}`")
                prepare(cursor)
                lock = Lock(second, schema, LOCK_SECONDS)
            loader = Loader(connection, lock, chosen, contract, base)
            for path in files:
                all_loaded &= loader.load(path)
    except WarehouseError as error:
        print(f"error: {error}", file=sys.stderr)
        return 4
    except mysql.connector.Error as error:
        print(f"error: 数据库出错 / the warehouse failed: {' '.join(str(error).split())}", file=sys.stderr)
        return 4
    except OSError as error:
        print(f"error: 磁盘出错 / the disk failed: {error}", file=sys.stderr)
        return 4
    finally:
        for opened in filter(None, (connection, second)):
            with suppress(mysql.connector.Error):
                opened.close()
    return 0 if all_loaded else 1


if __name__ == "__main__":
    hide_passwords()
    sys.exit(main())
