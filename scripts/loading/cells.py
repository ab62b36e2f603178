"""Read one cell: return its canonical text for LOAD DATA, or why it cannot be read. Nothing is guessed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal

from loading.contract import Column, Words, folded, name_key, shown
from plain_text import UNSEEN, UNSEEN_IN_TEXT

NULL = "\\N"
REMEMBERED = 20_000
NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII)
GROUPED = re.compile(r"([+-]?\d{1,3}(?:,\d{3})+)(\.\d+)", re.ASCII)
CLOCK_TEXT = r"(\d{1,2})[:时点](\d{2})(?:[:分](\d{2})(?:\.(\d{1,6})\d*)?)?[分秒]?"
DURATION = re.compile(r"(\d{1,3}):([0-5]\d):([0-5]\d)(?:\.\d+)?", re.ASCII)
MINUTES_WORD = re.compile(r"(\d{1,4})分钟?(?:([0-5]?\d)秒)?", re.ASCII)
ERROR = re.compile(r"#[A-Z/0]+[!?]")
TEXT_MARK = re.compile(r"'\d")  # '0001 in a workbook is 0001
NARROW = re.compile("#{3,}")
WRAPPED = re.compile('="([^"]*)"')  # how exports keep Excel from changing ids
SCIENTIFIC = re.compile(r"\d(\.\d+)?[Ee]\+?\d{1,3}", re.ASCII)
SERIAL = re.compile(r"\d{5}(?:\.\d+)?", re.ASCII)
OFFSET = r"(Z|[+-]\d{2}:?\d{2})?"
HALF_DAY = r"(上午|下午|凌晨|早上|中午|晚上|AM|PM)?"
MOMENT = re.compile(
    r"(?:(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})日?|(\d{4})(\d{2})(\d{2})|(\d{1,2})([-/.])(\d{1,2})\8(\d{4}))"
    rf"(?:[ ,]*(?:星期|周)[一二三四五六日天])?(?:[ T,]*{HALF_DAY}\s*{CLOCK_TEXT}\s*{HALF_DAY}\s*{OFFSET})?",
    re.ASCII | re.IGNORECASE,
)
DAY = (
    r"[12]\d{3}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))"
)
CLOCK = r"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d"
CANONICAL_TIMES = re.compile(
    r"(?:(?:\d{4}-\d\d-\d\d (?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?)?(?:\n|\Z))*+", re.ASCII)
# Not 24:00, which belongs to the next day.
DAY_ALONE, CLOCK_ALONE = re.compile(r"[\d年月日/.-]{8,11}"), re.compile(r"(?:[01]?\d|2[0-3]):\d\d(?::\d\d)?", re.ASCII)
COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})[ T]?(\d{2})(\d{2})(\d{2})", re.ASCII)
LONGEST_TIME = 80  # longer texts are not times and are slow to match
# White space and invisible characters, which are cut from the ends of ids.
ENDS = "".join(sign for sign in map(chr, range(0x10000)) if UNSEEN.match(sign) or sign.isspace())
EXACT_DIGITS = 10**15  # Excel keeps no more digits
# Excel has two date systems, 1900 and 1904; the second comes from old Macs.
EPOCHS = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}
FIRST_SERIAL_DAY = datetime(1990, 1, 1)

# Why a cell cannot be read, and what would be right: (Chinese, English).
RIGHT = {
    "date": ("无法识别，应写 2026-03-31 这样的日期", "cannot be read; write a date such as 2026-03-31"),
    "time": ("无法识别，应写 2026-03-31 09:30:00 这样的时间",
             "cannot be read; write a time such as 2026-03-31 09:30:00"),
    "order": ("分不清月和日，整列都看不出先后；应写 2026-03-31 这样的日期",
              "does not tell month from day, nor does its column; write dates such as 2026-03-31"),
    "serial": ("是数字而不是日期，可能是 Excel 的日期序号，但看不出从哪年算起；请把该列设为日期格式，或写 2026-03-31",
               "is a number, maybe a day as Excel counts them, but from which year is not known;"
               " format the column as dates, or write 2026-03-31"),
    "number": ("无法识别，应写 12.5 这样的数字", "cannot be read; write a number such as 12.5"),
    "minutes": ("无法识别，应写分钟数 12.5 或时分秒 00:12:30",
                "cannot be read; write minutes such as 12.5, or 00:12:30"),
    "clock": ("是 Excel 的时刻或一小时以上的时长，看不出是几时几分还是几分几秒；请写分钟数，如 12.5",
              "is a time of day, or an hour or more, to Excel: hours and minutes, or minutes and seconds, is not known;"
              " write minutes such as 12.5"),
    "too_large": ("超出该列的范围；请检查这个数", "is out of the column's range; look at the number"),
    "no_id": ("没有编号；请补上，若不是记录请删去这一行",
              "is without an id; add it, or delete the line if it is no record"),
    "words": ("只有这一格文字，像是说明；请补齐这一行，若不是记录请删去",
              "is all there is, like a note; complete the line, or delete it if it is no record"),
    "yes_no": ("无法识别，应写 1 或 0（是 或 否）", "cannot be read; write 1 or 0 (是 or 否)"),
    "scientific": ("是科学计数法，编号已不完整；请把该列设为文本格式后重新导出",
                   "is in scientific notation and no longer the whole id; format the column as text, export again"),
    "digits": ("超过 15 位，Excel 已改动末几位；请把该列设为文本格式后重新导出",
               "has more than 15 digits, of which Excel changed the last; format the column as text, export again"),
    "as_date": ("被 Excel 变成了日期；请把该列设为文本格式并重新填写",
                "was made a date by Excel; format the column as text and enter it again"),
    "line_break": ("含有换行，编号应在一行内", "holds a line break; an id is on one line"),
    "unseen_id": ("含有看不见的字符（显示为 �），编号里不能有；请删去后重新填写",
                  "holds characters that cannot be seen (shown as �), which no id may; delete them and enter it again"),
    "quote": ("以引号开头，可能是没有关闭的引号，或 Excel 的文本标记；请删去引号",
              "begins with a quote, maybe one never closed, or Excel's mark of a text; delete it"),
    "narrow": ("不是值，是列太窄时 Excel 显示的；请加宽该列，重新导出",
               "is no value, but what Excel shows where a column was too narrow; widen it and export again"),
    "error": ("是公式的错误值，或公式还没有算出的值；请更正公式，重算后保存",
              "is the error of a formula, or one not calculated yet; mend the formula, calculate and save again"),
    "no_header": ("在没有表头的列里；请补上表头，或清空该列",
                  "stands in a column without a header; name the column, or empty it"),
}


class Special(str):
    """A canonical text that needs attention.

    Its kind is a key of RIGHT, a result of Words.row_kind, or one of header, null, unseen, width.
    """

    kind: str

    def __new__(cls, text: str, kind: str):
        """Return the text with its kind."""
        self = super().__new__(cls, text)
        self.kind = kind
        return self


def text_of(value) -> str:
    """Return a value of a workbook as a person would write it."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float):
        if value.is_integer() and abs(value) < EXACT_DIGITS * 1000:
            return str(int(value))
        return format(Decimal(repr(value)), "f") if abs(value) < EXACT_DIGITS else repr(value)
    if isinstance(value, timedelta):
        seconds = int(value.total_seconds())
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    if isinstance(value, datetime):
        return value.isoformat(" ")
    return "" if value is None else str(value)


def escaped(text: str) -> str:
    """Return text as LOAD DATA reads it: backslash, tab and line breaks escaped."""
    return text.replace("\\", r"\\").replace("\t", r"\t").replace("\n", r"\n").replace("\r", r"\r")


class Cells(dict):
    """The cells of one column, each read once: {raw cell: canonical text or Special}.

    `order` is how to read dates such as 3/31/2026: "mdy", "dmy", "unknown" if the column does not
    decide it, None until a date needs it.
    """

    def __init__(self, column: Column, words: Words, zone: timezone, date1904: bool | None, now: datetime):
        """Read cells of a column; date1904 is None if the file does not give its date system."""
        super().__init__()
        self.column, self.words, self.zone, self.date1904, self.now = column, words, zone, date1904, now
        self.known = {*words.meanings, *words.total_rows, *words.footers}
        if column.is_required:
            self.known |= words.headers
        self.special = False
        self.order: str | None = None
        self.asked = False
        self.orders: set[str] = set()
        kind = column.data_type.split("(")[0]
        self.length = int(column.data_type[8:-1]) if kind == "varchar" else 0
        self.is_id = kind == "varchar" and self.length <= 64
        # The id of a list; a row without it is not an entry.
        self.is_list_id = column.is_required and column.is_key
        if kind == "decimal":
            digits, scale = map(int, re.findall(r"\d+", column.data_type))
            self.least, self.most = Decimal(1).scaleb(-scale), Decimal(10) ** (digits - scale)
            self.number = re.compile(rf"[+-]?\d{{1,{digits - scale}}}(?:\.\d{{1,{scale}}})?", re.ASCII)
        # Free text stays out of messages: it could look like a message, and may name people.
        self.is_quoted = kind != "text" and self.length <= 64
        # {as written: canonical} of the dates and the clock times of moments, so that each is read once.
        self.days: dict[str, str] = {}
        self.clocks: dict[str, str] = {}
        self.read_typed = {
            "date": self.read_date, "datetime": self.read_time, "decimal": self.read_number,
            "tinyint": self.read_yes_no, "varchar": self.read_name, "text": self.read_text,
        }[kind]
        self.is_time, self.is_name, self.is_text = kind == "datetime", kind == "varchar", kind == "text"

    def __missing__(self, cell):
        """Read a cell that is not in the cache."""
        if type(cell) is str:
            if self.is_time:
                day, _, clock = cell.partition(" ")
                if day in self.days and clock in self.clocks:
                    return f"{self.days[day]} {self.clocks[clock]}"
            elif (
                self.is_name and cell.isalnum() and cell.isascii() and len(cell) <= self.length
                and cell.lower() not in self.known
            ):
                if len(self) < REMEMBERED:
                    self[cell] = cell
                return cell
        value = self.read(cell)
        if len(self) >= REMEMBERED:
            self.clear()
        self[cell] = value
        if type(value) is Special:
            self.special = True
        return value

    def read_column(self, cells: Sequence) -> list[str]:
        """Return the canonical texts of several cells."""
        if self.is_time:
            # The fastest case: all are canonical already.
            kinds = set(map(type, cells))
            joined = "\n".join(cells) if kinds == {str} else "\n" * len(cells)
            if joined.count("\n") == len(cells) - 1 and CANONICAL_TIMES.fullmatch(joined):
                for day in {cell[:10] for cell in cells}:
                    if day and self.read_again(day)[:10] != day:
                        break
                else:
                    return [cell or NULL for cell in cells] if "" in cells else list(cells)
            if kinds == {datetime}:
                return list(map(str, cells))
        return list(map(self.__getitem__, cells))

    def quick_pattern(self) -> str | None:
        """Return a regular expression that matches canonical cells, or None.

        It may miss some (such as 29 February), but never matches a cell that is not canonical.
        """
        kind = self.column.data_type.split("(")[0]
        if values := {meaning for meaning in self.words.meanings.values() if meaning}:
            return "|".join(map(re.escape, sorted(values)))
        if self.is_id and not any(letter.isdigit() for word in self.known for letter in word):
            # No word for "no value" holds a digit, and a number such as 1.2E+11 always has a plus.
            return rf"(?=[A-Za-z_.-]*[0-9])[A-Za-z0-9_.-]{{1,{self.length}}}"
        return {"date": DAY, "datetime": f"{DAY} {CLOCK}",
                "decimal": kind == "decimal" and self.number.pattern}.get(kind)

    def read(self, cell) -> str:
        """Return the canonical text of a cell."""
        if not isinstance(cell, str):
            return self.read_value(cell)
        text = cell.strip()
        if not self.is_text:
            if match := WRAPPED.fullmatch(text):
                text = match[1].strip()
            if NARROW.fullmatch(text):
                return Special("", "narrow")
        if not text:
            return self.nothing()
        if ERROR.fullmatch(text):
            return Special("", "error")
        word = folded(text) if len(text) < 80 else text
        if word in self.words.meanings:
            meaning = self.words.meanings[word]
            return meaning if meaning is not None else self.nothing() if self.is_list_id else Special(NULL, "null")
        if kind := self.words.row_kind(text):
            return Special(escaped(text), kind)
        if self.column.is_required and len(text) < LONGEST_TIME and name_key(text) in self.words.headers:
            return Special(escaped(text), "header")
        if self.is_list_id and not text.isascii():
            return Special(escaped(text), "words")
        return self.read_typed(text)

    def nothing(self) -> str:
        """Return the value of a blank cell."""
        return Special(NULL, "no_id") if self.is_list_id else NULL

    def read_again(self, cell) -> str:
        """Read a cell that looks like part of a total row or a header, but is not."""
        return self.read_typed(text_of(cell).strip())

    def read_value(self, value) -> str:
        """Return the canonical text of a number, date, duration or boolean of a workbook."""
        if value is None:
            return self.nothing()
        kind = self.column.data_type.split("(")[0]
        if isinstance(value, bool) and kind != "tinyint":  # TRUE is not a minute
            return self.read(str(value).upper())
        if kind in ("date", "datetime"):
            if isinstance(value, date):  # a datetime too
                return self.moment(datetime(value.year, value.month, value.day) if type(value) is date else value)
            return self.read_typed(text_of(value)) if isinstance(value, float | int) else Special("", "time")
        if kind == "decimal" and isinstance(value, time | timedelta):
            if isinstance(value, time):
                value = timedelta(hours=value.hour, minutes=value.minute, seconds=value.second)
            if value >= timedelta(hours=1) and self.column.unit == "minute":
                return Special("", "clock")
            return self.minutes(Decimal(str(value.total_seconds())))
        if self.is_name:
            if isinstance(value, date | time | timedelta):
                return Special("", "as_date")
            if isinstance(value, float) and abs(value) >= EXACT_DIGITS:
                return Special("", "digits")
        return self.read_typed(text_of(value))

    # Dates and times

    def read_date(self, text: str) -> str:
        """Read a date; a time is read as its day."""
        return self.read_moment(text, "date")

    def read_time(self, text: str) -> str:
        """Read a time; a date is read as its midnight."""
        found = self.read_moment(text, "time")
        day, _, clock = text.partition(" ")
        if type(found) is str and DAY_ALONE.fullmatch(day) and CLOCK_ALONE.fullmatch(clock):
            if len(self.clocks) > 100_000:
                self.clocks.clear()
            self.days[day], self.clocks[clock] = found.split(" ")
        return found

    def moment(self, found: datetime) -> str:
        """Return a moment in the column's type."""
        return found.isoformat(" ") if self.is_time else found.date().isoformat()

    def read_moment(self, text: str, kind: str) -> str:
        """Read a date in any of the accepted forms, with or without a time."""
        if len(text) > LONGEST_TIME:
            return Special("", kind)
        text = unicodedata.normalize("NFKC", text)
        if match := COMPACT.fullmatch(text):
            text = "{}-{}-{} {}:{}:{}".format(*match.groups())
        if SERIAL.fullmatch(text):
            return self.read_serial(float(text))
        match = MOMENT.fullmatch(text)
        if not match:
            return Special("", kind)
        part = match.groups()
        if part[6] is None:
            year, month, day = part[0:3] if part[0] else part[3:6]
        else:
            one, two, year = int(part[6]), int(part[8]), part[9]
            if one != two and one <= 12 and two <= 12:
                if self.order is None:
                    self.asked = True
                    return Special("", "order")
                if self.order == "unknown":
                    return Special("", "order")
            elif one != two:
                self.orders.add("dmy" if one > 12 else "mdy")
            is_month_first = two > 12 or (one <= 12 and self.order != "dmy")
            month, day = (one, two) if is_month_first else (two, one)
        try:
            found = datetime(int(year), int(month), int(day))
            if part[11] is not None:
                found = self.with_clock(found, *part[10:17])
        except (ValueError, OverflowError):
            return Special("", kind)
        return self.moment(found)

    def with_clock(
        self, day: datetime, before: str | None, hour: str, minute: str, second: str | None, fraction: str | None,
        after: str | None, offset: str | None
    ) -> datetime:
        """Return a day with its time. Raises ValueError if there is no such time."""
        if before and after:
            raise ValueError
        half, hours = (before or after or "").upper(), int(hour)
        if half:
            # 上午 12:30 and 上午 13:00 are ambiguous, so they are refused.
            if half in ("AM", "PM"):
                if not 1 <= hours <= 12:
                    raise ValueError
                hours = hours % 12 + (12 if half == "PM" else 0)
            elif half in ("下午", "晚上"):
                if hours == 12 or hours == 0:
                    raise ValueError
                hours += 12 if hours < 12 else 0
            elif half == "中午":
                if hours not in (11, 12, 1, 13):
                    raise ValueError
                hours += 12 if hours == 1 else 0
            elif hours >= 12:
                raise ValueError
        clock = (int(minute), int(second or 0), int((fraction or "").ljust(6, "0")))
        if hours == 24 and not any(clock) and not half:
            found = day + timedelta(days=1)
        else:
            found = day.replace(hour=hours, minute=clock[0], second=clock[1], microsecond=clock[2])
        if offset:
            minutes = 0 if offset.upper() == "Z" else int(offset[1:3]) * 60 + int(offset[-2:])
            if minutes >= 24 * 60:
                raise ValueError
            there = timezone(timedelta(minutes=-minutes if offset[0] == "-" else minutes))
            found = found.replace(tzinfo=there).astimezone(self.zone).replace(tzinfo=None)
        return found

    def read_serial(self, days: float) -> str:
        """Read a serial number of Excel. Without a date system, only one of the two may give a plausible day."""
        seconds = timedelta(seconds=round(days * 86400))
        if self.date1904 is not None:
            return self.moment(EPOCHS[self.date1904] + seconds)
        fits = [epoch + seconds for epoch in EPOCHS.values()
                if FIRST_SERIAL_DAY <= epoch + seconds <= self.now + timedelta(days=1)]
        return self.moment(fits[0]) if len(fits) == 1 else Special("", "serial")

    # Numbers

    def read_number(self, text: str) -> str:
        """Read a number, or in a column of minutes a duration."""
        if self.number.fullmatch(text):
            return text
        text = unicodedata.normalize("NFKC", text)
        if match := GROUPED.fullmatch(text):
            text = match[1].replace(",", "") + match[2]
        if NUMBER.fullmatch(text):
            return self.rounded(Decimal(text))
        if self.column.unit == "minute":
            if match := DURATION.fullmatch(text):
                hours, minutes, seconds = text.split(":")
                return self.minutes(Decimal(hours) * 3600 + Decimal(minutes) * 60 + Decimal(seconds))
            if match := MINUTES_WORD.fullmatch(text):
                return self.minutes(Decimal(match[1]) * 60 + Decimal(match[2] or 0))
            return Special("", "minutes")
        return Special("", "number")

    def minutes(self, seconds: Decimal) -> str:
        """Return seconds as minutes if the column holds minutes."""
        if self.column.unit != "minute":
            return Special("", "number")
        return self.rounded(seconds / 60)

    def rounded(self, value: Decimal) -> str:
        """Return a number rounded half up to the column's decimals, as the servers round."""
        if abs(value) < self.most:
            value = value.quantize(self.least, ROUND_HALF_UP)
        if abs(value) >= self.most:
            return Special("", "too_large")
        return format(value if value else abs(value), "f").rstrip("0").rstrip(".")

    def read_yes_no(self, text: str) -> str:
        """Read yes or no as a small integer; staging judges values other than 0 and 1."""
        text = re.sub(r"\.0+$", "", unicodedata.normalize("NFKC", text))
        return text if re.fullmatch(r"[+-]?\d{1,2}", text, re.ASCII) else Special("", "yes_no")

    # Names and texts

    def read_name(self, text: str) -> str:
        """Read an id or a name of limited length."""
        if self.is_id:
            if "\n" in text or "\r" in text:
                return Special("", "line_break")
            if SCIENTIFIC.fullmatch(text) and "+" in text:
                return Special("", "scientific")
            if text.startswith('"') or TEXT_MARK.match(text):
                return Special("", "quote")
        seen = text.strip(ENDS) if self.is_id else UNSEEN_IN_TEXT.sub("", text).strip()
        kind = "unseen" if seen != text else "width"
        if self.is_id:
            seen = narrowed(seen)
        if len(seen) > self.length:
            return Special("", "too_long")
        if self.is_id and UNSEEN.search(seen):
            return Special("", "unseen_id")  # if they were dropped, 1⇥23 and 12⇥3 would be one clerk
        return escaped(seen) if seen == text else Special(escaped(seen) or NULL, kind)

    def read_text(self, text: str) -> str:
        """Read what a citizen or clerk wrote."""
        seen = UNSEEN_IN_TEXT.sub("", text)
        if len(seen.encode()) > 65_535:
            return Special("", "too_long")
        return escaped(seen) if seen == text else Special(escaped(seen) or NULL, "unseen")

    def right(self, kind: str) -> tuple[str, str]:
        """Return why a cell of a kind cannot be read and what to write, in Chinese and English."""
        if kind == "too_long":
            length = self.length or 21_845
            return f"太长，最多 {length} 个字符", f"is too long; write at most {length} characters"
        return RIGHT[kind]


def narrowed(text: str) -> str:
    """Return text with full-width and half-width forms as plain letters; what else NFKC changes (², ①) stays."""
    if text.isascii():
        return text
    return "".join(
        unicodedata.normalize("NFKC", letter)
        if unicodedata.decomposition(letter).startswith(("<wide>", "<narrow>")) else letter for letter in text)


class Aside(dict):
    """The cells of a column that is not loaded. They may mark a total row; without a header they must be blank."""

    special = False
    asked = False
    is_quoted = False
    column = None

    def __init__(self, is_named: bool, words: Words):
        """Check the cells of a column with or without a header."""
        super().__init__()
        self.is_named, self.words = is_named, words

    def read_column(self, cells: Sequence) -> list[str]:
        """Return NULL for each cell that has no meaning here."""
        return list(map(self.__getitem__, cells))

    def __missing__(self, cell):
        """Return NULL, or a Special."""
        text = text_of(cell).strip()
        if not text or (self.is_named and text.isdigit()):
            return NULL
        kind = self.words.row_kind(text)
        value = Special(NULL, kind) if kind else self.read_again(cell)
        if len(self) >= REMEMBERED:
            self.clear()
        self[cell] = value
        self.special |= type(value) is Special
        return value

    def read_again(self, cell) -> str:
        """Read a cell that does not begin a total row or a footer."""
        return NULL if self.is_named else Special("", "no_header")

    def quick_pattern(self) -> None:
        """Return None: a column that is not loaded must be cut out."""

    def right(self, kind: str) -> tuple[str, str]:
        """Return why a cell is not allowed, and what to write."""
        return RIGHT[kind]


def quoted(value) -> str:
    """Return a cell as messages show it."""
    return f'"{shown(text_of(value).strip())}"'
