"""Readers never notice a build: every query answers, and none sees a missing, empty or half-built mart."""

import threading
import time

import pytest

import raw_tables
import warehouse
from conftest import Project

AS_OF = "2026-03-31"
NAMED = {"window_id": "W1", "clerk_id": "C1"}
# each mart with the columns of a slice: one build writes a slice whole
MARTS = {
    **dict.fromkeys(["scores", "score_components", "dimension_scores", "metrics", "rankings",
                     "hall_contributions", "score_spreads"], "period_type, period_start"),
    "data_quality": "service_day",
    **dict.fromkeys(["scores_current", "dim_halls", "dim_windows", "dim_clerks", "dim_metrics", "dim_periods"], "1"),
}


@pytest.fixture(scope="module")
def built(project: Project) -> Project:
    raw_tables.create(project, "service_log", "feedback", "complaints")
    for day in ("2026-03-10", "2026-03-30"):
        raw_tables.insert(project, "service_log", raw_tables.cases(20, day, "H1", **NAMED))
        raw_tables.insert(project, "feedback", raw_tables.ratings([5, 4], day, "H1", **NAMED))
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
            mart, slices = list(MARTS.items())[(first + done) % len(MARTS)]
            try:
                cursor.execute(
                    f"select count(*), count(distinct {slices}, build_id) - count(distinct {slices})"
                    f" from {built.schema}.{mart}"
                )
                found = cursor.fetchone()
                if found != (sizes[mart], 0):
                    failures.append(f"{mart}: {found} instead of ({sizes[mart]}, 0)")
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
        # Twice the day's slices are overwritten, then the marts swapped whole.
        for day, options in (("2026-03-30", ()), ("2026-03-30", ()), ("2026-03-10", ("--full-refresh",))):
            raw_tables.insert(built, "service_log", raw_tables.cases(1, day, "H1", **NAMED))
            built.build(AS_OF, *options)
    finally:
        stop.set()
        for reader in readers:
            reader.join()
    assert not failures, f"{len(failures)} of {sum(counts)}: " + "; ".join(failures[:5])
    assert sum(counts) > 1000
