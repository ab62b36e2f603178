"""Fingerprints of rows: the same on each engine as in Python, and different for different values of any type."""

import hashlib
import os
import re
import struct

import pytest

from conftest import Project

TWO_TO_100 = 2.0**100
# Pairs of rows that must have different fingerprints.
LIKE = [
    (("W1|X", "C1"), ("W1", "X|C1")),
    ((None, "a"), ("", "a")),
    (("a", None), (None, "a")),
    (("1:", "a"), ("1", ":a")),
    (("-", None), (None, "-")),
    (("3:abc", ""), ("", "3:abc")),
    (("a ", "b"), ("a", " b")),
    (("大厅", "x"), ("大", "厅x")),
]


def row_text(*values: str | None) -> str:
    """Return the text that is hashed, as docs/publication.md writes it."""
    return "".join("-" if value is None else f"{len(value.encode())}:{value}" for value in values)


def compiled(project: Project, macro: str) -> str:
    """Return the SQL of a macro call."""
    printed = project.dbt("--no-use-colors", "compile", "--inline", "{{ " + macro + " }}").stdout
    return printed.partition("Compiled inline node is:")[2].strip()


@pytest.fixture(scope="module")
def fingerprint(project) -> str:
    return compiled(project, "fingerprint(['one', 'two'])")


def test_texts_are_hashed_as_documented_and_told_apart(project, fingerprint):
    project.execute(f"create table {project.raw_schema}.texts (n int, one varchar(64), two varchar(64))")
    rows = [row for pair in LIKE for row in pair]
    project.execute(f"insert into {project.raw_schema}.texts values (%s, %s, %s)", [
        (n, *row) for n, row in enumerate(rows)])
    found = project.query(f"select {fingerprint} as h from {{raw}}.texts order by n").h.tolist()
    assert found == [hashlib.sha256(row_text(*row).encode()).hexdigest() for row in rows]
    assert all(a != b for a, b in zip(found[::2], found[1::2], strict=True))


def test_rows_of_a_group_are_summed_in_any_order(project):
    """Exchanging values between rows, doubling a row and removing a row all change the sum."""
    summed = compiled(project, "rows_fingerprint(['one', 'two'])")
    groups = {
        "as it was": [("12", "C1"), ("15", "C2"), ("9", None)],
        "another order": [("9", None), ("15", "C2"), ("12", "C1")],
        "exchanged": [("15", "C1"), ("12", "C2"), ("9", None)],
        "twice": [("12", "C1"), ("15", "C2"), ("9", None), ("9", None)],
        "less": [("12", "C1"), ("15", "C2")],
    }
    project.execute(f"create table {project.raw_schema}.groups_of (g varchar(16), one varchar(64), two varchar(64))")
    project.execute(f"insert into {project.raw_schema}.groups_of values (%s, %s, %s)", [
        (name, *row) for name, rows in groups.items() for row in rows])
    found = project.query(f"select g, {summed} as f from {{raw}}.groups_of group by g").set_index("g").f.to_dict()
    for name, rows in groups.items():
        total = sum(int(hashlib.sha256(row_text(*row).encode()).hexdigest()[:15], 16) for row in rows)
        assert found[name] == f"{len(rows)} {total}"
    assert found["as it was"] == found["another order"] and len(set(found.values())) == 4


def float_text(value: float) -> str:
    """Return a number as the servers write it: its shortest digits, in exponents without sign or leading zero."""
    digits = repr(value * TWO_TO_100).replace("e+", "e").removesuffix(".0")
    return re.sub(r"\.0e", "e", digits)


def test_raw_values_of_each_type_lose_nothing(project):
    # seekdb has neither.
    gbk, latin1 = ("utf8mb4", "utf8mb4") if os.environ.get("HALL_SCORES_TARGET", "embedded") == "embedded" else (
        "gbk", "latin1")
    types = {"f": "float", "d": "double", "g": f"varchar(16) character set {gbk}",
             "l": f"varchar(16) character set {latin1}", "b": "bit(8)",
             "t": "timestamp(6) null", "n": "int unsigned", "c": "decimal(20,10)", "x": "varbinary(8)"}
    rows = [(100.0001, 0.1, "大厅", "é", 5, "2026-03-01 23:30:00.500000", 7, "1.5", b"|\xff"),
            (100.0004, 0.1 + 2**-56, "大厅", "e", 4, "2026-03-01 23:30:00.500001", 8, "1.5000000001", b"|\xfe"),
            (None,) * 9]
    project.execute(f"create table {project.raw_schema}.service_log (k int, {', '.join(map(' '.join, types.items()))})")
    project.execute(f"insert into {project.raw_schema}.service_log values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)", [
        (n, *row) for n, row in enumerate(rows)])
    for name in types:
        value = compiled(project, f"raw_value_text(raw_columns_of('service_log'), '{name}')")
        hashed = compiled(project, f"fingerprint([raw_value_text(raw_columns_of('service_log'), '{name}')])")
        found = project.query(f"select {hashed} as h from {{raw}}.service_log order by k").h.tolist()
        assert found[2] == hashlib.sha256(b"-").hexdigest()
        assert len(set(found)) == (2 if name == "g" else 3), (name, value)
        if name in "fd":
            first = rows[0]["fd".index(name)]
            exact = struct.unpack("f", struct.pack("f", first))[0] if name == "f" else first
            assert found[0] == hashlib.sha256(row_text(float_text(exact)).encode()).hexdigest()
        if name == "g":
            assert found[0] == hashlib.sha256(row_text("大厅").encode()).hexdigest()
    both = compiled(project, "fingerprint([" + ", ".join(
        f"raw_value_text(raw_columns_of('service_log'), '{name}')" for name in types) + "])")
    assert project.query(f"select count(distinct {both}) as n from {{raw}}.service_log").n[0] == 3
