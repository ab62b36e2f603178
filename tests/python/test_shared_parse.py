"""The parse that scratch projects share equals dbt's own parse of each."""

import json

import pytest

import harness
from conftest import Project

pytestmark = [pytest.mark.once, pytest.mark.skipif(harness.IS_PLAIN, reason="plain dbt shares no parse")]
AS_OF = "2026-03-31"


def manifest(project: Project, *options: str) -> dict:
    """Parse; return the manifest without times and run ids."""
    output = project.dbt(*options, "parse", as_of_date=AS_OF).stdout
    assert "Unable to do partial parsing" not in output  # dbt prints it if it cannot use the saved parse
    found = json.loads((project.folder / "target" / "manifest.json").read_text("utf-8"))
    # The order depends on parsing and has no meaning.
    found["group_map"] = {group: sorted(models) for group, models in found["group_map"].items()}
    del found["metadata"]

    def timeless(value):
        if isinstance(value, dict):
            return {name: timeless(item) for name, item in value.items() if name not in ("created_at", "build_path")}
        return [timeless(item) for item in value] if isinstance(value, list) else value

    return timeless(found)


def test_a_shared_parse_equals_a_parse_of_the_scratch_project(project):
    # An as-of date, a seed and a model that differ from the shared parse.
    rules = project.read_seed("scoring_rules")
    rules.loc[rules.rule_id == "E3", "points"] = "21"
    project.write_seed("scoring_rules", rules)
    model = project.folder / "models" / "marts" / "standings" / "scores_current.sql"
    model.write_text(model.read_text("utf-8") + "\n-- changed", "utf-8")
    shared = manifest(project)
    assert project.schema in json.dumps(shared)
    assert "hs_test_template" not in json.dumps(shared)
    # The static parser, not used by the shared parse, lists a source once that a model reads twice.
    assert shared == manifest(project, "--no-partial-parse", "--no-static-parser")
