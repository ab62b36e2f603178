"""Judge periods by two rule books, in scratch schemas beside the marts."""

from __future__ import annotations

import json
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import mysql.connector
from mysql.connector import errorcode

from rules.tables import PROJECT_DIR, SEEDS
from warehouse import WarehouseError, connect, printable, read_profile

# The models that judge; those that must measure again when such a parameter changes. Both read daily measures,
# never a log.
JUDGING = [
    "int_subject_periods", "int_rule_book_hashes", "score_components", "dimension_scores", "scores",
    "standing_scores", "rankings", "int_trigger_runs", "improvement_actions", "reward_candidates",
]
MEASURING = [
    "int_periods", "int_period_waits", "int_period_complaints", "int_period_callbacks", "int_period_measures",
    "metrics",
]
MEASURED_BY = {
    "complaint_deadline_hours", "satisfied_rating", "attribution_minimum_share", "case_mix_reference_minutes",
    "wait_target_minutes", "negative_rating", "callback_deadline_hours",
}
PERIOD_TYPES = ("week", "month", "quarter", "year")


class Warehouse:
    """The live marts, and the scratch schemas of one preview beside them."""

    def __init__(self, target: str | None):
        """Connect to an output of profiles.yml. Raises WarehouseError when it does not answer."""
        self.target = target
        self.live = read_profile(target)["schema"]
        scratch = f"{self.live}_preview_{datetime.now():%Y%m%d%H%M}_{secrets.token_hex(3)}"
        self.schemas = {"live": self.live, "present": f"{scratch}_present", "proposed": f"{scratch}_proposed"}
        self.connection = connect(target, autocommit=True)

    def select(self, sql: str) -> list[dict]:
        """Return the rows of a query in which {live}, {present} and {proposed} stand for the schemas."""
        cursor = self.connection.cursor(dictionary=True)
        for name, schema in self.schemas.items():
            sql = sql.replace(f"{{{name}}}", schema)
        try:
            cursor.execute(sql)
            rows = cursor.fetchall() if cursor.description else []
            return [{name: printable(cell) for name, cell in row.items()} for row in rows]
        except mysql.connector.Error as error:
            missing = error.errno in (errorcode.ER_NO_SUCH_TABLE, errorcode.ER_BAD_DB_ERROR)
            raise WarehouseError(f"{error.msg}{'; run `dbt build` first' if missing else ''}") from None
        finally:
            cursor.close()

    def judged_periods(self, last: int) -> list[dict]:
        """Return the latest closed periods of each type, up to a number of each."""
        return self.select(f"""
            select period_type, period_start, period_end from (
                select period_type, period_start, period_end,
                    row_number() over (partition by period_type order by period_start desc) as age
                from {{live}}.dim_periods where is_closed and period_type in {PERIOD_TYPES}
            ) as periods where age <= {last} order by period_type, period_start
        """)

    def scratch_schemas(self, prefix: str) -> list[str]:
        """Return the names of the schemas that begin with a prefix."""
        pattern = prefix.replace("_", "\\_") + "%"
        rows = self.select("select schema_name as name from information_schema.schemata"
                           f" where schema_name like '{pattern}'")
        return [row["name"] for row in rows]

    def drop(self, schemas: list[str]) -> None:
        """Drop schemas."""
        for name in schemas:
            self.select(f"drop schema if exists `{name}`")

    def drop_old(self) -> None:
        """Drop what previews killed a day ago or longer left behind."""
        prefix = f"{self.live}_preview_"
        yesterday = f"{datetime.now() - timedelta(days=1):%Y%m%d%H%M}"
        self.drop([
            name for name in self.scratch_schemas(prefix)
            if re.match(r"\d{12}", name.removeprefix(prefix)) and name.removeprefix(prefix)[:12] < yesterday
        ])

    @contextmanager
    def judged(
        self, books: dict[str, dict[str, str]], periods: list[dict], remeasure: bool, variables: dict
    ) -> Iterator[None]:
        """Judge the periods by each rule book ({schema's name: rule files}); the schemas are gone afterwards."""
        models = [*JUDGING, *(MEASURING if remeasure else [])]
        slices = [f"{period['period_type']} {period['period_start']}" for period in periods]
        with tempfile.TemporaryDirectory() as name:
            try:
                folders = {book: self._copy_project(Path(name) / book, rules) for book, rules in books.items()}
                state = Path(name) / "state"
                self._wait(self._dbt(next(iter(folders.values())), state, "parse", variables))
                runs = [
                    self._dbt(
                        folder, folder / "target", "build",
                        variables | {"scratch_schema": self.schemas[book], "only_periods": slices},
                        "--defer", "--state", str(state), "--resource-type", "model", "--resource-type", "seed",
                        "--select", "path:seeds/rules", "path:models/staging/rules", *models,
                    )
                    for book, folder in folders.items()
                ]
                try:
                    for run in runs:
                        self._wait(run)
                finally:
                    for run in runs:
                        run.kill()
                        run.wait()
                yield
            finally:
                self.drop(self.scratch_schemas(self.schemas["present"].removesuffix("present")))

    @staticmethod
    def _copy_project(folder: Path, rules: dict[str, str]) -> Path:
        for part in ("models", "macros", "seeds/reference", "tests/generic"):
            shutil.copytree(PROJECT_DIR / part, folder / part)
        shutil.copy(PROJECT_DIR / "dbt_project.yml", folder)
        shutil.copy(SEEDS.parent / "_seeds.yml", folder / "seeds")
        (folder / "seeds" / "rules").mkdir()
        for seed, text in rules.items():
            (folder / "seeds" / "rules" / f"{seed}.csv").write_text(text, "utf-8")
        return folder

    def _dbt(self, folder: Path, target: Path, command: str, variables: dict, *arguments: str) -> subprocess.Popen:
        line = [
            str(Path(sys.executable).parent / "dbt"), "--quiet", "--no-use-colors", command,
            "--project-dir", str(folder), "--profiles-dir", str(PROJECT_DIR),
            "--target-path", str(target), "--log-path", str(folder / "logs"),
            "--vars", json.dumps(variables), *arguments, *(["--target", self.target] if self.target else []),
        ]
        return subprocess.Popen(  # noqa: S603
            line, cwd=PROJECT_DIR, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    @staticmethod
    def _wait(run: subprocess.Popen) -> None:
        output = run.communicate()[0]
        if run.returncode:
            raise WarehouseError(f"the rules could not be judged:\n{output.strip()}")
