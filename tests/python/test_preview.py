"""A preview shows the effect of a rule change before the merge, and leaves nothing behind."""

import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pytest

import raw_tables
from conftest import PROJECT_DIR, Project, run_script
from raw_tables import cases, complaint, ratings

pytestmark = pytest.mark.once
AS_OF = "2026-03-31"


@pytest.fixture(scope="module")
def live(project: Project) -> Project:
    """Three halls; after the build the raw tables are dropped, because a preview must not need them."""
    raw_tables.create(project, "service_log", "feedback", "complaints")
    # 10 of 11 completed: 0.909; 19 of 20: 0.95; 17 of 20: 0.85. All 10 minutes, all rated 4.
    for hall, completed, count in (("CITY", 10, 11), ("NORTH", 19, 20), ("SOUTH", 17, 20)):
        named = {"window_id": "W1", "clerk_id": f"{hall}1"}
        raw_tables.insert(project, "service_log", cases(count, "2026-03-10", hall, completed=completed, **named))
        raw_tables.insert(project, "feedback", ratings([4], "2026-03-10", hall, **named))
    # Resolved after 30 hours: late by the standard, in time within 48 hours.
    raw_tables.insert(project, "complaints", [
        complaint("SOUTH", "2026-03-10 09:00:00", "2026-03-11 15:00:00", window_id="W1", clerk_id="SOUTH1")
    ])
    project.build(AS_OF)
    for table in ("service_log", "feedback", "complaints"):
        project.execute(f"drop table {project.raw_schema}.{table}")
    return project


@pytest.fixture()
def proposed(tmp_path: Path) -> Path:
    shutil.copytree(PROJECT_DIR / "seeds" / "rules", tmp_path / "rules")
    return tmp_path / "rules"


def change(folder: Path, seed: str, column: str, key: str, **cells: str) -> pd.DataFrame:
    """Set cells of the rows with a key; return the file's rows."""
    path = folder / f"{seed}.csv"
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    rows = frame[column] == key
    assert rows.any()
    for name, value in cells.items():
        frame.loc[rows, name] = value
    frame.to_csv(path, index=False, lineterminator="\n")
    return frame


def preview(live: Project, folder: Path, *arguments: str, code: int = 0) -> str:
    """Run the preview; return its page, or its output if it fails."""
    out = folder.parent / "preview.md"
    printed = run_script(
        "preview_rules.py", "--seeds", folder, "--out", out, "--vars", f'{{"raw_schema": "{live.raw_schema}"}}',
        *arguments, code=code, HALL_SCORES_SCHEMA=live.schema, HALL_SCORES_SOCKET=str(live.socket),
    )
    assert not list(live.query("select schema_name as name from information_schema.schemata"
                               " where schema_name like '{schema}\\_preview%'").name)
    return out.read_text("utf-8") if code == 0 else printed


def lines(page: str, start: str) -> list[str]:
    return [line for line in page.splitlines() if line.startswith(f"| {start}")]


def test_a_higher_threshold_and_rows_that_change_nothing(live, proposed):
    change(proposed, "scoring_rules", "rule_id", "E3", lower_bound="0.93")
    change(proposed, "scoring_rules", "rule_id", "D1", points="30")
    change(proposed, "scoring_rules", "rule_id", "S2", points="-25")
    change(proposed, "scoring_rules", "rule_id", "E4", label_en="Completion below 80 %")
    change(proposed, "metric_parameters", "parameter", "max_process_minutes", value="600")
    before = live.read_marts()
    page = preview(live, proposed)
    assert live.read_marts() == before
    assert "| scoring_rules | standard/E3/2020-01-01 | 改 / edited | lower_bound: 0.90 → 0.93 |" in page
    # CITY's 0.909 no longer earns 20: 0.4 × 20 = 8, also for its window and its clerk. NORTH's 0.95 still does.
    assert "| 月 / month 2026-03-01 | 大厅 / halls | 3 | 0 | 1 | −8.00 | 0 | −8.00 | 1 | 0 |" in page
    assert "| CITY | −8.00 | 0 | 2 | −8.00 | −8.00 |" in page
    assert "| NORTH | 0 | 0 | 0 | 0 | 0 |" in page
    losers = lines(page, "CITY | 大厅")
    # 0.4 × 120 + 0.6 × (100 + 50) = 138 before; SOUTH (100 and 85) has 91: the rank falls from 1 to 2.
    assert "| CITY | 大厅 CITY | 138.000000 | 130.000000 | −8.00 | 1 → 2 | E3 (−8.00) |" in losers
    assert "Published periods stay as they are" in page
    for row, why in (
        ("standard/D1/2020-01-01", "its dimension has weight 0"),
        ("standard/S2/2020-01-01", "nothing in the judged periods differs by it"),
        ("standard/E4/2020-01-01", "only its words differ"),
        ("max_process_minutes/2020-01-01", "no preview"),
    ):
        assert any(row in line and why in line for line in page.splitlines()), row


def test_a_row_of_next_year_is_tried_as_if_in_force(live, proposed):
    rules = change(proposed, "scoring_rules", "rule_id", "E3", valid_to="2098-12-31")
    row = rules[rules.rule_id == "E3"].assign(points="25", valid_from="2099-01-01", valid_to="")
    pd.concat([rules, row]).to_csv(proposed / "scoring_rules.csv", index=False, lineterminator="\n")
    page = preview(live, proposed)
    assert "| scoring_rules | standard/E3/2099-01-01 | 新 / new | points: 20 → 25 |" in page
    # 0.4 × 5 for CITY and NORTH
    assert "| 月 / month 2026-03-01 | 大厅 / halls | 3 | 2 | 0 | +2.00 | +2.00 | 0 | 0 | 0 |" in page
    assert "2099-01-01" in page
    # As of an earlier day nothing changes, and the page says why.
    page = preview(live, proposed, "--on", "2098-06-01")
    assert "| 月 / month 2026-03-01 | 大厅 / halls | 3 | 0 | 0 | – | 0 | 0 | 0 | 0 |" in page
    assert "| scoring_rules | standard/E3/2099-01-01 | 2098-06-01 这天未生效 / not in force on 2098-06-01 |" in page


def test_a_deadline_is_measured_again(live, proposed):
    change(proposed, "metric_parameters", "parameter", "complaint_deadline_hours", value="48")
    page = preview(live, proposed)
    # SOUTH: 0 of 1 in time −15, 1 of 1 +10: 25 × 0.6 = 15
    assert "| SOUTH | +15.00 | 2 | 0 | +15.00 | +15.00 |" in page
    assert "| SOUTH | 大厅 SOUTH | " in page and "S3 (+6.00)" not in lines(page, "SOUTH | 大厅")[0]


def test_what_is_previewed_is_what_comes(live, proposed):
    """The same change, actually built, gives the same scores."""
    for seed, column, key, cells in (
        ("scoring_rules", "rule_id", "E1", {"points_per_unit": "-3", "benchmark": "9", "lower_bound": "9"}),
        ("scoring_rules", "rule_id", "E2", {"benchmark": "9", "upper_bound": "9"}),
        ("scoring_rules", "rule_id", "S5", {"points": "40"}),
        ("dimension_weights", "dimension", "efficiency", {"weight": "0.45"}),
        ("dimension_weights", "dimension", "satisfaction", {"weight": "0.55"}),
    ):
        change(proposed, seed, column, key, **cells)
    page = preview(live, proposed)
    before = live.query("select * from {schema}.scores where period_type = 'month' and is_closed")
    kept = {path: path.read_bytes() for path in (live.folder / "seeds" / "rules").glob("*.csv")}
    try:
        for path in kept:
            shutil.copy(proposed / path.name, path)
        live.dbt("seed", as_of_date=AS_OF)
        live.dbt("run", "--select", "path:models/staging/rules", "int_rule_book_hashes+", as_of_date=AS_OF)
        after = live.query("select * from {schema}.scores where period_type = 'month' and is_closed")
    finally:
        for path, content in kept.items():
            path.write_bytes(content)
    keys = ["hall_id", "subject_type", "subject_id"]
    both = before.merge(after, on=keys, suffixes=("_old", "_new"))
    halls = both[both.subject_type == "hall"]
    assert len(halls) == 3
    for row in halls.itertuples():
        delta = row.composite_score_new - row.composite_score_old
        assert delta
        shown = f"{delta:+.2f}".replace("-", "−")
        assert any(line.startswith(f"| {row.hall_id} | {shown} |") for line in page.splitlines()), (row, page)


def test_who_crosses_a_reward_tier_or_a_trigger(live, proposed):
    change(proposed, "reward_tiers", "tier_id", "BQ2", min_score="110", min_sample="10", max_rank_share="")
    change(proposed, "improvement_triggers", "trigger_id", "C1", upper_bound="0.90", min_sample="10")
    page = preview(live, proposed)
    # The quarter: 48 + 0.6 × (100 + 16.67) = 118 for CITY1 and NORTH1; SOUTH1 has 40 + 0.6 × 85 = 91.
    # Completion in March: SOUTH 0.85, the others above 0.90.
    assert lines(page, "BQ2 |") == [
        f"| BQ2 | 绩效奖金二等 / Performance bonus, second class | 季 / quarter 2026-01-01 | {hall} | 人员 {hall}1 |"
        " 进入 / begins |" for hall in ("CITY", "NORTH")
    ]
    assert [line.split(" | ")[2:] for line in lines(page, "C1 |")] == [
        ["月 / month 2026-03-01", "SOUTH", "大厅 SOUTH", "进入 / begins |"]
    ]


def test_who_is_no_longer_ranked_in_a_shadow_time(live, proposed):
    path = proposed / "pilots.csv"
    pilots = pd.read_csv(path, dtype=str, keep_default_na=False)
    row = pilots.assign(pilot_id="P98", hall_id="CITY", go_live="2099-01-01", shadow_until="2099-03-31")
    plain = row.assign(pilot_id="P99", shadow_until="")
    pd.concat([pilots, row, plain]).to_csv(path, index=False, lineterminator="\n")
    page = preview(live, proposed)
    # CITY and NORTH were both first: CITY is not ranked now, SOUTH is second instead of third. No score changes.
    assert "| 月 / month 2026-03-01 | 大厅 / halls | 3 | 0 | 0 | – | 0 | 0 | 2 | 1 |" in page
    assert "shadow_until: 2099-03-31" in lines(page, "pilots | P98")[0]
    idle = page.split("## 不影响得分的行")[1].split("## ")[0]
    assert "P99" in idle and "without a shadow time it only compares" in idle
    assert "P98" not in idle


def test_a_wrong_rule_is_refused_before_anything_is_built(live, proposed):
    change(proposed, "scoring_rules", "rule_id", "E3", lower_bound="90%")
    printed = preview(live, proposed, code=1)
    assert "scoring_rules.csv:5: lower_bound" in printed


def test_a_build_that_fails_leaves_no_schema(live, proposed, monkeypatch):
    change(proposed, "scoring_rules", "rule_id", "E3", lower_bound="0.93")
    printed = preview(live, proposed, "--vars", '{"time_zone": "Beijing"}', code=1)
    assert "var time_zone" in printed


def test_marts_that_are_not_there(live, proposed):
    change(proposed, "scoring_rules", "rule_id", "E3", lower_bound="0.93")
    printed = run_script("preview_rules.py", "--seeds", proposed, code=1, HALL_SCORES_SCHEMA=f"{live.schema}_none",
                         HALL_SCORES_SOCKET=str(live.socket))
    assert "run `dbt build` first" in printed


def test_compared_with_a_commit(live, tmp_path):
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=PROJECT_DIR, capture_output=True, text=True)
    if head.returncode:
        pytest.skip("not a git checkout")
    out = tmp_path / "preview.md"
    run_script("preview_rules.py", "--base", "HEAD", "--out", out, HALL_SCORES_SCHEMA=live.schema,
               HALL_SCORES_SOCKET=str(live.socket))
    status = subprocess.run(["git", "status", "--porcelain", "seeds/rules"], cwd=PROJECT_DIR, capture_output=True)
    assert ("nothing to preview" in out.read_text("utf-8")) == (not status.stdout)
    printed = run_script("preview_rules.py", "--base", "no-such-ref", code=1, HALL_SCORES_SCHEMA=live.schema,
                         HALL_SCORES_SOCKET=str(live.socket))
    assert "no-such-ref" in printed
