"""Check all rule files of a folder."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from pathlib import Path

from rules.across import (
    check_assignments,
    check_bands,
    check_bases,
    check_exemptions,
    check_keys,
    check_keywords,
    check_metrics,
    check_parameters,
    check_tiers,
    check_triggers,
    check_weights,
)
from rules.base import git
from rules.begun import check_against
from rules.messages import choose
from rules.models import MODELS
from rules.notes import note_differences, note_late_decisions, note_stale_labels
from rules.tables import PROJECT_DIR, SEEDS, Problem, Table, read_table


def check(folder: Path = SEEDS, base: str | None = None, today: date | None = None) -> list[Problem]:
    """Return the problems and notes of a folder of seeds, by file and line.

    base is a git ref that exists: rows that have begun there are compared with it.
    """
    today = today or datetime.now(timezone(timedelta(hours=8))).date()
    folder = Path(folder).resolve()
    place = folder.relative_to(PROJECT_DIR) if folder.is_relative_to(PROJECT_DIR) else folder
    tables = {}
    for name, model in MODELS.items():
        path = folder / f"{name}.csv"
        table = tables[name] = Table(f"{place}/{path.name}")
        if path.is_file():
            read_table(table, path.read_bytes(), model)
        else:
            table.add(1, "header", "缺少此文件；应补上，至少有表头",
                      "the file is missing; add it, with its header at least")
    for path in sorted(folder.glob("*.csv")):
        if path.stem not in MODELS:
            zh, en = choose(path.stem, MODELS)
            tables[path.stem] = Table(f"{place}/{path.name}")
            tables[path.stem].add(1, "header", f"不是已知的规则文件；{zh}", f"is not a known rule file; {en}")
    rules, weights = tables["scoring_rules"], tables["dimension_weights"]
    for table in tables.values():
        check_keys(table)
        note_late_decisions(table)
    check_bands(rules)
    check_bases(rules)
    check_metrics(rules, tables["metric_definitions"])
    check_tiers(tables["reward_tiers"])
    check_triggers(tables["improvement_triggers"], tables["metric_definitions"])
    check_keywords(tables["pain_point_keywords"])
    check_weights(rules, weights)
    check_assignments(tables["rule_set_assignments"], rules)
    check_parameters(tables["metric_parameters"], today)
    check_exemptions(tables["exemptions"], rules, today)
    note_differences(rules, today)
    note_differences(weights, today)
    for table in tables.values():
        note_stale_labels(table, today)
    for name, model in MODELS.items() if base else ():
        content = git(folder, "show", f"{base}:./{name}.csv")
        if content is not None:
            check_against(tables[name], content, model, today)
    return sorted((p for table in tables.values() for p in table.problems), key=lambda p: (p.file, p.line))
