"""The rule files as they are at a git ref."""

from __future__ import annotations

import csv
import io
import subprocess
from contextlib import suppress
from pathlib import Path

from pydantic import ValidationError, create_model

from rules.rows import FieldProblems, Row
from rules.tables import Line, Table


def git(folder: Path, *arguments: str) -> bytes | None:
    """Return what git printed, or None when it failed or is not installed."""
    try:
        done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True)  # noqa: S603, S607
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None


def find_base(folder: Path, named: str | None) -> str | None:
    """Return where HEAD left the named ref, else origin/main, else HEAD; None when there is none."""
    refs = [named] if named else ["origin/main", "HEAD"]
    for ref in refs:
        if git(folder, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}"):
            # What the ref has got since is no deletion here.
            forked = git(folder, "merge-base", ref, "HEAD")
            return forked.decode().strip() if forked else ref
    return None


def read_base(file: str, content: bytes, model: type[Row]) -> Table:
    """Return a seed's rows at the ref in the columns that it shares with today's model, which may know others."""
    table = Table(file)
    reader = csv.reader(io.StringIO(content.decode("utf-8-sig", "replace")))
    header = next(reader, [])
    missing = model.model_fields.keys() - set(header)
    if missing & {*model.KEY, "valid_from", "go_live"}:
        return table

    class BaseRow(model):
        """What fits together is checked of today's rows alone."""

        def problems(self) -> FieldProblems:
            yield from ()

    lenient = create_model("BaseRow", __base__=BaseRow, **dict.fromkeys(missing, (object, None)))
    first = reader.line_num + 1
    for row in reader:
        cells = {name: cell for name, cell in zip(header, row, strict=False) if name in model.model_fields}
        with suppress(ValidationError):
            table.lines.append(Line(first, cells, lenient.model_validate(cells)))
        first = reader.line_num + 1
    return table
