"""The charts, as SVG without script, in one theme. The colours suit colour-blind readers and grey printers."""

from __future__ import annotations

from types import SimpleNamespace

import altair as alt
import vl_convert as vlc
from markupsafe import Markup, escape

from reports.wording import plain_number, signed, wrapped

# The colours differ in lightness too, and signs are written out.
BETTER, WORSE, BASE, TOTAL, QUIET = "#0b5cad", "#e08a00", "#8a97a6", "#1d2733", "#b9c3ce"
LINES = ["#0b5cad", "#e08a00", "#1b7f5c", "#9c4f96", "#1d2733", "#7aa6d6", "#b5651d", "#6b7683"]
DASHES = [[1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [1, 0], [4, 2], [1, 3], [10, 4]]
SHAPES = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right", "stroke"]
FONT = "Noto Sans CJK SC, Source Han Sans SC, Microsoft YaHei, PingFang SC, sans-serif"
WIDTH = 400
THEME = {
    "font": FONT,
    "background": "transparent",
    "padding": 4,
    "view": {"stroke": None},
    "axis": {
        "labelFontSize": 13, "titleFontSize": 13, "titleFontWeight": "normal", "labelColor": "#1d2733",
        "titleColor": "#4a5663", "gridColor": "#e3e9ef", "domainColor": "#8a97a6", "tickColor": "#8a97a6",
        "labelLimit": 400, "labelLineHeight": 15,
    },
    "text": {"fontSize": 13, "color": "#1d2733"},
    "legend": {
        "labelFontSize": 13, "titleFontSize": 13, "orient": "bottom", "columns": 2, "labelLimit": 190, "title": None,
        "symbolSize": 90,
    },
}


def as_svg(chart: alt.TopLevelMixin, label: str) -> Markup:
    """Return a chart as inline SVG with a label for those who cannot see it."""
    # A line break in a label is '\n'. Vega escapes names, so they cannot become markup.
    svg = vlc.vegalite_to_svg(chart.to_dict(validate=False) | {"config": THEME})
    opening = Markup('<svg role="img" aria-label="{}" ').format(label)
    return opening + Markup(svg.removeprefix("<svg "))  # noqa: S704


def _values(rows: list[dict]) -> alt.Data:
    return alt.Data(values=rows)


def _shown(value) -> float | None:
    return None if value is None else float(value)


# A period's first day, as its axis shows it.
PERIOD_LABELS = {
    "week": "slice(datum.label, 5)", "month": "slice(datum.label, 0, 7)",
    "quarter": "slice(datum.label, 0, 4) + ' Q' + ceil(toNumber(slice(datum.label, 5, 7)) / 3)",
    "year": "slice(datum.label, 0, 4)",
}
LABEL_LINES = "split(datum.label, '\\n')"
# Rules with the same label have separate rows; the number before the label is hidden.
NUMBERED_LINES = "split(slice(datum.label, indexof(datum.label, ' ') + 1), '\\n')"


def _numbered(step, label: str) -> str:
    return f"{step} " + "\n".join(wrapped(label))


def _score_title(words: SimpleNamespace) -> str:
    return f"{words.composite}（{words.points}）" if words.language == "zh" else f"{words.composite} ({words.points})"


def waterfall(contributions: list[dict], words: SimpleNamespace) -> Markup:
    """Return a waterfall of a hall's composite score: bases, points of each rule, total."""
    steps = [
        {
            "label": _numbered(row["step_number"], row["label"] or row["rule_id"]), "from": _shown(row["total_before"]),
            "to": _shown(row["total_after"]), "text": signed(row["contribution"]),
            "kind": "base" if row["rule_type"] == "base" else "better" if row["contribution"] > 0 else "worse",
        }
        for row in contributions if row["contribution"]
    ]
    total = contributions[-1]["total_after"]
    steps.append({
        "label": _numbered("", words.composite), "from": 0, "to": _shown(total), "text": f"{total:.2f}",
        "kind": "total",
    })
    order = [step["label"] for step in steps]
    lines = max(label.count("\n") for label in order) + 1
    y = alt.Y("label:N", sort=order, title=None,
              axis=alt.Axis(labelExpr=NUMBERED_LINES, ticks=False, domain=False, labelPadding=6))
    base = alt.Chart(_values(steps), width=200, height=alt.Step(max(30, 15 * lines + 8)))
    bars = base.mark_bar(height=20).encode(
        y=y,
        x=alt.X("from:Q", title=_score_title(words), scale=alt.Scale(nice=False, padding=4),
                axis=alt.Axis(tickCount=4)),
        x2="to:Q",
        color=alt.Color("kind:N", legend=None, scale=alt.Scale(
            domain=["base", "better", "worse", "total"], range=[BASE, BETTER, WORSE, TOTAL])),
    )
    texts = base.mark_text(align="left").encode(
        y=y, x=alt.value(206), text="text:N",
    )
    return as_svg(bars + texts, words.waterfall)


def trend(rows: list[dict], columns: dict[str, str], period_type: str, words: SimpleNamespace) -> Markup | None:
    """Return some scores of one hall over its periods, or None without scores. columns is {column: name}."""
    points = [
        {"period": str(row["period_start"]), "name": name, "score": _shown(row[column])}
        for row in rows for column, name in columns.items()
    ]
    return _lines(points, list(columns.values()), None, period_type, words)


def trends(rows: list[dict], halls: list[dict], period_type: str, words: SimpleNamespace) -> Markup | None:
    """Return the composite scores of the halls over the periods; of many halls, highlight those that changed most."""
    names = _unique_names(halls)
    if len(halls) > len(LINES):
        halls = sorted(halls, key=lambda hall: -abs(hall["score_change"] or 0))
    points = [
        {"period": str(row["period_start"]), "name": names[row["hall_id"]], "score": _shown(row["composite_score"])}
        for row in rows if row["hall_id"] in names
    ]
    return _lines(points, [names[hall["hall_id"]] for hall in halls], _score_title(words), period_type, words)


def _unique_names(halls: list[dict]) -> dict[str, str]:
    """Return names for a legend; halls with the same name get their id too."""
    names = [hall["hall_name"] for hall in halls]
    return {
        hall["hall_id"]: f"{hall['hall_name']} {hall['hall_id']}" if names.count(hall["hall_name"]) > 1
        else hall["hall_name"]
        for hall in halls
    }


def _lines(
    points: list[dict], names: list[str], title: str | None, period_type: str, words: SimpleNamespace
) -> Markup | None:
    if not any(point["score"] is not None for point in points):
        return None
    marked = names[: len(LINES)]
    scale = {"domain": marked}
    x = alt.X("period:O", title=None, axis=alt.Axis(
        labelExpr=PERIOD_LABELS[period_type],
        labelAngle=0, labelOverlap=True, ticks=False))
    y = alt.Y("score:Q", title=title,
              scale=alt.Scale(zero=False, nice=True), axis=alt.Axis(tickCount=5, domain=False, ticks=False))
    by_name = {
        "color": alt.Color("name:N", scale=alt.Scale(**scale, range=LINES[: len(marked)]), sort=None),
        "strokeDash": alt.StrokeDash("name:N", scale=alt.Scale(**scale, range=DASHES[: len(marked)]), sort=None),
    }
    shape = alt.Shape("name:N", scale=alt.Scale(**scale, range=SHAPES[: len(marked)]), sort=None)
    layers = []
    others = [point for point in points if point["name"] not in marked]
    if others:
        layers.append(alt.Chart(_values(others)).mark_line(color=QUIET, strokeWidth=1).encode(
            x=x, y=y, detail="name:N"))
    main = alt.Chart(_values([point for point in points if point["name"] in marked]))
    layers.append(main.mark_line(strokeWidth=2).encode(x=x, y=y, **by_name))
    layers.append(main.mark_point(filled=True, size=45, opacity=1).encode(
        x=x, y=y, color=by_name["color"], shape=shape))
    return as_svg(alt.layer(*layers).properties(width=WIDTH - 40, height=230), words.trend)


def spread(
    halls: list[dict], windows: list[dict], spreads: list[dict], reach: list, words: SimpleNamespace
) -> Markup | None:
    """Return the scores of each hall's windows as dots, with range and median, and the hall's own.

    reach holds the scores of all parts of a chart, which share one scale.
    """
    names = _unique_names(halls)
    labels = {hall: "\n".join(wrapped(name, 20)) for hall, name in names.items()}
    order = [labels[hall["hall_id"]] for hall in halls]
    dots = [
        {"label": labels[row["hall_id"]], "score": _shown(row["composite_score"])}
        for row in windows if row["composite_score"] is not None and row["hall_id"] in labels
    ]
    marks = [
        {"label": labels[row["hall_id"]], "score": _shown(row["composite_score"])}
        for row in halls if row["composite_score"] is not None
    ]
    ranges = [
        {"label": labels[row["hall_id"]], "low": _shown(row["lowest_score"]), "high": _shown(row["highest_score"]),
         "median": _shown(row["median_score"])}
        for row in spreads if row["subject_type"] == "window" and row["hall_id"] in labels
    ]
    if not dots and not marks:
        return None
    y = alt.Y("label:N", sort=order, title=None, scale=alt.Scale(domain=order),
              axis=alt.Axis(labelExpr=LABEL_LINES, ticks=False, domain=False, labelPadding=6))
    scale = alt.Scale(zero=False, domain=[float(min(reach)), float(max(reach))], nice=True)

    def score(column: str) -> alt.X:
        return alt.X(f"{column}:Q", title=_score_title(words), scale=scale, axis=alt.Axis(tickCount=4))

    layers = []
    if ranges:
        spans = alt.Chart(_values(ranges))
        layers.append(spans.mark_bar(height=10, color="#dde4ec").encode(y=y, x=score("low"), x2="high:Q"))
    layers.append(alt.Chart(_values(dots)).mark_circle(size=34, color="#6b7683", opacity=0.75).encode(
        y=y, x=score("score")))
    if ranges:
        layers.append(spans.mark_tick(thickness=2, size=20, color=TOTAL).encode(y=y, x=score("median")))
    layers.append(alt.Chart(_values(marks)).mark_point(
        shape="diamond", size=130, filled=True, color=BETTER, opacity=1, stroke="white").encode(y=y, x=score("score")))
    step = alt.Step(34 if len(halls) <= 12 else 24)
    return as_svg(alt.layer(*layers).properties(width=WIDTH - 150, height=step), words.spread)


def sparkline(values: list) -> Markup:
    """Return the values of one metric over its periods as a line without labels; a missing value leaves a gap."""
    known = [float(value) for value in values if value is not None]
    if len(known) < 2:
        return Markup("")
    low, span = min(known), max(known) - min(known)
    step = 84 / (len(values) - 1)
    points = [
        None if value is None
        else (f"{3 + number * step:.1f}", f"{17 - 14 * (float(value) - low) / span if span else 10:.1f}")
        for number, value in enumerate(values)
    ]
    lines = [[]]
    for point in points:
        if point is None:
            lines.append([])
        else:
            lines[-1].append(",".join(point))
    drawn = "".join(f'<polyline points="{" ".join(line)}"/>' for line in lines if len(line) > 1)
    x, y = next(point for point in reversed(points) if point)
    return Markup(  # noqa: S704
        f'<svg class="spark" viewBox="0 0 90 20" aria-hidden="true">{drawn}<circle cx="{x}" cy="{y}" r="2.5"/></svg>')


def peaks(rows: list[dict], words: SimpleNamespace) -> Markup:
    """Return a hall's arrivals and waits by weekday and hour: darker is more, and each number is written out.

    Drawn without Vega, which would measure a hundred texts and take three times as long as any other chart.
    """
    hours = range(min(row["hour_of_day"] for row in rows), max(row["hour_of_day"] for row in rows) + 1)
    weekdays = list(dict.fromkeys(row["weekday"] for row in rows))
    has_tickets = any(row["arrival_count"] for row in rows)
    arrivals = ("mean_arrivals", words.peak_arrivals) if has_tickets else ("mean_cases", words.peak_cases)
    left, line = 40, 23
    cell = (WIDTH - left) / len(hours)
    parts, top = [], 0
    for (column, title), colours in (
        (arrivals, ((238, 244, 250), (11, 74, 143))),
        (("avg_wait_minutes", words.peak_waits), ((253, 244, 231), (138, 75, 0))),
    ):
        known = [row for row in rows if row[column] is not None]
        if not known:
            continue
        most = max(row[column] for row in known)
        parts.append(_text(title, 0, top + 13, "start"))
        top += 22
        for row in known:
            share = float(row[column] / most) if most else 0
            x, y = left + (row["hour_of_day"] - hours[0]) * cell, top + weekdays.index(row["weekday"]) * line
            fill = ", ".join(f"{light + (dark - light) * share:.0f}" for light, dark in zip(*colours, strict=True))
            parts.append(f'<rect x="{x:.1f}" y="{y}" width="{cell - 1:.1f}" height="{line - 1}" fill="rgb({fill})"/>')
            shown = plain_number(row[column], 0 if row[column] >= 1 else 1)
            parts.append(_text(shown, x + cell / 2, y + 15, "middle", "white" if 2 * row[column] > most else TOTAL,
                               11 if len(hours) <= 14 else 8))
        parts += [_text(day, left - 8, top + number * line + 16, "end") for number, day in enumerate(weekdays)]
        top += len(weekdays) * line
        parts += [_text(hour, left + number * cell + cell / 2, top + 15, "middle") for number, hour in enumerate(hours)]
        top += 34
    opening = Markup('<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{}" viewBox="0 0 {} {}" '
                     'font-family="{}">').format(words.peaks, WIDTH, top - 12, FONT)
    return opening + Markup("".join(parts) + "</svg>")  # noqa: S704


def _text(text, x: float, y: float, anchor: str, colour: str = TOTAL, size: int = 13) -> str:
    place = f'x="{x:.1f}" y="{y}" text-anchor="{anchor}"'
    return f'<text {place} fill="{colour}" font-size="{size}">{escape(text)}</text>'


def days(rows: list[dict], words: SimpleNamespace) -> Markup | None:
    """Return the rejected and repaired rows of each day."""
    kinds = {"rejected_rows": words.outcomes["rejected"], "repaired_rows": words.outcomes["repaired"]}
    bars = [
        {"day": str(row["service_day"]), "kind": kind, "rows": int(row[column])}
        for row in rows for column, kind in kinds.items()
    ]
    if not any(bar["rows"] for bar in bars):
        return None
    chart = alt.Chart(_values(bars), width=WIDTH - 40, height=200).mark_bar().encode(
        x=alt.X("day:O", title=None, axis=alt.Axis(labelExpr="slice(datum.label, 5)", labelAngle=0,
                                                    labelOverlap=True, ticks=False)),
        y=alt.Y("rows:Q", title=words.rows, axis=alt.Axis(tickCount=4, format="d", domain=False, ticks=False)),
        color=alt.Color("kind:N", sort=None, scale=alt.Scale(domain=list(kinds.values()), range=[WORSE, QUIET])),
        order=alt.Order("kind:N"),
    )
    return as_svg(chart, words.by_day)
