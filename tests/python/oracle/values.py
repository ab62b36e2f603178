"""Texts, ids, days and numbers of single cells, and how they are rounded."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, getcontext

getcontext().prec = 60
SUBJECT_TYPES = ("hall", "department", "window", "clerk")
MINUTE = 10**10  # process minutes are kept as whole ten-billionths


def rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def is_blank(sign: str) -> bool:
    """Return whether a character is white space, a control or a formatting character."""
    return unicodedata.category(sign) in ("Zs", "Zl", "Zp", "Cc", "Cf")


def text(value) -> str | None:
    """Return a cell without what is blank at its ends, None when nothing is left."""
    signs = list("" if value is None else str(value))
    while signs and is_blank(signs[-1]):
        signs.pop()
    while signs and is_blank(signs[0]):
        del signs[0]
    return "".join(signs) or None


def ident(value) -> str | None:
    """Return an id; one of more than 64 characters, or that looks shortened, keeps 47 and the begin of its hash."""
    name = text(value)
    is_kept = name is None or len(name) < 64 or (len(name) == 64 and not re.fullmatch("~[0-9a-f]{16}", name[47:]))
    return name if is_kept else f"{name[:47]}~{digest(name)[:16]}"


def digest(value: str | None) -> str:
    return hashlib.sha256(value.encode()).hexdigest() if value else ""


def day_of(value: str, default: date | None) -> date | None:
    return date.fromisoformat(value) if value else default


def number_of(value: str) -> Decimal | None:
    return Decimal(value) if value else None


def months_later(day: date, months: int) -> date:
    """Return the day some months later, or that month's last day when it is shorter."""
    month = day.year * 12 + day.month - 1 + months
    start = date(month // 12, month % 12 + 1, 1)
    end = date((month + 1) // 12, (month + 1) % 12 + 1, 1) - timedelta(days=1)
    return min(start.replace(day=1) + timedelta(days=day.day - 1), end)
