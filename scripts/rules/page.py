"""The page docs/rules.md, from the marts."""

from __future__ import annotations

from decimal import Decimal

import mysql.connector
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from warehouse import PROJECT_DIR, WarehouseError, connect, read_profile

# One relation a part of the page. Dated rows stand in the order of their dates, so that the page
# is the same on any day.
QUERIES = {
    "assignments": "select * from {schema}_rules.rule_set_assignments order by hall_id, valid_from",
    "weights": """
        select weights.*, dimensions.label_zh as dimension_zh, dimensions.label_en as dimension_en
        from {schema}_rules.dimension_weights as weights
        inner join {schema}_rules.dimensions as dimensions on weights.dimension = dimensions.dimension
        order by weights.rule_set, weights.valid_from, weights.weight + 0 desc, weights.dimension
    """,
    "rules": """
        select book.*, dimensions.label_zh as dimension_zh, dimensions.label_en as dimension_en
        from {schema}.rule_book as book
        left join (
            select rule_set, dimension, max(weight + 0) as weight from {schema}_rules.dimension_weights group by 1, 2
        ) as weights on book.rule_set = weights.rule_set and book.dimension = weights.dimension
        inner join {schema}_rules.dimensions as dimensions on book.dimension = dimensions.dimension
        order by book.rule_set, weights.weight desc, book.dimension, length(rule_id), rule_id, valid_from
    """,
    "metrics": """
        select metrics.*, units.word_zh as unit_zh, units.words_en as unit_en
        from {schema}.dim_metrics as metrics
        left join {schema}_rules.units as units on metrics.unit = units.unit
        order by metrics.is_measured desc, metrics.metric
    """,
    "parameters": "select * from {schema}.dim_parameters order by parameter, valid_from",
    "pilots": "select * from {schema}_rules.pilots order by go_live, pilot_id",
}


def read_marts(target: str | None) -> dict[str, list[dict]]:
    """Return the rows of each part. Raises WarehouseError when a mart is not there."""
    schema = read_profile(target)["schema"]
    connection = connect(target)
    cursor = connection.cursor(dictionary=True)
    found = {}
    try:
        for name, query in QUERIES.items():
            cursor.execute(query.format(schema=schema))
            found[name] = cursor.fetchall()
    except mysql.connector.Error as error:
        raise WarehouseError(f"schema {schema} has no rule book (run `make rules`): {error.msg}") from None
    return found


def render(parts: dict[str, list[dict]]) -> str:
    """Return the page as Markdown."""
    environment = Environment(
        loader=FileSystemLoader(PROJECT_DIR / "scripts" / "templates"), undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - Markdown, not HTML
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )
    environment.filters["cell"] = lambda value: str(value or "").replace("|", "\\|").replace("\n", " ")
    environment.filters["percent"] = lambda value: f"{(Decimal(value) * 100).normalize():f} %"
    return environment.get_template("rules.md.j2").render(parts)
