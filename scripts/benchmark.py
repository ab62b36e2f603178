"""Measure building and loading as ratios to yardsticks of the same run and machine.

Generates logs on the server in separate schemas, builds a scratch copy of the project
and drops everything again. Prints a Markdown table for docs/performance.md. The figures
are for people, never for a test. Rows are rows of service_log; feedback has a tenth as
many and complaints a thousandth.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from importlib import metadata
from pathlib import Path

import yaml

from loading.contract import read_contract
from loading.merge import create_statement
from warehouse import PROJECT_DIR, WarehouseError, connect, read_profile

BIN = Path(sys.executable).parent
FIRST_DAY = date(2026, 1, 1)
HALLS, WINDOWS, CLERKS = 50, 1000, 2000
WEEK = date(2026, 1, 26)
LOADED_ROWS = 1_000_000
LOADS = 3  # of each file
CHANNELS = {"window": "窗口", "self_service": "自助", "online": "网上"}
REPEATS = 40

NUMBERS = "(" + " union all ".join(f"select {digit} as d" for digit in range(10)) + ")"
# One day of cases. The number n gives hall, window, clerk and item; a checksum of day and n gives the rest. Of 25
# ratings 19 have five stars; three, two and one star have one rating each.
DAY_OF_CASES = """
    insert into {raw}.service_log (service_date, log_id, hall_id, window_id, clerk_id, item_code, channel,
        ticket_time, start_time, end_time, process_time, is_completed)
    select day, log_id, hall_id, window_id, clerk_id, item_code, channel,
        start_time - interval chance % 900 second, start_time, start_time + interval seconds second,
        case when chance % 997 = 0 then null else round(seconds / 60, 2) end, chance % 11 <> 0
    from (
        select cast('{day}' as date) as day, concat('L', n) as log_id,
            concat('H', lpad(n % {halls}, 2, '0')) as hall_id,
            concat('W', floor(floor(n / {halls}) % {clerks_a_hall} / {clerks_a_window})) as window_id,
            concat('C', floor(n / {halls}) % {clerks_a_hall}) as clerk_id,
            concat('I', lpad(1 + (floor(n / {halls}) % {clerks_a_hall} + floor(n / {clerks}) % 3) % 12, 2, '0'))
                as item_code,
            case when chance % 10 < 7 then 'window' when chance % 10 < 9 then 'self_service' else 'online' end
                as channel,
            cast('{day} 09:00:00' as datetime(6)) + interval chance % 28800 second as start_time,
            120 + chance % 1300 as seconds, chance
        from (select n, crc32(concat('{day}', n)) as chance from {raw}.numbers where n < {cases}) as numbered
    ) as cases
"""
DAY_OF_RATINGS = """
    insert into {raw}.feedback (date, rating, feedback_id, hall_id, window_id, clerk_id, log_id, channel)
    select service_date, coalesce(elt(1 + chance % 25, 1, 2, 3, 4, 4, 4), 5), concat('F', log_id), hall_id, window_id,
        clerk_id, log_id, 'touchscreen'
    from (
        select service_log.*, crc32(concat(log_id, service_date)) as chance
        from {raw}.service_log where service_date = '{day}' and right(log_id, 1) = '7'
    ) as cases
"""
DAY_OF_COMPLAINTS = """
    insert into {raw}.complaints (complaint_date, complaint_id, hall_id, window_id, clerk_id, complaint_time,
        resolution_time)
    select service_date, concat('K', log_id), hall_id, window_id, clerk_id, end_time,
        end_time + interval crc32(log_id) % 30 hour
    from {raw}.service_log where service_date = '{day}' and right(log_id, 3) = '123'
"""
TMP_TABLE_BYTES = yaml.safe_load((PROJECT_DIR / "dbt_project.yml").read_text("utf-8"))["vars"]["tmp_table_bytes"]
# The settings of set_session, so that manual SQL has as much memory as a build.
LIKE_A_BUILD = [
    "set session transaction isolation level read committed",
    f"set session tmp_table_size = {TMP_TABLE_BYTES}, session max_heap_table_size = {TMP_TABLE_BYTES}",
]
# The same measures and scores in plain SQL, without dbt, contracts, cleaning or status.
SUBJECTS = {"hall": "hall_id", "window": "window_id", "clerk": "clerk_id"}
BY_HAND = [
    """create table {own}.items as
    select service_date, hall_id, window_id, clerk_id, item_code, count(*) as cases, sum(process_time) as minutes,
        sum(is_completed) as completed, sum(channel <> 'window') as digital, sum(channel is not null) as known
    from {raw}.service_log
    where process_time between 0 and 480 and is_completed in (0, 1) and service_date is not null
    group by service_date, hall_id, window_id, clerk_id, item_code""",
    """create table {own}.stars as
    select date as service_date, hall_id, window_id, clerk_id, count(*) as ratings, sum(rating) as stars,
        sum(rating >= 4) as satisfied
    from {raw}.feedback where rating in ('1', '2', '3', '4', '5') group by date, hall_id, window_id, clerk_id""",
    "create table {own}.subject_days as " + " union all ".join(
        f"select service_date, hall_id, '{subject}' as subject_type, {column} as subject_id, sum(cases) as cases,"
        " sum(minutes) as minutes, sum(completed) as completed, sum(digital) as digital, sum(known) as known,"
        " 0 as ratings, 0 as stars, 0 as satisfied from {own}.items"
        f" group by service_date, hall_id, {column} union all"
        f" select service_date, hall_id, '{subject}', {column}, 0, 0, 0, 0, 0, sum(ratings), sum(stars),"
        f" sum(satisfied) from {{own}}.stars group by service_date, hall_id, {column}"
        for subject, column in SUBJECTS.items()
    ) + " union all select service_date, hall_id, 'item', item_code, sum(cases), sum(minutes), sum(completed),"
    " sum(digital), sum(known), 0, 0, 0 from {own}.items group by service_date, hall_id, item_code",
    """create table {own}.measures as
    select period_type, period_start, hall_id, subject_type, subject_id, sum(cases) as cases, sum(minutes) as minutes,
        sum(completed) as completed, sum(digital) as digital, sum(known) as known, sum(ratings) as ratings,
        sum(stars) as stars, sum(satisfied) as satisfied
    from {own}.subject_days inner join {work}.int_period_days on service_date = calendar_date
    group by period_type, period_start, hall_id, subject_type, subject_id""",
    "create table {own}.metrics as " + " union all ".join(
        f"select period_type, period_start, hall_id, subject_type, subject_id, cast('{metric}' as char(64)) as metric,"
        f" {numerator} as numerator, {denominator} as denominator,"
        f" cast({numerator} as decimal(30, 10)) / nullif({denominator}, 0) as value from {{own}}.measures"
        for metric, numerator, denominator in [
            ("avg_process_minutes", "minutes", "cases"), ("case_mix_process_minutes", "minutes", "cases"),
            ("first_visit_completion_rate", "completed", "cases"), ("digital_usage_rate", "digital", "known"),
            ("avg_rating", "stars", "ratings"), ("satisfied_rate", "satisfied", "ratings"),
            ("rating_coverage_rate", "ratings", "cases"), ("complaint_count", "0", "1"),
            ("complaint_timely_rate", "0", "0"), ("zero_complaint_months", "0", "0"),
        ]
    ),
    "alter table {own}.metrics add primary key (period_type, period_start, hall_id, subject_type, subject_id, metric)",
    """create table {own}.wait_days as
    select service_date, hall_id, window_id, clerk_id,
        ceiling(timestampdiff(second, ticket_time, start_time) / 60) as within_minutes, count(*) as waits
    from {raw}.service_log
    where process_time between 0 and 480 and is_completed in (0, 1) and ticket_time <= start_time
    group by service_date, hall_id, window_id, clerk_id, within_minutes""",
    "create table {own}.waits as " + " union all ".join(
        f"select period_type, period_start, hall_id, '{subject}' as subject_type, {column} as subject_id,"
        " within_minutes, sum(waits) as waits from {own}.wait_days"
        " inner join {work}.int_period_days on service_date = calendar_date"
        f" group by period_type, period_start, hall_id, {column}, within_minutes"
        for subject, column in SUBJECTS.items()
    ),
    """create table {own}.wait_metrics as
    select period_type, period_start, hall_id, subject_type, subject_id,
        sum(case when within_minutes <= 15 then waits else 0 end) / sum(waits) as within_target,
        min(case when 10 * waits_so_far >= 9 * all_waits then within_minutes end) as p90
    from (
        select waits.*,
            sum(waits) over (partition by period_type, period_start, hall_id, subject_type, subject_id) as all_waits,
            sum(waits) over (partition by period_type, period_start, hall_id, subject_type, subject_id
                order by within_minutes rows between unbounded preceding and current row) as waits_so_far
        from {own}.waits
    ) as ranked
    group by period_type, period_start, hall_id, subject_type, subject_id""",
]
RESCORED_BY_HAND = ("score_components", "dimension_scores", "scores")
RESCORE_BY_HAND = [
    """create table {own}.components as
    select measures.period_type, measures.period_start, measures.hall_id, measures.subject_type, measures.subject_id,
        rules.rule_id, rules.dimension, metrics.value, metrics.numerator, metrics.denominator, rules.lower_bound,
        rules.upper_bound, rules.label_zh, rules.label_en,
        case
            when rules.rule_type = 'base' then rules.points
            when metrics.value < rules.lower_bound or metrics.value >= rules.upper_bound then 0
            when rules.rule_type = 'slope' then rules.points_per_unit * abs(metrics.value - rules.benchmark)
            when metrics.value is not null then rules.points
            else 0
        end as points
    from {own}.measures as measures
    inner join {work}.stg_scoring_rules as rules
        on measures.period_start between rules.valid_from and rules.valid_to
        and measures.subject_type = coalesce(rules.subject_type, measures.subject_type)
        and measures.period_type = coalesce(rules.period_type, measures.period_type)
    left join {own}.metrics as metrics
        on measures.period_type = metrics.period_type and measures.period_start = metrics.period_start
        and measures.hall_id = metrics.hall_id and measures.subject_type = metrics.subject_type
        and measures.subject_id = metrics.subject_id and rules.metric = metrics.metric
    where measures.subject_type <> 'item'""",
    """create table {own}.scores as
    select period_type, period_start, hall_id, subject_type, subject_id, sum(weight * points) as composite_score
    from (
        select period_type, period_start, hall_id, subject_type, subject_id, dimension, sum(points) as points
        from {own}.components group by period_type, period_start, hall_id, subject_type, subject_id, dimension
    ) as sums
    inner join {work}.stg_dimension_weights as weights on sums.dimension = weights.dimension
    group by period_type, period_start, hall_id, subject_type, subject_id""",
]
BI_QUERIES = {
    "one subject over time": "select period_start, composite_score from {mart}.scores where hall_id = 'H07'"
    " and subject_type = 'window' and subject_id = 'W3' and period_type = 'week'",
    "ranking of a hall's windows": "select subject_id, rank_in_hall, ranked_score from {mart}.rankings"
    " where period_type = 'week' and period_start = '2026-01-26' and subject_type = 'window' and hall_id = 'H07'",
    "why this score": "select rule_id, value, points from {mart}.score_components where period_type = 'week'"
    " and period_start = '2026-01-26' and hall_id = 'H07' and subject_type = 'window' and subject_id = 'W3'",
}
PRIMARY_KEY_READ = (
    "select composite_score from {mart}.scores where period_type = 'week' and period_start = '2026-01-26'"
    " and hall_id = 'H07' and subject_type = 'window' and subject_id = 'W3'"
)


def seconds_of(work: Callable[[], object], repeats: int = 1) -> float:
    """Return the median seconds of some work."""
    taken = []
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


class Scratch:
    """A scratch copy of the project with its own schemas and logs generated on the server."""

    def __init__(self, target: str | None, name: str, folder: Path, rows: int, days: int, first_day: date = FIRST_DAY):
        """Copy the project into folder; spread rows of service_log over days from the first."""
        self.target, self.name, self.folder, self.days, self.first_day = target, name, folder, days, first_day
        self.cases_a_day = rows // days
        self.schemas = {"raw": f"{name}_raw", "own": f"{name}_own", "work": f"{name}_work", "mart": name}
        self.connection = connect(target, autocommit=True, allow_local_infile=True)
        self.cursor = self.connection.cursor(buffered=True)
        for statement in LIKE_A_BUILD:
            self.cursor.execute(statement)
        for part in ("models", "macros", "seeds", "tests/generic", "tests/singular"):
            shutil.copytree(PROJECT_DIR / part, folder / part)
        shutil.copy(PROJECT_DIR / "dbt_project.yml", folder)
        self.drop()

    def execute(self, sql: str, **names: object) -> list[tuple]:
        """Run one statement with {raw}, {own}, {work} and {mart} filled in; return its rows."""
        self.cursor.execute(sql.format(**self.schemas, **names))
        return self.cursor.fetchall() if self.cursor.description else []

    def drop(self) -> None:
        """Drop all schemas of this scratch copy."""
        for schema in (*self.schemas.values(), f"{self.name}_rules", f"{self.name}_ledger"):
            self.cursor.execute(f"drop schema if exists {schema}")

    def generate(self) -> None:
        """Create the raw tables with the loader's statements, and fill them day by day."""
        for schema in ("raw", "own"):
            self.execute(f"create schema {{{schema}}} character set utf8mb4 collate utf8mb4_bin")
        for table, columns in read_contract().items():
            if table in ("service_log", "feedback", "complaints", "halls", "windows", "clerks"):
                self.cursor.execute(create_statement(self.schemas["raw"], table, columns))
        self.execute("create table {raw}.numbers (n int primary key)")
        places = [f"{NUMBERS} as t{place}" for place in range(len(str(self.cases_a_day)))]
        value = " + ".join(f"{10 ** place} * t{place}.d" for place in range(len(places)))
        self.execute(f"insert into {{raw}}.numbers select {value} from {' cross join '.join(places)}")
        for number in range(self.days):
            self.add_day(number)
        self.execute("insert into {raw}.halls (hall_id, hall_name) select distinct hall_id, hall_id"
                     f" from {{raw}}.service_log where service_date = '{self.first_day}'")
        for table, column in (("windows", "window_id"), ("clerks", "clerk_id")):
            self.execute(f"insert into {{raw}}.{table} (hall_id, {column}) select distinct hall_id, {column}"
                         f" from {{raw}}.service_log where service_date = '{self.first_day}'")
        for table in ("service_log", "feedback", "complaints"):
            self.execute(f"analyze table {{raw}}.{table}")

    def add_day(self, number: int) -> None:
        """Add one day of cases, ratings and complaints."""
        for statement in (DAY_OF_CASES, DAY_OF_RATINGS, DAY_OF_COMPLAINTS):
            self.execute(
                statement, day=self.first_day + timedelta(days=number), cases=self.cases_a_day, halls=HALLS,
                clerks=CLERKS, clerks_a_window=CLERKS // WINDOWS, clerks_a_hall=CLERKS // HALLS,
            )

    def dbt(self, *arguments: str, **variables: object) -> float:
        """Run dbt as of the last day of the history; return the seconds. Raises WarehouseError if it fails.

        Keyword arguments are vars.
        """
        as_of = str(self.first_day + timedelta(days=self.days - 1))
        variables = json.dumps({"raw_schema": self.schemas["raw"], "as_of_date": as_of} | variables)
        profiles = Path(os.environ.get("DBT_PROFILES_DIR", PROJECT_DIR)).resolve()
        environment = os.environ | {"HALL_SCORES_SCHEMA": self.name, "DBT_PROFILES_DIR": str(profiles)}
        if not read_profile(self.target).get("server"):
            environment["HALL_SCORES_SOCKET"] = str(PROJECT_DIR / read_profile(self.target)["unix_socket"])
        command = [str(BIN / "dbt"), *arguments, "--vars", variables]
        command += ["--target", self.target] if self.target else []
        started = time.perf_counter()
        result = subprocess.run(  # noqa: S603 - our own command
            command, cwd=self.folder, env=environment, capture_output=True, text=True
        )
        if result.returncode:
            raise WarehouseError((result.stdout + result.stderr)[-3000:])
        return time.perf_counter() - started

    def model_seconds(self) -> dict[str, float]:
        """Return the seconds of each node of the last run."""
        results = json.loads((self.folder / "target" / "run_results.json").read_text("utf-8"))["results"]
        return {result["unique_id"].split(".", 2)[2]: result["execution_time"] for result in results}

    def change_rule(self, points: int) -> None:
        """Change the points of one rule in the copy's seed."""
        path = self.folder / "seeds" / "rules" / "scoring_rules.csv"
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        next(row for row in rows if row["rule_type"] == "band")["points"] = str(points)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def pandas_week(scratch: Scratch) -> None:
    """Fetch one week's rows and group them by window, as a script without a warehouse would."""
    import pandas as pd

    scratch.cursor.execute(
        f"select hall_id, window_id, process_time, is_completed from {scratch.schemas['raw']}.service_log"
        f" where service_date between '{WEEK}' and '{WEEK + timedelta(days=6)}'"
    )
    rows = pd.DataFrame(scratch.cursor.fetchall(), columns=["hall_id", "window_id", "minutes", "completed"])
    rows.groupby(["hall_id", "window_id"]).agg({"minutes": "mean", "completed": "mean"})


def logs_of(scratch: Scratch, rows: int) -> list[tuple]:
    """Return the earliest so many rows of service_log, ordered by day."""
    days = rows // scratch.cases_a_day + 1
    columns = ", ".join(column.name for column in read_contract()["service_log"])
    scratch.cursor.execute(
        f"select {columns} from {scratch.schemas['raw']}.service_log"
        f" where service_date < '{scratch.first_day + timedelta(days=days)}' order by service_date limit {rows}"
    )
    return scratch.cursor.fetchall()


def write_clean(path: Path, rows: list[tuple]) -> None:
    """Write rows as a system exports them, in canonical form."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(column.name for column in read_contract()["service_log"])
        writer.writerows(rows)


def office_rows(rows: list[tuple], shown: Callable[[date], object]) -> Iterator[list]:
    """Yield rows as an office keeps them: title, Chinese headers and words, daily totals; days by `shown`."""
    yield ["办件明细表"]
    yield ["单位：政务服务大厅"]
    yield [column.aliases[0] for column in read_contract()["service_log"]]
    day, count = None, 0
    for service_date, minutes, is_completed, *ids, channel, ticket, start, end in rows:
        if day not in (None, service_date):
            yield ["小计", count, *[""] * 10]
            count = 0
        day, count = service_date, count + 1
        yield [shown(service_date), "无" if minutes is None else minutes, "是" if is_completed else "否", *ids,
               CHANNELS[channel], *map(shown, (ticket, start, end))]
    yield ["合计", len(rows), *[""] * 10]


def write_dirty(path: Path, rows: list[tuple]) -> None:
    """Write rows as an office's CSV in GB18030, with times such as 3/31/2026 9:30 AM."""

    def shown(value: date) -> str:
        day = f"{value.month}/{value.day}/{value.year}"
        return f"{day} {value:%I:%M %p}".replace(" 0", " ") if isinstance(value, datetime) else day

    with path.open("w", encoding="gb18030", newline="") as file:
        csv.writer(file).writerows(office_rows(rows, shown))


def write_workbook(path: Path, rows: list[tuple]) -> None:
    """Write the same as a workbook, with real dates and a shared-strings table, as Excel does."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("service_log")
    for row in office_rows(rows, lambda value: value):
        sheet.append(row)
    book.save(path)


def memory_of(process: int) -> int:
    """Return the memory of a process and its children, in KiB."""
    try:
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
        own = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{process}/status").read_text())
    except OSError:  # it has ended
        return 0
    return (int(own[1]) if own else 0) + sum(memory_of(int(child)) for child in children)


def load_once(scratch: Scratch, path: Path) -> tuple[float, float]:
    """Load a file into a new table; return the seconds, and the memory of all processes in MB."""
    scratch.execute("drop table if exists {own}.service_log")
    command = [sys.executable, str(PROJECT_DIR / "scripts" / "load_logs.py"), str(path)]
    command += ["--raw-schema", scratch.schemas["own"], *(["--target", scratch.target] if scratch.target else [])]
    most, started = 0, time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:  # noqa: S603
        while process.poll() is None:
            most = max(most, memory_of(process.pid))
            time.sleep(0.02)
        if process.returncode:
            raise WarehouseError(process.stdout.read()[-3000:])
    return time.perf_counter() - started, most / 1024


def load_bare(scratch: Scratch, path: Path) -> float:
    """Load a clean file with plain LOAD DATA into a bare table; return the seconds."""
    columns = read_contract()["service_log"]
    scratch.execute("drop table if exists {own}.bare")
    scratch.cursor.execute(create_statement(scratch.schemas["own"], "bare", columns, indexed=False))
    names = ", ".join(f"@{column.name}" for column in columns)
    sets = ", ".join(f"{column.name} = nullif(@{column.name}, '')" for column in columns)
    return seconds_of(lambda: scratch.cursor.execute(
        f"load data local infile '{path}' into table {scratch.schemas['own']}.bare character set utf8mb4"
        f" fields terminated by ',' ignore 1 lines ({names}) set {sets}"
    ))


def measure_loading(scratch: Scratch, rows: int, report: Callable[..., None]) -> None:
    """Compare a clean file with LOAD DATA, then office files with a clean one, in pairs; then report memory."""
    memory = {}
    with tempfile.TemporaryDirectory() as folder:
        clean, half, dirty, book = (
            Path(folder) / name for name in ("service_log.csv", "service_log_half.csv", "service_log_dirty.csv",
                                             "service_log_book.xlsx"))
        found = logs_of(scratch, rows)
        write_clean(clean, found)
        found = found[: rows // 2]
        for write, path in ((write_clean, half), (write_dirty, dirty), (write_workbook, book)):
            write(path, found)
        del found
        for what, path, yardstick, beside, goal in (
            (f"loading {rows:,} rows, clean CSV", clean, "LOAD DATA", None, "1.5"),
            (f"loading {rows // 2:,} rows, an office's CSV", dirty, "a clean CSV", half, "3"),
            ("the same as a workbook", book, "a clean CSV", half, "3"),
        ):
            pairs = []
            for _ in range(LOADS):
                seconds, memory[what] = load_once(scratch, path)
                pairs.append((seconds, load_once(scratch, beside)[0] if beside else load_bare(scratch, clean)))
            seconds, by = sorted(pairs, key=lambda pair: pair[0] / pair[1])[LOADS // 2]
            report(what, seconds, yardstick, by, goal)
    listed = "; ".join(f"{what} {taken:.0f} MB" for what, taken in memory.items())
    print(f"\nMost memory of a load, all its processes together: {listed}.\n", flush=True)


def checksum_days(scratch: Scratch) -> None:
    """Read all columns of the raw rows once, with the server's cheapest checksum per day."""
    contract = read_contract()
    for table, day in (("service_log", "service_date"), ("feedback", "date")):
        cells = ", ".join(f"coalesce(`{column.name}`, '')" for column in contract[table])
        scratch.execute(f"select `{day}`, sum(crc32(concat_ws('|', {cells}))) from {{raw}}.{table} group by `{day}`")


def client_memory() -> float:
    """Return the peak memory of any dbt process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def measure(target: str | None, rows: int, days: int, report: Callable[..., None]) -> None:
    """Run all measurements; report (what, seconds, yardstick, its seconds, goal) of each."""
    with tempfile.TemporaryDirectory() as folder:
        whole = Scratch(target, "hs_benchmark", Path(folder) / "whole", rows, days)
        # The last tenth of the history, so that both gain the same next day.
        later = FIRST_DAY + timedelta(days=days - days // 10)
        tenth = Scratch(target, "hs_benchmark_tenth", Path(folder) / "tenth", rows // 10, days // 10, later)
        # All days and all clerks, with one case per clerk and day.
        fewer = min(CLERKS * days, rows)
        thin = Scratch(target, "hs_benchmark_thin", Path(folder) / "thin", fewer, days)
        try:
            begin(whole, rows)
            first = whole.dbt("build")
            first_models, memory = whole.model_seconds(), client_memory()
            hand = seconds_of(lambda: [whole.execute(statement) for statement in BY_HAND])
            hand_rescore = seconds_of(lambda: [whole.execute(statement) for statement in RESCORE_BY_HAND])
            report("first full build", first, "SQL by hand", hand + hand_rescore, "1.5")

            tenth.generate()
            tenth.dbt("build")
            seconds = []
            for scratch in (tenth, whole):
                scratch.add_day(scratch.days)
                scratch.days += 1
                seconds.append(scratch.dbt("build"))
            report("the next day's build", seconds[1], "on a tenth of the history", seconds[0], "1.2")
            next_models = whole.model_seconds()

            thin.generate()
            thin.dbt("build")
            scoring = []
            for scratch in (thin, whole):
                scratch.change_rule(21)
                rescored = scratch.dbt("build")
                rescored_models = scratch.model_seconds()
                scoring.append(sum(rescored_models[name] for name in RESCORED_BY_HAND))
            report("a rule change: whole dbt build", rescored, "components and scores by hand", hand_rescore, "1.5")
            report("a rule change: " + ", ".join(RESCORED_BY_HAND), scoring[1], "components and scores by hand",
                   hand_rescore, "1.5")
            report("the same models", scoring[1], f"on {fewer:,} cases in {days} days", scoring[0], "1")

            week = ("int_period_activity", "int_period_complaints", "int_period_measures", "metrics",
                    "score_components", "dimension_scores", "scores")
            reading = seconds_of(lambda: pandas_week(whole), 3)
            report("weekly scores: models, all open periods", sum(next_models[name] for name in week),
                   "pandas over the wire", reading, "")
            scores = "select * from {mart}.scores where period_type = 'week' and subject_type = 'window'" \
                f" and period_start = '{WEEK}'"
            report("weekly scores: reading them", seconds_of(lambda: whole.execute(scores), 3),
                   "pandas over the wire", reading, "0.3", 4)

            key_read = seconds_of(lambda: whole.execute(PRIMARY_KEY_READ), REPEATS)
            for name, query in BI_QUERIES.items():
                taken = seconds_of(lambda query=query: whole.execute(query), REPEATS)
                report(name, taken, "primary-key read", key_read, "20", 4)
            nothing = whole.dbt("build")
            nodes = whole.model_seconds()
            reconciled = whole.dbt("build", reconcile=True)
            report("a reconcile that finds nothing: whole dbt build", reconciled, "a build in which nothing changed",
                   nothing, "")
            report("fingerprints of all raw days", whole.model_seconds()["plan_raw_days"], "crc32 of the same rows",
                   seconds_of(lambda: checksum_days(whole)), "2")
            measure_loading(whole, min(LOADED_ROWS, rows), report)
            parse = whole.dbt("parse", "--no-partial-parse")
            start = seconds_of(lambda: subprocess.run([BIN / "dbt", "--version"], capture_output=True), 3)  # noqa: S603
            print(f"\ndbt itself: start {start:.1f} s, full parse {parse:.1f} s; a build in which nothing changed"
                  f" {nothing:.1f} s, {len(nodes)} nodes, {1000 * sum(nodes.values()) / len(nodes):.0f} ms a node."
                  f" Largest dbt process {memory:.0f} MB.\n")
            print("| model | first | next day | rule change |\n|---|---:|---:|---:|")
            for name in sorted(first_models, key=first_models.get, reverse=True)[:24]:
                print(f"| {name.split('.')[0]} | " + " | ".join(
                    f"{found.get(name, 0):.2f}" for found in (first_models, next_models, rescored_models)) + " |")
        finally:
            for scratch in (whole, tenth, thin):
                scratch.drop()
                scratch.connection.close()


def measure_loading_alone(target: str | None, rows: int, days: int, report: Callable[..., None]) -> None:
    """Measure loading only, on logs that are never built."""
    with tempfile.TemporaryDirectory() as folder:
        scratch = Scratch(target, "hs_benchmark", Path(folder) / "whole", rows, days)
        try:
            begin(scratch, rows)
            measure_loading(scratch, min(LOADED_ROWS, rows), report)
        finally:
            scratch.drop()
            scratch.connection.close()


def begin(scratch: Scratch, rows: int) -> None:
    """Generate the logs; print the environment and the head of the table."""
    version = scratch.execute("select version()")[0][0]
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    print(f"{version}, dbt {metadata.version('dbt-core')}, Python {platform.python_version()},"
          f" {os.cpu_count()} cores, {memory_gb:.0f} GiB, {date.today()}: {rows:,} cases in {scratch.days} days,"
          f" made on the server in {seconds_of(scratch.generate):.0f} s\n", flush=True)
    print("| what | seconds | yardstick | seconds | ratio | goal |\n|---|---:|---|---:|---:|---:|", flush=True)


def print_row(what: str, seconds: float, yardstick: str, by: float, goal: str, digits: int = 1) -> None:
    """Print one line of the table."""
    cells = (what, f"{seconds:.{digits}f}", yardstick, f"{by:.{digits}f}", f"{seconds / by:.2f}", goal)
    print(f"| {' | '.join(cells)} |", flush=True)


def main() -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=5_000_000, help="rows of service_log (default 5,000,000)")
    parser.add_argument("--days", type=int, default=300, help="days of history (default 300)")
    parser.add_argument("--target", help="output of profiles.yml (default: its own default)")
    parser.add_argument("--loading", action="store_true", help="measure loading alone")
    options = parser.parse_args()
    try:
        (measure_loading_alone if options.loading else measure)(options.target, options.rows, options.days, print_row)
    except WarehouseError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
