"""Measure loading and building as ratios against yardsticks of the same run and machine.

Loads the sample into a schema of its own, builds it twice and drops everything again. The
yardstick of the build is one grouping scan of the raw service log; that of the loader is
pandas reading the same files. Figures are for docs and closing notes, never for a test.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
from warehouse import PROJECT_DIR, WarehouseError, connect

NAME = "hall_scores_benchmark"
BIN = Path(sys.executable).parent


def seconds_of(work: Callable[[], object], repeats: int = 1) -> float:
    """Return the median of the seconds that some work takes."""
    taken = []
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def run(*command: str | Path) -> None:
    """Run a command of the project; raises WarehouseError with its last lines when it fails."""
    environment = os.environ | {"HALL_SCORES_SCHEMA": NAME}
    result = subprocess.run(  # noqa: S603 - our own commands
        [str(part) for part in command], cwd=PROJECT_DIR, env=environment, capture_output=True, text=True
    )
    if result.returncode:
        raise WarehouseError((result.stdout + result.stderr)[-2000:])


def measure(days: int) -> list[tuple[str, float, float, str]]:
    """Return (what, seconds, ratio, yardstick) of each measurement."""
    connection = connect(autocommit=True)
    cursor = connection.cursor()
    found = []
    try:
        with tempfile.TemporaryDirectory() as folder:
            scripts = PROJECT_DIR / "scripts"
            run(sys.executable, scripts / "sample_logs.py", "--out", folder, "--days", str(days))
            files = list(Path(folder).glob("*.csv"))
            reading = seconds_of(lambda: [pd.read_csv(file, dtype=str) for file in files], 3)
            load = (sys.executable, scripts / "load_logs.py", folder, "--raw-schema", NAME + "_raw")
            for what in ("load", "load the same files again"):
                taken = seconds_of(lambda: run(*load))
                found.append((what, taken, taken / reading, f"pandas reads them: {reading:.2f} s"))

        def scan() -> None:
            cursor.execute(
                "select service_date, hall_id, window_id, clerk_id, item_code, count(*), sum(process_time)"
                f" from {NAME}_raw.service_log group by 1, 2, 3, 4, 5"
            )
            cursor.fetchall()

        scanning = seconds_of(scan, 3)
        variables = f"{{raw_schema: {NAME}_raw}}"
        for what in ("dbt build, first", "dbt build, again"):
            taken = seconds_of(lambda: run(BIN / "dbt", "build", "--vars", variables))
            found.append((what, taken, taken / scanning, f"one scan of the log: {scanning:.2f} s"))
        taken = seconds_of(lambda: run(BIN / "dbt", "parse", "--vars", variables))
        found.append(("of which dbt's own start", taken, taken / scanning, ""))
    finally:
        for schema in ("_raw", "", "_work", "_rules"):
            cursor.execute(f"drop schema if exists {NAME}{schema}")
        connection.close()
    return found


def main() -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--days", type=int, default=180, help="days of sample logs (default 180, about 115,000 cases)")
    try:
        for what, seconds, ratio, yardstick in measure(parser.parse_args().days):
            print(f"{what:28} {seconds:7.1f} s  {ratio:7.1f} x  {yardstick}")
    except WarehouseError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
