"""Merge canonical rows into a raw table in one transaction. No row is lost or doubled; all are counted."""

from __future__ import annotations

import csv
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import mysql.connector
from mysql.connector import errorcode

from loading.contract import DATE_COLUMNS, INDEXES, Column, shown
from loading.door import Refused
from warehouse import WarehouseError

BATCH_BYTES = 4 << 20  # less if the server's max_allowed_packet is smaller
# Errors of a single value, in addition to the SQL states of data (22) and constraints (23).
VALUE_STATES, VALUE_ERRORS = ("22", "23"), (
    errorcode.WARN_DATA_TRUNCATED, errorcode.ER_TRUNCATED_WRONG_VALUE_FOR_FIELD, errorcode.ER_INVALID_CHARACTER_STRING,
    errorcode.ER_CHECK_CONSTRAINT_VIOLATED, errorcode.ER_NO_PARTITION_FOR_GIVEN_VALUE,
)
ESCAPES = {"\\\\": "\\", "\\t": "\t", "\\n": "\n", "\\r": "\r"}


def batches_of(rows: Iterator[list[str | None]], limit: int) -> Iterator[list[list[str | None]]]:
    """Yield lists of rows whose insert takes at most `limit` bytes; a longer row goes alone."""
    batch, size = [], 0
    for row in rows:
        taken = sum(6 if cell is None else 2 * len(cell.encode()) + 4 for cell in row)  # if every character is escaped
        if batch and size + taken > limit:
            yield batch
            batch, size = [], 0
        batch.append(row)
        size += taken
    if batch:
        yield batch


@dataclass
class Counts:
    """What became of the rows of a file in one table."""

    new: int = 0
    replaced: int = 0
    same: int = 0
    removed: int = 0
    kept: list[tuple] = field(default_factory=list)  # (day, hall, rows) that the file has no rows of


def prepare(cursor) -> None:
    """Make a session refuse values that do not fit, and give no notes about rounded decimals."""
    cursor.execute("set session sql_mode = concat(@@sql_mode, ',STRICT_ALL_TABLES')")
    with suppress(mysql.connector.Error):  # a server without this setting has no notes
        cursor.execute("set session sql_notes = 0")


def is_of_a_value(error: mysql.connector.Error) -> bool:
    """Return whether an error is about a value, not about the server."""
    return (error.sqlstate or "")[:2] in VALUE_STATES or error.errno in VALUE_ERRORS


def unlike(text: str) -> str:
    """Return the error for a value that the server would change."""
    text = re.sub(r" at row \d+$", "", " ".join(text.split()))  # counts within the last part only
    return (f"数据库不能原样存入其中的值（{shown(text, 200)}），没有装载；请更正，或告诉管理员"
            f" / the warehouse cannot keep a value as it is ({shown(text, 200)}); nothing was loaded; mend it, or tell"
            " the administrator")


def indexes_of(columns: list[Column]) -> list[str]:
    """Return the index clauses of a raw table."""
    names = {column.name for column in columns}
    return [f"index (`{'`, `'.join(index)}`)" for index in INDEXES if set(index) <= names]


def create_statement(schema: str, name: str, columns: list[Column], indexed: bool = True) -> str:
    """Return the create table statement of a raw table under a name, optionally with its indexes."""
    lines = [f"`{column.name}` {column.data_type} null" for column in columns]
    lines += indexes_of(columns) if indexed else []
    charset = "default charset utf8mb4 collate utf8mb4_bin"
    return f"create table if not exists `{schema}`.`{name}` ({', '.join(lines)}) {charset}"


def date_column(columns: list[Column]) -> str | None:
    """Return the column with the day of a row, or None."""
    return next((column.name for column in columns if column.name in DATE_COLUMNS), None)


def has_whole_days(columns: list[Column]) -> bool:
    """Return whether a table has day and hall, so that a file can hold complete days of halls."""
    return date_column(columns) is not None and any(column.name == "hall_id" for column in columns)


def fingerprint(names: list[str]) -> str:
    """Return the SQL of a row's fingerprint, as macros/slices/fingerprint.sql makes it."""
    return "sha2(concat(" + ", ".join(f"coalesce(concat(length({n}), ':', {n}), '-')" for n in names) + "), 256)"


def rows_of(path: Path) -> Iterator[list[str | None]]:
    """Yield the rows of a part, unescaped."""
    with path.open(encoding="utf-8", newline="") as file:
        for line in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield [
                None if cell == "\\N" else re.sub(r"\\[\\tnr]", lambda match: ESCAPES[match[0]], cell) for cell in line
            ]


def is_oceanbase(cursor) -> bool:
    """Return whether the server is OceanBase or seekdb, which is based on it."""
    cursor.execute("select @@version_comment")
    return "oceanbase" in str(cursor.fetchall()[0][0]).lower()


class Lock:
    """Allows one load at a time into a database: a locked row, held by a separate session.

    The server frees the row when that session ends, even if its program was killed. (On seekdb, get_lock outlives it.)
    """

    def __init__(self, connection, schema: str, seconds: float):
        """Lock with a connection that is used for nothing else; wait at most so many seconds."""
        self.connection, self.cursor, self.seconds = connection, connection.cursor(), seconds
        self.schema, self.row = schema, f"`{schema}`.load_lock"
        # The session may be idle for a day while a large file is read.
        self.cursor.execute("set session wait_timeout = 86400 /*M! , session idle_transaction_timeout = 0,"
                            " session idle_readonly_transaction_timeout = 0,"
                            " session idle_write_transaction_timeout = 0 */")
        if is_oceanbase(self.cursor):
            self.cursor.execute(
                "set session ob_trx_timeout = 86400000000, session ob_trx_idle_timeout = 86400000000")

    def __enter__(self) -> Lock:
        """Take the lock. Raises WarehouseError if another load holds it for too long."""
        self.cursor.execute(f"create table if not exists {self.row} (id tinyint not null primary key)")
        self.cursor.execute(f"select 1 from {self.row}")
        if not self.cursor.fetchall():  # an insert would wait for the holder of the lock
            self.cursor.execute(f"insert ignore into {self.row} values (1)")
        self.connection.commit()
        end = time.monotonic() + self.seconds
        while True:
            self.cursor.execute(f"select id from {self.row} for update skip locked")
            if self.cursor.fetchall():
                return self
            self.connection.rollback()
            if time.monotonic() > end:
                raise WarehouseError(
                    f"{self.schema}：另一个装载还没有结束，等了 {self.seconds:.0f} 秒，请稍后再装载"
                    f" / {self.schema}: another load has not ended in {self.seconds:.0f} seconds; load again later")
            time.sleep(0.5)

    def __exit__(self, *_) -> None:
        """Release the lock."""
        with suppress(mysql.connector.Error):  # the row is free once the session has ended
            self.connection.rollback()


class Target:
    """The helper tables that a load needs for one raw table: `<table>__loading` and the rows to remove."""

    def __init__(self, cursor, schema: str, table: str, columns: list[Column]):
        """Drop what a killed load left; create nothing yet."""
        self.cursor, self.schema, self.table, self.columns = cursor, schema, table, columns
        self.raw, self.loading, self.source, self.replaced, self.gone = (
            f"`{schema}`.`{table}{ending}`" for ending in ("", "__loading", "__source", "__replaced", "__gone")
        )
        self.into = ""
        self.lacking: set[str] = set()
        self.rows = 0
        self.drop()

    def drop(self) -> None:
        """Drop all but the raw table."""
        self.cursor.execute(f"drop table if exists {self.loading}, {self.source}, {self.replaced}, {self.gone}")

    def begin(self, names: list[str]) -> None:
        """Begin a source of some columns, such as a sheet; the first goes directly into `<table>__loading`."""
        self.settle()
        self.lacking |= {column.name for column in self.columns} - set(names)
        name = "__source" if self.into else "__loading"
        self.cursor.execute(create_statement(self.schema, f"{self.table}{name}", self.columns, indexed=False))
        self.into = f"`{self.schema}`.`{self.table}{name}`"

    def empty(self) -> None:
        """Remove the rows of the current source only."""
        self.cursor.execute(f"truncate table {self.into}")

    def settle(self) -> None:
        """Add the rows of the current source to those of the others."""
        if self.into == self.source:
            names = ", ".join(f"`{column.name}`" for column in self.columns)
            self.cursor.execute(f"insert into {self.loading} ({names}) select {names} from {self.source}")
            self.cursor.execute("commit")
            self.cursor.execute(f"drop table {self.source}")
            self.into = self.loading

    def complete(self, rows: int) -> None:
        """End the current source. Raises Refused unless as many rows arrived as were read."""
        self.settle()
        self.rows = self.count(f"select count(*) from {self.loading}")
        self.check(self.rows, rows)

    def check(self, found: int, rows: int) -> None:
        """Raise Refused unless two row counts are equal."""
        if found != rows:
            raise Refused(
                f"{self.table}：应有 {rows} 行，到了 {found} 行，没有装载，请告诉管理员"
                f" / {self.table}: {found} of {rows} rows have arrived; nothing was loaded, tell the administrator"
            )

    def add(self, part: Path, names: list[str], by_file: bool) -> None:
        """Add the rows of a part to the current source, by LOAD DATA LOCAL or by batched inserts."""
        listed = ", ".join(f"`{name}`" for name in names)
        if by_file:  # a path of our own with plain letters only
            self.cursor.execute(
                f"load data local infile '{part}' into table {self.into} character set utf8mb4 ({listed})")
            # With LOCAL, the server changes values that do not fit, whatever the sql_mode.
            self.cursor.execute("show warnings limit 1")
            if found := self.cursor.fetchall():
                raise Refused(unlike(found[0][2]))
            return
        marks = ", ".join(["%s"] * len(names))
        limit = min(self.count("select @@max_allowed_packet") - 4096, BATCH_BYTES)
        for batch in batches_of(rows_of(part), limit):
            self.cursor.executemany(f"insert into {self.into} ({listed}) values ({marks})", batch)

    def is_there(self) -> bool:
        """Return whether the raw table exists."""
        self.cursor.execute(
            "select 1 from information_schema.tables where table_schema = %s and table_name = %s",
            (self.schema, self.table),
        )
        return bool(self.cursor.fetchall())

    def prepare(self, whole_days: bool) -> None:
        """Create the tables that merge needs, before its transaction: each such statement commits."""
        self.cursor.execute(create_statement(self.schema, self.table, self.columns))
        keys = [f"`{c.name}` {c.data_type} null" for c in self.columns if self.is_key(c)]
        if keys:
            listed = ", ".join(f"`{c.name}`" for c in self.columns if self.is_key(c))
            self.cursor.execute(f"create table {self.replaced} ({', '.join(keys)}, index ({listed}))"
                                " default charset utf8mb4 collate utf8mb4_bin")
        if whole_days:
            self.cursor.execute(f"create table {self.gone} (content_hash char(64) primary key)"
                                " default charset utf8mb4 collate utf8mb4_bin")

    def merge(self, whole_days: bool) -> Counts:
        """Merge the rows into the raw table; with whole_days, remove rows of its halls' days that the file lacks.

        Raises Refused if the row counts do not agree.
        """
        self.cursor.execute(f"select 1 from {self.raw} limit 1")
        if self.cursor.fetchall():
            counts = self.merge_keys()
            if whole_days:
                counts.removed = self.remove_gone()
                counts.kept = self.hall_days_kept()
        else:
            names = ", ".join(f"`{column.name}`" for column in self.columns)
            self.cursor.execute(f"insert into {self.raw} ({names}) select {names} from {self.loading}")
            counts = Counts(new=self.cursor.rowcount)
        self.check(sum(max(count, 0) for count in (counts.new, counts.replaced, counts.same)), self.rows)
        return counts

    def is_key(self, column: Column) -> bool:
        """Return whether a column identifies a record: the key, and for a case the day too."""
        return column.is_key or (column.name == "service_date" and any(column.is_key for column in self.columns))

    def merge_keys(self) -> Counts:
        """Keep equal rows; replace records with the same id and other content; add the rest.

        Equal rows without an id are counted, so that loading a file twice adds nothing.
        """
        names = [f"`{column.name}`" for column in self.columns]
        content = fingerprint(names)
        replaced = before = 0
        identity = next((f"`{c.name}`" for c in self.columns if c.is_key and c.name != "hall_id"),
                        next((f"`{c.name}`" for c in self.columns if c.is_key), None))
        if identity:
            keys = [f"`{column.name}`" for column in self.columns if self.is_key(column)]
            same_key = " and ".join(f"raw.{key} <=> wanted.{key}" for key in keys)
            others = (
                f" left join (select distinct {content} as content_hash from {self.loading}) as same"
                f" on same.content_hash = {fingerprint([f'raw.{name}' for name in names])}"
                " where same.content_hash is null"
            )
            self.cursor.execute(
                f"insert into {self.replaced} ({', '.join(keys)})"
                f" select distinct {', '.join('raw.' + key for key in keys)} from {self.raw} as raw"
                f" inner join (select distinct {', '.join(keys)} from {self.loading} where {identity} is not null)"
                f" as wanted on {same_key}{others}"
            )
            replaced = self.cursor.rowcount
        counted = f"select count(*) from {self.raw} as raw inner join {self.replaced} as wanted on "
        if replaced:
            self.check_lacking(keys, same_key)
            self.cursor.execute(
                f"delete raw from {self.raw} as raw inner join {self.replaced} as wanted on {same_key}{others}")
            before = self.count(counted + same_key)
        date = date_column(self.columns)
        same_days = (
            f"where `{date}` between (select min(`{date}`) from {self.loading})"
            f" and (select max(`{date}`) from {self.loading}) or `{date}` is null"
            if date else ""
        )
        numbered = f"{content} as content_hash, row_number() over (partition by {content}) as copy_number"
        self.cursor.execute(
            f"insert into {self.raw} ({', '.join(names)})"
            f" select {', '.join('loaded.' + name for name in names)}"
            f" from (select {', '.join(names)}, {numbered} from {self.loading}) as loaded"
            f" left join (select {numbered} from {self.raw} {same_days}) as present"
            " on loaded.content_hash = present.content_hash and loaded.copy_number = present.copy_number"
            " where present.content_hash is null"
        )
        written = self.cursor.rowcount
        if replaced:
            replaced = self.count(counted + same_key) - before
        return Counts(written - replaced, replaced, self.rows - written)

    def check_lacking(self, keys: list[str], same_key: str) -> None:
        """Raise Refused if records to be replaced hold values in columns that the file lacks.

        Whether those values should be removed is unknown.
        """
        lacking = [column.name for column in self.columns if column.name in self.lacking]
        if not lacking:
            return
        lost = [f"raw.`{name}` is not null and loaded.`{name}` is null" for name in lacking]
        loaded_key = " and ".join(f"loaded.{key} <=> wanted.{key}" for key in keys)
        self.cursor.execute(
            f"select count(*), {', '.join(f'sum({one})' for one in lost)} from {self.replaced} as wanted"
            f" inner join {self.raw} as raw on {same_key} inner join {self.loading} as loaded on {loaded_key}"
            f" where {' or '.join(lost)}")
        (rows, *counted), = self.cursor.fetchall()
        if rows:
            named = ", ".join(name for name, count in zip(lacking, counted, strict=True) if count)
            raise Refused(
                f"{self.table}：文件里没有 {named} 列，要替换的记录里有 {rows} 条有值，会被清空，没有装载；"
                f"请补上这些列，确要清空的留空 / {self.table}: the file has no column {named}, and {rows} records that"
                " it replaces hold values there; nothing was loaded; add the columns, blank if the values are to go")

    def remove_gone(self) -> int:
        """For each hall and day in the file, remove the rows that the file lacks; return their number.

        A hall's day without rows in the file stays: another file may hold it.
        """
        names = [f"`{column.name}`" for column in self.columns]
        content, raw_content = fingerprint(names), fingerprint([f"raw.{name}" for name in names])
        date = date_column(self.columns)
        scope = (
            f"{self.raw} as raw inner join (select distinct `{date}`, hall_id from {self.loading}) as hall_days"
            f" on raw.`{date}` = hall_days.`{date}` and raw.hall_id <=> hall_days.hall_id"
        )
        self.cursor.execute(
            f"insert into {self.gone} select distinct present.content_hash from ("
            f"select {raw_content} as content_hash, row_number() over (partition by {raw_content}) as copy_number"
            f" from {scope}) as present left join (select {content} as content_hash,"
            f" row_number() over (partition by {content}) as copy_number from {self.loading}) as loaded"
            " on loaded.content_hash = present.content_hash and loaded.copy_number = present.copy_number"
            " where loaded.content_hash is null"
        )
        if not self.cursor.rowcount:
            return 0
        self.cursor.execute(
            f"delete raw from {scope} inner join {self.gone} as gone on gone.content_hash = {raw_content}")
        deleted = self.cursor.rowcount
        # The file may have fewer of some equal rows, but not none.
        self.cursor.execute(
            f"insert into {self.raw} ({', '.join(names)}) select {', '.join(names)} from {self.loading}"
            f" where {content} in (select content_hash from {self.gone})"
        )
        return deleted - self.cursor.rowcount

    def hall_days_kept(self) -> list[tuple]:
        """Return (day, hall, rows) of existing rows whose day and hall occur in the file, but not together."""
        date = date_column(self.columns)
        self.cursor.execute(
            f"select raw.`{date}`, raw.hall_id, count(*) from {self.raw} as raw"
            f" inner join (select distinct `{date}` from {self.loading}) as days on raw.`{date}` = days.`{date}`"
            f" inner join (select distinct hall_id from {self.loading}) as halls on raw.hall_id <=> halls.hall_id"
            f" left join (select distinct `{date}`, hall_id, 1 as is_in_file from {self.loading}) as hall_days"
            f" on raw.`{date}` = hall_days.`{date}` and raw.hall_id <=> hall_days.hall_id"
            f" where hall_days.is_in_file is null group by raw.`{date}`, raw.hall_id order by 1, 2"
        )
        return self.cursor.fetchall()

    def hall_days(self) -> set[tuple]:
        """Return each (day, hall) that has rows in the file."""
        self.cursor.execute(f"select distinct `{date_column(self.columns)}`, hall_id from {self.loading}")
        return set(self.cursor.fetchall())

    def count(self, sql: str) -> int:
        """Return the single number that a query gives."""
        self.cursor.execute(sql)
        return int(self.cursor.fetchall()[0][0])

    def has_blank_days(self) -> bool:
        """Return whether a row of the file has no day."""
        self.settle()
        return bool(self.count(f"select count(*) from {self.loading} where `{date_column(self.columns)}` is null"))


def merge_all(targets: list[Target], whole_days: bool) -> dict[str, Counts]:
    """Merge the rows of a file into its raw tables, all or none; return the counts by table.

    Raises Refused, with nothing changed, if the row counts do not agree.
    """
    cursor = targets[0].cursor
    is_there = {target: target.is_there() for target in targets}
    if not any(is_there.values()):
        # A first load renames the filled tables in one statement, so that no row is written twice.
        for target in targets:
            if indexes := indexes_of(target.columns):  # adding them after filling takes half the time
                cursor.execute(f"alter table {target.loading} {', '.join(f'add {index}' for index in indexes)}")
        cursor.execute("rename table " + ", ".join(f"{target.loading} to {target.raw}" for target in targets))
        return {target.table: Counts(new=target.rows) for target in targets}
    for target in targets:
        target.prepare(whole_days)
    try:
        cursor.execute("start transaction")
        merged = {target.table: target.merge(whole_days) for target in targets}
        cursor.execute("commit")
    except BaseException:
        with suppress(mysql.connector.Error):  # the server rolls back by itself when the session ends
            cursor.execute("rollback")
            for target in targets:
                if not is_there[target]:  # a killed load may leave an empty table
                    cursor.execute(f"drop table {target.raw}")
        raise
    return merged
