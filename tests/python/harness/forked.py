"""dbt and the project's scripts in processes that are forked from one that has imported what they import.

The start of Python is half of a small build, and most of a short script.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from multiprocessing import forkserver
from pathlib import Path

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["harness.warm_dbt"])


def _start_server() -> None:
    """Start the fork server. It finds modules by PYTHONPATH, as it is not told sys.path."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = str(Path(__file__).parents[1])
    try:
        forkserver.ensure_running()
    finally:
        os.environ.pop("PYTHONPATH")
        if before is not None:
            os.environ["PYTHONPATH"] = before


def _dbt(arguments: list[str]) -> None:
    from dbt.cli.main import cli
    from dbt.events.functions import set_invocation_id

    set_invocation_id()  # dbt makes it when it is imported: all forks would share it
    cli(arguments)


def _script(path: str, arguments: list[str]) -> None:
    subprocess.Popen = _ScriptPopen
    sys.argv = [path, *arguments]
    sys.path.insert(0, str(Path(path).parent))
    runpy.run_path(path, run_name="__main__")


def _function_of(command: list[str]) -> Callable | None:
    """Return what does in a fork what a command does; None when the command is neither dbt nor a script."""
    program, *arguments = command
    if program == sys.executable:
        return partial(_script, arguments[0], arguments[1:])
    if Path(program) == Path(sys.executable).with_name("dbt") and os.access(program, os.X_OK):
        return partial(_dbt, arguments)
    return None


class _ScriptPopen(subprocess.Popen):
    """What a script starts. dbt and other scripts run in a fork of the script, the rest is executed."""

    def __init__(self, command: list, **options):
        if function := _function_of(list(map(str, command))):
            options["preexec_fn"] = partial(_instead_of_executing, function, options.get("env"))
        super().__init__(command, **options)


def _instead_of_executing(function: Callable, environment: dict[str, str] | None) -> None:
    """Run a function in the child, and end the child. As execution would, close what is not to be inherited."""
    for path in list(Path("/proc/self/fd").iterdir()):
        with suppress(OSError):  # the descriptor of the list itself is closed already
            if not os.get_inheritable(int(path.name)):
                os.close(int(path.name))
    if environment is not None:
        os.environ.clear()
        os.environ.update(environment)
    # closefd=False: a script that this one starts comes here too and replaces both, but 1 and 2 must stay open.
    sys.stdout, sys.stderr = (os.fdopen(number, "w", closefd=False) for number in (1, 2))
    code = 1
    try:
        function()
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


class Popen:
    """A fork that does what a command does. Like subprocess.Popen as far as the harness uses it."""

    def __init__(self, command: list[str], folder: Path, environment: dict[str, str], output: Path, errors: Path):
        self.args = command
        _start_server()
        arguments = (_function_of(command), folder, environment, output, errors)
        self._process = _CONTEXT.Process(target=_run, args=arguments)
        self._process.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end. Raises TimeoutExpired."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired(self.args, timeout)
        return self._process.exitcode
