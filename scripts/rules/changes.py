"""What a change of the rule files changes: its rows, the day of its effect, and rules as if in force all the time."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from rules.base import git
from rules.models import MODELS
from rules.rows import explains
from rules.tables import PROJECT_DIR
from warehouse import WarehouseError

KEYS = {name: model.KEY for name, model in MODELS.items()}
FOREVER = date(9999, 12, 31)
LAST_DAY = "2099-12-31"  # that a cell may name


@dataclass(frozen=True)
class Change:
    """A row of a rule file that is new, gone or different: rows by column, or None.

    follows is the row of the same key whose place a new row takes.
    """

    seed: str
    old: dict[str, str] | None
    new: dict[str, str] | None
    follows: dict[str, str] | None = None

    @property
    def row(self) -> dict[str, str]:
        """Return the row as proposed, or the one that goes."""
        return self.new or self.old or {}

    @property
    def key(self) -> str:
        """Return the row's key in words, such as standard/E3/2027-01-01."""
        columns = (*KEYS.get(self.seed, ()), "valid_from")
        return "/".join(self.row[column] or "*" for column in columns if column in self.row)

    @property
    def cells(self) -> list[tuple[str, str | None, str | None]]:
        """Return (column, old, new) of the cells that decide something and differ, or that a new row fills."""
        before = self.old or self.follows or {}
        after = self.new or {}
        skipped = set() if self.old and self.new else {"valid_from", *KEYS.get(self.seed, ())}
        judging = [column for column in self.row if column not in skipped and not explains(column)]
        return [
            (column, before.get(column), after.get(column)) for column in judging
            if (before.get(column) or "") != (after.get(column) or "")
        ]

    @property
    def words_only(self) -> bool:
        """Return whether only explaining cells differ."""
        return bool(self.old and self.new) and not self.cells


def read_rows(text: str) -> list[dict[str, str]]:
    """Return the rows of a rule file's text."""
    return list(csv.DictReader(io.StringIO(text)))


def rules_of_folder(folder: Path) -> dict[str, str]:
    """Return the texts of the rule files of a folder by name. Raises WarehouseError when there are none."""
    files = {path.stem: path.read_text("utf-8-sig") for path in sorted(folder.glob("*.csv"))}
    if not files:
        raise WarehouseError(f"{folder} holds no rule files (*.csv)")
    return files


def rules_of_commit(commit: str) -> dict[str, str]:
    """Return the texts of the rule files as of a commit that git knows."""
    names = (git(PROJECT_DIR, "ls-tree", "--name-only", commit, "seeds/rules/") or b"").decode().split()
    return {
        Path(name).stem: (git(PROJECT_DIR, "show", f"{commit}:{name}") or b"").decode("utf-8")
        for name in names if name.endswith(".csv")
    }


def changes_between(old: dict[str, str], new: dict[str, str]) -> list[Change]:
    """Return the rows that differ between two sets of rule files."""
    changes = []
    for seed in sorted(old.keys() | new.keys()):
        columns = (*KEYS.get(seed, ()), "valid_from")

        def by_key(text: str, columns: tuple[str, ...] = columns) -> dict[tuple, dict[str, str]]:
            return {tuple(row.get(column, "") for column in columns): row for row in read_rows(text)}

        before, after = by_key(old.get(seed, "")), by_key(new.get(seed, ""))
        for key in dict.fromkeys([*after, *before]):
            earlier = [other for other in before if other[:-1] == key[:-1] and other < key]
            follows = before[max(earlier)] if earlier and key not in before else None
            if before.get(key) != after.get(key):
                changes.append(Change(seed, before.get(key), after.get(key), follows))
    return changes


def first_day(row: dict[str, str]) -> date:
    """Return the day from which a row is in force."""
    first = row.get("valid_from") or row.get("go_live")
    return date.fromisoformat(first) if first else date.min


def last_day(row: dict[str, str]) -> date:
    """Return the last day on which a row is in force; a pilot without a shadow time never is."""
    if "shadow_until" in row:
        return date.fromisoformat(row["shadow_until"]) if row["shadow_until"] else date.min
    return date.fromisoformat(row["valid_to"]) if row.get("valid_to") else FOREVER


def day_of_effect(changes: list[Change], today: date) -> date:
    """Return the first day on which all changes have taken effect, today at the earliest.

    An exemption and a shadow time end by themselves: they are tried while they hold.
    """
    days = [today]
    for change in changes:
        if change.words_only:
            continue
        if change.new and ("valid_from" in change.new or change.new.get("shadow_until")):
            days.append(first_day(change.new))
        is_ended = change.new and change.old and last_day(change.new) < last_day(change.old)
        if is_ended and change.seed not in ("exemptions", "pilots"):
            days.append(last_day(change.new) + timedelta(days=1))
    return max(days)


def as_if_in_force(rules: dict[str, str], day: date, since: date) -> dict[str, str]:
    """Return the rule files with only the rows in force on a day, all dated back to the first judged period."""
    all_rows = [row for text in rules.values() for row in read_rows(text) if row.get("valid_from")]
    since = min(since, *(first_day(row) for row in all_rows))
    dated = {}
    for seed, text in rules.items():
        rows = read_rows(text)
        dates = ("go_live", "shadow_until") if seed == "pilots" else ("valid_from", "valid_to")
        if not rows or dates[0] not in rows[0]:
            dated[seed] = text
            continue
        file = io.StringIO()
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        for row in rows:
            if first_day(row) <= day <= last_day(row):
                # Of a pilot, an empty last day is none.
                writer.writerow(row | dict(zip(dates, (str(since), LAST_DAY if seed == "pilots" else ""), strict=True)))
        dated[seed] = file.getvalue()
    return dated
