"""What the tests share: a scratch copy of the project with its own schemas.

HALL_SCORES_TARGET chooses the warehouse (default: embedded), so the whole suite
runs on any engine.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from pathlib import Path

import pandas as pd
import pytest

from scratch_copy import PROJECT_DIR, copy_project

sys.path.insert(0, str(PROJECT_DIR / "scripts"))
os.environ.setdefault("DBT_PROFILES_DIR", str(PROJECT_DIR))
# The connector reads the machine's list of CAs for each connection without using it:
# 40 ms each, a third of a build on a server with TLS.
os.environ |= {"SSL_CERT_FILE": os.devnull, "SSL_CERT_DIR": os.devnull}

import harness
import warehouse

LEFT_OUT: list[pytest.Item] = []


def run_script(name: str, *arguments, code: int = 0, **environment: str) -> str:
    """Run a script of the project; return what it printed. Raises AssertionError on another exit code."""
    path = PROJECT_DIR / "scripts" / name
    result = harness.run_script(path, PROJECT_DIR, os.environ | environment, *arguments)
    output = result.stdout + result.stderr
    assert result.returncode == code, output
    assert "Traceback" not in output
    return output


class Project:
    """A copy of the dbt project that builds into schemas no one else uses."""

    def __init__(self, folder: Path):
        self.folder = folder
        name = uuid.uuid4().hex[:8]
        self.schema = f"hs_test_{name}"
        self.raw_schema = f"hs_test_{name}_raw"
        copy_project(folder)
        # A socket path has at most 107 bytes, so use a short link.
        self.socket = Path("/tmp") / f"{self.schema}.sock"
        profile = warehouse.read_profile()
        if not profile.get("server"):
            self.socket.symlink_to(PROJECT_DIR / profile["unix_socket"])
        # Captured, so that a project keeps its warehouse when a test switches to another.
        # Only what dbt needs: it searches the environment at each event, some thousand times per build.
        wanted = ("HALL_SCORES_", "DBT_", "SSL_", "PATH", "HOME", "LANG", "LC_", "TMP", "TZ")
        self.environment = {name: value for name, value in os.environ.items() if name.startswith(wanted)} | {
            "DBT_LOG_LEVEL_FILE": "none",
            "HALL_SCORES_SCHEMA": self.schema,
            "HALL_SCORES_SOCKET": str(self.socket),
            "DBT_PROFILES_DIR": str(folder),
        }
        self.connection = warehouse.connect(autocommit=True)
        self.execute(f"create schema {self.raw_schema} character set utf8mb4 collate utf8mb4_bin")

    def execute(self, sql: str, rows: list[tuple] | None = None) -> None:
        cursor = self.connection.cursor()
        cursor.executemany(sql, rows) if rows is not None else cursor.execute(sql)
        cursor.close()

    def query(self, sql: str) -> pd.DataFrame:
        """Run sql with {schema} and {raw} filled in; decimals stay Decimal."""
        cursor = self.connection.cursor()
        cursor.execute(sql.replace("{schema}", self.schema).replace("{raw}", self.raw_schema))
        frame = pd.DataFrame(cursor.fetchall(), columns=[c[0] for c in cursor.description], dtype=object)
        cursor.close()
        return frame

    def read_seed(self, name: str) -> pd.DataFrame:
        return pd.read_csv(self.seed_path(name), dtype=str, keep_default_na=False)

    def write_seed(self, name: str, frame: pd.DataFrame) -> None:
        frame.to_csv(self.seed_path(name), index=False, lineterminator="\n")

    def seed_path(self, name: str) -> Path:
        return next((self.folder / "seeds").rglob(f"{name}.csv"))

    def read_marts(self) -> dict[str, list[tuple]]:
        """Return the rows of each mart in a fixed order, without build ids and times of publication."""
        columns = self.query("""
            select table_name as t, column_name as c from information_schema.columns
            where table_schema = '{schema}' and column_name not in ('build_id', 'published_at')
        """)
        return {
            name: sorted(
                map(tuple, self.query(f"select {', '.join(sorted(found.c))} from {{schema}}.{name}").values), key=repr
            )
            for name, found in columns.groupby("t")
        }

    def start_dbt(self, *arguments: str, **variables) -> harness.Process:
        """Start dbt in a new process group; keyword arguments become vars."""
        variables = {"raw_schema": self.raw_schema} | variables
        return harness.start_dbt(self.folder, self.environment, [*arguments, "--vars", json.dumps(variables)])

    def dbt(self, *arguments: str, check: bool = True, **variables) -> subprocess.CompletedProcess:
        """Run dbt; keyword arguments become vars. Raises AssertionError on failure."""
        for _ in range(2):
            process = self.start_dbt(*arguments, **variables)
            stdout, stderr = process.communicate()
            # On a busy machine seekdb's catalogue is sometimes behind, and it asks to try again. So does this,
            # as docs/operations.md says.
            if "5627 (HY000): Schema try again" not in stdout:
                break
        result = subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)
        if check:
            assert result.returncode == 0, result.stdout[-6000:] + result.stderr[-2000:]
        return result

    def build(self, as_of: str, *arguments: str, check: bool = True, **variables):
        return self.dbt("build", *arguments, check=check, as_of_date=as_of, **variables)

    def close(self) -> None:
        for schema in (self.raw_schema, self.schema, *(f"{self.schema}_{s}" for s in ("rules", "work", "ledger"))):
            self.execute(f"drop schema if exists {schema}")
        self.connection.close()
        self.socket.unlink(missing_ok=True)


def pytest_deselected(items: list[pytest.Item]) -> None:
    LEFT_OUT.extend(items)


def pytest_terminal_summary(terminalreporter, config) -> None:
    """Say what `make test` leaves out."""
    if LEFT_OUT and config.option.markexpr == "quick":
        modules = sorted({item.path.stem.removeprefix("test_") for item in LEFT_OUT})
        terminalreporter.write_line(
            f"未运行 {len(LEFT_OUT)} 项（全部运行：make test-all） / {len(LEFT_OUT)} tests left out (all of them: "
            f"make test-all): {', '.join(modules)}"
        )


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    made = Project(tmp_path_factory.mktemp("project"))
    yield made
    made.close()
