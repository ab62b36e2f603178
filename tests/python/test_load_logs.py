"""From exports to typed raw tables: nothing doubled, nothing lost, every bad cell reported."""

import os
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import mysql.connector
import openpyxl
import pandas as pd
import pytest

import load_logs
import warehouse
from conftest import Project, run_script
from loading import merge
from loading.contract import read_contract
from raw_tables import cases, create, insert, ratings

pytestmark = pytest.mark.quick

HEADER = "service_date,process_time,is_completed,log_id,hall_id,window_id\n"


def load(project: Project, *arguments, code: int = 0) -> str:
    """Run the loader and return what it printed; code is the exit code expected."""
    return run_script("load_logs.py", "--raw-schema", project.raw_schema, *arguments, code=code)


def rows(project: Project, table: str = "service_log") -> pd.DataFrame:
    return project.query(f"select * from {{raw}}.{table}")


def has_table(project: Project) -> bool:
    """Return whether the database has any raw table."""
    return bool(project.query(
        "select 1 from information_schema.tables where table_schema = '{raw}' and table_name <> 'load_lock'").size)


@pytest.fixture(autouse=True)
def empty(project: Project):
    tables = project.query("select table_name as t from information_schema.tables where table_schema = '{raw}'")
    for name in tables.t:
        project.execute(f"drop table {project.raw_schema}.{name}")


def test_the_same_file_again_adds_nothing(project, tmp_path):
    path = tmp_path / "service_log_2026-03.csv"
    path.write_text(HEADER + "2026-03-10,7.5,1,A1,H1,W1\n2026-03-10,7.5,1,,H1,W1\n2026-03-10,7.5,1,,H1,W1\n", "utf-8")
    assert "read 3, new 3, replaced 0, same 0, left out 0, refused 0" in load(project, path)
    assert "read 3, new 0, replaced 0, same 3, left out 0, refused 0" in load(project, path)
    loaded = rows(project)
    # Equal rows without an id are two cases.
    assert len(loaded) == 3
    assert set(map(str, loaded.process_time)) == {"7.5000"}


def test_a_changed_record_replaces_the_old_one(project, tmp_path):
    path = tmp_path / "service_log.csv"
    path.write_text(HEADER + "2026-03-10,7.5,1,A1,H1,W1\n2026-03-10,3,1,A2,H1,W1\n2026-03-11,4,1,A1,H1,W1\n", "utf-8")
    load(project, path)
    path.write_text(HEADER + "2026-03-10,9,0,A1,H1,W1\n", "utf-8")
    assert "read 1, new 0, replaced 1, same 0" in load(project, path)
    found = rows(project).sort_values(["service_date", "log_id"])
    # A1 of the next day is another case.
    assert [(row.log_id, float(row.process_time)) for row in found.itertuples()] == [("A1", 9), ("A2", 3), ("A1", 4)]


def test_a_correction_of_a_fraction_arrives(project, tmp_path):
    path = tmp_path / "service_log.csv"
    path.write_text(HEADER + "2026-03-10,7.25,1,A1,H1,W1\n2026-03-10,7.25,1,,H1,W1\n", "utf-8")
    load(project, path)
    path.write_text(HEADER + "2026-03-10,7.40,1,A1,H1,W1\n2026-03-10,7.40,1,,H1,W1\n", "utf-8")
    assert "read 2, new 1, replaced 1, same 0" in load(project, path)
    # The record with an id is replaced; a row without one is another case.
    assert sorted(map(str, rows(project).process_time)) == ["7.2500", "7.4000", "7.4000"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_chinese_headers_in_utf8_and_gbk(project, tmp_path, encoding):
    path = tmp_path / "service_log.csv"
    path.write_text("日期,办理时长,是否一次办结,窗口号\n2026年3月10日,12.5,是,窗口1\n2026/3/9,8,否,窗口2\n", encoding)
    load(project, path)
    found = rows(project).sort_values("service_date")
    assert [str(day) for day in found.service_date] == ["2026-03-09", "2026-03-10"]
    assert found.is_completed.tolist() == [0, 1]
    assert found.window_id.tolist() == ["窗口2", "窗口1"]


def test_a_workbook_with_real_dates_and_numbers(project, tmp_path):
    path = tmp_path / "feedback.xlsx"
    frame = pd.DataFrame({"date": [pd.Timestamp("2026-03-10")], "rating": [5], "comment": ["很好"], "hall_id": ["H1"]})
    frame.to_excel(path, index=False)
    load(project, path)
    found = rows(project, "feedback").iloc[0]
    assert (str(found.date), found.rating, found.comment) == ("2026-03-10", "5", "很好")


def test_special_characters_survive(project, tmp_path):
    comment = 'tab\there, "quoted", back\\slash\nsecond line, 😀, \\N'
    path = tmp_path / "feedback.csv"
    pd.DataFrame({"date": ["2026-03-10"], "rating": ["5"], "comment": [comment]}).to_csv(path, index=False)
    load(project, path)
    assert rows(project, "feedback").comment[0] == comment


def test_unreadable_cells_are_named_and_nothing_is_loaded(project, tmp_path):
    path = tmp_path / "service_log.csv"
    path.write_text(
        HEADER + '2026-03-10,7,1,A1,H1,"W\n1"\n2026-02-30,7,1,A2,H1,W1\n2026-03-10,ten,1,A3,H1,W1\n', "utf-8"
    )
    output = load(project, path, code=1)
    # The quoted line break makes the second record start on line 4 of the file.
    assert f'{path}:2: window_id: "W�1"' in output
    assert f'{path}:4: service_date: "2026-02-30"' in output
    assert f'{path}:5: process_time: "ten"' in output
    assert "nothing was loaded" in output
    assert not has_table(project)


def test_skip_bad_rows_loads_the_rest_and_keeps_the_bad(project, tmp_path):
    path = tmp_path / "service_log.csv"
    path.write_text(HEADER + "2026-03-10,7,1,A1,H1,W1\n2026-03-10,ten,1,A2,H1,W1\n", "utf-8")
    load(project, path, "--skip-bad-rows")
    assert rows(project).log_id.tolist() == ["A1"]
    bad = pd.read_csv(tmp_path / "service_log.rejected.csv", dtype=str)
    assert bad.log_id.tolist() == ["A2"]
    assert bad.line.tolist() == ["3"]
    assert "process_time" in bad.reason[0]
    # The folder can be loaded again: the file of bad rows is not treated as an export.
    output = load(project, tmp_path, "--skip-bad-rows")
    assert "read 2, new 0, replaced 0, same 1, left out 0, refused 1" in output
    assert f"skipped: {tmp_path / 'service_log.rejected.csv'}:" in output
    assert (tmp_path / "service_log.rejected-2.csv").exists()


def test_unknown_and_missing_columns(project, tmp_path):
    path = tmp_path / "service_log.csv"
    path.write_text("service_date,process_time,mood\n2026-03-10,7,1\n", "utf-8")
    output = load(project, path, code=1)
    lines = [line for line in output.splitlines() if line.startswith(f"error: {path}:1: ")]
    assert "mood: " in lines[0] and "unknown column" in lines[0]
    assert "is_completed: " in lines[1] and "the column is missing" in lines[1]


def test_implausible_values_are_loaded_for_staging_to_judge(project, tmp_path):
    path = tmp_path / "service_log.csv"
    path.write_text(HEADER + "2026-03-10,-5,7,A1,H1,W1\n2099-01-01,9999,1,A2,H1,W1\n", "utf-8")
    load(project, path)
    assert len(rows(project)) == 2


def test_mistakes_give_one_line(project, tmp_path):
    (tmp_path / "notes.csv").write_text("a\n1\n", "utf-8")
    (tmp_path / "feedback.xlsx").write_bytes(b"not a workbook")
    (tmp_path / "service_log.csv").write_bytes(b"")
    assert "no such file" in load(project, tmp_path / "absent.csv", code=1)
    assert "named after no raw table" in load(project, tmp_path / "notes.csv", code=1)
    assert "no header of feedback" in load(project, tmp_path / "feedback.xlsx", code=1)
    for name in ("feedback.xlsx", "service_log.csv"):
        lines = [line for line in load(project, tmp_path / name, code=1).splitlines() if line.startswith("error")]
        assert len(lines) == 1


def test_templates_have_the_expected_headers(project, tmp_path):
    load(project, "--template", tmp_path)
    sheet = openpyxl.load_workbook(tmp_path / "service_log.xlsx").active
    headers = {cell.value: cell.font.bold for cell in sheet[1]}
    assert [name for name, bold in headers.items() if bold] == ["service_date", "process_time", "is_completed"]
    assert {path.stem for path in tmp_path.glob("*.xlsx")} == set(read_contract())
    sheet.append(["2026-03-10", 7, 1])
    sheet.parent.save(tmp_path / "service_log.xlsx")
    load(project, tmp_path / "service_log.xlsx")
    assert len(rows(project)) == 1


def test_batched_inserts_where_the_server_takes_no_files(project, tmp_path):
    path = tmp_path / "service_log.csv"
    path.write_text(HEADER + "2026-03-10,7.5,1,A1,H1,\n2026-03-10,7.5,0,A2,H1,W\\1\n", "utf-8")
    project.execute("set global local_infile = 0")
    try:
        load(project, path)
    finally:
        project.execute("set global local_infile = 1")
    found = rows(project).sort_values("log_id")
    assert found.window_id.tolist() == [None, "W\\1"]
    assert found.is_completed.tolist() == [1, 0]


# A reader that prints and writes what a test gives it.
FORGED = """
import json, pathlib, sys
folder = pathlib.Path(sys.argv[1]).parent
names = ["service_date", "process_time", "is_completed", "log_id", "window_id"]
(folder / "rows0-0.tsv").write_text({line!r}, "utf-8")
print("table 0 service_log", ",".join(names), flush=True)
print("part 0 1 rows0-0.tsv", flush=True)
(folder / "report.json").write_text(json.dumps({{"skipped": [], "failure": None, "tables": [{{
    "table": "service_log", "sheet": "", "problems": [], "notes": [], "columns": names, "read": 1, "left_out": 0,
    "refused": 0, "rejected": None}}]}}))
"""


@pytest.mark.parametrize("by_file", [True, False])
@pytest.mark.parametrize(("line", "column"), [
    (["2026-03-10", "7.5", "1", "A1", "W" * 65], "window_id"),
    (["2026-02-30", "7.5", "1", "A1", "W1"], "service_date"),
    (["2026-03-10", "7.5", "1000", "A1", "W1"], "is_completed"),
    (["2026-03-10", "ten", "1", "A1", "W1"], "process_time"),
    (["2026-03-10", "123456789012", "1", "A1", "W1"], "process_time"),
    (["2026-03-10", "7.123456", "1", "A1", "W1"], None),  # is rounded, as the table always did
])
def test_the_server_changes_no_value(project, tmp_path, monkeypatch, capsys, line, column, by_file):
    child = tmp_path / "child.py"
    child.write_text(FORGED.format(line="\t".join(line) + "\n"), "utf-8")
    monkeypatch.setattr(load_logs, "CHILD", child)
    path = tmp_path / "service_log.csv"
    path.write_text("x\n", "utf-8")
    if not by_file:
        project.execute("set global local_infile = 0")
    try:
        code = load_logs.main(["--raw-schema", project.raw_schema, str(path)])
    finally:
        project.execute("set global local_infile = 1")
    errors = capsys.readouterr().err
    if column is None:
        assert code == 0 and str(rows(project).process_time[0]) == "7.1235"
        return
    assert code == 1 and errors.startswith(f"error: {path}: ") and column in errors and " / " in errors
    assert len(errors.splitlines()) == 1 and not has_table(project)


@pytest.mark.once
def test_a_reader_that_reports_nothing_is_not_believed(project, tmp_path, monkeypatch, capsys):
    child = tmp_path / "child.py"
    child.write_text("import pathlib, sys\n(pathlib.Path(sys.argv[1]).parent / 'report.json').write_text("
                     "'{\"skipped\": [], \"failure\": null, \"tables\": []}')\n", "utf-8")
    monkeypatch.setattr(load_logs, "CHILD", child)
    (path := tmp_path / "service_log.csv").write_text("x\n", "utf-8")
    assert load_logs.main(["--raw-schema", project.raw_schema, str(path)]) == 1
    assert "what the reader says cannot be" in capsys.readouterr().err


def put_narrow(project: Project) -> None:
    """Create a raw table with a case and ids of only two letters."""
    create(project, "service_log")
    project.execute(f"alter table {project.raw_schema}.service_log modify log_id varchar(2)")
    insert(project, "service_log", cases(1, "2026-03-10", "H1", 7.5, log_id="A1"))


def test_a_value_that_the_server_refuses_rejects_its_file_alone(project, tmp_path):
    put_narrow(project)
    for name, line in (("service_log_1", "2026-03-10,8,1,A1,H1,W1\n2026-03-10,8,1,A1-long,H1,W1"),
                       ("service_log_2", "2026-03-11,9,1,A2,H1,W1")):
        (tmp_path / f"{name}.csv").write_text(f"{HEADER}{line}\n", "utf-8")
    output = load(project, tmp_path, code=1)
    errors = [line for line in output.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1 and errors[0].startswith(f"error: {tmp_path}/service_log_1.csv: ")
    assert "log_id" in errors[0] and "service_log_1.csv: 没有装载：读入 2" in output
    assert "service_log_2.csv" in output and "new 1" in output
    # The row that the first file would have replaced still exists.
    found = rows(project).sort_values("log_id")
    assert [(row.log_id, float(row.process_time)) for row in found.itertuples()] == [("A1", 7.5), ("A2", 9)]


@pytest.mark.parametrize("is_there", [True, False])
def test_the_tables_of_a_workbook_are_loaded_all_or_none(project, tmp_path, is_there):
    put_narrow(project)
    if is_there:
        create(project, "feedback")
        insert(project, "feedback", ratings([1], "2026-03-10", "H1", feedback_id="F1"))
    path = tmp_path / "service_log.xlsx"
    with pd.ExcelWriter(path) as book:
        pd.DataFrame({"date": ["2026-03-10"], "rating": [5], "hall_id": ["H1"], "feedback_id": ["F1"]}).to_excel(
            book, sheet_name="feedback", index=False)
        pd.DataFrame([["2026-03-11", 9, 1, "A2-long", "H1"]], columns=HEADER.split(",")[:5]).to_excel(
            book, sheet_name="service_log", index=False)
    output = load(project, path, code=1)
    assert "log_id" in output and "new" not in output.replace("nothing", "")
    assert len(rows(project)) == 1
    tables = project.query("select table_name as t from information_schema.tables where table_schema = '{raw}'").t
    assert set(tables) == {"service_log", "load_lock"} | ({"feedback"} if is_there else set())
    if is_there:
        assert rows(project, "feedback").rating.tolist() == ["1"]
    project.execute(f"alter table {project.raw_schema}.service_log modify log_id varchar(64)")
    output = load(project, path)
    assert f"{project.raw_schema}.feedback" in output and rows(project, "feedback").rating.tolist() == ["5"]
    assert len(rows(project)) == 2


def test_whole_days_are_those_of_a_hall_in_the_file(project, tmp_path):
    create(project, "service_log")
    insert(project, "service_log", [
        case for hall, day in (("A", 1), ("A", 2), ("A", 3), ("B", 1), ("B", 2), ("B", 3), ("C", 1), (None, 2))
        for case in cases(2, f"2026-03-0{day}", hall, 7.5)
    ])
    path = tmp_path / "service_log.csv"
    lines = ("2026-03-01,7.5,1,,A,", "2026-03-02,7.5,1,,A,", "2026-03-01,7.5,1,,B,", "2026-03-01,1,1,,,")
    path.write_text(HEADER + "\n".join(lines), "utf-8")
    output = load(project, path, "--whole-days")
    assert "new 1, replaced 0, same 3, left out 0, refused 0, removed 3" in output
    kept = "提示 文件里没有、因而保留的大厅日 2 个，共 4 行：2026-03-02 -, 2026-03-02 B / 2 days of halls"
    assert kept in output
    found = rows(project).groupby(["service_date", "hall_id"], dropna=False).size()
    assert {f"{day:%d} {hall}": count for (day, hall), count in found.items()} == {
        "01 A": 1, "02 A": 1, "03 A": 2, "01 B": 1, "02 B": 2, "03 B": 2, "01 C": 2, "01 nan": 1, "02 nan": 2}
    path.write_text(HEADER + "2026-03-02,7.5,1,,B,\n", "utf-8")
    output = load(project, path, "--whole-days")
    assert "removed 1" in output and "提示" not in output


def test_two_loads_of_one_database_are_one_after_the_other(project, tmp_path, monkeypatch, capsys):
    path = tmp_path / "service_log.csv"
    path.write_text(HEADER + "2026-03-10,7.5,1,,H1,W1\n", "utf-8")
    seen = []
    real = load_logs.read

    def read(*arguments):
        if not seen:  # while the first one reads
            seen.append(0)
            seen[0] = load_logs.main(["--raw-schema", project.raw_schema, str(path)])
        return real(*arguments)

    monkeypatch.setattr(load_logs, "read", read)
    monkeypatch.setattr(load_logs, "LOCK_SECONDS", 1)
    assert load_logs.main(["--raw-schema", project.raw_schema, str(path)]) == 0
    said = capsys.readouterr()
    assert seen == [4]
    assert "another load" in said.err and len(said.err.splitlines()) == 1
    assert len(rows(project)) == 1
    # The lock ends with its session, in any case.
    assert load_logs.main(["--raw-schema", project.raw_schema, str(path)]) == 0


def test_a_second_load_waits_for_the_first(project, tmp_path, monkeypatch, capsys):
    path = tmp_path / "service_log.csv"
    path.write_text(HEADER + "2026-03-10,7.5,1,,H1,W1\n", "utf-8")
    second = threading.Thread(target=load, args=(project, path))
    real = load_logs.read

    def read(*arguments):
        report = real(*arguments)
        second.start()
        time.sleep(3)
        return report

    monkeypatch.setattr(load_logs, "read", read)
    assert load_logs.main(["--raw-schema", project.raw_schema, str(path)]) == 0
    second.join()
    assert "new 1, replaced 0, same 0" in capsys.readouterr().out
    assert len(rows(project)) == 1


def test_what_a_killed_load_left_is_gone_after_the_next(project, tmp_path):
    path = tmp_path / "service_log.csv"
    path.write_text(HEADER + "2026-03-10,7.5,1,A1,H1,W1\n", "utf-8")
    for ending in ("loading", "source", "replaced", "gone"):
        project.execute(f"create table {project.raw_schema}.service_log__{ending} (log_id varchar(9))")
    assert "new 1" in load(project, path)
    found = project.query("select table_name as t from information_schema.tables where table_schema = '{raw}'")
    assert {name for name in found.t if name.startswith("service_log")} == {"service_log"}


def start_check(path: Path, folder: Path) -> subprocess.Popen:
    """Start to check a long file with a temporary folder; return when the folder is not empty."""
    path.write_text(HEADER + "2026-03-10,7.5,1,A1,H1,W1\n" * 500_000, "utf-8")
    process = subprocess.Popen([sys.executable, load_logs.PROJECT_DIR / "scripts" / "load_logs.py", "--check", path],
                               env=os.environ | {"TMPDIR": str(folder)}, stdout=subprocess.PIPE, text=True)
    while not list(folder.glob("*/*/in/*.csv")):
        assert process.poll() is None
        time.sleep(0.01)
    return process


@pytest.mark.once
@pytest.mark.parametrize("is_killed", [True, False])
def test_what_a_killed_load_left_on_the_disk_is_gone_after_the_next(tmp_path, is_killed):
    (temporary := tmp_path / "temporary").mkdir()
    path = tmp_path / "service_log_small.csv"
    path.write_text(HEADER + "2026-03-10,7.5,1,A1,H1,W1\n", "utf-8")
    process = start_check(tmp_path / "service_log.csv", temporary)
    if is_killed:
        process.kill()
        process.wait()
    before = set(temporary.iterdir())
    assert len(before) == 1
    subprocess.run([sys.executable, load_logs.PROJECT_DIR / "scripts" / "load_logs.py", "--check", path],
                   env=os.environ | {"TMPDIR": str(temporary)}, check=True, capture_output=True)
    assert set(temporary.iterdir()) == (set() if is_killed else before)
    output, _ = process.communicate()
    if not is_killed:
        assert process.returncode == 0 and "read 500000, good 500000" in output
        assert not list(temporary.iterdir())


@pytest.mark.once
@pytest.mark.parametrize(("mode", "name", "word"), [
    (0o700, "service_log.csv", "good 1"),
    (0o750, "service_log.csv", "others may enter its folder"),
    (0o700, "service_log_link.csv", "a symbolic link"),
    (0o700, "service_log_$.csv", "a name is made of letters"),
])
def test_a_file_in_a_folder_of_ones_own_is_read_where_it_lies(tmp_path, monkeypatch, capsys, mode, name, word):
    (folder := tmp_path / "folder").mkdir(mode=mode)
    folder.chmod(mode)
    (tmp_path / "real.csv").write_text(HEADER + "2026-03-10,7.5,1,A1,H1,W1\n", "utf-8")
    if "link" in name:
        (folder / name).symlink_to(tmp_path / "real.csv")
    else:
        (tmp_path / "real.csv").rename(folder / name)
    monkeypatch.setattr(load_logs, "copy_in", None)
    assert load_logs.main(["--check", "--in-place", str(folder / name)]) == (word != "good 1")
    said = capsys.readouterr()
    assert word in said.out + said.err and (folder / name).exists()


def test_an_insert_is_no_longer_than_the_server_takes(project, tmp_path):
    limit = int(project.query("select @@max_allowed_packet as n").n[0])
    part = tmp_path / "rows0-0.tsv"
    with part.open("w", encoding="utf-8") as file:
        for n in range(10_000):
            file.write(f"2026-03-10\t5\t{n:05}{'x' * (limit // 10_000)}\n")
    connection = warehouse.connect()
    target = merge.Target(connection.cursor(), project.raw_schema, "feedback", read_contract()["feedback"])
    target.begin(["date", "rating", "comment"])
    target.add(part, ["date", "rating", "comment"], False)
    target.complete(10_000)
    target.drop()
    connection.close()


def test_refused_rows_are_kept_before_the_others_are_loaded(project, tmp_path, monkeypatch, capsys):
    path = tmp_path / "service_log.csv"
    path.write_text(HEADER + "2026-03-10,7.5,1,A1,H1,W1\n2026-03-10,ten,1,A2,H1,W1\n", "utf-8")
    command = ["--raw-schema", project.raw_schema, "--skip-bad-rows", str(path)]

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(load_logs.shutil, "copyfileobj", full)
        assert load_logs.main(command) == 4
    assert "No space left" in capsys.readouterr().err
    assert not has_table(project)
    assert not list(tmp_path.glob("*.rejected*"))

    def fail(*_):
        raise mysql.connector.OperationalError("server has gone away")

    with monkeypatch.context() as patched:
        patched.setattr(load_logs, "merge_all", fail)
        assert load_logs.main(command) == 4
    assert not list(tmp_path.glob("*.rejected*"))
    assert load_logs.main(command) == 0
    assert (tmp_path / "service_log.rejected.csv").read_text("utf-8-sig").count("A2") == 1


def test_a_server_gets_no_file_from_who_does_not_load(project: Project, tmp_path):
    path = tmp_path / "secret.tsv"
    path.write_text("secret\n", "utf-8")
    project.execute(f"create table {project.raw_schema}.wanted (text varchar(20))")
    with closing(warehouse.connect(autocommit=True)) as connection, pytest.raises(mysql.connector.Error):
        connection.cursor().execute(f"load data local infile '{path}' into table {project.raw_schema}.wanted")
    assert project.query("select count(*) as n from {raw}.wanted").n[0] == 0
