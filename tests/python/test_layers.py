"""No floor of models reads a floor above it."""

import json

FLOORS = ("staging", "intermediate", "marts")
# Mended by the moves of docs/architecture.md.
KNOWN = {
    "period_publications → data_quality", "period_publications → dim_windows",
    "period_publications → dimension_scores", "period_publications → score_components",
    "period_publications → scores", "published_doubts → publications", "ranking_versions → publications",
    "trigger_runs → metrics", "trigger_runs → publications", "trigger_runs → scores",
}


def test_no_floor_reads_a_floor_above(project):
    project.dbt("parse")
    manifest = json.loads((project.folder / "target" / "manifest.json").read_text("utf-8"))
    models = {name: node for name, node in manifest["nodes"].items() if node["resource_type"] == "model"}
    floor = {name: FLOORS.index(node["path"].split("/")[0]) for name, node in models.items()}
    backwards = {
        f"{node['name']} → {models[other]['name']}"
        for name, node in models.items() for other in node["depends_on"]["nodes"]
        if other in models and floor[other] > floor[name]
    }
    assert backwards == KNOWN
