"""Keep passwords of the environment where no file shows them."""

from __future__ import annotations

import ctypes
import json
import os
import sys

PR_SET_DUMPABLE = 4
HANDED_OVER = "HALL_SCORES_HANDED_OVER"  # number of the descriptor that hands them over


def passwords() -> dict[str, str]:
    """Return the variables of this process's environment that hold a password."""
    return {name: value for name, value in os.environ.items()
            if value and (name.startswith("DBT_ENV_SECRET_") or "PASSWORD" in name.upper())}


def hide_passwords() -> None:
    """Restart this program so that /proc/<pid>/environ shows no passwords.

    They are handed over in memory and put into os.environ, whose later changes /proc does not show.
    """
    if descriptor := os.environ.pop(HANDED_OVER, None):
        with os.fdopen(int(descriptor), encoding="utf-8") as file:
            os.environ |= json.load(file)
        # Other processes of this user, such as the child that reads foreign files, may not read its memory either.
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0)
        return
    found = passwords()
    if not found or not hasattr(os, "memfd_create"):
        return
    descriptor = os.memfd_create("passwords", 0)  # inherited by the new program
    os.write(descriptor, json.dumps(found).encode())
    os.lseek(descriptor, 0, os.SEEK_SET)
    kept = {name: value for name, value in os.environ.items() if name not in found}
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(sys.executable, [sys.executable, *sys.argv], kept | {HANDED_OVER: str(descriptor)})  # noqa: S606


def forget_passwords() -> None:
    """Remove the passwords from this process's environment, after it has connected."""
    for name in passwords():
        del os.environ[name]
