"""dbt and the project's scripts in processes of their own, forked from one that has imported what they import.

Half of a small build, and most of a short script, is Python's start.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from multiprocessing import forkserver
from pathlib import Path

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["warm_dbt"])


def _start_server() -> None:
    """Start the fork server, which looks for modules where PYTHONPATH says: it is not told sys.path."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = str(Path(__file__).parent)
    try:
        forkserver.ensure_running()
    finally:
        os.environ.pop("PYTHONPATH")
        if before is not None:
            os.environ["PYTHONPATH"] = before


def _dbt(arguments: list[str]) -> None:
    from dbt.cli.main import cli
    from dbt.events.functions import set_invocation_id

    set_invocation_id()  # it is made at import, which all forks share
    cli(arguments)


def _script(path: str, arguments: list[str]) -> None:
    subprocess.Popen = _Popen
    sys.argv = [path, *arguments]
    sys.path.insert(0, str(Path(path).parent))
    runpy.run_path(path, run_name="__main__")


class _Popen(subprocess.Popen):
    """What a script starts: when it is dbt or another script, it is not executed, but run where all is imported."""

    def __init__(self, command: list, **options):
        program, *arguments = map(str, command)
        if program == sys.executable:
            run = partial(_script, arguments[0], arguments[1:])
        elif Path(program) == Path(sys.executable).with_name("dbt") and os.access(program, os.X_OK):
            run = partial(_dbt, arguments)
        else:
            run = None
        if run:
            options["preexec_fn"] = partial(_instead_of_executing, run, options.get("env"))
        super().__init__(command, **options)


def _instead_of_executing(run: Callable, environment: dict[str, str] | None) -> None:
    """Run a function in the child, and end it. As execution would, close what is not to be inherited."""
    for path in list(Path("/proc/self/fd").iterdir()):
        with suppress(OSError):  # that of the list itself
            if not os.get_inheritable(int(path.name)):
                os.close(int(path.name))
    if environment is not None:
        os.environ.clear()
        os.environ.update(environment)
    # Not closed with the object: what such a script starts comes here again, and drops these two.
    sys.stdout, sys.stderr = (os.fdopen(number, "w", closefd=False) for number in (1, 2))
    code = 1
    try:
        run()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _run(function: Callable, folder: Path, environment: dict[str, str], output: Path, errors: Path) -> None:
    os.setsid()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for number, path in ((1, output), (2, errors)):
        with path.open("ab") as file:
            os.dup2(file.fileno(), number)
    function()


class Process:
    """A running dbt or script. Like subprocess.Popen as far as the tests use it."""

    def __init__(self, function: Callable, folder: Path, environment: dict[str, str], output: Path, errors: Path):
        self.args = function.args
        self._files = output, errors
        _start_server()
        self._process = _CONTEXT.Process(target=_run, args=(function, folder, environment, *self._files))
        self._process.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Wait; return (output, errors): all in the first when they go to one file. Raises TimeoutExpired."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired(self.args, timeout)
        output, errors = (path.read_text("utf-8") if path.exists() else "" for path in self._files)
        return output, "" if self._files[0] == self._files[1] else errors

    def kill(self) -> None:
        """Kill it and all it started, and wait for the end."""
        os.killpg(self.pid, signal.SIGKILL)
        self.communicate()


def start_dbt(folder: Path, environment: dict[str, str], arguments: list[str]) -> Process:
    """Start dbt in a folder. What it prints is kept there."""
    output = folder / f"dbt-{time.monotonic_ns()}.out"
    return Process(partial(_dbt, arguments), folder, environment, output, output)


def start_script(path: Path, folder: Path, environment: dict[str, str], *arguments) -> Process:
    """Start a script in a folder. What it prints is kept there."""
    output = folder / f"{path.stem}-{time.monotonic_ns()}.out"
    return Process(partial(_script, str(path), list(map(str, arguments))), folder, environment, output, output)


def run_script(path: Path, folder: Path, environment: dict[str, str], *arguments) -> subprocess.CompletedProcess:
    """Run a script in a folder, and wait for its end."""
    arguments = list(map(str, arguments))
    with tempfile.TemporaryDirectory() as name:
        files = Path(name) / "output", Path(name) / "errors"
        process = Process(partial(_script, str(path), arguments), folder, environment, *files)
        output, errors = process.communicate()
    return subprocess.CompletedProcess([path, *arguments], process.returncode, output, errors)
