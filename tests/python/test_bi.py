"""BI: deploy/grants.sql shows its account the marts and nothing else, on the engine under test."""

import ast
import json
import re
from pathlib import Path

import mysql.connector
import pytest
import yaml

import raw_tables
import warehouse
from conftest import PROJECT_DIR, Project
from raw_tables import cases, complaint, ratings
from test_publication import appeal, fill, publish_from

PASSWORD = "Only-for-a-test-1"
PRIVATE = "请勿外传"  # stands in every text that BI must not see
DENIED = {1044, 1142, 1143, 1227, 1370, 1410}


BUNDLE = PROJECT_DIR / "bi/superset"


def read_bundle(kind: str) -> dict[str, dict]:
    """Return the files of a folder of the Superset bundle by name."""
    return {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in sorted((BUNDLE / kind).rglob("*.yaml"))}


def models_in(folder: str) -> set[str]:
    """Return the models of a layer, without private ones."""
    return {path.stem for path in (PROJECT_DIR / "models" / folder).rglob("*.sql") if path.parent.name != "private"}


class Accounts:
    """The accounts of deploy/grants.sql, under other names, on the schemas of a scratch project."""

    def __init__(self, project: Project):
        self.project = project
        self.builder, self.bi = f"{project.schema}_b", f"{project.schema}_r"
        # On the socket of the embedded warehouse a client has no host.
        self.host = "localhost" if warehouse.read_profile().get("server") else "%"
        for name in (self.builder, self.bi):
            project.execute(f"create user '{name}'@'{self.host}' identified by '{PASSWORD}'")
        statements = (PROJECT_DIR / "deploy/grants.sql").read_text("utf-8")
        for text, own in (
            ("'hall_scores'@'localhost'", f"'{self.builder}'@'{self.host}'"),
            ("'bi'@'%'", f"'{self.bi}'@'{self.host}'"),
            (r"hall\_scores", project.schema.replace("_", r"\_")),
            (r"government\_hall", project.raw_schema.replace("_", r"\_")),
        ):
            assert text in statements
            statements = statements.replace(text, own)
        lines = [line for line in statements.splitlines() if not line.startswith("--")]
        for statement in "\n".join(lines).split(";"):
            if statement.strip():
                project.execute(statement)

    def close(self) -> None:
        for name in (self.builder, self.bi):
            self.project.execute(f"drop user if exists '{name}'@'{self.host}'")


@pytest.fixture(scope="module")
def accounts(project: Project):
    made = Accounts(project)
    yield made
    made.close()


@pytest.fixture(scope="module")
def built(project: Project, accounts: Accounts) -> Project:
    """Two builds by the account of the build, which thus becomes the definer of the views."""
    fill(project)
    raw_tables.insert(project, "service_log", cases(1, "2026-02-10", "H1", clerk_id="C8"))  # without ratings
    raw_tables.insert(project, "feedback", ratings([5], "2026-02-10", "H1", comment=PRIVATE))
    raw_tables.insert(project, "complaints", [
        complaint("H1", "2026-02-10 09:00:00", "2026-02-10 10:00:00", description=PRIVATE)
    ])
    publish_from(project, "2026-02-01")
    profiles = project.folder / "profiles.yml"
    profiles.write_text(profiles.read_text("utf-8").replace("username: root", f"username: {accounts.builder}"), "utf-8")
    project.environment |= {
        "HALL_SCORES_USER": accounts.builder,
        "DBT_ENV_SECRET_HALL_SCORES_PASSWORD": PASSWORD,
        "DBT_ENV_SECRET_HALL_SCORES_EMBEDDED": PASSWORD,
    }
    project.build("2026-03-10")
    raw_tables.insert(project, "service_log", cases(1, "2026-03-10", "H1"))
    raw_tables.insert(project, "appeals", [
        appeal(1, "C1", points_adjustment=5, reason=PRIVATE, submitted_by=PRIVATE)
    ])
    project.build("2026-03-11")
    return project


@pytest.fixture(scope="module")
def bi(built: Project, accounts: Accounts):
    connection = warehouse.connect(user=accounts.bi, password=PASSWORD, autocommit=True)
    yield connection.cursor()
    connection.close()


def read(bi, sql: str) -> list[tuple]:
    bi.execute(sql)
    return bi.fetchall()


def refusal(cursor, sql: str) -> int | None:
    """Return the error number of a statement, or None."""
    try:
        read(cursor, sql)
    except mysql.connector.Error as error:
        return error.errno
    return None


def tables(built: Project, *parts: str) -> list[str]:
    """Return the tables and views of schemas of the project, with their schema."""
    schemas = "', '".join(built.raw_schema if part == "raw" else f"{built.schema}{part}" for part in parts)
    found = built.query(f"""
        select concat(table_schema, '.', table_name) as t from information_schema.tables
        where table_schema in ('{schemas}')
    """)
    return sorted(found.t)


def test_bi_reads_every_mart_and_nothing_private(built, bi):
    marts = [f"{built.schema}.{name}" for name in models_in("marts")]
    assert tables(built, "") == sorted(marts)
    system = "'information_schema', 'mysql', 'performance_schema', 'sys', 'oceanbase'"
    visible = read(bi, f"""
        select concat(table_schema, '.', table_name) from information_schema.tables
        where table_schema not in ({system})
    """)
    assert sorted(name for (name,) in visible) == sorted(marts)
    filled = set()
    for mart in marts:
        rows = read(bi, f"select * from {mart}")
        filled |= {mart.split(".")[1]} if rows else set()
        assert PRIVATE not in repr(rows), mart
        assert read(bi, f"show create table {mart}"), mart
    assert filled >= {
        "scores", "scores_current", "published_scores", "published_components", "published_dimension_scores",
        "publications", "appeal_outcomes", "rankings", "dim_halls",
    }
    assert read(bi, f"select count(*) from {built.schema}.publications where kind = 'appeal'") == [(1,)]


def test_bi_is_refused_everything_else(built, bi):
    hidden = tables(built, "raw", "_work", "_rules", "_ledger")
    names = {name.split(".")[1] for name in hidden}
    assert names >= {"feedback", "complaints", "stg_comments", "int_appeals", "scoring_rules", "components"}
    schema = built.schema
    statements = [f"select 1 from {name}" for name in hidden] + [
        f"insert into {schema}.dim_halls select * from {schema}.dim_halls",
        f"update {schema}.scores set composite_score = 100",
        f"delete from {schema}.scores",
        f"truncate table {schema}.scores",
        f"drop table {schema}.scores",
        f"drop view {schema}.published_scores",
        f"alter table {schema}.scores add column note int",
        f"rename table {schema}.scores to {schema}.scores_2",
        f"create table {schema}.scores_2 (n int)",
        f"create view {schema}.scores_2 as select 1 as n",
        f"create or replace view {schema}.publications as select 1 as n",
        f"create schema {schema}_2",
        f"create schema {schema}_work_2",
        f"grant select on {schema}.scores to current_user()",
        f"select * from {schema}.scores into outfile '/tmp/{schema}.txt'",
    ]
    assert {statement: code for statement in statements if (code := refusal(bi, statement)) not in DENIED} == {}


def test_the_build_adds_to_the_ledger_and_changes_nothing_there(built, accounts):
    connection = warehouse.connect(user=accounts.builder, password=PASSWORD, autocommit=True)
    cursor = connection.cursor()
    statements = [
        text.format(table) for table in tables(built, "_ledger")
        for text in ("delete from {}", "update {} set publication_number = 0", "drop table {}", "truncate table {}")
    ]
    assert {statement: code for statement in statements if (code := refusal(cursor, statement)) not in DENIED} == {}
    connection.close()


def test_the_queries_of_the_guide_answer(built, bi):
    queries = re.findall(r"```sql\n(.+?);\n```", (PROJECT_DIR / "docs/bi.md").read_text("utf-8"), re.DOTALL)
    bi.execute(f"use {built.schema}")
    assert [bool(read(bi, query)) for query in queries] == [True] * 5


@pytest.mark.once
def test_the_guide_to_the_marts_names_every_one_in_both_languages_and_no_other():
    guide = (PROJECT_DIR / "docs/marts.md").read_text("utf-8")
    for half in guide.split("\n# In English"):
        assert models_in("marts") - set(re.findall(r"`(\w+)[`.]", half)) == set()
    cells = re.findall(r"^\| [^|]+ \| ([^|]+) \| [^|]+ \|$", guide, re.MULTILINE)
    assert {name for cell in cells for name in re.findall(r"`(\w+)`", cell)} - models_in("marts") == set()


def tables_read(text: str) -> set[str]:
    """Return the marts and staging models that SQL reads, in a file of any kind."""
    found = re.findall(r"\b(?:from|join)\s+(?:`?\{+\w+\}+`?\.)?(\w+)", text)
    return set(found) & (models_in("marts") | models_in("staging"))


def models_read(path: Path) -> set[str]:
    """Return the models that a script reads: in its SQL, or named by a separate string."""
    text = path.read_text("utf-8")
    strings = {node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant)}
    return tables_read(text) | {
        name for name in models_in("marts") | models_in("staging") if "_" in name and name in strings
    }


@pytest.fixture(scope="module")
def exposures() -> dict[str, set[str]]:
    """Return the models that each exposure names."""
    found = yaml.safe_load((PROJECT_DIR / "models/exposures.yml").read_text("utf-8"))["exposures"]
    return {
        exposure["name"]: {re.fullmatch(r"ref\('(\w+)'\)", ref)[1] for ref in exposure["depends_on"]}
        for exposure in found
    }


@pytest.mark.once
@pytest.mark.parametrize("name", read_bundle("dashboards"))
def test_an_exposure_names_what_a_dashboard_reads(exposures, name):
    datasets = {dataset["uuid"]: dataset for dataset in read_bundle("datasets").values()}
    charts = {chart["uuid"]: chart for chart in read_bundle("charts").values()}
    dashboard = read_bundle("dashboards")[name]
    parts = [part for part in dashboard["position"].values() if isinstance(part, dict) and part["type"] == "CHART"]
    filters = [
        target["datasetUuid"]
        for chosen in dashboard["metadata"]["native_filter_configuration"]
        for target in chosen["targets"]
    ]
    read = set()
    for uuid in {charts[part["meta"]["uuid"]]["dataset_uuid"] for part in parts} | set(filters):
        read |= tables_read(datasets[uuid]["sql"] or f"from {datasets[uuid]['table_name']}")
    assert exposures[f"superset_{name}"] == read


SCRIPTS = {
    "score_report": ["export_reports.py", "reports/**/*.py"], "nightly": ["nightly.py"],
    "rule_preview": ["rules/effects.py", "rules/preview.py", "rules/trial.py"], "rule_page": ["rules/page.py"],
}


@pytest.mark.once
@pytest.mark.parametrize("name", SCRIPTS)
def test_an_exposure_names_what_its_scripts_read(exposures, name):
    paths = [path for part in SCRIPTS[name] for path in (PROJECT_DIR / "scripts").glob(part)]
    assert exposures[name] == set().union(*map(models_read, paths))


@pytest.mark.once
def test_every_script_that_reads_marts_has_an_exposure():
    folder = PROJECT_DIR / "scripts"
    exposed = {path for parts in SCRIPTS.values() for part in parts for path in folder.glob(part)}
    reading = {path for path in folder.rglob("*.py") if tables_read(path.read_text("utf-8"))}
    # The benchmark fills its own warehouse.
    assert reading - exposed == {folder / "benchmark.py"}


@pytest.mark.once
def test_every_chart_reads_columns_of_its_dataset_and_is_shown():
    datasets = {dataset["uuid"]: dataset for dataset in read_bundle("datasets").values()}
    shown = {
        part["meta"]["uuid"]
        for dashboard in read_bundle("dashboards").values()
        for part in dashboard["position"].values() if isinstance(part, dict) and part["type"] == "CHART"
    }
    charts = read_bundle("charts")
    assert {chart["uuid"] for chart in charts.values()} == shown
    for name, chart in charts.items():
        dataset = datasets[chart["dataset_uuid"]]
        known = {column["column_name"] for column in dataset["columns"]}
        known |= {metric["metric_name"] for metric in dataset["metrics"]}
        (query,) = json.loads(chart["query_context"])["queries"]
        asked = [*query["columns"], *query.get("metrics", []), *(part["col"] for part in query["filters"])]
        assert set(asked) <= known, name


@pytest.mark.once
def test_no_password_is_written_down():
    (database,) = read_bundle("databases").values()
    assert "://bi:XXXXXXXXXX@" in database["sqlalchemy_uri"]  # the mask that makes Superset ask the importer
    grants = (PROJECT_DIR / "deploy/grants.sql").read_text("utf-8")
    assert re.findall(r"identified by (?!random password)(\S+)", grants) == ["'…';", "'…';"]


GRANT = re.compile(
    r"\bgrant\s+([a-z][a-z ,()_]*?)\s+on\s+([^\s;]+\.\S+?)(?=\s+to\b|[\s;`]*$)", re.IGNORECASE | re.MULTILINE
)


def grants_in(text: str) -> set[tuple[str, str]]:
    """Return the normalized (privileges, object) of the grants in a text."""
    return {
        (" ".join(rights.lower().split()), on.replace("`", "").replace("\\", "").lower())
        for rights, on in GRANT.findall(text)
    }


def test_no_document_grants_what_the_file_of_grants_does_not():
    known = grants_in((PROJECT_DIR / "deploy/grants.sql").read_text("utf-8"))
    assert ("create, select, insert", "hall_scores_ledger.*") in known and len(known) == 7
    assert grants_in(r"x (``grant all on `hall\_scores%`.* to …``; y") - known == {("all", "hall_scores%.*")}
    documents = [*PROJECT_DIR.glob("*.md"), *PROJECT_DIR.glob("docs/*.md"), *PROJECT_DIR.glob("deploy/*"),
                 *PROJECT_DIR.glob("bi/**/*.md"), PROJECT_DIR / "profiles.yml.example"]
    assert len(documents) > 12
    # The drill has its own account and schemas.
    drill = {("all", name) for name in ("government_hall_drill.*", "hall_scores_drill.*", "hall_scores_drill_%.*")}
    for document in documents:
        assert grants_in(document.read_text("utf-8")) <= known | drill, document.name
