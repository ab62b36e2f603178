"""Only regular files are accepted, as private copies: no link is followed, nothing blocks, nothing is overwritten."""

import os
import re
import socket
import stat
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from jinja2.sandbox import SandboxedEnvironment

from conftest import PROJECT_DIR
from loading import door
from plain_text import plain

pytestmark = [pytest.mark.once, pytest.mark.quick]

GOOD = b"hall_id,hall_name\nH1,\xe5\x9f\x8e\xe5\x85\xb3\n"


@pytest.fixture
def drop(tmp_path) -> Path:
    for name in ("drop", "private"):
        (tmp_path / name).mkdir(mode=0o700)
    (tmp_path / "secret.txt").write_bytes(b"password=not-for-you\n")
    return tmp_path / "drop"


def enter(path: Path) -> Path:
    return door.copy_in(path, path.parents[1] / "private")


def refused(path: Path, words: str, kind: type = door.Refused) -> None:
    """Check that a file is refused with one bilingual line without its path, and leaves no copy."""
    private = path.parents[1] / "private"
    with pytest.raises(kind, match=words) as caught:
        door.copy_in(path, private)
    text = str(caught.value)
    assert " / " in text and str(path.parent) not in text and plain(text) == text
    assert not list(private.iterdir())


def test_a_plain_file_becomes_a_private_copy(drop):
    path = drop / "办件记录_2026-11.csv"
    path.write_bytes(GOOD)
    path.chmod(0o666)
    copy = enter(path)
    assert copy == drop.parent / "private" / path.name and copy.read_bytes() == GOOD == path.read_bytes()
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        enter(path)
    assert copy.read_bytes() == GOOD


@pytest.mark.parametrize("target", ["/proc/self/environ", "../secret.txt", "not-there", "halls.csv", "/dev/zero"])
def test_no_link_is_followed(drop, target):
    (drop / "halls.csv").symlink_to(target)
    refused(drop / "halls.csv", "a symbolic link")


def test_no_folder_that_is_a_link_is_followed(drop):
    (drop.parent / "elsewhere").mkdir()
    (drop.parent / "elsewhere" / "halls.csv").write_bytes(GOOD)
    (drop / "sub").symlink_to(drop.parent / "elsewhere")
    private = drop.parent / "private"
    with pytest.raises(door.Refused, match="its folder is a link"):
        door.copy_in(drop / "sub" / "halls.csv", private)
    with pytest.raises(door.Refused, match="no such file"):
        door.copy_in(drop / "nowhere" / "halls.csv", private)
    assert not list(private.iterdir())


def test_what_is_no_plain_file_is_refused_at_once(drop):
    os.mkfifo(drop / "fifo.csv")
    (drop / "folder.csv").mkdir()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(drop / "s.csv"))
        refused(drop / "s.csv", "a socket")
    refused(drop / "fifo.csv", "a FIFO")
    refused(drop / "folder.csv", "a folder")
    refused(drop / "absent.csv", "no such file", door.Gone)
    if os.geteuid() == 0:
        with suppress(PermissionError):  # not allowed in some containers
            os.mknod(drop / "null.csv", 0o666 | stat.S_IFCHR, os.makedev(1, 3))
            refused(drop / "null.csv", "a device")


def test_a_file_with_two_names_is_refused_unless_the_upload_ends(drop):
    os.link(drop.parent / "secret.txt", drop / "halls.csv")
    refused(drop / "halls.csv", "2 names")
    # OpenSSH renames an upload by a link and an unlink.
    (drop / "halls.csv.part").write_bytes(GOOD)
    os.link(drop / "halls.csv.part", drop / "clerks.csv")
    timer = threading.Timer(door.LINK_SECONDS / 4, (drop / "halls.csv.part").unlink)
    timer.start()
    assert enter(drop / "clerks.csv").read_bytes() == GOOD
    timer.join()


@pytest.mark.parametrize("name", [
    "halls\\.csv", "halls'.csv", 'halls".csv', "halls\n.csv", "halls\x1b[2J.csv", "-halls.csv", ".halls.csv",
    "halls .csv", "halls\u202evsc.csv", "halls\u200b.csv", "halls`.csv", "halls;.csv", "h\udcff.csv", "hálls.csv",
    "halls（1）.csv", "x" * 197 + ".csv", "厅" * 66 + ".csv",
])
def test_names_that_might_mean_something_are_refused(drop, name):
    path = drop / name
    path.write_bytes(GOOD)
    refused(path, "rename the file" if len(os.fsencode(name)) <= door.NAME_BYTES else "shorten it")
    safe = door.safe_name(name)
    door.check_name(safe)
    assert safe.endswith(".csv")
    # The nightly run keeps it under that name.
    with door.folder_opened(drop) as folder:
        door.take(folder, name, drop.parent / "private" / safe)


@pytest.mark.parametrize("name", ["halls.csv", "投诉.csv", "二〇二六年_办件-11月.xlsx", "9.csv", "_.csv", "𠮷.csv"])
def test_plain_names_pass(name):
    door.check_name(name)
    assert door.safe_name(name) == name


@pytest.mark.parametrize("name", ["", "..", "...csv", "\n", "-" * 300, "\udcff" * 300])
def test_whatever_has_no_name_gets_one(name):
    door.check_name(door.safe_name(name))


def test_a_huge_file_is_refused_and_a_sparse_one_stays_sparse(drop):
    with (drop / "halls.csv").open("wb") as file:
        file.truncate(door.MAX_BYTES + 1)
    refused(drop / "halls.csv", "split it by month")
    with (drop / "clerks.csv").open("wb") as file:
        file.write(GOOD)
        file.truncate(64 << 20)
    copy = enter(drop / "clerks.csv")
    assert copy.stat().st_size == 64 << 20 and copy.stat().st_blocks * 512 <= door.CHUNK
    with copy.open("rb") as file:
        assert file.read(len(GOOD) + 1) == GOOD + b"\0"


def on_call(monkeypatch, name: str, act, number: int = 1) -> None:
    """Call act just before the n-th system call of this name."""
    real, calls = getattr(os, name), []

    def call(*arguments, **options):
        calls.append(arguments)
        if len(calls) == number:
            act()
        return real(*arguments, **options)

    monkeypatch.setattr(door.os, name, call)


@pytest.mark.parametrize("what", ["link", "fifo", "gone"])
def test_a_file_exchanged_between_the_look_and_the_opening(drop, monkeypatch, what):
    path = drop / "halls.csv"
    path.write_bytes(GOOD)

    def exchange() -> None:
        path.unlink()
        if what == "link":
            path.symlink_to("../secret.txt")
        elif what == "fifo":
            os.mkfifo(path)

    on_call(monkeypatch, "open", exchange, number=2)  # the first opens the folder
    refused(path, {"link": "cannot be read", "fifo": "a FIFO", "gone": "no such file"}[what])


@pytest.mark.parametrize("what", ["longer", "shorter", "as long", "linked"])
def test_a_file_changed_while_it_is_copied(drop, monkeypatch, what):
    path = drop / "halls.csv"
    path.write_bytes(GOOD * 50_000)

    def change() -> None:
        if what == "linked":
            os.link(path, drop / "other.csv")
            return
        with path.open("r+b") as file:
            if what == "longer":
                file.seek(0, os.SEEK_END)
            if what == "shorter":
                file.truncate(1 << 20)
            else:
                file.write(b"x")

    on_call(monkeypatch, "read", change, number=2)
    refused(path, "changed while it was read", door.Changed)


def test_a_full_disk_is_nobody_s_file(drop, monkeypatch):
    (drop / "halls.csv").write_bytes(GOOD)
    monkeypatch.setattr(door.os, "write", lambda *_: os.open("/dev/full/x", os.O_RDONLY))
    with pytest.raises(OSError, match="/dev/full"):
        enter(drop / "halls.csv")
    assert not list((drop.parent / "private").iterdir())


def test_only_what_was_taken_is_removed(drop):
    path = drop / "halls.csv"
    path.write_bytes(GOOD)
    with door.folder_opened(drop) as folder:
        taken = door.take(folder, path.name, drop.parent / "private" / "1.csv")
        path.unlink()
        path.symlink_to("../secret.txt")
        assert not door.remove(folder, path.name, taken) and path.is_symlink()
        path.unlink()
        path.write_bytes(GOOD + GOOD)
        assert not door.remove(folder, path.name, taken) and path.exists()
        taken = door.take(folder, path.name, drop.parent / "private" / "2.csv")
        assert door.remove(folder, path.name, taken) and not path.exists()
        assert door.remove(folder, path.name, taken)
    assert (drop.parent / "secret.txt").exists()


def test_a_line_stays_one_line_also_in_the_output_of_a_build():
    text = "A1\nstarted=x\r\x1b[1A\u2028\u202e\x00 城关"
    assert plain(text) == r"A1\nstarted=x\r\x1b[1A\u2028\u202e\x00 城关"
    assert plain("\udcff") == r"\udcff"
    environment = SandboxedEnvironment(extensions=["jinja2.ext.do"])  # what dbt renders macros in
    environment.globals |= {"return": str, "modules": {"re": re}}
    macro = (PROJECT_DIR / "macros" / "wording" / "one_line.sql").read_text("utf-8")
    assert environment.from_string(macro + "{{ one_line(text) }}").render(text=text).strip() == (
        "A1\ufffdstarted=x\ufffd\ufffd[1A\ufffd\ufffd\ufffd 城关")
