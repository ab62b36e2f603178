"""Check published scores from the published rows alone: the chain of hashes, and every score.

Needs neither dbt nor the models. docs/publication.md describes the checks (format_version
1 and 2). Reads the ledger schema, or the CSV files that --save wrote. If a row differs,
it names the first one and exits with 1.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from hashlib import sha256
from pathlib import Path

# The hashed columns in order; a number gives the decimals. The hash column follows.
SUBJECT = {"publication_number": 0, "line_number": 0, "hall_id": "", "subject_type": "", "subject_id": ""}
TABLES = {
    "components": SUBJECT | {
        "dimension": "", "rule_id": "", "appeal_id": "", "rule_set": "", "metric": "", "rule_type": "",
        "lower_bound": 10, "upper_bound": 10, "benchmark": 10, "rule_points": 10, "points_per_unit": 10,
        "min_points": 10, "max_points": 10, "min_sample": 0, "when_missing": "", "is_count": 0, "is_divided": 0,
        "numerator": 10, "denominator": 10, "value": 10, "sample_size": 0, "status": "", "points": 6, "label_zh": "",
        "label_en": "", "decided_by": "", "decision_reason": "",
    },
    "dimension_scores": SUBJECT | {
        "dimension": "", "weight": 10, "min_score": 10, "max_score": 10, "unclamped_score": 6, "score": 6,
    },
    "scores": SUBJECT | {
        "department": "", "rule_set": "", "rule_book_hash": "", "peer_group": "", "case_count": 0, "rating_count": 0,
        "complaint_count": 0, "status": "", "is_provisional": 0, "efficiency_score": 6, "satisfaction_score": 6,
        "digital_score": 6, "composite_score": 6,
    },
    "publications": {
        "publication_number": 0, "period_type": "", "period_start": "", "period_end": "", "revision": 0, "kind": "",
        "correction_id": "", "reason": "", "author": "", "approved_by": "", "as_of_date": "", "format_version": 0,
        "code_version": "", "component_count": 0, "component_hash": "", "dimension_score_count": 0,
        "dimension_score_hash": "", "score_count": 0, "score_hash": "", "previous_hash": "",
    },
}
ORDER = {
    "components": ("hall_id", "subject_type", "subject_id", "dimension", "rule_id", "appeal_id"),
    "dimension_scores": ("hall_id", "subject_type", "subject_id", "dimension"),
    "scores": ("hall_id", "subject_type", "subject_id"),
}
MISSING = ("no_data", "insufficient_sample", "not_attributable")
LONGEST_ID = 64  # characters in a key column
# Format 1 has no is_divided: there, counts and the percentile are the undivided values.
NEW_IN_2 = ("is_divided",)
UNDIVIDED_IN_1 = "p90_wait_minutes"
NULL = r"\N"  # in a CSV file; a text that begins with a backslash gets another
Row = dict[str, str | None]  # cells as text, None for null ("" in files saved in format 1)


class Difference(Exception):
    """The first row that differs, in one line."""


class LedgerError(Exception):
    """The ledger cannot be read; one line."""


def hash_column(table: str) -> str:
    """Return the name of the column that holds the hash."""
    return "publication_hash" if table == "publications" else "row_hash"


def digest(text: str) -> str:
    """Return the SHA-256 of a text, in hex."""
    return sha256(text.encode("utf-8")).hexdigest()


def number(text: str | None) -> Decimal | None:
    """Return a cell as a number, None for null."""
    return Decimal(text) if text else None


def rounded(value: Decimal, digits: int) -> Decimal:
    """Round half away from zero, as the warehouse does."""
    return value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def clamped(value: Decimal, lowest: Decimal | None, highest: Decimal | None) -> Decimal:
    """Return a value within limits that may be absent."""
    value = value if lowest is None else max(value, lowest)
    return value if highest is None else min(value, highest)


def canonical_text(table: str, row: Row, version: str) -> str:
    """Return the text whose SHA-256 is the row's hash in a publication of this format."""
    cells = {
        name: f"{Decimal(row[name]):.{kind}f}" if kind and row[name] else row[name]
        for name, kind in TABLES[table].items()
    }
    if version != "1":
        return "".join("-" if cell is None else f"{len(cell.encode('utf-8'))}:{cell}" for cell in cells.values())
    return "|".join(
        (cell or "").replace("%", "%25").replace("|", "%7C") for name, cell in cells.items() if name not in NEW_IN_2
    )


def is_hashed(table: str, row: Row, version: str) -> bool:
    """Return whether the row matches its hash."""
    if version == "1" and any(row[name] for name in NEW_IN_2 if name in row):
        return False  # not hashed in format 1, where it must be empty
    try:
        return digest(canonical_text(table, row, version)) == row[hash_column(table)]
    except InvalidOperation:
        return False


def sort_key(table: str, row: Row, version: str) -> tuple:
    """Return the sort key of a publication's lines: bytes, or in format 1 utf8mb4_bin, which pads with blanks."""
    cells = [row[name] for name in ORDER[table]]
    if version == "1":
        return tuple((bool(cell), (cell or "").ljust(LONGEST_ID).encode()) for cell in cells)
    return tuple((cell is not None, (cell or "").encode()) for cell in cells)


def subject_of(row: Row) -> tuple[str, ...]:
    """Return the subject of a row without trailing blanks, which the server ignores when it groups by subject."""
    return tuple((row[name] or "").rstrip(" ") for name in ("hall_id", "subject_type", "subject_id"))


def total_hash(hashes: list[str]) -> str:
    """Return the hash over row hashes: sorted, hashed in groups by the first two digits, then over the groups."""
    groups = defaultdict(list)
    for value in sorted(hashes):
        groups[value[:2]].append(value)
    return digest("".join(digest("".join(groups[name])) for name in sorted(groups)))


def written_cell(cell: str | None) -> str:
    """Return a cell as written to a CSV file."""
    return NULL if cell is None else f"\\{cell}" if cell.startswith("\\") else cell


def read_cell(cell: str) -> str | None:
    """Return the value of a cell of a CSV file."""
    return None if cell == NULL else cell.removeprefix("\\")


def own_columns(table: str, row: dict, place: str) -> Row:
    """Return the verified columns of a row. Raises LedgerError if one that format 1 also has is missing."""
    names = [*TABLES[table], hash_column(table)]
    missing = set(names).difference(row, NEW_IN_2)
    if missing:
        raise LedgerError(f"{place}: column {sorted(missing)[0]} is missing")
    return {name: row.get(name) for name in names}


def refuse_other_columns(table: str, names: list[str], place: str) -> None:
    """Raise LedgerError unless a file has the columns of --save, each once: readers might trust an unverified one."""
    wanted = [*TABLES[table], hash_column(table)]
    for name in names:
        if name not in wanted:
            raise LedgerError(f"{place}: column {name} is not one of the ledger")
        if names.count(name) > 1:
            raise LedgerError(f"{place}: column {name} stands there {names.count(name)} times")


class CsvLedger:
    """The ledger as four CSV files in a folder, as --save writes them."""

    def __init__(self, folder: Path):
        """Read the files. Raises LedgerError if a file, column or cell is missing or surplus."""
        self.rows: dict[str, dict[int, list[Row]]] = {}
        for table in TABLES:
            path = folder / f"{table}.csv"
            if not path.is_file():
                raise LedgerError(f"{path}: no such file")
            numbered = self.rows[table] = defaultdict(list)
            with path.open(encoding="utf-8", newline="") as file:
                reader = csv.reader(file, strict=True)
                names = next(reader, [])
                own_columns(table, dict.fromkeys(names), str(path))
                refuse_other_columns(table, names, str(path))
                if table == "components":  # the first table; files saved in format 1 do not tell null from blank
                    tells_null = set(NEW_IN_2) <= set(names)
                for n, values in enumerate(reader, start=1):
                    if len(values) != len(names):
                        raise LedgerError(f"{path}: row {n} has {len(values)} cells, and {len(names)} columns")
                    row = dict(zip(names, values, strict=True))
                    cells = own_columns(table, row, str(path))
                    if tells_null:
                        cells = {name: read_cell(cell) for name, cell in cells.items()}
                    numbered[int(row["publication_number"])].append(cells)

    def publications(self) -> list[Row]:
        """Return the publications by number."""
        rows = self.rows["publications"]
        return [row for key in sorted(rows) for row in rows[key]]

    def numbers(self, table: str) -> set[int]:
        """Return the numbers of the publications that a table has rows of."""
        return set(self.rows[table])

    def lines(self, table: str, publication: str) -> list[Row]:
        """Return the rows of one publication by line number."""
        return sorted(self.rows[table][int(publication)], key=lambda row: int(row["line_number"]))


class DatabaseLedger:
    """The ledger schema of an output of profiles.yml."""

    def __init__(self, target: str | None):
        """Connect and read a consistent snapshot, whatever is published meanwhile. Raises LedgerError."""
        import mysql.connector

        import warehouse

        try:
            self.schema = f"{warehouse.read_profile(target)['schema']}_ledger"
            self.connection = warehouse.connect(target)
            cursor = self.connection.cursor()
            cursor.execute("set session transaction isolation level repeatable read")
            cursor.execute("start transaction with consistent snapshot")
            cursor.close()
        except warehouse.WarehouseError as error:
            raise LedgerError(error) from None
        except mysql.connector.Error as error:
            raise LedgerError(f"the ledger cannot be read: {error.msg or error}") from None

    def query(self, sql: str) -> list[Row]:
        """Return rows as text, as the server sends them. Raises LedgerError."""
        import mysql.connector

        cursor = self.connection.cursor(raw=True)
        try:
            cursor.execute(sql)
            names = cursor.column_names
            return [
                {name: None if cell is None else cell.decode("utf-8") for name, cell in zip(names, row, strict=True)}
                for row in cursor.fetchall()
            ]
        except mysql.connector.Error as error:
            raise LedgerError(f"schema {self.schema} cannot be read: {error.msg or error}") from None
        finally:
            cursor.close()

    def read(self, table: str, condition: str = "") -> list[Row]:
        """Return rows of a table of the ledger."""
        place = f"`{self.schema}`.`{table}`"
        return [own_columns(table, row, place) for row in self.query(f"select * from {place} {condition}")]

    def publications(self) -> list[Row]:
        """Return the publications by number."""
        return self.read("publications", "order by publication_number")

    def numbers(self, table: str) -> set[int]:
        """Return the numbers of the publications that a table has rows of."""
        rows = self.query(f"select distinct publication_number from `{self.schema}`.`{table}`")
        return {int(row["publication_number"]) for row in rows}

    def lines(self, table: str, publication: str) -> list[Row]:
        """Return the rows of one publication by line number."""
        return self.read(table, f"where publication_number = {int(publication)} order by line_number")


def place(table: str, row: Row) -> str:
    """Describe which row it is."""
    names = ORDER.get(table, ("period_type", "period_start", "revision"))
    line = f" line {row['line_number']}" if "line_number" in row else ""
    cells = " ".join(row[name] for name in names if row[name])
    return f"{table}: publication {row['publication_number']}{line} ({cells})"


def check_lines(table: str, publication: Row, rows: list[Row]) -> None:
    """Check that the lines of one table are complete, in order, and match their hashes."""
    name, version = table.removesuffix("s"), publication["format_version"]
    for expected, row in enumerate(rows, start=1):
        if not is_hashed(table, row, version):
            raise Difference(f"{place(table, row)}: the row is not the one that was hashed")
        if int(row["line_number"]) != expected:
            what = "is missing" if int(row["line_number"]) > expected else "is there twice"
            missing = expected if int(row["line_number"]) > expected else expected - 1
            raise Difference(f"{table}: publication {row['publication_number']} line {missing} {what}")
        keys = [sort_key(table, r, version) for r in rows[max(expected - 2, 0):expected]]
        if len(keys) > 1 and keys[0] >= keys[1]:
            raise Difference(f"{place(table, row)}: the row does not stand in the order of its key")
    count = int(publication[f"{name}_count"])
    if len(rows) != count:
        found = f"{len(rows)} rows, published were {count}"
        where = place(table, rows[count]) if len(rows) > count else f"{table}: publication "\
            f"{publication['publication_number']} line {len(rows) + 1}"
        raise Difference(f"{where}: {found}")


def judge(row: Row) -> tuple[str, Decimal]:
    """Return the status and points that follow from a component's own rule and value."""
    value, points = number(row["value"]), number(row["rule_points"])
    if row["rule_type"] in ("base", "appeal") and row["status"] != "exempt":
        return "applied", points
    if row["status"] in ("exempt", "not_attributable"):  # the other columns do not show why
        return row["status"], Decimal(0)
    judged = Decimal(0) if value is None and row["when_missing"] == "zero" else value
    if judged is None:
        return "no_data", Decimal(0)
    if value is not None and int(row["sample_size"]) < int(row["min_sample"]):
        return "insufficient_sample", Decimal(0)
    lower, upper = number(row["lower_bound"]), number(row["upper_bound"])
    if (lower is not None and judged < lower) or (upper is not None and judged >= upper):
        return "not_met", Decimal(0)
    if row["rule_type"] == "slope":
        points = number(row["points_per_unit"]) * abs(judged - number(row["benchmark"]))
        points = clamped(points, number(row["min_points"]), number(row["max_points"]))
    return "applied", points


def check_component(row: Row, version: str) -> None:
    """Check one component: its value from numerator and denominator, its status and points from its rule."""
    is_divided = row["is_divided"] == "1"
    if version == "1":
        is_divided = row["is_count"] == "0" and row["metric"] != UNDIVIDED_IN_1
    value, numerator, denominator = (number(row[name]) for name in ("value", "numerator", "denominator"))
    if value is not None:
        # Both numerator and quotient are rounded to ten decimals.
        is_right = value == numerator
        if is_divided:
            is_right = None not in (numerator, denominator) and (
                abs(value * denominator - numerator) <= (denominator + 1) * Decimal("0.5e-10")
            )
        if not is_right:
            of = f" of {denominator}" if is_divided else ""
            raise Difference(f"{place('components', row)}: value {value} is not {numerator}{of}")
    status, points = judge(row)
    if (status, rounded(points, 6)) != (row["status"], number(row["points"])):
        raise Difference(
            f"{place('components', row)}: {row['status']} with {row['points']} points;"
            f" its rule gives {status} with {rounded(points, 6)}"
        )


def expect(table: str, row: Row, column: str, right: Decimal | str | None) -> None:
    """Check one cell against the value that follows from its component rows."""
    found = row[column] if isinstance(right, str) else number(row[column])
    if found != right:
        raise Difference(f"{place(table, row)}: {column} is {row[column] or 'null'}, recomputed {right}")


def check_dimension(row: Row, components: list[Row]) -> None:
    """Check one dimension score: the sum of its components within its limits, if anything was measured."""
    total = sum((number(c["points"]) for c in components), Decimal(0))
    expect("dimension_scores", row, "unclamped_score", total)
    is_measured = any(
        c["rule_type"] not in ("base", "appeal") and c["status"] in ("applied", "not_met") for c in components
    )
    is_held_back = any(c["when_missing"] == "require" and c["status"] in MISSING for c in components)
    score = rounded(clamped(total, number(row["min_score"]), number(row["max_score"])), 6)
    expect("dimension_scores", row, "score", score if is_measured and not is_held_back else None)


def check_score(row: Row, dimensions: list[Row], components: dict[str, list[Row]]) -> None:
    """Check one score: its status, and the weighted mean of its dimension scores."""
    by_name = {d["dimension"]: d for d in dimensions}
    for column in row:
        if column.endswith("_score") and column != "composite_score":
            found = by_name.get(column.removesuffix("_score"))
            expect("scores", row, column, number(found["score"]) if found else None)
    weighted = [d for d in dimensions if number(d["weight"]) > 0]
    rules = {d["dimension"]: [c for c in components[d["dimension"]] if not c["appeal_id"]] for d in weighted}
    if not row["rule_book_hash"] or not dimensions:
        status = "no_rules"
    elif all(rows and all(c["status"] == "exempt" for c in rows) for rows in rules.values()):
        status = "exempt"
    elif not any(int(row[name]) for name in ("case_count", "rating_count", "complaint_count")):
        status = "no_business"
    elif all(d["score"] for d in weighted):
        # The other columns do not show whether a hall was in the shadow phase of a pilot.
        status = "shadow" if row["status"] == "shadow" else "scored"
    elif any(
        c["status"] == "insufficient_sample" and c["rule_type"] != "base"
        for d in weighted if not d["score"] for c in rules[d["dimension"]]
    ):
        status = "insufficient_sample"
    else:
        status = "incomplete"
    expect("scores", row, "status", status)
    total = sum((number(d["weight"]) * number(d["score"]) for d in weighted if d["score"]), Decimal(0))
    expect("scores", row, "composite_score", rounded(total, 6) if status in ("scored", "shadow") else None)


def check_sums(tables: dict[str, list[Row]], version: str) -> None:
    """Recompute every component, dimension score and score of one publication."""
    grouped: dict[str, dict] = {table: defaultdict(list) for table in tables}
    for table, rows in tables.items():
        for row in rows:
            grouped[table][subject_of(row)].append(row)
    for row in tables["components"]:
        check_component(row, version)
    for subject, dimensions in grouped["dimension_scores"].items():
        for row in dimensions:
            own = [c for c in grouped["components"][subject] if c["dimension"] == row["dimension"]]
            check_dimension(row, own)
    for lower, upper in (("components", "dimension_scores"), ("dimension_scores", "scores")):
        for subject, rows in grouped[lower].items():
            names = {r.get("dimension") for r in grouped[upper][subject]}
            for row in rows:
                if not names or (upper == "dimension_scores" and row["dimension"] not in names):
                    raise Difference(f"{place(lower, row)}: {upper} has no row for it")
    for row in tables["scores"]:
        subject = subject_of(row)
        components = defaultdict(list)
        for component in grouped["components"][subject]:
            components[component["dimension"]].append(component)
        check_score(row, grouped["dimension_scores"][subject], components)


def verify(ledger: CsvLedger | DatabaseLedger) -> tuple[list[Row], int]:
    """Check all publications in order; return them and the number of rows. Raises Difference."""
    publications, row_count, revisions, previous = ledger.publications(), 0, defaultdict(int), ""
    for expected, publication in enumerate(publications, start=1):
        if int(publication["publication_number"]) != expected:
            what = "missing" if int(publication["publication_number"]) > expected else "there twice"
            raise Difference(f"publications: publication {expected} is {what}")
        version = publication["format_version"]
        if version not in ("1", "2"):
            raise Difference(f"{place('publications', publication)}: format_version is not 1 or 2; use a later script")
        if not is_hashed("publications", publication, version):
            raise Difference(f"{place('publications', publication)}: the row is not the one that was hashed")
        if (publication["previous_hash"] or "") != previous:
            raise Difference(f"{place('publications', publication)}: previous_hash is not that of the one before")
        period = publication["period_type"], publication["period_start"]
        revisions[period] += 1
        if int(publication["revision"]) != revisions[period]:
            raise Difference(f"{place('publications', publication)}: revision {revisions[period]} is missing")
        tables = {table: ledger.lines(table, publication["publication_number"]) for table in ORDER}
        for table, rows in tables.items():
            check_lines(table, publication, rows)
        check_sums(tables, version)
        for table, rows in tables.items():
            if total_hash([row["row_hash"] for row in rows]) != publication[f"{table.removesuffix('s')}_hash"]:
                raise Difference(
                    f"{table}: publication {expected}: a row was changed together with its hash;"
                    " all rows agree with each other, so which one cannot be told"
                )
            row_count += len(rows)
        previous = publication["publication_hash"]
    for table in ORDER:
        orphans = ledger.numbers(table) - set(range(1, len(publications) + 1))
        if orphans:
            raise Difference(f"{table}: rows of publication {min(orphans)}, which is not in publications")
    return publications, row_count


def save(ledger: DatabaseLedger, folder: Path) -> None:
    """Write the ledger as CSV files, to be verified elsewhere."""
    folder.mkdir(parents=True, exist_ok=True)
    for table in TABLES:
        with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)  # else a lone \r is lost
            writer.writerow([*TABLES[table], hash_column(table)])
            rows = ledger.read(table, "order by publication_number")
            writer.writerows([written_cell(cell) for cell in row.values()] for row in rows)
        print(folder / f"{table}.csv")


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code (1: something differs)."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", help="output of profiles.yml (default: its own default)")
    parser.add_argument("--csv", metavar="DIR", type=Path, help="verify the CSV files of a folder, with no database")
    parser.add_argument("--save", metavar="DIR", type=Path, help="write the ledger as CSV files first")
    parser.add_argument("--head", metavar="HASH", help="a head hash noted earlier, as printed on a report")
    options = parser.parse_args(arguments)
    try:
        ledger = CsvLedger(options.csv) if options.csv else DatabaseLedger(options.target)
        if options.save and not options.csv:
            save(ledger, options.save)
        publications, row_count = verify(ledger)
    except Difference as difference:
        # The text holds ids, which must not break the line. (Not plain_text.plain: with --csv this script needs no
        # other file.)
        line = "".join(sign if sign.isprintable() else "\ufffd" for sign in str(difference))
        print(f"differs: {line}", file=sys.stderr)
        return 1
    except (LedgerError, OSError, csv.Error, ValueError, TypeError, ArithmeticError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    hashes = [row["publication_hash"] for row in publications]
    if options.head and options.head.strip().lower() not in hashes:
        print(
            f"differs: no publication has the hash {options.head}: what was published then has been changed or cut off",
            file=sys.stderr,
        )
        return 1
    print(f"{len(publications)} publications with {row_count} rows: all hashes and all scores are right")
    if options.head:
        found = publications[hashes.index(options.head.strip().lower())]
        print(f"the hash you noted is that of {place('publications', found)}")
    if hashes:
        print(f"head hash: {hashes[-1]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
