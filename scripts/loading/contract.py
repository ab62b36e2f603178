"""What the raw tables are made of, and what people call them: seeds/reference/raw_*.csv.

Nothing but Python's own library is imported here: the child that reads foreign files starts with it.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

REFERENCE = Path(__file__).resolve().parents[2] / "seeds" / "reference"
# What staging looks rows up by: a day, a case of a day, the days of a log id.
INDEXES = (("service_date", "log_id"), ("log_id", "service_date"), ("date",), ("complaint_date",))
DATE_COLUMNS = ("service_date", "date", "complaint_date")
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # how workbooks begin
REJECTED_NAME = re.compile(r"\.rejected(-\d+)?$")
UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


@dataclass(frozen=True)
class Column:
    """One column of a raw table, as the contract states it."""

    name: str
    data_type: str
    is_required: bool
    is_key: bool
    aliases: tuple[str, ...]
    unit: str


@dataclass
class Words:
    """The words of one column: what they mean (None for null), in lower case; of rows and headers where it is None."""

    meanings: dict[str, str | None] = field(default_factory=dict)
    total_rows: frozenset[str] = frozenset()
    aside: frozenset[str] = frozenset()


def rows_of(name: str) -> list[dict[str, str]]:
    """Return the rows of a seed of the reference folder."""
    with (REFERENCE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_contract() -> dict[str, list[Column]]:
    """Return the columns of every raw table, in order."""
    tables: dict[str, list[Column]] = {}
    for row in rows_of("raw_columns"):
        aliases = tuple(name for name in row["aliases"].split("|") if name)
        tables.setdefault(row["raw_table"], []).append(Column(
            row["column_name"], row["data_type"], row["is_required"] == "1", row["is_key"] == "1", aliases, row["unit"]
        ))
    return tables


def plain(text: str) -> str:
    """Return a header or name as it is compared: without blanks, stars and what cannot be seen, in lower case."""
    return re.sub(r"[\s*]+", "", UNSEEN.sub("", unicodedata.normalize("NFKC", text))).lower()


def words_of(table: str, column: Column) -> Words:
    """Return the words that a column of a table knows: those of itself before those of all."""
    meanings: dict[str, str | None] = {}
    rows = rows_of("raw_words")
    for row in rows:
        fits = all(
            not row[name] or row[name] == value
            for name, value in (("raw_table", table), ("column_name", column.name),
                                ("data_type", column.data_type.split("(")[0]))
        )
        # In a text that a citizen wrote, 无 is a word like others.
        if fits and not (row["kind"] == "null" and column.data_type == "text"):
            if row["kind"] == "value":
                meanings[row["word"].lower()] = row["meaning"]
            elif row["kind"] == "null":
                meanings.setdefault(row["word"].lower(), None)
    return Words(meanings, *(
        frozenset(plain(row["word"]) for row in rows if row["kind"] == kind) for kind in ("total_row", "aside")
    ))


def names_of_tables() -> dict[str, tuple[str, ...]]:
    """Return the names under which files and sheets of each raw table come."""
    return {
        row["raw_table"]: (row["raw_table"], *(name for name in row["aliases"].split("|") if name))
        for row in rows_of("raw_tables")
    }


def tables_named(name: str, names: dict[str, tuple[str, ...]]) -> list[str]:
    """Return the tables that a file or sheet may be named after, likeliest first; which it is, its header says.

    A name in English is one that the file begins with (service_log_2026-03), the longest first; one in Chinese may
    stand anywhere, and the last word says what it is (城东大厅投诉台账).
    """
    text = plain(name)
    found = {}
    for table, aliases in names.items():
        for alias in map(plain, aliases):
            if text.startswith(alias) if alias.isascii() else alias in text:
                place = (alias.isascii(), text.rfind(alias) + len(alias), len(alias))
                found[table] = max(place, found.get(table, place))
    return sorted(found, key=found.get, reverse=True)


def shown(text: str, length: int = 40) -> str:
    """Return text as it may stand in a message: on one line, without control characters, not too long."""
    text = UNSEEN.sub("�", text)
    return text if len(text) <= length else text[:length] + "…"
