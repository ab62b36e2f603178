"""Readers never notice a build: every query answers, and none sees a missing, empty or half-built mart."""

import threading
import time

import pytest
import raw_tables
import warehouse
from conftest import Project

AS_OF = "2026-03-31"
MARTS = [
    "scores", "scores_current", "score_components", "dimension_scores", "metrics", "rankings", "data_quality",
    "dim_halls", "dim_windows", "dim_clerks", "dim_metrics", "dim_periods",
]


@pytest.fixture(scope="module")
def built(project: Project) -> Project:
    raw_tables.create(project, "service_log", "feedback", "complaints")
    named = {"window_id": "W1", "clerk_id": "C1"}
    raw_tables.insert(project, "service_log", raw_tables.cases(20, "2026-03-10", "H1", **named))
    raw_tables.insert(project, "feedback", raw_tables.ratings([5, 4], "2026-03-10", "H1", **named))
    project.build(AS_OF)
    return project


def test_readers_never_notice_a_build(built):
    sizes = {mart: int(built.query(f"select count(*) as n from {{schema}}.{mart}").n[0]) for mart in MARTS}
    assert all(sizes.values())
    stop, failures, counts = threading.Event(), [], []

    def read(first: int) -> None:
        connection = warehouse.connect(autocommit=True)
        cursor, done = connection.cursor(), 0
        while not stop.is_set():
            mart = MARTS[(first + done) % len(MARTS)]
            try:
                cursor.execute(f"select count(*), count(distinct build_id) from {built.schema}.{mart}")
                found = cursor.fetchone()
                if found != (sizes[mart], 1):
                    failures.append(f"{mart}: {found} instead of ({sizes[mart]}, 1)")
            except Exception as error:  # whatever a reader sees is a failure
                failures.append(f"{mart}: {error}")
            done += 1
            time.sleep(0.01)  # a reader, not a flood: the build has two cores to share
        counts.append(done)
        connection.close()

    readers = [threading.Thread(target=read, args=(n,)) for n in range(2)]
    for reader in readers:
        reader.start()
    try:
        for _ in range(3):
            built.build(AS_OF)
    finally:
        stop.set()
        for reader in readers:
            reader.join()
    assert not failures, f"{len(failures)} of {sum(counts)}: " + "; ".join(failures[:5])
    assert sum(counts) > 1000
