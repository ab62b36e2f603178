"""dbt in a process of its own, forked from one that has imported it: half of a small build is Python's start."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import time
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


def _run(folder: Path, environment: dict[str, str], arguments: list[str], output: Path) -> None:
    os.setsid()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    with output.open("wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    from dbt.cli.main import cli
    from dbt.events.functions import set_invocation_id

    set_invocation_id()  # it is made at import, which all forks share
    cli(arguments)


class DbtProcess:
    """A running dbt; what it prints goes to a file. Like subprocess.Popen as far as the tests use it."""

    def __init__(self, folder: Path, environment: dict[str, str], arguments: list[str]):
        self.args = arguments
        self._output = folder / f"dbt-{time.monotonic_ns()}.out"
        _start_server()
        self._process = _CONTEXT.Process(target=_run, args=(folder, environment, arguments, self._output))
        self._process.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Wait; return (output, ""). Raises subprocess.TimeoutExpired."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired(self.args, timeout)
        return self._output.read_text("utf-8") if self._output.exists() else "", ""

    def kill(self) -> None:
        """Kill dbt and all it started, and wait for the end."""
        os.killpg(self.pid, signal.SIGKILL)
        self.communicate()
