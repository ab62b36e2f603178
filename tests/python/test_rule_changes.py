"""A reviewer changes only CSVs: a dimension, a weight, a band, a hall's own rule set."""

import json
from decimal import Decimal

import pandas as pd
import pytest

import raw_tables
from conftest import Project

pytestmark = pytest.mark.once

AS_OF = "2026-03-31"


@pytest.fixture(scope="module")
def halls(project: Project) -> Project:
    """Two equal halls: 12.5 minutes, all completed, 4.6 stars, no complaint; three of four cases digital."""
    raw_tables.create(project, "service_log", "feedback", "complaints")
    for hall in ("CITY", "PILOT"):
        raw_tables.insert(project, "service_log", [
            *raw_tables.cases(3, "2026-03-10", hall, minutes=12.5, channel="online"),
            *raw_tables.cases(1, "2026-03-10", hall, minutes=12.5, channel="window"),
        ])
        raw_tables.insert(project, "feedback", raw_tables.ratings([5, 5, 5, 4, 4], "2026-03-11", hall))
    return project


def month_scores(project: Project) -> pd.DataFrame:
    return project.query("""
        select hall_id, rule_set, efficiency_score, satisfaction_score, digital_score, composite_score, status
        from {schema}.scores
        where period_type = 'month' and period_start = '2026-03-01' and subject_type = 'hall'
    """).set_index("hall_id")


@pytest.fixture()
def seeds(halls: Project):
    """Put the seeds back as they were after a test that changed them."""
    kept = {path: path.read_bytes() for path in (halls.folder / "seeds").rglob("*.csv")}
    yield halls
    for path, content in kept.items():
        path.write_bytes(content)


def test_standard_rules(seeds):
    seeds.build(AS_OF)
    scores = month_scores(seeds)
    # 100 − 2.5 + 20; 100 + 30 + 50 (a month without complaints); 0.4 × 117.5 + 0.6 × 180
    for hall in ("CITY", "PILOT"):
        assert scores.loc[hall, "efficiency_score"] == Decimal("117.5")
        assert scores.loc[hall, "satisfaction_score"] == Decimal("180")
        assert scores.loc[hall, "composite_score"] == Decimal("155")


def test_digital_dimension_at_ten_percent_by_csv(seeds):
    weights = seeds.read_seed("dimension_weights")
    shares = {"efficiency": "0.36", "satisfaction": "0.54", "digital": "0.10", "merit": "0"}
    weights["weight"] = weights["dimension"].map(shares)
    seeds.write_seed("dimension_weights", weights)
    seeds.build(AS_OF)
    scores = month_scores(seeds)
    # digital: 0.75 >= 0.60: 100 + 20; 0.36 × 117.5 + 0.54 × 180 + 0.10 × 120 = 42.3 + 97.2 + 12
    assert scores.loc["CITY", "digital_score"] == Decimal("120")
    assert scores.loc["CITY", "composite_score"] == Decimal("151.5")


def test_new_dimension_and_band_by_csv(seeds):
    weights = seeds.read_seed("dimension_weights")
    shares = {"efficiency": "0.4", "satisfaction": "0.5", "digital": "0", "merit": "0"}
    weights["weight"] = weights["dimension"].map(shares)
    voice = weights.iloc[0].to_dict() | {"dimension": "voice", "weight": "0.1"}
    seeds.write_seed("dimension_weights", pd.concat([weights, pd.DataFrame([voice])]))
    dimensions = seeds.read_seed("dimensions")
    named = pd.DataFrame([{"dimension": "voice", "label_zh": "声音", "label_en": "Voice"}])
    seeds.write_seed("dimensions", pd.concat([dimensions, named]))
    rules = seeds.read_seed("scoring_rules")
    base = rules[rules.rule_id == "S0"].iloc[0].to_dict() | {"rule_id": "V0", "dimension": "voice", "points": "60"}
    band = rules[rules.rule_id == "E3"].iloc[0].to_dict() | {
        "rule_id": "V1", "dimension": "voice", "metric": "rating_coverage_rate", "lower_bound": "1", "points": "15",
    }
    seeds.write_seed("scoring_rules", pd.concat([rules, pd.DataFrame([base, band])]))
    seeds.build("2026-04-01")  # March is the latest closed month
    voice_scores = seeds.query("""
        select score from {schema}.dimension_scores
        where dimension = 'voice' and period_type = 'month' and period_start = '2026-03-01' and hall_id = 'CITY'
            and subject_type = 'hall'
    """)
    # 5 ratings ÷ 4 cases >= 1: 60 + 15; 0.4 × 117.5 + 0.5 × 180 + 0.1 × 75
    assert list(voice_scores.score) == [Decimal("75")]
    [current] = seeds.query("""
        select month_dimension_scores as s from {schema}.scores_current
        where subject_type = 'hall' and hall_id = 'CITY'
    """).s
    assert json.loads(current)["voice"] == 75
    assert month_scores(seeds).loc["CITY", "composite_score"] == Decimal("144.5")


def test_pilot_hall_with_its_own_rule_set(seeds):
    rules = seeds.read_seed("scoring_rules")
    own = rules[rules.rule_set == "standard"].assign(rule_set="pilot")
    own.loc[own.rule_id == "E3", "points"] = "40"
    seeds.write_seed("scoring_rules", pd.concat([rules, own]))
    weights = seeds.read_seed("dimension_weights")
    seeds.write_seed("dimension_weights", pd.concat([weights, weights.assign(rule_set="pilot")]))
    assignments = seeds.read_seed("rule_set_assignments")
    pilot = assignments.iloc[0].to_dict() | {"hall_id": "PILOT", "rule_set": "pilot", "valid_from": "2026-03-01"}
    seeds.write_seed("rule_set_assignments", pd.concat([assignments, pd.DataFrame([pilot])]))
    seeds.build(AS_OF)
    scores = month_scores(seeds)
    assert scores.loc["CITY", "composite_score"] == Decimal("155")
    assert scores.loc["PILOT", "rule_set"] == "pilot"
    # 20 points more of efficiency at 0.4
    assert scores.loc["PILOT", "composite_score"] == Decimal("163")
    ranked = seeds.query("""
        select hall_id, rule_set, rank_in_group, ranked_in_group from {schema}.rankings
        where period_type = 'month' and subject_type = 'hall' order by hall_id
    """)
    # Scores by different rules are not ranked together.
    assert ranked.values.tolist() == [["CITY", "standard", 1, 1], ["PILOT", "pilot", 1, 1]]
    year = seeds.query("""
        select hall_id, rule_set from {schema}.scores where period_type = 'year' and subject_type = 'hall'
    """)
    # The year began before the pilot, so the rules of its first day apply to all of it.
    assert set(year.rule_set) == {"standard"}


def test_exemption_clamp_and_least_sample_by_csv(seeds):
    decided = {"approved_by": "局长", "decided_on": "2026-02-01", "reason": "装修", "source": "会议纪要"}
    march_begins = {"valid_from": "2026-02-20", "valid_to": "2026-03-05"} | decided
    exemptions = pd.DataFrame([
        {"exemption_id": "X1", "hall_id": "PILOT"} | march_begins,
        {"exemption_id": "X3", "rule_id": "E2"} | march_begins,  # no hall means all halls
        {"exemption_id": "X2", "hall_id": "CITY", "rule_id": "E1", "valid_from": "2026-03-01", "valid_to": "2026-03-30"}
        | decided,
    ])
    empty = seeds.read_seed("exemptions")
    seeds.write_seed("exemptions", pd.concat([empty, exemptions]).fillna("")[empty.columns])
    weights = seeds.read_seed("dimension_weights")
    weights.loc[weights.dimension == "satisfaction", "max_score"] = "160"
    seeds.write_seed("dimension_weights", weights)
    rules = seeds.read_seed("scoring_rules")
    rules.loc[rules.rule_id == "E3", "min_sample"] = "5"
    seeds.write_seed("scoring_rules", rules)
    result = seeds.build(AS_OF)
    # All have expired.
    assert "WARN 3 exemptions_have_not_expired" in result.stdout
    scores = month_scores(seeds)
    assert scores.loc["PILOT", "status"] == "exempt"
    assert scores.loc["PILOT", "composite_score"] is None
    # A week that begins after the last day of the exemption is scored normally: E3 lacks its fifth case,
    # 100 − 2.5 and 100 + 30; 39 + 78
    week = seeds.query("""
        select status, composite_score from {schema}.scores
        where period_type = 'week' and period_start = '2026-03-09' and subject_type = 'hall' and hall_id = 'PILOT'
    """)
    assert week.values.tolist() == [["scored", 117]]
    # E1 (−2.5) is exempt; E3 needs five cases and has four: 100 only. 180 is clamped to 160; 40 + 96
    assert scores.loc["CITY", ["efficiency_score", "satisfaction_score", "composite_score"]].tolist() == [100, 160, 136]
    components = seeds.query("""
        select rule_id, status, points from {schema}.score_components
        where hall_id = 'CITY' and subject_type = 'hall' and period_type = 'month' and period_start = '2026-03-01'
            and rule_id in ('E1', 'E2', 'E3')
        order by rule_id
    """)
    assert components.values.tolist() == [["E1", "exempt", 0], ["E2", "exempt", 0], ["E3", "insufficient_sample", 0]]
    unclamped = seeds.query("""
        select unclamped_score from {schema}.dimension_scores
        where hall_id = 'CITY' and subject_type = 'hall' and period_type = 'month' and dimension = 'satisfaction'
            and period_start = '2026-03-01'
    """)
    assert unclamped.unclamped_score.tolist() == [180]


def test_the_hash_of_the_rule_book_covers_the_rows_in_force_without_their_words(seeds):
    def hashes() -> dict[str, str]:
        found = seeds.query("""
            select distinct concat(period_type, ' ', period_start) as period, rule_book_hash from {schema}.scores
        """)
        assert not found.period.duplicated().any()
        return dict(found.values)

    seeds.build(AS_OF)
    before = hashes()
    exemption = {
        "exemption_id": "X1", "hall_id": "CITY", "rule_id": "E1", "approved_by": "局长", "valid_from": "2026-03-01",
        "valid_to": "2026-03-08", "decided_on": "2026-02-01", "reason": "装修", "source": "会议纪要",
    }
    empty = seeds.read_seed("exemptions")
    seeds.write_seed("exemptions", pd.DataFrame([exemption]).reindex(columns=empty.columns, fill_value=""))
    standards = seeds.read_seed("item_standards")
    later = standards.head(1).assign(valid_from="2026-03-16", standard_minutes="9")
    standards.loc[0, "valid_to"] = "2026-03-15"
    seeds.write_seed("item_standards", pd.concat([standards, later]))
    for name in ("scoring_rules", "metric_parameters", "metric_definitions"):
        seeds.write_seed(name, seeds.read_seed(name).assign(label_en="other words"))
    seeds.build(AS_OF)
    after = hashes()
    changed = {period for period in before if before[period] != after[period]}
    # The exemption was in force when the month began, the standard from 16 March; neither in January or on the 9th.
    unchanged = {"week 2026-03-09", "quarter 2026-01-01", "year 2026-01-01"}
    assert changed == set(before) - unchanged and len(changed) == 5


def test_a_parameter_not_yet_in_force_leaves_no_data_and_never_a_zero(seeds):
    """A period that began before a parameter's valid_from lacks the rates that need it; a later one has them."""
    made = "2026-03-10 09:00:00"
    raw_tables.insert(seeds, "service_log", raw_tables.cases(2, "2026-03-10", "EARLY", item_code="I01"))
    raw_tables.insert(seeds, "feedback", raw_tables.ratings([5], "2026-03-10", "EARLY"))
    raw_tables.insert(seeds, "complaints", [raw_tables.complaint("EARLY", made, "2026-03-10 10:00:00")])
    parameters = seeds.read_seed("metric_parameters")
    late = parameters.parameter.isin(["complaint_deadline_hours", "satisfied_rating", "case_mix_reference_minutes"])
    parameters.loc[late, "valid_from"] = "2026-03-05"
    seeds.write_seed("metric_parameters", parameters)
    seeds.build(AS_OF, reconcile=True)  # the rows are older than the lookback days
    found = seeds.query("""
        select period_type, metric, status, value from {schema}.metrics
        where hall_id = 'EARLY' and subject_type = 'hall' and period_start in ('2026-03-01', '2026-03-09')
            and metric in ('complaint_timely_rate', 'satisfied_rate', 'case_mix_process_minutes')
        order by period_type, metric
    """)
    # The standard of I01 is 8 minutes: 20 ÷ 16 × 10
    assert found.values.tolist() == [
        ["month", "case_mix_process_minutes", "no_data", None],
        ["month", "complaint_timely_rate", "no_data", None],
        ["month", "satisfied_rate", "no_data", None],
        ["week", "case_mix_process_minutes", "measured", Decimal("12.5")],
        ["week", "complaint_timely_rate", "measured", Decimal(1)],
        ["week", "satisfied_rate", "measured", Decimal(1)],
    ]
    late_rate = seeds.query("""
        select status, points from {schema}.score_components
        where hall_id = 'EARLY' and subject_type = 'hall' and period_type = 'month' and rule_id = 'S4'
    """)
    assert late_rate.values.tolist() == [["no_data", 0]]


def test_rules_for_what_the_logs_do_not_have_are_named(seeds):
    """An exemption and an assignment of nobody warn; a metric that nothing measures fails the build."""
    exemption = {
        "exemption_id": "NOBODY", "hall_id": "H99", "valid_from": "2026-03-01", "valid_to": "2099-01-01",
        "approved_by": "局长", "decided_on": "2026-02-01", "reason": "装修", "source": "会议纪要",
    }
    columns = seeds.read_seed("exemptions").columns
    seeds.write_seed("exemptions", pd.DataFrame([exemption]).reindex(columns=columns, fill_value=""))
    frame = seeds.read_seed("rule_set_assignments")
    seeds.write_seed("rule_set_assignments", pd.concat([frame, frame.head(1).assign(hall_id="H77")]))
    printed = seeds.build(AS_OF, "--store-failures").stdout
    try:
        assert "Warning in test rules_name_what_exists" in printed
        found = seeds.query("select row_key from {schema}_dbt_test__audit.rules_name_what_exists")
        assert {"NOBODY", "H77"} <= set(found.row_key) and "CITY" not in set(found.row_key)
    finally:
        seeds.execute(f"drop schema {seeds.schema}_dbt_test__audit")
    frame = seeds.read_seed("metric_definitions")
    seeds.write_seed("metric_definitions", pd.concat([frame, frame.head(1).assign(metric="smiles")]))
    result = seeds.build(AS_OF, check=False)
    assert result.returncode == 1 and "Failure in test defined_metrics_are_measured" in result.stdout
