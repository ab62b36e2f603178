"""Unprintable characters in every text of every raw table do not break a build, its messages or its reports."""

import re

import pytest

import raw_tables
import warehouse
from conftest import Project, run_script
from loading.contract import read_contract
from raw_tables import cases, complaint, ratings
from test_ids import UNPRINTABLE, shortened
from test_publication import publish_from

# Characters that stopped reports, faked log lines or reversed names.
INSIDE = "\x00\r\nFORGED \u202e\ufffe"
CODES = ("subject_type", "period_type", "decision", "channel", "rating")  # the rest must still be a known code
DAY = "2026-03-10"


def spoilt(rows: list[dict]) -> list[dict]:
    """Return rows with INSIDE after the first character of every text except dates, times and rule names."""

    def cell(name: str, value):
        if not isinstance(value, str) or name == "rule_id" or re.match(r"\d{4}-\d\d-\d\d", value):
            return value
        return f"{value[0]}{INSIDE.replace('FORGED ', '') if name in CODES else INSIDE}{value[1:]}"

    return [{name: cell(name, value) for name, value in row.items()} for row in rows]


def exported(project: Project, folder, *arguments: str) -> str:
    run_script("export_reports.py", "--period", "month", "--start", "2026-03-01", "--out", folder, *arguments,
               HALL_SCORES_SCHEMA=project.schema)
    pages = [path.read_text("utf-8") for path in folder.rglob("*") if path.suffix in (".html", ".txt", ".svg")]
    assert len(pages) > 5 and list(folder.rglob("*.xlsx"))
    text = "".join(pages)
    assert not set(text) & (set(UNPRINTABLE) - set("\n\t"))
    return text


@pytest.fixture(scope="module")
def built(project: Project) -> tuple[Project, str]:
    """The project, and what its build printed."""
    contract = read_contract()
    raw_tables.create(project, *contract)
    decided = {"decided_by": "panel", "decided_at": "2026-04-01 15:00:00", "decision_reason": "停电\n记录有误"}
    subject = {"hall_id": "H1", "subject_type": "clerk", "subject_id": "C1"}
    appeal = subject | {
        "period_type": "month", "period_start": "2026-03-01", "rule_id": "E1", "submitted_by": "clerk C1",
        "submitted_at": "2026-04-01 09:00:00", "reason": "机器\n停了",
    }
    tables = {
        "service_log": [
            case | {"log_id": f"L{number}", "item_code": "I1", "channel": "window"}
            for number, case in enumerate(cases(12, DAY, "H1", 12, window_id="W1", clerk_id="C1"))
        ],
        "feedback": [
            rating | {"rating": "非常满意", "comment": "很好\n第二行", "channel": "window", "feedback_id": f"F{number}"}
            for number, rating in enumerate(ratings([5] * 12, DAY, "H1", window_id="W1", clerk_id="C1"))
        ],
        "complaints": [complaint(
            "H1", f"{DAY} 09:00:00", f"{DAY} 10:00:00", complaint_id="P1", category="服务态度", description="态度差",
            window_id="W1", clerk_id="C1",
        )],
        "halls": [{"hall_id": "H1", "hall_name": "中心大厅", "region": "城区", "peer_group": "甲组"}],
        "windows": [{"hall_id": "H1", "window_id": "W1", "window_name": "一号窗口", "department": "人社局"}],
        "clerks": [{"hall_id": "H1", "clerk_id": "C1", "clerk_name": "张小三"}],
        "merit_records": [subject | {"date": DAY, "kind": "延时服务", "quantity": 1, "approved_by": "主任"}],
        "appeals": [
            appeal | {"appeal_id": "A1", "decision": "upheld", "points_adjustment": 5} | decided,
            appeal | {"appeal_id": "A2", "period_start": "2026-03-02"},  # no such period: it is reported
        ],
        "corrections": [{
            "correction_id": "K1", "period_type": "month", "period_start": "2026-03-01", "reason": "补录\n办件",
            "author": "经办人甲", "approved_by": "主任", "approved_at": "2026-04-03 10:00:00",
        }],
        "audit_samples": [{"audit_id": "S1", "log_id": "L1", "auditor": "审核人", "audited_at": "2026-03-20 10:00:00",
                           "audited_process_time": 12}],
    }
    assert set(tables) == set(contract)
    for table, rows in tables.items():
        raw_tables.insert(project, table, spoilt(rows))
    publish_from(project, "2026-03-01")
    project.build("2026-04-03", check=False)
    said = project.build("2026-04-05", check=False).stdout
    # Because of the appeal without a valid period.
    assert "Completed with 1 error" in said and "FAIL 1 appeals_follow_the_rules" in said, said
    return project, said


def test_no_mart_holds_what_cannot_be_shown(built):
    project, _ = built
    marts = project.read_marts()
    assert marts["scores"] and marts["published_scores"] and marts["appeal_outcomes"]
    for name, rows in marts.items():
        for row in rows:
            for cell in row:
                assert not isinstance(cell, str) or not set(cell) & (set(UNPRINTABLE) - {"\n"}), (name, row)
    # Line breaks stay only in free texts; names keep the rest.
    assert {row[0] for row in project.query("select hall_name from {schema}.dim_halls").values} == {"中FORGED 心大厅"}
    clerk = shortened(f"C{INSIDE}1")
    assert clerk in set(project.query("select subject_id from {schema}.scores").subject_id)
    issues = project.query("select distinct issue, outcome from {schema}_work.stg_service_log")
    assert issues.values.tolist() == [["unprintable_id", "repaired"]]


def test_messages_keep_to_their_lines(built):
    _, said = built
    assert "appeals: row " in said
    assert not [line for line in said.splitlines() if line.lstrip().startswith("FORGED")]


def test_reports_are_written(built, tmp_path):
    project, _ = built
    assert "心大厅" in exported(project, tmp_path / "internal")
    exported(project, tmp_path / "public", "--public")


def test_marts_of_an_older_build_can_be_reported(built, tmp_path):
    project, _ = built
    project.execute(f"update {project.schema}.dim_halls set hall_name = concat('旧', char(0 using utf8mb4), '厅')")
    assert "旧\ufffd厅" in exported(project, tmp_path)
    assert "旧\ufffd厅" in warehouse_query(project, "select hall_name from dim_halls")


def warehouse_query(project: Project, sql: str) -> str:
    return run_script("warehouse.py", "query", sql.replace("dim_", f"{project.schema}.dim_"))


def test_what_is_shown_stays_apart():
    assert warehouse.printable("C\x001") != warehouse.printable("C1")
    assert warehouse.printable("a\nb", has_lines=True) == "a\nb"
    for sign in UNPRINTABLE:
        assert warehouse.printable(f"a{sign}b") == "a\ufffdb"
