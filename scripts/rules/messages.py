"""The words of a message about a cell, in Chinese and English."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from pydantic_core import PydanticCustomError

from plain_text import plain


def shown(text: object) -> str:
    """Return a cell as it may stand in a message: quoted, short, with unseen characters spelled out."""
    cell = str(text)
    cell = cell if len(cell) <= 40 else cell[:40] + "…"
    return f'"{plain(cell)}"'


def choose(word: str, known: Iterable[str]) -> tuple[str, str]:
    """Return (zh, en): the words that may be used, the nearest one named."""
    known = sorted(known)
    near = get_close_matches(word.lower(), known, n=1, cutoff=0.4)
    zh, en = f"可用：{'、'.join(known)}", f"known: {', '.join(known)}"
    return (f"应为 {near[0]}？{zh}", f"did you mean {near[0]}? {en}") if near else (f"应为其中之一。{zh}",
                                                                                    f"use one, {en}")


def refuse(zh: str, en: str) -> PydanticCustomError:
    """Return the error of a cell, with its message in both languages."""
    return PydanticCustomError("cell", "{en}", {"zh": zh, "en": en})
