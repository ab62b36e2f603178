"""The dashboards in a real Superset: imported like an operator does, read by the BI account, opened in a browser.

Run by `make test-superset`, which creates Superset's environment; not part of `make test`.
"""

import io
import json
import os
import socket
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from urllib.parse import quote

import pytest
import requests

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "python"))

from conftest import PROJECT_DIR, Project, run_script, warehouse
from test_bi import BUNDLE, PASSWORD, Accounts, read_bundle

SUPERSET = PROJECT_DIR / os.environ.get("HALL_SCORES_SUPERSET", ".superset") / "bin/superset"
CHROMIUM = os.environ.get("HALL_SCORES_CHROMIUM", "/usr/bin/chromium")
DATABASE = "bi:XXXXXXXXXX@127.0.0.1:3306/hall_scores?charset=utf8mb4"
UNTIL = "2026-09-30"
START_SECONDS = 120
CHART_SECONDS = 60


CHARTS = read_bundle("charts")
DASHBOARDS = read_bundle("dashboards")


def charts_of(dashboard: dict) -> set[str]:
    """Return the uuids of the charts of a dashboard."""
    parts = [part for part in dashboard["position"].values() if isinstance(part, dict)]
    return {part["meta"]["uuid"] for part in parts if part["type"] == "CHART"}


@pytest.fixture(scope="module")
def warehouse_of_sample(tmp_path_factory):
    """The marts of the sample, and the BI account that may read them."""
    project = Project(tmp_path_factory.mktemp("project"))
    accounts = Accounts(project)
    sample = tmp_path_factory.mktemp("sample")
    run_script("sample_logs.py", "--out", sample, "--until", UNTIL)
    run_script("load_logs.py", "--raw-schema", project.raw_schema, sample)
    project.build(UNTIL)
    yield project, accounts
    accounts.close()
    project.close()


def bundle(project: Project, accounts: Accounts) -> bytes:
    """Return the ZIP made by the command of docs/bi.md, with the server of this test."""
    profile = warehouse.read_profile()
    if profile.get("server"):
        place = f"{profile['server']}:{profile['port']}/{project.schema}?charset=utf8mb4"
    else:
        place = f"localhost/{project.schema}?charset=utf8mb4&unix_socket={project.socket}"
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        for path in sorted(BUNDLE.rglob("*.yaml")):
            text = path.read_text("utf-8").replace(DATABASE, f"{accounts.bi}:XXXXXXXXXX@{place}")
            file.writestr(f"superset/{path.relative_to(BUNDLE)}", text)
    return archive.getvalue()


class Superset:
    """A fresh Superset on a free loopback port, with metadata in a temporary folder, and its API."""

    def __init__(self, folder: Path):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.environment = os.environ | {
            "SUPERSET_HOME": str(folder), "SUPERSET_CONFIG_PATH": str(BUNDLE / "superset_config.py"),
            "SUPERSET_SECRET_KEY": os.urandom(24).hex(), "SUPERSET_DATABASE_URI": f"sqlite:///{folder}/superset.db",
            "FLASK_APP": "superset.app:create_app()", "PYTHONDONTWRITEBYTECODE": "1",
        }
        self.run("db", "upgrade")
        self.run("fab", "create-admin", "--username", "admin", "--password", PASSWORD, "--firstname", "A",
                 "--lastname", "B", "--email", "admin@example.org")
        self.run("init")
        self.log = folder / "superset.log"
        with self.log.open("wb") as log:
            self.server = subprocess.Popen([SUPERSET, "run", "-h", "127.0.0.1", "-p", str(port), "--with-threads"],
                                           env=self.environment, stdout=log, stderr=log)
        self.session = requests.Session()

    def log_in(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            assert self.server.poll() is None and time.monotonic() < deadline, self.log.read_text("utf-8")[-4000:]
            time.sleep(0.5)
        token = self.session.post(f"{self.url}/api/v1/security/login", json={
            "username": "admin", "password": PASSWORD, "provider": "db",
        }).json()["access_token"]
        self.session.headers.update({"Authorization": f"Bearer {token}", "Referer": self.url})
        self.session.headers["X-CSRFToken"] = self.get("security/csrf_token/")["result"]

    def run(self, *arguments: str) -> None:
        done = subprocess.run([SUPERSET, *arguments], env=self.environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]

    def answers(self) -> bool:
        try:
            return self.session.get(f"{self.url}/health", timeout=5).ok
        except requests.ConnectionError:
            return False

    def get(self, path: str) -> dict:
        answer = self.session.get(f"{self.url}/api/v1/{path}")
        assert answer.ok, answer.text[:2000]
        return answer.json()

    def close(self) -> None:
        self.server.terminate()
        self.server.wait(30)


@pytest.fixture(scope="module")
def superset(warehouse_of_sample, tmp_path_factory):
    started = Superset(tmp_path_factory.mktemp("superset"))
    try:
        started.log_in()
        answer = started.session.post(
            f"{started.url}/api/v1/dashboard/import/",
            files={"formData": ("hall_scores.zip", bundle(*warehouse_of_sample), "application/zip")},
            data={"passwords": json.dumps({"databases/hall_scores.yaml": PASSWORD}), "overwrite": "true"},
        )
        assert answer.ok, answer.text
        yield started
    finally:
        started.close()


@pytest.fixture(scope="module")
def chart_ids(superset) -> dict[str, int]:
    """Return the id of each imported chart by its uuid."""
    return {row["uuid"]: row["id"] for row in superset.get("chart/?q=(columns:!(id,uuid),page_size:100)")["result"]}


@pytest.mark.parametrize("name", CHARTS)
def test_the_saved_query_of_each_chart_has_data(superset, chart_ids, name):
    found = superset.get(f"chart/{chart_ids[CHARTS[name]['uuid']]}/data/")["result"]
    assert [(part["error"], part["rowcount"] > 0) for part in found] == [(None, True)]


def test_a_chart_shows_the_marts_numbers(superset, chart_ids, warehouse_of_sample):
    found = superset.get(f"chart/{chart_ids[CHARTS['hall_windows']['uuid']]}/data/")["result"][0]["data"]
    shown = {(row["subject_id"], row["rank_in_hall"], float(row["ranked_score"])) for row in found}
    marts = warehouse_of_sample[0].query("""
        select subject_id, rank_in_hall, ranked_score from {schema}.rankings
        inner join {schema}.dim_periods using (period_type, period_start)
        where subject_type = 'window' and is_latest_closed
    """)
    assert shown
    assert shown <= set(zip(marts.subject_id, marts.rank_in_hall, marts.ranked_score.map(float), strict=True))


@pytest.fixture(scope="module")
def browser(superset):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        # Charts out of view are not drawn, so the window is as high as the longest dashboard.
        context = opened.new_context(viewport={"width": 1400, "height": 2600}, locale="zh-CN")
        page = context.new_page()
        page.goto(f"{superset.url}/login/")
        page.fill("input[name=username], #username", "admin")
        page.fill("input[name=password], #password", PASSWORD)
        page.press("input[name=password], #password", "Enter")
        page.wait_for_url(lambda url: "/login" not in url)
        page.close()
        yield context
        opened.close()


def chosen_hall(project: Project, dashboard: dict) -> str:
    """Return the URL parameter that selects a hall with a new or continuing action."""
    (name,) = {
        chosen["id"] for chosen in dashboard["metadata"]["native_filter_configuration"] if chosen["name"] == "大厅"
    }
    hall = project.query("""
        select concat(hall_id, ' ', hall_name) as hall
        from {schema}.improvement_actions
        inner join {schema}.dim_periods using (period_type, period_start)
        inner join {schema}.dim_halls using (hall_id)
        where period_type = 'month' and is_latest_closed and is_open
        order by 1 limit 1
    """).hall[0]
    return quote(
        f"({name}:(id:{name},ownState:(),filterState:(value:!('{hall}')),"
        f"extraFormData:(filters:!((col:hall,op:IN,val:!('{hall}'))))))"
    )


@pytest.mark.parametrize("name", DASHBOARDS)
def test_each_chart_of_a_dashboard_is_drawn(
    superset, chart_ids, browser, warehouse_of_sample, name, tmp_path_factory
):
    dashboard = DASHBOARDS[name]
    address = f"{superset.url}/superset/dashboard/{dashboard['slug']}/"
    if name == "hall_detail":  # a hall with open actions
        address += f"?native_filters={chosen_hall(warehouse_of_sample[0], dashboard)}"
    wanted = {chart_ids[uuid] for uuid in charts_of(dashboard)}
    page, rows, troubles = browser.new_page(), {}, []

    def note(response) -> None:
        if "/api/v1/chart/data" in response.url:
            chart = json.loads(response.request.post_data)["form_data"].get("slice_id")  # None for a filter's query
            if response.ok:
                rows[chart] = min(part["rowcount"] for part in response.json()["result"])
            else:
                troubles.append(f"chart {chart}: {response.text()[:500]}")

    page.on("response", note)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.goto(address)
    deadline = time.monotonic() + CHART_SECONDS
    while not wanted <= set(rows) and not troubles and time.monotonic() < deadline:
        page.wait_for_timeout(500)
    page.wait_for_timeout(3000)  # wait for the last charts
    picture = tmp_path_factory.getbasetemp() / f"superset_{name}.png"
    page.screenshot(path=picture, full_page=True)
    text = page.inner_text("body")
    assert page.locator("[data-test='filter-bar__apply-button']").is_disabled(), f"a filter waits, see {picture}"
    page.close()
    assert not troubles, f"{troubles}, see {picture}"
    assert {chart: count for chart, count in rows.items() if chart in wanted and not count} == {}, picture
    assert wanted <= set(rows), picture
    assert not [word for word in ("错误", "Error", "没有数据", "No data", "No results") if word in text], picture
