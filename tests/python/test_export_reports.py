"""The reports agree with the marts: pages, workbook and text are safe to open and clear if something is missing.

The pages are also opened in a browser, if there is one.
"""

import os
import re
from decimal import ROUND_HALF_UP, Decimal
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote, urlparse

import openpyxl
import pandas as pd
import pytest

import nightly
import raw_tables
from conftest import Project, run_script
from provenance import git_commit
from raw_tables import cases, complaint, ratings
from reports import charts, wording
from reports.read_marts import add_trends
from reports.site import MESSAGE_BYTES, ROWS_SHOWN, hall_files, make_environment
from reports.texts import EN, ZH, words_of

# openpyxl warns that it does not read data bars.
pytestmark = [pytest.mark.once, pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")]

MARCH, WEEK, QUARTER = "month-2026-03-01", "week-2026-03-09", "quarter-2026-01-01"
EVIL = '=HYPERLINK("http://x")<script>alert(1)</script>'
EVIL_WINDOW = '"><img src=x onerror=alert(2)>'
EVIL_LABEL = "</td></svg><script>alert(3)</script>"
COMMENT = "<script>alert(4)</script>电话13812345678，王伟先生很耐心"
SECRET = "身份证110101199001011234"
# Browser for errors, requests and dialogs on every page.
CHROMIUM = os.environ.get("HALL_SCORES_CHROMIUM", "/usr/bin/chromium")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]


def appeal(number: str, subject_type: str, subject: str, period: str, **columns) -> dict:
    kind, start = period.split("-", 1)
    return {
        "appeal_id": number, "hall_id": "H1", "subject_type": subject_type, "subject_id": subject, "rule_id": "E1",
        "period_type": kind, "period_start": start, "submitted_by": "APPELLANT", "submitted_at": "2026-03-31 09:00:00",
    } | columns


def change_seed(project: Project, name: str, rows: list[dict], **columns: str) -> None:
    """Replace the rows of a seed; missing cells are blank, dates and reason are those of its first row."""
    seed = project.read_seed(name)
    kept = seed.loc[0, ["valid_from", "valid_to", "decided_on", "reason", "source"]].to_dict()
    project.write_seed(name, pd.DataFrame([dict.fromkeys(seed, "") | kept | columns | row for row in rows]))


@pytest.fixture(scope="module")
def built(project: Project) -> Project:
    """Periods from March on are published; of the appeals, one is pending, one rejected and one upheld.

    The tickets of 10 March were drawn at 10:00 and called at 10:12, two of ten at a machine. H1 has a pilot between
    the two weeks that had cases, H/3 a later one that has not run for its eight weeks.
    """
    raw_tables.create(project, "service_log", "feedback", "complaints", "halls", "windows", "clerks", "appeals")
    raw_tables.insert(project, "halls", [
        {"hall_id": "H1", "hall_name": "大厅"}, {"hall_id": "H2", "hall_name": "大厅"},
        {"hall_id": "H/3", "hall_name": EVIL},
    ])
    raw_tables.insert(project, "windows", [{"hall_id": "H1", "window_id": "W1", "window_name": EVIL_WINDOW}])
    raw_tables.insert(project, "clerks", [
        {"hall_id": "H1", "clerk_id": "C1", "clerk_name": "@SUM(A1)"},
        {"hall_id": "H1", "clerk_id": "C2", "clerk_name": "周小川"},
    ])
    named = {"window_id": "W1", "clerk_id": "C1"}
    for hall, february, march in (("H1", 14.5, 12.5), ("H2", 8, 8), ("H/3", 10, 10)):
        raw_tables.insert(project, "service_log", cases(10, "2026-02-10", hall, february, **named))
        for count, channel in ((8, "window"), (2, "self_service")):
            raw_tables.insert(project, "service_log", cases(
                count, "2026-03-10", hall, march, channel=channel, ticket_time="2026-03-10 10:00:00",
                start_time="2026-03-10 10:12:00", **named))
    raw_tables.insert(project, "service_log", cases(5, "2026-03-11", "H1", 12.5, window_id="W2", clerk_id="C2"))
    raw_tables.insert(project, "service_log", cases(1, "2026-03-11", "H1", minutes=-1))
    raw_tables.insert(project, "feedback", ratings([5], None, "H1"))
    for day in ("2026-02-10", "2026-03-10"):
        raw_tables.insert(project, "feedback", ratings([5, 4, 5, 4, 5, 4], day, "H1", comment=COMMENT, **named))
    raw_tables.insert(project, "feedback", ratings([5], "2026-03-11", "H1", window_id="W2", clerk_id="C2"))
    raw_tables.insert(project, "feedback", ratings([5, 4], "2026-03-10", "H2", comment=SECRET, **named))
    raw_tables.insert(project, "complaints", [
        complaint("H2", "2026-03-10 09:00:00", "2026-03-10 10:00:00", description=SECRET, **named)
    ])
    decided = {"decided_by": "panel", "decided_at": "2026-03-31 15:00:00"}
    raw_tables.insert(project, "appeals", [
        appeal("A1", "clerk", "C1", MARCH),
        appeal("A2", "clerk", "C2", MARCH, decision="rejected", decision_reason="记录无误，问13812345678", **decided),
        appeal("A3", "window", "W1", WEEK, decision="upheld", points_adjustment=25, decision_reason="停电", **decided),
    ])
    parameters = project.read_seed("metric_parameters")
    parameters.loc[parameters.parameter == "publish_from", "value"] = "2026-03-01"
    project.write_seed("metric_parameters", parameters)
    slow = {"metric": "avg_process_minutes", "subject_type": "hall"}
    triggers = [
        slow | {"trigger_id": "SLOW", "lower_bound": "12", "label_zh": "办理慢：精简环节"},
        slow | {"trigger_id": "SLOWEST", "lower_bound": "14", "label_zh": "办理很慢：约谈"},
        slow | {"trigger_id": "STOPPED", "lower_bound": "11", "valid_to": "2026-02-28", "label_zh": "办理偏慢：提醒"},
        slow | {"trigger_id": "CLERK", "lower_bound": "12", "subject_type": "clerk", "label_zh": EVIL_LABEL},
        {"trigger_id": "COMPLAINT", "metric": "complaint_count", "subject_type": "hall", "lower_bound": "1",
         "label_zh": "有投诉：专项整改"},
    ]
    change_seed(project, "improvement_triggers", triggers, period_type="month", upper_bound="", min_sample="10",
                consecutive_periods="1", action="rectification", deadline_working_days="10")
    change_seed(project, "reward_tiers", [
        {"tier_id": "HALL", "subject_type": "hall", "max_rank_share": "0.5", "complaints": "any", "label_zh": "大厅奖"},
        {"tier_id": "CLERK", "subject_type": "clerk", "complaints": "none", "label_zh": EVIL_LABEL},
    ], reward="bonus", tier="1", period_type="quarter", min_score="100", min_sample="10")
    pilot = dict.fromkeys(project.read_seed("pilots"), "") | {
        "before_weeks": "1", "min_sample": "6", "efficiency_claim": "0.1", "satisfaction_claim": "0.15",
    }
    project.write_seed("pilots", pd.DataFrame([
        pilot | {"pilot_id": "P1", "hall_id": "H1", "go_live": "2026-02-16", "after_weeks": "6"},
        pilot | {"pilot_id": "P0", "hall_id": "H99", "go_live": "2026-01-05", "after_weeks": "1"},
        pilot | {"pilot_id": "P9", "hall_id": "H/3", "go_live": "2026-03-02", "after_weeks": "8"},
    ]))
    rules = project.read_seed("scoring_rules")
    rules.loc[rules.rule_id == "E3", ["label_zh", "label_en"]] = EVIL_LABEL
    project.write_seed("scoring_rules", rules)
    # March is published when it has been closed for three days.
    project.build("2026-04-03")
    return project


def export(project: Project, *arguments, code: int = 0, **environment: str) -> str:
    environment = {"HALL_SCORES_SCHEMA": project.schema} | environment
    return run_script("export_reports.py", *arguments, code=code, **environment)


@pytest.fixture(scope="module")
def site(built, tmp_path_factory) -> Path:
    """Internal reports of February and March; the last one links to the one before. March has comments."""
    folder = tmp_path_factory.mktemp("reports")
    export(built, "--period", "month", "--start", "2026-03-01", "--out", folder, "--comments")
    output = export(built, "--period", "month", "--start", "2026-02-01", "--out", folder)
    assert str(folder / "month-2026-02-01" / "index.html") in output
    return folder


@pytest.fixture(scope="module")
def public(built, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("public")
    for start in ("2026-02-01", "2026-03-01"):
        export(built, "--period", "month", "--start", start, "--out", folder, "--public", "--clerks", "number")
    return folder


@pytest.fixture(scope="module")
def english(built, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("english")
    export(built, "--period", "month", "--out", folder, "--lang", "en")
    return folder


@pytest.fixture(scope="module")
def quarter(built, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("quarter")
    export(built, "--period", "quarter", "--out", folder)
    return folder / QUARTER


@pytest.fixture(scope="module")
def public_quarter(built, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("public-quarter")
    export(built, "--period", "quarter", "--out", folder, "--public", "--clerks", "number")
    return folder / QUARTER


@pytest.fixture(scope="module")
def book(site):
    return openpyxl.load_workbook(site / MARCH / "hall_scores_month_2026-03-01.xlsx")


@pytest.fixture(scope="module")
def week(built, tmp_path_factory) -> Path:
    """The week of the upheld appeal; an inserted row of publication_drift says that one live score differs."""
    key = "period_type, period_start, hall_id, subject_type, subject_id"
    built.execute(f"""
        insert into {built.schema}.publication_drift ({key}, revision, differences, build_id)
        select {key}, revision, 'composite_score', '' from {built.schema}.published_scores
        where period_type = 'week' and period_start = '2026-03-09' and subject_id = 'H2' and is_latest
    """)
    folder = tmp_path_factory.mktemp("week")
    export(built, "--period", "week", "--start", "2026-03-09", "--out", folder)
    return folder / WEEK


class Cells(HTMLParser):
    """The rows of all tables of a page: texts of their cells, and their sort values."""

    def __init__(self, path: Path):
        super().__init__()
        self.rows, self.values, self.tags, self.inside = [], [], [], False
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        if tag == "tr":
            self.rows.append([])
            self.values.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
            self.values[-1].append(dict(attributes).get("data-value"))
            self.inside = True

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self.inside = False

    def handle_data(self, data):
        if self.inside:
            self.rows[-1][-1] += data


def table(sheet, header: int = 1) -> list[dict]:
    names, *lines = sheet.iter_rows(min_row=header, values_only=True)
    names = [name.split("\n")[0] if name else name for name in names]
    return [dict(zip(names, line, strict=True)) for line in lines]


def by_id(pair: tuple) -> tuple:
    """Sort pairs of an id and a number that may be missing."""
    return pair[0], pair[1] is None, pair[1] or 0


def in_march(built, mart: str, columns: str = "*"):
    where = "period_type = 'month' and period_start = '2026-03-01'"
    return built.query(f"select {columns} from {{schema}}.{mart} where {where}").to_dict("records")


def shown(value) -> str:
    return f"{Decimal(value).quantize(Decimal('0.01'), ROUND_HALF_UP):,}"


def test_a_hall_by_hand(built, site):
    """H1: 12.5 minutes, all done at the first visit, 32 stars of 7 ratings, no complaint; 14.5 minutes before.

    0.6 × 100 + 0.4 × 100 + 0.6 × 30 + 0.6 × 50 − 0.4 × 2.5 + 0.4 × 20 = 155, in February 0.4 × 2 less.
    """
    steps = {row["rule_id"]: row for row in in_march(built, "hall_contributions") if row["hall_id"] == "H1"}
    given = {rule: row["contribution"] for rule, row in steps.items() if row["contribution"]}
    assert given == {"S0": 60, "E0": 40, "S1": 18, "S5": 30, "E1": -1, "E3": 8}
    ordered = sorted(steps.values(), key=lambda row: row["step_number"])
    assert [row["rule_id"] for row in ordered][:2] == ["S0", "E0"]
    assert ordered[0]["total_before"] == 0 and ordered[-1]["total_after"] == 155
    assert all(one["total_after"] == two["total_before"] for one, two in pairwise(ordered))
    assert (steps["E1"]["previous_points"], steps["E1"]["contribution_change"]) == (Decimal("-4.5"), Decimal("0.8"))
    ranked = [row["score_change"] for row in in_march(built, "rankings") if row["subject_type"] == "hall"]
    assert sorted(ranked, key=str) == [Decimal("0.80"), None]
    page = (site / MARCH / "hall-H1.html").read_text("utf-8")
    for text in ("155.00", "+0.80", "再快 2.5 分钟 +2.5 分"):
        assert text in page
    assert "▲ +0.80" in (site / MARCH / "index.html").read_text("utf-8")


def test_the_spread_of_a_hall_by_hand(built):
    """Windows W1 and W2 of H1 are alike but for their ratings: 155 and 155; two clerks likewise."""
    found = {(row["hall_id"], row["subject_type"]): row for row in in_march(built, "score_spreads")}
    row = found["H1", "window"]
    assert (row["scored_count"], row["lowest_score"], row["median_score"], row["highest_score"]) == (2, 155, 155, 155)
    assert ("H/3", "window") not in found  # nobody rated it


def test_pages_hold_the_marts_numbers(built, site):
    scores = {(row["hall_id"], row["subject_type"], row["subject_id"]): row for row in in_march(built, "scores")}
    overview = Cells(site / MARCH / "index.html")
    assert [row[0] for row, values in zip(overview.rows, overview.values, strict=True) if values[0]] == ["1/2", "2/2"]
    for hall_id, score in ((key[0], row) for key, row in scores.items() if key[1] == "hall"):
        page = Cells(site / MARCH / hall_files([hall_id])[hall_id])
        found = [(row, values) for row, values in zip(page.rows, page.values, strict=True) if len(row) == 13]
        subjects = {key: row for key, row in scores.items() if key[0] == hall_id and key[1] != "hall"}
        assert len(found) == len(subjects) + 1  # and the header
        wanted = sorted(str(row["composite_score"]) for row in subjects.values() if row["status"] == "scored")
        assert sorted(values[3] for _, values in found if values[3]) == wanted
        if score["status"] == "scored":
            text = (site / MARCH / hall_files([hall_id])[hall_id]).read_text("utf-8")
            for column in ("composite_score", "efficiency_score", "satisfaction_score"):
                assert shown(score[column]) in text
            assert any(shown(score["composite_score"]) in row for row in overview.rows)
            notice = Cells(site / MARCH / "ranking.html")
            assert any(shown(score["composite_score"]) in row for row in notice.rows)
            assert shown(score["composite_score"]) in (site / MARCH / "summary.txt").read_text("utf-8")
    metrics = [row for row in in_march(built, "metrics") if row["hall_id"] == "H1" and row["subject_type"] == "hall"]
    text = (site / MARCH / "hall-H1.html").read_text("utf-8")
    for row in metrics:
        if row["value"] is not None:
            assert shown(row["value"]) in text or shown(row["value"] * 100) in text or f"{row['value']:.0f}" in text


def test_the_workbook_holds_the_marts_numbers(built, book):
    assert book.sheetnames == ["总览", "排名", "得分明细", "指标", "改进行动", "到访高峰", "群众反映", "评价渠道",
                               "试点成效", "数据检查", "规则", "说明"]
    ranking, scores = table(book["排名"]), in_march(built, "scores")
    assert len(ranking) == len(scores)
    for name, column in (("综合得分", "composite_score"), ("效率分", "efficiency_score"), ("办件量", "case_count"),
                         ("满意度分", "satisfaction_score"), ("投诉数", "complaint_count")):
        found = [(row["编号"], row[name]) for row in ranking]
        wanted = [(row["subject_id"], None if row[column] is None else float(row[column])) for row in scores]
        assert sorted(found, key=by_id) == sorted(wanted, key=by_id)
    for sheet, mart, column, name in (
        ("得分明细", "score_components", "points", "得分"), ("指标", "metrics", "value", "指标值"),
    ):
        rows = [row for row in in_march(built, mart) if row["subject_type"] != "item"]
        kept = [row for row in rows if mart == "metrics" or row["status"] == "applied"]
        assert len(table(book[sheet])) == len(rows) > 0
        wanted = sorted(float(row[column]) for row in kept if row[column] is not None)
        assert sorted(row[name] for row in table(book[sheet]) if row[name] is not None) == wanted


def test_the_workbook_is_ready_to_print(book):
    for sheet in book:
        assert sheet.page_setup.paperSize == 9
        assert sheet.page_setup.orientation == ("portrait" if sheet.title == "说明" else "landscape")
        if sheet.title not in ("总览", "说明"):
            assert sheet.freeze_panes == "A2" and sheet.auto_filter.ref and sheet.print_title_rows == "$1:$1"
            assert sheet.sheet_properties.pageSetUpPr.fitToPage and sheet.page_setup.fitToHeight == 0
    assert book["总览"].freeze_panes and len(book["总览"]._charts) == 2
    assert book.properties.title == "政务大厅积分 2026年3月"
    assert "None" not in book.properties.description
    headers = {cell.value for cell in book["排名"][1]}
    assert {"办件量\n(件)", "评价数\n(条)", "投诉数\n(件)", "综合得分\n(分)"} <= headers
    assert {row["可比组"] for row in table(book["排名"])} == {"全部"}
    assert {(row["指标值"] is None, row["单位"]) for row in table(book["得分明细"])} >= {(False, "分钟"), (False, "星")}


def test_a_missing_score_says_why(site, book):
    row = next(row for row in table(book["排名"]) if row["编号"] == "H/3" and row["类型"] == "大厅")
    assert row["综合得分"] is None
    assert row["无得分或名次的原因"] == "缺少必需的数据：平均评分无数据"
    for page in ("index.html", "ranking.html", hall_files(["H/3"])["H/3"]):
        assert "缺少必需的数据：平均评分无数据" in (site / MARCH / page).read_text("utf-8")


def test_no_formula_and_no_markup_can_get_in(site, english, quarter, book):
    cells = [cell for sheet in book for line in sheet.iter_rows() for cell in line]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
    assert {EVIL, "@SUM(A1)", EVIL_LABEL, EVIL_WINDOW} <= {cell.value for cell in cells}
    pages = [*site.rglob("*.html"), *english.rglob("*.html"), *quarter.rglob("*.html")]
    assert len(pages) > 20
    for path in pages:
        page = path.read_text("utf-8")
        assert page.count("<script") == 1 and "<img" not in page and "</td></svg>" not in page
        assert page.count("<table") == page.count("</table>")
        assert page.count("<svg") == page.count("</svg>")
    assert "&lt;script&gt;" in (site / MARCH / "index.html").read_text("utf-8")


def test_comments_are_masked_and_complaints_not_shown(site, book):
    page = (site / MARCH / "hall-H1.html").read_text("utf-8")
    assert "&lt;script&gt;alert(4)&lt;/script&gt;电话***，***先生很耐心" in page
    february = (site / "month-2026-02-01" / "hall-H1.html").read_text("utf-8")
    assert "最近的留言" in page and not re.search("最近的留言|耐心", february)  # only on request
    for path in site.rglob("*.html"):
        assert not re.search("13812345678|王伟|110101199001011234", path.read_text("utf-8"))
    texts = " ".join(str(cell) for sheet in book for line in sheet.iter_rows(values_only=True) for cell in line)
    assert not re.search("耐心|110101199001011234", texts)


def test_a_public_report_takes_no_comments(built, tmp_path):
    output = export(built, "--period", "month", "--out", tmp_path, "--public", "--comments", code=2)
    assert "公开版不含群众留言" in output and not list(tmp_path.iterdir())


def test_actions_of_a_month_by_hand(site, week, book):
    """H1 took 14.5 minutes in February and 12.5 in March, its C1 likewise; H2 got its complaint in March."""
    rows = Cells(site / MARCH / "index.html").rows
    [head] = [number for number, row in enumerate(rows) if row[-1] == "大厅本身的行动"]
    counts = rows[head:head + 3]
    assert counts[0][1:6] == ["新增", "持续", "已恢复", "条件已终止", "逾期"]
    assert [row[1:6] for row in counts[1:]] == [["0", "2", "1", "1", "2"], ["1", "0", "0", "0", "0"]]
    assert "办理慢：精简环节（持续、逾期）" in counts[1][6] and EVIL_LABEL not in counts[1][6]  # that is a clerk's
    rows = [row for row in Cells(site / MARCH / "hall-H1.html").rows if len(row) == 6 and " 前 " in row[5]]
    assert [row[0] for row in rows] == ["持续 起于 2026-02"] * 2
    assert rows[0][2:] == [
        "办理慢：精简环节", "平均办理时长 ≥ 12", "2026-03：12.50 分钟（样本 15）2026-02：14.50 分钟（样本 10）",
        # February is not published: ten working days from its last day, without Saturdays.
        "2026-03-13 前 逾期"]
    assert "@SUM(A1)" in rows[1][1] and rows[1][4].startswith("2026-03：12.50 分钟（样本 10）")
    over = [row for row in Cells(site / MARCH / "hall-H1.html").rows if row[0] in ("已恢复", "条件已终止")]
    assert [row[:1] + row[2:] for row in over] == [
        ["已恢复", "办理很慢：约谈", "平均办理时长 ≥ 14", "12.50 分钟", ""],
        ["条件已终止", "办理偏慢：提醒", "平均办理时长 ≥ 11", "12.50 分钟", ""],
    ]
    found = {(row["大厅"], row["编号"], row["行动"]): row for row in table(book["改进行动"])}
    row = found["大厅", "C1", EVIL_LABEL]
    assert (row["状态"], row["本期值"], row["样本量"], row["连续期数"], row["期限"]) == ("持续", 12.5, 10, 2, 10)
    assert row["逾期"] == "逾期"
    assert str(row["起于"])[:10] == "2026-02-01" and len(found) == 5
    # No trigger judges a week.
    assert "改进行动" not in (week / "index.html").read_text("utf-8") + (week / "hall-H1.html").read_text("utf-8")


def test_channels_and_texts_of_a_hall_by_hand(site, book):
    """H1 has 7 ratings, 4 × 5 and 3 × 4 stars, of 15 cases: 46.7 %; six of them wrote the same, and nobody complained.

    H2 has two comments and a complaint with a text.
    """
    rows = [row for row in Cells(site / MARCH / "hall-H1.html").rows if row and row[0] in ("未注明", "合计")]
    assert rows == [
        ["未注明", "7", "4.57", "46.7", "", "", "0", ""], ["合计", "7", "4.57", "46.7", "100", "53.3", "0", ""],
    ]
    texts = {
        (row["编号"], row["类别"]): (row["条数\n(条)"] if "条数\n(条)" in row else row["条数"], row["占比"])
        for row in table(book["群众反映"]) if row["类型"] == "大厅"
    }
    assert texts[("H1", "未归类")] == (6, 1) and texts[("H2", "未归类")] == (3, 1)


def test_pilots_against_what_was_claimed_by_hand(site, english, book):
    """H1: 14.5 minutes became 12.5, −2 of 14.5, where a tenth was claimed; 27 stars of 6 became 32 of 7, +1.6 %.

    H2 took 8 minutes before and after; H/3, with a pilot of its own, is no comparison. Nobody was rated elsewhere
    before, and waits were not measured.
    """
    page = (site / MARCH / "index.html").read_text("utf-8")
    told = [
        # By go-live, not by id.
        "P9：", "上线前 1 周（应为 1 周）、上线后 4 周（应为 8 周）",
        "政策所述效率提升 10%：平均办理时长暂不能判定（周数不足）",
        "P1：大厅，2026-02-16 上线，上线前 1 周（应为 1 周）、上线后 6 周（应为 6 周）",
        "政策所述效率提升 10%：平均办理时长由 14.50 分钟降至 12.50 分钟，改善 13.8%，达到；"
        "扣除同期变化后改善 13.8%，达到<",
        "政策所述效率提升 10%：平均等候时长暂不能判定（无数据）",
        "政策所述满意度提升 15%：平均评分由 4.50 星升至 4.57 星，改善 1.6%，未达到<",
        "政策所述满意度提升 15%：满意率仍为 100.00%，没有变化，未达到<",
        "P0：H99，2026-01-05 上线", "平均办理时长暂不能判定（没有此大厅）",
    ]
    places = [page.find(text) for text in told]
    assert -1 not in places, told[places.index(-1)]
    assert places == sorted(places)
    hall = (site / MARCH / "hall-H1.html").read_text("utf-8")
    assert told[4] in hall and "（周数不足）" not in hall
    rows = [row for row in Cells(site / MARCH / "hall-H1.html").rows if len(row) == 10]
    found = {row[0]: [row, after] for row, after in pairwise([*rows, None])}
    assert found["平均办理时长"] == [
        ["平均办理时长", "14.50 分钟", "12.50 分钟", "10 / 15", "−2.00 分钟", "13.8", "13.8", "10.0",
         "达到", "达到"],
        ["对照：同组的 1 个大厅", "8.00 分钟", "8.00 分钟", "10 / 10", "±0.00 分钟", "0.0", "", "", "", ""]]
    assert found["平均评分"][0][4:] == ["+0.07 星", "1.6", "", "15.0", "未达到", "没有对照大厅"]
    assert found["平均等候时长 无数据"][0][1:5] == ["—", "12.00 分钟", "0 / 10", "—"]
    assert found["平均等候时长 无数据"][0][8:] == ["暂不能判定", "暂不能判定"]
    assert found["满意率"][0][4] == "±0.00 个百分点"
    page = (english / MARCH / "index.html").read_text("utf-8")
    for text in (
        "live since 2026-02-16; 1 of 1 weeks before and 6 of 6 weeks after.",
        "Efficiency, claimed +10%: Average process time 14.50 min → 12.50 min, 13.8% better: met; net of halls without"
        " it 13.8% better: met<",
        "Efficiency, claimed +10%: Average wait cannot be judged yet (no data)<",
        "Satisfaction, claimed +15%: Average rating 4.50 stars → 4.57 stars, 1.6% better: not met<",
        "Beside 1 hall of its peer group",
    ):
        assert text in page, text
    row = next(row for row in table(book["试点成效"]) if row["大厅"] == "大厅" and row["指标"] == "平均办理时长")
    assert [row[name] for name in (
        "上线前周数（有 / 应有）", "上线后周数（有 / 应有）", "变化", "上线前样本", "上线后样本", "对照大厅",
        "对照上线前", "对照上线后", "对照上线前样本", "对照上线后样本", "是否达到", "对照政策所述",
    )] == [
        "1 / 1", "6 / 6", -2, 10, 15, "对照：同组的 1 个大厅", 8, 8, 10, 10, "达到", told[4].removesuffix("<")]


def test_the_year_says_what_each_rule_decided(built, tmp_path):
    export(built, "--period", "year", "--start", "2026-01-01", "--out", tmp_path)
    folder = tmp_path / "year-2026-01-01"
    page = (folder / "index.html").read_text("utf-8")
    assert "指标年度评审" in page and "给了分而没有改变任何名次的规则" in page
    review = table(openpyxl.load_workbook(next(folder.glob("*.xlsx")))["年度评审"])
    # Three halls in two closed months.
    of_halls = {row["规则编号"]: (row["被评对象"], row["有业务的对象"]) for row in review if row["类型"] == "大厅"}
    # There is one complaint, about H2, so S3 judged only H2.
    assert (of_halls["E1"], of_halls["S3"]) == ((6, 6), (1, 6))
    # Waits of March, 12 minutes in each hall; no rule uses them.
    assert "没有规则使用的指标" in page and "12.00 ± 0.00 分钟" in page
    metrics = table(openpyxl.load_workbook(next(folder.glob("*.xlsx")))["指标评审"])
    (waits,) = [row for row in metrics if row["类型"] == "大厅" and row["指标"] == "平均等候时长"]
    told = ("使用的规则数", "有业务的对象", "有值的对象", "平均值", "标准差")
    assert [waits[name] for name in told] == [0, 6, 3, 12, 0]
    assert "指标年度评审" not in (tmp_path / "index.html").read_text("utf-8")


def test_rewards_of_a_quarter_by_hand(quarter):
    """H1: 0.4 × (120 − 3.3) + 0.6 × (130 + 2 × 50/3) = 144.68; H2: 0.4 × 124 + 0.6 × (140 + 50/3) = 143.6.

    C1 of H1 took 13.5 minutes: 0.2 × 0.4 less. C2 has five cases; C1 of H2 got a complaint; nobody rated H/3.
    """
    rows = [row for row in Cells(quarter / "index.html").rows if row[0] in ("候选", "未达到")]
    assert [[*row[3:5], row[8]] for row in rows] == [
        ["144.68", "1/2", ""], ["143.60", "2/2", "名次不够"], ["—", "—", "没有得分"],
        ["144.60", "1/3", "申诉未决"], ["143.60", "2/3", "有投诉"], ["135.00", "3/3", "办件太少"],
        ["—", "—", "没有得分"],
    ]
    page = (quarter / "index.html").read_text("utf-8")
    assert "大厅：综合得分 ≥ 100、名次在前 50%（名额进位取整）、办件 ≥ 10" in page
    assert "人员：综合得分 ≥ 100、办件 ≥ 10、无投诉" in page
    own = [row for row in Cells(quarter / "hall-H1.html").rows if row[0] in ("候选", "未达到")]
    assert [(row[0], row[2]) for row in own] == [
        ("候选", "144.68"), ("未达到", "144.60"), ("未达到", "135.00")]
    sheet = table(openpyxl.load_workbook(quarter / "hall_scores_quarter_2026-01-01.xlsx")["奖励候选"])
    assert [(row["编号"], row["未达到的原因"]) for row in sheet if row["奖励"] == "大厅奖"] == [
        ("H1", None), ("H2", "名次不够"), ("H/3", "没有得分")]
    assert "改进行动" not in page  # no trigger judges a quarter


def test_the_public_sees_rewards_of_halls_and_no_actions(public, public_quarter):
    rows = [row for row in Cells(public_quarter / "index.html").rows if row[0] in ("候选", "未达到")]
    assert [[*row[3:5], row[7]] for row in rows] == [["144.68", "1/2", ""]]  # without a column of complaints
    book = openpyxl.load_workbook(public_quarter / "hall_scores_quarter_2026-01-01.xlsx")
    assert [row["编号"] for row in table(book["奖励候选"])] == ["H1"]
    assert {row["大厅"] for row in table(book["到访高峰"])} == {"大厅"}  # of H1 and H2, the one with ratings
    assert len(table(book["到访高峰"])) == 1
    for folder in (public / MARCH, public_quarter):
        text = "".join(path.read_text("utf-8") for path in folder.glob("*.html"))
        assert not re.search("改进行动|办理慢|已恢复|专项整改|试点成效|政策所述|需要核查|怎么办", text)
        book = openpyxl.load_workbook(next(folder.glob("*.xlsx")))
        assert not {"改进行动", "试点成效", "数据检查"} & set(book.sheetnames)


def test_peak_hours_by_hand(site, book):
    """Ten tickets on one of two Tuesdays with cases, each called after 12 minutes; eight of them at window W1."""
    page = Cells(site / MARCH / "hall-H1.html")
    hours = [row for row in page.rows if row[0].startswith("周二")]
    assert hours == [["周二 10:00–11:00", "5.0", "12.0", "12", "100", "0.5", "20", "0"]]
    text = (site / MARCH / "hall-H1.html").read_text("utf-8")
    assert "2026-02-09 至 2026-03-29" in text
    chart = text[text.index('aria-label="到访高峰"'):]
    assert re.findall(r">(5|12)</text>", chart[:chart.index("</svg>")]) == ["5", "12"]
    sheet = book["到访高峰"]
    assert {rule.type for ranges in sheet.conditional_formatting for rule in ranges.rules} == {"colorScale"}
    row = next(row for row in table(sheet) if row["大厅"] == EVIL)
    assert [row[name] for name in ("时段", "天数", "平均到访", "平均等候", "九成等候", "等候达标", "开放窗口",
                                   "自助占比", "网上占比")] == ["10:00–11:00", 2, 5, 12, 12, 1, 0.5, 0.2, 0]


def test_checks_say_what_to_do(site, book):
    """The last case of H1 is of 11 March, 23 days before 3 April; eight are an error."""
    rows = [row for row in Cells(site / MARCH / "quality.html").rows if len(row) == 6]
    row = next(row for row in rows if row[1] == "大厅" and row[3] == "距最近一条记录的天数")
    assert (row[0], row[3], row[4]) == ("错误", "距最近一条记录的天数", "23 天")
    assert row[5] == ZH["check_advice"]["days_since_last_row"]
    found = [row for row in table(book["数据检查"]) if row["检查"] == "距最近一条记录的天数" and row["检查值"] == 23]
    assert (found[0]["严重程度"], found[0]["提醒起点"], found[0]["错误起点"]) == ("错误", 4, 8)


def test_metrics_say_what_they_were_before(site):
    """14.5 minutes became 12.5; the waits of March were not measured in February."""
    rows = {row[0]: row for row in Cells(site / MARCH / "hall-H1.html").rows if len(row) == 7}
    assert rows["平均办理时长"][1:3] == ["12.50 分钟", "14.50 分钟 好转"]
    assert rows["平均等候时长"][1:3] == ["12.00 分钟", "—"]
    assert rows["等候达标率"][1] == "100.00%" and rows["等候时长90分位"][1] == "12.00 分钟"
    assert (site / MARCH / "hall-H1.html").read_text("utf-8").count('class="spark"') > 0


def test_a_metric_of_a_period_that_is_not_shown_is_not_shown():
    """The hall had too few ratings in February to be public."""
    class History:
        def read(self, _sql, **_parameters):
            return [{"hall_id": "H1", "metric": "avg_rating", "period_start": start, "value": Decimal(start)}
                    for start in (1, 2, 3)]

    metric = {"hall_id": "H1", "subject_type": "hall", "metric": "avg_rating"}
    trend = [{"hall_id": "H1", "period_start": start} for start in (1, 3)]
    add_trends(History(), SimpleNamespace(metrics=[metric], trend=trend), {})
    assert (metric["trend"], metric["before"]) == ([1, None, 3], None)


def test_a_page_lists_the_first_rows_and_names_how_many_more():
    row = {"state": "new", "state_name": "新增", "is_open": True, "kind": "人员", "subject_type": "clerk",
           "subject_id": "C1", "subject_name": "C1", "what": "约谈", "metric_label": "", "condition": "",
           "evidence_lines": ["…"], "deadline": ""}
    actions = make_environment(words_of("zh")).get_template("actions.html.j2").module
    page = str(actions.of_hall([row] * (ROWS_SHOWN + 5)))
    assert page.count("<tr>") == ROWS_SHOWN + 1 and "其余 5 项见 Excel 工作簿" in page


def test_a_public_report_hides_names_comments_and_small_groups(built, public):
    """H1 is public, W1 and C1 with six of its seven ratings too; W2 and C2 have one, H2 has two, H/3 none.

    Six of seven for W1 would reveal the one of W2, so no counts or means of ratings are shown.
    """
    texts = {path.name: path.read_text("utf-8") for path in (public / MARCH).iterdir() if path.suffix != ".xlsx"}
    book = openpyxl.load_workbook(public / MARCH / "hall_scores_month_2026-03-01.xlsx")
    cells = [[str(cell) for cell in line] for sheet in book for line in sheet.iter_rows(values_only=True)]
    everything = " ".join(texts.values()) + " ".join(" ".join(line) for line in cells)
    assert not re.search("周小川|@SUM|耐心|13812345678|内部资料", everything)
    assert "155.00" in texts["index.html"] and "C1" in texts["hall-H1.html"]
    # H2 has 0.4 × 124 + 0.6 × 140 = 133.6 points and two ratings.
    assert "133.6" not in everything
    assert "评价太少，不公开" in texts["index.html"] and "评价太少，不公开" in texts["ranking.html"]
    # None and few look the same. Hidden halls come last, by id, whatever their rank.
    assert "缺少必需的数据" not in everything
    ranking = table(book["排名"])
    assert [row["编号"] for row in ranking if row["类型"] == "大厅"] == ["H1", "H/3", "H2"]
    quality = [row for row in Cells(public / MARCH / "quality.html").rows if len(row) == 5]
    assert [row[0] for row in quality[1:]] == ["大厅"]
    clerks = [row for row in ranking if row["类型"] == "人员"]
    assert not [row for row in ranking if row["类型"] != "大厅" and row["办件量"]]
    assert len(clerks) == 4 and all(row["对象"] == row["编号"] for row in clerks)
    reasons = {
        row["编号"]: row["无得分或名次的原因"]
        for row in ranking if row["综合得分"] is None and row["大厅"] == "大厅"
    }
    assert (reasons["W2"], reasons["C2"]) == ("评价太少，不公开", "评价太少，不公开")
    points, metrics = table(book["得分明细"]), table(book["指标"])
    assert {row["编号"] for row in (*points, *metrics)} == {"H1", "W1", "C1"}
    assert not {"样本量", "分子", "分母", "评价数", "投诉数"} & {
        cell.split("\n")[0] for line in cells for cell in line}
    private = set(built.query("select label_zh as k from {schema}.dim_metrics where is_private").k)
    assert len(private) == 6 and not private & {row["指标"] for row in metrics}
    assert {"平均办理时长", "一次办结率"} <= {row["指标"] for row in metrics}
    stars = next(row for row in points if row["编号"] == "H1" and row["规则编号"] == "S1")
    assert [stars[name] for name in ("状态", "指标值", "得分", "再进一步")] == ["计分", None, 30, None]
    other = public.with_name("no-clerks")
    export(built, "--period", "month", "--out", other, "--public")
    assert not any("C1" in path.read_text("utf-8") for path in (other / MARCH).glob("*.html"))


def test_internal_pages_never_lie_among_public_ones(built, public, tmp_path):
    output = export(built, "--period", "month", "--out", public, code=1)
    assert "holds other reports (is_public True)" in output and len(output.splitlines()) == 1


def test_one_hall_alone(built, tmp_path):
    export(built, "--period", "month", "--hall", "H1", "--out", tmp_path)
    assert [path.name for path in (tmp_path / MARCH).glob("hall-*")] == ["hall-H1.html"]
    book = openpyxl.load_workbook(tmp_path / MARCH / "hall_scores_month_2026-03-01.xlsx")
    assert {row["大厅"] for row in table(book["得分明细"])} == {"大厅"}
    assert len([row for row in table(book["排名"]) if row["类型"] == "大厅"]) == 3  # a rank means nothing alone
    output = export(built, "--period", "month", "--hall", "H9", "--out", tmp_path / "none", code=1)
    assert "no hall H9 in this period; known: H1, H2, H/3" in output


def test_pages_and_workbook_name_their_source(built, site, book):
    facts = built.query("select distinct rule_book_hash, build_id from {schema}.scores where period_type = 'month'")
    sources = ("2026-04-03", facts.build_id[0], facts.rule_book_hash[0], git_commit() or "未知")
    pages = list((site / MARCH).glob("*.html"))
    assert len(pages) == 10
    for page in pages:
        text = page.read_text("utf-8")
        assert all(value in text for value in (*sources, "2026年3月")), page.name
    assert set(sources) <= {cell for line in book["总览"].iter_rows(values_only=True) for cell in line}
    quality = (site / MARCH / "quality.html").read_text("utf-8")
    assert "剔除 1 行" in quality and "日期无法识别、不属于任何周期：1 行。" in quality


def test_pages_and_workbook_say_what_is_published(built, site, english, book):
    chain = built.query("""
        select period_type, period_start, publication_hash, date(published_at) as day from {schema}.publications
        where is_latest order by publication_number
    """)
    head = built.query("select publication_hash from {schema}.publications order by publication_number desc limit 1")
    head = head.publication_hash[0]
    month = chain[chain.period_type == "month"].iloc[0]
    for page in (site / MARCH).glob("*.html"):
        text = page.read_text("utf-8")
        assert f"第 1 版，{month.day} 公布" in text and f"得分与排名为第 1 版公布的结果（{month.day} 公布）" in text
        assert month.publication_hash in text and head in text
        assert "公布后数据有变" not in text
    february = (site / "month-2026-02-01" / "index.html").read_text("utf-8")
    assert "没有公布的版本" in february and head in february
    assert "公布指纹" not in february and "得分与排名为" not in february
    assert "<small>第 1 版</small>" in (site / "index.html").read_text("utf-8")
    assert f"revision 1, published on {month.day}" in (english / MARCH / "index.html").read_text("utf-8")
    notes = dict(line[:2] for line in book["说明"].iter_rows(values_only=True))
    assert (notes["公布"], notes["公布指纹"], notes["链首指纹"]) == (
        f"第 1 版，{month.day} 公布", month.publication_hash, head)
    assert "，第 1 版，" in (site / MARCH / "summary.txt").read_text("utf-8")


def test_a_score_under_appeal_is_marked(site, public, book):
    marked = [row for row in Cells(site / MARCH / "hall-H1.html").rows if "申诉中" in " ".join(row)]
    assert len(marked) == 1 and "C1" in marked[0][1] and len(marked[0]) == 13
    assert "申诉中" in (public / MARCH / "hall-H1.html").read_text("utf-8")
    assert [row["编号"] for row in table(book["排名"]) if row["申诉"] == "申诉中"] == ["C1"]


def test_decided_appeals_are_listed_inside_and_nothing_of_who_submitted_them(site, public, week):
    """A3 gave W1 25 points of efficiency: 125 + 0.4 × 25 = 135; W1 of H2 has 0.4 × 124 + 0.6 × 140 = 133.6."""
    march, after = Cells(site / MARCH / "hall-H1.html").rows, Cells(week / "hall-H1.html").rows
    assert [row[1:] for row in march if row[2] == "驳回"] == [
        ["E1", "驳回", "2026-03-31", "记录无误，问***", "", "", ""]]
    upheld = [row for row in after if "成立" in row]
    assert [row[1:6] for row in upheld] == [["E1", "成立", "2026-03-31", "停电", "+25.00"]]
    assert upheld[0][6:] == ["125.00 → 135.00", "2 → 1"]
    # The page shows the official score.
    assert [row[3] for row in after if len(row) == 13 and "W1" in row[1]] == ["135.00"]
    everything = "".join(path.read_text("utf-8") for path in (*site.rglob("*.html"), *week.glob("*.html")))
    assert "APPELLANT" not in everything
    assert "驳回" not in (public / MARCH / "hall-H1.html").read_text("utf-8")


def test_the_appeal_form_names_each_component(built, site, public):
    form = Cells(site / MARCH / "appeal-H1.html")
    row = next(row for row in form.rows if "C1" in row[1])
    components = built.query("""
        select rule_id, component_id from {schema}.published_components
        where period_type = 'month' and hall_id = 'H1' and subject_type = 'clerk' and subject_id = 'C1'
    """)
    assert {"E1", "E3", "S1"} <= set(components.rule_id)
    assert row[2] == "155.00" and " 12.50 分钟 −2.50" in row[3] and " 100.00% +20.00" in row[3]
    assert all(f"{part.rule_id} {part.component_id} " in row[3] for part in components.itertuples())
    text = (site / MARCH / "appeal-H1.html").read_text("utf-8")
    assert all(word in text for word in ("大厅 2026年3月 申诉表", "第 1 版", "申诉理由", "签名", "日期"))
    assert 'href="appeal-H1.html"' in (site / MARCH / "hall-H1.html").read_text("utf-8")
    assert not list(public.rglob("appeal-*")) and not list((site / "month-2026-02-01").glob("appeal-*"))


def test_what_changed_since_publication_is_said(week):
    for page in week.glob("*.html"):
        text = page.read_text("utf-8")
        assert "公布后数据有变：1 个对象现时计算的结果与第 2 版不同，以公布的为准" in text
        assert "得分与排名为第 2 版公布的结果" in text
    notes = openpyxl.load_workbook(week / "hall_scores_week_2026-03-09.xlsx")["说明"]
    assert "1 个对象" in dict(line[:2] for line in notes.iter_rows(values_only=True))["公布后的变化"]


def test_reports_of_a_period_to_be_published_wait_for_it(built, monkeypatch):
    monkeypatch.setenv("HALL_SCORES_SCHEMA", built.schema)
    february, march = ("month", "2026-02-01"), ("month", "2026-03-01")
    assert {february, march} < set(nightly.closed_periods(None))
    start = f"update {built.schema}.dim_parameters set parameter_date = %s where parameter = 'publish_from'"
    built.execute(start, [("2026-02-01",)])
    closed = nightly.closed_periods(None)
    built.execute(start, [("2026-03-01",)])
    assert february not in closed and march in closed


def test_periods_link_to_each_other(site):
    march, february = ((site / folder / "hall-H1.html").read_text("utf-8") for folder in (MARCH, "month-2026-02-01"))
    assert 'href="../month-2026-02-01/hall-H1.html"' in march and "下一期" not in march
    assert f'href="../{MARCH}/hall-H1.html"' in february and "上一期" not in february
    index = (site / "index.html").read_text("utf-8")
    assert index.index("2026年3月") < index.index("2026年2月")
    assert not list(site.rglob(".*"))


def test_the_summary_fits_in_a_message(site, built):
    text = (site / MARCH / "summary.txt").read_text("utf-8")
    head = built.query("select publication_hash from {schema}.publications order by publication_number desc limit 1")
    assert text.endswith(f"链首指纹：{head.publication_hash[0]}\n")
    assert text.startswith("【政务大厅积分月报】2026年3月\n") and len(text.encode()) <= MESSAGE_BYTES
    assert "第1名 大厅 155.00 分（较上期 +0.80）" in text and "没有得分" in text


def test_a_running_period_is_marked_provisional(built, tmp_path):
    export(built, "--period", "year", "--start", "2026-01-01", "--out", tmp_path)
    for page in ("index.html", "ranking.html", "hall-H1.html"):
        assert "周期未结束" in (tmp_path / "year-2026-01-01" / page).read_text("utf-8")


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


def test_both_languages_say_the_same_things():
    assert set(ZH) == set(EN)
    for name, words in ZH.items():
        if isinstance(words, dict):
            assert set(words) == set(EN[name]), name
        if isinstance(words, str):
            # Of one|many, the last.
            here, there = (
                set(re.findall(r"\{\w*\}", text.split("|")[-1].replace("{0}", "{}").replace("{1}", "{}")))
                for text in (words, EN[name]))
            assert here == there, name


def test_a_slope_is_told_as_the_rule_book_tells_it(built, site):
    (sentence,) = built.query("select rule_zh from {schema}.rule_book where rule_id = 'E1'").rule_zh
    for page in ("rules.html", "hall-H1.html"):
        assert sentence in (site / MARCH / page).read_text("utf-8")


@pytest.mark.parametrize(("value", "unit", "text"), [
    (1, "complaint", "1 complaint"), (2, "complaint", "2 complaints"), (0, "complaint", "0 complaints"),
    (1, "star", "1.00 star"), ("1.5", "star", "1.50 stars"), (1, "minute", "1.00 min"),
])
def test_one_and_many_in_english(value, unit, text):
    assert wording.in_unit(Decimal(value), unit, words_of("en")) == text


def test_an_english_page_is_english(english):
    """Except free text: comments, reasons of rules."""
    for name in ("index.html", "ranking.html", "quality.html", "appeal-H1.html"):
        assert not re.search("[（）；。，\u3000]", (english / MARCH / name).read_text("utf-8")), name


@pytest.mark.parametrize(("distance", "unit", "shown_step"), [
    ("-0.4000000001", "minute", "再快 0.41 分钟 +0.8 分"),  # rounded up, so that the step is enough
    ("-0.4", "minute", "再快 0.4 分钟 +0.8 分"),
    ("0.0000000001", "share", "一次办结率再高 0.01 个百分点 +0.8 分"),
    ("-4", "complaint", "再少 4 件投诉 +0.8 分"),
])
def test_the_distance_to_the_next_band_in_words(distance, unit, shown_step):
    component = {"distance_to_next_band": Decimal(distance), "next_band_points": Decimal("0.8"), "unit": unit,
                 "metric": "avg_process_minutes" if unit == "minute" else "other", "metric_label": "一次办结率",
                 "rule_type": "band"}
    assert wording.next_step(component, words_of("zh")) == shown_step


def test_a_point_a_minute_is_as_many_points_as_minutes():
    component = {"distance_to_next_band": Decimal("-0.9333333333"), "next_band_points": Decimal("0.933333"),
                 "unit": "minute", "metric": "avg_process_minutes", "metric_label": "", "rule_type": "slope"}
    assert wording.next_step(component, words_of("zh")) == "再快 0.94 分钟 +0.94 分"


def test_rules_of_one_label_have_a_bar_each():
    steps = [
        {"label": "同名", "rule_id": f"E{n}", "rule_type": "band", "step_number": n, "contribution": Decimal(n),
         "total_before": Decimal(n), "total_after": Decimal(2 * n)}
        for n in (1, 2)
    ]
    assert charts.waterfall(steps, words_of("zh")).count(">同名<") == 2


@pytest.mark.parametrize("count", [2, 3, 4])
def test_the_trend_of_any_number_of_halls_says_what_it_shows(count):
    halls = [{"hall_id": f"H{n}", "hall_name": f"厅{n}", "score_change": None} for n in range(count)]
    rows = [hall | {"period_start": "2026-03-01", "composite_score": Decimal(100)} for hall in halls]
    assert "综合得分（分）" in charts.trends(rows, halls, "month", words_of("zh"))


@pytest.mark.parametrize(("text", "lines"), [
    ("市民中心政务服务大厅", ["市民中心政务服务大厅"]),
    ("平均办理时长每超过10分钟1分钟减1分", ["平均办理时长每超过", "10分钟1分钟减1分"]),
    ("First-visit completion below 80 %", ["First-visit", "completion below 80 %"]),
    ("", [""]),
])
def test_labels_break_where_they_may(text, lines):
    assert wording.wrapped(text) == lines


def test_hall_files_suit_every_file_system():
    files = hall_files(["H1", "h1", "../x", "大厅", "CON"])
    assert files["H1"] == "hall-H1.html"
    names = [name.lower() for name in files.values()]
    assert len(set(names)) == 5 and all(re.fullmatch(r"hall-[\w-]+\.html", name, re.ASCII) for name in names)


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="no playwright package: the pages are not opened")
    if not Path(CHROMIUM).exists():
        pytest.skip(f"no browser at {CHROMIUM} (set HALL_SCORES_CHROMIUM): the pages are not opened")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield opened
        opened.close()


@pytest.mark.parametrize("width", [360, 1280])
def test_every_page_opens_cleanly(browser, site, public, english, quarter, width):
    """No error, no dialog, no request outside the folder, no horizontal scrolling, no broken link."""
    context = browser.new_context(viewport={"width": width, "height": 800})
    troubles, requests, links, wide = [], [], set(), []
    context.on("console", lambda message: troubles.append(message.text))
    context.on("weberror", lambda error: troubles.append(str(error.error)))
    context.on("dialog", lambda dialog: (troubles.append(dialog.message), dialog.dismiss()))
    context.on("request", lambda request: requests.append(request.url))
    page = context.new_page()
    for folder in (site, public, english, quarter.parent):
        opened = sorted(folder.rglob("*.html"))
        for path in opened:
            page.goto(path.as_uri())
            if page.evaluate("document.documentElement.scrollWidth") > width:
                wide.append(f"{path.parent.name}/{path.name}")
            links |= set(page.eval_on_selector_all("a[href]", "all => all.map(a => a.href)"))
        allowed = {path.as_uri() for path in folder.rglob("*")}
        assert {url for url in requests if not url.startswith("data:")} <= allowed
        for link in links:
            target = Path(unquote(urlparse(link).path))
            assert target.is_file() and target.is_relative_to(folder), link
        assert len(links) > len(opened)
        requests.clear()
        links.clear()
    context.close()
    assert not troubles
    assert not wide


def test_the_table_sorts_and_filters_and_is_whole_without_script(browser, site):
    address = (site / MARCH / "hall-H1.html").as_uri()
    page = browser.new_page()
    page.goto(address)
    rows = page.locator("#subjects tbody tr:visible")
    total = rows.count()
    page.select_option(".filter select", "clerk")
    assert rows.count() == 2 < total
    page.fill(".filter input", "周小川")
    assert rows.count() == 1 and "显示 1 行" in page.inner_text(".filter output")
    page.fill(".filter input", "")
    page.click("#subjects th:nth-child(8)")
    assert rows.locator("td:nth-child(8)").all_inner_texts() == ["10", "5"]
    page.click("#subjects th:nth-child(8)")
    assert rows.locator("td:nth-child(8)").all_inner_texts() == ["5", "10"]
    page.close()
    plain = browser.new_context(java_script_enabled=False).new_page()
    plain.goto(address)
    assert plain.locator("#subjects tbody tr:visible").count() == total
    assert not plain.locator(".filter").is_visible()
    plain.context.close()


def test_the_public_list_prints_on_one_sheet(browser, site, tmp_path):
    page = browser.new_page()
    page.goto((site / MARCH / "ranking.html").as_uri())
    paper = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1
    page.close()
