"""What a public report shows of ratings and complaints: what points say of them, and nothing else in the marts."""

import re
import zipfile
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

import export_reports
import raw_tables
from conftest import Project
from raw_tables import cases, complaint, ratings
from reports.public import tells_the_value

pytestmark = [pytest.mark.once, pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")]

MONTHS = ("2026-01-01", "2026-02-01")
# Written by the warehouse or the clock, and of no citizen.
RUN = re.compile(r"[0-9a-f]{64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|<dcterms:\w+ [^<]*</dcterms:\w+>")


@pytest.fixture(scope="module")
def built(project: Project) -> Project:
    """January is not published, February is. W2 of H1 and the whole of H3 have few ratings, H4 has none."""
    raw_tables.create(project, "service_log", "feedback", "complaints")
    for month in MONTHS:
        day = f"{month[:8]}10"
        for hall, minutes in (("H1", 8), ("H2", 11), ("H3", 9), ("H4", 7)):
            for window in ("W1", "W2"):
                raw_tables.insert(project, "service_log", cases(
                    9, day, hall, minutes + (month == MONTHS[0]), window_id=window, clerk_id=f"C-{window}",
                    ticket_time=f"{day} 10:00:00", start_time=f"{day} 10:07:00"))
        for hall, window, stars in (
            ("H1", "W1", [5, 5, 4, 5, 4, 5]), ("H1", "W2", [1, 2]), ("H2", "W1", [4, 3, 4, 4, 2]),
            ("H2", "W2", [5, 5, 5, 5, 5, 5, 5]), ("H3", "W1", [1, 1]), ("H3", "W2", [5]),
        ):
            raw_tables.insert(
                project, "feedback", ratings(stars, day, hall, window_id=window, clerk_id=f"C-{window}"))
        raw_tables.insert(project, "complaints", [
            complaint("H2", f"{day} 09:00:00", f"{day} 10:00:00", window_id="W1", clerk_id="C-W1"),
            complaint("H2", f"{day} 09:00:00", None, window_id="W2"),
        ])
    parameters = project.read_seed("metric_parameters")
    parameters.loc[parameters.parameter == "publish_from", "value"] = MONTHS[1]
    project.write_seed("metric_parameters", parameters)
    project.build("2026-04-06")
    return project


def export(project: Project, folder: Path) -> dict[str, str]:
    """Export both months and the quarter, and the quarter's clerks; return the texts of all files, by path."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HALL_SCORES_SCHEMA", project.schema)
        for kind, start in (*(("month", month) for month in MONTHS), ("quarter", MONTHS[0])):
            assert export_reports.main([
                "--period", kind, "--start", start, "--out", str(folder), "--public", "--clerks", "number"]) == 0
    found = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = str(path.relative_to(folder))
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                found |= {f"{name}/{part}": book.read(part).decode() for part in sorted(book.namelist())}
        else:
            found[name] = path.read_text("utf-8")
    return {name: RUN.sub("", text) for name, text in found.items()}


# Scores that are not to be seen; in the quarter, H3 has six ratings.
FEW = "(hall_id in ('H3', 'H4') or (hall_id = 'H1' and subject_id in ('W2', 'C-W2')))"
FEW_LIVE = f"{FEW} and (period_type = 'month' or hall_id in ('H1', 'H4'))"


def test_pages_do_not_depend_on_what_is_hidden(built, tmp_path):
    """Counts, means and samples, live and published, all become others: each public file stays the same."""
    before = export(built, tmp_path / "before")
    private = "metric in (select metric from {schema}.dim_metrics where is_private)"
    others = {
        "numerator": "numerator * 3 + 1", "denominator": "denominator * 5 + 2", "sample_size": "sample_size * 7 + 3"}
    values = others | {"value": "value * 1.01 + 0.03"}
    steps = {"distance_to_next_band": "distance_to_next_band * 1.5", "next_band_points": "next_band_points + 1"}
    counts = {"rating_count": "rating_count * 2", "complaint_count": "complaint_count + 3"}
    hidden = {score: f"{score} + 1" for score in ("composite_score", "efficiency_score", "satisfaction_score")}
    changes = [
        ("{schema}.scores", counts, "rating_count >= 5"),
        ("{schema}.scores", hidden | {"case_count": "case_count + 4", "complaint_count": "complaint_count + 1"},
         FEW_LIVE),
        ("{schema}.scores", {"rating_count": "4 - rating_count"}, FEW_LIVE),
        ("{schema}_ledger.scores", counts, "rating_count >= 5"),
        ("{schema}_ledger.scores", hidden, FEW),
        ("{schema}.metrics", values, private),
        ("{schema}.score_components", values | steps, private),
        ("{schema}.score_components", {"status": "'no_data'"}, f"status = 'not_met' and {private}"),
        ("{schema}_ledger.components", values, private),
        ("{schema}.hall_contributions", {"value": "value + 0.1", "previous_value": "previous_value + 0.1"}, private),
        ("{schema}.data_quality", {"row_count": "row_count + 11"}, "raw_table <> 'service_log'"),
        ("{schema}.reward_candidates", {"complaint_count": "complaint_count + 2"}, "1 = 1"),
        ("{schema}.score_spreads", {"lowest_score": "lowest_score - 1", "median_score": "median_score + 1"}, "1 = 1"),
        ("{schema}.feedback_channels", {"rating_count": "rating_count + 9"}, "1 = 1"),
        ("{schema}.pain_points", {"text_count": "text_count + 9"}, "1 = 1"),
    ]
    for table, columns, where in changes:
        sql = f"update {table} set {', '.join(f'{name} = {value}' for name, value in columns.items())} where {where}"
        built.execute(sql.replace("{schema}", built.schema))
    after = export(built, tmp_path / "after")
    assert before.keys() == after.keys()
    assert [name for name in before if before[name] != after[name]] == []


def test_a_public_ranking_is_worth_reading(built, tmp_path):
    """Ranks, points by rule, minutes and cases of halls: 0.4 × (104 + 20) + 0.6 × (100 + 50) = 139.6 of H1."""
    texts = export(built, tmp_path)
    page = texts["month-2026-02-01/ranking.html"]
    assert re.search(r"<b>1</b></td><td>H1</td><td class=\"n\"><b>139.60</b>", page)
    assert all(word in texts["month-2026-02-01/hall-H1.html"] for word in ("8.00 分钟", "S5", "+50.00", "W1", "C-W1"))
    assert texts["month-2026-02-01/ranking.html"].count("评价太少，不公开") == 2


@pytest.mark.parametrize(("bands", "is_count", "told"), [
    ([("4.5", None), (None, "3.5")], False, False),
    ([("0", "1")], True, False),  # none at all may be known
    ([("0", "1"), ("1", None)], True, False),
    ([("0", "1"), ("2", None)], True, True),  # neither: exactly one
    ([("1", "2")], True, True),
    ([("0", "3"), ("5", "9")], True, False),
    ([("2.5", "3.5")], True, True),
])
def test_bands_that_leave_one_count_tell_it(bands, is_count, told):
    rules = [
        {"rule_type": "band", "is_count": is_count, "lower_bound": low and Decimal(low),
         "upper_bound": up and Decimal(up)}
        for low, up in bands
    ]
    assert tells_the_value(rules) is told
    assert tells_the_value([*rules, rules[0] | {"rule_type": "slope", "is_count": False}])


def test_where_points_tell_the_mean_ranks_alone_are_shown(built, tmp_path):
    """A rule of February judges the mean by a slope: that month and the quarter, but not January, show no score."""
    rules = f"{built.schema}.rule_book"
    built.execute(f"update {rules} set rule_type = 'slope' where rule_id = 'S1'")
    built.execute(f"update {rules} set valid_from = '2026-02-01' where rule_id = 'S1'")
    texts = export(built, tmp_path)
    february = "".join(text for name, text in texts.items() if name.startswith("month-2026-02-01/"))
    assert "139.6" not in february and "因此只公布名次" in february
    assert re.search(r"<b>1</b></td><td>H1</td><td class=\"n\"><b>—</b>", texts["month-2026-02-01/ranking.html"])
    assert "8.00 分钟" in february
    book = openpyxl.load_workbook(tmp_path / "month-2026-02-01" / "hall_scores_month_2026-02-01.xlsx")
    assert book["得分明细"].max_row == 2  # the header, and the word for none
    assert "138.80" in texts["month-2026-01-01/ranking.html"]  # a minute more
