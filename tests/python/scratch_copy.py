"""The files that a scratch project copies."""

import shutil
from pathlib import Path

PROJECT_DIR = Path(__file__).resolve().parents[2]


def copy_project(folder: Path) -> None:
    for part in ("models", "macros", "seeds", "tests/generic", "tests/singular"):
        shutil.copytree(PROJECT_DIR / part, folder / part)
    for part in ("dbt_project.yml", "profiles.yml.example"):
        shutil.copy(PROJECT_DIR / part, folder / part)
    shutil.copy(PROJECT_DIR / "profiles.yml.example", folder / "profiles.yml")
