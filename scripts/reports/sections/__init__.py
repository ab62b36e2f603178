"""The sections of a report that have their own mart.

A section is a module here, with macros in the template of its name and words `sheets[name]`, `<name>_note`. It has

- `read`: returns rows with the words for page and sheet, or None if the section does not belong to the period;
- `COLUMNS` of its sheet: (header word, column, kind of cell, width in characters);
- optionally `MARKED` ({column: method of Book}) and `IS_PUBLIC`.

The public sees the rows of a public section that concern a whole hall, and no other section. Actions also reveal
earlier periods, in which a hall may not have been public. Checks are for those who correct the data.
"""

from __future__ import annotations

from types import ModuleType, SimpleNamespace

from reports.marts import Marts
from reports.sections import (
    actions,
    channels,
    checks,
    correlations,
    measures,
    merits,
    pains,
    peaks,
    pilots,
    review,
    rewards,
)

# In the order of the sheets.
SECTIONS: dict[str, ModuleType] = {
    module.__name__.rsplit(".", 1)[-1]: module
    for module in (
        actions, rewards, peaks, pains, channels, merits, pilots, review, measures, correlations, checks,
    )
}


def read_sections(marts: Marts, here: dict, words: SimpleNamespace) -> dict[str, list[dict] | None]:
    """Return the rows of all sections."""
    return {name: section.read(marts, here, words) for name, section in SECTIONS.items()}


def public_sections(sections: dict[str, list[dict] | None], shown: set[str]) -> dict[str, list[dict] | None]:
    """Return what the public may see: rows about halls of `shown`, not about windows or clerks."""
    return {
        name: [
            row for row in rows or [] if row["hall_id"] in shown and row.get("subject_type", "hall") == "hall"
        ] or None if getattr(SECTIONS[name], "IS_PUBLIC", False) else None
        for name, rows in sections.items()
    }
