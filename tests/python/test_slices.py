"""Daily builds give the same as one full build, whatever happens to the raw rows."""

import os
import subprocess
from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import raw_tables
from conftest import Project

FIRST_DAY = date(2026, 2, 20)
# Number of random histories; each takes some six builds.
HISTORIES = int(os.environ.get("HALL_SCORES_HISTORIES", "1"))


@pytest.fixture(scope="module")
def hall(project: Project) -> Project:
    raw_tables.create(project, "service_log", "feedback", "complaints", "windows", "merit_records")
    return project


def written(project: Project, model: str) -> set[str]:
    """Return the slices of a model that the last build wrote."""
    return set(project.query(f"""
        select slice from {{schema}}_work.slice_versions
        where model_name = '{model}' and slice <> 'code' and build_id = (
            select max(build_id) from {{schema}}.dim_periods
        )
    """).slice)


def test_a_build_writes_only_what_changed(hall):
    named = {"window_id": "1", "clerk_id": "C1"}
    for number in range(59):
        day = str(date(2026, 1, 1) + timedelta(days=number))
        raw_tables.insert(hall, "service_log", raw_tables.cases(3, day, "H1", **named))
        raw_tables.insert(hall, "feedback", raw_tables.ratings([5, 4], day, "H1", **named))
    hall.build("2026-02-28")
    assert len(written(hall, "int_subject_days")) == 59

    # Relations of an earlier release under other names are dropped; foreign ones stay.
    hall.execute(f"create table {hall.schema}_work.daily_old (id int)")
    hall.execute(f"create view {hall.schema}_work.typed_old as select 1 as id")
    hall.execute(f"create table {hall.schema}_work.of_an_analyst (id int)")
    hall.execute(f"insert into {hall.schema}_work.slice_versions values (%s, 'code', '', ''), (%s, 'code', '', '')",
                 [("daily_old", "typed_old")])
    hall.build("2026-02-28")
    assert not written(hall, "int_subject_days") | written(hall, "int_cases_by_day") | written(hall, "scores")
    assert hall.query("""
        select table_name as name from information_schema.tables
        where table_schema = '{schema}_work' and table_name in ('daily_old', 'typed_old', 'of_an_analyst')
    """).name.tolist() == ["of_an_analyst"]
    assert hall.query("select count(*) as n from {schema}_work.slice_versions where model_name like '%old'").n[0] == 0

    raw_tables.insert(hall, "service_log", raw_tables.cases(3, "2026-03-01", "H1", **named))
    hall.build("2026-03-01")
    assert written(hall, "int_subject_days") == written(hall, "int_cases_by_day") == {"2026-03-01"}
    # The periods of the day; February was closed already.
    assert written(hall, "scores") == {
        "rolling_7d 2026-02-22", "week 2026-02-23", "month 2026-03-01", "quarter 2026-01-01", "year 2026-01-01",
    }

    # A late row within the lookback is found; an older one by reconcile.
    raw_tables.insert(hall, "service_log", raw_tables.cases(1, "2026-02-25", "H1", 99, **named))
    raw_tables.insert(hall, "service_log", raw_tables.cases(1, "2026-02-04", "H1", 99, **named))
    hall.build("2026-03-01")
    assert written(hall, "int_cases_by_day") == {"2026-02-25"}
    hall.build("2026-03-01", reconcile=True)
    assert written(hall, "int_cases_by_day") == {"2026-02-04"}

    # A rule change rescores, but measures nothing again.
    rules = hall.read_seed("scoring_rules")
    rules.loc[rules.rule_id == "E3", "points"] = "21"
    hall.write_seed("scoring_rules", rules)
    hall.build("2026-03-01")
    periods = hall.query("select concat(period_type, ' ', period_start) as slice from {schema}.dim_periods")
    assert written(hall, "scores") == set(periods.slice)
    assert not written(hall, "metrics") | written(hall, "int_subject_days")
    # Of the components: its own, and those of the base rule that is rebuilt with every rescore.
    signing, own = ({f"{period} {rule}" for period in periods.slice} for rule in ("D0", "E3"))
    assert written(hall, "score_components") == signing | own
    unlike = hall.query("""
        select components.rule_id, count(*) as n, sum(components.build_id <> scores.build_id) as other_builds
        from {schema}.score_components as components
        inner join {schema}.scores as scores
            using (period_type, period_start, hall_id, subject_type, subject_id)
        group by components.rule_id
    """).set_index("rule_id").astype(int)
    assert set(unlike.index[unlike.other_builds == 0]) == {"D0", "E3"}
    assert (unlike.other_builds % unlike.n == 0).all()

    # A weight changes only the latter; the lines of a removed rule are deleted.
    weights = hall.read_seed("dimension_weights")
    hall.write_seed("dimension_weights", weights.replace({"0.40": "0.30", "0.60": "0.70"}))
    hall.build("2026-03-01")
    assert written(hall, "score_components") == signing
    # An id may hold a quote, or differ from another only by case.
    hall.write_seed("scoring_rules", rules.replace({"rule_id": {"E3": "it's 3", "S1": "It's 3"}}))
    hall.build("2026-03-01")
    named = {f"{period} {rule}" for period in periods.slice for rule in ("it's 3", "It's 3")}
    assert written(hall, "score_components") == signing | named
    found = hall.query("select rule_id, count(*) as n from {schema}.score_components group by rule_id")
    sizes = dict(zip(found.rule_id, found.n, strict=True))
    assert sizes["it's 3"] == sizes["It's 3"] == sizes["D0"] and not {"E3", "S1"} & sizes.keys()

    # A rule from the middle of the history: before it too, scores and the base rule's lines are of one build.
    earlier = rules[rules.rule_id == "E4"].assign(valid_to="2026-02-15")
    later = earlier.assign(valid_from="2026-02-16", valid_to="", points="7")
    hall.write_seed("scoring_rules", pd.concat([rules[rules.rule_id != "E4"], earlier, later]))
    hall.build("2026-03-01")
    builds = hall.query("""
        select distinct period_start < '2026-02-16' as is_before, scores.build_id = signing.build_id as is_of_one
        from {schema}.scores as scores
        inner join {schema}.score_components as signing
            using (period_type, period_start, hall_id, subject_type, subject_id)
        where signing.rule_id = 'D0'
    """)
    assert set(builds.is_before) == {0, 1} and set(builds.is_of_one) == {1}
    hall.write_seed("scoring_rules", rules)
    hall.write_seed("dimension_weights", weights)


@pytest.mark.once
def test_a_model_left_out_holds_up_those_after_it(hall):
    hall.build("2026-03-01")
    hall.execute(f"update {hall.raw_schema}.service_log set process_time = 31 where service_date = '2026-02-25'")
    result = hall.build("2026-03-01", "--exclude", "int_subject_days", check=False)
    assert result.returncode == 1
    assert "int_subject_days have not been built from the latest data" in result.stdout
    # Excluding a model with all its readers blocks nothing, nor does building one model alone.
    hall.build("2026-03-01", "--select", "dim_halls")
    hall.build("2026-03-01", reconcile=True)
    mended = hall.read_marts()
    hall.build("2026-03-01", "--full-refresh")
    assert hall.read_marts() == mended


def test_copies_count_alike_in_whatever_order_they_lie(hall):
    day = "2026-02-25"
    copies = {
        "service_log": [
            raw_tables.cases(1, day, "H9", log_id="L1", channel=channel)[0] for channel in ("pigeon", None)
        ],
        "feedback": [
            raw_tables.ratings([1], day, "H9", feedback_id="F1", **columns)[0]
            for columns in ({"callback_time": "2026-02-20 09:00:00"}, {"callback_time": None}, {"channel": "pigeon"})
        ] + [
            raw_tables.ratings([1], day, "H9", log_id="Z1", **columns)[0]
            for columns in ({"callback_time": "2026-02-20 09:00:00"}, {"callback_time": "2026-02-26 09:00:00"})
        ],
    }
    marts = []
    for step in (1, -1):
        for table, rows in copies.items():
            hall.execute(f"delete from {hall.raw_schema}.{table} where hall_id = 'H9'")
            for row in rows[::step]:
                raw_tables.insert(hall, table, [row])
        hall.build("2026-03-01", "--full-refresh")
        marts.append(hall.read_marts())
    assert marts[0] == marts[1]
    for table in copies:
        hall.execute(f"delete from {hall.raw_schema}.{table} where hall_id = 'H9'")


days_ago = st.integers(0, 24)
events = st.one_of(
    st.tuples(st.just("cases"), days_ago, st.integers(1, 4), st.sampled_from([5, 10, 481]), st.integers(0, 3)),
    st.tuples(st.just("ratings"), days_ago, st.integers(1, 5), st.integers(0, 3), st.integers(0, 5)),
    st.tuples(st.just("complaint"), days_ago, st.integers(0, 60), st.integers(0, 3)),
    st.tuples(st.just("callback"), st.integers(0, 50), st.integers(0, 4)),
    st.tuples(st.just("merit"), days_ago, st.integers(0, 3), st.sampled_from(["Li", None])),
    st.tuples(st.just("correct"), st.integers(0, 50), st.sampled_from([6, 12, 500, -1])),
    st.tuples(st.just("move"), st.integers(0, 50), days_ago),
    st.tuples(st.just("delete"), st.sampled_from(["service_log", "feedback", "complaints"]), st.integers(0, 50)),
    st.tuples(st.just("rule"), st.sampled_from(["E3", "S1"]), st.integers(1, 40)),
    st.tuples(st.just("no_rule"), st.sampled_from(["E4", "S2", "D0"])),
    st.tuples(st.just("new_rule"), st.sampled_from(["E3'", "a rule"]), st.integers(1, 9)),
    st.tuples(st.just("exemption"), st.sampled_from(["E3", "S1", None]), st.sampled_from(["1", "2"])),
    st.tuples(st.just("parameter"), st.sampled_from([
        "max_process_minutes", "rating_case_days", "wait_target_minutes", "max_wait_minutes", "callback_deadline_hours",
    ]), st.integers(3, 20)),
    st.tuples(st.just("department"), st.sampled_from(["civil", "tax"])),
    st.tuples(st.just("kill"), st.floats(0.5, 6)),
)
histories = st.lists(
    st.tuples(st.integers(1, 4), st.lists(events, min_size=2, max_size=8)), min_size=2, max_size=4
)


class History:
    """Plays events on the raw tables and seeds of a project."""

    def __init__(self, project: Project):
        self.project = project
        self.rows = 0
        for table in ("service_log", "feedback", "complaints", "windows", "merit_records"):
            project.execute(f"delete from {project.raw_schema}.{table}")
        self.seeds = {
            name: project.read_seed(name) for name in ("scoring_rules", "metric_parameters", "exemptions")
        }

    def play(self, event: tuple, today: date) -> None:
        kind, *values = event
        getattr(self, kind)(today, *values)

    def _names(self, number: int) -> dict:
        return {"window_id": ["1", "2", None, "2"][number], "clerk_id": ["C1", "C2", "C1", None][number]}

    def _nth(self, table: str, key: str, number: int):
        rows = self.project.query(f"select {key} as k from {{raw}}.{table} order by {key}").k
        return rows[number % len(rows)] if len(rows) else None

    def cases(self, today, ago, count, minutes, who):
        day = str(today - timedelta(days=ago))
        for _ in range(count):
            self.rows += 1
            raw_tables.insert(self.project, "service_log", raw_tables.cases(
                1, day, "H1", minutes, log_id=f"L{self.rows % 7}", item_code="I01", channel="window",
                start_time=f"{day} 09:{self.rows % 60:02}:00", ticket_time=f"{day} 08:50:00", **self._names(who)))

    def callback(self, today, number, days_later):
        feedback_id = self._nth("feedback", "feedback_id", number)
        self.project.execute(f"update {self.project.raw_schema}.feedback"
                             f" set callback_time = date_add(date, interval {days_later} day)"
                             f" where feedback_id = '{feedback_id}'")

    def merit(self, today, ago, quantity, approver):
        raw_tables.insert(self.project, "merit_records", [{
            "hall_id": "H1", "subject_type": "clerk", "subject_id": "C1", "date": str(today - timedelta(days=ago)),
            "quantity": quantity, "approved_by": approver,
        }])

    def ratings(self, today, ago, stars, who, log):
        self.rows += 1
        raw_tables.insert(self.project, "feedback", raw_tables.ratings(
            [stars], str(today - timedelta(days=ago)), "H1", feedback_id=f"F{self.rows}", log_id=f"L{log}",
            **self._names(who)))

    def complaint(self, today, ago, hours, who):
        self.rows += 1
        day = today - timedelta(days=ago)
        resolved = f"{day + timedelta(days=hours // 24)} {hours % 24:02}:30:00" if hours else None
        raw_tables.insert(self.project, "complaints", [raw_tables.complaint(
            "H1", f"{day} 10:00:00", resolved, complaint_id=f"K{self.rows}", **self._names(who))])

    def correct(self, today, number, minutes):
        start = self._nth("service_log", "start_time", number)
        self.project.execute(f"update {self.project.raw_schema}.service_log set process_time = {minutes}"
                             f" where start_time = '{start}'")

    def move(self, today, number, ago):
        feedback_id = self._nth("feedback", "feedback_id", number)
        self.project.execute(f"update {self.project.raw_schema}.feedback set date = '{today - timedelta(days=ago)}'"
                             f" where feedback_id = '{feedback_id}'")

    def delete(self, today, table, number):
        key = {"service_log": "start_time", "feedback": "feedback_id", "complaints": "complaint_id"}[table]
        self.project.execute(f"delete from {self.project.raw_schema}.{table}"
                             f" where {key} = '{self._nth(table, key, number)}'")

    def rule(self, today, rule_id, points):
        rules = self.project.read_seed("scoring_rules")
        rules.loc[rules.rule_id == rule_id, "points"] = str(points)
        self.project.write_seed("scoring_rules", rules)

    def no_rule(self, today, rule_id):
        rules = self.project.read_seed("scoring_rules")
        self.project.write_seed("scoring_rules", rules[rules.rule_id != rule_id])

    def new_rule(self, today, rule_id, points):
        rules = self.project.read_seed("scoring_rules")
        metric = {"E3'": "wait_within_target_rate", "a rule": "rating_coverage_rate"}[rule_id]
        like = rules[rules.rule_id == "E3"].assign(rule_id=rule_id, metric=metric, points=str(points))
        self.project.write_seed("scoring_rules", pd.concat([rules[rules.rule_id != rule_id], like]))

    def exemption(self, today, rule_id, window_id):
        exemptions = self.project.read_seed("exemptions")
        exemptions.loc[len(exemptions)] = {
            "exemption_id": f"X{len(exemptions)}", "hall_id": "H1", "subject_type": "window", "subject_id": window_id,
            "rule_id": rule_id, "valid_from": "2026-02-01", "valid_to": None, "approved_by": "Li",
            "decided_on": "2026-01-15", "reason": "test", "source": "test",
        }
        self.project.write_seed("exemptions", exemptions)

    def parameter(self, today, name, value):
        parameters = self.project.read_seed("metric_parameters")
        parameters.loc[parameters.parameter == name, "value"] = str(value)
        self.project.write_seed("metric_parameters", parameters)

    def department(self, today, name):
        self.project.execute(f"delete from {self.project.raw_schema}.windows")
        raw_tables.insert(self.project, "windows", [{"hall_id": "H1", "window_id": "1", "department": name}])

    def kill(self, today, seconds):
        build = self.project.start_dbt("build", as_of_date=str(today))
        try:
            build.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            build.kill()


@pytest.mark.skipif(not HISTORIES, reason="HALL_SCORES_HISTORIES is 0")
@settings(
    max_examples=max(HISTORIES, 1), deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck),
)
@given(histories)
def test_day_by_day_equals_a_full_refresh(hall, steps):
    history, today = History(hall), FIRST_DAY
    try:
        for days_on, happened in steps:
            today += timedelta(days=days_on)
            for event in happened:
                history.play(event, today)
            hall.build(str(today))
        hall.build(str(today), reconcile=True)
        day_by_day = hall.read_marts()
        hall.build(str(today), "--full-refresh")
        at_once = hall.read_marts()
    finally:
        for name, frame in history.seeds.items():
            hall.write_seed(name, frame)
    assert sum(map(len, at_once.values())) > 100
    for mart, rows in at_once.items():
        assert day_by_day[mart] == rows, mart
