"""A night from the drop folder to the published pages; again; after failures; and never two at once."""

import argparse
import fcntl
import re
import shutil
import subprocess
import sys
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

import nightly
from conftest import PROJECT_DIR, Project
from installed import Installed

pytestmark = pytest.mark.once

@pytest.fixture(scope="module")
def installed(project: Project) -> Installed:
    """Pages of the week of 16 February and of February, published in one night on the evening of the 28th."""
    made = Installed(project)
    made.put("halls.csv", "hall_id,hall_name", "H1,城关大厅")
    made.put("service_log_02.csv", "service_date,hall_id,process_time,is_completed", *["2026-02-18,H1,8,1"] * 10)
    made.put("feedback.csv", "date,hall_id,rating", "2026-02-18,H1,5", "2026-02-18,H1,4")
    made.put("complaints.csv", "complaint_date,complaint_time,resolution_time,hall_id",
             "2026-02-18,2026-02-18 09:00:00,2026-02-18 10:00:00,H1")
    made.put("notes.txt", "no log")
    _, made.facts = made.night("2026-02-28")
    return made


def is_published(pages: dict[str, bytes], kind: str, start: str) -> bool:
    return any(name.endswith(".xlsx") and f"{kind}_{start}" in name for name in pages)


def test_a_night_goes_from_logs_to_pages(installed):
    facts = installed.facts
    assert [facts[name] for name in ("status", "exit", "files_loaded", "files_rejected", "rows", "build")] == [
        "ok", "0", "4", "0", "14", "0"]
    # No reconcile is known yet.
    assert facts["reconcile"] == "yes"
    assert facts["published"] == "week:2026-02-16,month:2026-02-01"
    assert installed.files() >= {"loaded/halls.csv", "loaded/service_log_02.csv", "drop/notes.txt"}
    assert facts["files_skipped"] == "1"
    score = installed.project.query("""
        select composite_score as score from {schema}.scores
        where subject_type = 'hall' and period_type = 'month' and period_start = '2026-02-01'
    """).score[0]
    # 8 minutes, all completed: 100 + 2 × 2 + 20 = 124; 4.5 stars, the complaint in time: 100 + 30 + 10 = 140
    assert score == Decimal("0.4") * 124 + Decimal("0.6") * 140
    pages = installed.pages()
    assert is_published(pages, "week", "2026-02-16") and is_published(pages, "month", "2026-02-01")
    assert nightly.shown_periods(installed.published / "current") == dict.fromkeys(
        [("month", "2026-02-01"), ("week", "2026-02-16")])
    assert any("城关大厅".encode() in text for name, text in pages.items() if name.endswith(".html"))


def test_failures_leave_the_published_pages_alone(installed):
    """None of these nights gets as far as a model."""
    before = installed.pages()
    rules = installed.project.seed_path("scoring_rules")
    text = rules.read_text("utf-8")
    rules.write_text(text.replace("0.90", "90%", 1), encoding="utf-8")
    installed.put("complaints_late.csv", "complaint_date,complaint_time,resolution_time,hall_id")
    output, facts = installed.night("2026-03-31", code=nightly.Exit.RULES)
    assert "90%" in output and facts["status"] == "rules"
    rules.write_text(text, encoding="utf-8")

    # The warehouse is away: that is not the file's fault.
    away = {"HALL_SCORES_PORT": "1", "HALL_SCORES_SOCKET": "/nowhere/sql.sock"}
    output, facts = installed.night("2026-03-31", code=nightly.Exit.LOAD, **away)
    assert "complaints_late.csv was not loaded: error: warehouse does not answer" in output
    assert facts["files_rejected"] == "0" and "drop/complaints_late.csv" in installed.files()
    (installed.drop / "complaints_late.csv").unlink()

    _, facts = installed.night("no day", code=nightly.Exit.BUILD)
    assert facts["build"] in ("1", "2") and facts["published"] == "-"
    assert installed.pages() == before


def test_only_one_night_at_a_time(installed):
    with (installed.folder / "logs" / "nightly.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        output, facts = installed.night("2026-03-31", code=nightly.Exit.LOCKED)
    assert output == "nightly: another run is under way; nothing was done\n" and not facts


def test_a_second_run_does_nothing_new(installed):
    before = installed.pages()
    shutil.copy(next(installed.folder.glob("loaded/*/service_log_02.csv")), installed.drop)
    _, facts = installed.night("2026-02-28")
    assert [facts[name] for name in ("files_loaded", "rows", "reconcile", "published")] == ["1", "0", "no", "-"]
    assert installed.pages() == before
    assert len(list((installed.published / "versions").iterdir())) == 1


def test_the_reconcile_is_due_by_what_the_warehouse_knows(installed):
    project, log = installed.project, installed.folder / "logs" / "nightly.log"
    row = "from {schema}_work.slice_versions where model_name = 'raw_days' and slice = 'reconcile'"

    def was_made(at: str) -> None:
        project.execute(f"update {project.schema}_work.slice_versions set version = {at} where slice = 'reconcile'")

    def reconciles() -> str:
        return installed.night("2026-02-28")[1]["reconcile"]

    first = project.query(f"select version {row}").version[0]
    # Neither a lost log nor one that a clock a year ahead has written says anything.
    log.unlink()
    assert reconciles() == "no"
    with log.open("a", encoding="utf-8") as file:
        file.write("started=2099-03-01T02:30:00+08:00 status=ok reconcile=yes build=0 published=-\n")
    was_made("date_format(date_sub(utc_timestamp(), interval 8 day), '%Y-%m-%d %H:%i:%s')")
    assert reconciles() == "yes"
    assert project.query(f"select version {row}").version[0] >= first
    # A clock a year ahead, of the warehouse itself
    was_made("date_format(date_add(utc_timestamp(), interval 1 year), '%Y-%m-%d %H:%i:%s')")
    assert reconciles() == "yes"
    # A build that ended before it read the rows has reconciled nothing; a full refresh has.
    was_made("'2020-01-01 00:00:00'")
    project.dbt("build", "--select", "scores", as_of_date="2026-02-28", reconcile=True)
    assert project.query(f"select version {row}").version[0] == "2020-01-01 00:00:00"
    project.build("2026-02-28", "--full-refresh")
    assert project.query(f"select version {row}").version[0] >= first


def test_a_bad_file_holds_the_reports_back_for_a_night_and_nothing_else(installed):
    before, first = installed.pages(), (installed.published / "current").resolve()
    header = "service_date,hall_id,process_time,is_completed"
    installed.put("service_log_02.csv", header, *["2026-02-25,H1,8,1"] * 3)
    installed.put("service_log_bad.csv", header, "2026-02-26,H1,zwölf,1")
    installed.put("stray.csv", "a,b")
    output, facts = installed.night("2026-03-01", code=nightly.Exit.REJECTED)
    assert [facts[name] for name in ("status", "files_loaded", "files_rejected", "rows", "build")] == [
        "rejected", "1", "2", "3", "0"]
    # The cell is named beside the file, not in the log.
    assert "zwölf" not in output
    assert installed.files() >= {"rejected/service_log_bad.csv", "rejected/stray.csv", "loaded/service_log_02-3.csv"}
    message = next(installed.folder.glob("rejected/*/service_log_bad.csv.txt")).read_text("utf-8")
    assert "service_log_bad.csv:2: process_time: 'zwölf' cannot be read" in message
    assert installed.pages() == before

    _, facts = installed.night("2026-03-01")
    assert (facts["status"], facts["published"]) == ("ok", "week:2026-02-23")
    pages = installed.pages()
    assert is_published(pages, "week", "2026-02-16") and is_published(pages, "week", "2026-02-23")
    # The version before is whole and unchanged.
    assert {str(path.relative_to(first)): path.read_bytes() for path in first.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(("closed", "shown", "since", "due"), [
    # The first night: the latest of each type
    ({("week", "2026-02-02"): None, ("week", "2026-02-09"): None, ("month", "2026-01-01"): None}, {}, None,
     [("week", "2026-02-09"), ("month", "2026-01-01")]),
    # Three weeks have closed, and one page was taken out to be made anew
    (dict.fromkeys([("week", f"2026-02-{day}") for day in ("02", "09", "16", "23")]), {("week", "2026-02-09"): None},
     None, [("week", "2026-02-16"), ("week", "2026-02-23")]),
    (dict.fromkeys([("week", f"2026-02-{day}") for day in ("02", "09", "16")]),
     dict.fromkeys([("week", "2026-02-02"), ("week", "2026-02-16")]), None, [("week", "2026-02-09")]),
    # From a day on
    (dict.fromkeys([("month", "2026-01-01"), ("month", "2026-02-01"), ("month", "2026-03-01")]),
     {("month", "2026-03-01"): None}, date(2026, 2, 1), [("month", "2026-02-01")]),
    # January has been published anew; February is as it is shown
    ({("month", "2026-01-01"): 2, ("month", "2026-02-01"): 1}, {("month", "2026-01-01"): 1, ("month", "2026-02-01"): 1},
     None, [("month", "2026-01-01")]),
])
def test_periods_that_are_due(closed, shown, since, due):
    assert nightly.due_periods(closed, shown, since) == due


def test_an_unexpected_error_leaves_its_line(tmp_path, monkeypatch, capsys):
    def fail(*_arguments, **_options):
        raise ValueError("of no step")

    monkeypatch.setattr(nightly, "LOG", tmp_path / "nightly.log")
    monkeypatch.setattr(nightly, "run_script", fail)
    assert nightly.night(argparse.Namespace()) == nightly.Exit.FAILED == 1
    assert " status=failed exit=1 " in nightly.LOG.read_text("utf-8")
    assert capsys.readouterr().err == "nightly: ValueError: of no step\n"


NOON = datetime(2026, 3, 8, 12).astimezone()  # a Sunday


@pytest.mark.parametrize(("days_ago", "weekday", "is_due"), [
    (None, "wed", True),
    (3, "sun", True),
    (3, "wed", False),
    (0.1, "sun", False),
    # Missed, and made up for on any day; a few minutes less than a week is a week of nights.
    (7 - 5 / 1440, "wed", True),
    (6, "wed", False),
    # By a clock that ran ahead
    (-365, "wed", True),
])
def test_a_reconcile_is_due_once_a_week(days_ago, weekday, is_due):
    last = None if days_ago is None else NOON - timedelta(days=days_ago)
    assert nightly.reconcile_is_due(last, NOON, nightly.WEEKDAYS.index(weekday)) is is_due


def test_every_exit_code_is_explained_in_both_languages():
    text = (PROJECT_DIR / "docs" / "operations.md").read_text("utf-8")
    for code in nightly.Exit:
        assert len(re.findall(rf"^\| {code.value} \|( `{code.name.lower()}`)? \| \S", text, re.MULTILINE)) == 2, code


def test_a_wrong_command_line_is_refused():
    done = subprocess.run([sys.executable, PROJECT_DIR / "scripts" / "nightly.py", "--drop", "/not/there"],
                          capture_output=True, text=True)
    assert done.returncode == 2 and "--drop: /not/there is no folder" in done.stderr
