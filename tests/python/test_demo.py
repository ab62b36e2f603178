"""`make demo`: which Python it takes, and what its steps show on a screen, in a pipe and when one fails."""

import os
import pty
import re
import select
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest
from dbt.events.format import format_fancy_output_line

import demo
from conftest import PROJECT_DIR
from dbt import ui

pytestmark = [pytest.mark.once, pytest.mark.quick]

# What scripts/find_python.sh calls beside Pythons, uv and the system's package manager.
TOOLS = ("dirname", "id", "mkdir", "sh")


class Machine:
    """A checkout, and a PATH on which only fakes and a few tools are found."""

    def __init__(self, root: Path):
        self.root = root
        self.bin, self.code, self.home = (root / name for name in ("bin", "a checkout", "home"))
        for folder in (self.bin, self.code / "scripts", self.home):
            folder.mkdir(parents=True)
        for tool in TOOLS:
            (self.bin / tool).symlink_to(shutil.which(tool))
        for path in ("scripts/find_python.sh", "requirements-uv.txt"):
            shutil.copy(PROJECT_DIR / path, self.code / path)

    def add(self, name: str, script: str) -> Path:
        path = self.bin / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)
        return path

    def add_python(self, name: str, version: str, missing: tuple[str, ...] = (), otherwise: str = "exit 1") -> Path:
        """Add a Python that runs -c as one of this version without these modules, and otherwise does as told."""
        disguise = f"import sys; sys.version_info = {tuple(map(int, version.split('.')))}; " + "".join(
            f"sys.modules[{module!r}] = None; " for module in missing)
        return self.add(name, f"""
            if [ "$1" = -c ]; then
              code=$2; shift 2
              exec {shlex.quote(sys.executable)} -c {shlex.quote(disguise)}"$code" "$@"
            fi
            {otherwise}""")

    def add_uv(self, name: str = "uv", version: str = "3.12.9") -> Path:
        """Add a uv that fetches a Python of this version into the folder that it is given."""
        python = self.add_python("../fetched", version)
        return self.add(name, f"""
            echo "$0 $*"
            [ "$UV_PYTHON_INSTALL_BIN $UV_NO_CACHE" = '0 1' ] || exit 3
            folder=$UV_PYTHON_INSTALL_DIR/cpython-3.12.9-linux/bin
            mkdir -p "$folder" && {shutil.which('cp')} {shlex.quote(str(python))} "$folder/python3.12" """)

    def find(self, **environment: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [str(self.bin / "sh"), "scripts/find_python.sh"], cwd=self.code, capture_output=True, text=True,
            env={"PATH": str(self.bin), "HOME": str(self.home), "LANG": "C.UTF-8"} | environment,
        )

    def found(self, **environment: str) -> str:
        done = self.find(**environment)
        assert done.returncode == 0, done.stderr
        assert done.stdout.count("\n") == 1
        return done.stdout.rstrip("\n")

    def refused(self, **environment: str) -> str:
        """Return the one line that says what to do."""
        done = self.find(**environment)
        assert (done.returncode, done.stdout) == (1, "")
        assert re.fullmatch(r"error: .+ / .+\n", done.stderr), done.stderr
        return done.stderr

    @property
    def fetched(self) -> str:
        return f"{self.code}/.uv/python/cpython-3.12.9-linux/bin/python3.12"


@pytest.fixture
def machine(tmp_path) -> Machine:
    return Machine(tmp_path)


def test_python3_comes_first_and_then_the_newest_that_fits(machine):
    for name, version in (("python3.11", "3.11.2"), ("python3.12", "3.12.3"), ("python3.13", "3.13.0"),
                          ("python3", "3.11.9")):
        machine.add_python(name, version)
        assert machine.found() == name
    machine.add_python("python3", "3.14.0")
    assert machine.found() == "python3.13"
    machine.add_python("python3.13", "3.13.0", missing=("ensurepip",))
    assert machine.found() == "python3.12"
    machine.add_python("python3.12", "3.12.3", missing=("venv",))
    assert machine.found() == "python3.11"
    assert not (machine.code / ".uv").exists()


@pytest.mark.parametrize("version", ["2.7.18", "3.10.12", "3.14.0", "3.1.1"])
def test_a_python_that_is_named_is_taken_or_refused(machine, version):
    machine.add_python("python3", "3.12.3")
    machine.add_python("other", version)
    machine.add_python("bare", "3.12.3", missing=("ensurepip",))
    machine.add_python("named", "3.11.2")
    assert machine.found(PYTHON="named") == "named"
    for unfit in ("other", "bare", "not-there"):
        line = machine.refused(PYTHON=unfit)
        assert f"PYTHON={unfit} does not fit" in line and "3.13 3.12 3.11" in line


def test_uv_on_the_path_fetches_into_the_checkout_once(machine):
    machine.add_python("python3", "3.14.0")
    machine.add_uv()
    done = machine.find()
    assert (done.returncode, done.stdout) == (0, f"{machine.fetched}\n")
    assert f"{machine.bin}/uv python install 3.12\n" in done.stderr
    (machine.bin / "uv").unlink()
    again = machine.find()
    assert (again.stdout, again.stderr) == (f"{machine.fetched}\n", "")
    assert not list(machine.home.iterdir())


def test_uv_in_the_home_folder_is_found_without_any_python(machine):
    machine.add_uv("../home/.local/bin/uv")
    assert machine.found() == machine.fetched


@pytest.mark.parametrize("missing", [(), ("ensurepip",)])
def test_pip_of_an_unfit_python_installs_uv(machine, missing):
    """Into a folder of the checkout: a system that manages its packages itself (PEP 668) allows only that."""
    uv = machine.add_uv("../made/uv")
    machine.add_python("python3", "3.9.2", missing, f"""
        case " $* " in *" --target .uv/uv --require-hashes -r requirements-uv.txt ") ;; *) exit 4 ;; esac
        mkdir -p .uv/uv/bin && {shutil.which('cp')} {shlex.quote(str(uv))} .uv/uv/bin/uv""")
    assert machine.found() == machine.fetched


def test_a_python_without_pip_makes_one_that_installs_uv(machine):
    uv = machine.add_uv("../made/uv")
    pip = machine.add_python("../made/python", "3.14.0", (), f"""
        [ "$2" = pip ] || exit 4
        mkdir -p .uv/uv/bin && {shutil.which('cp')} {shlex.quote(str(uv))} .uv/uv/bin/uv""")
    machine.add_python("python3", "3.14.0", ("pip",), f"""
        [ "$*" = "-m venv --clear .uv/pip" ] || exit 5
        mkdir -p .uv/pip/bin && {shutil.which('cp')} {shlex.quote(str(pip))} .uv/pip/bin/python""")
    assert machine.found() == machine.fetched


@pytest.mark.parametrize(("manager", "typed"), [
    ("apt-get", "apt-get update && (sudo )?apt-get install python3-venv"),
    ("dnf", "dnf install python3-pip"),
    ("", r"make PYTHON=\S+/python3.12 demo"),
])
@pytest.mark.parametrize("python3", ["", "3.9.2", "3.12.3"])
def test_without_python_or_pip_one_line_says_what_to_type(machine, manager, typed, python3):
    if manager:
        machine.add(manager, "exit 1")
    if python3:
        machine.add_python("python3", python3, missing=("pip", "ensurepip"))
    assert re.search(rf"; type: (sudo )?{typed}\n$", machine.refused())
    assert not (machine.code / ".uv").exists()


def test_uv_that_cannot_be_installed_is_one_line_and_a_log(machine):
    machine.add_python("python3", "3.9.2", (), "echo no such server; exit 1")
    line = machine.refused()
    assert "uv cannot be installed (see .uv/log)" in line and re.search(r"type: make PYTHON=\S+ demo\n", line)
    assert (machine.code / ".uv" / "log").read_text("utf-8") == "no such server\n"


@pytest.mark.parametrize("why", ["no network", "unfit"])
def test_a_python_that_cannot_be_fetched_says_why_and_what_to_type(machine, why):
    if why == "unfit":
        machine.add_uv(version="3.10.1")
    else:
        machine.add("uv", "echo 'no network' >&2; exit 2")
    done = machine.find()
    assert (done.returncode, done.stdout) == (1, "")
    assert re.search(r"uv cannot fetch Python 3.12; .*docs/operations.md.* type: make PYTHON=\S+ demo\n$", done.stderr)
    assert "UV_PYTHON_INSTALL_MIRROR" in (PROJECT_DIR / "docs" / "operations.md").read_text("utf-8")


# ---- scripts/demo.py: its steps are those of a fake .venv, whose Python and dbt say what they are told.

def dbt_line(index: int, said: str, status: str, total: int = 4) -> str:
    """Return what dbt itself prints of a node; how wide, it would ask its flags."""
    with mock.patch.object(ui, "printer_width", return_value=80):
        took = None if status in ("RUN", "SKIP") else 0.1
        return "21:35:48  " + format_fancy_output_line(said, status, index, total, execution_time=took)


BUILD = [
    dbt_line(1, "START hook: on-run-start.0", "RUN", 2), dbt_line(1, "OK hook: on-run-start.0", "OK", 2),
    "21:35:48  Concurrency: 4 threads (target='embedded')", "21:35:48  2 of 3 rows are odd",
    dbt_line(1, "START seed file a", "RUN"), dbt_line(2, "START sql view model b", "RUN"),
    dbt_line(2, "OK created sql view model b", "CREATE VIEW"), dbt_line(1, "ERROR loading seed file a", "ERROR"),
    dbt_line(3, "WARN 1 a_is_b", "WARN 1"), dbt_line(4, "SKIP relation c", "SKIP"),
]


class Demo:
    """A project with scripts/demo.py and fakes for all that it runs."""

    def __init__(self, folder: Path):
        self.folder = folder
        (folder / "scripts").mkdir()
        for name in ("demo.py", "sample_logs.py"):
            shutil.copy(PROJECT_DIR / "scripts" / name, folder / "scripts")
        for period in ("week-2026-11-09", "week-2026-11-16", "month-2026-10-01", "quarter-2026-07-01"):
            (folder / "reports" / period).mkdir(parents=True)
            (folder / "reports" / period / "index.html").touch()
        (folder / "build.txt").write_text("\n".join(BUILD) + "\n", encoding="utf-8")
        self.fake("dbt", "cat build.txt")
        self.fake("python", 'echo "said by $1"')

    def fake(self, name: str, script: str) -> None:
        """Let the Python of the fake .venv, or its dbt, do this."""
        path = self.folder / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)

    def command(self, *arguments: str) -> list[str]:
        start = "import runpy, sys; sys.executable = sys.argv.pop(1); runpy.run_path(sys.argv[0], run_name='__main__')"
        shown = f"import sys; sys.argv = sys.argv[1:]; {start}"
        return [sys.executable, "-c", shown, "scripts/demo.py", str(self.folder / "bin" / "python"), *arguments]

    def piped(self, *arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(self.command(*arguments), cwd=self.folder, capture_output=True, text=True)

    def on_terminal(self, interrupt_at: str = "") -> tuple[int, str]:
        """Return the exit code and all that was shown; press Ctrl-C once this is shown."""
        process, screen = pty.fork()
        if process == 0:
            os.chdir(self.folder)
            command = self.command()
            os.execv(command[0], command)
        shown = b""
        while select.select([screen], [], [], 60)[0]:
            try:
                shown += os.read(screen, 4096)
            except OSError:  # Linux says so at the end
                break
            if interrupt_at and interrupt_at.encode() in shown:
                os.write(screen, b"\x03")
                interrupt_at = ""
        else:
            os.kill(process, signal.SIGKILL)
        os.close(screen)
        return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), shown.decode()

    @property
    def log(self) -> str:
        return (self.folder / demo.LOG).read_text("utf-8")


@pytest.fixture
def shown(tmp_path) -> Demo:
    return Demo(tmp_path)


def test_in_a_pipe_it_is_plain_lines_that_end_with_what_to_open(shown):
    done = shown.piped()
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert len(lines) <= 12 and not re.search(r"[^\x20-\U0010ffff\n]", done.stdout)
    for number, line in enumerate(lines[:5], start=1):
        assert re.fullmatch(rf"\[{number}/5\] .+ / .+ … \d+ s", line)
    assert [line.split()[0] for line in lines[7:]] == [
        "reports/index.html", "reports/month-2026-10-01/index.html", "reports/quarter-2026-07-01/index.html",
        "reports/week-2026-11-16/index.html"]
    said = re.findall(r"said by scripts/(\w+)\.py", shown.log)
    assert said == ["sample_logs", "warehouse", "load_logs", *["export_reports"] * 3]
    assert "\n".join(BUILD) in shown.log
    assert shown.log.count("--target embedded") == 5


def test_on_a_terminal_a_bar_counts_the_nodes_that_have_ended(shown):
    code, text = shown.on_terminal()
    assert code == 0
    bars = re.findall(r"\r\[4/5\] [^\r]*\[([#.]+)\] (\d/\d)", text)
    assert [(bar.count("#"), count) for bar, count in bars] == [(6, "1/4"), (12, "2/4"), (18, "3/4"), (24, "4/4")]
    # Nothing of the bar stays: what is written over it is as long.
    over = re.search(r"4/4\r(\[4/5\] [^\r\n]*)\r\[4/5\] [^\r\n]* … \d+ s\r\n", text)[1]
    assert len(over) >= len(re.search(r"\r([^\r]*4/4)", text)[1])
    assert text.count("\n") <= 12


def test_sample_logs_are_made_where_they_are_missing_or_older(shown):
    sample = shown.folder / demo.SAMPLE
    shown.piped()
    assert "sample_logs.py" in shown.log
    sample.parent.mkdir()
    sample.touch()
    os.utime(shown.folder / demo.SAMPLE_MAKER, (1, 1))
    assert "[1/4]" in shown.piped().stdout
    assert "sample_logs.py" not in shown.log
    os.utime(sample, (0, 0))
    assert "[1/5]" in shown.piped().stdout


@pytest.mark.parametrize(("end", "code"), [("exit 7", 7), ("kill -9 $$", 137)])
def test_a_step_that_fails_shows_the_end_of_the_log_and_keeps_its_exit_code(shown, end, code):
    shown.fake("dbt", f"for n in $(seq 30); do echo line $n; done; echo why >&2; {end}")
    done = shown.piped("--target", "mariadb")
    assert done.returncode == code
    lines = done.stdout.splitlines()
    assert lines[3].startswith("[4/5] ") and lines[3].endswith("failed")
    assert lines[4:] == [*(f"line {n}" for n in range(12, 31)), "why"]
    assert "logs/demo.log" in done.stderr and done.stderr.count("\n") == 1
    assert "export_reports.py" not in shown.log and "build --target mariadb" in shown.log


def test_half_of_the_sample_logs_is_not_taken_for_all(shown):
    shown.fake("python", "mkdir -p sample_data; touch sample_data/service_log.csv; exit 3")
    assert shown.piped().returncode == 3
    assert not (shown.folder / demo.SAMPLE).exists()


@pytest.mark.parametrize("hears", ["trap 'exit 1' INT", "trap '' INT"])
def test_ctrl_c_stops_what_runs_and_says_so(shown, hears):
    """Also what does not hear of it, after a while."""
    script = shown.folder / "scripts" / "demo.py"
    text = script.read_text("utf-8")
    assert "SECONDS_TO_END = 10\n" in text
    script.write_text(text.replace("SECONDS_TO_END = 10\n", "SECONDS_TO_END = 0.2\n"), encoding="utf-8")
    shown.fake("dbt", f"{hears}; echo $$ > pid; cat build.txt; exec sleep 100")
    code, text = shown.on_terminal(interrupt_at="4/4")
    assert code == 130
    assert text.endswith("stopped\r\n") and "Traceback" not in text
    assert not Path(f"/proc/{(shown.folder / 'pid').read_text().strip()}").exists()
