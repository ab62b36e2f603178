"""A real nightly run on a drop folder filled by an attacker and many careless people.

Good files are loaded, bad ones are in rejected/ with their reason, no secret is readable by others, and
nothing outside the run's own folders is touched.
"""

import os
import random
import re
import shutil
import socket
import threading
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest

import nightly
from conftest import PROJECT_DIR, Project, run_script
from installed import SECRET, Installed

pytestmark = pytest.mark.once

MUTATED = 200
FILE_SECRET = b"password=of-a-file-that-only-the-night-may-read"
HALLS = ("hall_id,hall_name", "H1,城关大厅")
BAD_HALLS = ("hall_id,hall_name,mood", "H1,城关大厅,<script>alert(1)</script>")
LOG = "service_date,hall_id,log_id,process_time,is_completed"
STRAY = (b'"', b",", b"\n", b"\r", b"\t", b"\0", b"\\", b";", b"'", b"\xff", b"\xef\xbb\xbf")
BOMB_BYTES = 300 << 20


def real_logs(tmp_path: Path) -> dict[str, bytes]:
    """Return the first lines of real logs if available, else of sample logs, by raw table."""
    for folder in (PROJECT_DIR.parent, PROJECT_DIR.parent.parent):
        if (folder / "shared" / "real" / "city").is_dir():
            found = folder / "shared" / "real" / "city"
            break
    else:
        run_script("sample_logs.py", "--out", tmp_path)
        found = tmp_path
    return {
        table: b"".join((found / f"{table}.csv").read_bytes().splitlines(keepends=True)[:40])
        for table in ("service_log", "feedback", "complaints")
    }


def mutated(content: bytes, dice: random.Random) -> bytes:
    """Return a file with one to four random faults."""
    data = bytearray(content)
    for _ in range(dice.randint(1, 4)):
        place = dice.randrange(len(data) or 1)
        end = place + dice.randint(1, 40)
        accident = dice.randrange(9)
        if accident == 0:
            data[place:end] = b""
        elif accident == 1:
            data[place:place] = dice.choice(STRAY)
        elif accident == 2:
            data[place:place] = dice.randbytes(dice.randint(1, 20))
        elif accident == 3:
            data[place:] = b""
        elif accident == 4:
            data[place:place] = bytes(data[place:end])
        elif accident == 5:
            data = bytearray(bytes(data).replace(b",", dice.choice([b";", b"\t", b",,", b"|"])))
        elif accident == 6:
            data = bytearray(bytes(data).decode("latin-1").encode(dice.choice(["utf-16", "utf-8", "utf-32"])))
        elif accident == 7:
            lines = bytes(data).split(b"\n")
            dice.shuffle(lines)
            data = bytearray(b"\n".join(lines))
        elif data:
            data[place % len(data)] ^= 1 << dice.randrange(8)
    return bytes(data)


def workbook(path: Path) -> bytes:
    """Write a small workbook with an unknown column; return its bytes."""
    book = openpyxl.Workbook()
    book.active.title = "halls"
    for number in range(200):
        book.active.append(["hall_id", "mood"] if number == 0 else [f"X{number}", "某厅"])
    book.save(path)
    return path.read_bytes()


def bomb(path: Path) -> None:
    """Make a workbook with a sheet a thousand times as large as its file."""
    whole = path.with_name("whole")
    workbook(whole)
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename == "xl/worksheets/sheet1.xml":
                head, tail = content.split(b"</sheetData>")
                with target.open(entry.filename, "w", force_zip64=True) as sheet:
                    sheet.write(head)
                    for _ in range(BOMB_BYTES >> 20):
                        sheet.write(b" " * (1 << 20))
                    sheet.write(b"</sheetData>" + tail)
            else:
                target.writestr(entry.filename, content)
    whole.unlink()


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class Attack:
    """The drop folder of an attack, and the result of one nightly run."""

    def __init__(self, project: Project, scratch: Path):
        self.installed = installed = Installed(project)
        self.drop, self.archive, self.scratch = installed.drop, installed.folder, scratch
        self.outside = scratch / "outside"
        self.outside.mkdir()
        (self.outside / "secret.csv").write_bytes(b"hall_id,hall_name\n" + FILE_SECRET + b",x\n")
        (self.outside / "page.html").write_bytes(b"<p>published")
        self.bad: set[str] = set()
        self.good: set[str] = set()
        self.put_good()
        self.put_links()
        self.put_names()
        self.put_odd_files()
        self.put_mutated()
        self.before = contents(self.outside)
        self.race_is_on = threading.Event()
        racer = threading.Thread(target=self.race)
        racer.start()
        try:
            self.output, self.facts = installed.night("2026-09-28", code=nightly.Exit.REJECTED)
        finally:
            self.race_is_on.set()
            racer.join()

    def put_good(self) -> None:
        for name, lines in {
            "halls.csv": HALLS,
            "service_log_a.csv": (LOG, *(f"2026-09-24,H1,a{n},8,1" for n in range(10))),
            # Sorted last, to show that none of the others ended the loading.
            "service_log_zz_last.csv": (LOG, *(f"2026-09-25,H1,z{n},8,1" for n in range(10))),
            "service_log_投诉中心.csv": (LOG, "2026-09-25,H1,y1,8,1"),
        }.items():
            self.installed.put(name, *lines)
            self.good.add(name)

    def put_links(self) -> None:
        """Put links where the nightly run reads and writes."""
        for name, target in {
            "service_log_env.csv": "/proc/self/environ",
            "halls_secret.csv": self.outside / "secret.csv",
            "halls_relative.csv": Path("..") / ".." / "secret.csv",
            "halls_dangling.csv": "nowhere",
            "halls_folder.csv": self.outside,
            "halls_loop.csv": "halls_loop.csv",
            "service_log_device.csv": "/dev/zero",
        }.items():
            (self.drop / name).symlink_to(target)
            self.bad.add(name)
        os.link(self.outside / "secret.csv", self.drop / "halls_hard.csv")
        self.bad.add("halls_hard.csv")
        # As if others once had write access to the archive.
        today = str(date.today())
        for kind in ("rejected", "loaded"):
            (self.archive / kind).mkdir(mode=0o750)
            (self.archive / kind / today).mkdir(mode=0o750)
        for name in ("halls_x.csv", "halls_x.csv.txt", "halls_x.rejected.csv", "service_log_env.csv.txt"):
            (self.archive / "rejected" / today / name).symlink_to(self.outside / "page.html")
        (self.archive / "loaded" / today / "halls.csv").symlink_to(self.outside / "page.html")
        self.installed.put("halls_x.csv", *BAD_HALLS)
        self.bad.add("halls_x.csv")
        # The folders of earlier releases.
        (self.drop / "rejected").symlink_to(self.outside)
        (self.drop / "loaded").symlink_to(self.outside)

    def put_names(self) -> None:
        for name in (
            "halls\\' union select 1 -- .csv", 'halls".csv', "-halls.csv",
            "halls\nnightly started=x status=ok exit=0.csv",
            "halls\x1b[2J\r.csv", "halls\u202evsc.csv", "h" + "a" * 240 + ".csv", "halls\udcff.csv", "halls$(id).csv",
        ):
            self.installed.put(name, *HALLS)
            self.bad.add(name)

    def put_odd_files(self) -> None:
        (self.drop / "service_log_empty.csv").touch()
        (self.drop / "service_log_binary.csv").write_bytes(random.Random(1).randbytes(10_000))
        (self.drop / "feedback_zeros.csv").write_bytes(bytes(100_000))
        for name, size in {"service_log_huge.csv": 1 << 40, "complaints_sparse.csv": 32 << 20}.items():
            with (self.drop / name).open("wb") as file:
                file.truncate(size)
        whole = workbook(self.scratch / "halls.xlsx")
        (self.drop / "halls_half.xlsx").write_bytes(whole[: len(whole) // 2])
        (self.drop / "halls_text.xlsx").write_bytes(b"hall_id,mood\nH1,x\n")
        (self.drop / "halls_old.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
        (self.drop / "halls_office.ods").write_bytes(whole[:300])
        bomb(self.drop / "halls_bomb.xlsx")
        self.installed.put("service_log_quote.csv", LOG, '2026-09-25,H1,"q1,8,1', "2026-09-25,H1,q2,8,1")
        self.installed.put("stray.csv", "a,b", "1,2")
        os.mkfifo(self.drop / "service_log_fifo.csv")
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(os.path.relpath(self.drop / "halls_s.csv"))
        self.bad |= {
            "service_log_empty.csv", "service_log_binary.csv", "feedback_zeros.csv", "service_log_huge.csv",
            "complaints_sparse.csv", "halls_half.xlsx", "halls_text.xlsx", "halls_old.xls", "halls_office.ods",
            "halls_bomb.xlsx", "service_log_quote.csv", "stray.csv", "service_log_fifo.csv", "halls_s.csv",
        }
        (self.drop / "clerks.csv").mkdir()
        (self.drop / "clerks.csv" / "inside.csv").write_bytes(FILE_SECRET)
        self.installed.put("service_log_upload.csv.part", LOG)
        self.installed.put(".hidden.csv", *HALLS)
        self.installed.put("~$halls.xlsx", "lock")

    def put_mutated(self) -> None:
        dice = random.Random(20261130)
        logs = real_logs(self.scratch)
        self.mutated = [f"{table}_m{number:03}.csv" for number in range(MUTATED) for table in [dice.choice(list(logs))]]
        for name in self.mutated:
            (self.drop / name).write_bytes(mutated(logs[name.rsplit("_", 1)[0]], dice))

    def race(self) -> None:
        """Swap a file and a link to a secret as fast as possible, until the run is over."""
        for number in range(1 << 30):
            if self.race_is_on.wait(0.0005):
                return
            new = self.drop / ".race"
            new.unlink(missing_ok=True)
            if number % 2:
                new.symlink_to(self.outside / "secret.csv")
            else:
                new.write_text("\n".join(HALLS) + "\n", encoding="utf-8")
            new.replace(self.drop / "halls_race.csv")

    def kept(self, kind: str) -> dict[str, Path]:
        """Return the files that the run has moved to loaded or rejected, by name."""
        return {
            path.name: path for path in (self.archive / kind).rglob("*") if path.is_file() and not path.is_symlink()
        }


@pytest.fixture(scope="module")
def attack(project: Project, tmp_path_factory) -> Attack:
    return Attack(project, tmp_path_factory.mktemp("attack"))


def test_every_good_file_is_loaded(attack):
    project = attack.installed.project
    rows = project.query("select log_id from {raw}.service_log where hall_id = 'H1'").log_id
    assert {f"{letter}{n}" for letter in "az" for n in range(10)} | {"y1"} <= set(rows)
    assert not {"q1", "q2"} & set(rows)
    assert {name.replace("halls-2", "halls") for name in attack.kept("loaded")} >= attack.good
    assert attack.facts["build"] == "0" and attack.facts["status"] == "rejected"
    marts = project.query("select count(*) as n from {schema}.scores where hall_id = 'H1'")
    assert marts.n[0] > 0


def test_every_bad_file_is_rejected_with_its_reason(attack):
    notes = [path.read_text("utf-8") for name, path in attack.kept("rejected").items() if name.endswith(".txt")]
    named = {note.split(": ")[1].split(":")[0] for note in notes}
    missing = {name for name in attack.bad if nightly.plain(name) not in named and nightly.safe_name(name) not in named}
    assert not missing
    for note in notes:
        assert all(line.startswith("error: ") for line in note.splitlines()) and len(note) < 100_000
        assert str(attack.archive / ".night") not in note
    # Nothing is left for the next run, except entries that are not files and later ones of the race.
    left = {path.name for path in attack.drop.iterdir()} - {"halls_race.csv", ".race"}
    assert left == {"clerks.csv", "rejected", "loaded", "service_log_upload.csv.part", ".hidden.csv", "~$halls.xlsx"}
    for name in left:
        assert f"skipped: {name}: " in attack.output


def test_mutated_files_are_loaded_whole_or_rejected_whole(attack):
    loaded, rejected = (set(attack.kept(kind)) & set(attack.mutated) for kind in ("loaded", "rejected"))
    assert loaded | rejected == set(attack.mutated) and not loaded & rejected
    assert len(rejected) > MUTATED // 4 and loaded
    notes = {name for name in attack.kept("rejected") if name.endswith(".txt")}
    assert {f"{name}.txt" for name in rejected} <= notes
    assert int(attack.facts["files_rejected"]) >= len(rejected) + len(attack.bad)


def test_no_half_loaded_table_is_left(attack):
    assert not attack.installed.project.query(
        "select table_name from information_schema.tables where table_schema = '{raw}' and table_name like '%loading'"
    ).size


def test_no_secret_is_where_others_read(attack):
    places = [attack.archive / kind for kind in ("rejected", "loaded", "logs")]
    read = {"output": attack.output.encode()}
    for place in places:
        for path in place.rglob("*"):
            if path.is_file() and not path.is_symlink() and path.stat().st_blocks < 1 << 18:
                with path.open("rb") as file:
                    read[str(path)] = file.read(64 << 20)
    assert len(read) > MUTATED
    for path, content in read.items():
        assert SECRET.encode() not in content and FILE_SECRET not in content, path
    assert not attack.installed.project.query(
        "select hall_id from {raw}.halls where hall_id like 'password%'").size


def test_nothing_outside_is_touched(attack):
    assert contents(attack.outside) == attack.before
    assert {path.name for path in attack.outside.iterdir()} == {"secret.csv", "page.html"}
    assert (attack.drop / "clerks.csv" / "inside.csv").read_bytes() == FILE_SECRET
    assert not list(attack.archive.glob(".night-*"))
    for kind in ("rejected", "loaded"):
        for path in (attack.archive / kind).rglob("*"):
            if not path.is_symlink() and path.name != "service_log_huge.csv":
                assert path.stat().st_mode & 0o7777 == (0o750 if path.is_dir() else 0o640), path


def test_no_name_makes_a_line_of_its_own(attack):
    lines = attack.output.splitlines()
    assert len([line for line in lines if line.startswith("nightly started=")]) == 1
    assert r"halls\nnightly started=x status=ok exit=0.csv: 已退回" in attack.output
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202e]", attack.output.replace("\r\n", "\n"))
    assert (attack.archive / "logs" / "nightly.log").read_text("utf-8").count("\n") == 1


@pytest.mark.parametrize("where", ["rejected", "rejected/day", "loaded", "loaded/day"])
@pytest.mark.parametrize("what", ["link", "open"])
def test_a_prepared_folder_of_the_archive_ends_the_loading(attack, tmp_path, monkeypatch, where, what):
    archive, target = tmp_path / "archive", tmp_path / "target"
    archive.mkdir(mode=0o750)
    target.mkdir(mode=0o750)
    folder = archive / where.replace("day", "2026-09-28")
    folder.parent.mkdir(mode=0o750, exist_ok=True)
    if what == "link":
        folder.symlink_to(target)
    else:
        folder.mkdir()
        folder.chmod(0o777)
    with nightly.Archive(archive, date(2026, 9, 28)) as opened, pytest.raises(nightly.StepError) as caught:
        opened.make(where.split("/")[0], "halls.csv", "x")
    assert caught.value.code is nightly.Exit.LOAD and " / " in str(caught.value)
    assert not list(target.iterdir()) and not [path for path in archive.rglob("*") if path.is_file()]


def test_an_archive_that_uploaders_can_write_is_refused_before_anything_runs(attack, tmp_path, monkeypatch):
    drop = tmp_path / "open" / "drop"
    drop.mkdir(parents=True)
    shutil.copy(attack.outside / "page.html", drop / "halls.csv")
    for archive, mode, word in (
        (tmp_path / "open", 0o770, "must belong to the running user"), (drop, 0o755, "lies in the drop folder"),
        (drop / "sub", 0o755, "lies in the drop folder"), (tmp_path / "none", None, "is no folder"),
    ):
        if mode:
            archive.mkdir(exist_ok=True)
            archive.chmod(mode)
        output = run_script("nightly.py", "--drop", drop, "--archive", archive, code=2)
        assert word in output
        assert (drop / "halls.csv").exists()
