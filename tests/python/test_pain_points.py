"""What citizens write about, and by which channel they rate, on small halls computed by hand."""

from decimal import Decimal

import pandas as pd
import pytest

import raw_tables
from conftest import Project
from raw_tables import cases, complaint, ratings

pytestmark = pytest.mark.once

AS_OF = "2026-05-31"
APRIL, MAY = "2026-04-10", "2026-05-10"
THIRD = Decimal("0.3333333333")


def keyword(category: str, word: str, valid_from: str = "2020-01-01") -> dict:
    return {
        "category": category, "keyword": word, "label_zh": f"{category}类", "label_en": f"Of {category}",
        "valid_from": valid_from, "valid_to": "", "decided_on": "2019-12-01", "reason": "", "source": "",
    }


KEYWORDS = [
    keyword("waiting", "等太久"), keyword("waiting", "50%满意"), keyword("manner", "态度差"), keyword("manner", "a_b"),
    keyword("machine", "Atm机"), keyword("fees", "乱收费", "2026-05-01"),
]


def said(text: str | None, window: str, day: str = MAY, stars: int = 3, **columns) -> dict:
    return ratings([stars], day, "TALK", window_id=window, comment=text, **columns)[0]


def add_texts(project: Project) -> None:
    """Hall TALK: 4 texts in April, 12 in May."""
    raw_tables.insert(project, "service_log", cases(1, MAY, "TALK", window_id="F", item_code="I1", log_id="L1"))
    raw_tables.insert(project, "feedback", [
        said("态度差", "A", APRIL), said("乱收费", "A", APRIL),  # the keyword for fees is in force from May
        said("ATM机坏了", "B", APRIL), said("态度差", "G", APRIL),
        said("等太久，态度差", "A"), said("还行", "A"),
        said(" ", "A"), said("\n\u3000\r\n", "A"), said(None, "A"),  # no texts
        said("等太久", "A", stars=9),  # no rating
        said("只有50%满意", "B"), said("只有50分满意", "B"),
        said("a_b", "C"), said("axb", "C"),
        said("ATM机坏了", "D"), said("atm机坏了", "D"),
        said("等太久", "E"),
        said("乱收费", "F", log_id="L1"),
    ])
    raw_tables.insert(project, "complaints", [
        complaint("TALK", f"{MAY} 09:00:00", None, window_id="B", category="等候", description="等太久"),
        complaint("TALK", f"{MAY} 09:00:00", None, window_id="B", description="态度差", is_upheld=0),  # unfounded
        complaint("TALK", f"{MAY} 09:00:00", None, category="态度差"),
        complaint("TALK", f"{MAY} 09:00:00", None, window_id="B"),  # says nothing
    ])


def add_channels(project: Project) -> None:
    """Hall VOICE: 10 cases and 6 ratings in May; hall MUTE: 3 cases."""
    raw_tables.insert(project, "service_log", cases(10, MAY, "VOICE") + cases(3, MAY, "MUTE"))
    raw_tables.insert(project, "feedback", [
        *ratings([5, 4], MAY, "VOICE", channel="touchscreen"),
        *ratings([1], MAY, "VOICE", channel="wechat", callback_time="2026-05-12 10:00:00"),  # until 13 May 00:00
        *ratings([2], MAY, "VOICE", channel="wechat"),
        *ratings([3], MAY, "VOICE", channel="phone"),
        *ratings([2], "2026-05-31", "VOICE", channel="sms"),  # not due before 3 June
    ])


@pytest.fixture(scope="module")
def built(project: Project) -> Project:
    raw_tables.create(project, "service_log", "feedback", "complaints")
    add_texts(project)
    add_channels(project)
    project.write_seed("pain_point_keywords", pd.DataFrame(KEYWORDS))
    parameters = project.read_seed("metric_parameters")
    parameters.loc[parameters.parameter == "pain_point_minimum_texts", "value"] = "2"
    project.write_seed("metric_parameters", parameters)
    project.build(AS_OF)
    return project


def found(project: Project, subject_type: str, subject: str, period: str = "month", start: str = "2026-05-01") -> dict:
    rows = project.query(f"""
        select * from {{schema}}.pain_points
        where hall_id = 'TALK' and subject_type = '{subject_type}' and subject_id = '{subject}'
            and period_type = '{period}' and period_start = '{start}'
    """)
    return {row.category: row for row in rows.itertuples()}


def test_a_text_counts_in_each_of_its_categories(built):
    # waiting: A, B twice, E; manner: A, C, the complaint of no window; unclassified: one of A, B and C.
    # 13 of 12 texts: one is in two categories.
    hall = found(built, "hall", "TALK")
    assert {name: row.text_count for name, row in hall.items()} == {
        "waiting": 4, "manner": 3, "machine": 2, "fees": 1, "unclassified": 3,
    }
    assert {row.all_text_count for row in hall.values()} == {12}
    assert (hall["waiting"].share, hall["manner"].share) == (THIRD, Decimal("0.25"))
    assert (hall["waiting"].label_zh, hall["waiting"].label_en) == ("waiting类", "Of waiting")
    assert (hall["unclassified"].label_zh, hall["unclassified"].label_en) == ("未归类", "Unclassified")


def test_change_against_the_month_before(built):
    # April: manner 2, machine 1 and, before its keyword, fees unclassified 1, of 4.
    hall = found(built, "hall", "TALK")
    manner, waiting = hall["manner"], hall["waiting"]
    assert (manner.previous_text_count, manner.previous_all_text_count, manner.previous_share) == (2, 4, Decimal("0.5"))
    assert (manner.text_count_change, manner.share_change) == (1, Decimal("-0.25"))
    assert (waiting.previous_text_count, waiting.previous_share, waiting.share_change) == (0, 0, THIRD)
    # April is the first month: there is no previous one.
    first = found(built, "hall", "TALK", start="2026-04-01")["manner"]
    assert (first.text_count, first.previous_text_count, first.text_count_change, first.share_change) == (
        2, None, None, None
    )


def test_a_category_that_vanished_is_shown(built):
    # Texts about window B mentioned the machine in April; none of three texts in May did.
    gone = found(built, "window", "B")["machine"]
    assert (gone.text_count, gone.share, gone.previous_share, gone.share_change) == (0, 0, 1, -1)
    assert (gone.rank_in_hall, gone.ranked_in_hall) == (None, 4)
    # Nobody wrote about window G any more.
    silent = found(built, "window", "G")
    assert set(silent) == {"manner", "unclassified"}
    assert (silent["manner"].all_text_count, silent["manner"].share, silent["manner"].share_change) == (0, None, None)
    assert (silent["manner"].previous_text_count, silent["manner"].text_count_change) == (1, -1)


def test_wildcards_are_letters_and_latin_case_does_not_matter(built):
    assert {name: row.text_count for name, row in found(built, "window", "B").items()} == {
        "waiting": 2, "machine": 0, "unclassified": 1,
    }
    assert {name: row.text_count for name, row in found(built, "window", "C").items()} == {
        "manner": 1, "unclassified": 1,
    }
    assert found(built, "window", "D")["machine"].text_count == 2
    assert found(built, "window", "D")["unclassified"].text_count == 0  # always shown


def test_windows_are_ranked_by_share_and_equal_shares_share_a_rank(built):
    def ranks(category: str) -> dict:
        rows = {window: found(built, "window", window).get(category) for window in "ABCDEF"}
        return {window: (row.share, row.rank_in_hall) for window, row in rows.items() if row}

    # A, B, C and D have two texts or more; the one text of E is too few.
    assert ranks("waiting") == {"A": (Decimal("0.5"), 2), "B": (Decimal("0.6666666667"), 1), "E": (1, None)}
    assert ranks("manner") == {"A": (Decimal("0.5"), 1), "C": (Decimal("0.5"), 1)}
    assert {rank for _, rank in ranks("unclassified").values()} == {None}
    assert {found(built, "window", window)["unclassified"].ranked_in_hall for window in "ABCD"} == {4}
    assert found(built, "hall", "TALK")["waiting"].rank_in_hall is None


def test_an_item_comes_from_the_case_of_a_rating(built):
    rows = found(built, "item", "I1")
    assert {name: (row.text_count, row.all_text_count) for name, row in rows.items()} == {
        "fees": (1, 1), "unclassified": (0, 1),
    }


def test_other_periods(built):
    quarter = found(built, "hall", "TALK", "quarter", "2026-04-01")["manner"]
    assert (quarter.text_count, quarter.all_text_count, quarter.is_closed) == (5, 16, 0)
    assert found(built, "hall", "TALK", "year", "2026-01-01")["manner"].text_count == 5
    # The 10th of May is a Sunday; the week before it had no texts.
    week = found(built, "hall", "TALK", "week", "2026-05-04")["manner"]
    assert (week.text_count, week.previous_text_count, week.previous_share) == (3, 0, None)


def test_no_text_of_a_citizen_is_kept(built):
    columns = built.query("""
        select table_schema as place, table_name as name, column_name as cell from information_schema.columns
        where table_schema in ('{schema}', '{schema}_work') and data_type in ('varchar', 'text', 'char', 'longtext')
            and table_name in (
                'pain_points', 'feedback_channels', 'int_pain_points_by_day', 'int_ratings_by_day_channel',
                'int_ratings', 'int_complaints'
            ) and column_name <> 'category'
    """)
    assert len(columns) > 20
    for row in columns.itertuples():
        kept = built.query(f"select 1 from {row.place}.{row.name} where instr({row.cell}, '等太久') > 0")
        assert kept.empty, (row.name, row.cell)
    assert built.query("select distinct category from {schema}.pain_points").category.isin(
        ["waiting", "manner", "machine", "fees", "unclassified"]
    ).all()


# channel of VOICE in May: ratings, of all ratings, of the 10 cases, mean, satisfied (4 stars and more), negative (2
# and fewer), callbacks due and in time
CHANNELS = {
    "touchscreen": (2, THIRD, "0.2", "4.5", "1", 0, 0, 0, None),
    "wechat": (2, THIRD, "0.2", "1.5", "0", 2, 2, 1, "0.5"),
    "sms": (1, Decimal("0.1666666667"), "0.1", "2", "0", 1, 0, 0, None),
    "unknown": (1, Decimal("0.1666666667"), "0.1", "3", "0", 0, 0, 0, None),
    "app": (0, 0, "0", None, None, 0, 0, 0, None),
    "all": (6, 1, "0.6", "2.8333333333", THIRD, 3, 2, 1, "0.5"),  # 17 stars
}


@pytest.mark.parametrize("channel", CHANNELS)
def test_channels(built, channel):
    row = built.query(f"""
        select rating_count, rating_share, coverage, avg_rating, satisfied_rate, negative_count, callback_due_count,
            callback_count, callback_rate, case_count, wanted_coverage, coverage_gap
        from {{schema}}.feedback_channels
        where hall_id = 'VOICE' and period_type = 'month' and period_start = '2026-05-01' and channel = '{channel}'
    """).iloc[0].tolist()
    expected = [Decimal(value) if isinstance(value, str) else value for value in CHANNELS[channel]]
    assert row == [*expected, 10, 1, 1 - expected[2]]


def test_a_hall_without_ratings_covers_nothing(built):
    rows = built.query("""
        select * from {schema}.feedback_channels
        where hall_id = 'MUTE' and period_type = 'month' and period_start = '2026-05-01'
    """)
    assert len(rows) == 6
    assert set(zip(rows.rating_count, rows.coverage, rows.coverage_gap, rows.avg_rating, rows.rating_share,
                   strict=True)) == {(0, 0, 1, None, None)}


def test_all_channels_together_are_the_metrics_of_the_hall(built):
    names = {"coverage": "rating_coverage_rate", "avg_rating": "avg_rating", "satisfied_rate": "satisfied_rate"}
    rows = built.query("select * from {schema}.feedback_channels where channel = 'all'")
    metrics = built.query("select * from {schema}.metrics where subject_type = 'hall'")
    values = {(m.period_type, m.period_start, m.hall_id, m.metric): m.value for m in metrics.itertuples()}
    assert len(rows) > 10
    for row in rows.itertuples():
        for column, metric in names.items():
            assert getattr(row, column) == values[row.period_type, row.period_start, row.hall_id, metric]


def test_a_new_word_and_another_wish_count_anew_and_rescore_nothing(built):
    def builds(table: str) -> set:
        return set(built.query(f"select distinct build_id from {{schema}}.{table}").build_id)

    before = builds("scores")
    parameters = built.read_seed("metric_parameters")
    parameters.loc[parameters.parameter == "wanted_rating_coverage", "value"] = "0.8"
    built.write_seed("metric_parameters", parameters)
    built.write_seed("pain_point_keywords", pd.DataFrame([*KEYWORDS, keyword("praise", "还行", "2026-05-01")]))
    built.build(AS_OF)
    assert {name: row.text_count for name, row in found(built, "window", "A").items()} == {
        "waiting": 1, "manner": 1, "praise": 1, "unclassified": 0,
    }
    gap = built.query("""
        select coverage_gap from {schema}.feedback_channels
        where hall_id = 'VOICE' and period_type = 'month' and period_start = '2026-05-01' and channel = 'all'
    """)
    assert gap.coverage_gap.tolist() == [Decimal("0.2")]
    assert builds("scores") == before
    # April was counted with the same keywords.
    kept = built.query("select distinct build_id from {schema}.pain_points where period_start = '2026-04-06'")
    assert set(kept.build_id) == before
