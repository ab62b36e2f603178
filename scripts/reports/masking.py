"""Hide personal data in what citizens wrote: numbers of phones and documents, e-mail addresses, names.

Rather a word too many than a person too few: whatever may be part of such a thing goes.
"""

from __future__ import annotations

import re
import unicodedata

MASK = "***"
HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff"
# Who writes a number in words means it to be read: 一三八…, 壹叁捌….
DIGIT = "[0-9〇零一二两三四五六七八九幺壹贰叁肆伍陆柒捌玖]"
BETWEEN = r"[\s\-－—_.．,，·/()（）\[\]]{0,3}"
TITLES = "先生|女士|小姐|太太|同志|师傅|老师|阿姨|大哥|大姐"

EMAIL = re.compile(
    r"[\w.%+\-]{1,64}\s*(?:[@＠]|\(at\)|\[at\]|#|\bat\b|艾特)\s*[\w\-]+(?:\s*(?:[.．]|\bdot\b|\(dot\)|点)\s*[\w\-]+)+",
    re.IGNORECASE,
)
# Seven digits are a local phone number; cards, documents and mobiles have more. A letter may lead or close.
LONG_NUMBER = re.compile(rf"\+?[A-Za-z]{{0,2}}{DIGIT}(?:{BETWEEN}{DIGIT}){{6,}}(?:{BETWEEN}[Xx](?![A-Za-z]))?\)?")
TITLED_NAME = re.compile(
    rf"(?:(?:[{HAN}]+[·•])+[{HAN}]+|[{HAN}]{{1,4}}|[A-Za-z][A-Za-z.'\-]*(?:\s+[A-Za-z][A-Za-z.'\-]*){{0,2}})"
    rf"\s*(?=(?:{TITLES}))"
)
NAMED_ONESELF = re.compile(rf"((?:我叫|我是|本人|姓名|名叫|名字是?|联系人)\s*[:：]?\s*)[{HAN}]{{2,4}}")


def mask(text: str) -> str:
    """Return the text with personal data replaced by ***; digits and letters of any width are made plain."""
    plain = "".join(_plain(character) for character in text)
    plain = EMAIL.sub(MASK, plain)
    plain = LONG_NUMBER.sub(MASK, plain)
    plain = TITLED_NAME.sub(MASK, plain)
    return NAMED_ONESELF.sub(rf"\1{MASK}", plain)


def _plain(character: str) -> str:
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    # Characters of no width could part a number without being seen.
    if unicodedata.category(character) == "Cf":
        return ""
    narrow = unicodedata.normalize("NFKC", character)
    return narrow if narrow.isalpha() and narrow.isascii() else character
