"""Raw tables for tests: made from the contract, filled from plain dictionaries."""

from __future__ import annotations

from conftest import Project
from loading.contract import read_contract
from loading.merge import create_statement


def create(project: Project, *tables: str) -> None:
    """Create raw tables with all columns of the contract, by the loader's statement."""
    contract = read_contract()
    for table in tables:
        project.execute(create_statement(project.raw_schema, table, contract[table]))


def insert(project: Project, table: str, rows: list[dict]) -> None:
    """Insert rows; missing columns are null."""
    names = sorted({name for row in rows for name in row})
    marks = ", ".join(["%s"] * len(names))
    project.execute(
        f"insert into {project.raw_schema}.{table} ({', '.join(f'`{name}`' for name in names)}) values ({marks})",
        [tuple(row.get(name) for name in names) for row in rows],
    )


def cases(count: int, day: str, hall: str, minutes: float = 10, completed: int | None = None, **columns) -> list[dict]:
    """Return cases of one hall and day, the first `completed` of them done at the first visit (default: all)."""
    done = count if completed is None else completed
    return [
        {"service_date": day, "hall_id": hall, "process_time": minutes, "is_completed": int(n < done)} | columns
        for n in range(count)
    ]


def ratings(stars: list[int], day: str, hall: str, **columns) -> list[dict]:
    return [{"date": day, "hall_id": hall, "rating": str(star)} | columns for star in stars]


def complaint(hall: str, made: str, resolved: str | None, **columns) -> dict:
    return {
        "hall_id": hall, "complaint_date": made[:10], "complaint_time": made, "resolution_time": resolved
    } | columns
