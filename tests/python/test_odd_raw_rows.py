"""One odd raw row stops no build: it is counted with its reason, and the other halls' scores stay as they were."""

import hashlib
from datetime import date, timedelta

import pytest

import load_logs
import raw_tables
from conftest import Project

AS_OF = "2026-03-31"
DAY = "2026-03-10"
LONG = "a" * 70
# The shortened form of LONG, as another subject's id.
LIKE_LONG = f"{LONG[:47]}~{hashlib.sha256(LONG.encode()).hexdigest()[:16]}"
LIKE_SHORT = "b" * 47 + "~" + "0123456789abcdef"
CASE = {"service_date": DAY, "process_time": 5, "is_completed": 1}
FIRST, SECOND = bytes.fromhex("f00112233445566778899aabbccddeef"), bytes.fromhex("f10112233445566778899aabbccddeef")
COMPLAINT = {"complaint_date": DAY, "complaint_time": f"{DAY} 09:00:00"}
# Rows by table: columns, the day they are counted on, outcome and reason.
ODD = {
    "service_log": [
        ({"service_date": "0000-00-00"}, None, "rejected", "bad_service_date"),
        ({"service_date": "0000-00-00", "log_id": " Z1"}, None, "rejected", "bad_service_date"),
        ({"service_date": "1850-01-01"}, None, "rejected", "bad_service_date"),
        ({"service_date": "2026-03-00"}, "2026-03-01", "rejected", "bad_service_date"),
        ({"service_date": "2026-00-17", "log_id": " Z2"}, "2026-01-01", "rejected", "bad_service_date"),
        ({"service_date": "9999-12-31"}, "9999-12-31", "not_yet", None),
        ({"process_time": 1770000000000}, DAY, "rejected", "bad_process_time"),
        ({"process_time": -(2**63)}, DAY, "rejected", "bad_process_time"),
        ({"start_time": "0000-00-00 00:00:00"}, DAY, "repaired", "unreadable_time"),
        ({"ticket_time": "0000-00-00 00:00:00"}, DAY, "repaired", "unreadable_time"),
        ({"end_time": "2026-03-00 10:00:00"}, DAY, "counted", None),  # the minutes are logged
        ({"start_time": f"{DAY} 09:00:00", "end_time": "0000-00-00 00:00:00"}, DAY, "repaired",
         "end_before_start, unreadable_time"),
        ({"start_time": "0000-00-00 00:00:00", "end_time": f"{DAY} 09:00:00", "process_time": None}, DAY, "rejected",
         "bad_process_time"),
        ({"ticket_time": "0000-00-00 00:00:00", "start_time": f"{DAY} 09:00:00"}, DAY, "repaired", "unreadable_time"),
        ({"ticket_time": f"{DAY} 09:00:00", "start_time": "0000-00-00 00:00:00"}, DAY, "repaired", "unreadable_time"),
        ({"log_id": FIRST}, DAY, "counted", None),
        ({"log_id": FIRST, "process_time": 6}, DAY, "rejected", "duplicate_log_id"),
        ({"log_id": SECOND}, DAY, "counted", None),
        ({"log_id": "窗1".encode()}, DAY, "counted", None),
        ({"clerk_id": LONG}, DAY, "repaired", "long_id"),
        ({"clerk_id": LIKE_LONG}, DAY, "repaired", "long_id"),
        ({"window_id": LIKE_SHORT}, DAY, "repaired", "long_id"),
    ],
    "feedback": [
        ({"date": "0000-00-00"}, None, "rejected", "bad_date"),
        ({"date": "2026-03-00"}, "2026-03-01", "rejected", "bad_date"),
        ({"date": "9999-12-31"}, "9999-12-31", "not_yet", None),
        ({"callback_time": "0000-00-00 00:00:00"}, DAY, "repaired", "unreadable_time"),
        ({"log_id": SECOND}, DAY, "counted", None),
        ({"comment": b"\xff\xfe"}, DAY, "counted", None),
    ],
    "complaints": [
        ({"complaint_date": "0000-00-00", "complaint_time": None}, None, "rejected", "bad_complaint_date"),
        ({"complaint_date": "2026-03-00", "complaint_time": None}, None, "rejected", "bad_complaint_date"),
        ({"complaint_date": "9999-12-31", "complaint_time": None}, "9999-12-31", "not_yet", None),
        ({"complaint_time": "9999-12-31 23:00:00"}, DAY, "not_yet", None),
        ({"complaint_time": "0000-00-00 00:00:00"}, DAY, "repaired", "no_complaint_time, unreadable_time"),
        ({"resolution_time": "0000-00-00 00:00:00"}, DAY, "repaired", "unreadable_time"),
        ({"callback_time": "2026-00-00 00:00:00"}, DAY, "repaired", "unreadable_time"),
    ],
    "merit_records": [
        ({"date": "0000-00-00"}, None, "rejected", "bad_date"),
        ({"quantity": 10**11}, DAY, "rejected", "bad_quantity"),
    ],
    "windows": [({"window_id": "W9", "opened_on": "0000-00-00", "closed_on": "0000-00-00"}, None, None, None)],
    "audit_samples": [
        ({"audit_id": "A9", "audited_at": "0000-00-00", "audited_process_time": 2**62}, None, None, None),
    ],
}
REST = {
    "service_log": CASE, "feedback": {"date": DAY, "rating": "5"}, "complaints": COMPLAINT,
    "merit_records": {"date": DAY, "subject_type": "hall", "quantity": 1, "kind": "延时", "approved_by": "主任"},
}
CHANGES = {
    "service_log": (
        "process_time bigint", "log_id varbinary(64)", "clerk_id varchar(200)", "`od``d` int", "photo longblob",
        "scan longblob",
    ),
    "feedback": ("log_id varbinary(64)", "comment blob"),
    "merit_records": ("quantity decimal(30, 4)",),
    "audit_samples": ("audited_process_time bigint",),
}


def insert_good(project: Project) -> None:
    for hall, minutes in (("H1", 8), ("H2", 30)):
        named = {"window_id": "W1", "clerk_id": "C1"}
        for number in range(0, 90, 5):
            day = str(date(2026, 1, 1) + timedelta(days=number))
            raw_tables.insert(project, "service_log", [
                case | {"log_id": f"{hall}{day}{n}".encode(), "start_time": f"{day} 09:00:00",
                        "end_time": f"{day} 09:12:00", "ticket_time": f"{day} 08:50:00"}
                for n, case in enumerate(raw_tables.cases(3, day, hall, minutes, **named))
            ])
            raw_tables.insert(project, "feedback", raw_tables.ratings([5, 3], day, hall, **named))
            raw_tables.insert(project, "complaints", [
                raw_tables.complaint(hall, f"{day} 10:00:00", None, complaint_id=day, **named)
            ])
        raw_tables.insert(project, "windows", [{"hall_id": hall, "window_id": "W1", "opened_on": "2025-01-01"}])


def insert_odd(project: Project) -> None:
    project.execute("set session sql_mode = ''")
    for table, rows in ODD.items():
        raw_tables.insert(project, table, [REST.get(table, {}) | columns | {"hall_id": "H9"} for columns, *_ in rows])
    # Together larger than one packet, which a server cannot send or hash.
    half = "repeat('x', @@max_allowed_packet div 2 + 1)"
    project.execute(f"update {project.raw_schema}.service_log set photo = {half}, scan = {half}, `od``d` = 1"
                    f" where hall_id = 'H9' and clerk_id = '{LONG}'")
    project.execute("set session sql_mode = default")


@pytest.fixture(scope="module")
def builds(project: Project):
    """Marts without the odd rows, with them, with them after a full build, and after their removal."""
    raw_tables.create(project, *load_logs.read_contract())
    for table, columns in CHANGES.items():
        for column in columns:
            verb = "add" if column.startswith(("`", "photo", "scan")) else "modify"
            project.execute(f"alter table {project.raw_schema}.{table} {verb} {column}")
    project.execute(f"alter table {project.raw_schema}.audit_samples add hall_id varchar(64)")
    insert_good(project)
    models = ("--resource-type", "seed", "--resource-type", "model")
    marts = []
    project.build(AS_OF, *models)
    marts.append(project.read_marts())
    insert_odd(project)
    project.build(AS_OF, reconcile=True)
    marts.append(project.read_marts() | {
        table: project.query(f"select * from {{schema}}_work.{table} where hall_id = 'H9'")
        for table in ("int_ratings", "stg_service_log")
    })
    project.build(AS_OF, *models, "--full-refresh")
    marts.append(project.read_marts())
    for table in ODD:
        project.execute(f"delete from {project.raw_schema}.{table} where hall_id = 'H9'")
    project.build(AS_OF, *models, reconcile=True)
    marts.append(project.read_marts())
    return marts


def test_each_odd_row_has_its_reason(builds, project):
    expected: dict = {}
    for table, rows in ODD.items():
        for _, day, outcome, reason in rows:
            if outcome:
                key = (table, day, outcome, reason)
                expected[key] = expected.get(key, 0) + 1
    names = sorted(["raw_table", "service_day", "hall_id", "outcome", "reason", "row_count"])
    found: dict = {}
    for row in builds[1]["data_quality"]:
        cells = dict(zip(names, row, strict=True))
        if cells["hall_id"] == "H9":
            day = cells["service_day"] and str(cells["service_day"])
            found[cells["raw_table"], day, cells["outcome"], cells["reason"]] = int(cells["row_count"])
    assert found == expected


@pytest.mark.parametrize("mart", ["scores", "score_components", "metrics"])
def test_the_good_halls_are_scored_as_without_them(builds, mart):
    good, among_odd = ([row for row in marts[mart] if {"H1", "H2"} & set(row)] for marts in builds[:2])
    assert good and good == among_odd


def test_the_odd_rows_are_counted_the_same_by_a_whole_build(builds):
    unlike = [name for name in builds[2] if builds[1][name] != builds[2][name]]
    assert not unlike


def test_nothing_is_left_of_them(builds):
    unlike = [name for name in builds[0] if builds[0][name] != builds[3][name]]
    assert not unlike


def shortened(name: str) -> str:
    return f"{name[:47]}~{hashlib.sha256(name.encode()).hexdigest()[:16]}"


def test_an_id_of_bytes_is_one_and_finds_its_case(builds):
    log_ids = builds[1]["stg_service_log"].log_id.value_counts().to_dict()
    assert log_ids == {"Z1": 1, "Z2": 1, f"0x{FIRST.hex().upper()}": 2, f"0x{SECOND.hex().upper()}": 1, "窗1": 1}
    rated = builds[1]["int_ratings"].set_index("log_id").case_date.to_dict()
    assert str(rated[f"0x{SECOND.hex().upper()}"]) == DAY


def test_an_id_like_a_shortened_one_is_another(builds):
    cases = builds[1]["stg_service_log"]
    assert set(cases.clerk_id.dropna()) == {LIKE_LONG, shortened(LIKE_LONG)}
    assert set(cases.window_id.dropna()) == {shortened(LIKE_SHORT)}
    assert len([row for row in builds[1]["dim_clerks"] if "H9" in row]) == 2
