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
    """Load two months of the sample, with its dirt, and rows at the edges."""
    import load_logs

    assert load_logs.main([str(folder), "--raw-schema", project.raw_schema]) == 0
    for completed in (8, 9):  # exactly 0.80 and 0.90
        cases = raw_tables.cases(10, "2026-02-10", f"EDGE{completed}", 12.5, completed)
        raw_tables.insert(project, "service_log", cases)
    for hours, resolved in ((24, "2026-02-11 09:00:00"), (25, "2026-02-11 09:00:01")):
        complaint = raw_tables.complaint(f"EDGE{hours}", "2026-02-10 09:00:00", resolved)
        raw_tables.insert(project, "complaints", [complaint])


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
            parameters = project.read_seed("metric_parameters")
            parameters.loc[parameters.parameter == "publish_from", "value"] = "2026-01-26"
            project.write_seed("metric_parameters", parameters)
            project.build(AS_OF)
            found[engine] = project.read_marts()
        finally:
            project.close()
    expected = found.pop("")
    assert sum(map(len, expected.values())) > 10_000
    # The chain of hashes is among what is compared: publications and what they hold.
    assert len(expected["publications"]) == 4
    for engine, marts in found.items():
        for mart, rows in expected.items():
            assert len(marts[mart]) == len(rows), (engine, mart)
            different = [pair for pair in zip(rows, marts[mart], strict=True) if pair[0] != pair[1]]
            assert not different, f"{engine}: {mart}: {len(different)} rows: {different[0][0]} | {different[0][1]}"
    # for a message that says which row
