"""Compare rule files with those of a git ref: a row that has begun is not edited, a new row follows it."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from datetime import date
from itertools import count

from rules.across import DAY
from rules.base import read_base
from rules.messages import shown
from rules.models import ImprovementTrigger, Pilot
from rules.notes import stale_labels
from rules.rows import DatedRow, Row
from rules.tables import Line, Problem, Table, by_key, differing

# Who decided a row, which nobody but its writer knows.
DECISION = ("decided_on", "reason", "source")


def csv_line(table: Table, line: Line, **cells: object) -> str:
    """Return a row as a line of the file, with some cells changed."""
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow([str((line.cells | cells).get(name, "")) for name in table.columns])
    return out.getvalue()


def another_id(table: Table, old: Line, changed: Line) -> dict[str, str]:
    """Return an id that is free, when a trigger comes to judge something else under its old one."""
    row = changed.row
    if not isinstance(row, ImprovementTrigger) or all(getattr(row, n) == getattr(old.row, n) for n in row.LASTING):
        return {}
    taken = {line.row.trigger_id for line in table.lines}
    return {"trigger_id": next(i for n in count(2) if (i := f"{row.trigger_id[:60]}-{n}") not in taken)}


def lines_to_write(table: Table, old: Line, changed: Line | None, today: date) -> tuple[str, ...]:
    """Return the old row with its last day, and the changed row that follows it (next month, unless it says later)."""
    start = (today.replace(day=1) + 31 * DAY).replace(day=1)
    if changed and changed.row.valid_from > today:
        start = changed.row.valid_from
    ended = csv_line(table, old, valid_to=min(old.row.last, start - DAY)) if old.row.last >= today else None
    if changed is None:
        return (ended or csv_line(table, old),)
    later = [line.row.valid_from for line in table.lines if line.row.key == old.row.key and line is not changed]
    last = min([changed.row.last, *(day - DAY for day in later if day >= start)])
    if last < start:  # a row already follows: that one is the place for the change
        return (csv_line(table, old),)
    days = {"valid_from": start, "valid_to": "" if last == date.max else last}
    follows = csv_line(table, changed, **days, **another_id(table, old, changed), **decision(changed, old))
    return (ended, follows) if ended else (follows,)


def decision(changed: Line, old: Line) -> dict[str, str]:
    """Return blanks for who decided, when that is still the decision of the old row."""
    same = all(changed.cells.get(name) == old.cells.get(name) for name in DECISION)
    return dict.fromkeys(DECISION, "") if same else {}


def still_to_write(lines: tuple[str, ...], old: Line, changed: Line | None) -> tuple[str, str]:
    """Return (zh, en): what the lines to write leave to their writer."""
    zh, en = "", ""
    if changed and len(lines) > 1:
        if decision(changed, old):
            zh += f"，并填写新行的 {'、'.join(DECISION)}"
            en += f", and fill in {', '.join(DECISION)} of the new one"
        if labels := {label: old for label, _, old, _ in stale_labels(changed, old)}:
            zh += f"；{'、'.join(labels)} 说的还是 {'、'.join(dict.fromkeys(labels.values()))}，应一并改写"
            en += f"; {', '.join(labels)} still say {', '.join(dict.fromkeys(labels.values()))}, write them anew"
    return zh, en


def check_begun(table: Table, old: Table, today: date) -> None:
    """Note rows that had begun at the ref and are edited or gone, and new rows of their keys that begin in the past."""
    olds = by_key(old)
    news: dict[tuple, dict[date, Line]] = defaultdict(dict)
    for line in table.lines:
        news[line.row.key][line.row.valid_from] = line
        if line.row.key not in olds and line.row.KEY[0] == "rule_set" and line.row.valid_from <= today:
            table.note(line.number, "valid_from", f"新增的行自 {line.row.valid_from} 起已生效；此后的期间会重新计分",
                       f"a new row in force since {line.row.valid_from}; the periods since then are judged anew")
    for key, lines in olds.items():
        check_begun_key(table, [line for line in lines if line.row.valid_from <= today], news[key], today)


def check_begun_key(table: Table, olds: list[Line], news: dict[date, Line], today: date) -> None:
    """Note what check_begun looks for, in the rows of one key that had begun at the ref and those there are now."""
    found: list[tuple[Line | None, int, str, str, str]] = []  # (the ended row that was touched, problem)
    changed = None
    for old in olds:
        new, ended = news.get(old.row.valid_from), old if old.row.last < today else None
        if new is None:
            if not table.is_whole:  # it may be a row that cannot be read
                continue
            found.append((ended, old.number, "valid_from", "已生效的行被删除或改了生效日",
                          "a row that has begun is gone"))
        elif cells := list(differing(new, old, {"valid_to"})):
            changed = changed if ended else new
            text = "、".join(f"{name} {before} → {after}" for name, after, before in cells)
            found.append((ended, new.number, cells[0][0], f"已生效的行被修改：{text}",
                          f"edited after it began: {text}"))
        elif new.row.last != old.row.last and (ended or new.row.last < today):
            text = f"{old.row.valid_to or '…'} → {new.row.last}"
            found.append((ended, new.number, "valid_to", f"过去的有效期被修改：{text}",
                          f"its past was changed: {text}"))
    begun = {old.row.valid_from for old in olds}
    for day in sorted(news.keys() - begun):
        if day <= today and olds:
            found.append((None, news[day].number, "valid_from", f"新的一行自 {day} 起生效，不晚于今天 {today}",
                          f"a new row begins on {day}, not after today, {today}"))
        if day <= today or changed is None:
            changed = news[day]
    for ended, number, column, zh, en in found:
        current = max(olds, key=lambda line: line.row.valid_from)
        lines = (csv_line(table, ended),) if ended else lines_to_write(table, current, changed, today)
        more_zh, more_en = ("", "") if ended else still_to_write(lines, current, changed)
        table.problems.append(
            Problem(table.file, number, column, f"{zh}；应改写为下面 {len(lines)} 行{more_zh}",
                    f"{en}; write the lines below{more_en}", lines=lines)
        )


def check_begun_pilots(table: Table, old: Table, today: date) -> None:
    """Note pilots that were live at the ref and are edited or gone, and new ones with a shadow time in the past.

    Of a pilot that is live only the end of its shadow time may move, among the days to come: what is
    compared and claimed was settled before.
    """

    def end(row: Pilot) -> date:
        return row.shadow_until or row.go_live - DAY

    news = {line.row.key: line for line in table.lines}
    begun = {line.row.key: line for line in old.lines if line.row.go_live <= today}
    for key, line in begun.items():
        new = news.get(key)
        if new is None:
            if table.is_whole:
                table.add(line.number, "pilot_id", "已上线的试点被删除；应改写为下面 1 行",
                          "a pilot that is live is gone; write the line below", lines=(csv_line(table, line),))
            continue
        cells = [
            cell for cell in differing(new, line, set())
            if cell[0] != "shadow_until" or min(end(new.row), end(line.row)) < today
        ]
        if cells:
            text = "、".join(f"{name} {before} → {after}" for name, after, before in cells)
            kept = {name: line.cells[name] for name, _, _ in cells}
            table.add(new.number, cells[0][0], f"已上线的试点被修改：{text}；应改写为下面 1 行",
                      f"edited after go-live: {text}; write the line below", lines=(csv_line(table, new, **kept),))
    for key, line in news.items():
        if key not in begun and line.row.go_live <= today and line.row.shadow_until:
            table.note(line.number, "go_live",
                       f"影子期自 {line.row.go_live} 起；此后未公布的期间会重新排名",
                       f"in shadow since {line.row.go_live}; the periods since then that are not published "
                       "are ranked anew")


def check_against(table: Table, content: bytes, model: type[Row], today: date) -> None:
    """Compare a seed's good rows with those that the file held at the ref."""
    try:
        old = read_base(table.file, content, model)
    except csv.Error:
        return
    if issubclass(model, DatedRow):
        check_begun(table, old, today)
    elif model is Pilot:
        check_begun_pilots(table, old, today)
    else:
        note_undated(table, old)


def note_undated(table: Table, old: Table) -> None:
    """Note rows without dates that decide otherwise than at the ref, or are gone: they hold for all days."""
    news = {line.row.key: line for line in table.lines}
    for line in old.lines:
        new = news.get(line.row.key)
        cells = list(differing(new, line, set())) if new else [(line.row.KEY[0], shown("…"), shown(line.row.key[0]))]
        if cells and (new or table.is_whole):
            text = "、".join(f"{name} {before} → {after}" for name, after, before in cells)
            table.note(new.number if new else 1, cells[0][0], f"{text}；所有未公布的期间会重新计分",
                       f"{text}; all periods that are not published are judged anew")
