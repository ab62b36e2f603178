"""A TIMESTAMP is read in var time_zone, whatever the time zones of server, build and reader."""

import pytest

from conftest import Project


@pytest.fixture(scope="module")
def raw(project: Project) -> Project:
    """Three tables whose dates and times are TIMESTAMPs, written at 23:30 in China, and at 00:10 an hour later."""
    schema = project.raw_schema
    project.execute(f"""
        create table {schema}.service_log (
            service_date timestamp null, process_time int, is_completed int, log_id varchar(64),
            start_time timestamp(6) null, end_time timestamp null
        )
    """)
    project.execute(f"create table {schema}.feedback (date timestamp null, rating int, callback_time timestamp null)")
    project.execute(f"""
        create table {schema}.complaints (
            complaint_date date, complaint_time timestamp null, resolution_time timestamp(6) null
        )
    """)
    project.execute("set time_zone = '+08:00'")
    project.execute(f"""
        insert into {schema}.service_log values
            ('2026-03-10 23:30:00', 10, 1, 'A1', '2026-03-10 23:30:00.250001', '2026-03-10 23:40:00'),
            ('2026-03-11 00:10:00', 10, 1, 'A2', null, null),
            (null, 10, 1, 'A3', null, null)
    """)
    project.execute(f"insert into {schema}.feedback values ('2026-03-10 23:30:00', 5, '2026-03-11 00:10:00')")
    project.execute(f"insert into {schema}.complaints values (null, '2026-03-10 23:30:00', '2026-03-11 23:30:00.5')")
    return project


# var time_zone: days of the two cases; start and end of the first; day and callback of the rating; day, time and
# resolution of the complaint
EXPECTED = {
    "+08:00": [
        "2026-03-10", "2026-03-11", "2026-03-10 23:30:00.250001", "2026-03-10 23:40:00",
        "2026-03-10", "2026-03-11 00:10:00", "2026-03-10", "2026-03-10 23:30:00", "2026-03-11 23:30:00.500000",
    ],
    "+09:00": [
        "2026-03-11", "2026-03-11", "2026-03-11 00:30:00.250001", "2026-03-11 00:40:00",
        "2026-03-11", "2026-03-11 01:10:00", "2026-03-11", "2026-03-11 00:30:00", "2026-03-12 00:30:00.500000",
    ],
    "-03:30": [
        "2026-03-10", "2026-03-10", "2026-03-10 12:00:00.250001", "2026-03-10 12:10:00",
        "2026-03-10", "2026-03-10 12:40:00", "2026-03-10", "2026-03-10 12:00:00", "2026-03-11 12:00:00.500000",
    ],
}


@pytest.mark.parametrize("zone", EXPECTED)
def test_a_timestamp_is_read_in_the_time_zone_of_the_project(raw, zone):
    nodes = ("+stg_service_log", "+every_raw_row_is_accounted_for")
    raw.dbt(
        "build", "--indirect-selection", "cautious", "--select", *nodes, as_of_date="2026-03-31", time_zone=zone
    )
    for reader in ("+00:00", "-05:00", "+08:00"):
        raw.execute(f"set time_zone = '{reader}'")
        cases = raw.query("select * from {schema}_work.stg_service_log where service_date is not null order by log_id")
        [rating] = raw.query("select * from {schema}_work.stg_feedback").itertuples()
        [complaint] = raw.query("select * from {schema}_work.stg_complaints").itertuples()
        found = [
            *cases.service_date, cases.start_time[0], cases.end_time[0], rating.feedback_date, rating.callback_time,
            complaint.complaint_date, complaint.complaint_time, complaint.resolution_time,
        ]
        assert [str(value) for value in found] == EXPECTED[zone], reader
    days = raw.query("""
        select service_day, sum(row_count) as n from {schema}_work.plan_raw_days
        where raw_table = 'service_log' group by 1
    """)
    expected = {day: EXPECTED[zone][:2].count(day) for day in EXPECTED[zone][:2]} | {"None": 1}
    assert {str(row.service_day): int(row.n) for row in days.itertuples()} == expected
