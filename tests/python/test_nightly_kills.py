"""A nightly run is killed while it loads, or while it builds: the next one completes, with nothing lost or doubled."""

import time
from collections.abc import Callable
from decimal import Decimal

import pytest

from conftest import Project
from installed import Installed

pytestmark = pytest.mark.once
CASES = 60_000


def kill_night(installed: Installed, is_time: Callable[[], bool]) -> None:
    """Start a nightly run, and kill it with all its processes when is_time() says so."""
    night = installed.start_night("2026-02-28")
    while not is_time():
        assert night.returncode is None, "the night ended before it was time"
        time.sleep(0.02)
    night.kill()


def tables(project: Project, like: str) -> list[str]:
    return list(project.query("select table_name as t from information_schema.tables"
                              f" where concat(table_schema, '.', table_name) like '{like}'").t)


def test_a_night_after_nights_that_were_killed(project):
    installed = Installed(project)
    installed.put("halls.csv", "hall_id,hall_name", "H1,城关大厅")
    installed.put("service_log.csv", "service_date,hall_id,process_time,is_completed", *["2026-02-18,H1,8,1"] * CASES)
    installed.put("feedback.csv", "date,hall_id,rating", "2026-02-18,H1,5", "2026-02-18,H1,4")
    installed.put("complaints.csv", "complaint_date,complaint_time,resolution_time,hall_id",
                  "2026-02-18,2026-02-18 09:00:00,2026-02-18 10:00:00,H1")
    files = set(installed.files())

    kill_night(installed, lambda: bool(tables(project, f"{project.raw_schema}.service_log\\_\\_loading")))
    # No file is lost: each is in one of the two folders.
    assert {name.split("/")[1] for name in installed.files()} == {name.split("/")[1] for name in files}
    assert "drop/service_log.csv" in installed.files() and list(installed.folder.glob(".night-*/*/service_log.csv"))

    kill_night(installed, lambda: len(tables(project, f"{project.schema}.%")) > 3)
    assert not {name for name in installed.files() if name.startswith("drop/")}

    _, facts = installed.night("2026-02-28")
    assert [facts[name] for name in ("status", "files_loaded", "files_rejected", "published")] == [
        "ok", "0", "0", "week:2026-02-16,month:2026-02-01"]
    found = project.query("""
        select case_count, rating_count, complaint_count, composite_score from {schema}.scores
        where subject_type = 'hall' and period_type = 'month' and period_start = '2026-02-01'
    """)
    # As in test_nightly.py: 8 minutes, all completed; 4.5 stars, the complaint in time
    assert found.values.tolist() == [[CASES, 2, 1, Decimal("0.4") * 124 + Decimal("0.6") * 140]]
    assert project.query("select count(*) as n from {raw}.service_log").n[0] == CASES
    assert not list(installed.folder.glob(".night-*"))
    for ending in ("__loading", "__source", "__replaced", "__gone", "__new", "__old"):
        assert not tables(project, f"{project.schema}%.%{ending}".replace("_", "\\_")), ending
