"""The daily tables by month: what var monthly_partitions makes, and that the marts are the same."""

import raw_tables
from conftest import Project

DAILY = {"int_cases", "int_cases_by_day", "int_ratings_by_day", "int_ratings", "int_subject_days"}


def partitions(project: Project) -> dict[str, list[str]]:
    found = project.query("""
        select table_name as t, partition_name as p from information_schema.partitions
        where table_schema = '{schema}_work' and partition_name is not null order by 1, 2
    """)
    return {table: list(rows.p) for table, rows in found.groupby("t")}


def test_monthly_partitions(project):
    raw_tables.create(project, "service_log", "feedback", "complaints")
    for day in ("2025-12-30", "2026-01-15", "2026-01-16", "2026-01-19", "2026-01-30", None):
        raw_tables.insert(project, "service_log", raw_tables.cases(3, day, "H1", window_id="1"))
        raw_tables.insert(project, "feedback", raw_tables.ratings([5], day, "H1", window_id="1"))
    project.build("2026-01-31", monthly_partitions=True)
    assert partitions(project) == {name: ["m202512", "m202601"] for name in DAILY}

    # March comes with its day, February between them; a day before the first month goes into that.
    for day in ("2026-03-02", "2025-11-05"):
        raw_tables.insert(project, "service_log", raw_tables.cases(3, day, "H1", window_id="1"))
        raw_tables.insert(project, "feedback", raw_tables.ratings([4], day, "H1", window_id="1"))
    project.build("2026-03-02", monthly_partitions=True, reconcile=True)
    assert partitions(project) == {name: ["m202512", "m202601", "m202602", "m202603"] for name in DAILY}
    partitioned = project.read_marts()

    project.build("2026-03-02")
    assert partitions(project) == {}
    assert project.read_marts() == partitioned
