"""Write the workbook of a period: overview, ranking, points, metrics, rules, notes.

Every text is written as text, because a name may begin with = + - or @.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import xlsxwriter

from reports import charts, wording
from reports.public import SAMPLES
from reports.read_marts import Report
from reports.sections import SECTIONS
from reports.texts import words_of

FONT = "Microsoft YaHei"
BLUE, LIGHT, LINE, INK = "#0b4a8f", "#eef3f8", "#c6d2de", "#1d2733"
EDGE = {"bottom": 1, "bottom_color": LINE}
# Kinds of cell: Excel's number format, or None for text.
FORMATS = {"text": None, "score": "0.00", "count": "#,##0", "rank": "0", "share": "0.00%", "value": "#,##0.00##",
           "mean": "#,##0.0", "signed": '+0.00;"−"0.00;0.00', "moved": '+0;"−"0;0', "date": "yyyy-mm-dd",
           # {0} is the word for percentage points.
           "share_change": '+0.00" {0}";"−"0.00" {0}";0.00" {0}"'}
# Decimals that a kind shows; for shares, those of the per cent.
DECIMALS = {"score": 2, "share": 2, "value": 4, "mean": 1, "signed": 2, "share_change": 2}
A4 = 9
# The overview on A4: this many halls and the charts fit on one page.
OVERVIEW_SCALE, HALLS_ON_A_PAGE = 72, 12
CHART_WIDTH, CHART_HEIGHT, CHART_ROWS = 520, 340, 19
# The word for a column's unit, by header word or else by kind of cell.
UNITS = {"score": "points", "signed": "points", "cases": "count_unit", "ratings": "rating_unit",
         "complaints": "complaint_unit", "arrivals": "count_unit", "average_cases": "count_unit",
         "average_wait": "minute_unit", "p90_wait": "minute_unit", "open_windows": "window_unit",
         "deadline": "deadline_unit", "audited": "count_unit", "callback_due": "rating_unit",
         "callback_done": "rating_unit"}
# Columns that a public workbook leaves out.
NOT_PUBLIC = ("rating_count", "complaint_count", *SAMPLES)
MARKERS = ["circle", "square", "triangle", "diamond", "x", "star", "short_dash", "plus"]
# header word, column, kind of cell, width in characters
SCORES = [
    ("kind", "kind", "text", 7), ("hall", "hall_name", "text", 22), ("subject", "subject_name", "text", 22),
    ("subject_id", "subject_id", "text", 10), ("peer_group", "group", "text", 9),
    ("rank", "rank_in_group", "rank", 7), ("ranked_in_group", "ranked_in_group", "rank", 11),
    ("rank_in_hall", "rank_in_hall", "rank", 9), ("composite", "composite_score", "score", 14),
    ("appeal", "appeal", "text", 9), ("score_change", "score_change", "signed", 9),
    ("rank_change", "rank_change", "moved", 8), ("efficiency", "efficiency_score", "score", 9),
    ("satisfaction", "satisfaction_score", "score", 9), ("digital", "digital_score", "score", 9),
    ("cases", "case_count", "count", 8),
    ("ratings", "rating_count", "count", 8), ("complaints", "complaint_count", "count", 8),
    ("percentile", "percentile", "share", 9), ("rule_set", "rule_set", "text", 10),
    ("why_missing", "why", "text", 30),
]
POINTS = [
    ("kind", "kind", "text", 7), ("hall", "hall_name", "text", 22), ("subject", "subject_name", "text", 20),
    ("subject_id", "subject_id", "text", 10), ("dimension", "dimension_name", "text", 9),
    ("rule_id", "rule_id", "text", 9), ("rule_name", "label", "text", 34), ("status", "status_name", "text", 12),
    ("value", "value", "metric", 10), ("unit", "unit_name", "text", 7), ("sample", "sample_size", "count", 8),
    ("points_column", "points", "signed", 9), ("next_step", "step", "text", 36),
]
METRICS = [
    ("kind", "kind", "text", 7), ("hall", "hall_name", "text", 22), ("subject", "subject_name", "text", 20),
    ("subject_id", "subject_id", "text", 10), ("metric", "metric_label", "text", 24),
    ("value", "value", "metric", 10), ("unit", "unit_name", "text", 7), ("numerator", "numerator", "value", 13),
    ("denominator", "denominator", "value", 11), ("sample", "sample_size", "count", 9),
    ("status", "status_name", "text", 12),
]
RULES = [
    ("rule_set", "rule_set", "text", 10), ("dimension", "dimension_name", "text", 9), ("weight", "weight", "share", 8),
    ("rule_id", "rule_id", "text", 9), ("rule_name", "label", "text", 36), ("metric", "metric_label", "text", 20),
    ("condition", "condition", "text", 15), ("points_column", "gives", "text", 48), ("scope", "scope", "text", 9),
    ("missing", "missing", "text", 12), ("min_sample", "min_sample", "count", 9),
    ("valid_from", "valid_from", "date", 12),
]
OVERVIEW = [
    ("rank", "rank_in_group", "rank", 12), ("hall", "hall_name", "text", 24), ("peer_group", "group", "text", 10),
    ("composite", "composite_score", "score", 14), ("score_change", "score_change", "signed", 10),
    ("efficiency", "efficiency_score", "score", 10), ("satisfaction", "satisfaction_score", "score", 10),
    ("cases", "case_count", "count", 9), ("ratings", "rating_count", "count", 9),
    ("complaints", "complaint_count", "count", 9), ("why_missing", "why", "text", 30),
]


class Book:
    """An open workbook with its formats."""

    def __init__(self, path: Path, words: SimpleNamespace):
        """Open the file for writing."""
        self.words = words
        # Never turn text into formulas or links.
        self.book = xlsxwriter.Workbook(path, {
            "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
        })
        self.book.formats[0].set_font_name(FONT)
        self.book.formats[0].set_font_size(10)

        made = self.made
        self.formats = {
            kind: self.number_format(code.format(words.percentage_point)) if code else made(**EDGE, indent=1)
            for kind, code in FORMATS.items()
        }
        self.wrapped = self.formats["wrapped"] = made(**EDGE, text_wrap=True, indent=1)
        self.head = made(bold=True, bg_color=LIGHT, font_color=INK, text_wrap=True, bottom=2, bottom_color=BLUE,
                         indent=1)
        self.number_head = made(bold=True, bg_color=LIGHT, text_wrap=True, bottom=2, bottom_color=BLUE, align="right")
        self.title = made(bold=True, font_size=16, font_color=BLUE)
        self.strong = made(bold=True)
        self.section = made(bold=True, font_size=12, font_color=BLUE)

    def made(self, **properties):
        """Return a new format."""
        return self.book.add_format({"font_name": FONT, "font_size": 10, "valign": "vcenter"} | properties)

    def number_format(self, code: str):
        """Return the format of a number, with a real minus sign as on the pages."""
        signed = code if ";" in code or code == FORMATS["date"] else f'{code};"−"{code}'
        return self.made(**EDGE, num_format=signed, align="right")

    def sheet(self, name: str, title: str, columns: list[tuple], header_row: int = 0, landscape: bool = True):
        """Return a new sheet with its header and print settings."""
        sheet = self.book.add_worksheet(self.words.sheets[name])
        if landscape:
            sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.45, right=0.45, top=0.75, bottom=0.65)
        # An ampersand would begin a header code.
        sheet.set_header("&L&\"Microsoft YaHei\"&9" + title.replace("&", "&&") + "&R&9&A")
        sheet.set_footer("&C&9" + self.words.page_of)
        sheet.hide_gridlines(2)
        for position, (_, _, _, width) in enumerate(columns):
            sheet.set_column(position, position, width)
        if columns:
            sheet.repeat_rows(header_row)
            sheet.freeze_panes(header_row + 1, 0)
            self.write_header(sheet, header_row, columns)
        return sheet

    def write_header(self, sheet, row: int, columns: list[tuple]) -> None:
        """Write the names of the columns with their units."""
        sheet.set_row(row, 32)
        for position, (word, _, kind, _) in enumerate(columns):
            unit = getattr(self.words, UNITS.get(word) or UNITS.get(kind, ""), None)
            name = getattr(self.words, word)
            text = f"{name}\n({unit})" if unit else name
            is_left = kind in ("text", "wrapped", "date")
            sheet.write_string(row, position, text, self.head if is_left else self.number_head)

    def write_rows(self, sheet, first: int, columns: list[tuple], rows: list[dict]) -> None:
        """Write rows below a header; leave cells of missing values empty."""
        formats, words = self.formats, self.words
        write_text, write_number, write_blank = sheet.write_string, sheet.write_number, sheet.write_blank
        plan = [(position, source, kind) for position, (_, source, kind, _) in enumerate(columns)]
        wrapped = [(source, width) for _, source, kind, width in columns if kind == "wrapped"]
        for line, row in enumerate(rows, start=first):
            # Not every program adapts the row height to wrapped text.
            lines = max((-(-wording.columns(row[source] or "") // (width - 3)) for source, width in wrapped), default=1)
            if lines > 1:
                sheet.set_row(line, 15 * lines)
            beside = wording.thresholds(row)
            for position, source, kind in plan:
                value = row[source]
                if kind == "metric":
                    kind = "share" if row["unit"] == "share" else "value" if row["unit"] in wording.DIGITS else "count"
                elif kind == "statistic":
                    kind = "share" if row["unit"] == "share" else "value"
                elif kind == "change":
                    kind = "share_change" if row["unit"] == "share" else "signed"
                if value is None or value == "":
                    write_blank(line, position, None, formats["text"])
                elif kind in ("text", "wrapped"):
                    write_text(line, position, str(value), formats[kind])
                elif kind == "date":
                    sheet.write_datetime(line, position, value, formats["date"])
                else:
                    write_number(line, position, *self.number_cell(value, kind, beside))
        if not rows:
            sheet.write_string(first, 0, words.none, formats["text"])

    def number_cell(self, value, kind: str, beside: list) -> tuple:
        """Return a number as written, and its format: rounding never reaches a threshold, and zero is never −0."""
        value = Decimal(value).scaleb(2) if kind == "share_change" else Decimal(value)
        usual, places = DECIMALS.get(kind, 0), 2 if kind == "share" else 0
        needed = wording.decimals(value, usual + places, beside) - places
        if needed > usual and (kind, needed) not in self.formats:
            self.formats[kind, needed] = self.number_format(f"#,##0.{'0' * needed}{'%' if kind == 'share' else ''}")
        if value < 0 and not wording.rounded(value, needed + places):
            value = Decimal(0)
        return float(value), self.formats[kind if needed <= usual else (kind, needed)]

    def bars(self, sheet, first: int, last: int, columns: list[tuple], source: str) -> None:
        """Draw data bars in a column."""
        position = column_of(columns, source)
        if last >= first:
            sheet.conditional_format(first, position, last, position, {
                "type": "data_bar", "bar_color": "#9dbfe4", "bar_solid": True, "bar_border_color": "#6f9fd0",
                "bar_axis_position": "none",
            })

    def shades(self, sheet, first: int, last: int, columns: list[tuple], source: str, most: str = "#5b93d0") -> None:
        """Colour a column: the larger, the darker."""
        position = column_of(columns, source)
        if last >= first:
            sheet.conditional_format(first, position, last, position, {
                "type": "2_color_scale", "min_color": "#ffffff", "max_color": most})

    def warm_shades(self, sheet, first: int, last: int, columns: list[tuple], source: str) -> None:
        """Colour a column whose values should be small."""
        self.shades(sheet, first, last, columns, source, "#e9a33d")


def write_workbook(path: Path, report: Report, commit: str | None) -> None:
    """Write the workbook of a report; the rows of scores must say why one is missing."""
    words = words_of(report.language)
    period = report.period
    heading = f"{words.site} {period.title(report.language)}"
    book = Book(path, words)
    book.book.set_properties({
        "title": heading, "subject": words.workbook_subject, "category": words.report_names[period.period_type],
        "comments": f"{words.rule_book_hash} {' '.join(period.rule_book_hashes)};"
                    f" {words.git_commit} {commit or words.unknown}",
    })
    named(report, words)
    write_overview(book, report, heading, commit)
    sheets = [
        ("ranking", SCORES, report.scores, {"composite_score": "bars"}),
        ("points", POINTS, report.components, {}),
        ("metrics", METRICS, report.metrics, {}),
        *((name, section.COLUMNS, report.sections[name], getattr(section, "MARKED", {}))
          for name, section in SECTIONS.items()),
        ("rules", RULES, report.rules, {}),
    ]
    for name, columns, rows, marked in sheets:
        if rows is None:
            continue
        columns = columns_of(columns, report)
        sheet = book.sheet(name, heading, columns)
        book.write_rows(sheet, 1, columns, rows)
        sheet.autofilter(0, 0, max(len(rows), 1), len(columns) - 1)
        for column, mark in marked.items():
            getattr(book, mark)(sheet, 1, len(rows), columns, column)
    write_notes(book, report, heading, commit)
    book.book.close()


def named(report: Report, words: SimpleNamespace) -> None:
    """Add the words for their codes to the rows."""
    for row in (*report.scores, *report.components, *report.metrics):
        row["kind"] = words.subjects[row["subject_type"]]
    for row in report.scores:
        row["group"] = wording.group_name(row["peer_group"], words)
        row["appeal"] = words.appealed if row["is_appealed"] else None
    for row in report.components:
        row["status_name"] = words.component_statuses[row["status"]]
        row["unit_name"] = wording.unit_name(row["unit"], words)
        row["step"] = wording.next_step(row, words)
        row["points"] = row["points"] if row["status"] == "applied" else None
    for row in report.metrics:
        row["status_name"] = words.metric_statuses[row["status"]]
        row["unit_name"] = wording.unit_name(row["unit"], words)
    weights = {(row["rule_set"], row["dimension"]): row["weight"] for row in report.weights}
    for row in report.rules:
        row["weight"] = weights.get((row["rule_set"], row["dimension"]))
        row["condition"] = wording.condition(row, words)
        row["gives"] = wording.rule_points(row, words)
        row["scope"] = words.subjects.get(row["subject_type"], words.all)
        row["min_sample"] = row["min_sample"] if row["metric"] else None
        row["missing"] = words.when_missing[row["when_missing"]] if row["metric"] else None


def facts_of(report: Report, commit: str | None, words: SimpleNamespace) -> list[tuple[str, str]]:
    """Return the subject of the report and the source of its numbers."""
    period = report.period
    facts = [
        (words.period, period.title(report.language)), (words.dates, f"{period.start} {words.to} {period.end}"),
        (words.as_of, str(period.as_of)),
        (words.rule_book_hash, words.list_mark.join(period.rule_book_hashes) or words.none),
        (words.git_commit, commit or words.unknown), (words.build_id, words.list_mark.join(period.build_ids)),
    ]
    return facts if period.is_closed else [*facts, (words.status, words.provisional)]


def write_overview(book: Book, report: Report, heading: str, commit: str | None) -> None:
    """Write facts, the ranking of the halls and two charts, which no page break cuts."""
    words, halls, columns = book.words, report.halls, columns_of(OVERVIEW, report)
    sheet = book.sheet("overview", heading, [])
    # A fixed scale: fitting to a width does not allow a page break before the charts.
    sheet.set_print_scale(OVERVIEW_SCALE)
    for position, (_, _, _, width) in enumerate(columns):
        sheet.set_column(position, position, width)
    sheet.set_row(0, 24)
    sheet.write_string(0, 0, f"{heading} {words.report_names[report.period.period_type]}", book.title)
    facts = facts_of(report, commit, words)
    for line, (name, value) in enumerate(facts, start=1):
        sheet.write_string(line, 0, name, book.strong)
        sheet.write_string(line, 1, value)
    header = len(facts) + 2
    sheet.freeze_panes(header + 1, 0)
    book.write_header(sheet, header, columns)
    book.write_rows(sheet, header + 1, columns, halls)
    last = header + max(len(halls), 1)
    sheet.autofilter(header, 0, last, len(columns) - 1)
    book.bars(sheet, header + 1, last, columns, "composite_score")
    few = len(halls) <= HALLS_ON_A_PAGE
    if not few:
        sheet.repeat_rows(header)
    row = last + 2
    breaks = [] if few else [row]
    if few:
        composite = column_of(columns, "composite_score")
        chart = book.book.add_chart({"type": "bar"})
        chart.add_series({
            "name": words.composite, "categories": [sheet.name, header + 1, 1, last, 1],
            "values": [sheet.name, header + 1, composite, last, composite], "fill": {"color": "#0b5cad"}, "gap": 45,
            "data_labels": {"value": True, "num_format": "0.0", "position": "inside_end",
                            "font": {"name": FONT, "size": 9, "bold": True, "color": "white"}},
        })
        chart.set_legend({"none": True})
        chart.set_y_axis({"reverse": True, "num_font": {"name": FONT, "size": 9}, "major_tick_mark": "none",
                          "major_gridlines": {"visible": False}})
        chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}})
        place_chart(sheet, chart, words.composite, row, 0, CHART_WIDTH)
    drawn = write_trend(book, sheet, report, row, few)
    if drawn:
        sheet.set_h_pagebreaks([*breaks, row + CHART_ROWS])


def write_trend(book: Book, sheet, report: Report, row: int, beside: bool) -> bool:
    """Draw the composite scores of the first halls over the periods, from a table below; return whether any exist."""
    words = book.words
    halls = [hall for hall in report.halls if hall["composite_score"] is not None][: len(charts.LINES)]
    starts = sorted({line["period_start"] for line in report.trend})
    if not halls or not starts:
        return False
    table = row + CHART_ROWS + 1
    sheet.write_string(table - 1, 0, words.trend, book.section)
    sheet.write_string(table, 0, words.period, book.head)
    sheet.write_string(table, 1, words.hall, book.head)
    sheet.write_blank(table, 2, None, book.head)
    sheet.write_string(table, 3, words.composite, book.number_head)
    scores = {(line["hall_id"], line["period_start"]): line["composite_score"] for line in report.trend}
    chart = book.book.add_chart({"type": "line"})
    line = table + 1
    for hall, colour, marker in zip(halls, charts.LINES, MARKERS, strict=False):
        first = line
        for start in starts:
            sheet.write_string(line, 0, str(start)[: 10 if report.period.period_type == "week" else 7],
                               book.formats["text"])
            sheet.write_string(line, 1, hall["hall_name"], book.formats["text"])
            sheet.write_blank(line, 2, None, book.formats["text"])
            score = scores.get((hall["hall_id"], start))
            if score is None:
                sheet.write_blank(line, 3, None, book.formats["score"])
            else:
                sheet.write_number(line, 3, float(score), book.formats["score"])
            line += 1
        chart.add_series({
            "name": [sheet.name, first, 1], "categories": [sheet.name, first, 0, line - 1, 0],
            "values": [sheet.name, first, 3, line - 1, 3], "line": {"color": colour, "width": 2},
            "marker": {"type": marker, "size": 6, "fill": {"color": colour}, "border": {"color": colour}},
        })
    chart.set_legend({"position": "bottom", "font": {"name": FONT, "size": 9}})
    chart.set_y_axis({"num_format": "0", "num_font": {"name": FONT, "size": 9}, "line": {"none": True},
                      "major_gridlines": {"visible": True, "line": {"color": LINE}}})
    chart.set_x_axis({"num_font": {"name": FONT, "size": 9}, "major_gridlines": {"visible": False}})
    place_chart(sheet, chart, words.trend, row, CHART_WIDTH + 12 if beside else 0, CHART_WIDTH * (1 if beside else 2))
    return True


def place_chart(sheet, chart, title: str, row: int, left: int, width: int) -> None:
    """Insert a chart."""
    chart.set_title({"name": title, "name_font": {"name": FONT, "size": 12, "bold": True}, "overlay": False})
    chart.set_size({"width": width, "height": CHART_HEIGHT})
    chart.set_chartarea({"border": {"color": LINE}})
    sheet.insert_chart(row, 0, chart, {"object_position": 1, "x_offset": left})


def columns_of(columns: list[tuple], report: Report) -> list[tuple]:
    """Return the columns of a sheet that a report may show."""
    return [column for column in columns if not (report.is_public and column[1] in NOT_PUBLIC)]


def column_of(columns: list[tuple], source: str) -> int:
    """Return the position of a column."""
    return [column[1] for column in columns].index(source)


def write_notes(book: Book, report: Report, heading: str, commit: str | None) -> None:
    """Write the meaning of the columns and of each metric."""
    words = book.words
    sheet = book.sheet("notes", heading, [], landscape=False)
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 76)
    sheet.write_string(0, 0, words.sheets["notes"], book.title)
    publication = report.period.publication
    rows = [
        *words.notes_rows, *facts_of(report, commit, words), *wording.publication_facts(report.period, words)]
    if publication:
        rows.append((words.ranking, words.published_note.format(revision=publication.revision, day=publication.day)))
        if publication.drift_count:
            rows.append((words.drift, words.drift_note.format(publication.drift_count, publication.revision)))
    if report.is_public and report.period.public_minimum_ratings:
        rows.append((words.public_mark, words.few_ratings_note.format(report.period.public_minimum_ratings)))
    if report.ranks_only:
        rows.append((words.public_mark, words.ranks_only_note))
    rows += [(words.sheets[name], getattr(words, f"{name}_note")) for name, found in report.sections.items() if found]
    rows += [(row["label"], row["formula"]) for row in report.definitions]
    for line, (name, text) in enumerate(rows, start=2):
        sheet.write_string(line, 0, name or "", book.wrapped)
        sheet.write_string(line, 1, text or "", book.wrapped)
        sheet.set_row(line, 16 * len(wording.wrapped(text or " ", 76)) + 4)
