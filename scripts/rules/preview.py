"""The page of a preview, from the change of the rule files to its effect."""

from __future__ import annotations

import argparse
import json
import re
from datetime import datetime, timedelta, timezone

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from provenance import git_commit
from rules.base import find_base
from rules.changes import as_if_in_force, changes_between, day_of_effect, rules_of_commit, rules_of_folder
from rules.check import check
from rules.effects import effects, rule_books, without_effect
from rules.tables import PROJECT_DIR, SEEDS
from rules.trial import MEASURED_BY, Warehouse
from warehouse import WarehouseError


def write_page(**found: object) -> str:
    """Return the Markdown page."""
    environment = Environment(  # noqa: S701 - Markdown, whose cells are escaped by the filter
        loader=FileSystemLoader(PROJECT_DIR / "scripts" / "templates"), undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, keep_trailing_newline=True,
    )

    def cell(value: object) -> str:
        return "–" if value is None else re.sub(r"([|<>\\`*\[\]])", r"\\\1", str(value)).replace("\n", " ")

    def signed(value: object) -> str:
        return "–" if value is None else "0" if not round(value, 2) else f"{value:+.2f}".replace("-", "−")

    environment.filters |= {"cell": cell, "signed": signed}
    return environment.get_template("preview.md.j2").render(**found)


def preview(options: argparse.Namespace) -> str:
    """Return the page for the command's options. Raises WarehouseError with what is wrong."""
    if options.seeds:
        commit, base = None, "seeds/rules"
        old, new = rules_of_folder(SEEDS), rules_of_folder(options.seeds)
    else:
        commit, base = find_base(SEEDS, options.base), options.base
        if commit is None:
            raise WarehouseError(f"git knows no commit {options.base}")
        old, new = rules_of_commit(commit), rules_of_folder(SEEDS)
    # A file that is not there yet is one without rows.
    old |= {seed: new[seed].split("\n")[0] + "\n" for seed in new.keys() - old.keys()}
    problems = [problem for problem in check(options.seeds or SEEDS, commit) if not problem.is_note]
    if problems:
        raise WarehouseError("the proposed rules are wrong:\n" + "\n".join(map(str, problems)))
    changes = changes_between(old, new)
    warehouse = Warehouse(options.target)
    warehouse.drop_old()
    periods = warehouse.judged_periods(options.last)
    if not periods:
        raise WarehouseError("the marts hold no closed period to judge; run `dbt build` on some weeks of logs first")
    found: dict = {"effects": None, "idle": [], "hashes": {}}
    today = datetime.now(timezone(timedelta(hours=8))).date()
    day = options.on or day_of_effect(changes, today)
    if changes:
        parameters = {change.row["parameter"] for change in changes if change.seed == "metric_parameters"}
        since = min(period["period_start"] for period in periods)
        variables = json.loads(options.vars)
        as_of = warehouse.select(
            "select date_format(max(as_of_date), '%Y-%m-%d') as day from {live}_work.plan_raw_days")
        variables.setdefault("as_of_date", as_of[0]["day"])
        books = {"present": as_if_in_force(old, day, since), "proposed": as_if_in_force(new, day, since)}
        with warehouse.judged(books, periods, bool(parameters & MEASURED_BY), variables):
            found["effects"] = effects(warehouse, periods)
            crossed = {row["id"] for row in found["effects"]["crossings"]}
            found["idle"] = without_effect(warehouse, changes, new, day, crossed)
            found["hashes"] = {book: rule_books(warehouse, book) for book in books}
    return write_page(changes=changes, base=base, day=day, periods=periods, commit=git_commit(), **found)
