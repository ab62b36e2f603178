"""Three tables with just the columns that must exist, and no ids at all."""

from decimal import Decimal


def test_bold_columns_are_enough(project):
    raw = project.raw_schema
    project.execute(f"create table {raw}.service_log (service_date date, process_time decimal(12, 4), is_completed int)")
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
    project.build("2026-03-31")
    scores = project.query("""
        select hall_id, subject_type, subject_id, efficiency_score, satisfaction_score, composite_score, status
        from {schema}.scores where period_type = 'month'
    """)
    # Equal rows without an id are cases of their own: 9 of 10 completed. 100 + 2 × 2 + 20 = 124;
    # 4.5 stars, the complaint in time: 100 + 30 + 10 = 140; 0.4 × 124 + 0.6 × 140
    assert scores.values.tolist() == [
        ["main", "hall", "main", Decimal("124"), Decimal("140"), Decimal("133.6"), "scored"]
    ]
    subjects = project.query("select distinct subject_type as t from {schema}.metrics")
    assert subjects.t.tolist() == ["hall"]
