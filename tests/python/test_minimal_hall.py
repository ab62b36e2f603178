"""Three tables with only the required columns, without ids."""

import json
import re
from decimal import Decimal

import pytest

from conftest import Project

pytestmark = pytest.mark.quick


@pytest.fixture(scope="module")
def built(project: Project) -> Project:
    raw = project.raw_schema
    project.execute(
        f"create table {raw}.service_log (service_date date, process_time decimal(12, 4), is_completed int)"
    )
    project.execute(f"create table {raw}.feedback (date date, rating int)")
    project.execute(
        f"create table {raw}.complaints (complaint_date date, complaint_time datetime, resolution_time datetime)"
    )
    project.execute(
        f"insert into {raw}.service_log values (%s, %s, %s)",
        [("2026-03-10", 8, 1)] * 9 + [("2026-03-10", 8, 0)],
    )
    project.execute(f"insert into {raw}.feedback values (%s, %s)", [("2026-03-10", 5), ("2026-03-11", 4)])
    project.execute(
        f"insert into {raw}.complaints values (%s, %s, %s)",
        [("2026-03-10", "2026-03-10 09:00:00", "2026-03-10 15:00:00")],
    )
    result = project.build("2026-03-31")
    assert "WARN=0" in result.stdout
    return project


def test_bold_columns_are_enough(built):
    scores = built.query("""
        select hall_id, subject_type, subject_id, efficiency_score, satisfaction_score, composite_score, status
        from {schema}.scores where period_type = 'month'
    """)
    # Equal rows without an id are separate cases: 9 of 10 completed. 100 + 2 × 2 + 20 = 124;
    # 4.5 stars, the complaint in time: 100 + 30 + 10 = 140; 0.4 × 124 + 0.6 × 140
    assert scores.values.tolist() == [
        ["main", "hall", "main", Decimal("124"), Decimal("140"), Decimal("133.6"), "scored"]
    ]
    subjects = built.query("select distinct subject_type as t from {schema}.metrics")
    assert subjects.t.tolist() == ["hall"]


def test_every_column_of_every_table_is_described_in_both_languages(built):
    """Chinese first, then English; and nothing is described that does not exist."""
    manifest = json.loads((built.folder / "target" / "manifest.json").read_text("utf-8"))
    nodes = [n for n in manifest["nodes"].values() if n["resource_type"] in ("model", "seed")]
    assert len(nodes) > 45
    tables = built.query("""
        select table_schema as s, table_name as t, column_name as c from information_schema.columns
        where table_schema like '{schema}%'
    """)
    wrong = []
    for node in nodes:
        columns = set(tables[(tables.s == node["schema"]) & (tables.t == node["name"])].c)
        wrong += [f"{node['name']}.{name} is described and not there" for name in set(node["columns"]) - columns]
        wrong += [f"{node['name']}.{name} is not described" for name in columns - set(node["columns"])]
        texts = {name: column["description"] for name, column in node["columns"].items()}
        for name, text in (texts | {"(itself)": node["description"]}).items():
            if not re.match(r"^[^/]*[\u4e00-\u9fff].* / .*[A-Za-z]{3}", text, re.DOTALL):
                wrong.append(f"{node['name']}.{name}: '{text}'")
    for source in manifest["sources"].values():
        wrong += [f"{source['name']}.{c['name']}" for c in source["columns"].values() if " / " not in c["description"]]
    assert not wrong, "\n".join(sorted(wrong))
