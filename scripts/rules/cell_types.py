"""The types of a cell: how its text is read, and what is said when it may not stand."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from decimal import Decimal

from rules.messages import refuse, shown

# What the database keeps: ids and labels are cut there, a text column holds 65,535 bytes.
ID_LENGTH, LABEL_LENGTH, TEXT_LENGTH = 64, 255, 16_000

# What a Chinese keyboard gives where a number or a date has a sign.
KEYBOARD = str.maketrans({"。": ".", "—": "-", "–": "-", "−": "-", "、": ","})


def half_width(text: str) -> str:
    """Return text with the full-width digits, letters and signs of a Chinese keyboard made plain."""
    return "".join(unicodedata.normalize("NFKC", c) if "\uff01" <= c <= "\uff5e" or c == "\u3000" else c for c in text)


def clean(cell: str, length: int, breaks: str = "") -> str:
    """Return a cell as it is; raise for what is not seen on a screen or is cut or lost in the database."""
    for c in cell:
        if c not in breaks and (c == "\xa0" or unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")):
            code = f"U+{ord(c):04X} {unicodedata.name(c, 'control character')}"
            raise refuse(f"{shown(cell)} 含有看不见的字符 {code}；应删去，或改为普通空格",
                         f"{shown(cell)} holds the unseen character {code}; delete it, or write a plain space")
    if cell != cell.strip():
        raise refuse(f"{shown(cell)} 首尾有空格；应删去", f"{shown(cell)} has blanks around it; delete them")
    if cell.lower() == "null":
        raise refuse(f"{shown(cell)} 会被读成空；应留空或换一个词",
                     f"{shown(cell)} is read as an empty cell; leave it empty or use another word")
    if len(cell) > length:
        raise refuse(f"{shown(cell)} 有 {len(cell)} 个字符；应不超过 {length} 个，否则会被截断",
                     f"{shown(cell)} has {len(cell)} characters; write at most {length}, the rest would be cut")
    return cell


def read_id(cell: str) -> str:
    """Return a code or id; raise when it is typed in full-width characters."""
    if half_width(cell) != cell:
        raise refuse(f"{shown(cell)} 含有全角字符；应写 {half_width(cell).strip()}",
                     f"{shown(cell)} holds full-width characters; write {half_width(cell).strip()}")
    return clean(cell, ID_LENGTH)


def plain_number(text: str) -> str | None:
    """Return the number that was meant by another notation (９０, 90%, 1,000, 1e3, .5), or None."""
    text = half_width(text).translate(KEYBOARD).replace("\xa0", "").strip()
    share = text.endswith("%")
    text = text.removesuffix("%").rstrip()
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", text):
        text = text.replace(",", "")
    if not re.fullmatch(r"[+-]?(\d{1,30}\.?\d{0,30}|\.\d{1,30})([eE][+-]?\d{1,2})?", text, re.ASCII):
        return None
    number = format(Decimal(text).scaleb(-2 if share else 0), "f")
    return number.rstrip("0").rstrip(".") if "e" in text.lower() and "." in number else number


def read_number(cell: str) -> Decimal:
    """Return a number that the database keeps whole; raise with the form that was meant."""
    if re.fullmatch(r"[+-]?\d{1,9}(\.\d{1,10})?", cell, re.ASCII):
        return Decimal(cell)
    meant = plain_number(cell)
    if meant is None:
        clean(cell, ID_LENGTH)
        raise refuse(f"{shown(cell)} 不是数字；应写成 12 或 0.90 这样",
                     f"{shown(cell)} is not a number; write digits such as 12 or 0.90")
    if not re.fullmatch(r"[+-]?\d{1,9}(\.\d{1,10})?", meant):
        raise refuse(f"{shown(cell)} 位数过多；应最多 9 位整数、10 位小数",
                     f"{shown(cell)} has too many digits; write at most 9 before and 10 after the point")
    zh, en = "不是本文件的数字写法", "is not how numbers are written here"
    if half_width(cell) != cell or cell.translate(KEYBOARD) != cell:
        zh, en = "含有全角字符", "holds full-width characters"
    elif "%" in cell:
        zh, en = "带有百分号，比例用小数", "has a percent sign, shares are fractions"
    raise refuse(f"{shown(cell)} {zh}；应写 {meant}", f"{shown(cell)} {en}; write {meant}")


def read_day(cell: str) -> date:
    """Return a date written as 2026-03-31; raise with the form that was meant."""
    plain = half_width(cell).translate(KEYBOARD).replace("\xa0", "").strip()
    parts = re.fullmatch(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?([ T][\d:.]+)?", plain, re.ASCII)
    if parts is None:
        raise refuse(f"{shown(cell)} 不是日期；应写成 2026-03-31 这样",
                     f"{shown(cell)} is not a date; write it as 2026-03-31")
    try:
        day = date(*map(int, parts.groups()[:3]))
    except ValueError:
        raise refuse(f"{shown(cell)} 没有这一天；应写存在的日期",
                     f"{shown(cell)} is no day of the calendar; write one that exists") from None
    if day.isoformat() != cell:
        raise refuse(f"{shown(cell)} 日期写法不对；应写 {day}",
                     f"{shown(cell)} is not how dates are written here; write {day}")
    if not 1900 <= day.year <= 2099:
        raise refuse(f"{shown(cell)} 不在 1900 至 2099 年内；没有终止日应留空",
                     f"{shown(cell)} is not in 1900 to 2099; leave valid_to empty for no end")
    return day


def read_label(cell: str) -> str:
    """Return a short text on one line."""
    return clean(cell, LABEL_LENGTH)


def read_word(cell: str) -> str:
    """Return a word that is looked for in texts, as it is."""
    return clean(cell, ID_LENGTH)


def read_text(cell: str) -> str:
    """Return a text, which may have several lines."""
    return clean(cell, TEXT_LENGTH, breaks="\n")
