"""Make names, ids and cells printable; define the characters that cannot be shown.

macros/staging/unprintable.sql does the same in SQL. This module imports only the standard library.
"""

from __future__ import annotations

import re

CONTROL, LINE_ENDS, DIRECTION = r"\x00-\x1f\x7f-\x9f", r"\u2028\u2029", r"\u202a-\u202e\u2066-\u2069"
WITHOUT_WIDTH, NO_XML = r"\u200b-\u200f\u2060-\u2065\ufeff", r"\ufffe\uffff"
# Characters not allowed in a text for people, and those invisible in an id.
UNPRINTABLE = re.compile(f"[{CONTROL}{LINE_ENDS}{DIRECTION}{NO_XML}]")
UNSEEN = re.compile(f"[{CONTROL}{LINE_ENDS}{DIRECTION}{WITHOUT_WIDTH}{NO_XML}]")
# In free text, tabs, line breaks and the joiners of emoji stay.
UNSEEN_IN_TEXT = re.compile(rf"(?![\t\n\r])[{CONTROL}{DIRECTION}{NO_XML}\ufeff]")


def plain(text: object) -> str:
    r"""Return a text in one line: unprintable characters (breaks, escapes, marks of direction) become \n, \x1b."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape", "surrogatepass").decode() for char in str(text)
    )
