"""Where a report comes from: the commit of the project that made it."""

from __future__ import annotations

import subprocess

from warehouse import PROJECT_DIR


def git_commit() -> str | None:
    """Return the commit that is checked out, or None outside a git checkout."""
    try:
        result = subprocess.run(
            ["git", "rev-parse", "HEAD"],  # noqa: S607 - the git of the path, as the user has it
            cwd=PROJECT_DIR, capture_output=True, text=True, check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return result.stdout.strip()
