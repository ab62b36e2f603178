"""How the tests run dbt and the project's scripts: each in a process group of its own.

To save time they are forked from a process that has imported dbt and patched it (forked.py, warm_dbt.py).
With HALL_SCORES_PLAIN_DBT=1 the suite runs `dbt` and `python` as a user does, and nothing of dbt is patched.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

IS_PLAIN = os.environ.get("HALL_SCORES_PLAIN_DBT", "") not in ("", "0")
if not IS_PLAIN:
    from harness import forked

DBT = str(Path(sys.executable).with_name("dbt"))


class Process:
    """A running dbt or script. Like subprocess.Popen as far as the tests use it."""

    def __init__(self, command: list[str], folder: Path, environment: dict[str, str], output: Path, errors: Path):
        self.args = command
        self._files = output, errors
        if IS_PLAIN:
            with output.open("ab") as out, errors.open("ab") as err:
                self._process = subprocess.Popen(
                    command, cwd=folder, env=environment, stdout=out, stderr=err, start_new_session=True
                )
        else:
            self._process = forked.Popen(command, folder, environment, output, errors)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.poll()

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Wait; return (output, errors): all in the first when they go to one file. Raises TimeoutExpired."""
        self._process.wait(timeout)
        output, errors = (path.read_text("utf-8") if path.exists() else "" for path in self._files)
        return output, "" if self._files[0] == self._files[1] else errors

    def kill(self) -> None:
        """Kill it and all it started, and wait for the end."""
        os.killpg(self.pid, signal.SIGKILL)
        self.communicate()


def start_dbt(folder: Path, environment: dict[str, str], arguments: list[str]) -> Process:
    """Start dbt in a folder. What it prints is kept there."""
    output = folder / f"dbt-{time.monotonic_ns()}.out"
    return Process([DBT, *arguments], folder, environment, output, output)


def start_script(path: Path, folder: Path, environment: dict[str, str], *arguments) -> Process:
    """Start a script in a folder. What it prints is kept there."""
    output = folder / f"{path.stem}-{time.monotonic_ns()}.out"
    return Process([sys.executable, str(path), *map(str, arguments)], folder, environment, output, output)


def run_script(path: Path, folder: Path, environment: dict[str, str], *arguments) -> subprocess.CompletedProcess:
    """Run a script in a folder, and wait for its end."""
    command = [sys.executable, str(path), *map(str, arguments)]
    with tempfile.TemporaryDirectory() as name:
        process = Process(command, folder, environment, Path(name) / "output", Path(name) / "errors")
        output, errors = process.communicate()
    return subprocess.CompletedProcess(command, process.returncode, output, errors)
