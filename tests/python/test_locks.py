"""All waits have a limit, whatever is read; and only one build runs at a time, wherever the second is started."""

import re
import threading
import time
from contextlib import suppress

import mysql.connector
import pytest

import raw_tables
import warehouse
from conftest import Project

AS_OF = "2026-03-31"
NAMED = {"window_id": "W1", "clerk_id": "C1"}
# Longest wait of a later reader, in seconds: two for a try, more on a busy machine.
BOUND = 10


@pytest.fixture(scope="module")
def built(project: Project) -> Project:
    raw_tables.create(project, "service_log", "feedback", "complaints")
    for day in ("2026-03-10", "2026-03-30"):
        raw_tables.insert(project, "service_log", raw_tables.cases(20, day, "H1", **NAMED))
        raw_tables.insert(project, "feedback", raw_tables.ratings([5, 4], day, "H1", **NAMED))
    project.build(AS_OF)
    return project


@pytest.fixture(scope="module")
def marts(built) -> list[str]:
    """Return every table and view that the public schema has."""
    return list(built.query("select table_name as t from information_schema.tables where table_schema = '{schema}'").t)


def is_seekdb(built: Project) -> bool:
    return "seekdb" in built.query("select @@version_comment as v").v[0].lower()


class Readers:
    """For each mart a session with an open transaction, and one more reader with a new session each time."""

    def __init__(self, built: Project, marts: list[str], held: list[str]):
        self.built, self.marts, self.sessions = built, marts, {}
        for mart in held:
            session = self.sessions[mart] = warehouse.connect(autocommit=True)
            cursor = session.cursor()
            cursor.execute("start transaction")
            cursor.execute(f"select count(*) from {mart if '.' in mart else f'{built.schema}.{mart}'}")
            cursor.fetchall()
        self.stop, self.longest, self.asked, self.failures = threading.Event(), 0.0, 0, []
        self.thread = threading.Thread(target=self.read)

    def read(self) -> None:
        while not self.stop.is_set():
            mart, started = self.marts[self.asked % len(self.marts)], time.monotonic()
            try:
                connection = warehouse.connect(autocommit=True)
                cursor = connection.cursor()
                cursor.execute(f"select count(*) from {self.built.schema}.{mart}")
                cursor.fetchall()
                connection.close()
            except Exception as error:  # any error of a reader is a failure
                self.failures.append(f"{mart}: {error}")
            self.longest = max(self.longest, time.monotonic() - started)
            self.asked += 1
            time.sleep(0.02)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()
        for session in self.sessions.values():
            session.close()
        assert not self.failures, self.failures[:5]
        assert self.asked > 20 and self.longest < BOUND


@pytest.mark.parametrize("options", [
    {}, {"arguments": ["--full-refresh"]}, {"arguments": ["--full-refresh"], "copy_rows": 0},
], ids=["a night", "all whole", "all large"])
def test_readers_on_every_mart_hold_no_build_up(built, marts, options):
    assert len(marts) >= 34
    raw_tables.insert(built, "service_log", raw_tables.cases(1, "2026-03-30", "H1", **NAMED))
    before = int(built.query("select sum(case_count) as n from {schema}.scores where subject_type = 'hall'").n[0])
    options = dict(options)
    held = marts
    if not options:  # the first build after a whole one; its views contain the as-of day
        held = marts + [f"{row.s}.{row.t}" for row in built.query(
            "select table_schema as s, table_name as t from information_schema.tables"
            " where table_schema in ('{schema}_work', '{schema}_rules') and table_type = 'BASE TABLE'"
        ).itertuples()]
        assert f"{built.schema}_work.plan_raw_days" in held
    with Readers(built, marts, held):
        built.build(AS_OF, *options.pop("arguments", []), **options)
    # The case is in week, month, quarter and year, and in the last seven days.
    after = int(built.query("select sum(case_count) as n from {schema}.scores where subject_type = 'hall'").n[0])
    assert after == before + 5
    assert not built.query("""
        select table_name as t from information_schema.tables
        where table_schema like '{schema}%' and (table_name like '%\\_\\_new%' or table_name like '%\\_\\_old%')
    """).size


def test_a_swap_that_cannot_be_made_says_who_holds_the_mart(built, marts):
    if is_seekdb(built):
        pytest.skip("a rename waits for no reader there")
    path = built.folder / "models" / "marts" / "dimensions" / "_dimensions.yml"
    text = path.read_text("utf-8")
    rows = built.query("select * from {schema}.dim_halls")
    assert "大厅维度表" in text
    try:
        path.write_text(text.replace("大厅维度表", "各大厅维度表"), "utf-8")
        with Readers(built, marts, ["dim_halls"]) as readers:
            holder = readers.sessions["dim_halls"].connection_id
            started = time.monotonic()
            result = built.build(AS_OF, "--select", "dim_halls", check=False, lock_wait_seconds=7)
            assert result.returncode == 1 and time.monotonic() - started < 300
            output = re.sub(r"\x1b\[\d*m", "", result.stdout)
            assert f"{built.schema}.dim_halls: 自 20" in output and "waited 7 s for sessions that hold it" in output
            query = re.search(r"Who they are:\s+(select\s.*?;)", output, re.DOTALL)[1]
            assert holder in {row[0] for row in built.query(query).values}
            assert built.query("select * from {schema}.dim_halls").equals(rows)
        built.build(AS_OF, "--select", "dim_halls")
    finally:
        path.write_text(text, "utf-8")
    comment = built.query("select table_comment as c from information_schema.tables"
                          " where table_schema = '{schema}' and table_name = 'dim_halls'").c[0]
    assert "各大厅维度表" in comment
    built.build(AS_OF, "--select", "dim_halls")


# Locks that block overwriting, for marts that no other model reads: two of slices, and one that is copied over.
LOCKS = {
    "score_spreads": ["lock tables {} read"],
    "hall_contributions": ["set session transaction isolation level serializable", "start transaction",
                           "select count(*) from {}"],
    "dim_metrics": ["start transaction", "select * from {} lock in share mode"],
}


def test_a_mart_that_is_locked_against_overwriting_says_by_whom(built):
    # On seekdb LOCK TABLES and locking reads lock nothing.
    locks = {"dim_metrics": LOCKS["dim_metrics"]} if is_seekdb(built) else LOCKS
    raw_tables.insert(built, "service_log", raw_tables.cases(1, "2026-03-30", "H1", **NAMED))
    rows = {mart: built.query(f"select * from {{schema}}.{mart}") for mart in locks}
    sessions = {}
    try:
        for mart, statements in locks.items():
            cursor = (session := warehouse.connect(autocommit=True)).cursor()
            sessions[mart] = session
            for statement in statements:
                cursor.execute(statement.format(f"{built.schema}.{mart}"))
                cursor.fetchall()
        result = built.dbt("run", "--no-use-colors", check=False, as_of_date=AS_OF, lock_wait_seconds=4)
        assert result.returncode == 1
        for mart in locks:
            told = result.stdout.split(f" {built.schema}.{mart}: 自 20")
            assert len(told) == 2, result.stdout[-6000:]
            assert re.search(r"/ since 20\S+ \S+ waited 4 s", told[1])
            query = re.search(r"Who they are:\s+(select\s.*?;)", told[1], re.DOTALL)[1]
            assert sessions[mart].connection_id in {row[0] for row in built.query(query).values}, mart
            assert built.query(f"select * from {{schema}}.{mart}").equals(rows[mart]), mart
        assert result.stdout.count("Who they are") == len(locks)  # and no other waited
    finally:
        for session in sessions.values():
            session.close()
    built.build(AS_OF)
    build_id = running_build(built)
    for mart in locks:
        assert build_id in set(built.query(f"select build_id as b from {{schema}}.{mart}").b), mart


def test_a_view_that_somebody_replaced_is_made_anew(built):
    def held() -> tuple[str, str]:
        return tuple(built.query("""
            select views.view_definition as v, versions.build_id as b from information_schema.views as views
            inner join {schema}_work.slice_versions as versions on views.table_name = versions.model_name
            where views.table_schema = '{schema}' and views.table_name = 'published_scores' and versions.slice = 'view'
        """).values[0])

    made = held()
    built.dbt("run", "--select", "published_scores", as_of_date=AS_OF)
    assert held() == made  # left alone
    built.execute(f"create or replace view {built.schema}.published_scores as select * from ({made[0]}) as x limit 1")
    assert held()[0] != made[0]
    built.dbt("run", "--select", "published_scores", as_of_date=AS_OF)
    assert held()[0] == made[0] and held()[1] == running_build(built)


@pytest.fixture
def slow(built):
    """A model that runs until the yielded function is called, at most ten minutes."""
    name = f"{built.schema}_slow"
    path = built.folder / "models" / "intermediate" / "slow.sql"
    path.write_text(f"select get_lock('{name}', 600) as one", "utf-8")
    built.query(f"select get_lock('{name}', 0) as one")
    yield lambda: built.query(f"select release_lock('{name}') as one")
    built.query(f"select release_lock('{name}') as one")
    path.unlink()
    built.execute(f"drop table if exists {built.schema}_work.slow")


def running_build(built: Project) -> str:
    return built.query("select build_id from {schema}_work.build_lock where part = 'build'").build_id[0]


def wait_for_a_build_after(built: Project, before: str) -> str:
    for _ in range(3000):  # other suites may have the cores
        if running_build(built) != before:
            return running_build(built)
        time.sleep(0.1)
    raise AssertionError("no build has begun")


def test_a_second_build_ends_with_one_line_that_names_the_first(built, slow):
    before = running_build(built)
    first = built.start_dbt("run", "--select", "slow", as_of_date=AS_OF)
    build_id = wait_for_a_build_after(built, before)
    for command in ("build", "run", "seed"):
        second = built.dbt(command, "--no-use-colors", check=False)
        assert second.returncode != 0
        assert "on-run-end failed" not in second.stdout
        lines = [line for line in second.stdout.splitlines() if build_id in line]
        assert len(lines) == 1, second.stdout
        for text in (f"构建 {build_id}（root@", f"build {build_id} of root@", "has been running since 20"):
            assert text in lines[0]
        assert " of 1" not in second.stdout  # no node was begun
    # Commands that only read still work, and so do builds elsewhere.
    built.dbt("test", "--select", "components_sum_to_scores", as_of_date=AS_OF)
    built.dbt("compile", "--select", "scores", as_of_date=AS_OF)
    scratch = f"{built.schema}_preview"
    try:
        built.dbt("seed", "--select", "rating_levels", scratch_schema=scratch)
    finally:
        for schema in (scratch, f"{scratch}_rules", f"{scratch}_work"):
            built.execute(f"drop schema if exists {schema}")
    assert first.returncode is None
    slow()
    first.communicate()
    assert first.returncode == 0
    built.dbt("seed")


def test_a_killed_build_holds_up_no_other(built, slow):
    before = running_build(built)
    first = built.start_dbt("run", "--select", "slow", as_of_date=AS_OF)
    wait_for_a_build_after(built, before)
    time.sleep(2)
    first.kill()
    built.dbt("run", "--select", "dim_halls", as_of_date=AS_OF)


def test_what_a_killed_build_still_does_on_the_server_is_ended(built):
    if is_seekdb(built):
        pytest.skip("its list of processes shows statements without the comment that names a build")
    build_id = running_build(built)
    other = warehouse.connect(autocommit=True)
    orphan = (f"/* dbt build {build_id} model.hall_scores.dim_halls */ "
              f"create table {built.schema}.dim_halls__new_{build_id[:8]} as"
              " select 1 as one, sleep(600) as two, '🀀' as three")

    def run() -> None:
        with suppress(mysql.connector.Error):
            other.cursor().execute(orphan)

    thread = threading.Thread(target=run)
    thread.start()
    time.sleep(1)
    started = time.monotonic()
    built.build(AS_OF, "--select", "dim_halls")
    thread.join()
    assert time.monotonic() - started < 500
    assert not built.query("select 1 from information_schema.tables where table_schema = '{schema}'"
                           " and table_name like 'dim\\_halls\\_\\_new%'").size


def test_a_build_that_could_not_begin_ends_as_one(built):
    if is_seekdb(built):
        pytest.skip("LOCK TABLES locks nothing there")
    session = warehouse.connect(autocommit=True)
    try:
        session.cursor().execute(f"lock tables {built.schema}_work.build_lock write")
        result = built.dbt("run", "--select", "dim_halls", check=False, as_of_date=AS_OF, lock_wait_seconds=2)
    finally:
        session.close()
    assert result.returncode == 1 and "on-run-start failed" in result.stdout
    assert "on-run-end failed" not in result.stdout
    built.dbt("run", "--select", "dim_halls", as_of_date=AS_OF)


def test_the_bound_is_that_of_the_var(built):
    path = built.folder / "models" / "intermediate" / "shown.sql"
    path.write_text(
        "select @@session.lock_wait_timeout as for_tables, @@session.innodb_lock_wait_timeout as for_rows", "utf-8")
    try:
        built.dbt("run", "--select", "shown", as_of_date=AS_OF, lock_wait_seconds=11)
        row = built.query("select * from {schema}_work.shown").values[0]
    finally:
        path.unlink()
        built.execute(f"drop table if exists {built.schema}_work.shown")
    if not is_seekdb(built):
        assert list(map(int, row)) == [11, 11]
