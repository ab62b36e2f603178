"""Write a period's pages into a folder, and the index of all periods beside it.

Pages work from a file share, without network or script. A period is written to a temporary
folder and renamed; the pages of the neighbouring periods then get links to it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from types import SimpleNamespace

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from reports import charts, wording
from reports.marts import KEY
from reports.read_marts import Report
from reports.texts import words_of
from warehouse import PROJECT_DIR, WarehouseError

TEMPLATES = PROJECT_DIR / "scripts" / "templates"
PERIOD_FILE = "period.json"
CHANGES_SHOWN = 8
HALLS_IN_A_CHART = 25
STEPS_SHOWN = 3
# Rows of a section on a page; the workbook has all.
ROWS_SHOWN = 20
PERIOD_LINKS = re.compile("<!--periods-->.*?<!--/periods-->", re.DOTALL)
# Limit of a text message of 企业微信.
MESSAGE_BYTES = 2048
# The metrics shown for each window and clerk.
SUBJECT_METRICS = {"minutes": "avg_process_minutes", "completion": "first_visit_completion_rate", "stars": "avg_rating"}


def folder_name(report: Report) -> str:
    """Return the name of the folder of a period, such as month-2026-09-01."""
    return f"{report.period.period_type}-{report.period.start}"


def workbook_name(report: Report) -> str:
    """Return the name of a period's workbook."""
    return f"hall_scores_{report.period.period_type}_{report.period.start}.xlsx"


def hall_files(hall_ids: Iterable[str]) -> dict[str, str]:
    """Return the file name of each hall's page: its id if every file system accepts it, else a hash of it."""
    files: dict[str, str] = {}
    taken = set()
    for hall_id in hall_ids:
        plain = re.fullmatch(r"[A-Za-z0-9_-]{1,40}", hall_id) and hall_id.lower() not in taken
        name = hall_id if plain else hashlib.sha256(hall_id.encode()).hexdigest()[:16]
        taken.add(name.lower())
        files[hall_id] = f"hall-{name}.html"
    return files


def form_file(hall_file: str) -> str:
    """Return the file name of a hall's appeal form."""
    return f"appeal-{hall_file.removeprefix('hall-')}"


class Site:
    """The pages of one report."""

    def __init__(self, report: Report, commit: str | None):
        """Prepare the templates and the data that all pages share."""
        self.report, self.commit, self.words = report, commit, words_of(report.language)
        self.environment = make_environment(self.words)
        self.files = hall_files(hall["hall_id"] for hall in report.page_halls)
        self.components = by_subject(report.components)
        self.weighted = {(row["rule_set"], row["dimension"]) for row in report.weights if row["weight"] > 0}
        self.title = report.period.title(report.language)
        # The thresholds of each metric, by rule set.
        self.thresholds = defaultdict(list)
        for rule in report.rules:
            self.thresholds[rule["rule_set"], rule["metric"]] += wording.thresholds(rule)
        for row in report.scores:
            row["is_scored"] = is_scored(row)
            row["why"] = wording.why_missing(row, self.components[subject_of(row)], self.words)
        for hall in report.halls:
            hall["file"] = self.files.get(hall["hall_id"])
            hall["group"] = wording.group_name(hall["peer_group"], self.words)

    def pages(self) -> Iterable[tuple[str, Callable[[], str]]]:
        """Return each file name with the function that renders it."""
        yield "index.html", self.overview
        yield "ranking.html", lambda: self.render("ranking.html", halls=self.report.halls)
        yield "rules.html", lambda: self.render("rules.html")
        yield "quality.html", lambda: self.render(
            "quality.html", quality_line=self.quality_line(),
            days=charts.days(self.report.quality_by_day, self.words))
        yield "summary.txt", self.summary
        for hall in self.report.page_halls:
            yield self.files[hall["hall_id"]], lambda hall=hall: self.hall(hall)
            if self.report.has_appeal_forms:
                yield form_file(self.files[hall["hall_id"]]), lambda hall=hall: self.appeal_form(hall)

    def render(self, page: str, template: str | None = None, **values) -> str:
        """Return a page."""
        return self.environment.get_template(f"{template or page}.j2").render(
            page=page, report=self.report, period=self.report.period, title=self.title, commit=self.commit,
            workbook=workbook_name(self.report),
            publication_facts=wording.publication_facts(self.report.period, self.words),
            **{"sections": self.report.sections} | values,
        )

    def quality_line(self) -> str:
        """Return one line on what became of the raw rows."""
        totals = self.report.quality_totals
        if not totals["raw_rows"]:
            return self.words.quality_line_none
        # The public sees the service log only.
        table = f"{self.words.raw_tables['service_log']}{self.words.colon}" if self.report.is_public else ""
        return table + self.words.quality_line.format(
            rows=wording.number(totals["raw_rows"], 0), counted=wording.number(totals["counted_rows"], 0),
            repaired=wording.number(totals["repaired_rows"], 0), rejected=wording.number(totals["rejected_rows"], 0),
            share=wording.in_unit(totals["rejected_share"], "share", self.words),
        )

    def overview(self) -> str:
        """Return the page of all halls."""
        report, halls = self.report, self.report.halls
        windows = [row for row in report.scores if row["subject_type"] == "window"]
        changes = sorted(
            (row for row in report.contributions if row["contribution_change"]),
            key=lambda row: (-abs(row["contribution_change"]), row["hall_id"], row["step_number"]),
        )
        judged = {
            (row["hall_id"], row["rule_id"]): row for row in report.components if row["subject_type"] == "hall"}
        for row in changes:
            row["beside"] = wording.thresholds(judged.get((row["hall_id"], row["rule_id"]), {}))
        shown = halls if report.hall is None else report.page_halls
        parts = [shown[first:first + HALLS_IN_A_CHART] for first in range(0, len(shown), HALLS_IN_A_CHART)]
        reach = [row["composite_score"] for row in (*shown, *windows) if row["composite_score"] is not None]
        spreads = [charts.spread(part, windows, report.spreads, reach, self.words) for part in parts]
        scored = [hall for hall in halls if is_scored(hall)]
        return self.render(
            "index.html", "overview.html", halls=halls, quality_line=self.quality_line(),
            scored=len(scored), changes=changes[:CHANGES_SHOWN],
            trend=charts.trends(report.trend, scored, report.period.period_type, self.words),
            grey_lines=len(scored) > len(charts.LINES),
            spreads=[spread for spread in spreads if spread], many=len(parts) > 1,
        )

    def hall(self, hall: dict) -> str:
        """Return the page of one hall."""
        report, words, hall_id = self.report, self.words, hall["hall_id"]
        mine = self.by_hall[hall_id]
        metrics = defaultdict(dict)
        for row in mine["metrics"]:
            metrics[subject_of(row)][row["metric"]] = row["value"]
        subjects = [row for row in mine["scores"] if row["subject_type"] != "hall"]
        for row in subjects:
            row["steps"] = self.next_steps(self.components[subject_of(row)])[:STEPS_SHOWN]
            row |= {name: metrics[subject_of(row)].get(metric) for name, metric in SUBJECT_METRICS.items()}
            row["beside"] = {
                name: self.thresholds[row["rule_set"], metric] for name, metric in SUBJECT_METRICS.items()}
        own = self.components[subject_of(hall)]
        rules = [
            rule for rule in report.rules
            if rule["rule_set"] == hall["rule_set"] and rule["subject_type"] in (None, "hall")
        ]
        measured = [
            row | {
                "movement": wording.movement(row["value"], row["before"], row["direction"]),
                "line": charts.sparkline(row["trend"]),
                "beside": self.thresholds[hall["rule_set"], row["metric"]],
                "standards": wording.standards(row["metric"], rules, words),
                "steps": self.next_steps((part for part in own if part["metric"] == row["metric"]), named=False),
            }
            for row in mine["metrics"]
            if row["subject_type"] == "hall" and (row["status"] != "no_data" or any(
                rule["metric"] == row["metric"] for rule in rules))
        ]
        contributions = mine["contributions"]
        # Show the steps only if the current data still lead to the published score.
        total = contributions[-1]["total_after"] if contributions else None
        if wording.number(total) != wording.number(hall["composite_score"]):
            contributions = []
        added = {row["rule_id"]: row["contribution"] for row in contributions}
        columns = {"composite_score": words.composite, "efficiency_score": words.efficiency,
                   "satisfaction_score": words.satisfaction}
        return self.render(
            self.files[hall_id], "hall.html", hall=hall, dimensions=mine["dimensions"],
            components=[
                row | {"contribution": None if row["appeal_id"] else added.get(row["rule_id"])} for row in own],
            metrics=sorted(measured, key=lambda row: (not row["standards"], row["metric"])),
            subjects=subjects, kinds=list(dict.fromkeys(row["subject_type"] for row in subjects)),
            sections={name: mine[name] if rows is not None else None for name, rows in report.sections.items()},
            callback=next((row for row in measured if row["metric"] == "negative_feedback_callback_rate"), None),
            chart_of_peaks=charts.peaks(mine["peaks"], words) if mine["peaks"] else None,
            comments=mine["comments"], appeals=mine["appeals"], form=form_file(self.files[hall_id]),
            waterfall=charts.waterfall(contributions, words) if contributions else None,
            trend=charts.trend(mine["trend"], columns, report.period.period_type, words),
        )

    def appeal_form(self, hall: dict) -> str:
        """Return the form for appeals against published components of a hall's subjects."""
        file, mine = self.files[hall["hall_id"]], self.by_hall[hall["hall_id"]]
        subjects = [
            row | {"components": [part for part in self.components[subject_of(row)] if not part["appeal_id"]]}
            for row in mine["scores"]
        ]
        labels = {part["rule_id"]: part["label"] for row in subjects for part in row["components"]}
        return self.render(
            form_file(file), "appeal.html", hall=hall, hall_file=file, labels=sorted(labels.items()),
            subjects=[row for row in subjects if row["components"]],
        )

    def next_steps(self, components: Iterable[dict], named: bool = True) -> list[str]:
        """Return the steps that would raise the composite score, most points first."""
        better = sorted(
            (row for row in components
             if row["distance_to_next_band"] is not None and (row["rule_set"], row["dimension"]) in self.weighted),
            key=lambda row: (-row["next_band_points"], row["rule_id"]),
        )
        return [wording.next_step(row, self.words, named) for row in better]

    @property
    def by_hall(self) -> dict[str, dict[str, list[dict]]]:
        """Return the rows of each hall, by name of the list."""
        if not hasattr(self, "_by_hall"):
            self._by_hall = defaultdict(lambda: defaultdict(list))
            names = ("scores", "metrics", "dimensions", "contributions", "trend", "comments", "appeals")
            lists = {name: getattr(self.report, name) for name in names} | self.report.sections
            for name, rows in lists.items():
                for row in rows or []:
                    self._by_hall[row["hall_id"]][name].append(row)
        return self._by_hall

    def summary(self) -> str:
        """Return the ranking as plain text that fits in one message."""
        most = max(len(rows) for rows in self.groups().values()) if self.report.halls else 0
        texts = (self.summary_of(lines) for lines in range(most, -1, -1))
        return next(
            (text for text in texts if len(text.encode()) <= MESSAGE_BYTES),
            self.summary_of(0).encode()[:MESSAGE_BYTES].decode(errors="ignore"),
        )

    def groups(self) -> dict[str, list[dict]]:
        """Return the ranked halls by peer group."""
        found = defaultdict(list)
        for hall in self.report.halls:
            found[hall["group"]] += [hall] if hall["status"] == "scored" else []
        return found

    def summary_of(self, most: int) -> str:
        """Return the plain text with at most so many halls per group."""
        words, period = self.words, self.report.period
        lines = [words.summary_title.format(
            site=words.site, report=words.report_names[period.period_type], period=self.title)]
        if not period.is_closed:
            lines.append(words.provisional)
        for group, halls in self.groups().items():
            if not halls:
                continue
            lines += ["", wording.counted(words.summary_group, len(halls)).format(group=group, count=len(halls))]
            for hall in halls[:most]:
                change = hall["score_change"]
                lines.append(words.summary_line.format(
                    rank=hall["rank_in_group"], hall=name_in_message(hall["hall_name"]),
                    score=wording.number(hall["composite_score"]),
                    change="" if change is None else words.summary_change.format(wording.signed(change)),
                ))
            if len(halls) > most:
                lines.append(wording.counted(words.summary_more, len(halls) - most).format(len(halls) - most))
        moved = sorted(
            (hall for hall in self.report.halls if hall["score_change"]), key=lambda hall: hall["score_change"])
        lines.append("")
        for template, hall, rose in (
            (words.summary_risers, moved[-1:], True), (words.summary_fallers, moved[:1], False),
        ):
            if hall and (hall[0]["score_change"] > 0) == rose:
                name = name_in_message(hall[0]["hall_name"])
                lines.append(template.format(f"{name} {wording.signed(hall[0]['score_change'])}"))
        for template, left_out in (
            (words.summary_shadow, [hall for hall in self.report.halls if hall["status"] == "shadow"]),
            (words.summary_unscored, [hall for hall in self.report.halls if not is_scored(hall)]),
        ):
            if left_out and most:
                names = words.list_mark.join(name_in_message(hall["hall_name"]) for hall in left_out)
                lines.append(template.format(names))
        lines.append(self.quality_line())
        lines.append(words.summary_foot.format(
            as_of=period.as_of, rules=" ".join(value[:12] for value in period.rule_book_hashes) or words.none,
            publication=wording.publication_facts(period, words)[0][1]))
        lines.append(words.colon.join(wording.publication_facts(period, words)[-1]))
        return "\n".join(lines) + "\n"


def is_scored(row: dict) -> bool:
    """Return whether a subject has a score, or a rank if the public sees no scores."""
    return row["composite_score"] is not None or row["rank_in_group"] is not None


def name_in_message(name: str) -> str:
    """Return a name without line breaks, which could fake lines of a message."""
    return " ".join(name.split())


def subject_of(row: dict) -> tuple:
    """Return the key of the subject that a row is about."""
    return tuple(row[name] for name in KEY)


def by_subject(rows: list[dict]) -> dict[tuple, list[dict]]:
    """Return the rows of each subject."""
    found = defaultdict(list)
    for row in rows:
        found[subject_of(row)].append(row)
    return found


def make_environment(words: SimpleNamespace) -> Environment:
    """Return the templates with their filters; every value is escaped."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    # Stylesheet and script come from this project. They are inlined, so that a page needs no other file.
    script = (TEMPLATES / "table.js").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    environment.globals |= {
        "t": words,
        "most": ROWS_SHOWN,
        "style": Markup((TEMPLATES / "site.css").read_text("utf-8")),  # noqa: S704
        "script": Markup(script),  # noqa: S704
        # No other script runs and nothing is fetched, even if markup got into a page.
        "policy": f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-{digest}'; "
                  "base-uri 'none'; form-action 'none'",
    }
    environment.filters |= {
        "number": wording.number,
        "signed": wording.signed,
        "plain": wording.plain_number,
        "in_unit": lambda value, unit, digits=None, beside=(): wording.in_unit(value, unit, words, digits, beside),
        "thresholds": wording.thresholds,
        "unit_name": lambda unit: wording.unit_name(unit, words),
        "percent": wording.percent,
        "signed_percent": wording.signed_percent,
        "change_in_unit": lambda value, unit: wording.change_in_unit(value, unit, words),
        "condition": lambda rule: wording.condition(rule, words),
        "rule_points": lambda rule: wording.rule_points(rule, words),
        "group_name": lambda group: wording.group_name(group, words),
        "reasons": lambda reason: words.list_mark.join(
            words.reasons.get(part, part) for part in reason.split(", ")) if reason else "",
    }
    return environment


def check_audience(out: Path, report: Report) -> None:
    """Raise WarehouseError if the folder holds reports for another audience: they are never mixed."""
    mine = {"language": report.language, "is_public": report.is_public, "hall": report.hall}
    for other in exported(out):
        if {name: other[name] for name in mine} != mine:
            kept = ", ".join(f"{name} {other[name]}" for name in mine if other[name] != mine[name])
            raise WarehouseError(f"{out} holds other reports ({kept}); choose another folder with --out")


def exported(out: Path) -> list[dict]:
    """Return the facts of all periods exported into a folder, by type and start."""
    found = []
    for path in sorted(out.glob(f"*/{PERIOD_FILE}")):
        if path.parent.name.startswith("."):
            continue
        try:
            found.append(json.loads(path.read_text("utf-8")))
        except ValueError:
            raise WarehouseError(f"{path} is damaged; delete its folder and export that period again") from None
    return sorted(found, key=lambda facts: (facts["period_type"], facts["start"]))


def write_site(
    out: Path, report: Report, commit: str | None, write_workbook: Callable[[Path], None],
    step: Callable[[], object] = lambda: None,
) -> Path:
    """Write all pages and the workbook of a period into out; return its folder. step is called after each file."""
    site = Site(report, commit)
    folder = out / folder_name(report)
    building = out / f".building-{folder.name}"
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    names = []
    for name, make in site.pages():
        (building / name).write_text(make(), encoding="utf-8")
        names.append(name)
        step()
    write_workbook(building / workbook_name(report))
    step()
    period = report.period
    facts = {
        "folder": folder.name, "period_type": period.period_type, "start": str(period.start), "end": str(period.end),
        "title": site.title, "as_of": str(period.as_of), "is_closed": period.is_closed, "halls": len(report.halls),
        "scored": len([hall for hall in report.halls if is_scored(hall)]),
        "rule_books": list(period.rule_book_hashes),
        "revision": period.publication.revision if period.publication else None,
        "commit": commit, "workbook": workbook_name(report),
        "pages": names, "language": report.language, "is_public": report.is_public, "hall": report.hall,
    }
    (building / PERIOD_FILE).write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")
    replaced = out / f".replaced-{folder.name}"
    shutil.rmtree(replaced, ignore_errors=True)
    if folder.exists():
        folder.rename(replaced)
    building.rename(folder)
    shutil.rmtree(replaced, ignore_errors=True)
    link_periods(out, site.environment, report.is_public)
    step()
    return folder


def link_periods(out: Path, environment: Environment, is_public: bool) -> None:
    """Write the index, and on every page the links to the previous and next period."""
    kinds = defaultdict(list)
    for facts in exported(out):
        kinds[facts["period_type"]].append(facts)
    links = environment.get_template("periods.html.j2")
    for periods in kinds.values():
        for position, facts in enumerate(periods):
            around = {
                "previous": periods[position - 1] if position else None,
                "next": periods[position + 1] if position + 1 < len(periods) else None,
            }
            for name in facts["pages"]:
                path = out / facts["folder"] / name
                if path.suffix != ".html":
                    continue
                text = path.read_text("utf-8")
                linked = PERIOD_LINKS.sub(lambda _, name=name: links.render(name=name, **around), text)  # noqa: B023
                if linked != text:
                    replace_text(path, linked)
    order = ["week", "month", "quarter", "year"]
    index = environment.get_template("index.html.j2").render(
        is_public=is_public, kinds=[(kind, kinds[kind][::-1]) for kind in order if kind in kinds])
    replace_text(out / "index.html", index)


def replace_text(path: Path, text: str) -> None:
    """Write a file by one rename, so that no reader sees half of it."""
    aside = path.with_name(f".{path.name}.new")
    aside.write_text(text, encoding="utf-8")
    aside.replace(path)
