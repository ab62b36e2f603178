"""The yearly review, merit in points, fair comparison and proposed standards, computed by hand."""

from decimal import Decimal

import pandas as pd
import pytest

import raw_tables
from conftest import PROJECT_DIR, Project
from raw_tables import cases, ratings

pytestmark = pytest.mark.once

AS_OF = "2026-01-31"
DECEMBER, JANUARY = "2025-12-10", "2026-01-14"
# Hall of the standard rules: minutes and wait in December; share done of ten and stars in January (10 minutes each).
HALLS = {"A": (10, 8, 10, 4), "B": (12, 6, 8, 5), "C": (14, 4, 8, 4), "D": (16, 2, 10, 5)}
# Clerk of hall MERIT: stars, and merit approved
CLERKS = {"C1": (4, 3), "C2": (4, 15), "C3": (5, 0)}
# Hall of set `trial`, in January: minutes, share done of ten, stars. SHADE is in the shadow time of a pilot.
TRIAL = {"FIRST": (10, 10, 5), "LAST": (10, 8, 4), "SHADE": (9, 8, 5)}


def add_logs(project: Project) -> None:
    for hall, (minutes, wait, done, stars) in HALLS.items():
        called = {"ticket_time": f"{DECEMBER} 09:{60 - wait}:00", "start_time": f"{DECEMBER} 10:00:00"}
        raw_tables.insert(project, "service_log", [
            *cases(10, DECEMBER, hall, minutes, item_code="I01", **called),
            *cases(10, JANUARY, hall, 10, done, item_code="I01"),
        ])
        raw_tables.insert(project, "feedback", [*ratings([4], DECEMBER, hall), *ratings([stars], JANUARY, hall)])
    for clerk, (stars, quantity) in CLERKS.items():
        raw_tables.insert(project, "service_log", cases(5, JANUARY, "MERIT", clerk_id=clerk))
        raw_tables.insert(project, "feedback", ratings([stars], JANUARY, "MERIT", clerk_id=clerk))
        merit = {"hall_id": "MERIT", "subject_type": "clerk", "subject_id": clerk, "date": JANUARY, "kind": "延时服务"}
        raw_tables.insert(project, "merit_records", [
            merit | {"quantity": quantity, "approved_by": "主任"}, merit | {"quantity": 4, "approved_by": None},
        ])
    for hall, (minutes, done, stars) in TRIAL.items():
        raw_tables.insert(project, "service_log", cases(10, JANUARY, hall, minutes, done))
        raw_tables.insert(project, "feedback", ratings([stars], JANUARY, hall))
    # Ten long cases of 20 minutes with a standard of 25, ten short ones of 6 with a standard of 4.
    raw_tables.insert(project, "service_log", [
        *cases(10, JANUARY, "LONG", 20, item_code="I05"), *cases(10, JANUARY, "SHORT", 6, item_code="I02"),
    ])
    raw_tables.insert(project, "feedback", [*ratings([4], JANUARY, "LONG"), *ratings([4], JANUARY, "SHORT")])
    items = {"P1": (3, 5, 9, 100, -1), "P2": (7, 7, 7), "P3": (1, 2, 3, 4, 5), "I03": (9, 9, 9, 9)}
    raw_tables.insert(project, "service_log", [
        *(case for item, times in items.items() for minutes in times
          for case in cases(1, JANUARY, "ITEMS", minutes, item_code=item)),
        *cases(9, "2025-01-31", "ITEMS", 1, item_code="P1", channel="window"),  # a day earlier than twelve months ago
    ])


def set_rules(project: Project) -> None:
    """Set `mix` uses the case-mix adjusted minutes, `merit` gives merit a tenth and clamps satisfaction at 150.

    `trial` is the standard set; its hall SHADE is in the shadow time of a pilot until the end of January.
    """
    rules, weights = project.read_seed("scoring_rules"), project.read_seed("dimension_weights")
    mix, merit = rules.assign(rule_set="mix"), rules.assign(rule_set="merit")
    mix["metric"] = mix["metric"].replace({"avg_process_minutes": "case_mix_process_minutes"})
    project.write_seed("scoring_rules", pd.concat([rules, mix, merit, rules.assign(rule_set="trial")]))
    raised = weights.assign(rule_set="merit")
    raised["weight"] = raised["dimension"].map(
        {"efficiency": "0.4", "satisfaction": "0.5", "digital": "0", "merit": "0.1"}
    )
    raised.loc[raised.dimension == "satisfaction", "max_score"] = "150"
    project.write_seed("dimension_weights", pd.concat([
        weights, weights.assign(rule_set="mix"), weights.assign(rule_set="trial"), raised,
    ]))
    assignments = project.read_seed("rule_set_assignments")
    own = [
        assignments.iloc[0].to_dict() | {"hall_id": hall, "rule_set": rule_set}
        for hall, rule_set in (("LONG", "mix"), ("SHORT", "mix"), ("ITEMS", "mix"), ("MERIT", "merit"),
                               *((hall, "trial") for hall in TRIAL))
    ]
    project.write_seed("rule_set_assignments", pd.concat([assignments, pd.DataFrame(own)]))
    parameters = project.read_seed("metric_parameters")
    parameters.loc[parameters.parameter == "item_standard_minimum_cases", "value"] = "4"
    project.write_seed("metric_parameters", parameters)
    pilots = project.read_seed("pilots")
    shade = {"pilot_id": "SHADE", "hall_id": "SHADE", "go_live": "2026-01-01", "shadow_until": "2026-01-31"}
    project.write_seed("pilots", pd.concat([pilots, pd.DataFrame([pilots.iloc[0].to_dict() | shade])]))


@pytest.fixture(scope="module")
def built(project: Project) -> Project:
    raw_tables.create(project, "service_log", "feedback", "complaints", "merit_records")
    add_logs(project)
    set_rules(project)
    project.build(AS_OF)
    return project


def review(project: Project, year: int, rule: str, subject_type: str = "hall", rule_set: str = "standard"):
    rows = project.query(f"""
        select * from {{schema}}.indicator_review
        where period_start = '{year}-01-01' and rule_set = '{rule_set}' and rule_id = '{rule}'
            and subject_type = '{subject_type}'
    """)
    assert len(rows) == 1
    return rows.iloc[0]


def test_a_slope_of_which_all_else_is_alike(built):
    # December: 0.4 × (120 − (minutes − 10)) + 0.6 × 150 = 138, 137.2, 136.4, 135.6; without E1 all 138, all first.
    row = review(built, 2025, "E1")
    assert (row.unit_count, row.judged_count, row.applied_count, row.scored_count, row.pair_count) == (4, 4, 4, 4, 4)
    assert (row.points_sum, row.mean_absolute_points) == (Decimal(-12), Decimal(3))
    # 13; deviations −3 −1 1 3: √(20 ÷ 4) = 2.2360679…
    assert (row.value_mean, row.value_deviation) == (Decimal(13), Decimal("2.23606798"))
    assert (row.value_min, row.value_max) == (Decimal(10), Decimal(16))
    assert (row.score_correlation, row.correlation_reason) == (Decimal(-1), None)
    # 0.4 × (0 + 2 + 4 + 6)
    assert (row.decided_points, row.changed_rank_count) == (Decimal("4.8"), 3)
    assert (row.verdict, row.decided_nothing, row.is_closed, row.judged_period_type) == ("ranks_changed", 0, 1, "month")


def test_a_band_whose_ranks_tie_without_it(built):
    # January: D 48 + 108 = 156, B 40 + 108 = 148, A 48 + 90 = 138, C 40 + 90 = 130.
    # Without E3 D and A have 8 less: 148, 148, 130, 130: B comes from 2 to 1, C from 4 to 3.
    row = review(built, 2026, "E3")
    assert (row.applied_count, row.not_met_count, row.applied_share) == (2, 2, Decimal("0.5"))
    assert (row.points_sum, row.decided_points, row.changed_rank_count) == (Decimal(40), Decimal(16), 2)
    # Shares 1, 0.8, 0.8, 1 and scores −5, 5, −13, 13 from 143: 0.4 ÷ (0.1 × √97)
    assert row.score_correlation == Decimal("0.406138")
    assert (row.ceiling_share, row.floor_share, row.is_closed) == (Decimal("0.5"), Decimal(0), 0)
    # Without S1 D and B have 18 less: 138, 138, 130, 130: A comes from 3 to 1, B goes to 3, C comes to 3.
    row = review(built, 2026, "S1")
    assert (row.decided_points, row.changed_rank_count) == (Decimal(36), 3)
    assert row.score_correlation == Decimal("0.913812")  # 4.5 ÷ (0.5 × √97)


def test_a_hall_in_the_shadow_is_in_nobodys_rank(built):
    # January: FIRST 0.4 × 120 + 0.6 × 180 = 156, SHADE 0.4 × 102 + 108 = 148.8, LAST 0.4 × 100 + 0.6 × 150 = 130.
    # Without E3 FIRST has 148: below SHADE, which is not ranked, and still before LAST.
    row = review(built, 2026, "E3", rule_set="trial")
    assert (row.unit_count, row.scored_count, row.decided_points) == (3, 3, Decimal(8))
    assert (row.changed_rank_count, row.verdict) == (0, "no_rank_changed")
    ranked = built.query("""
        select hall_id, rank_in_group, ranked_in_group from {schema}.rankings
        where period_type = 'month' and period_start = '2026-01-01' and rule_set = 'trial' order by rank_in_group
    """)
    assert ranked.values.tolist() == [["FIRST", 1, 2], ["LAST", 2, 2]]


# year and rule: verdict, why no correlation, share in the band
VERDICTS = {
    (2025, "E3"): ("same_for_all", "constant_value", "1"),    # all done, + 20 for everyone
    (2025, "S5"): ("same_for_all", "constant_value", "1"),
    (2025, "S6"): ("same_for_all", "constant_value", "1"),    # one of one month without complaint
    (2025, "S7"): ("same_for_all", "constant_value", "1"),
    (2025, "E2"): ("no_points", None, "0"),                   # 10 is not below 10
    (2026, "E1"): ("no_points", "constant_value", "1"),       # 10 minutes: in the band, no points
    (2025, "S2"): ("no_points", "constant_value", "0"),
    (2025, "S3"): ("not_measured", "too_few_pairs", None),          # no complaint
    (2025, "D1"): ("no_weight", "too_few_pairs", None),
    (2025, "M3"): ("no_weight", "constant_value", "1"),
}


def test_the_ends_that_a_metric_can_reach(built):
    # All four without complaint; minutes have no maximum, and no case took 0.
    assert review(built, 2025, "S5")[["ceiling_share", "floor_share"]].tolist() == [1, None]
    assert review(built, 2025, "E1")[["ceiling_share", "floor_share"]].tolist() == [0, None]
    assert review(built, 2026, "S1")[["ceiling_share", "floor_share"]].tolist() == [Decimal("0.5"), 0]
    assert review(built, 2025, "M3")[["ceiling_share", "floor_share"]].tolist() == [None, 1]


@pytest.mark.parametrize(("year", "rule"), VERDICTS)
def test_rules_that_decided_nothing(built, year, rule):
    verdict, reason, share = VERDICTS[year, rule]
    row = review(built, year, rule)
    assert (row.verdict, row.correlation_reason, row.decided_nothing) == (verdict, reason, 1)
    assert (row.unit_count, row.judged_count > 0) == (4, share is not None)
    assert row.applied_share == (share and Decimal(share))
    assert (row.score_correlation is None) == (reason is not None)


def test_a_rule_of_a_longer_period_is_judged_by_it(built):
    row = review(built, 2025, "S6")
    assert (row.judged_period_type, row.period_count, row.unit_count, row.ceiling_share) == ("quarter", 4, 4, 1)
    # Neither the quarter nor the year of 2026 is over.
    running = built.query("select distinct rule_id from {schema}.indicator_review where period_start = '2026-01-01'")
    assert not {"S6", "S7", "M4", "M5"} & set(running.rule_id)
    assert review(built, 2025, "E1", "clerk").verdict == "no_unit"


def test_points_beyond_the_limit_of_a_dimension_decide_nothing(built):
    # C3: 180 is clamped to 150, and without the 30 of S1 it is 150 too.
    row = review(built, 2026, "S1", "clerk", "merit")
    assert (row.points_sum, row.decided_points, row.verdict) == (Decimal(30), Decimal(0), "same_for_all")


def test_merit_scores_when_its_weight_is_raised(built):
    scores = built.query("""
        select scores.subject_id, dimensions.score, scores.composite_score, rankings.rank_in_hall
        from {schema}.scores as scores
        inner join {schema}.dimension_scores as dimensions using (
            period_type, period_start, hall_id, subject_type, subject_id
        )
        inner join {schema}.rankings as rankings using (period_type, period_start, hall_id, subject_type, subject_id)
        where scores.hall_id = 'MERIT' and subject_type = 'clerk' and period_type = 'month'
            and dimensions.dimension = 'merit'
        order by scores.subject_id
    """)
    # 0.4 × 120 + 0.5 × 150 = 123, and a tenth of 100 + 2 × 3, of 100 + 20 (15 are beyond the cap), of 100
    assert scores.values.tolist() == [
        ["C1", Decimal(106), Decimal("133.6"), 2], ["C2", Decimal(120), Decimal(135), 1],
        ["C3", Decimal(100), Decimal(133), 3],
    ]
    # Without it all three are first.
    assert review(built, 2026, "M3", "clerk", "merit").changed_rank_count == 2
    # A quarter counts two thirds each, a year two twelfths: 100 + 3 × 0.6666666667, 100 + 3 × 0.1666666667
    longer = built.query("""
        select period_type, score from {schema}.dimension_scores
        where hall_id = 'MERIT' and subject_id = 'C1' and dimension = 'merit' and period_type in ('quarter', 'year')
        order by period_type
    """)
    assert longer.values.tolist() == [["quarter", Decimal(102)], ["year", Decimal("100.5")]]
    # The standard set lists it with weight 0.
    standard = built.query("""
        select distinct weight, score from {schema}.dimension_scores where hall_id = 'A' and dimension = 'merit'
    """)
    assert standard.values.tolist() == [[0, 100]]


def test_a_rule_takes_the_case_mix_adjusted_minutes_by_csv(built):
    rows = built.query("""
        select scores.hall_id, components.value, scores.efficiency_score, rankings.rank_in_group
        from {schema}.scores as scores
        inner join {schema}.score_components as components using (
            period_type, period_start, hall_id, subject_type, subject_id
        )
        inner join {schema}.rankings as rankings using (period_type, period_start, hall_id, subject_type, subject_id)
        where scores.rule_set = 'mix' and subject_type = 'hall' and period_type = 'month'
            and components.rule_id = 'E1'
        order by scores.hall_id
    """)
    # LONG: 200 ÷ 250 × 10 = 8: 100 + 2 × 2 + 20; SHORT: 60 ÷ 40 × 10 = 15: 100 − 5 + 20.
    # By the raw 20 and 6 minutes it would have been 110 and 128, and SHORT first.
    assert rows.values.tolist() == [["LONG", Decimal(8), Decimal(124), 1], ["SHORT", Decimal(15), Decimal(115), 2]]


# metrics of the halls in December, and of ITEMS in January 2025: pairs, r, reason for none
CORRELATIONS = {
    ("avg_process_minutes", "digital_usage_rate"): (1, None, "too_few_pairs"),  # only ITEMS has a channel
    ("avg_process_minutes", "case_mix_process_minutes"): (4, "1", None),  # 10, 12, 14, 16 and those × 10 ÷ 8
    ("avg_process_minutes", "avg_wait_minutes"): (4, "-1", None),         # and 8, 6, 4, 2
    ("avg_process_minutes", "complaint_count"): (5, None, "constant_b"),
    ("avg_rating", "avg_wait_minutes"): (4, None, "constant_a"),
    ("complaint_count", "first_visit_completion_rate"): (5, None, "constant_both"),
}


@pytest.mark.parametrize(("first", "second"), CORRELATIONS)
def test_correlations_between_metrics(built, first, second):
    rows = built.query(f"""
        select pair_count, correlation, correlation_reason, is_closed from {{schema}}.metric_correlations
        where period_start = '2025-01-01' and subject_type = 'hall' and metric_a = '{first}' and metric_b = '{second}'
    """)
    pairs, value, reason = CORRELATIONS[first, second]
    assert rows.values.tolist() == [[pairs, value and Decimal(value), reason, 1]]


# year, set and metric: rules, units with business, with a value, their mean and spread; shares of the best and worst
# possible values; r with the composite, or the reason for none
METRICS = {
    # December: no rule uses the waits of A to D, 8 6 4 2 minutes: mean 5, √(20 ÷ 4); the shortest wait scores lowest.
    (2025, "standard", "avg_wait_minutes"): (0, 4, 4, "5", "2.23606798", 0, None, "1"),
    (2025, "standard", "avg_process_minutes"): (2, 4, 4, "13", "2.23606798", 0, None, "-1"),
    (2025, "standard", "first_visit_completion_rate"): (2, 4, 4, "1", "0", 1, 0, "constant_value"),
    (2025, "standard", "complaint_count"): (1, 4, 4, "0", "0", 1, None, "constant_value"),  # S6 and S7 count months
    (2025, "standard", "zero_complaint_months"): (2, 4, 0, None, None, None, None, "too_few_pairs"),
    (2025, "standard", "digital_usage_rate"): (0, 4, 0, None, None, None, None, "too_few_pairs"),  # D1 has weight 0
    # January: stars 4 5 4 5 and scores 138 148 130 156: as for S1 above.
    (2026, "standard", "avg_rating"): (2, 4, 4, "4.5", "0.5", Decimal("0.5"), 0, "0.913812"),
    # Stars 5 4 5 of 156, 130 and 148.8, who is in the shadow and has a score all the same: deviations 1/3 −2/3 1/3
    # and 11.0667 −14.9333 3.8667 from 144.9333: 14.9333 ÷ √(2/3 × 360.4267)
    (2026, "merit", "avg_rating"): (2, 1, 1, "4.3333333333", "0", 0, 0, "too_few_pairs"),  # only MERIT: 4 4 5 stars
    (2026, "trial", "avg_rating"): (2, 3, 3, "4.6666666667", "0.47140452", Decimal("0.666667"), 0, "0.963372"),
}


@pytest.mark.parametrize("key", METRICS)
def test_metrics_are_reviewed_whether_a_rule_judges_by_them_or_not(built, key):
    rows = built.query(f"""
        select * from {{schema}}.metric_review
        where period_start = '{key[0]}-01-01' and rule_set = '{key[1]}' and subject_type = 'hall'
            and metric = '{key[2]}'
    """)
    assert len(rows) == 1
    row = rows.iloc[0]
    rules, units, values, mean, deviation, ceiling, floor, told = METRICS[key]
    assert (row.rule_count, row.unit_count, row.value_count) == (rules, units, values)
    assert (row.value_mean, row.value_deviation) == tuple(number and Decimal(number) for number in (mean, deviation))
    assert (row.ceiling_share, row.floor_share) == (ceiling, floor)
    found = row.correlation_reason if row.score_correlation is None else row.score_correlation
    assert found == (told if "_" in told else Decimal(told))


def test_proposed_standards_are_rows_to_paste(built):
    path = built.folder / "analyses" / "propose_item_standards.sql"
    path.parent.mkdir()
    path.write_bytes((PROJECT_DIR / "analyses" / path.name).read_bytes())
    built.dbt("compile", "--select", "propose_item_standards", as_of_date=AS_OF)
    found = built.query((built.folder / "target/compiled/hall_scores/analyses" / path.name).read_text("utf-8"))
    seed = built.read_seed("item_standards")
    assert list(found.columns) == list(seed.columns)
    rows = [(row.item_code, Decimal(row.standard_minutes), str(row.valid_from)) for row in found.itertuples()]
    # I01: the middle of 80 cases, 50 of them of 10 minutes; I05: 20 instead of 25; I02: 6 instead of 4; I03 stays
    # as it is, 9. P1: 3 5 9 100: (5 + 9) ÷ 2, the negative one is rejected; P2 has three cases; P3: 1 2 3 4 5.
    assert rows == [
        ("I01", 8, "2020-01-01"), ("I01", 10, "2027-01-01"), ("I02", 4, "2020-01-01"), ("I02", 6, "2027-01-01"),
        ("I05", 25, "2020-01-01"), ("I05", 20, "2027-01-01"), ("P1", 7, "2027-01-01"), ("P3", 3, "2027-01-01"),
    ]
    ended, new = found.iloc[0], found.iloc[1]
    assert (str(ended.valid_to), ended.decided_on, ended.item_name) == ("2026-12-31", "2019-12-01", "身份证办理")
    assert (new.valid_to, new.decided_on, new.item_name) == (None, None, "身份证办理")
    assert new.reason == "2025-02-01至2026-01-31共80件办理时长的50%分位；现行8分钟"
    assert found[found.item_code == "P1"].reason.tolist() == [
        "2025-02-01至2026-01-31共4件办理时长的50%分位；此前没有标准"
    ]
