"""The private folder of a load. It holds citizens' texts, so it must not stay after a killed load."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = "hall_scores_load_"
PLAIN_PATH = re.compile(r"[\w./-]+")  # safe in an SQL statement


@contextmanager
def private_folder() -> Iterator[Path]:
    """Create a folder that is locked while this process lives; remove the folders of killed processes."""
    for stale in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        remove_stale(stale)
    made = Path(tempfile.mkdtemp(prefix=f"new_{PREFIX}"))
    descriptor = os.open(made, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with suppress(OSError):  # without file locks, stale folders are not removed either
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Rename it only when locked: others remove folders of this name without a lock.
        made = made.rename(made.with_name(made.name.removeprefix("new_")))
        yield made
    finally:
        shutil.rmtree(made)
        os.close(descriptor)


def remove_stale(folder: Path) -> None:
    """Remove a folder of this user that no process has locked."""
    with suppress(OSError):  # another user's, in use, or already gone
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            if os.fstat(descriptor).st_uid == os.geteuid():
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder)
        finally:
            os.close(descriptor)
