"""A page states the commit it was made from, and whether files differed from it."""

import subprocess
from pathlib import Path

import pytest

from provenance import git_commit

pytestmark = pytest.mark.once


def git(folder: Path, *arguments: str) -> str:
    named = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
    return subprocess.run(
        ["git", *named, *arguments], cwd=folder, capture_output=True, text=True, check=True
    ).stdout.strip()


def test_commit_of_a_clean_an_edited_and_a_foreign_folder(tmp_path, monkeypatch):
    assert git_commit(tmp_path) is None
    git(tmp_path, "init")
    assert git_commit(tmp_path) is None
    seed = tmp_path / "dbt_project.yml"
    seed.write_text("name: one\n", "utf-8")
    git(tmp_path, "add", "dbt_project.yml")
    git(tmp_path, "commit", "--message", "one")
    git(tmp_path, "tag", "v1")  # a tag does not replace the commit
    commit = git(tmp_path, "rev-parse", "HEAD")
    assert commit.startswith(git_commit(tmp_path)) and len(git_commit(tmp_path)) >= 7
    (tmp_path / "notes.txt").write_text("not tracked\n", "utf-8")
    assert not git_commit(tmp_path).endswith("-dirty")
    seed.write_text("name: two\n", "utf-8")
    assert git_commit(tmp_path) == commit[: len(git_commit(tmp_path)) - len("-dirty")] + "-dirty"
    archive = tmp_path / "archive"
    archive.mkdir()
    (archive / "dbt_project.yml").write_text("name: other\n", "utf-8")
    assert git_commit(archive) is None
    monkeypatch.setenv("PATH", str(tmp_path))
    assert git_commit(tmp_path) is None
