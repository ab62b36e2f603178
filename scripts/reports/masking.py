"""Hide personal data in what citizens wrote: numbers of phones and documents, e-mail addresses, names.

Rather a word too many than a person too few: whatever may be part of such a thing goes.
"""

from __future__ import annotations

import re
import unicodedata

MASK = "***"
# Ideographs in and beyond the first plane, and the private areas where rare characters of names are put.
HAN = (
    "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\ue000-\ufaff"
    "\U00020000-\U0003ffff\U000f0000-\U0010ffff"
)
LETTER = "A-Za-z\u00c0-\u1fff\u3040-\u30ff\uac00-\ud7af"
OPEN, CLOSE = r"[(\[{<（［｛【〔「『“\"‘']", r"[)\]}>）］｝】〕」』”\"’']"
# Who writes a number in words means it to be read: 一三八…, 壹叁捌….
DIGIT = "[0-9〇○◯零一二两兩三四五六七八九幺壹贰貳叁參叄肆伍陆陸柒捌玖]"
# Anything but letters parts the digits of one number, however much of it.
BETWEEN = r"(?:[\W_年月日号號])*"
TITLES = "先生|女士|小姐|太太|同志|师傅|老师|阿姨|大哥|大姐"

AT = rf"\s*(?:[@＠﹫]|{OPEN}\s*(?:[@＠﹫]|at|艾特)\s*{CLOSE})\s*"
DOT = rf"\s*(?:[.．]|\bdot\b|{OPEN}\s*(?:dot|点|[.．])\s*{CLOSE}|点)\s*"
LOCAL = r"[\w.%+\-]{1,64}"
EMAIL = re.compile(
    # After a sign the rest may lack its dot, or have a mark for it; after a word it may not.
    rf"(?:[\"“][^\"”\n]{{1,64}}[\"”]|{LOCAL})?{AT}[\w\-]+(?:{DOT}[\w\-]+|\s*[。,，、·]\s*[A-Za-z0-9\-]+)*"
    rf"|{LOCAL}\s*(?:#|\bat\b|艾特)\s*[\w\-]+(?:{DOT}[\w\-]+)+",
    re.IGNORECASE,
)
# Seven digits are a local phone number; cards, documents and mobiles have more. A letter may lead or close.
LONG_NUMBER = re.compile(
    rf"\+?[A-Za-z]{{0,2}}{DIGIT}(?:{BETWEEN}{DIGIT}){{6,}}(?:{BETWEEN}[Xx](?![A-Za-z]))?[)）]?")
TIME = r"(?:[01]?\d|2[0-3])[:：][0-5]\d"
WHEN = re.compile(rf"(?:(?:20\d\d年)?\d{{1,2}}月\d{{1,2}}[日号]?)?\s*(?:{TIME}(?:\s*[-—~～]+\s*{TIME})?)?")
# More than four characters are a name where none of them is a word that parts it from the sentence.
LONG_NAME = rf"(?:(?![的了是请您你我他她在很被把给让个位])[{HAN}]){{5,12}}"
FOREIGN_NAME = rf"[{LETTER}][{LETTER}.'’\-]*(?:[\s·•]+[{LETTER}][{LETTER}.'’\-]*){{0,3}}"
NAME = (
    rf"(?:(?:[{HAN}]+[·•・‧])+[{HAN}]+|{LONG_NAME}|[{HAN}](?:\s{{0,3}}[{HAN}]){{0,3}}|{FOREIGN_NAME})"
)
TITLED_NAME = re.compile(rf"(?:{NAME}\s*[、&]\s*)*{NAME}(?=(?:\s|[·•・‧]|{OPEN}){{0,4}}(?:{TITLES}))")
NAMED_ONESELF = re.compile(
    r"((?:我叫|我是|本人|姓名|名叫|名字是?|联系人)\s*[:：]?\s*)"
    rf"(?:[{HAN}]+[·•・‧][{HAN}·•・‧]+|{LONG_NAME}|[{HAN}]{{2,4}}|{FOREIGN_NAME})"
)


def mask(text: str) -> str:
    """Return the text with personal data replaced by ***; digits and letters of any width are made plain."""
    plain = "".join(_plain(character) for character in unicodedata.normalize("NFC", text))
    plain = EMAIL.sub(MASK, plain)
    plain = LONG_NUMBER.sub(lambda found: found[0] if WHEN.fullmatch(found[0]) else MASK, plain)
    plain = TITLED_NAME.sub(MASK, plain)
    return NAMED_ONESELF.sub(rf"\1{MASK}", plain)


def excerpt(text: str, length: int) -> str:
    """Return the beginning of a text, masked as a whole before it is cut."""
    masked = mask(text)
    return masked if len(masked) <= length else masked[:length] + "…"


def _plain(character: str) -> str:
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    # Characters of no width could part a number without being seen.
    if unicodedata.category(character) == "Cf":
        return ""
    # Punctuation and blanks stay as they were written.
    if unicodedata.category(character)[0] in "PZ":
        return character
    return unicodedata.normalize("NFKC", character)
