"""The private folder of a load: it holds what citizens wrote, and is not to stay when a load was killed."""

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
PLAIN_PATH = re.compile(r"[\w./-]+")  # fit to stand in a statement


@contextmanager
def private_folder() -> Iterator[Path]:
    """Make a folder that is locked for as long as this process lives; remove those of processes that were killed."""
    for stale in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        remove_stale(stale)
    made = Path(tempfile.mkdtemp(prefix=f"new_{PREFIX}"))
    descriptor = os.open(made, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with suppress(OSError):  # on a file system without locks nothing stale is removed either
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Only now under the name that others look for: they would find it without a lock.
        made = made.rename(made.with_name(made.name.removeprefix("new_")))
        yield made
    finally:
        shutil.rmtree(made)
        os.close(descriptor)


def remove_stale(folder: Path) -> None:
    """Remove a folder of this user's that no process has locked."""
    with suppress(OSError):  # of another user, of a load that runs, or gone meanwhile
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            if os.fstat(descriptor).st_uid == os.geteuid():
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder)
        finally:
            os.close(descriptor)
