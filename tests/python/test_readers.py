"""Readers never notice a build: every query succeeds, and none sees a missing, empty or half-built mart."""

import json
import threading
import time

import pytest

import raw_tables
import warehouse
from conftest import Project

AS_OF = "2026-03-31"
NAMED = {"window_id": "W1", "clerk_id": "C1"}


@pytest.fixture(scope="module")
def built(project: Project) -> Project:
    raw_tables.create(project, "service_log", "feedback", "complaints")
    for day in ("2026-03-10", "2026-03-30"):
        raw_tables.insert(project, "service_log", raw_tables.cases(20, day, "H1", **NAMED))
        raw_tables.insert(project, "feedback", raw_tables.ratings([5, 4], day, "H1", **NAMED))
    project.build(AS_OF)
    return project


@pytest.fixture(scope="module")
def marts(built) -> dict[str, str]:
    """Return for each public mart a query that counts slices, or whole tables, with rows of two builds."""
    manifest = json.loads((built.folder / "target" / "manifest.json").read_text("utf-8"))
    found = {}
    for node in manifest["nodes"].values():
        if node["schema"] == built.schema and node["resource_type"] == "model":
            sliced = node["config"]["materialized"] == "incremental"
            slices = ", ".join(node["config"]["slice_by"] if sliced else ["1"])
            found[node["name"]] = f"count(distinct {slices}, build_id) - count(distinct {slices})"
            if node["name"].startswith("publi") or node["config"]["materialized"] == "view":
                found[node["name"]] = "0"  # a ledger, which is append-only, and views
    assert len(found) == 36
    return found


def sizes_of(built: Project, marts: dict[str, str]) -> dict[str, int]:
    return {mart: int(built.query(f"select count(*) as n from {{schema}}.{mart}").n[0]) for mart in marts}


def test_readers_never_notice_a_build(built, marts):
    sizes = sizes_of(built, marts)
    # There are no case times, comments, merit, actions, appeals or audits.
    assert sum(size > 0 for size in sizes.values()) > 20
    stop, failures, seen, asked = threading.Event(), [], set(), []

    def read(first: int) -> None:
        connection = warehouse.connect(autocommit=True)
        cursor, done = connection.cursor(), 0
        while not stop.is_set():
            mart, mixed = list(marts.items())[(first + done) % len(marts)]
            try:
                cursor.execute(f"select count(*), {mixed} from {built.schema}.{mart}")
                size, slices_of_two_builds = cursor.fetchone()
                seen.add((mart, size))
                if slices_of_two_builds:
                    failures.append(f"{mart}: {slices_of_two_builds} slices of two builds")
            except Exception as error:  # any error of a reader is a failure
                failures.append(f"{mart}: {error}")
            done += 1
            asked.append(mart)
            time.sleep(0.05)  # do not flood: the build shares two cores
        connection.close()

    readers = [threading.Thread(target=read, args=(n,)) for n in range(2)]
    for reader in readers:
        reader.start()
    try:
        # The day's slices are overwritten twice, then the marts swapped whole; repeat until there were enough queries.
        builds = [("2026-03-30", ()), ("2026-03-30", ()), ("2026-03-10", ("--full-refresh",))]
        while builds or (len(asked) <= 1000 and all(reader.is_alive() for reader in readers)):
            day, options = builds.pop(0) if builds else ("2026-03-30", ())
            raw_tables.insert(built, "service_log", raw_tables.cases(1, day, "H1", **NAMED))
            built.build(AS_OF, *options)
    finally:
        stop.set()
        for reader in readers:
            reader.join()
    assert not failures, f"{len(failures)} of {len(asked)}: " + "; ".join(failures[:5])
    after = sizes_of(built, marts)
    assert not {(mart, size) for mart, size in seen if size not in (sizes[mart], after[mart])}
    # Periods published since show drift; an added case changes the row count of no other mart.
    assert {mart for mart in marts if sizes[mart] != after[mart]} <= {"publication_drift"}
    assert set(asked) == set(marts) and len(asked) > 1000
