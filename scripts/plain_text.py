"""Names, ids and cells as they may stand in a line for people."""

from __future__ import annotations


def plain(text: object) -> str:
    r"""Return a text in one line: what is not printable (breaks, escapes, marks of direction) stands as \n, \x1b."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape", "surrogatepass").decode() for char in str(text)
    )
