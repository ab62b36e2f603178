"""Any mutation of a rule seed is refused with file, line and column, or the database accepts it.

The dbt project is built once. A mutant that the check accepts is loaded as dbt loads a seed,
and the compiled SQL of stg_rule_problems and of the typed models runs on it, in a transaction
that is rolled back. dbt itself builds a few accepted mutants.
"""

import csv
import io
import os
import random
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from dbt.clients.agate_helper import from_csv

import raw_tables
import warehouse
from conftest import PROJECT_DIR, Project
from rules.begun import check_against
from rules.cell_types import ID_LENGTH, LABEL_LENGTH, TEXT_LENGTH
from rules.check import check
from rules.columns import COLUMNS
from rules.models import MODELS
from rules.tables import Table, read_table

pytestmark = pytest.mark.once

AS_OF = "2026-03-31"
# Some change nothing: 2,700 give 2,290 mutants. Fewer if random histories are off.
MUTANTS = 1500 if int(os.environ.get("HALL_SCORES_HISTORIES", "1")) else 300
BUILT = 2
ODD_CELLS = 4
Tables = dict[str, list[list[str]]]

WORDS = [
    "市民中心", "O'Brien", '他说"好"', "a,b", "100%", "%s %(x)s", "{{ ref('x') }}", "\\", "\\'", "'; drop table x; --",
    "两行\n文字", "😀", "𠮷野家", "0", "-", "=1+1", "#", "é", "（括号）",
    "长" * 255, "N/A", "none", "true", "2026-03-31",
]
ODD = [
    *WORDS, "", " ", "null", "NULL", "\t", "\0", "\x7f", "\x85", "\xa0",
    "\u200b", "\ufeff", "\u2028", "\u3000", "\ud7ff", "\ufffd", "\uffff", "長" * 256, "x" * 65, "x" * 20_000,
    "9" * 9, "9" * 10, "1" * 400, "-0", "+0", "0.", ".5", "1e3", "1e99", "1_000", "1,000", "90%", "９０％",
    "－１", "１２", "٣", "²", "½", "0x10", "NaN", "Infinity", "-Infinity", "1.00000000001", "2026-02-30",
    "2026-2-3", "2026/02/03", "20260203", "2026年2月3日",
    "1899-12-31", "2100-01-01", "0000-00-00", "9999-12-31", "2026-03-31 ", "2026-03-31T00:00",
    "standard", "pilot", "avg_rating", "audit_match_rate",
    "base", "band", "slope", "hall", "window", "week", "share", "digital", "E3", "0", "1", "5", "100", "-5", "0.5",
]
NUMBERS = ("0", "1", "-1", "+5", "007", "0.900", "12.5", "99999", "-99999", "0.0000000001", "2", "3", "4.25")
INSERTED = [
    b"\xef\xbb\xbf", b"\r", b"\r\n", b"\n", b"\0", b'"', b'""', b"\t", b",", b" ", b"\xff", b"\xa1\xa1", b"\xc2\xa0",
    b"'", b"\\", b"%", b"9", b"-", b".", b"\xe2\x80\x8b", b"\x1a", "，".encode(), "。".encode(), "“".encode(),
    "０".encode(),
]


def full_seeds() -> Tables:
    """Return the project's seeds, with a pilot's rule set, a rule that changes next month and exemptions."""
    tables = {
        name: list(csv.reader(io.StringIO((PROJECT_DIR / "seeds" / "rules" / f"{name}.csv").read_text("utf-8"))))
        for name in MODELS
    }
    for name in ("scoring_rules", "dimension_weights"):
        tables[name] += [["pilot", *row[1:]] for row in tables[name][1:]]
    rules, end = tables["scoring_rules"], tables["scoring_rules"][0].index("valid_to")
    rules[4][end] = "2026-03-31"
    rules.append([*rules[4][:end - 1], "2026-04-01", "", *rules[4][end + 1:]])
    tables["rule_set_assignments"].append(["PILOT", "pilot", "2026-01-01", "", "2025-12-01", "试点", "批复"])
    tables["exemptions"] += [
        ["X1", "CITY", "window", "W1", "E3", "2026-01-01", "2026-06-30", "李主任", "2025-12-20", "装修", "批复"],
        ["X2", "PILOT", "", "", "", "2026-02-01", "2026-02-28", "李主任", "2026-01-20", "停电", "批复"],
    ]
    return tables


# Mutations of rows: each changes the tables and returns the changed seed


def a_row(rng: random.Random, tables: Tables, *seeds: str) -> tuple[str, list[str], list[str]]:
    name = rng.choice(seeds or [seed for seed in tables if len(tables[seed]) > 1])
    rows = tables[name]
    return name, rows[0], rng.choice(rows[1:]) if len(rows) > 1 else rows[0]


def columns_of(header: list[str], *names: str) -> list[int]:
    return [place for place, name in enumerate(header) if name in names]


def set_cell(values, *names: str, filled: bool = False) -> Callable:
    def mutate(rng: random.Random, tables: Tables) -> str | None:
        name, header, row = a_row(rng, tables)
        places = [at for at in columns_of(header, *names) or range(len(header)) if not filled or row[at]]
        if (names and not columns_of(header, *names)) or not places:
            return None
        at = rng.choice(places)
        row[at] = values(rng, row[at]) if callable(values) else rng.choice(values)
        return name

    return mutate


def moved_day(rng: random.Random, cell: str) -> str:
    try:
        days = rng.choice([-4000, -400, -1, 1, 30, 400])
        return (date.fromisoformat(cell or AS_OF) + timedelta(days=days)).isoformat()
    except (ValueError, OverflowError):
        return cell


def moved_number(rng: random.Random, cell: str) -> str:
    try:
        return f"{float(cell) * rng.choice([0.5, 0.9, 0.99, 1.01, 1.1, 2]):.6f}"
    except ValueError:
        return cell


def wide(rng: random.Random, cell: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" and rng.random() < 0.7 else c for c in cell)


def shuffle_rows(rng: random.Random, tables: Tables) -> str:
    name = rng.choice(list(tables))
    rows = tables[name][1:]
    rng.shuffle(rows)
    tables[name][1:] = rows
    return name


def shuffle_columns(rng: random.Random, tables: Tables) -> str:
    name = rng.choice(list(tables))
    order = list(range(len(tables[name][0])))
    rng.shuffle(order)
    tables[name] = [[row[at] for at in order] if len(row) == len(order) else row for row in tables[name]]
    return name


def copy_row(rng: random.Random, tables: Tables) -> str:
    """Add a copy with another key, a successor of the row, or an exact copy."""
    name, header, row = a_row(rng, tables)
    copy, way = list(row), rng.random()
    if way < 0.4:
        copy[rng.choice(columns_of(header, *MODELS[name].KEY) or [0])] = f"N{rng.randrange(999)}"
    elif way < 0.8 and "valid_to" in header:
        day = date(2026, 4, 1) + timedelta(days=rng.randrange(300))
        row[header.index("valid_to")], copy[header.index("valid_from")] = f"{day - timedelta(days=1)}", f"{day}"
    tables[name].insert(rng.randrange(1, len(tables[name]) + 1), copy)
    return name


def delete_row(rng: random.Random, tables: Tables) -> str:
    name, _, row = a_row(rng, tables)
    tables[name].remove(row)
    return name


def delete_item(rng: random.Random, tables: Tables) -> str:
    name, _, row = a_row(rng, tables, "item_standards", "rating_levels", "exemptions")
    if row is not tables[name][0]:
        tables[name].remove(row)
    return name


def shift_weight(rng: random.Random, tables: Tables) -> str | None:
    """Move weight from one dimension to another, exactly or nearly."""
    name, rows = "dimension_weights", tables["dimension_weights"]
    part = rng.choice(["0.1", "0.25", "0.0000000001"])
    try:
        at = rows[0].index("weight")
        first, second = rng.sample(rows[1:4], 2)
        for row, sign in ((first, 1), (second, -1)):
            number = Decimal(row[at]) + sign * Decimal(part)
            row[at] = f"{number:f}"
    except (ValueError, ArithmeticError, IndexError, AttributeError):
        return None
    return name


def swap_cells(rng: random.Random, tables: Tables) -> str:
    name, _, row = a_row(rng, tables)
    one, other = rng.sample(range(len(row)), 2)
    row[one], row[other] = row[other], row[one]
    return name


def drop_cell(rng: random.Random, tables: Tables) -> str:
    name, _, row = a_row(rng, tables)
    del row[rng.randrange(len(row))]
    return name


def drop_column(rng: random.Random, tables: Tables) -> str:
    name = rng.choice(list(tables))
    at = rng.randrange(len(tables[name][0]))
    tables[name] = [row[:at] + row[at + 1:] for row in tables[name]]
    return name


def rename_column(rng: random.Random, tables: Tables) -> str:
    name, header, _ = a_row(rng, tables)
    at = rng.randrange(len(header))
    header[at] = rng.choice([header[at].upper(), f"{header[at]} ", f"{header[at]}s", rng.choice(header), *ODD])
    return name


EXPLAINING = ("label_zh", "label_en", "item_name", "reason", "source", "approved_by", "formula_zh", "formula_en")
MEASURES = ("points", "points_per_unit", "benchmark", "standard_minutes")
MILD = [
    set_cell(WORDS, *EXPLAINING), set_cell(WORDS, *EXPLAINING), set_cell(NUMBERS, *MEASURES, filled=True),
    set_cell(moved_number, "lower_bound", "upper_bound", *MEASURES, filled=True),
    set_cell(moved_day, "decided_on", filled=True), set_cell(moved_day, "valid_from", "valid_to", filled=True),
    set_cell(["0", "5", "30", ""], "min_sample", filled=True),
    set_cell(["skip", "zero", "require", ""], "when_missing", filled=True),
    set_cell(["hall", "window", "clerk", "department"], "subject_type"), set_cell(["1", "3.0", "5"], "rating"),
    set_cell(["month", "week", "rolling_7d"], "period_type"), set_cell(["0", "-50", "300"], "min_score", "max_score"),
    shuffle_rows, shuffle_columns, copy_row, delete_item, shift_weight,
]
HARSH = [
    set_cell(ODD), set_cell(ODD), set_cell(ODD), set_cell(wide, filled=True), set_cell(NUMBERS),
    set_cell(moved_day, filled=True), set_cell(lambda rng, cell: f"{cell}%", filled=True),
    set_cell(lambda rng, cell: f" {cell}", filled=True),
    set_cell(ODD, "lower_bound", "upper_bound"),
    set_cell(moved_number, "lower_bound", "upper_bound", "weight", "value"),
    set_cell(["pilot", "standard", "new"], "rule_set"), set_cell(["efficiency", "digital"], "dimension"),
    copy_row, delete_row, swap_cells, drop_cell, drop_column, rename_column,
]


def spoil_bytes(rng: random.Random, content: bytes) -> bytes:
    way = rng.random()
    at = rng.choice([0, len(content), rng.randrange(len(content) + 1)])
    if way < 0.6:
        return content[:at] + rng.choice(INSERTED) + content[at:]
    if way < 0.7:
        return content.replace(b"\n", b"\r\n")
    if way < 0.8:
        return content[:at]
    if way < 0.9:
        return content[:at] + content[at + 1:]
    return content.decode("utf-8").encode(rng.choice(["gb18030", "utf-16", "utf-8-sig"]))


def mutant(number: int) -> dict[str, bytes]:
    """Return the changed files of a mutant; the same number gives the same mutant."""
    rng = random.Random(number)
    tables = full_seeds()
    changed = set()
    mutations = rng.choices(MILD, k=rng.randint(1, 3))
    is_harsh = number % 3 > 0
    spoils = is_harsh and rng.random() < 0.3
    if is_harsh and not spoils:
        mutations.append(rng.choice(HARSH))
    for mutate in mutations:
        changed.add(mutate(rng, tables))
    files = {}
    for name in sorted(changed - {None}):
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n", quoting=rng.choice([csv.QUOTE_MINIMAL] * 4 + [csv.QUOTE_ALL]))
        writer.writerows(tables[name])
        files[name] = out.getvalue().encode("utf-8", "surrogatepass")
    if spoils and files:
        name = rng.choice(sorted(files))
        files[name] = spoil_bytes(rng, files[name])
    return files


def write_seeds(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (folder / f"{name}.csv").write_bytes(content)


def written(tables: Tables) -> dict[str, bytes]:
    files = {}
    for name, rows in tables.items():
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows(rows)
        files[name] = out.getvalue().encode("utf-8")
    return files


def at_the_limits(high: bool) -> Tables:
    """Return seeds with the highest (or lowest) values that the check accepts."""
    tables = full_seeds()
    end = "most" if high else "least"
    point = COLUMNS["scoring_rules"]["points_per_unit"]["slope"]
    points = str(getattr(point, end))
    minutes = COLUMNS["item_standards"]["standard_minutes"][""]
    limits = {
        "points": points, "points_per_unit": points, "min_points": points, "max_points": points,
        # The shortest standard gives the longest case-mix adjusted time.
        "standard_minutes": str(getattr(minutes, "least" if high else "most")),
        "approved_by": "𠮷" * LABEL_LENGTH,
        "label_zh": "𠮷" * LABEL_LENGTH, "label_en": "𠮷" * LABEL_LENGTH, "formula_zh": "𠮷" * LABEL_LENGTH,
        "reason": "𠮷" * TEXT_LENGTH, "source": "𠮷" * TEXT_LENGTH, "item_name": "𠮷" * LABEL_LENGTH,
    }
    for name, (header, *rows) in tables.items():
        for row in rows:
            cells = dict(zip(header, row, strict=True))
            for column in limits.keys() & cells.keys():
                if cells[column] or (column.endswith("_points") and cells["rule_type"] == "slope"):
                    cells[column] = limits[column]
            if name == "metric_parameters" and cells["unit"] != "date":
                cells["value"] = str(getattr(COLUMNS[name]["value"][cells["parameter"]], end))
            if name == "scoring_rules":
                cells["rule_id"] = "规" * (ID_LENGTH - len(cells["rule_id"])) + cells["rule_id"]
            if name == "exemptions" and cells["rule_id"]:
                cells["rule_id"] = "规" * (ID_LENGTH - 2) + cells["rule_id"]
            if name in ("scoring_rules", "dimension_weights") and cells["valid_from"] == "2020-01-01":
                cells["valid_from"] = "1900-01-01"
            row[:] = cells.values()
    return tables


# The database


@pytest.fixture(scope="module")
def built(project: Project) -> Project:
    raw_tables.create(project, "service_log", "feedback", "complaints")
    for hall in ("CITY", "PILOT"):
        cases = raw_tables.cases(4, "2026-03-10", hall, window_id="W1", item_code="I01")
        raw_tables.insert(project, "service_log", cases)
        raw_tables.insert(project, "feedback", raw_tables.ratings([5, 4], "2026-03-11", hall))
    write_seeds(project.folder / "seeds" / "rules", written(full_seeds()))
    project.build(AS_OF)
    return project


def compiled(project: Project, name: str) -> str:
    folder = project.folder / "target" / "compiled" / "hall_scores" / "models" / "staging" / "rules"
    return (folder / f"{name}.sql").read_text("utf-8")


class Database:
    """Loads seeds as dbt would, and rolls back."""

    def __init__(self, project: Project):
        self.schema = project.schema
        self.connection = warehouse.connect(autocommit=False)
        self.cursor = self.connection.cursor()
        self.problems = compiled(project, "stg_rule_problems")
        self.typed = {name: compiled(project, f"stg_{name}") for name in MODELS}

    def refusal(self, folder: Path, names: list[str]) -> object:
        """Return the objection of stg_rule_problems or the server to the seeds of a folder, or None."""
        try:
            for name in names:
                table = from_csv(folder / f"{name}.csv", text_columns=list(MODELS[name].model_fields))
                self.cursor.execute(f"delete from {self.schema}_rules.{name}")
                marks = ", ".join(["%s"] * len(table.column_names))
                rows = [tuple(row) for row in table.rows]
                if rows:
                    columns = ", ".join(table.column_names)
                    self.cursor.execute(
                        f"insert into {self.schema}_rules.{name} ({columns}) values "
                        + ", ".join([f"({marks})"] * len(rows)),
                        [cell for row in rows for cell in row],
                    )
            self.cursor.execute(self.problems)
            if found := self.cursor.fetchall():
                return found
            for name in names:
                # An insert is strict; a select only warns.
                self.cursor.execute(f"delete from {self.schema}_work.stg_{name}")
                self.cursor.execute(f"insert into {self.schema}_work.stg_{name} {self.typed[name]}")
        except Exception as error:  # whatever it is, the check should have reported it
            return error
        finally:
            self.connection.rollback()
        return None


def test_a_mutant_is_refused_with_its_place_or_the_database_takes_it(built: Project, tmp_path: Path):
    folder = Path(shutil.copytree(built.folder / "seeds" / "rules", tmp_path / "rules"))
    sound = written(full_seeds())
    assert not [p for p in check(folder, today=date.fromisoformat(AS_OF)) if not p.is_note]
    database = Database(built)
    assert database.refusal(folder, list(MODELS)) is None
    refused, accepted, failed = [], [], []
    for number in range(MUTANTS):
        files = mutant(number)
        if all(content == sound[name] for name, content in files.items()):
            continue
        write_seeds(folder, files)
        errors = [p for p in check(folder, today=date.fromisoformat(AS_OF)) if not p.is_note]
        if errors:
            refused.append(number)
            for problem in errors:
                lines = max(1, len((folder / Path(problem.file).name).read_bytes().splitlines()))
                assert 1 <= problem.line <= lines and problem.column and problem.zh and problem.en, (number, problem)
                assert len(str(problem).splitlines()) == 1, (number, problem)
        else:
            accepted.append(number)
            if refusal := database.refusal(folder, list(files)):
                failed.append((number, list(files), refusal))
        write_seeds(folder, {name: sound[name] for name in files})
        if number % 10 == 0:
            for name, content in files.items():
                compare_with(sound[name], name, content)
    database.connection.close()
    print(f"{len(refused)} refused, {len(accepted)} accepted")
    assert not failed, failed[:5]
    assert len(refused) + len(accepted) > MUTANTS * 0.75
    assert min(len(refused), len(accepted)) > MUTANTS * 0.15, (len(refused), len(accepted))
    for number in random.Random(0).sample(accepted, BUILT):
        build_seeds(built, sound | mutant(number))


def compare_with(base: bytes, name: str, content: bytes) -> None:
    """Compare a mutant with the merged file: the suggested rows have the columns of the file."""
    table = Table(name)
    read_table(table, content, MODELS[name])
    check_against(table, base, MODELS[name], date.fromisoformat(AS_OF))
    for problem in table.problems:
        for line in problem.lines:
            [row] = csv.reader(io.StringIO(line), strict=True)
            assert len(row) == len(table.columns), (name, problem)


def build_seeds(project: Project, files: dict[str, bytes]) -> None:
    folder = project.folder / "seeds" / "rules"
    write_seeds(folder, files)
    result = project.build(AS_OF, check=False)
    assert result.returncode == 0, result.stdout[-5000:]


def test_check_and_build_judge_each_cell_alike(built: Project, tmp_path: Path):
    """One cell of each column holds something odd: what one refuses in it, the other refuses."""
    folder = Path(shutil.copytree(built.folder / "seeds" / "rules", tmp_path / "rules"))
    sound = written(full_seeds())
    write_seeds(folder, sound)
    database = Database(built)
    rng = random.Random(1)
    refused, unlike = 0, []
    for name in MODELS:
        for column in MODELS[name].model_fields:
            for _ in range(ODD_CELLS):
                tables = full_seeds()
                row = rng.choice(tables[name][1:])
                cell = row[tables[name][0].index(column)] = rng.choice(ODD)
                if not cell.strip() or cell.lower() == "null" or "\0" in cell:
                    continue  # dbt loads the first two as empty cells; the last is in no text of a database
                content = written({name: tables[name]})[name]
                write_seeds(folder, {name: content})
                table = Table(name)
                read_table(table, content, MODELS[name])
                in_check = {problem.column for problem in table.problems}
                found = database.refusal(folder, [name])
                in_build = {row[2] for row in found} if isinstance(found, list) else found
                refused += column in in_check
                if (column in in_check) != (in_build is not None and column in in_build):
                    # What spans rows or files is no matter of the cell.
                    spans = in_build and not in_check and [p for p in check(folder, today=date.fromisoformat(AS_OF))
                                                           if not p.is_note and p.column == column]
                    if not spans:
                        unlike.append((name, column, cell[:40], in_check, found))
        write_seeds(folder, {name: sound[name]})
    database.connection.close()
    assert refused > 100
    assert not unlike, "\n".join(map(str, unlike[:20]))


@pytest.mark.parametrize("high", [True, False])
def test_what_is_at_the_limits_of_the_check_builds(built: Project, high: bool):
    files = written(at_the_limits(high))
    folder = built.folder / "seeds" / "rules"
    write_seeds(folder, files)
    problems = check(folder, today=date.fromisoformat(AS_OF))
    assert not [p for p in problems if not p.is_note], "\n".join(map(str, problems))[:3000]
    build_seeds(built, files)


def test_the_database_still_refuses_what_protects_the_build(built: Project, tmp_path: Path):
    """Check the search for faults above: it must refuse a wrong seed."""
    tables = full_seeds()
    tables["scoring_rules"][4][7] = "90%"
    write_seeds(tmp_path, written(tables))
    assert Database(built).refusal(tmp_path, list(MODELS))
