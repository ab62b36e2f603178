"""The report says what the marts say: a workbook and a page, safe to open, clear when something is missing."""

from html.parser import HTMLParser

import openpyxl
import pytest
import raw_tables
from conftest import Project, run_script
from raw_tables import cases, complaint, ratings

pytestmark = pytest.mark.once

EVIL = '=HYPERLINK("http://x")<script>alert(1)</script>'
SECRET = "身份证110101199001011234"


@pytest.fixture(scope="module")
def built(project: Project) -> Project:
    raw_tables.create(project, "service_log", "feedback", "complaints", "halls", "clerks")
    raw_tables.insert(project, "halls", [
        {"hall_id": "H1", "hall_name": "大厅"}, {"hall_id": "H2", "hall_name": "大厅"},
        {"hall_id": "H3", "hall_name": EVIL},
    ])
    raw_tables.insert(project, "clerks", [{"hall_id": "H1", "clerk_id": "C1", "clerk_name": "@SUM(A1)"}])
    for hall, minutes in (("H1", 12.5), ("H2", 8), ("H3", 10)):
        for day in ("2026-02-10", "2026-03-10"):
            raw_tables.insert(project, "service_log", cases(10, day, hall, minutes, clerk_id="C1", window_id="W1"))
        if hall != "H3":
            raw_tables.insert(project, "feedback", ratings([5, 4], "2026-03-10", hall, comment=SECRET))
    raw_tables.insert(project, "service_log", cases(1, "2026-03-11", "H1", minutes=-1))
    raw_tables.insert(project, "complaints", [
        complaint("H2", "2026-03-10 09:00:00", "2026-03-10 10:00:00", description=SECRET)
    ])
    project.build("2026-03-31")
    return project


def export(project: Project, *arguments, code: int = 0, **environment: str) -> str:
    environment = {"HALL_SCORES_SCHEMA": project.schema} | environment
    return run_script("export_reports.py", *arguments, code=code, **environment)


@pytest.fixture(scope="module")
def month(built, tmp_path_factory):
    folder = tmp_path_factory.mktemp("reports")
    output = export(built, "--period", "month", "--out", folder)
    book, page = folder / "hall_scores_month_2026-03-01.xlsx", folder / "hall_scores_month_2026-03-01.html"
    assert str(book) in output and str(page) in output
    return openpyxl.load_workbook(book), page.read_text("utf-8")


def table(sheet) -> list[dict]:
    header, *lines = sheet.iter_rows(values_only=True)
    return [dict(zip(header, line, strict=True)) for line in lines]


def test_the_workbook_holds_the_marts_numbers(built, month):
    book, _ = month
    found = {(row["类型"], row["编号"]): row for row in table(book["排名"]) if row["类型"] == "大厅"}
    # 100 − 2.5 + 20 and 100 + 30 + 50; 100 + 4 + 20 and 100 + 30 + 10 (one complaint, in time)
    assert found["大厅", "H1"]["综合得分"] == pytest.approx(0.4 * 117.5 + 0.6 * 180)
    assert found["大厅", "H2"]["综合得分"] == pytest.approx(0.4 * 124 + 0.6 * 140)
    assert [found["大厅", hall]["组内名次"] for hall in ("H1", "H2")] == [1, 2]
    sheets = {"排名": "scores", "得分明细": "score_components", "维度分": "dimension_scores", "指标": "metrics"}
    for sheet, mart in sheets.items():
        count = built.query(f"""
            select count(*) as n from {{schema}}.{mart}
            where period_type = 'month' and period_start = '2026-03-01' and subject_type <> 'item'
        """).n[0]
        assert len(table(book[sheet])) == count > 0


def test_a_missing_score_says_why(month):
    book, page = month
    row = next(row for row in table(book["排名"]) if row["编号"] == "H3" and row["类型"] == "大厅")
    assert row["综合得分"] is None
    assert row["无得分的原因"] == "缺少必需的数据：平均评分无数据"
    assert "缺少必需的数据：平均评分无数据" in page


def test_no_formula_and_no_script_can_get_in(month):
    book, page = month
    cells = [cell for sheet in book for line in sheet.iter_rows() for cell in line]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
    assert EVIL in {cell.value for cell in cells}
    assert "@SUM(A1)" in {cell.value for cell in cells}
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_nothing_of_citizens_is_in_the_report(month):
    book, page = month
    assert SECRET not in page
    assert not [cell for sheet in book for line in sheet.iter_rows(values_only=True) for cell in line if cell == SECRET]


def test_the_page_needs_no_network_and_closes_its_tags(month):
    _, page = month
    found = []

    class Links(HTMLParser):
        def handle_starttag(self, tag, attributes):
            found.extend(value for name, value in attributes if name in ("src", "href") and value)
            assert tag not in ("script", "link", "iframe")

    Links().feed(page)
    assert not [link for link in found if not link.startswith("#")]
    assert "<svg" in page and page.count("<table") == page.count("</table>") > 3


def test_workbook_and_page_name_their_source(built, month):
    book, page = month
    facts = built.query("select distinct rule_book_hash, build_id from {schema}.scores where period_type = 'month'")
    for value in ("2026-03-31", facts.build_id[0], facts.rule_book_hash[0]):
        assert value in page
        assert value in {cell for line in book["总览"].iter_rows(values_only=True) for cell in line}
    assert len(book["总览"]._charts) == 1
    assert "剔除 1 行" in page


def test_a_running_period_is_marked_provisional(built, tmp_path):
    export(built, "--period", "year", "--start", "2026-01-01", "--out", tmp_path)
    assert "周期未结束" in (tmp_path / "hall_scores_year_2026-01-01.html").read_text("utf-8")


@pytest.mark.parametrize(("arguments", "message"), [
    (["--period", "week", "--start", "2026-03-11"], "lies in the one that starts on 2026-03-09"),
    (["--period", "week", "--start", "2020-01-06"], "known are those from"),
    (["--period", "year"], "no closed year has any case yet; for the running one: --start 2026-01-01"),
])
def test_a_period_that_is_not_there(built, tmp_path, arguments, message):
    output = export(built, *arguments, "--out", tmp_path, code=1)
    assert message in output
    assert not list(tmp_path.iterdir())


def test_a_schema_without_marts_gives_one_line(built, tmp_path):
    output = export(built, "--period", "week", "--out", tmp_path, code=1, HALL_SCORES_SCHEMA="hs_not_there")
    assert output.startswith("error: schema hs_not_there has no finished marts")
    assert len(output.splitlines()) == 1
