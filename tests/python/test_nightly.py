"""A nightly run from the drop folder to the published pages; again; after failures; and never two at once."""

import argparse
import errno
import fcntl
import os
import re
import shutil
import subprocess
import sys
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

import nightly
from conftest import PROJECT_DIR, Project, run_script
from installed import Installed
from loading.setting import raw_schema
from warehouse import WarehouseError

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
    made.put("notes.md", "no log")
    made.put("halls_bad.csv.txt", "error: halls_bad.csv:2: …")
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
    assert installed.files() >= {
        "loaded/halls.csv", "loaded/service_log_02.csv", "drop/notes.md", "drop/halls_bad.csv.txt"}
    assert facts["files_skipped"] == "2"
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
    """None of these runs reaches a model."""
    before = installed.pages()
    rules = installed.project.seed_path("scoring_rules")
    text = rules.read_text("utf-8")
    rules.write_text(text.replace("0.90", "90%", 1), encoding="utf-8")
    installed.put("complaints_late.csv", "complaint_date,complaint_time,resolution_time,hall_id")
    output, facts = installed.night("2026-03-31", code=nightly.Exit.RULES)
    assert "90%" in output and facts["status"] == "rules"
    rules.write_text(text, encoding="utf-8")

    # The warehouse does not answer: the file is not to blame.
    away = {"HALL_SCORES_PORT": "1", "HALL_SCORES_SOCKET": "/nowhere/sql.sock"}
    output, facts = installed.night("2026-03-31", code=nightly.Exit.LOAD, **away)
    assert "complaints_late.csv: 没有装载 / was not loaded: error: " in output
    assert "warehouse does not answer" in output
    assert facts["files_rejected"] == "0" and "drop/complaints_late.csv" in installed.files()
    (installed.drop / "complaints_late.csv").unlink()

    _, facts = installed.night("no day", code=nightly.Exit.BUILD)
    assert facts["build"] in ("1", "2") and facts["published"] == "-"
    assert installed.pages() == before


def test_only_one_night_at_a_time(installed):
    with (installed.folder / "logs" / "nightly.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        output, facts = installed.night("2026-03-31", code=nightly.Exit.LOCKED)
    assert output == "nightly: 上一次还在运行，什么也没做 / another run is under way; nothing was done\n" and not facts


def test_a_second_run_does_nothing_new(installed):
    before = installed.pages()
    shutil.copy(next(installed.folder.glob("loaded/*/service_log_02.csv")), installed.drop)
    _, facts = installed.night("2026-02-28")
    assert [facts[name] for name in ("files_loaded", "rows", "reconcile", "published")] == ["1", "0", "no", "-"]
    assert installed.pages() == before
    assert len(list((installed.published / "versions").iterdir())) == 1


def test_the_reconcile_is_due_by_what_the_warehouse_knows(installed):
    project, log = installed.project, installed.folder / "logs" / "nightly.log"
    row = "from {schema}_work.slice_versions where model_name = 'plan_raw_days' and slice = 'reconcile'"

    def was_made(at: str) -> None:
        project.execute(f"update {project.schema}_work.slice_versions set version = {at} where slice = 'reconcile'")

    def reconciles() -> str:
        return installed.night("2026-02-28")[1]["reconcile"]

    first = project.query(f"select version {row}").version[0]
    # A lost log, or one written by a clock a year ahead, does not matter.
    log.unlink()
    assert reconciles() == "no"
    with log.open("a", encoding="utf-8") as file:
        file.write("started=2099-03-01T02:30:00+08:00 status=ok reconcile=yes build=0 published=-\n")
    was_made("date_format(date_sub(utc_timestamp(), interval 8 day), '%Y-%m-%d %H:%i:%s')")
    assert reconciles() == "yes"
    assert project.query(f"select version {row}").version[0] >= first
    # The warehouse's own clock is a year ahead
    was_made("date_format(date_add(utc_timestamp(), interval 1 year), '%Y-%m-%d %H:%i:%s')")
    assert reconciles() == "yes"
    # A build that ended before it read the rows has not reconciled; a full refresh has.
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
    # The cell is quoted beside the file, not in the log.
    assert "zwölf" not in output
    assert installed.files() >= {"rejected/service_log_bad.csv", "rejected/stray.csv", "loaded/service_log_02-3.csv"}
    message = next(installed.folder.glob("rejected/*/service_log_bad.csv.txt")).read_text("utf-8")
    assert re.search(r"service_log_bad\.csv:2: process_time: .*.zwölf. cannot be read", message)
    assert installed.pages() == before

    _, facts = installed.night("2026-03-01")
    assert (facts["status"], facts["published"]) == ("ok", "week:2026-02-23")
    pages = installed.pages()
    assert is_published(pages, "week", "2026-02-16") and is_published(pages, "week", "2026-02-23")
    # The previous version is complete and unchanged.
    assert {str(path.relative_to(first)): path.read_bytes() for path in first.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(("closed", "shown", "since", "due"), [
    # The first night: the latest of each type
    ({("week", "2026-02-02"): None, ("week", "2026-02-09"): None, ("month", "2026-01-01"): None}, {}, None,
     [("week", "2026-02-09"), ("month", "2026-01-01")]),
    # Three weeks have closed, and one page was deleted to be regenerated
    (dict.fromkeys([("week", f"2026-02-{day}") for day in ("02", "09", "16", "23")]), {("week", "2026-02-09"): None},
     None, [("week", "2026-02-16"), ("week", "2026-02-23")]),
    (dict.fromkeys([("week", f"2026-02-{day}") for day in ("02", "09", "16")]),
     dict.fromkeys([("week", "2026-02-02"), ("week", "2026-02-16")]), None, [("week", "2026-02-09")]),
    # From a day on
    (dict.fromkeys([("month", "2026-01-01"), ("month", "2026-02-01"), ("month", "2026-03-01")]),
     {("month", "2026-03-01"): None}, date(2026, 2, 1), [("month", "2026-02-01")]),
    # January has a new revision; February is shown as published
    ({("month", "2026-01-01"): 2, ("month", "2026-02-01"): 1}, {("month", "2026-01-01"): 1, ("month", "2026-02-01"): 1},
     None, [("month", "2026-01-01")]),
])
def test_periods_that_are_due(closed, shown, since, due):
    assert nightly.due_periods(closed, shown, since) == due


def test_an_unexpected_error_leaves_its_line(tmp_path, monkeypatch, capsys):
    def fail(*_arguments, **_options):
        raise ValueError("of no step")

    monkeypatch.setattr(nightly, "run_script", fail)
    log = tmp_path / "nightly.log"
    assert nightly.night(argparse.Namespace(log=log)) == nightly.Exit.FAILED == 1
    assert " status=failed exit=1 " in log.read_text("utf-8")
    assert capsys.readouterr().err == "nightly: ValueError: of no step\n"


def test_the_rule_check_is_told_no_password(tmp_path, monkeypatch):
    monkeypatch.setenv("DBT_ENV_SECRET_HALL_SCORES_PASSWORD", "p")
    monkeypatch.setenv("MY_OWN_WORD", "p")
    told = []

    def run_script(*_arguments, env, **_options):
        told.append(env)
        return subprocess.CompletedProcess([], 1)

    monkeypatch.setattr(nightly, "run_script", run_script)
    assert nightly.night(argparse.Namespace(log=tmp_path / "nightly.log")) == nightly.Exit.RULES
    assert told[0]["PATH"] and not {name for name, value in told[0].items() if value == "p"}


class Loads:
    """The loading of a few files by a fake loader with given output and exit code."""

    def __init__(self, tmp_path, monkeypatch, capsys):
        self.drop, self.archive, self.capsys = tmp_path / "drop", tmp_path, capsys
        self.drop.mkdir()
        self.facts = dict.fromkeys(("files_loaded", "files_rejected", "files_skipped", "rows"), 0)
        self.says, self.answers, self.meanwhile = {}, True, None
        monkeypatch.setattr(nightly, "run_script", self.loader)
        monkeypatch.setattr(nightly, "answers", lambda _target: self.answers)

    def loader(self, _script, path, *arguments, **_options):
        assert arguments[:3] == ("--in-place", "--raw-schema", "raw") and path.parent.stat().st_mode & 0o777 == 0o700
        code, output, errors = self.says.get(path.name, (0, "", ""))
        if "--skip-bad-rows" in arguments:
            path.with_name(f"{path.stem}.rejected.csv").write_text("bad", "utf-8")
        if self.meanwhile:
            self.meanwhile()
        return subprocess.CompletedProcess([], code, output.format(path=path), errors.format(path=path))

    def put(self, name, text="hall_id\nH1\n"):
        (self.drop / name).write_text(text, "utf-8")

    def run(self, skip_bad_rows=False):
        """Load; return the output, and the files of the archive."""
        options = argparse.Namespace(
            drop=self.drop, archive=self.archive, target=None, raw_schema="raw", skip_bad_rows=skip_bad_rows)
        nightly.load(options, date(2026, 3, 1), self.facts)
        assert not list(self.archive.glob(".night-*"))
        files = {str(path.relative_to(self.archive)): path for path in self.archive.glob("*/2026-03-01/*")}
        return "".join(self.capsys.readouterr()), files


@pytest.fixture
def loads(tmp_path, monkeypatch, capsys):
    return Loads(tmp_path, monkeypatch, capsys)


def test_the_rows_that_the_loader_counts_are_added_up(loads):
    loads.put("halls.csv")
    loads.put("all.xlsx")
    counts = "read 9, new {}, replaced {}, same 1, left out 1, refused 1"
    loads.says = {
        "halls.csv": (0, f"halls.csv: raw.halls: 读入 / {counts.format(3, 2)}\n"
                      f'halls.csv: 提示 reason: "x / {counts.format(9, 9)}" 读作空 / read as blank, 1 cells\n', ""),
        "all.xlsx": (0, f"all.xlsx: raw.a: 读入 / {counts.format(10, 0)}\n"
                      f"all.xlsx: raw.b: 读入 / {counts.format(0, 20)}, removed 3\n", ""),
    }
    output, files = loads.run()
    assert loads.facts == {"files_loaded": 2, "files_rejected": 0, "files_skipped": 0, "rows": 35}
    assert set(files) == {"loaded/2026-03-01/halls.csv", "loaded/2026-03-01/all.xlsx"}
    assert "raw.b: 读入 / read 9" in output and not list(loads.drop.iterdir())


@pytest.mark.parametrize(("code", "errors", "answers", "note"), [
    (1, "error: {path}:2: hall_id: 某处有误 / wrong\x1b[2J\nnote: x\n", True,
     "error: halls.csv:2: hall_id: 某处有误 / wrong\\x1b[2J\n"),
    # A file that made the loader die is to blame, if the warehouse answers.
    (-9, "", True, "the loader ended with -9"),
    (-11, "Traceback (…)\n  password\nMemoryError\n", True, "the loader ended with -11"),
    # A setting is wrong: no file is to blame.
    (2, "usage: …\n", True, None),
    (1, "ValueError: x\n", True, "the loader ended with 1"),
    (4, "error: disk full / disk full\n", True, None),
    (-9, "", False, None),
    (1, "error: warehouse does not answer\n", False, None),
])
def test_who_is_to_blame(loads, code, errors, answers, note):
    loads.put("a.csv")
    loads.put("halls.csv")
    loads.put("z.csv")
    loads.says, loads.answers = {"halls.csv": (code, "", errors)}, answers
    if note is None:
        with pytest.raises(nightly.StepError) as caught:
            loads.run()
        assert caught.value.code is nightly.Exit.LOAD and "halls.csv: 没有装载 / was not loaded" in str(caught.value)
        assert {path.name for path in loads.drop.iterdir()} == {"halls.csv", "z.csv"}
        return
    output, files = loads.run()
    assert set(files) == {f"loaded/2026-03-01/{name}" for name in ("a.csv", "z.csv")} | {
        f"rejected/2026-03-01/halls.csv{end}" for end in ("", ".txt")}
    text = files["rejected/2026-03-01/halls.csv.txt"].read_text("utf-8")
    assert note in text and "password" not in text and "wrong" not in output
    assert not list(loads.drop.iterdir())


def test_bad_rows_are_kept_and_nothing_overwritten(loads):
    for _ in range(2):
        loads.put("halls.csv")
        _, files = loads.run(skip_bad_rows=True)
    assert set(files) == {f"{name}.csv" for name in (
        "loaded/2026-03-01/halls", "loaded/2026-03-01/halls-2", "rejected/2026-03-01/halls.rejected",
        "rejected/2026-03-01/halls.rejected-2")}


def test_a_thousand_names_that_are_one_in_the_archive_do_not_end_the_night(tmp_path):
    with nightly.Archive(tmp_path, date(2026, 9, 28)) as archive:
        folder = archive.folder("rejected")
        for number in ("", *(f"-{n}" for n in range(2, 10_000))):
            os.close(os.open(f"halls_{number}.csv", os.O_CREAT, 0o640, dir_fd=folder))
        made = {archive.make("rejected", nightly.safe_name(f"halls{sign}.csv"), "x") for sign in "!$&"}
        assert len(made) == 3
        for name in made:
            assert os.stat(name, dir_fd=folder).st_size == 1
            nightly.check_name(name)


def test_a_file_exchanged_while_it_is_loaded_stays(loads):
    loads.put("halls.csv")

    def exchange():
        loads.put("halls.csv", "hall_id\nH2\n")

    loads.meanwhile = exchange
    output, files = loads.run()
    assert files["loaded/2026-03-01/halls.csv"].read_text("utf-8") == "hall_id\nH1\n"
    assert (loads.drop / "halls.csv").read_text("utf-8") == "hall_id\nH2\n" and "it stays for the next night" in output


@pytest.mark.parametrize("same_disk", [True, False])
def test_a_file_that_cannot_be_copied_is_moved_where_that_is_possible(loads, monkeypatch, same_disk):
    with (loads.drop / "halls.csv").open("wb") as file:
        file.truncate(1 << 40)
    if not same_disk:
        def rename(*_arguments, **_options):
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        monkeypatch.setattr(nightly.os, "rename", rename)
    _, files = loads.run()
    moved = {"rejected/2026-03-01/halls.csv"} if same_disk else set()
    assert set(files) == {"rejected/2026-03-01/halls.csv.txt"} | moved
    assert (loads.drop / "halls.csv").exists() is not same_disk
    assert loads.facts["files_rejected"] == 1


def test_a_link_put_in_the_place_of_a_file_that_is_moved_is_not_kept(loads, monkeypatch):
    secret = loads.archive / "secret"
    secret.write_text("x", "utf-8")
    path = loads.drop / "halls.csv"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    real = nightly.Archive.make

    def make(*arguments):
        path.unlink(missing_ok=True)
        path.symlink_to(secret)
        return real(*arguments)

    monkeypatch.setattr(nightly.Archive, "make", make)
    _, files = loads.run()
    assert list(files) == ["rejected/2026-03-01/halls.csv.txt"]
    assert secret.read_text("utf-8") == "x"


def test_an_entry_that_cannot_be_looked_at_is_left_alone(loads, monkeypatch):
    loads.put("halls.csv")
    loads.put("mounted.csv")
    real = nightly.os.stat

    def look(path, **options):
        if path == "mounted.csv":
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path, **options)

    monkeypatch.setattr(nightly.os, "stat", look)
    output, files = loads.run()
    assert "skipped: mounted.csv: 不能查看" in output and set(files) == {"loaded/2026-03-01/halls.csv"}


def test_a_full_disk_is_not_the_fault_of_a_file(loads, monkeypatch):
    loads.put("halls.csv")

    def take(*_arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(nightly, "take", take)
    with pytest.raises(OSError, match="No space"):
        loads.run()
    assert (loads.drop / "halls.csv").exists() and not list(loads.archive.glob(".night-*"))


@pytest.mark.parametrize(("given", "variable", "found"), [
    (None, None, "government_hall"), ("other", None, "other"), (None, "government_hall", "government_hall"),
    ("other", "other", "other"), (None, "other", None), ("other", "government_hall", None), ("a`b", None, None),
])
def test_one_setting_names_the_raw_schema(monkeypatch, given, variable, found):
    if variable:
        monkeypatch.setenv("HALL_SCORES_RAW_SCHEMA", variable)
    else:
        monkeypatch.delenv("HALL_SCORES_RAW_SCHEMA", raising=False)
    if found:
        assert raw_schema(given) == found
        return
    with pytest.raises(WarehouseError, match=r" / .*(raw_schema|letters)"):
        raw_schema(given)


def test_the_variable_of_an_earlier_release_ends_the_night_before_it_begins():
    output = run_script("nightly.py", HALL_SCORES_RAW_SCHEMA="elsewhere", code=2)
    assert "不再读取环境变量" in output and "set raw_schema in dbt_project.yml" in output


NOON = datetime(2026, 3, 8, 12).astimezone()  # a Sunday


@pytest.mark.parametrize(("days_ago", "weekday", "is_due"), [
    (None, "wed", True),
    (3, "sun", True),
    (3, "wed", False),
    (0.1, "sun", False),
    # A missed one is done on any day; a few minutes less than a week counts as a week.
    (7 - 5 / 1440, "wed", True),
    (6, "wed", False),
    # By a clock that was ahead
    (-365, "wed", True),
])
def test_a_reconcile_is_due_once_a_week(days_ago, weekday, is_due):
    last = None if days_ago is None else NOON - timedelta(days=days_ago)
    assert nightly.reconcile_is_due(last, NOON, nightly.WEEKDAYS.index(weekday)) is is_due


def test_comments_are_published_inside_when_asked_for(monkeypatch):
    seen = []
    monkeypatch.setattr(nightly, "closed_periods", lambda _target: {})
    monkeypatch.setattr(nightly, "publish", lambda folder, _1, _2, _3, *audience: seen.append((folder, *audience)))
    for comments in (False, True):
        options = argparse.Namespace(target=None, published="in", public="out", comments=comments, clerks=None)
        nightly.publish_all(options, datetime.now(), {})
    assert seen == [("in",), ("out", "--public"), ("in", "--comments"), ("out", "--public")]


def test_every_exit_code_is_explained_in_both_languages():
    text = (PROJECT_DIR / "docs" / "operations.md").read_text("utf-8")
    for code in nightly.Exit:
        assert len(re.findall(rf"^\| {code.value} \|( `{code.name.lower()}`)? \| \S", text, re.MULTILINE)) == 2, code


def test_a_wrong_command_line_is_refused():
    done = subprocess.run([sys.executable, PROJECT_DIR / "scripts" / "nightly.py", "--drop", "/not/there"],
                          capture_output=True, text=True)
    assert done.returncode == 2 and "--drop: /not/there 不是文件夹 / is no folder" in done.stderr
