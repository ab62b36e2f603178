"""The state of the project that a page was made from."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from warehouse import PROJECT_DIR

# Variables for a program that needs no password. Only these: a password variable may have any name.
HARMLESS = ("PATH", "HOME", "LANG", "LC_", "TZ", "TMPDIR", "GIT_", "PYTHON")


def harmless_environment() -> dict[str, str]:
    """Return the environment of a program that needs no password."""
    return {name: value for name, value in os.environ.items() if name.startswith(HARMLESS)}


def git_commit(folder: Path = PROJECT_DIR) -> str | None:
    """Return the short commit of a folder, with -dirty if tracked files differ from it; None outside git."""
    # dbt_project.yml must be tracked, so that an archive unpacked inside another repository has no commit.
    asked = (["ls-files", "--error-unmatch", "dbt_project.yml"], ["describe", "--always", "--dirty", "--exclude=*"])
    try:
        for arguments in asked:
            found = subprocess.run(  # noqa: S603 - fixed arguments
                ["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True,  # noqa: S607
                env=harmless_environment(),
            )
    except (OSError, subprocess.CalledProcessError):
        return None
    return found.stdout.strip()
