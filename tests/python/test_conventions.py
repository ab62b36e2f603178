"""`make lint` passes on the project and reports what breaks a convention: dbt-score, with dbt_score_rules/."""

import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
import yaml

import raw_tables
from conftest import PROJECT_DIR
from scratch_copy import copy_project

[LINT] = re.findall(r"^\t\$\(BIN\)/(dbt-score .*)$", (PROJECT_DIR / "Makefile").read_text("utf-8"), re.MULTILINE)
# Broken conventions: a file, its content, and the expected message by name.
WRONG = "select 1 as one"
BROKEN = {
    "models/intermediate/cases/wrong_prefix.sql": (WRONG, {
        "Model: wrong_prefix": ["has_description", "model_fits_its_room: .*must begin with: int_, plan_"],
    }),
    "models/marts/quality/stg_public.sql": (WRONG, {}),
    "models/marts/quality/no_contract.sql": (WRONG, {}),
    "models/marts/quality/private/int_open.sql": (WRONG, {}),
    "models/marts/quality/_broken.yml": ("""
models:
  - {name: stg_public, description: x, columns: [{name: one, data_type: bigint}]}
  - {name: no_contract, description: x, config: {contract: {enforced: false}, schema: work, group: logs}}
  - {name: int_open, description: x, config: {contract: {enforced: false}}}
""", {
        "Model: stg_public": [
            "columns_have_description: .*one", "model_fits_its_room: .*must begin with: dim_, .*no prefix",
            "mart_has_a_primary_key",
        ],
        "Model: no_contract": [
            "model_fits_its_room: group: logs; .*quality", "model_is_as_public_as_its_folder: schema: ",
            "mart_has_a_contract", "mart_has_a_primary_key",
        ],
        "Model: int_open": ["model_is_as_public_as_its_folder: access: public; .*private", "mart_has_a_primary_key"],
    }),
    "models/lost.sql": (WRONG, {
        "Model: lost": ["has_description", "model_fits_its_room: .*in no room", "model_is_as_public_as_its_folder"],
    }),
    "models/staging/logs/_broken.yml": ("""
sources:
  - {name: other, tables: [{name: guessed}, {name: dated, freshness: {warn_after: {count: 1, period: day}}}]}
""", {
        f"Source: other.{table}": ["source_names_its_loader", "source_has_an_owner", "source_says_how_fresh_it_is"]
        for table in ("guessed", "dated")
    }),
    "macros/wording/no_words.sql": ("{% macro no_words(text, length=4) -%}{%- endmacro %}", {
        "Macro: no_words": ["macro_has_description", r"macro_describes_its_arguments: .*\['text', 'length'\]"],
    }),
    "macros/wording/one_word.sql": ("{% macro one_word(text, length=4) -%}{%- endmacro %}", {}),
    "macros/wording/_broken.yml": ("""
macros:
  - {name: one_word, description: x, arguments: [{name: text, type: string, description: x}, {name: length}]}
""", {"Macro: one_word": [r"macro_describes_its_arguments: .*\['text'\]; .*\['text', 'length'\]"]}),
    "seeds/reference/unknown.csv": ("one\n1\n", {"Seed: unknown": ["seed_has_description"]}),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A copy of the project with the settings and rules of dbt-score."""
    made = tmp_path_factory.mktemp("conventions")
    copy_project(made)
    shutil.copy(PROJECT_DIR / "pyproject.toml", made)
    shutil.copytree(PROJECT_DIR / "dbt_score_rules", made / "dbt_score_rules")
    return made


def lint(folder: Path) -> tuple[int, dict[str, list[str]]]:
    """Run the Makefile's line without a warehouse; return its exit code, and its messages by name."""
    words = LINT.split()
    result = subprocess.run(
        [Path(sys.executable).with_name(words[0]), *words[1:]], cwd=folder, capture_output=True, text=True,
        env=os.environ | {"DBT_PROFILES_DIR": str(folder), "HALL_SCORES_PORT": "1", "HALL_SCORES_SOCKET": "none"},
    )
    text = re.sub(r"\x1b\[[0-9;]*m", "", result.stdout)
    assert "Project score: " in text, text + result.stderr
    assert result.stderr == ""  # a rule that cannot be imported is only a warning
    said = {}
    for head, lines in re.findall(r"^\S* (\w+: [\w.]+) \(score: .*\)\n((?:    .*\n)+)", text, re.MULTILINE):
        said[head] = lines.strip().splitlines()
    assert "ERR" not in text, text  # dbt-score counts a rule that raises an error as passed
    return result.returncode, said


@pytest.mark.once
def test_the_project_keeps_its_conventions(folder):
    assert lint(folder) == (0, {})


@pytest.mark.once
def test_each_broken_convention_is_named(folder):
    for path, (text, _) in BROKEN.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text("version: 2\n" * path.endswith(".yml") + text, "utf-8")
    code, said = lint(folder)
    assert code == 1
    expected = {head: patterns for _, names in BROKEN.values() for head, patterns in names.items()}
    assert set(said) == set(expected)
    for head, patterns in expected.items():
        assert len(said[head]) == len(patterns), said[head]
        for pattern in patterns:
            assert any(re.search(rf"\.{pattern}", line) for line in said[head]), (pattern, said[head])


@pytest.mark.once
def test_freshness_has_the_limits_of_the_seed():
    """dbt cannot read `freshness` from a seed, so its days must equal those of quality_limits.csv."""
    [hall] = yaml.safe_load((PROJECT_DIR / "models/staging/logs/_sources.yml").read_text("utf-8"))["sources"]
    limits = pd.read_csv(next((PROJECT_DIR / "seeds").rglob("quality_limits.csv")), dtype=str, keep_default_na=False)
    limits = limits[(limits.check_id == "days_since_last_row") & (limits.valid_to == "")]
    stated = {
        table["name"]: tuple(str(freshness.get(key, {}).get("count", "")) for key in ("warn_after", "error_after"))
        for table in hall["tables"]
        if (freshness := table["freshness"])
    }
    assert stated == {row.raw_table: (row.warn_from, row.error_from) for row in limits.itertuples()}


def test_dbt_tells_how_fresh_the_raw_tables_are(project):
    raw_tables.create(project, "service_log", "feedback", "complaints")
    for days, result in ((1, "PASS"), (6, "WARN"), (40, "ERROR STALE")):
        day = (datetime.now(UTC) - timedelta(days=days)).strftime("%Y-%m-%d")
        for table in ("service_log", "feedback", "complaints"):
            project.execute(f"delete from {project.raw_schema}.{table}")
        cases = raw_tables.cases(1, day, "H1") + raw_tables.cases(1, "2099-01-01", "H1")
        raw_tables.insert(project, "service_log", cases)
        raw_tables.insert(project, "feedback", raw_tables.ratings([5], day, "H1"))
        raw_tables.insert(project, "complaints", [raw_tables.complaint("H1", f"{day} 09:00:00", None)])
        printed = project.dbt("--no-use-colors", "source", "freshness", check=False).stdout
        for table in ("service_log", "feedback"):
            assert re.search(rf"{result} +(?:freshness )?(?:of )?hall\.{table}", printed), printed
        assert re.search(r"PASS +(?:freshness )?(?:of )?hall\.complaints", printed), printed
