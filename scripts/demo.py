"""The demo: sample logs of six halls, their scores and reports, told in some ten lines.

What the steps themselves say goes to logs/demo.log. The exit code is that of the step that failed.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TextIO

PROJECT_DIR = Path(__file__).resolve().parent.parent
LOG = Path("logs", "demo.log")
LINES_SHOWN = 20
BAR = 24
SECONDS_TO_END = 10
SAMPLE, SAMPLE_MAKER = Path("sample_data", "service_log.csv"), Path("scripts", "sample_logs.py")
# How dbt says that a node has ended: `21:35:48  6 of 7 OK created sql view model … [CREATE VIEW in 0.17s]`. That it
# begins ends with [RUN]. Hooks have counts of their own.
NODE_ENDED = re.compile(r"[\d:]+ +\d+ of (\d+) (?!OK hook).* \[(?!RUN\])[^\[]*\]$")
TO_OPEN = {
    "month": "得分、改进、痛点 / scores, actions to improve, pain points",
    "quarter": "奖励候选 / who is a candidate for a reward",
    "week": "最近一周 / the latest week",
}


class StepFailed(Exception):
    """A step ended with an exit code other than 0, which is its argument."""


def steps(target: str) -> dict[str, list[list[str]]]:
    """Return the command lines of each step by its name."""
    python, chosen = [sys.executable], ["--target", target]
    dbt = str(Path(sys.executable).with_name("dbt"))
    found = {}
    if not SAMPLE.exists() or SAMPLE.stat().st_mtime < SAMPLE_MAKER.stat().st_mtime:
        found["样例数据 / sample logs"] = [[*python, str(SAMPLE_MAKER), "--out", str(SAMPLE.parent)]]
    return found | {
        "启动数据仓库 / start the warehouse": [[*python, "scripts/warehouse.py", "start"]],
        "装载 / load the logs": [[*python, "scripts/load_logs.py", *chosen, str(SAMPLE.parent)]],
        "计算积分 / build the scores": [[dbt, "--no-use-colors", "build", *chosen]],
        "周、月、季报告 / reports of a week, a month and a quarter": [
            [*python, "scripts/export_reports.py", *chosen, "--period", period, "--out", "reports"]
            for period in ("week", "month", "quarter")
        ],
    }


def run(command: list[str], log: TextIO, hear: Callable[[str], None]) -> None:
    """Run a command; each line that it says is logged and heard. Raises StepFailed."""
    process = subprocess.Popen(  # noqa: S603 - our own scripts and dbt
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        encoding="utf-8", errors="replace", env=os.environ | {"PYTHONIOENCODING": "utf-8"},
    )
    try:
        for line in process.stdout:
            log.write(line)
            hear(line)
        process.wait()
    except KeyboardInterrupt:
        # A terminal interrupts the child, too, and dbt then ends its statements on the server.
        with suppress(subprocess.TimeoutExpired):
            process.wait(SECONDS_TO_END)
        raise
    finally:
        process.kill()
        process.wait()
    if process.returncode:
        raise StepFailed(process.returncode if process.returncode > 0 else 128 - process.returncode)


def tell(label: str, commands: list[list[str]], log: TextIO) -> None:
    """Run a step in one line of the screen; on a terminal a bar stands there while dbt builds. Raises StepFailed."""
    began, ended, end = time.monotonic(), 0, "失败 / failed"

    def hear(line: str) -> None:
        nonlocal ended
        if sys.stdout.isatty() and (found := NODE_ENDED.match(line)):
            ended, total = ended + 1, int(found[1])
            print(f"\r{label} [{'#' * (BAR * ended // total):.<{BAR}}] {ended}/{total}", end="", flush=True)

    print(f"{label} … ", end="", flush=True)
    try:
        for command in commands:
            log.write(f"== {' '.join(command)}\n")
            run(command, log, hear)
        end = f"{time.monotonic() - began:.0f} s"
    except KeyboardInterrupt:
        end = "已停止 / stopped"
        raise
    finally:
        if ended:
            print(f"\r{label} … {'':{BAR + 16}}", end=f"\r{label} … ")
        print(end, flush=True)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code: that of the step that failed, 130 when it was stopped."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", default="embedded", help="output of profiles.yml (default: embedded)")
    options = parser.parse_args(arguments)
    os.chdir(PROJECT_DIR)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    LOG.parent.mkdir(mode=0o700, exist_ok=True)
    found = steps(options.target)
    with LOG.open("w", encoding="utf-8", buffering=1) as log:
        for number, (name, commands) in enumerate(found.items(), start=1):
            try:
                tell(f"[{number}/{len(found)}] {name}", commands, log)
            except (StepFailed, KeyboardInterrupt) as error:
                if str(SAMPLE_MAKER) in commands[0]:
                    SAMPLE.unlink(missing_ok=True)  # or the next demo would take half of the logs for all
                if isinstance(error, KeyboardInterrupt):
                    return 130
                with LOG.open(encoding="utf-8") as lines:
                    print(*deque(lines, LINES_SHOWN), sep="", end="")
                print(f"error: 全部输出见 {LOG} / all that was said is in {LOG}", file=sys.stderr)
                return error.args[0]
    print("\n请先在浏览器中打开 / open first, in a browser:")
    print("  reports/index.html  全部报告的目录 / links all that was made")
    for period, holds in TO_OPEN.items():
        print(f"  {max(Path('reports').glob(f'{period}-*/index.html'))}  {holds}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
