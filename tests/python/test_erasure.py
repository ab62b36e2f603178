"""The commands of docs/operations.md that erase personal data, run as written, and what must not change."""

import os
import re
import subprocess
import time
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

import raw_tables
from conftest import PROJECT_DIR, Project
from raw_tables import cases, complaint, ratings
from test_publication import verify

pytestmark = pytest.mark.once

SECRET = "我是张三，排队太久，电话13812345678"
KEPT = ("scores", "score_components", "rankings", "metrics", "published_scores", "published_components")


def commands() -> list[str]:
    text = (PROJECT_DIR / "docs" / "operations.md").read_text("utf-8")
    block = re.search(r"## 保留与删除.*?```\n(.*?)```", text, re.DOTALL)[1]
    return [line for line in block.splitlines() if not line.startswith("#")]


def old_file(path: Path, days: float) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(SECRET, encoding="utf-8")
    when = time.time() - days * 86400
    for changed in (path, path.parent):
        os.utime(changed, (when, when))
    return path


def test_texts_go_and_scores_stay(project: Project):
    """Texts of 2025 and one of today are nulled as the docs say, and all is read again: only pain points change."""
    raw_tables.create(project, "service_log", "feedback", "complaints", "appeals", "clerks")
    day = "2025-10-10"
    raw_tables.insert(project, "clerks", [{"hall_id": "H01", "clerk_id": "C001", "clerk_name": "李四"}])
    raw_tables.insert(project, "service_log", cases(9, day, "H01", 8, clerk_id="C001"))
    raw_tables.insert(project, "feedback", [
        row | {"feedback_id": name}
        for row, name in zip(ratings([5, 1], day, "H01", comment=SECRET, clerk_id="C001"), "AB", strict=True)])
    raw_tables.insert(project, "feedback", [
        row | {"feedback_id": "F20261124-0017"} for row in ratings([3], str(date.today()), "H01", comment=SECRET)])
    raw_tables.insert(project, "complaints", [
        complaint("H01", f"{day} 09:00:00", None, description=SECRET, complaint_id="K")])
    raw_tables.insert(project, "appeals", [{
        "appeal_id": "A", "hall_id": "H01", "subject_type": "clerk", "subject_id": "C001", "rule_id": "E1",
        "period_type": "month", "period_start": "2025-10-01", "reason": SECRET, "submitted_by": "C001",
        "submitted_at": "2025-11-20 09:00:00", "decision": "rejected", "decision_reason": "记录无误",
        "decided_by": "P7", "decided_at": "2025-11-21 09:00:00"}])
    parameters = project.read_seed("metric_parameters")
    parameters.loc[parameters.parameter == "publish_from", "value"] = "2025-10-01"
    project.write_seed("metric_parameters", parameters)
    calendar = project.read_seed("work_calendar")
    holiday = calendar[calendar.calendar_date == "2026-10-01"].assign(calendar_date="2025-10-01")
    project.write_seed("work_calendar", pd.concat([holiday, calendar]))
    project.build("2025-12-20")
    before = project.read_marts()
    assert [row for row in before["published_scores"] if "C001" in row]
    texts = project.query("""
        select count(comment) as n from {raw}.feedback union all select count(description) from {raw}.complaints
        union all select count(reason) from {raw}.appeals
    """)
    assert list(texts.n) == [3, 1, 1]
    found = [re.fullmatch(r'mysql government_hall -e "(.*)"', line) for line in commands() if line.startswith("mysql")]
    assert len(found) == 5
    project.execute(f"use {project.raw_schema}")
    for sql in found:
        project.execute(sql[1])
    for table, column in (("feedback", "comment"), ("complaints", "description"), ("appeals", "reason"),
                          ("clerks", "clerk_name")):
        assert not len(project.query(f"select 1 from {{raw}}.{table} where {column} is not null"))
    project.build("2025-12-20", reconcile=True)
    after = project.read_marts()
    assert {name for name in KEPT if before[name] != after[name]} == set()
    assert sum(map(len, before["pain_points"])) > sum(map(len, after["pain_points"]))
    assert project.query("select clerk_name as n from {schema}.dim_clerks").n.tolist() == ["C001"]
    assert "all hashes and all scores are right" in verify(project)


def test_old_files_go_and_others_stay(tmp_path):
    """Daily folders and dumps go by age, and all versions of the pages except the current one."""
    places = {"/srv/hall-scores": tmp_path / "srv", "/var/backups/hall-scores": tmp_path / "backups"}
    srv, backups = places.values()
    gone = [
        old_file(srv / "archive" / "loaded" / "2026-01-02" / "feedback.csv", 100),
        old_file(srv / "archive" / "rejected" / "2026-01-02" / "feedback.csv.txt", 100),
        old_file(backups / "government_hall-2025-01-01.sql.gz", 400),
        old_file(srv / "published" / "versions" / "2026-01-01T023001" / "index.html", 9),
        old_file(srv / "published" / "versions" / "2026-01-08T023001" / "month-2025-12-01" / "hall-H1.html", 2),
    ]
    kept = [
        old_file(srv / "archive" / "loaded" / "2026-04-02" / "feedback.csv", 80),
        old_file(srv / "archive" / "loaded" / "notes.txt", 80),
        old_file(backups / "government_hall-2026-01-01.sql.gz", 300), old_file(backups / "others.txt", 900),
        old_file(srv / "published" / "versions" / "2026-01-08T023001" / "index.html", 2),
        old_file(srv / "drop" / "feedback.csv", 1),
    ]
    (srv / "published" / "current").symlink_to(Path("versions") / "2026-01-08T023001")
    run = [line for line in commands() if not line.startswith("mysql")]
    assert len(run) == 4
    for line in run:
        for place, mine in places.items():
            line = line.replace(place, str(mine))
        subprocess.run(line, shell=True, check=True)
    assert [path for path in gone if path.exists()] == [] and all(path.exists() for path in kept)
