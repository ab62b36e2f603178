"""What the sample's scores, ranks, reviews and pilots are agrees with an independent recomputation."""

import ast
import sys
from datetime import date
from decimal import Decimal

import pandas as pd
import pytest

import raw_tables
from conftest import PROJECT_DIR, Project, run_script
from oracle import Oracle

pytestmark = pytest.mark.quick

AS_OF = date(2026, 9, 30)
KEYS = ["period_type", "period_start", "hall_id", "subject_type", "subject_id"]
MARTS = {
    "metrics": [*KEYS, "metric"],
    "score_components": [*KEYS, "rule_id"],
    "dimension_scores": [*KEYS, "dimension"],
    "scores": KEYS,
    "standing_scores": KEYS,
    "rankings": KEYS,
    "improvement_actions": [*KEYS, "trigger_id"],
    "reward_candidates": [*KEYS, "tier_id"],
    "indicator_review": ["period_start", "rule_set", "rule_id", "valid_from", "subject_type"],
    "metric_review": ["period_start", "rule_set", "subject_type", "metric"],
    "pain_points": [*KEYS, "category"],
    "pilot_effects": ["pilot_id", "metric"],
    "metric_correlations": ["period_start", "subject_type", "metric_a", "metric_b"],
}
PILOTS = [  # beside the one of the sample: H06, live on 1 September
    # id, hall, go-live, end of shadow, weeks before and after, least sample, claims
    ("MONDAY", "H03", "2026-07-06", "", 4, 4, "", "0.01", "0.001"),  # its peers are H04 and H06
    ("SHADOW", "H05", "2026-05-06", "2026-06-10", 2, 1, 300, "0.30", "0.15"),  # into the weeks of MONDAY
    ("WIDE", "H01", "2026-08-12", "", 3, 3, 30, "0.02", ""),  # its one peer has a pilot of its own
    ("LATE", "H02", "2026-08-24", "", 4, 4, 30, "0.001", "0.01"),
    ("EARLY", "H04", "2026-04-15", "2026-04-16", 5, 2, 30, "0.30", "0.15"),  # before the logs; into SHADOW
    ("FUTURE", "H02", "2026-10-12", "", 4, 4, 30, "0.30", "0.15"),
    ("NOWHERE", "H99", "2026-07-06", "", 4, 4, 30, "0.30", "0.15"),
    ("SHORT", "H04", "2026-05-20", "", 1, 1, 200, "0.30", "0.15"),
]

TRIGGERS = [  # beside the standard ones: they end, one of them for a month
    # id, subject type, metric, upper bound, least sample, months in a row, first and last day
    ("GAP", "hall", "first_visit_completion_rate", "0.90", "100", "2", "2020-01-01", "2026-06-10"),
    ("GAP", "hall", "first_visit_completion_rate", "0.88", "100", "1", "2026-07-15", ""),
    ("STOP", "clerk", "composite_score", "110", "30", "1", "2020-01-01", "2026-07-15"),
]


@pytest.fixture(scope="module")
def built(project: Project, tmp_path_factory) -> Project:
    folder = tmp_path_factory.mktemp("sample")
    run_script("sample_logs.py", "--out", folder, "--until", AS_OF)
    run_script("load_logs.py", folder, "--raw-schema", project.raw_schema)
    # Some ids as they come out of other systems: with an ideographic space before them, a tab and a blank after them.
    for table, column in (
        ("service_log", "log_id"), ("service_log", "clerk_id"), ("feedback", "log_id"), ("complaints", "window_id"),
        ("windows", "department"), ("audit_samples", "log_id"),
    ):
        project.execute(f"""
            update {project.raw_schema}.{table} set {column} = concat('\u3000', {column}, '\t ')
            where mod(crc32(concat_ws(',', {column}, hall_id)), 40) = 0
        """.replace("hall_id)", "log_id)" if table == "audit_samples" else "hall_id)"))
    # From April on all is published, and some of it appealed.
    parameters = project.read_seed("metric_parameters")
    parameters.loc[parameters.parameter == "publish_from", "value"] = "2026-04-01"
    project.write_seed("metric_parameters", parameters)
    pilots, names = project.read_seed("pilots"), (
        "pilot_id", "hall_id", "go_live", "shadow_until", "before_weeks", "after_weeks", "min_sample",
        "efficiency_claim", "satisfaction_claim",
    )
    project.write_seed("pilots", pd.concat([pilots, pd.DataFrame(PILOTS, columns=names)]).fillna(""))
    triggers, names = project.read_seed("improvement_triggers"), (
        "trigger_id", "subject_type", "metric", "upper_bound", "min_sample", "consecutive_periods", "valid_from",
        "valid_to",
    )
    more = pd.DataFrame(TRIGGERS, columns=names).assign(period_type="month", action="talk", deadline_working_days="5")
    project.write_seed("improvement_triggers", pd.concat([triggers, more]).fillna(""))
    raw_tables.create(project, "appeals")
    raw_tables.insert(project, "appeals", [
        {"appeal_id": f"A{n}", "hall_id": "H01", "subject_type": "clerk", "subject_id": subject, "rule_id": "E1",
         "submitted_by": subject, "submitted_at": "2026-09-20 09:00:00", "period_type": period_type,
         "period_start": start, "points_adjustment": points, "decision": decision, "decided_by": by,
         "decided_at": decided}
        for n, (subject, period_type, start, points, decision, by, decided) in enumerate([
            ("C001", "quarter", "2026-04-01", None, "pending", None, None),
            ("C002", "month", "2026-05-01", None, None, None, None),  # a part of the quarter
            ("C003", "quarter", "2026-04-01", 30, "upheld", "复核组", "2026-09-28 10:00:00"),
            ("C004", "month", "2026-08-01", -20, "upheld", "复核组", "2026-09-28 10:00:00"),
            ("C005", "quarter", "2026-04-01", 30, "upheld", "复核组", "2026-10-01 10:00:00"),  # not known yet
        ])
    ])
    project.build(str(AS_OF))
    return project


@pytest.fixture(scope="module")
def expected(built: Project) -> dict[str, pd.DataFrame]:
    names = ("service_log", "feedback", "complaints", "halls", "windows", "clerks", "merit_records",
             "audit_samples", "appeals")
    tables = {name: built.query(f"select * from {{raw}}.{name}") for name in names}
    return Oracle(tables, built.folder / "seeds" / "rules", AS_OF).recompute()


def test_the_sample_has_every_kind_of_dirt_that_typed_tables_can_hold(built: Project):
    found = built.query("select distinct reason from {schema}.data_quality where reason is not null")
    assert set(found.reason) >= {
        "bad_service_date", "bad_process_time", "implausible_process_time", "bad_is_completed", "duplicate_log_id",
        "bad_date", "bad_rating", "duplicate_feedback_id", "second_rating", "bad_complaint_date",
        "duplicate_complaint_id", "end_before_start", "derived_process_time", "unknown_channel",
        "resolution_before_complaint", "no_complaint_time", "start_before_ticket", "implausible_wait",
    }
    share = built.query("""
        select sum(case when outcome <> 'counted' then row_count else 0 end) / sum(row_count) as share
        from {schema}.data_quality where coalesce(reason, '') <> 'trimmed_id'
    """).share[0]
    assert Decimal("0.005") < share < Decimal("0.02")


def test_the_sample_has_what_bars_a_reward_and_moves_what_is_published(built: Project):
    rewards = built.query("select distinct missed_reason, revision from {schema}.reward_candidates")
    reasons = {reason for cell in rewards.missed_reason.dropna() for reason in cell.split(", ")}
    assert reasons >= {"score_too_low", "rank_too_low", "sample_too_small", "open_appeal", "audit_mismatch"}
    assert set(rewards.revision) == {2, None}  # the second quarter, and the third, which is not published yet
    actions = built.query("select revision, due_on, state from {schema}.improvement_actions")
    assert set(actions.revision) == {1, 2, None}
    assert set(actions.state) == {"new", "continuing", "recovered", "ended"}
    assert actions.due_on.notna().all()


def test_the_sample_shows_every_trigger_and_quarterly_reward_at_work(built: Project):
    standard = built.read_seed("improvement_triggers").query("decided_on != ''")  # not those above
    assert set(standard.action) == {
        "add_windows", "add_machines", "check_materials", "tell_once", "courtesy_training", "rectification", "talk",
        "transfer",
    }
    found = built.query("select trigger_id, state from {schema}.improvement_actions")
    states = found.groupby("trigger_id").state.agg(set)
    for trigger in standard.trigger_id:
        assert states[trigger] == {"new", "continuing", "recovered"}, trigger
    won = built.query("select distinct tier_id from {schema}.reward_candidates where is_candidate")
    assert set(won.tier_id) == {"BQ1", "BQ2", "BH1", "TQ1"}


def test_the_lost_log_of_a_day_shows(built: Project):
    values = built.query("""
        select hall_id, value from {schema}.quality_checks
        where check_id = 'days_without_log' and raw_table = 'service_log'
    """).set_index("hall_id").value
    assert values["H05"] == values.drop("H05").max() + 1


def test_the_pilots_are_of_every_kind(expected):
    effects = expected["pilot_effects"]
    assert set(effects.status) == {
        "measured", "before_go_live", "too_few_weeks", "no_data", "insufficient_sample", "unknown_hall",
    }
    assert set(effects.comparison_scope.fillna("none")) == {"peer_group", "all", "none"}
    verdicts = effects[effects.is_net_claim_met.notna()]
    assert set(zip(verdicts.is_claim_met, verdicts.is_net_claim_met, strict=True)) == {(0, 0), (0, 1), (1, 0), (1, 1)}


def test_the_oracle_shares_no_code_with_what_it_checks():
    paths = list((PROJECT_DIR / "tests" / "python" / "oracle").glob("*.py"))
    nodes = [node for path in paths for node in ast.walk(ast.parse(path.read_text("utf-8")))]
    imported = {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
    imported |= {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    assert {name.split(".")[0] for name in imported} - sys.stdlib_module_names == {"oracle", "pandas"}


def plain(value):
    """Return what compares alike whatever type the driver chose: nan is None, a float is a Decimal."""
    if value is None or value != value:
        return None
    return Decimal(str(value)) if isinstance(value, float) else value


def assert_agrees(built: Project, expected: dict[str, pd.DataFrame], mart: str) -> pd.DataFrame:
    """Compare a mart with the oracle's, row by row; return its rows."""
    keys, wanted = MARTS[mart], expected[mart]
    columns = list(wanted.columns)
    found = built.query(f"select {', '.join(columns)} from {{schema}}.{mart}")

    def by_key(frame: pd.DataFrame) -> dict[tuple, dict]:
        cells = {column: list(map(plain, frame[column].astype(object))) for column in columns}
        rows = (dict(zip(columns, row, strict=True)) for row in zip(*cells.values(), strict=True))
        named = dict(zip(zip(*(cells[key] for key in keys), strict=True), rows, strict=True))
        assert len(named) == len(frame)
        return named

    oracle_rows, mart_rows = by_key(wanted), by_key(found)
    assert not sorted(set(oracle_rows) - set(mart_rows), key=str)[:5], "rows the mart lacks"
    assert not sorted(set(mart_rows) - set(oracle_rows), key=str)[:5], "rows the oracle lacks"
    different = [
        f"{key}: {column}: oracle {row[column]}, mart {mart_rows[key][column]}"
        for key, row in oracle_rows.items()
        for column in columns
        if row[column] != mart_rows[key][column]
    ]
    assert not different, f"{len(different)} cells differ:\n" + "\n".join(different[:10])
    return found


@pytest.mark.parametrize("mart", MARTS)
def test_mart_agrees_on_every_row(built: Project, expected, mart: str):
    assert len(assert_agrees(built, expected, mart)) > 50
