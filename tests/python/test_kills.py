"""A build or the server is killed at any moment: the next build gives the marts of a clean one, without leftovers.

HALL_SCORES_KILLS is how often (default 1). The server is killed only if
HALL_SCORES_KILL_SERVER is a shell command that kills and restarts it, so that
the suite never stops a warehouse that others use.
"""

import os
import random
import subprocess
import time

import pytest

import raw_tables
import warehouse
from conftest import Project
from harness import Process

AS_OF = "2026-03-31"
KILLS = int(os.environ.get("HALL_SCORES_KILLS", "1"))
KILL_SERVER = os.environ.get("HALL_SCORES_KILL_SERVER")


@pytest.fixture(scope="module")
def hall(project: Project) -> Project:
    raw_tables.create(project, "service_log", "feedback", "complaints")
    for month in (1, 2, 3):
        for day in range(1, 29, 3):
            for number in range(4):
                names = {"window_id": f"W{number}", "clerk_id": f"C{number}"}
                date = f"2026-{month:02}-{day:02}"
                raw_tables.insert(project, "service_log", raw_tables.cases(4, date, "H1", 8 + number, 3, **names))
                raw_tables.insert(project, "feedback", raw_tables.ratings([5, number + 1], date, "H1", **names))
    raw_tables.insert(project, "complaints", [
        raw_tables.complaint("H1", "2026-03-05 09:00:00", None, window_id="W1", clerk_id="C1")
    ])
    return project


def set_state(hall: Project, number: int) -> None:
    """Put raw rows and rules into one of two states: other days, other points."""
    hall.execute(f"update {hall.raw_schema}.service_log set process_time = {20 + number}"
                 " where service_date >= '2026-03-25' and window_id = 'W1'")
    rules = hall.read_seed("scoring_rules")
    rules.loc[rules.rule_id == "E3", "points"] = str(20 + number)
    hall.write_seed("scoring_rules", rules)


def leftovers(hall: Project) -> list[str]:
    return list(hall.query("""
        select concat(table_schema, '.', table_name) as t from information_schema.tables
        where table_schema like '{schema}%' and (table_name like '%\\_\\_new%' or table_name like '%\\_\\_old%')
    """).t)


def kill_and_build_again(hall: Project, kill) -> None:
    expected = []
    for number in (1, 0):
        set_state(hall, number)
        started = time.monotonic()
        hall.build(AS_OF, "--full-refresh")
        seconds = time.monotonic() - started
        expected.insert(0, hall.read_marts())
    assert expected[0]["scores"] != expected[1]["scores"]
    number = killed = 0
    while killed < KILLS:
        number += 1
        set_state(hall, number % 2)
        # Every third is killed during a full refresh.
        build = hall.start_dbt("build", *(["--full-refresh"] if number % 3 == 0 else []), as_of_date=AS_OF)
        moment = random.uniform(0.2, 0.9) * seconds
        try:
            build.communicate(timeout=moment)
            seconds = moment  # it had already ended: kill sooner next time
            continue
        except subprocess.TimeoutExpired:
            kill(build)
            killed += 1
        hall.build(AS_OF)
        marts = hall.read_marts()
        for mart, rows in expected[number % 2].items():
            assert marts[mart] == rows, (mart, number, moment)
        assert not leftovers(hall), (number, moment)


@pytest.mark.skipif(not KILLS, reason="HALL_SCORES_KILLS is 0")
def test_the_build_is_killed(hall):
    kill_and_build_again(hall, Process.kill)


@pytest.mark.skipif(not (KILLS and KILL_SERVER), reason="no command in HALL_SCORES_KILL_SERVER, or no kills")
def test_the_server_is_killed(hall):
    def kill(build):
        subprocess.run(KILL_SERVER, shell=True, check=True)
        build.communicate()
        for _ in range(120):
            try:
                hall.connection = warehouse.connect(autocommit=True)
                return
            except warehouse.WarehouseError:
                time.sleep(0.5)
        raise AssertionError("the server does not come back")

    kill_and_build_again(hall, kill)
