"""The columns of the raw tables and their names in exports: seeds/reference/raw_*.csv.

This module imports only the standard library, because the child that reads foreign files imports it.
"""

from __future__ import annotations

import csv
import functools
import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

from plain_text import UNSEEN

REFERENCE = Path(__file__).resolve().parents[2] / "seeds" / "reference"
# Staging looks rows up by day, by case of a day, and by log id.
INDEXES = (("service_date", "log_id"), ("log_id", "service_date"), ("date",), ("complaint_date",))
DATE_COLUMNS = ("service_date", "date", "complaint_date")
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # first bytes of workbooks
# What may follow the word for a total: 合计：, 总计（条）, 合计：3条.
AMOUNT = re.compile(r"(?:\([^()]*\)|:|(?<![a-z])\d[\d,.]*+[^\W\d]{0,2}+)++$")
INCOMPLETE = 3  # exit code of the child: a library is not installed
IN_BRACKETS = re.compile(r"(.+?)[(\[【{]([^()\[\]【】{}]*)[)\]】}]")
REJECTED_NAME = re.compile(r"\.rejected(-\d+)?$")


@dataclass(frozen=True)
class Column:
    """One column of a raw table."""

    name: str
    data_type: str
    is_required: bool
    is_key: bool
    aliases: tuple[str, ...]
    unit: str


@dataclass
class Words:
    """The words of one column: meanings of folded words (None for null), spellings of the seed, words that mark rows.

    `headers` are the names of all columns of all tables.
    """

    meanings: dict[str, str | None] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)
    total_rows: frozenset[str] = frozenset()
    footers: frozenset[str] = frozenset()
    aside: frozenset[str] = frozenset()
    headers: frozenset[str] = frozenset()

    def row_kind(self, text: str) -> str | None:
        """Return the kind of a row that begins with a text: `total`, `subtotal` (ends with a total), `footer`, None."""
        if len(text) > 80 or (text[:1].isdigit() and text.isascii()):
            return None
        found = name_key(text)
        if found.partition(":")[0] in self.footers:
            return "footer"
        name = AMOUNT.sub("", found)
        if name in self.total_rows:
            return "total"
        # AMOUNT would match all of 03小计, so the whole text is tested too.
        return "subtotal" if any(text.endswith(tuple(self.total_rows)) for text in (name, found)) else None


@functools.cache
def seed_rows(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of a seed of the reference folder."""
    with (REFERENCE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@functools.cache
def read_contract() -> dict[str, list[Column]]:
    """Return the columns of every raw table, in order."""
    tables: dict[str, list[Column]] = {}
    for row in seed_rows("raw_columns"):
        aliases = tuple(name for name in row["aliases"].split("|") if name)
        tables.setdefault(row["raw_table"], []).append(Column(
            row["column_name"], row["data_type"], row["is_required"] == "1", row["is_key"] == "1", aliases, row["unit"]
        ))
    return tables


def name_key(text: str) -> str:
    """Return a header or name for comparison: lower case, without blanks, `*`, `_`, `-` and invisible characters."""
    return re.sub(r"[\s*_-]+", "", UNSEEN.sub("", unicodedata.normalize("NFKC", text))).lower()


def folded(text: str) -> str:
    """Return a word for look-up: plain letters for full-width ones, case folded."""
    return unicodedata.normalize("NFKC", text).casefold()


@functools.cache
def words_of(table: str, column: Column) -> Words:
    """Return the words of a column; its own take precedence over those of all columns."""
    meanings: dict[str, str | None] = {}
    written: dict[str, str] = {}
    rows = seed_rows("raw_words")
    for row in rows:
        fits = all(
            not row[name] or row[name] == value
            for name, value in (("raw_table", table), ("column_name", column.name),
                                ("data_type", column.data_type.split("(")[0]))
        )
        # In a citizen's text, 无 is an ordinary word.
        if fits and not (row["kind"] == "null" and column.data_type == "text"):
            if row["kind"] == "value":
                meanings[folded(row["word"])] = row["meaning"]
            elif row["kind"] == "null":
                meanings.setdefault(folded(row["word"]), None)
                written.setdefault(folded(row["word"]), row["word"])
    return Words(meanings, written, *(
        frozenset(name_key(row["word"]) for row in rows if row["kind"] == kind)
        for kind in ("total_row", "footer", "aside")
    ), header_names())


@functools.cache
def header_names() -> frozenset[str]:
    """Return the names of all columns of all tables, as name_key."""
    return frozenset(name for columns in read_contract().values() for name in names_of_columns(columns))


def names_of_columns(columns: list[Column]) -> dict[str, Column]:
    """Return the columns of a table by each of their names, as name_key."""
    return {name_key(name): column for column in columns for name in (*column.aliases, column.name)}


@functools.cache
def unit_words() -> dict[str, str]:
    """Return the unit of each word for a unit."""
    return {name_key(row["word"]): row["meaning"] for row in seed_rows("raw_words") if row["kind"] == "unit"}


def column_of(text: str, names: dict[str, Column]) -> tuple[Column | None, str]:
    """Return the column that a header names, and the unit in brackets after it if it is not the column's unit."""
    key = name_key(text)
    if key in names:
        return names[key], ""
    found = IN_BRACKETS.fullmatch(key)
    column = names.get(found[1]) if found else None
    if column is None or not column.unit:
        return None, ""
    return column, "" if unit_words().get(found[2]) == column.unit else found[2]


def names_of_tables() -> dict[str, tuple[str, ...]]:
    """Return the names that files and sheets of each raw table may have."""
    return {
        row["raw_table"]: (row["raw_table"], *(name for name in row["aliases"].split("|") if name))
        for row in seed_rows("raw_tables")
    }


def tables_named(name: str, names: dict[str, tuple[str, ...]]) -> list[str]:
    """Return the tables that a file or sheet may be named after, likeliest first; its header decides.

    The longest name comes first; of equal lengths, the last in the text (城东大厅投诉). English names begin a word.
    """
    text, found = name_key(name), {}
    words = " " + re.sub("[^a-z]+", " ", unicodedata.normalize("NFKC", name).lower())
    for table, aliases in names.items():
        for alias in aliases:
            key, spaced = name_key(alias), alias.lower().replace("_", " ")
            place = words.rfind(f" {spaced}") if alias.isascii() else text.rfind(key)
            if place >= 0 or (alias.isascii() and text.startswith(key)):
                rank = (len(key), place)
                found[table] = max(rank, found.get(table, rank))
    return sorted(found, key=found.get, reverse=True)


def shown(text: str, length: int = 40) -> str:
    """Return text for a message: one line, no control characters, shortened."""
    text = UNSEEN.sub("�", text)
    return text if len(text) <= length else text[:length] + "…"
