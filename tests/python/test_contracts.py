"""Public marts match their contracts: types, not null, keys, comments; a broken contract stops its mart."""

import json
import re
from collections.abc import Callable

import pytest

import raw_tables
from conftest import Project, run_script

AS_OF = "2026-03-31"
KEY = "period_type = 'month' and period_start = '2026-03-01' and hall_id = 'H1'"
# The most frequent queries of a dashboard: one subject over time, all subjects of a period, why this score.
QUERIES = {
    "history of a subject": "select period_start, composite_score from {schema}.scores"
    " where hall_id = 'H1' and subject_type = 'hall' and subject_id = 'H1' and period_type = 'month'",
    "all subjects of a period": "select hall_id, subject_id, composite_score from {schema}.scores"
    " where period_type = 'month' and period_start = '2026-03-01'",
    "why this score": "select rule_id, points from {schema}.score_components"
    f" where {KEY} and subject_type = 'hall' and subject_id = 'H1'",
}


@pytest.fixture(scope="module")
def built(project: Project) -> Project:
    raw_tables.create(project, "service_log", "feedback", "complaints")
    for hall in ("H1", "H2"):
        for month in range(1, 4):
            day = f"2026-{month:02}-10"
            raw_tables.insert(project, "service_log", [
                case for n in range(30) for case in raw_tables.cases(1, day, hall, window_id=f"W{n}", clerk_id=f"C{n}")
            ])
            raw_tables.insert(
                project, "feedback", raw_tables.ratings([5, 4], day, hall, window_id="W1", clerk_id="C1"))
    project.build(AS_OF)
    return project


@pytest.fixture(scope="module")
def marts(built) -> dict[str, dict]:
    manifest = json.loads((built.folder / "target" / "manifest.json").read_text("utf-8"))
    found = {n["name"]: n for n in manifest["nodes"].values() if n["schema"] == built.schema and "columns" in n}
    found = {name: node for name, node in found.items() if node["resource_type"] == "model"}
    # A view has no contract and no column comments; for published rows, those are on its tables.
    found = {name: node for name, node in found.items() if node["config"]["materialized"] != "view"}
    assert len(found) == 32
    return found


def test_types_nulls_and_comments_arrive_in_the_warehouse(built, marts):
    columns = built.query("""
        select table_name as t, column_name as c, column_type as type, is_nullable as nullable,
            column_comment as comment
        from information_schema.columns
        where table_schema = '{schema}' and table_name <> 'publications' and table_name not like 'published%'
    """)
    comments = built.query("""
        select table_name as t, table_comment as comment from information_schema.tables where table_schema = '{schema}'
    """).set_index("t").comment
    assert set(columns.t) == set(marts)
    for row in columns.itertuples():
        contract = marts[row.t]["columns"][row.c]
        # Some engines still show a display width.
        assert re.sub(r"int\(\d+\)", "int", row.type.replace(" ", "")) == contract["data_type"], (row.t, row.c)
        assert (row.nullable == "NO") == bool(contract["constraints"]), (row.t, row.c)
        assert row.comment == contract["description"] != ""
    for name, node in marts.items():
        assert comments[name] == node["description"]


def test_every_mart_but_one_has_the_primary_key_of_its_grain(built, marts):
    keys = built.query("""
        select table_name as t, column_name as c from information_schema.statistics
        where table_schema = '{schema}' and index_name = 'PRIMARY' order by table_name, seq_in_index
    """)
    # Day and reason of data_quality may be null, but key columns may not.
    assert set(marts) - set(keys.t) == {"data_quality"}
    for name, node in marts.items():
        assert list(keys[keys.t == name].c) == (node["config"].get("primary_key") or [])


@pytest.mark.parametrize("name", QUERIES)
def test_the_common_queries_use_a_key(built, name):
    plan = built.query("explain " + QUERIES[name])
    if "key" in plan.columns:
        assert plan.key.notna().all()
        assert not set(plan.type) & {"ALL", "index"}
    else:
        text = "\n".join(map(str, plan.iloc[:, 0]))
        assert re.search(r"TABLE (RANGE SCAN|GET)|Index (range scan|lookup)", text), text
        assert not re.search(r"FULL SCAN|Table scan", text), text


def test_a_query_needs_no_client(built):
    shown = run_script("warehouse.py", "query", f"select hall_id, hall_name from {built.schema}.dim_halls order by 1")
    assert shown.split() == ["hall_id", "hall_name", "H1", "H1", "H2", "H2"]
    shown = run_script("warehouse.py", "query", f"select 1 from {built.schema}.dim_halls where 1 = 0")
    assert shown == "没有行 / no rows\n"
    for sql, message in [
        (f"drop table {built.schema}.dim_halls", "a query begins with select, with, show, describe, explain"),
        (f"select 1 from {built.schema}.no_mart", "no_mart"),
    ]:
        told = run_script("warehouse.py", "query", sql, code=1)
        assert told.startswith("error: ") and message in told


def test_one_build_wrote_all_marts(built, marts):
    builds = {name: set(built.query(f"select distinct build_id from {{schema}}.{name}").build_id) for name in marts}
    # There are no case times, comments, merit, appeals or audits, and too few rows for an action or a
    # reward.
    empty = {name for name, ids in builds.items() if not ids}
    assert empty <= {
        "improvement_actions", "reward_candidates", "peak_hours", "appeal_outcomes", "audit_results",
        "publication_drift", "pain_points", "merit_kinds",
    }
    assert len(set().union(*builds.values())) == 1


def test_a_build_id_stays_with_what_the_next_build_did_not_write(built):
    raw_tables.insert(built, "service_log", raw_tables.cases(1, "2026-03-30", "H1", window_id="W1", clerk_id="C1"))
    built.build(AS_OF)
    found = built.query("select distinct period_type, period_start, build_id from {schema}.scores order by 1, 2")
    assert not found.duplicated(["period_type", "period_start"]).any()
    ids = found.set_index([found.period_type, found.period_start.map(str)]).build_id
    assert ids["month", "2026-03-01"] == ids["year", "2026-01-01"] != ids["month", "2026-01-01"]
    for mart in ("score_components", "dimension_scores", "metrics"):
        other = built.query(f"select distinct period_type, period_start, build_id from {{schema}}.{mart} order by 1, 2")
        assert other.equals(found), mart


@pytest.mark.parametrize("test, damage, mending", [
    ("components_sum_to_scores", "points = points + 1", "points = points - 1"),
    ("score_components,test_name:known_codes", "status = concat(status, '?')", "status = replace(status, '?', '')"),
])
def test_tests_look_at_what_the_last_build_wrote(built, test, damage, mending):
    raw_tables.insert(built, "service_log", raw_tables.cases(1, "2026-03-30", "H1", window_id="W2", clerk_id="C2"))
    built.build(AS_OF)
    for month, fails in (("2026-03-01", True), ("2026-01-01", False)):
        row = f"where {KEY} and subject_type = 'hall' and rule_id = 'E1'".replace("2026-03-01", month)
        update = f"update {built.schema}.score_components set {{}} {row}"
        built.execute(update.format(damage))
        result = built.dbt("test", "--select", test, check=False, as_of_date=AS_OF)
        built.execute(update.format(mending))
        assert ("FAIL" in result.stdout) is fails, result.stdout
        assert "TOTAL=1" in result.stdout


def test_grants_hold_after_the_second_run(built):
    account = f"{built.schema[-8:]}_bi"
    path = built.folder / "dbt_project.yml"
    kept = path.read_text("utf-8")
    built.execute(f"create user '{account}'@'%' identified by 'Only-for-a-test-1'")
    try:
        grants = f"    marts:\n      +grants: {{select: ['{account}']}}\n"
        path.write_text(kept.replace("    marts:\n", grants), "utf-8")
        for options in ((), (), ("--full-refresh",)):
            built.build(AS_OF, "--select", "scores scores_current", *options)
            granted = built.query(f'''
                select distinct table_name as t from information_schema.table_privileges
                where grantee = "'{account}'@'%'" and table_schema = '{{schema}}' and privilege_type = 'SELECT'
            ''')
            assert set(granted.t) == {"scores", "scores_current"}, options
        path.write_text(kept.replace("    marts:\n", "    marts:\n      +grants: {select: []}\n"), "utf-8")
        built.build(AS_OF, "--select", "scores")
        granted = built.query(f'''
            select distinct table_name as t from information_schema.table_privileges
            where grantee = "'{account}'@'%'" and table_schema = '{{schema}}'
        ''')
        assert set(granted.t) == {"scores_current"}
    finally:
        path.write_text(kept, "utf-8")
        built.execute(f"drop user '{account}'@'%'")


# change of the room's yml, and what the message must contain
BROKEN = {
    "a type the values do not fit": (
        ("- name: status\n", "data_type: varchar(24)", "data_type: bigint"), "status"
    ),
    "a type too short": (
        ("- name: rule_book_hash\n", "data_type: varchar(64)", "data_type: varchar(8)"), "rule_book_hash"
    ),
    "a null where none may be": (
        ("- name: composite_score\n", "data_type: decimal(12,6)", "data_type: decimal(12,6)\n"
         "        constraints: [{type: not_null}]"), "composite_score"
    ),
    "a column the model does not select": (
        (
            "- name: build_id\n", "- name: build_id\n",
            "- name: mood\n        data_type: bigint\n      - name: build_id\n",
        ),
        "does not select mood"
    ),
    "a column the contract does not name": (
        ("- name: digital_score\n", "- name: digital_score\n", None), "digital_score"
    ),
}


def assert_stopped(built: Project, mart: str, breaking: Callable[[str], str], message: str) -> None:
    """Build a mart with a broken contract: the error must contain message, and the old mart must stay."""
    name = f"\n  - name: {mart}\n"
    [path] = [path for path in (built.folder / "models" / "marts").rglob("*.yml") if name in path.read_text("utf-8")]
    kept = path.read_text("utf-8")
    before = built.query(f"select * from {{schema}}.{mart}")
    head, contract = kept.split(name)
    broken = breaking(contract)
    assert broken != contract
    try:
        path.write_text(head + name + broken, "utf-8")
        result = built.build(AS_OF, "--select", mart, check=False)
    finally:
        path.write_text(kept, "utf-8")
    assert result.returncode == 1, result.stdout[-2000:]
    assert message in result.stdout
    assert "Traceback" not in result.stdout + result.stderr
    assert built.query(f"select * from {{schema}}.{mart}").equals(before)
    leftovers = built.query("""
        select table_name as t from information_schema.tables
        where table_schema = '{schema}' and (table_name like '%\\_\\_new' or table_name like '%\\_\\_old')
    """)
    assert len(leftovers) <= 1
    built.build(AS_OF, "--select", mart)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_contract_stops_its_mart_and_leaves_the_old_one(built, name):
    (start, old, new), message = BROKEN[name]

    def breaking(scores: str) -> str:
        position = scores.index(start)
        if new is None:  # leave the column out
            return scores[:position] + scores[scores.index("- name:", position + 1):]
        return scores[:position] + scores[position:].replace(old, new, 1)

    assert_stopped(built, "scores", breaking, message)


def test_a_broken_contract_stops_a_mart_that_is_built_whole(built):
    assert built.query("select hall_name from {schema}.dim_halls").hall_name.notna().all()

    def breaking(halls: str) -> str:
        return halls.replace("data_type: varchar(255)", "data_type: varchar(1)", 1)

    assert_stopped(built, "dim_halls", breaking, "hall_name")


# a model that cannot be built as configured, and the line that must report it
REFUSED = {
    "a contract on a view": (
        "models/refused.sql", "{{ config(materialized='view') }} select 1 as one",
        "models/refused.yml", "models: [{name: refused, config: {contract: {enforced: true}},"
        " columns: [{name: one, data_type: bigint}]}]", "MySQL cannot enforce one on a view",
    ),
    "an incremental model without slices": (
        "models/refused.sql", "{{ config(materialized='incremental') }} select 1 as one", None, None, "set slice_by",
    ),
    "a snapshot": (
        "snapshots/refused.sql", "{% snapshot refused %}{{ config(target_schema=target.schema, strategy='check',"
        " unique_key='one', check_cols='all') }} select 1 as one{% endsnapshot %}", None, None,
        "snapshots need temporary tables",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_no_engine_can_do_is_refused_in_one_line(built, name):
    sql_path, sql, yml_path, yml, message = REFUSED[name]
    files = {sql_path: sql} | ({yml_path: "version: 2\n" + yml} if yml_path else {})
    try:
        for path, text in files.items():
            (built.folder / path).parent.mkdir(exist_ok=True)
            (built.folder / path).write_text(text, "utf-8")
        result = built.build(AS_OF, "--select", "refused", check=False)
    finally:
        for path in files:
            (built.folder / path).unlink()
    assert result.returncode == 1
    assert message in result.stdout
    assert built.query("select count(*) as n from information_schema.tables where table_schema like '{schema}%'"
                       " and table_name = 'refused'").n[0] == 0
