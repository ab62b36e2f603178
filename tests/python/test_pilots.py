"""What pilots changed, and halls in shadow that are scored and not ranked, computed by hand."""

from decimal import Decimal

import pandas as pd
import pytest

import raw_tables
from conftest import Project, run_script
from raw_tables import cases, ratings

pytestmark = pytest.mark.once

# Mondays: 13, 20 and 27 April, 4, 11, 18 and 25 May.
AS_OF = "2026-05-31"
WEEK = "period_type = 'week' and period_start = '2026-05-11'"
PILOT = {
    "label_zh": "", "label_en": "", "shadow_until": "", "before_weeks": "2", "after_weeks": "3", "min_sample": "",
    "efficiency_claim": "0.30", "satisfaction_claim": "0.15", "decided_on": "2026-01-01", "reason": "", "source": "",
}
PILOTS = [
    PILOT | {"pilot_id": "MONDAY", "hall_id": "MON", "go_live": "2026-05-04", "shadow_until": "2026-05-11",
             "min_sample": "2"},
    PILOT | {"pilot_id": "MIDWEEK", "hall_id": "MID", "go_live": "2026-05-06"},
    PILOT | {"pilot_id": "SMALL", "hall_id": "MID", "go_live": "2026-05-06", "min_sample": "11"},
    PILOT | {"pilot_id": "BUSY", "hall_id": "BUSY", "go_live": "2026-04-29", "before_weeks": "1", "after_weeks": "1"},
    PILOT | {"pilot_id": "ZERO", "hall_id": "ZERO", "go_live": "2026-05-04"},
    PILOT | {"pilot_id": "RUNNING", "hall_id": "MON", "go_live": "2026-05-18"},
    # Before and after the compared weeks: their halls still serve as comparison.
    PILOT | {"pilot_id": "FUTURE", "hall_id": "PEER1", "go_live": "2026-07-01"},
    PILOT | {"pilot_id": "PAST", "hall_id": "PEER2", "go_live": "2026-02-02", "before_weeks": "1", "after_weeks": "1"},
    PILOT | {"pilot_id": "NOWHERE", "hall_id": "NOWHERE", "go_live": "2026-05-04"},
]
# hall: its peer group, (day, cases, minutes), {day: stars}
HALLS = {
    "MON": ("A", [
        ("2026-04-14", 100, 50),  # the third week back
        ("2026-04-21", 10, 10), ("2026-04-28", 30, 12), ("2026-05-04", 20, 8), ("2026-05-12", 10, 7),
        ("2026-05-19", 10, 7),
        ("2026-05-26", 100, 50),  # the fourth week
    ], {"2026-04-21": [4, 4], "2026-05-04": [4, 5], "2026-05-12": [5, 4], "2026-05-19": [4, 5]}),
    "PEER1": ("A", [("2026-04-21", 10, 10), ("2026-04-28", 10, 10), ("2026-05-12", 10, 9), ("2026-05-19", 10, 9)],
              {"2026-05-12": [4], "2026-05-19": [4]}),
    "PEER2": ("A", [("2026-04-21", 20, 13), ("2026-05-12", 20, 12)], {"2026-05-12": [3]}),
    "PEER3": ("A", [("2026-04-21", 10, 99)], {}),  # nothing after
    "BUSY": ("A", [("2026-04-21", 50, 1), ("2026-05-12", 50, 40)], {}),
    "OTHER": ("B", [("2026-04-21", 100, 1), ("2026-05-12", 100, 1)], {}),
    "MID": ("C", [
        ("2026-04-28", 10, 20), ("2026-05-04", 10, 99), ("2026-05-07", 10, 99), ("2026-05-12", 5, 15),
        ("2026-05-26", 5, 15),
    ], {}),
}


@pytest.fixture(scope="module")
def built(project: Project) -> Project:
    raw_tables.create(project, "service_log", "feedback", "complaints", "halls")
    raw_tables.insert(project, "halls", [
        {"hall_id": hall, "peer_group": group, "opened_on": "2026-01-01"}
        for hall, group in (*((hall, facts[0]) for hall, facts in HALLS.items()), ("ZERO", "D"))
    ])
    for hall, (_, served, rated) in HALLS.items():
        named = {"window_id": "1", "clerk_id": f"{hall}1"}
        raw_tables.insert(project, "service_log", [
            case for day, count, minutes in served for case in cases(count, day, hall, minutes, **named)
        ])
        for day, stars in rated.items():
            raw_tables.insert(project, "feedback", ratings(stars, day, hall, **named))
    for day, call in (("2026-04-21", "09:00:00"), ("2026-05-12", "09:05:00")):
        raw_tables.insert(project, "service_log", cases(
            4, day, "ZERO", ticket_time=f"{day} 09:00:00", start_time=f"{day} {call}"
        ))
    project.write_seed("pilots", pd.DataFrame(PILOTS)[project.read_seed("pilots").columns])
    project.write_seed("reward_tiers", pd.DataFrame([{
        "tier_id": "W1", "reward": "bonus", "tier": "1", "subject_type": "hall", "period_type": "week",
        "min_score": "100", "max_rank_share": "", "min_sample": "", "min_audit_match": "", "complaints": "any",
        "label_zh": "", "label_en": "", "valid_from": "2020-01-01", "valid_to": "", "decided_on": "", "reason": "",
        "source": "",
    }]))
    parameters = project.read_seed("metric_parameters")
    parameters.loc[parameters.parameter == "publish_from", "value"] = "2026-05-11"
    project.write_seed("metric_parameters", parameters)
    project.build(AS_OF)
    return project


# pilot and metric: cells
EFFECTS = {
    # Go-live is a Monday: its week is after. Before (100 + 360) of 40, after (160 + 70 + 70) of 40: −4 of 11.5.
    # PEER1 and PEER2, before (200 + 260) of 40, after (180 + 240) of 40: −1 of 11.5. PEER3 has no week after,
    # BUSY has its own pilot, OTHER is of another group.
    ("MONDAY", "avg_process_minutes"): {
        "dimension": "efficiency", "status": "measured",
        "before_first_day": "2026-04-20", "before_last_day": "2026-05-03", "before_week_count": 2,
        "after_first_day": "2026-05-04", "after_last_day": "2026-05-24", "after_week_count": 3,
        "before_numerator": "460", "before_denominator": "40", "before_value": "11.5", "before_sample_size": 40,
        "after_numerator": "300", "after_denominator": "40", "after_value": "7.5", "after_sample_size": 40,
        "value_change": "-4", "change_share": "-0.347826087", "improvement_share": "0.347826087",
        "comparison_hall_count": 2, "comparison_scope": "peer_group",
        "comparison_before_numerator": "460", "comparison_before_value": "11.5", "comparison_before_sample_size": 40,
        "comparison_after_numerator": "420", "comparison_after_value": "10.5", "comparison_after_denominator": "40",
        "comparison_value_change": "-1", "comparison_improvement_share": "0.0869565217",
        "net_change": "-3", "net_improvement_share": "0.2608695653",
        "claimed_improvement": "0.3", "claimed_value": "8.05", "is_claim_met": 1, "is_net_claim_met": 0,
    },
    # 4 stars before, 27 ÷ 6 after: +12.5 %. No other hall was rated before.
    ("MONDAY", "avg_rating"): {
        "dimension": "satisfaction", "status": "measured", "before_value": "4", "after_numerator": "27",
        "after_value": "4.5", "value_change": "0.5", "improvement_share": "0.125", "claimed_value": "4.6",
        "is_claim_met": 0, "comparison_hall_count": 0, "comparison_scope": None, "comparison_before_value": None,
        "comparison_after_sample_size": 0, "net_change": None, "net_improvement_share": None,
        "is_net_claim_met": None,
    },
    ("MONDAY", "first_visit_completion_rate"): {
        "dimension": None, "status": "measured", "before_value": "1", "net_change": "0", "claimed_improvement": None,
        "claimed_value": None, "is_claim_met": None,
    },
    ("MONDAY", "complaint_timely_rate"): {"status": "no_data", "before_value": None, "before_sample_size": 0},
    # The week of 4 May holds the go-live of Wednesday and is left out. No other hall is of its group: PEER1, PEER2
    # and OTHER, before (200 + 260 + 100) of 140, after (180 + 240 + 100) of 140.
    ("MIDWEEK", "avg_process_minutes"): {
        "status": "measured", "before_last_day": "2026-05-03", "after_first_day": "2026-05-11",
        "after_last_day": "2026-05-31", "before_value": "20", "before_denominator": "10", "after_value": "15",
        "improvement_share": "0.25", "is_claim_met": 0, "comparison_hall_count": 3, "comparison_scope": "all",
        "comparison_before_value": "4", "comparison_after_value": "3.7142857143",
        "comparison_value_change": "-0.2857142857", "net_change": "-4.7142857143",
        "net_improvement_share": "0.1785714286", "is_net_claim_met": 0,
    },
    ("SMALL", "avg_process_minutes"): {
        "status": "insufficient_sample", "after_value": "15", "improvement_share": "0.25", "is_claim_met": None,
    },
    # Nobody waited before: no share of 0.
    ("ZERO", "avg_wait_minutes"): {
        "status": "measured", "before_value": "0", "after_value": "5", "value_change": "5", "change_share": None,
        "improvement_share": None, "claimed_value": "0", "is_claim_met": None, "comparison_hall_count": 0,
    },
    # Two of three weeks are over: values, but no verdict.
    ("RUNNING", "avg_process_minutes"): {
        "status": "too_few_weeks", "after_week_count": 2, "after_last_day": "2026-05-31", "after_sample_size": 110,
        "is_claim_met": None,
    },
    ("FUTURE", "avg_process_minutes"): {"status": "before_go_live", "after_value": None, "after_first_day": None},
    ("NOWHERE", "avg_process_minutes"): {"status": "unknown_hall", "before_week_count": 0, "before_value": None},
}


def shown(value) -> str | None:
    """Return a value without trailing zeros."""
    return f"{value.normalize():f}" if isinstance(value, Decimal) else None if value is None else str(value)


@pytest.mark.parametrize(("pilot", "metric"), EFFECTS)
def test_pilot_effects(built, pilot, metric):
    rows = built.query(f"select * from {{schema}}.pilot_effects where pilot_id = '{pilot}' and metric = '{metric}'")
    assert len(rows) == 1
    found = {name: shown(rows[name][0]) for name in EFFECTS[pilot, metric]}
    assert found == {name: shown(value) for name, value in EFFECTS[pilot, metric].items()}


def test_every_pilot_has_a_row_for_every_metric(built):
    rows = built.query("select pilot_id, count(*) as n from {schema}.pilot_effects group by pilot_id")
    assert dict(zip(rows.pilot_id, rows.n, strict=True)) == {pilot["pilot_id"]: 11 for pilot in PILOTS}


# Week of 11 May. MON: 0.4 × (100 + 2 × 3 + 20) + 0.6 × (100 + 30) = 128.4; PEER1: 0.4 × 122 + 0.6 × 100 = 108.8;
# PEER2: 0.4 × (100 − 2 + 20) + 0.6 × (100 − 20) = 95.2.
def test_a_hall_in_shadow_is_scored_and_the_others_close_up(built):
    scores = built.query(f"""
        select hall_id, status, composite_score from {{schema}}.scores
        where {WEEK} and subject_type = 'hall' and composite_score is not null order by hall_id
    """)
    assert scores.values.tolist() == [
        ["MON", "shadow", Decimal("128.4")], ["PEER1", "scored", Decimal("108.8")],
        ["PEER2", "scored", Decimal("95.2")],
    ]
    ranks = built.query(f"""
        select subject_type, hall_id, rank_in_group, ranked_in_group, percentile from {{schema}}.rankings
        where {WEEK} order by subject_type, hall_id
    """)
    assert ranks.values.tolist() == [
        [subject_type, hall, place, 2, Decimal(2 - place)]
        for subject_type in ("clerk", "hall", "window") for hall, place in (("PEER1", 1), ("PEER2", 2))
    ]


def test_the_shadow_covers_periods_that_begin_from_go_live_to_its_last_day(built):
    rows = built.query("""
        select period_type, period_start, status from {schema}.scores
        where hall_id = 'MON' and subject_type = 'hall' and period_type in ('week', 'month')
            and status in ('scored', 'shadow')
        order by period_type, period_start
    """)
    assert [(kind, str(start), status) for kind, start, status in rows.values.tolist()] == [
        ("month", "2026-04-01", "scored"),
        ("month", "2026-05-01", "scored"),  # began before go-live
        ("week", "2026-04-20", "scored"), ("week", "2026-05-04", "shadow"), ("week", "2026-05-11", "shadow"),
        ("week", "2026-05-18", "scored"),
    ]
    ranks = built.query("""
        select hall_id, rank_in_group, ranked_in_group, previous_rank, rank_change from {schema}.rankings
        where period_type = 'week' and period_start = '2026-05-18' and subject_type = 'hall' order by hall_id
    """)
    assert ranks.values.tolist() == [["MON", 1, 2, None, None], ["PEER1", 2, 2, 1, -1]]


def test_no_reward_in_shadow(built):
    rows = built.query(f"""
        select hall_id, is_candidate, missed_reason from {{schema}}.reward_candidates
        where {WEEK} and hall_id in ('MON', 'PEER1', 'PEER2') order by hall_id
    """)
    assert rows.values.tolist() == [
        ["MON", 0, "shadow"], ["PEER1", 1, None], ["PEER2", 0, "score_too_low"],
    ]


def test_only_the_books_of_periods_in_shadow_hold_it(built):
    hashes = built.query("""
        select distinct rule_book_hash from {schema}.scores
        where period_type = 'week' and period_start in ('2026-04-20', '2026-04-27', '2026-05-18', '2026-05-25')
    """)
    assert len(hashes) == 1
    shadow = built.query(f"select distinct rule_book_hash from {{schema}}.scores where {WEEK}")
    assert len(shadow) == 1
    assert shadow.rule_book_hash[0] != hashes.rule_book_hash[0]


@pytest.mark.parametrize(("language", "reason", "message"), [
    ("zh", "试点影子期，只计分、不排名", "试点影子期，不排名：MON"),
    ("en", "shadow time of a pilot: scored, not ranked", "In the shadow time of a pilot, not ranked: MON"),
])
def test_the_report_says_why_there_is_no_rank(built, tmp_path, language, reason, message):
    run_script("export_reports.py", "--period", "week", "--start", "2026-05-11", "--out", tmp_path, "--lang", language,
               HALL_SCORES_SCHEMA=built.schema)
    folder = tmp_path / "week-2026-05-11"
    for page in ("index.html", "ranking.html", "hall-MON.html"):
        text = (folder / page).read_text("utf-8")
        assert reason in text and "128.40" in text, page
    # 11.5 to 7.5 minutes: 34.8 % better, 30 % claimed; other halls 8.7 %.
    text = (folder / "hall-MON.html").read_text("utf-8")
    assert all(f">{share}<" in text for share in ("34.8", "30.0", "8.7", "26.1"))
    summary = (folder / "summary.txt").read_text("utf-8")
    assert message in summary
    assert "PEER1" in summary.split(message)[0]


def test_what_is_published_stays_ranked_when_a_shadow_time_is_written_later(built):
    printed = run_script("verify_published.py", HALL_SCORES_SCHEMA=built.schema)
    assert "head hash" in printed
    week = "where period_type = 'week' and period_start in ('2026-05-11', '2026-05-18') and subject_type = 'hall'"
    columns = "period_start, hall_id, rank_in_group, ranked_in_group, revision"
    before = built.query(f"select {columns} from {{schema}}.rankings {week} order by 1, 2")
    assert len(before) == 4
    built.write_seed("pilots", built.read_seed("pilots").assign(
        shadow_until=lambda rows: rows.shadow_until.where(rows.pilot_id != "MONDAY", "2026-05-31")))
    built.build(AS_OF)
    assert built.query(f"select {columns} from {{schema}}.rankings {week} order by 1, 2").equals(before)
    live = built.query(f"select status from {{schema}}.scores {week} and hall_id = 'MON' order by period_start")
    assert live.status.tolist() == ["shadow", "shadow"]
    drift = built.query(f"select differences from {{schema}}.publication_drift {week} and hall_id = 'MON'")
    assert drift.differences.tolist() == ["status, rule_book_hash"]
