"""The same raw rows give the same marts on every engine."""

import os

import pytest

import raw_tables
import sample_logs
from conftest import Project

# Other warehouses as "name=host:port name=host:port", reached as root without a password; .ci/run sets it.
OTHERS = dict(pair.split("=", 1) for pair in os.environ.get("HALL_SCORES_OTHER_ENGINES", "").split())
AS_OF = "2026-02-28"


def fill(project: Project, folder) -> None:
    """Load two months of the sample, with its faulty rows, and rows at the edges."""
    import load_logs

    assert load_logs.main([str(folder), "--raw-schema", project.raw_schema]) == 0
    for completed in (8, 9):  # exactly 0.80 and 0.90
        cases = raw_tables.cases(10, "2026-02-10", f"EDGE{completed}", 12.5, completed)
        raw_tables.insert(project, "service_log", cases)
    for hours, resolved in ((24, "2026-02-11 09:00:00"), (25, "2026-02-11 09:00:01")):
        complaint = raw_tables.complaint(f"EDGE{hours}", "2026-02-10 09:00:00", resolved)
        raw_tables.insert(project, "complaints", [complaint])
    [clerk] = project.query("""
        select min(clerk_id) as c from {raw}.service_log where hall_id = 'H02' and service_date = '2026-02-10'
    """).c
    raw_tables.create(project, "appeals")
    raw_tables.insert(project, "appeals", [
        {"appeal_id": f"A-{decision}", "hall_id": "H02", "subject_type": "clerk", "subject_id": clerk,
         "period_type": "week", "period_start": "2026-02-09", "rule_id": "E1", "points_adjustment": 3,
         "submitted_by": clerk, "submitted_at": "2026-02-24 09:00:00", "decision": decision, "decided_by": "复核组",
         "decided_at": "2026-02-26 10:00:00"}
        for decision in ("upheld", "rejected")
    ])


def set_rules(project: Project) -> None:
    """Publish from the end of January, reward months, and begin the pilot then, so that two months cover all."""
    parameters, tiers, pilots = map(project.read_seed, ("metric_parameters", "reward_tiers", "pilots"))
    parameters.loc[parameters.parameter == "publish_from", "value"] = "2026-01-26"
    tiers["period_type"] = "month"
    changed = {"go_live": "2026-01-28", "shadow_until": "2026-02-06", "before_weeks": "3", "after_weeks": "3"}
    project.write_seed("metric_parameters", parameters)
    project.write_seed("reward_tiers", tiers)
    project.write_seed("pilots", pilots.assign(**changed))


@pytest.mark.skipif(not OTHERS, reason="no other engine named in HALL_SCORES_OTHER_ENGINES")
def test_every_engine_gives_the_same_marts(tmp_path, monkeypatch):
    sample_logs.main(["--out", str(tmp_path / "sample"), "--days", "60", "--until", AS_OF])
    found = {}
    for engine in ("", *OTHERS):
        if engine:
            host, port = OTHERS[engine].split(":")
            for name, value in (("TARGET", engine), ("HOST", host), ("PORT", port), ("USER", "root")):
                monkeypatch.setenv(f"HALL_SCORES_{name}", value)
        project = Project(tmp_path / (engine or "default"))
        try:
            fill(project, tmp_path / "sample")
            set_rules(project)
            project.build(AS_OF)
            # Published rows keep the old department, so that there is a difference to find.
            project.execute(f"update {project.raw_schema}.windows set department = '新部门' where window_id = 'W01'")
            project.dbt("run", "--select", "dim_windows", "publication_drift", as_of_date=AS_OF)
            found[engine] = project.read_marts()
        finally:
            project.close()
    expected = found.pop("")
    assert sum(map(len, expected.values())) > 10_000
    assert not [mart for mart, rows in expected.items() if not rows]
    # The comparison includes the chain of hashes: four weeks, and one of them again because of an appeal.
    assert len(expected["publications"]) == 5
    for engine, marts in found.items():
        for mart, rows in expected.items():
            assert len(marts[mart]) == len(rows), (engine, mart)
            different = [pair for pair in zip(rows, marts[mart], strict=True) if pair[0] != pair[1]]
            assert not different, f"{engine}: {mart}: {len(different)} rows: {different[0][0]} | {different[0][1]}"
    # so that the message shows the row
