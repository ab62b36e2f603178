"""The workflows run existing targets, and none gives a fork's code a token with write access."""

import re

import pytest
import yaml

from conftest import PROJECT_DIR

pytestmark = [pytest.mark.once, pytest.mark.quick]

WORKFLOWS = sorted((PROJECT_DIR / ".github" / "workflows").glob("*.yml"))


def parts(path) -> tuple[dict, dict, list[dict]]:
    """Return the workflow, its triggers, and its steps."""
    workflow = yaml.safe_load(path.read_text("utf-8"))
    return workflow, workflow[True], [step for job in workflow["jobs"].values() for step in job["steps"]]


def may_write(workflow: dict) -> bool:
    grants = [workflow["permissions"], *(job.get("permissions", {}) for job in workflow["jobs"].values())]
    return any(not isinstance(granted, dict) or "write" in granted.values() for granted in grants)


def test_the_three_workflows_are_there():
    assert {path.stem for path in WORKFLOWS} == {"check", "preview", "preview-comment"}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_runs_make_targets_that_exist(path):
    targets = set(re.findall(r"^([\w-]+):", (PROJECT_DIR / "Makefile").read_text("utf-8"), re.MULTILINE))
    commands = "\n".join(step.get("run", "") for step in parts(path)[2])
    assert set(re.findall(r"^\s*make (?:--\S+ )*([\w-]+)", commands, re.MULTILINE)) <= targets


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_takes_fixed_actions_and_no_text_of_others_into_its_commands(path):
    workflow, starts, steps = parts(path)
    for step in steps:
        if "uses" in step:
            assert re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", step["uses"])
        script = step.get("run", "") + step.get("with", {}).get("script", "")
        assert "${{" not in script, "pass it through env"
    if may_write(workflow):
        assert set(starts) == {"workflow_run"}
        assert not [step for step in steps if "checkout" in step.get("uses", "") or "run" in step]
    else:
        assert set(starts) <= {"push", "pull_request"}


def test_the_comment_follows_the_preview():
    preview, comment = (parts(WORKFLOWS[0].with_name(f"{name}.yml")) for name in ("preview", "preview-comment"))
    assert comment[1]["workflow_run"]["workflows"] == [preview[0]["name"]]
    uploaded = next(s["with"] for s in preview[2] if "upload-artifact" in s.get("uses", ""))
    downloaded = next(s["with"] for s in comment[2] if "download-artifact" in s.get("uses", ""))
    assert uploaded["name"] == downloaded["name"]
    assert uploaded["path"] == "reports/preview.md"
