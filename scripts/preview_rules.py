"""Show what a change of the rule files would do to the scores, before anybody merges it.

Judges the latest closed periods by both rule books, the present and the proposed one, in scratch
schemas, from the metrics that the marts already hold: no log is read, no mart is touched, and the
scratch schemas are removed also when something fails. Writes Markdown for a comment on the pull request.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import mysql.connector
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from mysql.connector import errorcode

from check_rules import check, find_base, git
from provenance import git_commit
from rule_models import MODELS, explains
from warehouse import PROJECT_DIR, WarehouseError, connect, printable, read_profile

RULES = PROJECT_DIR / "seeds" / "rules"
KEYS = {name: model.KEY for name, model in MODELS.items()}
# The models that judge; those that must measure again when such a parameter changes. Both read daily measures,
# never a log.
JUDGING = [
    "int_subject_periods", "int_rule_book_hashes", "score_components", "dimension_scores", "scores",
    "standing_scores", "rankings", "int_trigger_runs", "improvement_actions", "reward_candidates",
]
MEASURING = [
    "int_periods", "int_period_waits", "int_period_complaints", "int_period_callbacks", "int_period_measures",
    "metrics",
]
MEASURED_BY = {
    "complaint_deadline_hours", "satisfied_rating", "attribution_minimum_share", "case_mix_reference_minutes",
    "wait_target_minutes", "negative_rating", "callback_deadline_hours",
}
PERIOD_TYPES = ("week", "month", "quarter", "year")
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


class Warehouse:
    """The live marts, and the scratch schemas of one preview beside them."""

    def __init__(self, target: str | None):
        """Connect to an output of profiles.yml. Raises WarehouseError when it does not answer."""
        self.target = target
        self.live = read_profile(target)["schema"]
        scratch = f"{self.live}_preview_{datetime.now():%Y%m%d%H%M}_{secrets.token_hex(3)}"
        self.schemas = {"live": self.live, "present": f"{scratch}_present", "proposed": f"{scratch}_proposed"}
        self.connection = connect(target, autocommit=True)

    def select(self, sql: str) -> list[dict]:
        """Return the rows of a query in which {live}, {present} and {proposed} stand for the schemas."""
        cursor = self.connection.cursor(dictionary=True)
        for name, schema in self.schemas.items():
            sql = sql.replace(f"{{{name}}}", schema)
        try:
            cursor.execute(sql)
            rows = cursor.fetchall() if cursor.description else []
            return [{name: printable(cell) for name, cell in row.items()} for row in rows]
        except mysql.connector.Error as error:
            missing = error.errno in (errorcode.ER_NO_SUCH_TABLE, errorcode.ER_BAD_DB_ERROR)
            raise WarehouseError(f"{error.msg}{'; run `dbt build` first' if missing else ''}") from None
        finally:
            cursor.close()

    def judged_periods(self, last: int) -> list[dict]:
        """Return the latest closed periods of each type, up to a number of each."""
        return self.select(f"""
            select period_type, period_start, period_end from (
                select period_type, period_start, period_end,
                    row_number() over (partition by period_type order by period_start desc) as age
                from {{live}}.dim_periods where is_closed and period_type in {PERIOD_TYPES}
            ) as periods where age <= {last} order by period_type, period_start
        """)

    def scratch_schemas(self, prefix: str) -> list[str]:
        """Return the names of the schemas that begin with a prefix."""
        pattern = prefix.replace("_", "\\_") + "%"
        rows = self.select("select schema_name as name from information_schema.schemata"
                           f" where schema_name like '{pattern}'")
        return [row["name"] for row in rows]

    def drop(self, schemas: list[str]) -> None:
        """Drop schemas."""
        for name in schemas:
            self.select(f"drop schema if exists `{name}`")

    def drop_old(self) -> None:
        """Drop what previews killed a day ago or longer left behind."""
        prefix = f"{self.live}_preview_"
        yesterday = f"{datetime.now() - timedelta(days=1):%Y%m%d%H%M}"
        self.drop([
            name for name in self.scratch_schemas(prefix)
            if re.match(r"\d{12}", name.removeprefix(prefix)) and name.removeprefix(prefix)[:12] < yesterday
        ])

    @contextmanager
    def judged(
        self, books: dict[str, dict[str, str]], periods: list[dict], remeasure: bool, variables: dict
    ) -> Iterator[None]:
        """Judge the periods by each rule book ({schema's name: rule files}); the schemas are gone afterwards."""
        models = [*JUDGING, *(MEASURING if remeasure else [])]
        slices = [f"{period['period_type']} {period['period_start']}" for period in periods]
        with tempfile.TemporaryDirectory() as name:
            try:
                folders = {book: self._copy_project(Path(name) / book, rules) for book, rules in books.items()}
                state = Path(name) / "state"
                self._wait(self._dbt(next(iter(folders.values())), state, "parse", variables))
                runs = [
                    self._dbt(
                        folder, folder / "target", "build",
                        variables | {"scratch_schema": self.schemas[book], "only_periods": slices},
                        "--defer", "--state", str(state), "--resource-type", "model", "--resource-type", "seed",
                        "--select", "path:seeds/rules", "path:models/staging/rules", *models,
                    )
                    for book, folder in folders.items()
                ]
                try:
                    for run in runs:
                        self._wait(run)
                finally:
                    for run in runs:
                        run.kill()
                        run.wait()
                yield
            finally:
                self.drop(self.scratch_schemas(self.schemas["present"].removesuffix("present")))

    @staticmethod
    def _copy_project(folder: Path, rules: dict[str, str]) -> Path:
        for part in ("models", "macros", "seeds/reference", "tests/generic"):
            shutil.copytree(PROJECT_DIR / part, folder / part)
        shutil.copy(PROJECT_DIR / "dbt_project.yml", folder)
        shutil.copy(RULES.parent / "_seeds.yml", folder / "seeds")
        (folder / "seeds" / "rules").mkdir()
        for seed, text in rules.items():
            (folder / "seeds" / "rules" / f"{seed}.csv").write_text(text, "utf-8")
        return folder

    def _dbt(self, folder: Path, target: Path, command: str, variables: dict, *arguments: str) -> subprocess.Popen:
        line = [
            str(Path(sys.executable).parent / "dbt"), "--quiet", "--no-use-colors", command,
            "--project-dir", str(folder), "--profiles-dir", str(PROJECT_DIR),
            "--target-path", str(target), "--log-path", str(folder / "logs"),
            "--vars", json.dumps(variables), *arguments, *(["--target", self.target] if self.target else []),
        ]
        return subprocess.Popen(  # noqa: S603
            line, cwd=PROJECT_DIR, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    @staticmethod
    def _wait(run: subprocess.Popen) -> None:
        output = run.communicate()[0]
        if run.returncode:
            raise WarehouseError(f"the rules could not be judged:\n{output.strip()}")


DELTAS = """
    select proposed.period_type, proposed.period_start, proposed.hall_id, proposed.subject_type, proposed.subject_id,
        present.case_count,
        present.composite_score as old_score, proposed.composite_score as new_score,
        coalesce(proposed.composite_score - present.composite_score, 0) as delta,
        present.status as old_status, proposed.status as new_status,
        old_ranks.rank_in_group as old_rank, new_ranks.rank_in_group as new_rank
    from {proposed}.scores as proposed
    inner join {present}.scores as present
        using (period_type, period_start, hall_id, subject_type, subject_id)
    left join {present}.rankings as old_ranks using (period_type, period_start, hall_id, subject_type, subject_id)
    left join {proposed}.rankings as new_ranks using (period_type, period_start, hall_id, subject_type, subject_id)
"""
COUNTS = """
    count(*) as units, sum(delta > 0) as gain, sum(delta < 0) as lose,
    sum(old_status = 'scored' or new_status = 'scored') as scored, sum(old_status <> new_status) as status_changes,
    sum(not old_rank <=> new_rank) as rank_changes, round(avg(nullif(delta, 0)), 2) as mean_change,
    round(max(delta), 2) as largest_gain, round(min(delta), 2) as largest_loss
"""


def crossings(in_latest: str) -> str:
    """Return a query for the rewards and actions of the latest periods that begin or end under the proposed rules."""
    subject = "period_type, period_start, hall_id, subject_type, subject_id"

    def held(book: str) -> str:
        return f"""
            select {subject}, 'reward' as kind, tier_id as id, label_zh, label_en
            from {{{book}}}.reward_candidates where is_candidate and ({in_latest})
            union all
            select {subject}, 'action' as kind, trigger_id as id, label_zh, label_en
            from {{{book}}}.improvement_actions where is_open and ({in_latest})
        """

    return f"""
        select {subject}, kind, id, min(label_zh) as label_zh, min(label_en) as label_en,
            sum(change_sign) as change_sign
        from (
            select proposed.*, 1 as change_sign from ({held("proposed")}) as proposed
            union all
            select present.*, -1 as change_sign from ({held("present")}) as present
        ) as sides
        group by {subject}, kind, id
        having sum(change_sign) <> 0
        order by kind desc, id, change_sign desc, {subject}
    """


def effects(warehouse: Warehouse, periods: list[dict]) -> dict:
    """Return what differs between the scores by the present and by the proposed rules, as rows for the page."""
    warehouse.select(f"create table {{proposed}}.score_deltas as {DELTAS}")
    warehouse.select(f"create table {{proposed}}.component_deltas as {COMPONENT_DELTAS}")
    latest = {period["period_type"]: period["period_start"] for period in periods}
    shown = "month" if "month" in latest else max(latest, key=PERIOD_TYPES.index, default=None)
    in_latest = " or ".join(f"(period_type = '{kind}' and period_start = '{start}')" for kind, start in latest.items())
    in_shown = f"period_type = '{shown}' and period_start = '{latest[shown]}'"
    subject = "hall_id, subject_type, subject_id"
    movers = {}
    for name, order, sign in (("gainers", "desc", ">"), ("losers", "asc", "<")):
        movers[name] = warehouse.select(f"""
            select movers.*, reasons.rule_id, round(reasons.weighted_change, 2) as weighted_change
            from (
                select * from {{proposed}}.score_deltas as deltas where {in_shown} and delta {sign} 0
                order by delta {order}, {subject} limit 10
            ) as movers
            left join (
                select hall_id, subject_type, subject_id, rule_id, weighted_change,
                    row_number() over (
                        partition by {subject} order by weighted_change {order}, rule_id
                    ) as place
                from {{proposed}}.component_deltas as component_deltas where {in_shown}
            ) as reasons using ({subject})
            where reasons.place = 1 or reasons.place is null
            order by delta {order}, {subject}
        """)
    return {
        "latest": latest,
        "shown": shown,
        "summary": warehouse.select(f"""
            select period_type, period_start, subject_type, {COUNTS}
            from {{proposed}}.score_deltas as deltas where {in_latest}
            group by period_type, period_start, subject_type
            order by field(period_type, 'week', 'month', 'quarter', 'year'),
                field(subject_type, 'hall', 'department', 'window', 'clerk')
        """),
        "halls": warehouse.select(f"""
            select * from (select hall_id, round(max(case when subject_type = 'hall' then delta end), 2) as hall_change,
                sum(subject_type <> 'hall' and delta > 0) as gain, sum(subject_type <> 'hall' and delta < 0) as lose,
                round(avg(case when subject_type = 'window' then delta end), 2) as window_change,
                round(avg(case when subject_type = 'clerk' then delta end), 2) as clerk_change
            from {{proposed}}.score_deltas as deltas where {in_shown} group by hall_id) as halls
            order by abs(coalesce(hall_change, 0)) desc, hall_id
        """),
        "sizes": warehouse.select(f"""
            select subject_type, size, min(case_count) as fewest_cases, max(case_count) as most_cases, {COUNTS}
            from (
                select deltas.*, ntile(3) over (partition by subject_type order by case_count, {subject}) as size
                from {{proposed}}.score_deltas as deltas where {in_shown} and new_status = 'scored'
            ) as sized
            group by subject_type, size order by field(subject_type, 'hall', 'department', 'window', 'clerk'), size
        """),
        "ranks": warehouse.select(f"""
            select * from {{proposed}}.score_deltas as deltas where {in_shown} and old_rank <> new_rank
            order by abs(cast(old_rank as signed) - cast(new_rank as signed)) desc, {subject} limit 10
        """),
        "crossings": warehouse.select(crossings(in_latest)),
        "back_test": warehouse.select(f"""
            select period_type, period_start, {COUNTS} from {{proposed}}.score_deltas as deltas
            group by period_type, period_start
            order by field(period_type, 'week', 'month', 'quarter', 'year'), period_start
        """),
        **movers,
    }


# All components of both sides: a rule may be new or gone.
COMPONENT_DELTAS = """
    select period_type, period_start, hall_id, subject_type, subject_id, rule_id,
        sum(points) as point_change, sum(weighted_points) as weighted_change
    from (
        select components.period_type, components.period_start, components.hall_id, components.subject_type,
            components.subject_id, components.rule_id, components.points,
            components.points * scored.weight as weighted_points
        from {proposed}.score_components as components
        inner join {proposed}.dimension_scores as scored
            using (period_type, period_start, hall_id, subject_type, subject_id, dimension)
        union all
        select components.period_type, components.period_start, components.hall_id, components.subject_type,
            components.subject_id, components.rule_id, -components.points,
            -components.points * scored.weight as weighted_points
        from {present}.score_components as components
        inner join {present}.dimension_scores as scored
            using (period_type, period_start, hall_id, subject_type, subject_id, dimension)
    ) as sides
    group by period_type, period_start, hall_id, subject_type, subject_id, rule_id
    having sum(points) <> 0 or sum(weighted_points) <> 0
"""


def touches(change: Change, moved: list[dict], crossed: set[str]) -> bool:
    """Return whether a changed row can have moved any of the components, rewards or actions that moved."""
    row = change.row
    if change.seed in ("improvement_triggers", "reward_tiers"):
        return row[KEYS[change.seed][0]] in crossed
    columns = {
        "scoring_rules": ("rule_set", "rule_id"), "dimension_weights": ("rule_set",),
        "rule_set_assignments": ("hall_id",), "exemptions": ("hall_id", "subject_type", "subject_id", "rule_id"),
    }.get(change.seed, ())
    return any(all(row[column] in ("", subject[column]) for column in columns) for subject in moved)


def without_effect(
    warehouse: Warehouse, changes: list[Change], rules: dict[str, str], day: date, crossed: set[str]
) -> list[tuple]:
    """Return (change, reason in Chinese, reason in English) of each changed row that moves no score."""
    followed = {row["rule_set"] for row in read_rows(rules["rule_set_assignments"])
                if first_day(row) <= day <= last_day(row)}
    weights = {(row["rule_set"], row["dimension"]): float(row["weight"])
               for row in read_rows(rules["dimension_weights"]) if first_day(row) <= day <= last_day(row)}
    moved = warehouse.select("""
        select distinct scores.rule_set, moved.hall_id, moved.subject_type, moved.subject_id, moved.rule_id
        from {proposed}.component_deltas as moved
        inner join {proposed}.scores as scores using (period_type, period_start, hall_id, subject_type, subject_id)
    """)
    shadowed = {row["hall_id"] for row in warehouse.select("""
        select distinct hall_id from {proposed}.score_deltas as deltas
        where old_status <> new_status and 'shadow' in (old_status, new_status)
    """)}
    idle = []
    for change in changes:
        row = change.row
        if change.words_only:
            reason = ("只改了说明文字", "only its words differ")
        elif change.seed == "pilots" and not any(side["shadow_until"] for side in (change.old, change.new) if side):
            reason = ("没有影子期，只作比较", "without a shadow time it only compares")
        elif change.new and not change.old and not first_day(row) <= day <= last_day(row):
            reason = (f"{day} 这天未生效", f"not in force on {day}")
        elif change.seed == "metric_parameters" and row["parameter"] not in MEASURED_BY:
            reason = ("该参数在重新统计原始记录后才起作用，无法预览", "it acts when logs are counted again: no preview")
        elif change.seed in ("item_standards", "rating_levels"):
            reason = ("重新统计每日数据后才起作用，无法预览", "it acts when days are counted again: no preview")
        elif change.seed in ("metric_definitions", "work_calendar", "quality_limits", "pain_point_keywords"):
            reason = ("这个文件不影响得分", "this file moves no score")
        elif change.seed in ("scoring_rules", "dimension_weights") and row["rule_set"] not in followed:
            reason = ("没有大厅使用该规则集", "no hall follows its rule set")
        elif change.seed == "scoring_rules" and not weights.get((row["rule_set"], row["dimension"])):
            reason = ("该维度权重为 0", "its dimension has weight 0")
        elif not (row["hall_id"] in shadowed if change.seed == "pilots" else touches(change, moved, crossed)):
            reason = ("所评周期的结果不因它而变", "nothing in the judged periods differs by it")
        else:
            continue
        idle.append((change, *reason))
    return idle


def rule_books(warehouse: Warehouse, schema: str) -> dict[str, str]:
    """Return the hash of each rule set's rules for the latest closed period that was judged."""
    return {row["rule_set"]: row["hash"] for row in warehouse.select(f"""
        select rule_set, min(rule_book_hash) as hash from {{{schema}}}.scores as scores
        where is_closed and rule_set is not null and period_start = (
            select max(period_start) from {{{schema}}}.scores as later
            where later.is_closed and later.rule_set = scores.rule_set
        )
        group by rule_set order by rule_set
    """)}


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
        old, new = rules_of_folder(RULES), rules_of_folder(options.seeds)
    else:
        commit, base = find_base(RULES, options.base), options.base
        if commit is None:
            raise WarehouseError(f"git knows no commit {options.base}")
        old, new = rules_of_commit(commit), rules_of_folder(RULES)
    # A file that is not there yet is one without rows.
    old |= {seed: new[seed].split("\n")[0] + "\n" for seed in new.keys() - old.keys()}
    problems = [problem for problem in check(options.seeds or RULES, commit) if not problem.is_note]
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


def main() -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--base", metavar="REF", help="compare seeds/rules with those of this commit")
    what.add_argument("--seeds", metavar="DIR", type=Path, help="try the rule files of this folder, without a commit")
    parser.add_argument("--on", type=date.fromisoformat, metavar="DATE", help="judge by the rules in force on this day"
                        " (default: when the last of the changes is in force)")
    parser.add_argument("--last", type=int, default=6, help="closed periods of each type to judge (default 6)")
    parser.add_argument("--out", type=Path, default=PROJECT_DIR / "reports" / "preview.md")
    parser.add_argument("--target", help="output of profiles.yml (default: its own default)")
    parser.add_argument("--vars", default="{}", help="dbt vars as JSON, as for dbt build")
    options = parser.parse_args()
    # Ended by a job's time limit it must still remove its schemas.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        page = preview(options)
    except (WarehouseError, UnicodeDecodeError, ValueError, KeyError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(page, "utf-8")
    print(options.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
