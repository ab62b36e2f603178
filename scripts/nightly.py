"""One night: check the rules, load the drop folder, build, and publish the reports of the periods that have closed.

Safe to run twice and after a failure: what is left to do is read from the folders and the marts. A step that
fails has an exit code of its own (docs/operations.md) and leaves the published pages as they were.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
from contextlib import closing, suppress
from datetime import UTC, date, datetime, timedelta
from enum import IntEnum
from pathlib import Path

import mysql.connector
from mysql.connector import errorcode

from warehouse import PROJECT_DIR, WarehouseError, connect, read_profile

SCRIPTS = PROJECT_DIR / "scripts"
LOGS = PROJECT_DIR / "logs"
LOG = LOGS / "nightly.log"
# What the export writes into the folder of a period.
PERIOD_FILE = "period.json"
WEEK = timedelta(days=7)
WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
PERIOD_FOLDER = re.compile(r"(week|month|quarter|year)-(\d{4}-\d{2}-\d{2})")


class Exit(IntEnum):
    """How the night ended; 2 is argparse's, for a wrong command line."""

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
    """A step failed; its text is one line fit to be printed."""

    def __init__(self, code: Exit, text: str):
        """Keep the exit code of the step."""
        super().__init__(text)
        self.code = code


def run(*command: str | Path, **options) -> subprocess.CompletedProcess:
    """Run a program in the project. It inherits the lock: a build that outlives a killed night still holds it."""
    return subprocess.run(  # noqa: S603 - our own scripts and dbt
        [str(part) for part in command], cwd=PROJECT_DIR, close_fds=False, text=True, **options
    )


def run_script(name: str, *arguments: str | Path, **options) -> subprocess.CompletedProcess:
    """Run a script of the project."""
    return run(sys.executable, SCRIPTS / name, *arguments, **options)


def chosen(**values: str | None) -> list[str]:
    """Return the command line of the options that have a value."""
    return [part for name, value in values.items() if value for part in (f"--{name.replace('_', '-')}", value)]


# The drop folder


def shelve(path: Path, folder: Path) -> Path:
    """Move a file into a folder, under another name where one of that name is there; return its new place."""
    folder.mkdir(parents=True, exist_ok=True)
    names = (f"{path.stem}{number}{path.suffix}" for number in ("", *(f"-{n}" for n in range(2, 1000))))
    return path.rename(next(folder / name for name in names if not (folder / name).exists()))


def load(options: argparse.Namespace, today: date, facts: dict) -> None:
    """Load each file of the drop folder by itself, and move it to loaded/ or rejected/.

    Only the loader's word about the file itself rejects it. When the warehouse fails, files stay for the next night.
    """
    files = [
        path for path in sorted(options.drop.resolve().iterdir())
        if path.is_file() and path.suffix.lower() in (".csv", ".xlsx") and path.name[0] not in ".~"
        and not path.name.endswith(".rejected.csv")
    ]
    rejected = options.drop / "rejected" / str(today)
    for path in files:
        done = run_script(
            "load_logs.py", path, *chosen(target=options.target, raw_schema=options.raw_schema),
            *(["--skip-bad-rows"] if options.skip_bad_rows else []), capture_output=True,
        )
        print(done.stdout, end="", flush=True)
        if done.returncode and f"error: {path}:" not in done.stderr:
            raise StepError(Exit.LOAD, f"{path.name} was not loaded: {(done.stderr.splitlines() or ['?'])[-1]}")
        facts["rows"] += sum(map(int, re.findall(r": (\d+) rows new or changed in ", done.stdout)))
        bad_rows = path.with_name(f"{path.stem}.rejected.csv")
        if bad_rows.exists():
            shelve(bad_rows, rejected)
        if done.returncode:
            place = shelve(path, rejected)
            # The message quotes cells: it lies beside the file and is not logged.
            place.with_name(f"{place.name}.txt").write_text(done.stderr, encoding="utf-8")
            print(f"{path.name}: rejected, see {place}.txt", file=sys.stderr)
            facts["files_rejected"] += 1
        else:
            shelve(path, options.drop / "loaded" / str(today))
            facts["files_loaded"] += 1


# The build


def last_reconcile(target: str | None) -> tuple[datetime | None, datetime]:
    """Return when a build last read all raw rows, None where that is not known, and the time now.

    Both by the clock of the warehouse. Raises WarehouseError and mysql.connector.Error.
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
                " where model_name = 'raw_days' and slice = 'reconcile'"
            )
            for (version,) in cursor.fetchall():
                with suppress(ValueError):
                    last = datetime.fromisoformat(version).replace(tzinfo=UTC)
        except mysql.connector.Error as error:
            if error.errno not in (errorcode.ER_NO_SUCH_TABLE, errorcode.ER_BAD_DB_ERROR):
                raise  # where nothing has been built there is no table
    return last, now


def reconcile_is_due(last: datetime | None, now: datetime, weekday: int) -> bool:
    """Return whether the last reconcile is a week old, or before today and today is its weekday.

    One that is not known, or was made by a clock that ran ahead, is due.
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
        raise StepError(Exit.BUILD, f"the warehouse could not be asked for the last reconcile: {error}") from None
    facts["reconcile"] = "yes" if reconcile else "no"
    variables = {"reconcile": reconcile, "as_of_date": options.as_of, "raw_schema": options.raw_schema}
    known = json.dumps({name: value for name, value in variables.items() if value})
    facts["build"] = run(
        Path(sys.executable).with_name("dbt"), "--no-use-colors", "build", *chosen(target=options.target),
        "--vars", known,
    ).returncode
    if facts["build"]:
        raise StepError(Exit.BUILD, f"dbt build ended with exit code {facts['build']}")


# The reports


def closed_periods(target: str | None) -> dict[tuple[str, str], int | None]:
    """Return (period type, first day) of the closed periods in which something happened, oldest first.

    The value is the latest revision published, None where there is none.

    One that is to be published counts from then on.
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
    """Return the periods whose pages lie in a folder, with the revision that they show."""
    return {
        found.groups(): json.loads((folder / PERIOD_FILE).read_text("utf-8")).get("revision")
        for folder in (sorted(current.iterdir()) if current.exists() else [])
        if (found := PERIOD_FOLDER.fullmatch(folder.name)) and (folder / PERIOD_FILE).exists()
    }


def due_periods(
    closed: dict[tuple[str, str], int | None], shown: dict[tuple[str, str], int | None], since: date | None
) -> list[tuple[str, str]]:
    """Return the closed periods that are not shown, from the first shown one of their type on; and new revisions.

    Where none is shown: the latest closed one. `since` replaces both.
    """
    first = dict(closed.keys()) | dict(sorted(shown, reverse=True))
    return [
        (kind, start) for (kind, start), revision in closed.items()
        if (shown[kind, start] != revision if (kind, start) in shown
            else start >= (str(since) if since else first[kind]))
    ]


def link_or_copy(source: str, target: str) -> None:
    """Let two versions share a file: the export replaces files and never writes into one."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def publish(
    folder: Path, options: argparse.Namespace, closed: dict[tuple[str, str], int | None], started: datetime,
    *audience: str,
) -> list[str]:
    """Write the reports that are due beside those published, and show all of them by one rename of `current`.

    Return the periods published.
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
            raise StepError(Exit.REPORTS, f"the report of {kind} {start} could not be made")
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
    """Publish for the office, and for the public when it has a folder."""
    try:
        closed = closed_periods(options.target)
    except (WarehouseError, mysql.connector.Error) as error:
        raise StepError(Exit.REPORTS, f"the marts could not be read: {error}") from None
    try:
        facts["published"] = publish(
            options.published, options, closed, started, *(["--comments"] if options.comments else []))
        if options.public:
            facts["public"] = publish(
                options.public, options, closed, started, "--public", *chosen(clerks=options.clerks))
    except OSError as error:
        raise StepError(Exit.PUBLISH, f"the reports were not published: {error}") from None


# The night


def night(options: argparse.Namespace) -> Exit:
    """Run the steps; print and log one line of key=value, and return the exit code."""
    started = datetime.now().astimezone()
    today = started.date()
    facts = {
        "files_loaded": 0, "files_rejected": 0, "rows": 0, "reconcile": "no", "build": "-",
        "published": [], "public": [],
    }
    code = Exit.FAILED
    try:
        # What is deployed here, whatever origin/main has been fetched meanwhile.
        if run_script("check_rules.py", "--base", "HEAD").returncode:
            raise StepError(Exit.RULES, "the rule seeds have problems; nothing was loaded or built")
        if options.drop:
            try:
                load(options, today, facts)
            except OSError as error:
                raise StepError(Exit.LOAD, f"the drop folder: {error}") from None
        build(options, facts)
        if facts["files_rejected"]:
            # The file may hold the last day of a period that has just closed.
            raise StepError(Exit.REJECTED, "files were rejected; the marts are built, reports wait for the next run")
        publish_all(options, started, facts)
        code = Exit.OK
    except StepError as error:
        print(f"nightly: {error}", file=sys.stderr)
        code = error.code
    except Exception as error:
        print(f"nightly: {type(error).__name__}: {error}", file=sys.stderr)
    finally:
        log_line(started, code, facts)
    return code


def log_line(started: datetime, code: Exit, facts: dict) -> None:
    """Print and log the line of a night."""
    shown = {name: ",".join(value) or "-" if isinstance(value, list) else value for name, value in facts.items()}
    seconds = round((datetime.now().astimezone() - started).total_seconds())
    line = " ".join(
        f"{name}={value}" for name, value in (
            {"started": started.isoformat(timespec="seconds"), "status": code.name.lower(), "exit": int(code),
             "seconds": seconds} | shown
        ).items()
    )
    print(f"nightly {line}", flush=True)
    with LOG.open("a", encoding="utf-8") as log:
        log.write(f"{line}\n")


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--drop", type=Path, metavar="DIR", help="load the CSV and Excel files that lie here")
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
    parser.add_argument("--raw-schema", default=os.environ.get("HALL_SCORES_RAW_SCHEMA"),
                        help="database of the raw tables (default: HALL_SCORES_RAW_SCHEMA, else government_hall)")
    parser.add_argument("--target", help="output of profiles.yml (default: its own default)")
    options = parser.parse_args(arguments)
    if options.keep < 1:
        parser.error("--keep: keep at least 1 version")
    if options.drop and not options.drop.is_dir():
        parser.error(f"--drop: {options.drop} is no folder")
    LOGS.mkdir(exist_ok=True)
    with (LOGS / "nightly.lock").open("w") as lock:
        os.set_inheritable(lock.fileno(), True)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("nightly: another run is under way; nothing was done", file=sys.stderr)
            return Exit.LOCKED
        return night(options)


if __name__ == "__main__":
    sys.exit(main())
