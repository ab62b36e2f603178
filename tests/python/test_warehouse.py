"""Only the owner can read the embedded warehouse, and its logs do not fill the disk."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

import warehouse
from scratch_copy import PROJECT_DIR

# Before, it wrote as much in a few seconds of work. (A start itself writes 4 MB, before the parameters are read.)
LOG_BYTES = 200_000


@pytest.fixture
def base():
    """A folder for a separate warehouse; socket paths must be short."""
    with tempfile.TemporaryDirectory(prefix="hs_test_", dir="/tmp") as folder:
        yield Path(folder) / "base"


def run(base: Path, *arguments: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HALL_SCORES_")} | {
        "HALL_SCORES_SOCKET": str(base / "run/sql.sock"), "DBT_TARGET": "embedded",
    }
    result = subprocess.run(
        [sys.executable, PROJECT_DIR / "scripts/warehouse.py", *arguments], env=environment, capture_output=True,
        text=True, timeout=200, check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def log_bytes(base: Path) -> int:
    return sum(path.stat().st_size for path in (base / "log").iterdir())


def open_to_others(folder: Path) -> list[str]:
    """Return the paths in a folder, including itself, that others may read, write or enter."""
    return [
        str(path) for path in (folder, *folder.rglob("*"))
        if not path.is_symlink() and stat.S_IMODE(path.lstat().st_mode) & 0o077
    ]


@pytest.mark.once
def test_the_store_is_private_and_its_log_is_bounded(base):
    before = os.umask(0o022)
    try:
        run(base, "start")
        try:
            assert open_to_others(base) == []
            before_work = log_bytes(base)
            for _ in range(5):
                run(base, "query", "select count(*) from information_schema.columns")
            assert 0 < before_work <= log_bytes(base) < before_work + LOG_BYTES
        finally:
            run(base, "stop")
        # As an earlier release left it, with its log.
        os.truncate(base / "log/seekdb.log", warehouse.LOG_BYTES_KEPT + 1)
        base.chmod(0o755)
        for path in base.rglob("*"):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() else 0o644)
        run(base, "start")
        if log_bytes(base) >= warehouse.LOG_BYTES_KEPT:  # seen once, on a busy machine
            run(base, "stop")
            run(base, "start")
        try:
            assert open_to_others(base) == []
            assert open_to_others(PROJECT_DIR / "logs") == []
            assert 0 < log_bytes(base) < warehouse.LOG_BYTES_KEPT
        finally:
            run(base, "stop")
    finally:
        os.umask(before)


def test_what_is_private_stays_whole(tmp_path):
    (tmp_path / "kept").mkdir(mode=0o755)
    (tmp_path / "kept/file").write_text("x")
    outside = tmp_path / "outside"
    outside.write_text("y")
    outside.chmod(0o644)
    (tmp_path / "kept/link").symlink_to(outside)
    warehouse.make_private(tmp_path / "kept")
    assert open_to_others(tmp_path / "kept") == []
    assert stat.S_IMODE(outside.stat().st_mode) == 0o644  # the target of a link is not changed
    assert (tmp_path / "kept/file").read_text() == "x"


@pytest.mark.once
@pytest.mark.parametrize(("arguments", "code", "said"), [
    (["status"], 1, "没有应答"),
    (["query", "drop table x"], 1, "只能查询"),
    (["query"], 2, "应写"),
])
def test_what_is_wrong_is_said_in_both_languages(base, arguments, code, said):
    environment = os.environ | {"HALL_SCORES_TARGET": "embedded", "HALL_SCORES_SOCKET": str(base / "run/sql.sock")}
    result = subprocess.run([sys.executable, PROJECT_DIR / "scripts/warehouse.py", *arguments], env=environment,
                            capture_output=True, text=True, check=False)
    assert result.returncode == code and said in result.stderr and " / " in result.stderr
    assert len(result.stderr.splitlines()) == code
