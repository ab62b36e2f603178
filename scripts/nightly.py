"""Nightly run: check the rules, load the drop folder, build, and publish the reports of closed periods.

It may run twice or after a failure: folders and marts show what is left to do. Each step has its own exit code
for failure (docs/operations.md). A failure leaves the published pages as they were.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
from contextlib import closing, suppress
from datetime import UTC, date, datetime, timedelta
from enum import IntEnum
from pathlib import Path
from secrets import token_hex

import mysql.connector
from mysql.connector import errorcode

from loading.door import SUFFIXES, Changed, Gone, Refused, check_name, remove, safe_name, take
from loading.passwords import hide_passwords
from loading.private import PLAIN_PATH
from loading.setting import raw_schema
from plain_text import plain
from provenance import harmless_environment
from warehouse import PROJECT_DIR, WarehouseError, connect, read_profile

SCRIPTS = PROJECT_DIR / "scripts"
LOGS = PROJECT_DIR / "logs"
# The export writes this file into the folder of a period.
PERIOD_FILE = "period.json"
WEEK = timedelta(days=7)
WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
# The loader's line per table, and its exit codes that blame no file: settings (2), warehouse (4).
SUMMARY = r".* / read \d+, new (\d+), replaced (\d+), same \d+, left out \d+, refused \d+(?:, removed \d+)?"
LOADER_ITSELF = (2, 4)
NOTES = tuple(f"{suffix}.txt" for suffix in SUFFIXES)  # an operator may put them back with their files
COUNTED_NAMES = 100
LINE_LENGTH = 2000  # messages quote headers, which may be huge
PERIOD_FOLDER = re.compile(r"(week|month|quarter|year)-(\d{4}-\d{2}-\d{2})")


class Exit(IntEnum):
    """Exit codes; argparse uses 2 for a wrong command line."""

    OK = 0
    FAILED = 1
    RULES = 3
    LOAD = 4
    BUILD = 5
    REPORTS = 6
    PUBLISH = 7
    REJECTED = 8
    LOCKED = 75


class StepError(Exception):
    """A step failed; the text is one line that can be printed."""

    def __init__(self, code: Exit, text: str):
        """Keep the exit code of the step."""
        super().__init__(text)
        self.code = code


def run(*command: str | Path, **options) -> subprocess.CompletedProcess:
    """Run a program in the project. It inherits the lock, so a build that outlives a killed run still holds it."""
    return subprocess.run(  # noqa: S603 - our own scripts and dbt
        [str(part) for part in command], cwd=PROJECT_DIR, close_fds=False, encoding="utf-8", **options
    )


def run_script(name: str, *arguments: str | Path, **options) -> subprocess.CompletedProcess:
    """Run a script of the project."""
    return run(sys.executable, SCRIPTS / name, *arguments, **options)


def chosen(**values: str | None) -> list[str]:
    """Return command-line arguments for the options that have a value."""
    return [part for name, value in values.items() if value for part in (f"--{name.replace('_', '-')}", value)]


# The drop folder


class Archive:
    """The folders of loaded and rejected files, where uploaders cannot write.

    Files are created exclusively, relative to descriptors of our own folders, so that planted links have no effect.
    """

    def __init__(self, path: Path, today: date):
        """Open the archive and create its private folder. Raises OSError."""
        self.path, self.today = path, today
        self.folders: dict[str, int] = {}
        self.root = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        for stale in path.glob(".night-*"):  # left by a killed run
            shutil.rmtree(stale)
        self.private = Path(tempfile.mkdtemp(prefix=".night-", dir=path))

    def __enter__(self) -> Archive:
        """Return the archive."""
        return self

    def __exit__(self, *_error) -> None:
        """Remove the private folder, close the others."""
        shutil.rmtree(self.private)
        for descriptor in (self.root, *self.folders.values()):
            os.close(descriptor)

    def folder(self, kind: str) -> int:
        """Return the descriptor of today's folder of a kind (loaded or rejected)."""
        if kind not in self.folders:
            parent = our_folder(self.root, kind)
            try:
                self.folders[kind] = our_folder(parent, str(self.today))
            finally:
                os.close(parent)
        return self.folders[kind]

    def make(self, kind: str, name: str, text: str = "") -> str:
        """Write a new file, under another name if the name is taken; return its name."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        # Many names can become the same safe name. Count only so far, then take a random name.
        for number in ("", *(f"-{n}" for n in range(2, COUNTED_NAMES)), f"-{token_hex(8)}"):
            free = f"{Path(name).stem}{number}{Path(name).suffix}"
            with suppress(FileExistsError):
                descriptor = os.open(free, flags, 0o640, dir_fd=self.folder(kind))
                with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                    file.write(text)
                return free
        raise FileExistsError(f"{kind}/{self.today}/{name}")

    def shelve(self, path: Path, kind: str) -> str:
        """Move a file of the private folder to loaded or rejected; return its name there."""
        path.chmod(0o640)
        name = self.make(kind, path.name)
        os.rename(path, name, dst_dir_fd=self.folder(kind))
        return name

    def shelve_unread(self, drop: int, name: str) -> str | None:
        """Move a regular file that could not be copied to rejected; return its name, None if it must stay."""
        kept = self.make("rejected", safe_name(name))
        try:
            os.rename(name, kept, src_dir_fd=drop, dst_dir_fd=self.folder("rejected"))
            found = os.stat(kept, dir_fd=self.folder("rejected"), follow_symlinks=False)
            if stat.S_ISREG(found.st_mode) and found.st_nlink == 1:
                return kept
        except OSError:  # another file system, or now a folder
            pass
        os.unlink(kept, dir_fd=self.folder("rejected"))
        return None


def our_folder(parent: int, name: str) -> int:
    """Create and open a folder. Raises StepError if it is a link, not ours, or others may write into it."""
    with suppress(FileExistsError):
        os.mkdir(name, 0o750, dir_fd=parent)
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=parent)
    except NotADirectoryError:
        raise StepError(
            Exit.LOAD, f"存档目录里的 {name} 不是文件夹，请移走 / {name} in the archive is no folder: move it away"
        ) from None
    if problem := not_ours(os.fstat(descriptor)):
        os.close(descriptor)
        raise StepError(Exit.LOAD, f"{name}: {problem}")
    return descriptor


def not_ours(found: os.stat_result) -> str | None:
    """Return why a folder cannot hold the archive, or None."""
    if found.st_uid != os.geteuid() or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return (
            f"存档目录须归运行账号（uid {os.geteuid()}）所有，同组和他人不可写"
            f" / a folder of the archive must belong to the running user (uid {os.geteuid()}), and group and others"
            " must not write it"
        )
    return None


def why_skipped(name: str, found: os.stat_result) -> str | None:
    """Return why an entry of the drop folder is skipped, or None."""
    if stat.S_ISDIR(found.st_mode):
        return "文件夹，只装载投放目录里的文件 / a folder; only files of the drop folder itself are loaded"
    if name[0] in ".~":
        return "隐藏或临时文件 / a hidden or temporary file"
    if name.lower().endswith(NOTES):
        return "看作退回的原因，是数据请改名 .csv / taken for a note on a rejected file; if it holds data, name it .csv"
    if not name.lower().endswith(SUFFIXES):
        return f"只装载 {' '.join(SUFFIXES)} 文件 / only {', '.join(SUFFIXES)} are loaded"
    return None


def refuse(archive: Archive, drop: int, name: str, refusal: Refused) -> str:
    """Write a note on why an entry was refused; remove the entry if nothing is lost; return the note's name."""
    kept = None
    with suppress(FileNotFoundError):
        found = os.stat(name, dir_fd=drop, follow_symlinks=False)
        if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:  # no content, or content with another name
            if not stat.S_ISDIR(found.st_mode):
                remove(drop, name, found)
        elif not isinstance(refusal, Changed):
            kept = archive.shelve_unread(drop, name)
    return archive.make("rejected", f"{kept or safe_name(name)}.txt", f"error: {plain(name)}: {refusal}\n")


def load(options: argparse.Namespace, today: date, facts: dict) -> None:
    """Load each file of the drop folder separately, and move it to loaded or rejected in the archive.

    A problem of a file rejects that file alone. If the warehouse fails, files stay for the next night.
    """
    drop = os.open(options.drop, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with Archive(options.archive, today) as archive:
            for name in sorted(os.listdir(drop)):  # noqa: PTH208 - a descriptor
                load_entry(options, archive, drop, name, facts)
    finally:
        os.close(drop)


def load_entry(options: argparse.Namespace, archive: Archive, drop: int, name: str, facts: dict) -> None:
    """Load an entry of the drop folder, or report why not."""
    try:
        reason = why_skipped(name, os.stat(name, dir_fd=drop, follow_symlinks=False))
    except FileNotFoundError:
        return  # the uploader has removed it
    except OSError as error:  # such as a foreign file system mounted there
        reason = f"不能查看 / cannot be looked at: {error.strerror}"
    if reason:
        print(f"skipped: {plain(name)}: {reason}", file=sys.stderr)
        facts["files_skipped"] += 1
        return
    private = Path(tempfile.mkdtemp(dir=archive.private))
    copy = private / safe_name(name)
    try:
        taken = take(drop, name, copy)
    except Gone:
        return
    except Refused as refusal:
        say_rejected(archive, name, refuse(archive, drop, name, refusal), facts)
        return
    try:
        check_name(name)
        problems = load_file(options, copy, facts)
    except Refused as refusal:
        problems = f"error: {plain(name)}: {refusal}\n"
    for bad_rows in set(private.iterdir()) - {copy}:
        archive.shelve(bad_rows, "rejected")
    kept = archive.shelve(copy, "rejected" if problems else "loaded")
    if problems:
        # The message quotes cells, so it goes beside the file and not into the log.
        say_rejected(archive, name, archive.make("rejected", f"{kept}.txt", problems), facts)
    else:
        facts["files_loaded"] += 1
    if not remove(drop, name, taken):
        print(f"{plain(name)}: 装载期间又有改动，留到下次 / changed meanwhile, it stays for the next night",
              file=sys.stderr)
    shutil.rmtree(private)


def say_rejected(archive: Archive, name: str, note: str, facts: dict) -> None:
    """Count and report a rejected file."""
    place = archive.path / "rejected" / str(archive.today) / note
    print(f"{plain(name)}: 已退回，原因见 / rejected, see {place}", file=sys.stderr)
    facts["files_rejected"] += 1


def load_file(options: argparse.Namespace, copy: Path, facts: dict) -> str | None:
    """Load the private copy of a file; return its problems, None if it was loaded."""
    # The loader's folder goes here too, to be removed with it, if the path is safe in an SQL statement.
    folder = copy.parents[1]
    environment = os.environ | ({"TMPDIR": str(folder)} if PLAIN_PATH.fullmatch(str(folder)) else {})
    done = run_script(
        "load_logs.py", copy, "--in-place", *chosen(target=options.target), "--raw-schema", options.raw_schema,
        *(["--skip-bad-rows"] if options.skip_bad_rows else []), capture_output=True, errors="replace",
        env=environment,
    )
    output, errors = (
        [plain(line[:LINE_LENGTH]) for line in text.replace(f"{copy.parent}/", "").split("\n") if line]
        for text in (done.stdout, done.stderr)
    )
    print(*output, sep="\n", end="\n" if output else "", flush=True)
    summary = re.compile(rf"{re.escape(copy.name)}: {re.escape(options.raw_schema)}\.[a-z_]+: {SUMMARY}")
    facts["rows"] += sum(
        int(number) for line in output if (found := summary.fullmatch(line)) for number in found.groups()
    )
    # Refusals quote cells; they are written to a file instead.
    skipped = [line for line in errors if line.startswith("skipped: ")]
    print(*skipped, sep="\n", end="\n" if skipped else "", file=sys.stderr)
    if not done.returncode:
        return None
    named = [line for line in errors if line.startswith(f"error: {copy.name}:")]
    if done.returncode in LOADER_ITSELF or (not (done.returncode == 1 and named) and not answers(options.target)):
        last = errors[-1] if errors else f"exit code {done.returncode}"
        raise StepError(Exit.LOAD, f"{copy.name}: 没有装载 / was not loaded: {last}")
    if named:
        return "\n".join([*named, ""])
    # For the operator, not the uploader: such as the end of a traceback.
    print(f"{copy.name}: {errors[-1] if errors else '?'}", file=sys.stderr)
    return (
        f"error: {copy.name}: 装载程序异常结束（{done.returncode}），请联系管理员"
        f" / the loader ended with {done.returncode}, tell the administrator\n"
    )


def answers(target: str | None) -> bool:
    """Return whether the warehouse answers."""
    try:
        connect(target).close()
    except WarehouseError:
        return False
    return True


# The build


def last_reconcile(target: str | None) -> tuple[datetime | None, datetime]:
    """Return when a build last read all raw rows (None if unknown), and the time now.

    Both are by the warehouse's clock. Raises WarehouseError and mysql.connector.Error.
    """
    schema = read_profile(target)["schema"]
    last = None
    with closing(connect(target)) as connection:
        cursor = connection.cursor()
        cursor.execute("select utc_timestamp()")
        now = cursor.fetchone()[0].replace(tzinfo=UTC)
        try:
            cursor.execute(
                f"select version from `{schema}_work`.slice_versions"
                " where model_name = 'plan_raw_days' and slice = 'reconcile'"
            )
            for (version,) in cursor.fetchall():
                with suppress(ValueError):
                    last = datetime.fromisoformat(version).replace(tzinfo=UTC)
        except mysql.connector.Error as error:
            if error.errno not in (errorcode.ER_NO_SUCH_TABLE, errorcode.ER_BAD_DB_ERROR):
                raise  # before the first build there is no table
    return last, now


def reconcile_is_due(last: datetime | None, now: datetime, weekday: int) -> bool:
    """Return whether the last reconcile is a week old, or was before today and today is its weekday.

    It is also due if the last one is unknown or lies in the future.
    """
    if last is None or last > now:
        return True
    today, day = now.astimezone().date(), last.astimezone().date()
    return today - day >= WEEK or (today.weekday() == weekday and day < today)


def build(options: argparse.Namespace, facts: dict) -> None:
    """Run dbt build, once a week with reconcile."""
    try:
        reconcile = reconcile_is_due(*last_reconcile(options.target), WEEKDAYS.index(options.weekday))
    except (WarehouseError, mysql.connector.Error) as error:
        raise StepError(
            Exit.BUILD, f"查不到上次核对的时间 / the warehouse could not be asked for the last reconcile: {error}"
        ) from None
    facts["reconcile"] = "yes" if reconcile else "no"
    variables = {"reconcile": reconcile, "as_of_date": options.as_of, "raw_schema": options.build_raw_schema}
    known = json.dumps({name: value for name, value in variables.items() if value})
    facts["build"] = run(
        Path(sys.executable).with_name("dbt"), "--no-use-colors", "build", *chosen(target=options.target),
        "--vars", known,
    ).returncode
    if facts["build"]:
        raise StepError(Exit.BUILD, f"dbt build 以退出码 {facts['build']} 结束 / dbt build ended with it")


# The reports


def closed_periods(target: str | None) -> dict[tuple[str, str], int | None]:
    """Return {(period type, first day): latest published revision or None} of closed periods with data.

    The oldest comes first. A period that is to be published counts from its publication on.
    """
    schema = read_profile(target)["schema"]
    connection = connect(target)
    cursor = connection.cursor()
    cursor.execute(
        f"""
        select periods.period_type, periods.period_start, publications.revision
        from `{schema}`.dim_periods as periods
        inner join `{schema}`.scores as scores
            on periods.period_type = scores.period_type and periods.period_start = scores.period_start
        left join `{schema}`.dim_parameters as starts
            on starts.parameter = 'publish_from'
            and starts.is_in_force
            and periods.period_start >= starts.parameter_date
        left join `{schema}`.publications as publications
            on periods.period_type = publications.period_type
            and periods.period_start = publications.period_start
            and publications.is_latest
        where
            periods.is_closed = 1 and (starts.parameter is null or publications.revision is not null)
            and scores.subject_type = 'hall'
            and periods.period_type in ('week', 'month', 'quarter', 'year')
        group by periods.period_type, periods.period_start, periods.period_end, publications.revision
        having sum(scores.case_count + scores.rating_count + scores.complaint_count) > 0
        order by periods.period_end, field(periods.period_type, 'week', 'month', 'quarter', 'year')
        """
    )
    return {(kind, str(start)): revision for kind, start, revision in cursor.fetchall()}


def shown_periods(current: Path) -> dict[tuple[str, str], int | None]:
    """Return the periods whose pages are in a folder, with the revision shown."""
    return {
        found.groups(): json.loads((folder / PERIOD_FILE).read_text("utf-8")).get("revision")
        for folder in (sorted(current.iterdir()) if current.exists() else [])
        if (found := PERIOD_FOLDER.fullmatch(folder.name)) and (folder / PERIOD_FILE).exists()
    }


def due_periods(
    closed: dict[tuple[str, str], int | None], shown: dict[tuple[str, str], int | None], since: date | None
) -> list[tuple[str, str]]:
    """Return closed periods that are not shown, from the first shown one of their type on, and new revisions.

    If none of a type is shown, return the latest closed one. `since` replaces both.
    """
    first = dict(closed.keys()) | dict(sorted(shown, reverse=True))
    return [
        (kind, start) for (kind, start), revision in closed.items()
        if (shown[kind, start] != revision if (kind, start) in shown
            else start >= (str(since) if since else first[kind]))
    ]


def link_or_copy(source: str, target: str) -> None:
    """Share a file between two versions: the export replaces files and never changes them in place."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def publish(
    folder: Path, options: argparse.Namespace, closed: dict[tuple[str, str], int | None], started: datetime,
    *audience: str,
) -> list[str]:
    """Write the due reports beside the published ones, and publish all by one rename of `current`.

    Return the published periods.
    """
    folder.mkdir(parents=True, exist_ok=True)
    current, building, versions = folder / "current", folder / ".building", folder / "versions"
    due = due_periods(closed, shown_periods(current), options.since)
    if not due:
        return []
    shutil.rmtree(building, ignore_errors=True)
    if current.exists():
        shutil.copytree(current, building, copy_function=link_or_copy)
    else:
        building.mkdir()
    for kind, start in due:
        done = run_script(
            "export_reports.py", "--period", kind, "--start", start, "--out", building.resolve(), *audience,
            *chosen(target=options.target), stdout=subprocess.DEVNULL,
        )
        if done.returncode:
            raise StepError(Exit.REPORTS, f"{kind} {start} 的报告没有生成 / its report could not be made")
    version = versions / f"{started:%Y-%m-%dT%H%M%S}"
    versions.mkdir(exist_ok=True)
    building.rename(version)
    link = folder / ".current"
    link.unlink(missing_ok=True)
    link.symlink_to(Path(versions.name) / version.name)
    link.replace(current)
    for old in sorted(versions.iterdir())[:-options.keep]:
        shutil.rmtree(old)
    return [f"{kind}:{start}" for kind, start in due]


def publish_all(options: argparse.Namespace, started: datetime, facts: dict) -> None:
    """Publish for the office, and for the public if a folder is given."""
    try:
        closed = closed_periods(options.target)
    except (WarehouseError, mysql.connector.Error) as error:
        raise StepError(Exit.REPORTS, f"读不到集市 / the marts could not be read: {error}") from None
    try:
        facts["published"] = publish(
            options.published, options, closed, started, *(["--comments"] if options.comments else []))
        if options.public:
            facts["public"] = publish(
                options.public, options, closed, started, "--public", *chosen(clerks=options.clerks))
    except OSError as error:
        raise StepError(Exit.PUBLISH, f"报告没有公布 / the reports were not published: {error}") from None


# The whole run


def night(options: argparse.Namespace) -> Exit:
    """Run the steps; print and log one line of key=value; return the exit code."""
    started = datetime.now().astimezone()
    today = started.date()
    facts = {
        "files_loaded": 0, "files_rejected": 0, "files_skipped": 0, "rows": 0, "reconcile": "no", "build": "-",
        "published": [], "public": [],
    }
    code = Exit.FAILED
    try:
        # Compare with what is deployed here, not with a fetched origin/main.
        if run_script("check_rules.py", "--base", "HEAD", env=harmless_environment()).returncode:
            raise StepError(
                Exit.RULES,
                "规则表有误，未装载、未构建 / the rule seeds have problems; nothing was loaded or built",
            )
        if options.drop:
            try:
                load(options, today, facts)
            except OSError as error:
                raise StepError(Exit.LOAD, f"投放目录或存档目录 / the drop folder or the archive: {error}") from None
        build(options, facts)
        if facts["files_rejected"]:
            # The rejected file may hold the last day of a period that has just closed.
            raise StepError(
                Exit.REJECTED, "有文件被退回；集市已构建，报告留到下一次"
                " / files were rejected; the marts are built, reports wait for the next run")
        publish_all(options, started, facts)
        code = Exit.OK
    except StepError as error:
        print(f"nightly: {plain(error)}", file=sys.stderr)
        code = error.code
    except Exception as error:
        print(f"nightly: {type(error).__name__}: {plain(error)}", file=sys.stderr)
    finally:
        log_line(options.log, started, code, facts)
    return code


def log_line(path: Path, started: datetime, code: Exit, facts: dict) -> None:
    """Print and log the line of a run."""
    shown = {name: ",".join(value) or "-" if isinstance(value, list) else value for name, value in facts.items()}
    seconds = round((datetime.now().astimezone() - started).total_seconds())
    line = " ".join(
        f"{name}={value}" for name, value in (
            {"started": started.isoformat(timespec="seconds"), "status": code.name.lower(), "exit": int(code),
             "seconds": seconds} | shown
        ).items()
    )
    print(f"nightly {line}", flush=True)
    with path.open("a", encoding="utf-8") as log:
        log.write(f"{line}\n")


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--drop", type=Path, metavar="DIR", help="load the CSV and Excel files that lie here")
    parser.add_argument("--archive", type=Path, metavar="DIR",
                        help="files go to loaded and rejected in DIR, which is the running user's alone to write"
                             " (default: where the drop folder lies)")
    parser.add_argument("--published", type=Path, metavar="DIR", default=PROJECT_DIR / "reports" / "published",
                        help="the pages are in DIR/current (default: reports/published)")
    parser.add_argument("--public", type=Path, metavar="DIR", help="the same without what the public must not see")
    parser.add_argument("--clerks", choices=["none", "number"],
                        help="for the public: leave clerks out, or show their numbers (default: none)")
    parser.add_argument("--comments", action="store_true",
                        help="show comments of citizens inside, masked as far as can be; never to the public")
    parser.add_argument("--since", type=date.fromisoformat, metavar="DATE",
                        help="publish what is missing of the closed periods that began on this day or later")
    parser.add_argument("--keep", type=int, default=10, metavar="N", help="versions of the pages kept (default: 10)")
    parser.add_argument("--weekday", choices=WEEKDAYS, default="sun", help="day of the reconcile (default: sun)")
    parser.add_argument("--as-of", metavar="DATE", help="as_of_date of the build (default: today)")
    parser.add_argument("--skip-bad-rows", action="store_true", help="load the rest of a file with unreadable cells")
    parser.add_argument("--raw-schema", help="database of the raw tables (default: raw_schema of dbt_project.yml)")
    parser.add_argument("--log", type=Path, metavar="FILE", default=LOGS / "nightly.log",
                        help="a line a night goes there (default: logs/nightly.log)")
    parser.add_argument("--target", help="output of profiles.yml (default: its own default)")
    options = parser.parse_args(arguments)
    if options.keep < 1:
        parser.error("--keep: 至少留 1 版 / keep at least 1 version")
    if options.drop and not options.drop.is_dir():
        parser.error(f"--drop: {options.drop} 不是文件夹 / is no folder")
    # dbt reads the setting itself. Another var than in a manual build would make it parse everything anew.
    options.build_raw_schema = options.raw_schema
    try:
        options.raw_schema = raw_schema(options.raw_schema)
    except WarehouseError as error:
        parser.error(str(error))
    if options.drop:
        # Follow links in the given paths once, here; they belong to the operator.
        options.drop = options.drop.resolve()
        options.archive = (options.archive or options.drop.parent).resolve()
        if not options.archive.is_dir():
            parser.error(f"--archive: {options.archive} 不是文件夹 / is no folder")
        if options.archive.is_relative_to(options.drop):
            parser.error(f"--archive: {options.archive} 在投放目录里，请另选 / lies in the drop folder: choose another")
        if problem := not_ours(options.archive.stat()):
            parser.error(f"--archive: {options.archive}: {problem}")
    LOGS.mkdir(exist_ok=True)
    with (LOGS / "nightly.lock").open("w") as lock:
        os.set_inheritable(lock.fileno(), True)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("nightly: 上一次还在运行，什么也没做 / another run is under way; nothing was done", file=sys.stderr)
            return Exit.LOCKED
        return night(options)


if __name__ == "__main__":
    hide_passwords()
    sys.exit(main())
