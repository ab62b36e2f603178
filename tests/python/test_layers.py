"""The rooms of docs/architecture.md: a model reads its own room or an earlier one."""

import json
import re

import pytest

from conftest import PROJECT_DIR

pytestmark = pytest.mark.quick

ROOMS = re.findall(r"^\| (\w+/\w+) \|", (PROJECT_DIR / "docs" / "architecture.md").read_text("utf-8"), re.MULTILINE)


@pytest.fixture(scope="module")
def models(project) -> dict[str, dict]:
    project.dbt("parse")
    manifest = json.loads((project.folder / "target" / "manifest.json").read_text("utf-8"))
    return {name: node for name, node in manifest["nodes"].items() if node["resource_type"] == "model"}


def room_of(model: dict) -> str:
    return "/".join(model["path"].split("/")[:2])


def test_every_model_has_a_room_of_the_table(models):
    assert {room_of(model) for model in models.values()} == set(ROOMS)


def test_no_model_reads_a_later_room(models):
    backwards = [
        f"{model['name']} ({room_of(model)}) reads {models[other]['name']} ({room_of(models[other])})"
        for model in models.values() for other in model["depends_on"]["nodes"]
        if other in models and ROOMS.index(room_of(models[other])) > ROOMS.index(room_of(model))
    ]
    assert not backwards
