"""An attacker with all public files of a year, as nightly.py would publish them, finds no small group.

The attacker reads every number in workbooks and pages that follows from ratings or complaints, treats it as an
equation about unknowns (ratings, stars, complaints of each part of a hall in each span of days), and solves.
"""

import json
import random
import re
from collections import Counter
from datetime import date, timedelta
from html.parser import HTMLParser
from itertools import chain, combinations, groupby
from pathlib import Path

import numpy
import openpyxl
import pytest

import export_reports
import nightly
import raw_tables
from conftest import Project
from raw_tables import cases, complaint, ratings
from reports.texts import words_of

pytestmark = [pytest.mark.once, pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")]

LEAST = 5  # public_minimum_ratings
WORDS = words_of("zh")
YEAR, AUTUMN, END = date(2025, 1, 1), date(2025, 10, 3), date(2026, 1, 4)
HALLS = ("H1", "H2", "H3")
# Windows of each hall by department; ratings without a window are a separate part.
DEPARTMENTS = {"D1": ("W1", "W2"), "D2": ("W3", "W4")}
PARTS = (*chain(*DEPARTMENTS.values()), None)
# Each metric of ratings or complaints: (numerator, denominator); cases are public.
QUOTIENTS = {
    "avg_rating": ("stars", "ratings"), "satisfied_rate": ("satisfied", "ratings"),
    "rating_coverage_rate": ("ratings", "cases"), "complaint_count": ("complaints", None),
}
# Quantities that occur in the same equations; complaints in time alone reveal no number.
TOGETHER = (("ratings", "stars", "satisfied"), ("complaints",))
QUANTITIES = tuple(chain(*TOGETHER))


def closed_days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def year_of_ratings(seed: int) -> list[dict]:
    """Return the ratings of a year: some per week and part, and in Q3 at H1 W1 those of the worked example.

    Their days depend only on the first seed: 64 stars of 16 ratings in July, 3 of 2 in August, 60 of 15 in September.
    """
    when, stars = random.Random(1), random.Random(seed)
    rows = []
    for day in closed_days(YEAR, date(2025, 12, 31)):
        for hall, part in ((hall, part) for hall in HALLS for part in PARTS):
            if (hall, part) == ("H1", "W1") and day.month in (7, 8, 9):
                continue
            often = {"H1": 0.55, "H2": 0.25, "H3": 0.06}[hall] * (0.3 if part in (None, "W4") else 1)
            count = sum(when.random() < often for _ in range(2)) if day.isoweekday() < 6 else when.random() < often / 5
            rows += ratings([stars.choice((3, 4, 5, 5)) for _ in range(count)], str(day), hall, window_id=part)
    for month, sums in ((7, [4] * 16), (8, [2, 1]), (9, [4] * 15)):
        rows += [
            row for n, star in enumerate(sums)
            for row in ratings([star], str(date(2025, month, 1 + n + n // 5 * 2)), "H1", window_id="W1")
        ]
    return [row | {"feedback_id": f"F{n}"} for n, row in enumerate(rows)]


def year_of_complaints() -> list[dict]:
    chance = random.Random(2)
    return [
        complaint(hall, f"{day} 09:00:00", f"{day + timedelta(days=chance.choice((0, 0, 3)))} 10:00:00",
                  window_id=part, complaint_id=f"C-{hall}-{part}-{day}")
        for day in closed_days(YEAR, date(2025, 12, 31)) for hall in HALLS for part in PARTS
        if chance.random() < 0.012
    ]


@pytest.fixture(scope="module")
def year(project: Project, tmp_path_factory) -> dict:
    """Public pages as of two dates: periods closed before October, and the rest, with late ratings of earlier days."""
    raw_tables.create(project, "service_log", "feedback", "complaints", "halls", "windows")
    raw_tables.insert(project, "halls", [{"hall_id": hall, "hall_name": hall} for hall in HALLS])
    raw_tables.insert(project, "windows", [
        {"hall_id": hall, "window_id": window, "department": department}
        for hall in HALLS for department, windows in DEPARTMENTS.items() for window in windows
    ])
    for hall, minutes in zip(HALLS, (8, 11, 9), strict=True):
        raw_tables.insert(project, "service_log", [
            row for n, day in enumerate(closed_days(YEAR, date(2025, 12, 31))) if n % 3 == 0
            for window in PARTS[:-1] for row in cases(2, str(day), hall, minutes + n % 4, n % 7 and 2, window_id=window)
        ])
    found, complaints = year_of_ratings(1), year_of_complaints()
    chance = random.Random(3)
    late = {
        row["feedback_id"] for row in found
        if row["date"] < "2025-09-01" and row["window_id"] != "W1" and chance.random() < 0.03
    }
    raw_tables.insert(project, "feedback", [row for row in found if row["feedback_id"] not in late])
    raw_tables.insert(project, "complaints", complaints)
    folder = tmp_path_factory.mktemp("public")
    project.build(str(AUTUMN))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HALL_SCORES_SCHEMA", project.schema)
        published = dict.fromkeys(publish(folder, "--public"), False)
        raw_tables.insert(project, "feedback", [row for row in found if row["feedback_id"] in late])
        project.build(str(END), reconcile=True)
        published |= dict.fromkeys(publish(folder, "--public"), True)
    return {"project": project, "folder": folder, "published": published, "late": late,
            "ratings": found, "complaints": complaints}


def publish(folder: Path, *audience: str, only: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """Export due periods in the order of nightly.py; return them."""
    due = [
        (kind, start) for kind, start in nightly.due_periods(
            nightly.closed_periods(None), nightly.shown_periods(folder), date(2024, 12, 30))
        if not only or f"{kind}-{start}" in only
    ]
    for kind, start in due:
        assert export_reports.main(["--period", kind, "--start", start, "--out", str(folder), *audience]) == 0
    return due


# What the attacker reads


class Tables(HTMLParser):
    """The tables of a page, each row as {header: text}."""

    def __init__(self, path: Path):
        super().__init__()
        self.rows, self.head, self.cells, self.tag, self.small = [], [], [], None, False
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag, _attributes):
        if tag == "table":
            self.head = []
        elif tag == "tr":
            self.cells = []
        elif tag in ("td", "th"):
            self.tag = tag
            self.cells.append("")
        elif tag == "small":
            self.small = True

    def handle_endtag(self, tag):
        if tag == "tr":
            if self.tag == "th":
                self.head = self.cells
            else:
                self.rows.append(dict(zip(self.head, self.cells, strict=False)))
        elif tag == "small":
            self.small = False

    def handle_data(self, data):
        # <small> holds the unit, or the id beside a name.
        if self.cells and not self.small:
            self.cells[-1] += data.strip()


def number(cell) -> float | None:
    """Return the number of a cell of a sheet or a page, shares as fractions."""
    if isinstance(cell, int | float):
        return float(cell)
    found = re.match(r"[+−-]?[\d,]+(\.\d+)?", str(cell or ""))
    if not found:
        return None
    value = float(found[0].replace(",", "").replace("−", "-"))
    return value / 100 if "%" in cell else value


def sheet_rows(path: Path) -> list[dict]:
    rows = []
    for sheet in openpyxl.load_workbook(path):
        lines = [list(line) for line in sheet.iter_rows(values_only=True)]
        for first, line in enumerate(lines):
            if WORDS.hall in [str(cell).split("\n")[0] for cell in line]:
                names = [str(cell).split("\n")[0] for cell in line]
                rows += [dict(zip(names, cells, strict=True)) for cells in lines[first + 1:]]
                break
    return rows


def equations(folder: Path, labels: dict[str, str]) -> list[tuple]:
    """Return (period, hall, kind, subject, quantity, other, value): quantity − value × other = 0, or quantity = value.

    Of all files of all periods; hall None is all halls together.
    """
    found = set()
    for path in sorted(folder.glob("*-*-*")):
        facts = json.loads((path / "period.json").read_text("utf-8"))
        period = (facts["period_type"], facts["start"])
        rows = [(None, row) for book in path.glob("*.xlsx") for row in sheet_rows(book)]
        rows += [
            (page.stem.removeprefix("hall-") if page.stem.startswith("hall-") else None, row)
            for page in path.glob("*.html") for row in Tables(page).rows
        ]
        of_cases = {}
        for page_hall, row in rows:
            subject = subject_of(row, page_hall)
            if subject and number(row.get(WORDS.cases)) is not None:
                of_cases[subject] = number(row[WORDS.cases])
        for page_hall, row in rows:
            subject = subject_of(row, page_hall)
            if subject is None:
                if row.get(WORDS.table) == WORDS.raw_tables["feedback"]:
                    found.add((*period, None, WORDS.subjects["hall"], None, "ratings", None, number(row[WORDS.rows])))
                continue
            for header, quantity in ((WORDS.ratings, "ratings"), (WORDS.complaints, "complaints")):
                if number(row.get(header)) is not None:
                    found.add((*period, *subject, quantity, None, number(row[header])))
            if number(row.get(WORDS.rating_short)) is not None:
                found.add((*period, *subject, "stars", "ratings", number(row[WORDS.rating_short])))
            metric = labels.get(row.get(WORDS.metric))
            if metric not in QUOTIENTS:
                continue
            above, below = QUOTIENTS[metric]
            if number(row.get(WORDS.numerator)) is not None:
                found.add((*period, *subject, above, None, number(row[WORDS.numerator])))
            for header in (WORDS.denominator, WORDS.sample):
                if below not in (None, "cases") and number(row.get(header)) is not None:
                    found.add((*period, *subject, below, None, number(row[header])))
            value = number(row.get(WORDS.value))
            if value is not None and below != "cases":
                found.add((*period, *subject, above, below, value))
            elif value is not None and subject in of_cases:
                found.add((*period, *subject, above, None, value * of_cases[subject]))
    return sorted(found, key=str)


def subject_of(row: dict, page_hall: str | None) -> tuple | None:
    """Return (hall, kind, id) that a row is about: ids are the names here."""
    hall = row.get(WORDS.hall) or page_hall
    if hall not in HALLS:
        return None
    kind = row.get(WORDS.kind) or WORDS.subjects["hall"]
    return hall, kind, None if kind == WORDS.subjects["hall"] else row.get(WORDS.subject_id) or row.get(WORDS.subject)


# What the attacker computes


class Unknowns:
    """The unknowns of one hall: each quantity of each part in each span between week and month bounds, by arrival."""

    def __init__(self, hall: str, year: dict):
        self.hall, self.published = hall, year["published"]
        days = closed_days(date(2024, 12, 30), date(2026, 1, 4))
        self.spans = [list(group) for _, group in groupby(days, lambda day: (day.isocalendar()[:2], day.month))]
        span_of = {str(day): number for number, span in enumerate(self.spans) for day in span}
        self.truth = Counter()
        for row in year["ratings"]:
            if row["hall_id"] == hall:
                self.truth[row["window_id"], span_of[row["date"]], row["feedback_id"] in year["late"]] += 1
        self.complaints = Counter(
            (row["window_id"], span_of[row["complaint_date"]], False)
            for row in year["complaints"] if row["hall_id"] == hall)
        late = {atom for atom in self.truth if atom[2]}
        self.atoms = [(part, span, False) for part in PARTS for span in range(len(self.spans))] + sorted(late, key=str)
        self.column = {
            (quantity, *atom): place
            for place, (quantity, atom) in enumerate((q, a) for q in QUANTITIES for a in self.atoms)
        }

    def columns(self, quantity: str, parts: tuple, first: date, last: date, late: bool) -> list[int]:
        inside = [n for n, span in enumerate(self.spans) if first <= span[0] and span[-1] <= last]
        return [
            self.column[quantity, part, span, arrival]
            for part in parts for span in inside for arrival in (False, True)
            if (late or not arrival) and (quantity, part, span, arrival) in self.column
        ]

    def matrix(self, found: list[tuple], quantities: tuple) -> numpy.ndarray:
        """Return the coefficients of the equations about quantities of the hall."""
        rows = []
        for kind, start, hall, subject_kind, subject, above, below, value in found:
            if hall != self.hall or above not in quantities:
                continue
            first, last = date.fromisoformat(start), last_day(kind, date.fromisoformat(start))
            parts = {WORDS.subjects["hall"]: PARTS, WORDS.subjects["department"]: DEPARTMENTS.get(subject)}.get(
                subject_kind, (subject,))
            row = numpy.zeros(len(self.column))
            row[self.columns(above, parts, first, last, self.published[kind, start])] = 1
            if below:
                row[self.columns(below, parts, first, last, self.published[kind, start])] = -value
            assert row.any(), (kind, start, subject_kind, subject)
            rows.append(row)
        return numpy.unique(numpy.array(rows).reshape(len(rows), len(self.column)), axis=0)

    def small_groups(self, quantities: tuple) -> list[tuple]:
        """Return (quantity, columns, size) of the groups that must stay hidden: fewer than LEAST ratings, but some.

        Any union of parts of the hall, over any consecutive spans up to a quarter, and each late rating.
        """
        groups = []
        truth = self.complaints if "complaints" in quantities else self.truth
        for parts in (parts for count in range(1, len(PARTS) + 1) for parts in combinations(PARTS, count)):
            by_span = [
                sum(truth[part, n, late] for part in parts for late in (False, True)) for n in range(len(self.spans))]
            for first in range(len(self.spans)):
                size = 0
                for last in range(first, min(first + 20, len(self.spans))):
                    size += by_span[last]
                    if size >= LEAST:
                        break
                    if size:
                        groups += [
                            (quantity, self.columns(
                                quantity, parts, self.spans[first][0], self.spans[last][-1], True), size)
                            for quantity in quantities
                        ]
        groups += [
            (quantity, [self.column[quantity, *atom]], truth[atom])
            for quantity in quantities for atom in self.atoms if atom[2] and 0 < truth[atom] < LEAST
        ]
        return groups

    def determined(self, found: list[tuple]) -> list[tuple]:
        """Return the small groups whose number follows from the equations (their row is in the row space)."""
        inside = []
        for quantities in TOGETHER:
            matrix = self.matrix(found, quantities)
            if not len(matrix):
                continue
            used = [self.column[quantity, *atom] for quantity in quantities for atom in self.atoms]
            matrix = matrix[:, used] / numpy.linalg.norm(matrix, axis=1, keepdims=True)
            _, sizes, space = numpy.linalg.svd(matrix, full_matrices=False)
            space = space[sizes > 1e-9 * sizes[0]]
            place = {column: number for number, column in enumerate(used)}
            groups = self.small_groups(quantities)
            for begin in range(0, len(groups), 2000):
                some = groups[begin:begin + 2000]
                wanted = numpy.zeros((len(some), len(used)))
                for line, (_, columns, _) in enumerate(some):
                    wanted[line, [place[column] for column in columns]] = 1
                rest = numpy.linalg.norm(wanted - wanted @ space.T @ space, axis=1)
                inside += [group for group, size in zip(some, rest, strict=True) if size < 1e-6]
        return inside


def last_day(kind: str, start: date) -> date:
    months = {"month": 1, "quarter": 3, "year": 12}.get(kind)
    if months is None:
        return start + timedelta(days=6)
    after = start.month - 1 + months
    return date(start.year + after // 12, after % 12 + 1, 1) - timedelta(days=1)


def labels_of(project: Project) -> dict[str, str]:
    return dict(project.query("select label_zh as k, metric as v from {schema}.dim_metrics").values.tolist())


def solved(year: dict, found: list[tuple]) -> list[tuple]:
    return [group for hall in HALLS for group in Unknowns(hall, year).determined(found)]


def test_all_public_files_of_a_year_tell_of_no_small_group(year):
    """Weeks, months, quarters and the year of three halls with windows and departments, late ratings among them."""
    assert Counter(kind for kind, _ in year["published"]) == {"week": 53, "month": 12, "quarter": 4, "year": 1}
    found = equations(year["folder"], labels_of(year["project"]))
    told = solved(year, found)
    assert not told, (len(told), Counter((quantity, size) for quantity, _, size in told), found[:3])
    # There was something to read: the ranking of each period has a hall's points.
    pages = [path.read_text("utf-8") for path in year["folder"].glob("*/ranking.html")]
    assert len(pages) == 70 and all(re.search(r'<td class="n"><b>\d+\.\d\d</b>', page) for page in pages)


def test_the_attacker_finds_them_where_numbers_are_shown(year, tmp_path, monkeypatch):
    """On internal pages of the third quarter and its months: W1's two ratings of August, from the quarter's 127/33."""
    monkeypatch.setenv("HALL_SCORES_SCHEMA", year["project"].schema)
    wanted = ("month-2025-07-01", "month-2025-09-01", "quarter-2025-07-01")
    publish(tmp_path, only=wanted)
    found = [
        equation for equation in equations(tmp_path, labels_of(year["project"]))
        if equation[2:5] == ("H1", WORDS.subjects["window"], "W1")
    ]
    shown = {equation[:2] + equation[5:] for equation in found}
    assert {("quarter", "2025-07-01", "ratings", None, 33), ("quarter", "2025-07-01", "stars", None, 127),
            ("month", "2025-07-01", "stars", None, 64), ("month", "2025-09-01", "ratings", None, 15)} <= shown
    unknown = Unknowns("H1", year)
    august = [date(2025, 8, 1), date(2025, 8, 31)]
    told = {(quantity, tuple(sorted(columns)), size) for quantity, columns, size in unknown.determined(found)}
    for quantity in ("ratings", "stars"):
        assert (quantity, tuple(sorted(unknown.columns(quantity, ("W1",), *august, True))), 2) in told
