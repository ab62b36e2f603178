"""The words of the reports by language, one file each: words_zh.py, words_en.py."""

from __future__ import annotations

from types import SimpleNamespace

from reports.words_en import EN
from reports.words_zh import ZH

LANGUAGES = {"zh": ZH, "en": EN}


def words_of(language: str) -> SimpleNamespace:
    """Return the words of a language, by attribute."""
    return SimpleNamespace(**LANGUAGES[language], language=language)
