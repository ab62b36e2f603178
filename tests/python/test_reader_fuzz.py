"""For any file, the reader ends with rows that add up, or with one line: never a traceback, never half a row."""

import csv
import ctypes
import os
import random
import re
import subprocess
import sys
import time
import zipfile
from contextlib import suppress
from datetime import timedelta, timezone
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import load_logs
import warehouse
from conftest import PROJECT_DIR, Project, run_script
from loading import behind, books, check, child, passwords
from loading.contract import read_contract

pytestmark = pytest.mark.once
REAL = PROJECT_DIR.parent / "shared" / "real" / "city"
CANONICAL = {
    "date": r"\d{4}-\d\d-\d\d", "datetime": r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?",
    "decimal": r"[+-]?\d{1,8}(\.\d+)?", "tinyint": r"[+-]?\d{1,2}", "varchar": r".*", "text": r".*",
}
CONTRACT = read_contract()


def read(path: Path, folder: Path) -> dict:
    """Read a file as the child does, and check the output."""
    parts: dict[int, list[str]] = {}
    seen: set[str] = set()

    def say(kind, number, *words):
        if kind == "part":
            # The loader removes a loaded part, perhaps while the next pass writes.
            assert words[1] not in seen
            seen.add(words[1])
            parts.setdefault(number, []).append(words[1])
        if kind == "again":
            parts[number] = []

    report = child.read_file(path, folder, timezone(timedelta(hours=8)), say, keeps_refused=True)
    for number, found in enumerate(report["tables"]):
        types = {column.name: column.data_type.split("(")[0] for column in CONTRACT[found["table"]]}
        good = 0
        for part in parts.get(number, []):
            for line in (folder / part).read_text("utf-8").split("\n")[:-1]:
                cells = line.split("\t")
                assert len(cells) == len(found["columns"])
                for name, cell in zip(found["columns"], cells, strict=True):
                    assert cell == "\\N" or re.fullmatch(CANONICAL[types[name]], cell, re.ASCII), (name, cell)
                good += 1
        if not report["failure"]:
            assert found["read"] == good + found["left_out"] + found["refused"]
            assert bool(found["problems"]) == bool(found["refused"] or not found["columns"])
        if found["rejected"]:
            with (folder / found["rejected"]).open(encoding="utf-8-sig", newline="") as file:
                assert len(list(csv.reader(file))) == found["refused"] + 1
    if report["failure"]:
        assert " / " in report["failure"][2] and "\n" not in report["failure"][2]
    return report


@pytest.fixture(scope="module")
def logs(tmp_path_factory) -> list[Path]:
    """Return logs to damage: real ones if available, else the sample."""
    if REAL.exists():
        return sorted(REAL.glob("*.csv"))
    folder = tmp_path_factory.mktemp("sample")
    run_script("sample_logs.py", "--out", folder, "--until", "2026-09-30", "--days", "30")
    return sorted(folder.glob("*.csv"))


def spoiled(content: bytes, chance: random.Random) -> bytes:
    """Return a file with some typical damage."""
    lines = content.split(b"\n")
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(lines))
        line = lines[place]
        at = chance.randrange(len(line) + 1)
        harm = chance.randrange(12)
        if harm < 5:
            extra = chance.choice([b'"', b",", b"\r", b"\x00", b"\xff", b"\t", b";", b"\\", b"\xe5\xa4", b'",', b"\n"])
            lines[place] = line[:at] + extra + line[at:]
        elif harm == 5:
            lines[place] = line[:at]
        elif harm == 6:
            lines[place:place] = [line, b"", b"," * line.count(b",")]
        elif harm == 7:
            del lines[chance.randrange(len(lines)):]
            lines = lines or [b""]
        elif harm == 8:
            lines[place] = bytes(chance.randrange(256) for _ in range(40))
        elif harm == 9:
            cells = line.split(b",")
            chance.shuffle(cells)
            lines[place] = b",".join(cells)
        elif harm == 10:
            lines.insert(0, chance.choice([b"\xef\xbb\xbf", b"\xff\xfe", "标题".encode(), b"PK\x03\x04"]))
        else:
            lines[place] = line.replace(b"-", b"/").replace(b",", b";")
    return b"\n".join(lines)


def test_spoiled_logs(logs, tmp_path):
    chance = random.Random(18)
    refused = loaded = 0
    for number in range(200):
        path = chance.choice(logs)
        content = path.read_bytes().split(b"\n")
        begin = chance.randrange(1, len(content))
        short = b"\n".join([content[0], *content[begin:begin + chance.choice([3, 40, 400])]])
        folder = tmp_path / str(number)
        folder.mkdir()
        copy = folder / path.name
        copy.write_bytes(spoiled(short, chance))
        report = read(copy, folder)
        is_good = not report["failure"] and all(not found["problems"] for found in report["tables"])
        refused, loaded = refused + (not is_good), loaded + is_good
    assert refused > 50 and loaded > 20


def test_the_quick_way_reads_as_the_slow_one(logs, tmp_path, monkeypatch):
    texts = []
    for way in ("quick", "slow"):
        if way == "slow":
            monkeypatch.setattr(check.Reading, "quick_pattern", lambda reading: None)
        for path in logs:
            folder = tmp_path / way / path.stem
            folder.mkdir(parents=True)
            report = read(path, folder)
            assert report["tables"][0]["read"] > 0
            parts = sorted(folder.glob("*.tsv"), key=lambda part: int(part.stem.split("-")[1]))
            texts.append((way, path.name, b"".join(part.read_bytes() for part in parts)))
    half = len(texts) // 2
    assert [text[1:] for text in texts[:half]] == [text[1:] for text in texts[half:]]


def test_spoiled_workbooks(logs, tmp_path):
    frame = pd.read_csv(logs[0], dtype=str, nrows=50)
    book = tmp_path / f"{logs[0].stem}.xlsx"
    frame.to_excel(book, index=False)
    content, chance = book.read_bytes(), random.Random(7)
    (tmp_path / "whole").mkdir()
    assert read(book, tmp_path / "whole")["tables"][0]["read"] == 50
    for number in range(60):
        folder = tmp_path / str(number)
        folder.mkdir()
        harmed = bytearray(content)
        for _ in range(chance.randint(1, 20)):
            harmed[chance.randrange(len(harmed))] = chance.randrange(256)
        copy = folder / book.name
        copy.write_bytes(bytes(harmed[: len(harmed) if number % 3 else chance.randrange(len(harmed))]))
        read(copy, folder)


CELL = st.one_of(
    st.text(max_size=12), st.sampled_from([
        "2026-03-31", "2026/3/31 9:30", "3/31/2026", "3/4/2026", "46112", "1", "是", "12.5", "00:12:30", "1.2E+11",
        "合计", "EMPTY", '"', 'a"b', "a,b", "a\nb", "\\N", "\\", "\t", "\r", "\x00", "=1+1", " ", "９", "1e5",
    ]),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(CELL, min_size=5, max_size=7), max_size=8), quoted=st.booleans(),
       encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]), end=st.sampled_from(["\n", "\r\n"]))
def test_any_cells(tmp_path_factory, rows, quoted, encoding, end):
    folder = tmp_path_factory.mktemp("cells")
    path = folder / "service_log.csv"
    header = ["service_date", "process_time", "is_completed", "log_id", "start_time", "window_id"]
    with path.open("w", encoding=encoding, errors="replace", newline="") as file:
        if quoted:
            csv.writer(file, lineterminator=end).writerows([header, *rows])
        else:
            file.write(end.join(",".join(row) for row in [header, *rows]))
    report = read(path, folder)
    if quoted and not report["failure"]:
        assert report["tables"][0]["read"] >= len(rows)


def test_no_part_has_the_name_of_one_of_the_pass_before(tmp_path):
    path = tmp_path / "service_log.csv"
    days = [f"3/{13 + n % 18}/2026" for n in range(60_000)] + [f"4/{1 + n % 28}/2026" for n in range(10_000)]
    path.write_text("service_date,process_time,is_completed\n" + "".join(f"{day},5,1\n" for day in days), "utf-8")
    assert read(path, tmp_path)["tables"][0]["read"] == len(days)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sheets=st.lists(st.lists(st.sampled_from([
    "2026-01-05", "3/31/2026", "3/4/2026", "31/3/2026", "", "x", "合计"]), max_size=6), min_size=1, max_size=4))
def test_sheets_of_one_table_add_up_in_the_warehouse(project: Project, tmp_path_factory, capsys, sheets):
    path = tmp_path_factory.mktemp("sheets") / "service_log.xlsx"
    made = openpyxl.Workbook()
    made.remove(made.active)
    for number, days in enumerate(sheets):
        sheet = made.create_sheet(f"办件{number}")
        sheet.append(["service_date", "process_time", "is_completed", "log_id"])
        for n, day in enumerate(days):
            sheet.append([day, 5 if day else None, 1 if day else None, f"{number}-{n}" if day else None])
    made.save(path)
    project.execute(f"drop table if exists {project.raw_schema}.service_log")
    code = load_logs.main(["--raw-schema", project.raw_schema, "--skip-bad-rows", str(path)])
    said = capsys.readouterr()
    assert code == 0, said.err
    found = list(map(int, re.search(
        r"read (\d+), new (\d+), replaced (\d+), same (\d+), left out (\d+), refused (\d+)", said.out).groups()))
    assert found[0] == sum(found[1:])
    assert project.query("select count(*) as n from {raw}.service_log").n[0] == found[1]


def test_a_child_that_dies_or_hangs_refuses_the_file(tmp_path, monkeypatch, capsys):
    path = tmp_path / "halls.csv"
    path.write_text("hall_id\nH1\n", "utf-8")
    killer, sleeper = tmp_path / "killer.py", tmp_path / "sleeper.py"
    killer.write_text("import os; os.kill(os.getpid(), 9)", "utf-8")
    sleeper.write_text("import time; time.sleep(60)", "utf-8")
    monkeypatch.setattr(load_logs, "CHILD_SECONDS", 1)
    for program in (killer, sleeper):
        monkeypatch.setattr(load_logs, "CHILD", program)
        assert load_logs.main(["--check", str(path)]) == 1
        assert capsys.readouterr().err.startswith(f"error: {path}: 读取时出错")


GOOD = {"table": "halls", "sheet": "", "problems": [], "notes": [], "columns": ["hall_id"], "read": 1, "left_out": 0,
        "refused": 0, "rejected": None}


@pytest.mark.parametrize(("said", "found"), [
    (["table 0 halls hall_id", "part 0 1 ../secret"], {}),
    (["table 0 halls hall_id", "part 0 1 link.tsv"], {}),
    (["table 0 halls hall_id", "part 0 1 rows0-9.tsv"], {}),  # a link
    (["table 0 halls hall_id", "part 1 1 rows0-0.tsv"], {}),
    (["table 0 halls hall_id)set(hall_name)=1--", "part 0 1 rows0-0.tsv"], {}),
    (["table 0 halls` hall_id"], {}),
    (["table 0 halls hall_id,hall_id"], {}),
    (["table 0 halls hall_id", "part 0 1 rows0-7.tsv"], {}),  # does not exist
    (["table 0 halls hall_id", "part 0 1 rows0-0.tsv"], {"columns": ["hall_name"]}),
    (["again 7"], {}),
    (["progress many"], {}),
    (["progress " + "9" * 100_000], {}),
    (["what is this"], {}),
    (["\udcff"], {}),
    (["table 0 halls hall_id", "part 0 1 rows0-0.tsv"], {"table": "windows"}),
    (["table 0 halls hall_id", "part 0 1 rows0-0.tsv"], {"read": "1"}),
    (["table 0 halls hall_id", "part 0 1 rows0-0.tsv"], {"read": 2}),
    (["table 0 halls hall_id", "part 0 1 rows0-0.tsv"], {"rejected": "../../secret", "read": 2, "refused": 1}),
    (["table 0 halls hall_id", "part 0 1 rows0-0.tsv"], {"problems": [1]}),
])
def test_what_the_child_says_is_not_believed(project: Project, tmp_path, monkeypatch, capfd, said, found):
    project.execute(f"drop table if exists {project.raw_schema}.halls")
    secret = tmp_path / "secret"
    secret.write_text("password\n", "utf-8")
    liar = tmp_path / "liar.py"
    report = {"tables": [GOOD | found], "skipped": [], "failure": None}
    liar.write_text(
        "import json, os, pathlib, sys\n"
        "folder = pathlib.Path(sys.argv[1]).parent\n"
        "(folder / 'rows0-0.tsv').write_text('H1\\n')\n"
        f"for name in ('link.tsv', 'rows0-9.tsv'): (folder / name).symlink_to({str(secret)!r})\n"
        f"(folder / 'report.json').write_text(json.dumps({report!r}))\n"
        f"sys.stdout.buffer.write({chr(10).join([*said, '']).encode('utf-8', 'surrogateescape')!r})\n", "utf-8")
    monkeypatch.setattr(load_logs, "CHILD", liar)
    path = tmp_path / "halls.csv"
    path.write_text("hall_id\nH1\n", "utf-8")
    code = load_logs.main(["--raw-schema", project.raw_schema, "--skip-bad-rows", str(path)])
    errors = capfd.readouterr().err.splitlines()
    assert code == 1 and len(errors) == 1 and errors[0].startswith(f"error: {path}: ")
    assert not project.query("select 1 from information_schema.tables where table_schema = '{raw}'"
                             " and table_name like 'halls%'").size
    assert secret.exists()
    assert not list(tmp_path.glob("*.rejected*"))


@pytest.mark.parametrize("does", [
    "(folder / 'report.json').write_text('[' * 100_000)",
    "folder.rename(folder.with_name('moved')); folder.symlink_to(folder.with_name('moved'))",
])
def test_a_child_that_has_been_taken_over_is_one_file_s_fault(tmp_path, monkeypatch, capfd, does):
    rogue = tmp_path / "rogue.py"
    rogue.write_text(f"import pathlib, sys\nfolder = pathlib.Path(sys.argv[1]).parent\n{does}\n", "utf-8")
    monkeypatch.setattr(load_logs, "CHILD", rogue)
    path = tmp_path / "halls.csv"
    path.write_text("hall_id\nH1\n", "utf-8")
    assert load_logs.main(["--check", str(path)]) == 1
    errors = capfd.readouterr().err.splitlines()
    assert len(errors) == 1 and errors[0].startswith(f"error: {path}: ")


def as_nobody(act) -> bool:
    """Return the result of act in a process that is not root."""
    process = os.fork()
    if process == 0:
        try:
            if os.geteuid() == 0:
                os.setgid(65_534)
                os.setuid(65_534)
            os._exit(0 if act() else 1)
        finally:
            os._exit(2)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 0


def test_the_child_starts_no_process_and_fills_no_disk():
    def is_bound() -> bool:
        child.bound(path)
        with pytest.raises(OSError, match="large"):
            os.ftruncate(made, 1 << 40)
        try:
            if os.fork() == 0:
                os._exit(0)
        except BlockingIOError:
            return True
        return False

    made = os.memfd_create("made")
    path = Path("/proc/self/stat")
    assert as_nobody(is_bound)


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="Linux only")
def test_nobody_reads_the_memory_in_which_the_password_is():
    def is_closed() -> bool:
        ctypes.CDLL(None).prctl(4, 1)  # PR_SET_DUMPABLE, which the change of user has reset
        descriptor = os.memfd_create("passwords")
        os.write(descriptor, b'{"A_PASSWORD": "hunter2"}')
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.environ[passwords.HANDED_OVER] = str(descriptor)
        passwords.hide_passwords()
        parent = os.getpid()
        reader = os.fork()
        if reader == 0:
            ctypes.CDLL(None).prctl(4, 1)
            try:
                os.open(f"/proc/{parent}/mem", os.O_RDONLY)
            except PermissionError:
                os._exit(0)
            os._exit(1)
        return os.environ["A_PASSWORD"] == "hunter2" and os.waitpid(reader, 0)[1] == 0

    assert as_nobody(is_closed)


def workbook_of(path: Path, rows: str, shared: str = "", styles: str = "") -> None:
    """Write an xlsx file with one sheet of these rows."""
    parts = books.OWN_PARTS | {
        "xl/workbook.xml": f'<workbook xmlns="{books.MAIN}" xmlns:r="{books.LINK}"><sheets>'
                           '<sheet name="feedback" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{books.MAIN}"><sheetData>{rows}</sheetData></worksheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{books.MAIN}">{shared}</sst>',
        "xl/styles.xml": f'<styleSheet xmlns="{books.MAIN}">{styles}</styleSheet>',
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def texts_in_cells(*texts: str) -> str:
    return "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in texts)


@pytest.mark.parametrize("rating", ["5", "bad"])
def test_a_text_that_stands_in_many_rows_does_not_fill_the_disk(project, tmp_path, monkeypatch, capfd, rating):
    monkeypatch.setattr(load_logs, "MOST_WRITTEN", 20 << 20, raising=False)
    project.execute(f"drop table if exists {project.raw_schema}.feedback")
    path = tmp_path / "feedback.xlsx"
    good = f"<row>{texts_in_cells('2026-09-24', '5')}</row>"
    long = f"<row>{texts_in_cells('2026-09-24', rating)}<c t=\"s\"><v>0</v></c></row>"
    workbook_of(path, f"<row>{texts_in_cells('date', 'rating', 'comment')}</row>" + (long + good + good) * 12_000,
                f"<si><t>{'a' * 4000}</t></si>")
    assert path.stat().st_size < 1 << 20
    assert load_logs.main(["--raw-schema", project.raw_schema, "--skip-bad-rows", str(path)]) == 1
    (error,) = capfd.readouterr().err.splitlines()
    assert error.startswith(f"error: {path}: ") and "split it by month" in error
    assert not project.query("select 1 from information_schema.tables where table_schema = '{raw}'"
                             " and table_name like 'feedback%'").size
    assert not list(tmp_path.glob("*.rejected*"))


def test_no_row_of_cells_without_an_end_takes_long(tmp_path):
    path = tmp_path / "feedback.xlsx"
    workbook_of(path, f"<row>{texts_in_cells('date', 'rating')}</row><row>" + '<c s="1">' * 500_000 + "</row>",
                styles='<numFmts><numFmt numFmtId="200" formatCode="000000"/></numFmts>'
                       '<cellXfs><xf numFmtId="0"/><xf numFmtId="200"/></cellXfs>')
    begun = time.process_time()
    assert read(path, tmp_path)["failure"]
    assert time.process_time() - begun < 30
    begun = time.process_time()
    assert not behind.ods_behind(b"<a" + b' "float"' * 200_000)
    assert time.process_time() - begun < 30


def test_an_installation_without_its_libraries_is_no_file_s_fault(tmp_path, monkeypatch, capsys):
    broken = tmp_path / "broken.py"
    broken.write_text(
        f"import runpy, sys\nsys.path.insert(0, {str(PROJECT_DIR / 'scripts')!r})\n"
        f"sys.modules['python_calamine'] = None\nrunpy.run_path({str(load_logs.CHILD)!r}, run_name='__main__')\n",
        "utf-8")
    monkeypatch.setattr(load_logs, "CHILD", broken)
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    path = tmp_path / "halls.csv"
    path.write_text("hall_id\nH1\n", "utf-8")
    assert load_logs.main(["--check", str(path)]) == 0
    book = tmp_path / "halls.xlsx"
    pd.DataFrame({"hall_id": ["H1"]}).to_excel(book, index=False)
    capsys.readouterr()
    assert load_logs.main(["--check", str(book)]) == 4
    errors = capsys.readouterr().err.splitlines()
    assert len(errors) == 1 and "python_calamine" in errors[0] and "make setup" in errors[0]
    # If this program finds the library, the child's claim alone must not end the run.
    monkeypatch.undo()
    monkeypatch.setattr(load_logs, "CHILD", broken)
    assert load_logs.main(["--check", str(book)]) == 1


def test_the_child_s_last_words_are_told(tmp_path, monkeypatch, capsys):
    failing = tmp_path / "failing.py"
    failing.write_text("raise ValueError('no such\\x1b[2J thing')", "utf-8")
    monkeypatch.setattr(load_logs, "CHILD", failing)
    path = tmp_path / "halls.csv"
    path.write_text("hall_id\nH1\n", "utf-8")
    assert load_logs.main(["--check", str(path)]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "ValueError: no such" in line and "\x1b" not in line


def test_the_child_knows_no_password(tmp_path, monkeypatch, capsys):
    spy = tmp_path / "spy.py"
    spy.write_text(f"import os; open({str(tmp_path / 'seen')!r}, 'w').write(repr(dict(os.environ)))", "utf-8")
    monkeypatch.setattr(load_logs, "CHILD", spy)
    monkeypatch.setenv("DBT_ENV_SECRET_HALL_SCORES_PASSWORD", "hunter2")
    path = tmp_path / "halls.csv"
    path.write_text("hall_id\nH1\n", "utf-8")
    load_logs.main(["--check", str(path)])
    seen = (tmp_path / "seen").read_text()
    assert "PATH" in seen
    assert "hunter2" not in seen and "HALL_SCORES" not in seen


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="Linux only")
def test_no_process_shows_the_password_while_a_file_is_read(tmp_path):
    path = tmp_path / "feedback.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("date,rating,comment\n")
        for n in range(300_000):
            file.write(f'2026/3/10,5,"{n}"\n')
    environment = os.environ | {"DBT_ENV_SECRET_HALL_SCORES_PASSWORD": "hunter2", "HALL_PASSWORD": "hunter2"}
    command = [sys.executable, str(PROJECT_DIR / "scripts" / "load_logs.py"), "--check", str(path)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    shown = {}
    while process.poll() is None and len(shown) < 2:
        with suppress(OSError):
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            if children and b"child.py" in Path(f"/proc/{children[0]}/cmdline").read_bytes():
                shown = {pid: Path(f"/proc/{pid}/environ").read_bytes() for pid in (process.pid, children[0])}
        time.sleep(0.01)
    assert "good 300000" in process.communicate()[0]
    assert len(shown) == 2
    for environ in shown.values():
        assert b"PATH=" in environ and b"hunter2" not in environ


@pytest.mark.skipif(not warehouse.read_profile().get("server"), reason="has another variable for its password")
def test_the_password_is_still_sent(tmp_path):
    path = tmp_path / "halls.csv"
    path.write_text("hall_id\nH1\n", "utf-8")
    output = run_script("load_logs.py", path, code=4, DBT_ENV_SECRET_HALL_SCORES_PASSWORD="hunter2")
    assert "using password: YES" in output and "hunter2" not in output


def test_counts_add_up_load_after_load(project: Project, tmp_path):
    """Random files over a small set of records, against a model that is a list."""
    project.execute(f"drop table if exists {project.raw_schema}.service_log")
    chance = random.Random(3)
    there: list[tuple] = []
    path = tmp_path / "service_log.csv"
    for _ in range(12):
        rows = [
            (f"2026-03-{chance.randint(1, 3):02d}", str(chance.randint(1, 2)), chance.choice(["", "A1", "A2", "A3"]),
             chance.choice(["H1", "H2"])) for _ in range(chance.randint(1, 12))]
        bad = chance.randint(0, 2)
        lines = [",".join(row) for row in rows] + ["x,1,A9,H1"] * bad + [",,,"] * bad
        chance.shuffle(lines)
        path.write_text("\n".join(["service_date,process_time,log_id,hall_id,is_completed",
                                   *(f"{line},1" if line != ",,," else ",,,," for line in lines)]) + "\n", "utf-8")
        output = run_script("load_logs.py", "--raw-schema", project.raw_schema, "--skip-bad-rows", path)
        found = list(map(int, re.search(
            r"read (\d+), new (\d+), replaced (\d+), same (\d+), left out (\d+), refused (\d+)", output).groups()))

        def key(row):
            return (row[0], row[2], row[3])

        gone = [row for row in there if row[2] and key(row) in set(map(key, rows)) and row not in rows]
        left = [row for row in there if row not in gone]
        fresh, rest = [], list(left)
        for row in rows:
            if row in rest:
                rest.remove(row)
            else:
                fresh.append(row)
        replaced = sum(key(row) in set(map(key, gone)) for row in fresh)
        there = left + fresh
        expected = [len(lines), len(fresh) - replaced, replaced, len(rows) - len(fresh), bad, bad]
        assert found == expected
        assert found[0] == sum(found[1:])
        loaded = project.query("select service_date, process_time, log_id, hall_id from {raw}.service_log")
        assert sorted((str(r.service_date), str(int(r.process_time)), r.log_id or "", r.hall_id)
                      for r in loaded.itertuples()) == sorted(there)


@pytest.mark.parametrize("cell", [
    "合" + "1" * 78 + "!", "合" + "1a" * 38 + "!", "\u200b" * 60_000 + "A\x001" + "\u200b" * 60_000,
    "2026-03-31" + " " * 60_000 + "x", "#" + "A" * 60_000, "a:" * 50_000,
])
def test_no_cell_takes_long(tmp_path, cell):
    path = tmp_path / "service_log.csv"
    path.write_text(f"log_id,service_date,process_time,is_completed\n{cell},{cell},{cell},1\n", "utf-8")
    begun = time.process_time()
    assert read(path, tmp_path)["tables"][0]["refused"] == 1
    assert time.process_time() - begun < 30
