"""Names, ids and cells as they may stand in a line for people, and which signs cannot be shown.

What is said here is said in SQL by macros/staging/unprintable.sql. Nothing but Python's own library is imported.
"""

from __future__ import annotations

import re

CONTROL, LINE_ENDS, DIRECTION = r"\x00-\x1f\x7f-\x9f", r"\u2028\u2029", r"\u202a-\u202e\u2066-\u2069"
WITHOUT_WIDTH, NO_XML = r"\u200b-\u200f\u2060-\u2065\ufeff", r"\ufffe\uffff"
# What a text for people cannot hold, and what nobody sees in an id either.
UNPRINTABLE = re.compile(f"[{CONTROL}{LINE_ENDS}{DIRECTION}{NO_XML}]")
UNSEEN = re.compile(f"[{CONTROL}{LINE_ENDS}{DIRECTION}{WITHOUT_WIDTH}{NO_XML}]")
# Of what people wrote: tabs, line breaks and the joints of emoji stay.
UNSEEN_IN_TEXT = re.compile(rf"(?![\t\n\r])[{CONTROL}{DIRECTION}{NO_XML}\ufeff]")


def plain(text: object) -> str:
    r"""Return a text in one line: what is not printable (breaks, escapes, marks of direction) stands as \n, \x1b."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape", "surrogatepass").decode() for char in str(text)
    )
