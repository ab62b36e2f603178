"""Find labels that say another number, or the other sign, than their row."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from rules.guard import lines_to_come
from rules.messages import shown
from rules.tables import Line, Table

NUMBER = r"(?P<number>(?<![\d.])\d+(?:\.\d+)?)"
# Behind a number of stars or points the word may be left out, but nothing else may be counted.
BARE = r"(?!\.?\d|\s?(?:[%％]|分钟|小时|[天周月年条件个项次人名笔]|[A-Za-z]))"
# What stands behind a value of the metric. In a label about a share, 24 hours are none.
WORDS = {
    "share": r"\s?[%％]",
    "minute": r"\s?(?:分钟|minutes?\b)",
    "star": rf"(?:\s?(?:星|分(?!钟)|stars?\b)|{BARE})",
    "point": rf"(?:\s?(?:分(?!钟)|points?\b)|{BARE})",
}
FROM = (
    r"(?:不低于|不少于|不小于|至少|(?<!未)达到|(?<!不)(?:超过|高于|大于|多于))\s?"
    r"|\b(?:at least|no less than|(?<!no )more than|above|over|from)\s"
)
BELOW = (
    r"(?:不超过|不高于|不大于|至多|不足|不到|未达到?|(?<!不)(?:低于|少于|小于))\s?"
    r"|\b(?:at most|no more than|(?<!no )less than|below|under)\s"
)
# 加10分, but neither 加10分钟 nor 参加分享
END_ZH = r"\s?分(?![钟享类])"
GIVES = (r"增?加上?|奖励?", r"plus|adds?|gains?|earns?")
TAKES = (r"减[去少]?|扣[除减]?", r"minus|deducts?|loses?|takes?")


def bounds_said(label: str, unit: str) -> Iterator[tuple[str, Decimal, str]]:
    """Yield (column, number, words) of each bound that a label says: 90%以上 and at least 90 % are a lower bound."""
    value = NUMBER + WORDS[unit]
    spans = rf"(?:{WORDS[unit]})?\s?(?:[-–—~～至到]|to)\s?"
    number = NUMBER.replace("number", "other")
    patterns = {
        "lower_bound": (rf"(?:{FROM}){value}", rf"{value}\s?及?以上", rf"{NUMBER}{spans}{number}{WORDS[unit]}"),
        "upper_bound": (rf"(?:{BELOW}){value}", rf"{value}\s?及?以下", rf"{number}{spans}{value}"),
    }
    for column, of_column in patterns.items():
        for found in (match for pattern in of_column for match in re.finditer(pattern, label, re.IGNORECASE)):
            said = Decimal(found["number"])
            yield column, said / 100 if unit == "share" else said, found[0].strip()


def points_said(label: str) -> Iterator[tuple[int, Decimal | None, str]]:
    """Yield (sign, number or None, words) of points that a label gives or takes: 减1分, 扣分, minus 5 points."""
    for sign, (zh, en) in ((1, GIVES), (-1, TAKES)):
        for pattern in (rf"(?<!参)(?:{zh})\s?{NUMBER}?{END_ZH}", rf"\b(?:{en})\s{NUMBER}\s?points?\b"):
            for found in re.finditer(pattern, label, re.IGNORECASE):
                yield sign, Decimal(found["number"]) if found["number"] else None, found[0].strip()


def contradictions(line: Line, unit: str) -> Iterator[tuple[str, str, str]]:
    """Yield (label's column, words of the label, cell of the row) where they differ."""
    row = line.row
    points = "points_per_unit" if line.cells.get("rule_type") == "slope" else "points"
    for name in ("label_zh", "label_en"):
        label = getattr(row, name)
        for column, number, words in bounds_said(label, unit) if unit in WORDS else ():
            if number not in (getattr(row, column), getattr(row, "benchmark", None)):
                yield name, words, f"{column} {line.cells[column] or '…'}"
        given = getattr(row, points, None)
        said = list(points_said(label))
        # With both signs in one label, one of them is about something else.
        if given and len({sign for sign, *_ in said}) == 1:
            for sign, number, words in said:
                if (sign > 0) != (given > 0) or number not in (None, abs(given)):
                    yield name, words, f"{points} {line.cells[points]}"


def doubt_labels(table: Table, units: dict[str, str], today: date) -> None:
    """Note labels of rules or triggers that contradict their row, unless the label is named already.

    The units are those of the metrics.
    """
    named = {(problem.line, problem.column) for problem in table.problems}
    for line in lines_to_come(table, today):
        # What is no metric is a score.
        unit = units.get(line.row.metric, "point") if line.row.metric else ""
        for label, words, cell in contradictions(line, unit):
            if (line.number, label) not in named:
                table.doubt(line.number, label,
                            f"{shown(line.cells[label])} 说的是 {words}，而此行为 {cell}；应使名称与数字一致",
                            f"{shown(line.cells[label])} says {words}, but the row has {cell}; let label and row agree")
