"""Export the scores of a week, month, quarter or year as an Excel workbook and an HTML page.

Reads the marts, draws and writes; every number comes from the warehouse as it is.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import altair as alt
import mysql.connector
import pandas as pd
import vl_convert as vlc
import xlsxwriter
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup
from warehouse import PROJECT_DIR, WarehouseError, connect, read_profile

TEMPLATES = PROJECT_DIR / "scripts" / "templates"
TREND_PERIODS = 12
PERIODS = {"week": "周", "month": "月", "quarter": "季度", "year": "年"}
SUBJECTS = {"hall": "大厅", "department": "部门", "window": "窗口", "clerk": "人员"}
DIMENSIONS = {"efficiency": "效率", "satisfaction": "满意度", "digital": "数字化"}
RULE_TYPES = {"base": "基础分", "band": "区间", "slope": "按单位"}
SCORE_STATUSES = {
    "scored": "已评分",
    "incomplete": "缺少必需的数据",
    "insufficient_sample": "样本太少",
    "no_business": "本期无业务",
    "exempt": "经批准免于考核",
    "no_rules": "本期没有适用的规则",
}
COMPONENT_STATUSES = {
    "applied": "计分",
    "not_met": "未达到条件",
    "no_data": "无数据",
    "insufficient_sample": "样本太少",
    "not_attributable": "无法归属",
    "exempt": "免于考核",
}
METRIC_STATUSES = {"measured": "有值", "no_data": "无数据", "not_attributable": "无法归属"}
OUTCOMES = {"counted": "计入", "repaired": "修正后计入", "rejected": "剔除", "not_yet": "晚于截止日"}


@dataclass(frozen=True)
class Period:
    """The period reported on, and which build its numbers come from."""

    period_type: str
    start: date
    end: date
    is_closed: bool
    as_of: date
    rule_book_hashes: tuple[str, ...]
    build_id: str

    @property
    def title(self) -> str:
        """Return the period in words, such as 2026年9月 or 2026-09-07 至 2026-09-13."""
        if self.period_type == "month":
            return f"{self.start.year}年{self.start.month}月"
        if self.period_type == "quarter":
            return f"{self.start.year}年第{(self.start.month + 2) // 3}季度"
        if self.period_type == "year":
            return f"{self.start.year}年"
        return f"{self.start} 至 {self.end}"


class Marts:
    """The marts of one schema, read by named parameters."""

    def __init__(self, target: str | None):
        """Connect to an output of profiles.yml, or its default. Raises WarehouseError when that fails."""
        self.schema = read_profile(target)["schema"]
        self.connection = connect(target)
        try:
            self.connection.cursor().execute(f"use `{self.schema}`")
        except mysql.connector.Error as error:
            raise self.without_marts(error) from None

    def without_marts(self, error: mysql.connector.Error) -> WarehouseError:
        """Return what to do about a schema or mart that is not there."""
        return WarehouseError(f"schema {self.schema} has no finished marts (run dbt build): {error.msg}")

    def read(self, sql: str, **parameters) -> pd.DataFrame:
        """Return the rows of a query; decimals stay Decimal, null is None."""
        cursor = self.connection.cursor()
        try:
            cursor.execute(sql, parameters)
            return pd.DataFrame(cursor.fetchall(), columns=cursor.column_names, dtype=object)
        except mysql.connector.Error as error:
            if error.errno in (1054, 1146):
                raise self.without_marts(error) from None
            raise
        finally:
            cursor.close()


def find_period(marts: Marts, period_type: str, start: date | None) -> Period:
    """Return the period asked for, or the latest closed one with any business.

    Raises WarehouseError when there is none, and names what would be right.
    """
    periods = marts.read(
        """
        select periods.period_start, periods.period_end, periods.is_closed, periods.as_of_date,
            coalesce(sum(scores.case_count + scores.rating_count + scores.complaint_count), 0) as activity
        from dim_periods as periods
        left join scores
            on periods.period_type = scores.period_type
            and periods.period_start = scores.period_start
            and scores.subject_type = 'hall'
        where periods.period_type = %(period_type)s
        group by periods.period_start, periods.period_end, periods.is_closed, periods.as_of_date
        order by periods.period_start
        """,
        period_type=period_type,
    )
    if periods.empty:
        raise WarehouseError(f"no {period_type} in schema {marts.schema}: load logs and run dbt build")
    if start is None:
        found = periods[(periods.is_closed == 1) & (periods.activity > 0)].tail(1)
        if found.empty:
            last = periods.period_start.iloc[-1]
            raise WarehouseError(f"no closed {period_type} has any case yet; for the running one: --start {last}")
    else:
        found = periods[periods.period_start == start]
        if found.empty:
            around = periods[(periods.period_start <= start) & (periods.period_end >= start)]
            first, last = periods.period_start.iloc[0], periods.period_start.iloc[-1]
            right = (
                f"{start} lies in the one that starts on {around.period_start.iloc[0]}"
                if len(around)
                else f"known are those from {first} to {last}"
            )
            raise WarehouseError(f"--start: no {period_type} starts on {start}; {right}")
    row = found.iloc[0]
    books = marts.read(
        "select distinct rule_book_hash, build_id from scores"
        " where period_type = %(period_type)s and period_start = %(start)s",
        period_type=period_type,
        start=row.period_start,
    )
    return Period(
        period_type=period_type,
        start=row.period_start,
        end=row.period_end,
        is_closed=bool(row.is_closed),
        as_of=row.as_of_date,
        rule_book_hashes=tuple(sorted(value for value in books.rule_book_hash.unique() if value)),
        build_id=books.build_id.iloc[0] if len(books) else "",
    )


def read_tables(marts: Marts, period: Period) -> dict[str, pd.DataFrame]:
    """Return everything the report shows, by name: scores, components, metrics, trend, quality, rules."""
    here = {"period_type": period.period_type, "start": period.start, "end": period.end}
    named = """
        inner join dim_halls as halls on this.hall_id = halls.hall_id
        left join dim_windows as windows
            on this.subject_type = 'window' and this.hall_id = windows.hall_id and this.subject_id = windows.window_id
        left join dim_clerks as clerks
            on this.subject_type = 'clerk' and this.hall_id = clerks.hall_id and this.subject_id = clerks.clerk_id
    """
    subject_name = (
        "case this.subject_type when 'hall' then halls.hall_name"
        " else coalesce(windows.window_name, clerks.clerk_name, this.subject_id) end as subject_name"
    )
    in_period = "where this.period_type = %(period_type)s and this.period_start = %(start)s"
    by_type = "field(this.subject_type, 'hall', 'department', 'window', 'clerk')"
    by_subject = f"{by_type}, this.hall_id, this.subject_id"
    tables = {
        "scores": marts.read(
            f"""
            select this.*, halls.hall_name, {subject_name}, rankings.rank_in_group, rankings.ranked_in_group,
                rankings.rank_in_hall, rankings.ranked_in_hall, rankings.percentile, rankings.rank_change
            from scores as this {named}
            left join rankings
                on this.period_type = rankings.period_type and this.period_start = rankings.period_start
                and this.hall_id = rankings.hall_id and this.subject_type = rankings.subject_type
                and this.subject_id = rankings.subject_id
            {in_period}
            order by {by_type}, this.rule_set, this.peer_group,
                rankings.rank_in_group is null, rankings.rank_in_group, this.hall_id, this.subject_id
            """,
            **here,
        ),
        "components": marts.read(
            f"""
            select this.*, halls.hall_name, {subject_name}, metrics.label_zh as metric_label
            from score_components as this {named}
            left join dim_metrics as metrics on this.metric = metrics.metric
            {in_period} order by {by_subject}, this.dimension, this.rule_id
            """,
            **here,
        ),
        "dimensions": marts.read(
            f"""
            select this.*, halls.hall_name, {subject_name}
            from dimension_scores as this {named}
            {in_period} order by {by_subject}, this.weight desc, this.dimension
            """,
            **here,
        ),
        "metrics": marts.read(
            f"""
            select this.*, halls.hall_name, {subject_name}, metrics.label_zh as metric_label, metrics.unit
            from metrics as this {named}
            inner join dim_metrics as metrics on this.metric = metrics.metric
            {in_period} and this.subject_type <> 'item' order by {by_subject}, this.metric
            """,
            **here,
        ),
        "trend": marts.read(
            """
            select this.period_start, halls.hall_id, this.composite_score,
                case
                    when count(*) over (partition by this.period_start, halls.hall_name) > 1
                        then concat(halls.hall_name, ' ', halls.hall_id)
                    else halls.hall_name
                end as hall_label
            from scores as this
            inner join dim_halls as halls on this.hall_id = halls.hall_id
            where
                this.subject_type = 'hall' and this.period_type = %(period_type)s
                and this.period_start <= %(start)s
            order by this.period_start, halls.hall_id
            """,
            **here,
        ),
        "quality": marts.read(
            """
            select raw_table, outcome, reason, sum(row_count) as row_count
            from data_quality
            where service_day between %(start)s and %(end)s
            group by raw_table, outcome, reason
            order by raw_table, field(outcome, 'counted', 'repaired', 'rejected', 'not_yet'), reason
            """,
            **here,
        ),
        "rules": marts.read(
            """
            select distinct components.rule_set, components.dimension, components.rule_id, components.rule_type,
                components.metric, metrics.label_zh as metric_label, components.lower_bound, components.upper_bound,
                components.benchmark, components.points_per_unit, components.label_zh, components.label_en
            from score_components as components
            left join dim_metrics as metrics on components.metric = metrics.metric
            where components.period_type = %(period_type)s and components.period_start = %(start)s
            order by components.rule_set, components.dimension, components.rule_id
            """,
            **here,
        ),
    }
    shown = sorted(tables["trend"].period_start.unique())[-TREND_PERIODS:]
    tables["trend"] = tables["trend"][tables["trend"].period_start.isin(shown)]
    tables["scores"]["why"] = missing_reasons(tables)
    return tables


def missing_reasons(tables: dict[str, pd.DataFrame]) -> list[str]:
    """Return for each row of scores why it has none, empty for a scored one."""
    keys = ["hall_id", "subject_type", "subject_id"]
    components = tables["components"]
    held_back = components[
        (components.when_missing == "require")
        & components.status.isin(["no_data", "insufficient_sample", "not_attributable"])
    ]
    details = {}
    for key, rows in held_back.groupby(keys):
        found = dict.fromkeys(f"{row.metric_label}{COMPONENT_STATUSES[row.status]}" for row in rows.itertuples())
        details[key] = "、".join(found)
    reasons = []
    for row in tables["scores"].itertuples():
        reason = "" if row.status == "scored" else SCORE_STATUSES[row.status]
        detail = details.get((row.hall_id, row.subject_type, row.subject_id))
        shows_detail = row.status in ("incomplete", "insufficient_sample") and detail
        reasons.append(f"{reason}：{detail}" if shows_detail else reason)
    return reasons


def trend_chart(trend: pd.DataFrame) -> str:
    """Return the composite scores of the halls over the periods as an SVG; periods without a score are gaps."""
    points = trend.assign(
        period=[str(start) for start in trend.period_start],
        score=[None if score is None else float(score) for score in trend.composite_score],
    )[["period", "hall_label", "score"]]
    chart = (
        alt.Chart(points, width=760, height=280)
        .mark_line(point=True)
        .encode(
            x=alt.X("period:O", title="周期开始日"),
            y=alt.Y("score:Q", title="综合得分", scale=alt.Scale(zero=False)),
            color=alt.Color("hall_label:N", title="大厅", sort=None, legend=alt.Legend(labelLimit=300)),
        )
        .configure(font="Noto Sans CJK SC, Microsoft YaHei, PingFang SC, sans-serif")
        .configure_view(stroke=None)
    )
    return vlc.vegalite_to_svg(chart.to_json())


def write_page(path: Path, period: Period, tables: dict[str, pd.DataFrame]) -> None:
    """Write the report as one HTML file without script or network."""
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters["number"] = lambda value, digits=2: "" if value is None else f"{value:,.{digits}f}"
    environment.filters["signed"] = lambda value, digits=2: "" if value is None else f"{value:+,.{digits}f}"
    records = {name: frame.to_dict("records") for name, frame in tables.items()}
    quality = tables["quality"]
    page = environment.get_template("report.html.j2").render(
        period=period,
        period_word=PERIODS[period.period_type],
        subjects=SUBJECTS,
        dimension_words=DIMENSIONS,
        component_statuses=COMPONENT_STATUSES,
        outcomes=OUTCOMES,
        raw_rows=quality.row_count.sum(),
        rejected_rows=quality[quality.outcome == "rejected"].row_count.sum(),
        # The SVG is drawn by Altair from numbers and escaped names.
        trend_svg=Markup(trend_chart(tables["trend"])),  # noqa: S704
        **records,
    )
    path.write_text(page, encoding="utf-8")


# sheet column: (header, source column, number format or None for text, width)
SCORE_COLUMNS = [
    ("类型", "subject_type", None, 8), ("大厅", "hall_name", None, 22), ("对象", "subject_name", None, 22),
    ("编号", "subject_id", None, 12), ("规则集", "rule_set", None, 12), ("可比组", "peer_group", None, 10),
    ("综合得分", "composite_score", "0.00", 10), ("效率分", "efficiency_score", "0.00", 10),
    ("满意度分", "satisfaction_score", "0.00", 10), ("数字化分", "digital_score", "0.00", 10),
    ("组内名次", "rank_in_group", "0", 9), ("组内参评数", "ranked_in_group", "0", 11),
    ("厅内名次", "rank_in_hall", "0", 9), ("百分位", "percentile", "0.00%", 9),
    ("名次变化", "rank_change", "+0;-0;0", 9), ("办件量", "case_count", "#,##0", 9),
    ("评价数", "rating_count", "#,##0", 9), ("投诉数", "complaint_count", "#,##0", 9),
    ("状态", "status", None, 16), ("无得分的原因", "why", None, 34),
]
SUBJECT_COLUMNS = [
    ("类型", "subject_type", None, 8), ("大厅", "hall_name", None, 22), ("对象", "subject_name", None, 18),
    ("编号", "subject_id", None, 12),
]
DIMENSION_COLUMNS = [
    *SUBJECT_COLUMNS, ("维度", "dimension", None, 10), ("权重", "weight", "0.00%", 9),
    ("维度分", "score", "0.00", 10), ("各项合计", "unclamped_score", "0.00", 10),
]
COMPONENT_COLUMNS = [
    *SUBJECT_COLUMNS, ("维度", "dimension", None, 8), ("规则", "rule_id", None, 8),
    ("说明", "label_zh", None, 34), ("Rule", "label_en", None, 38), ("指标", "metric_label", None, 18),
    ("指标值", "value", "0.0000", 10), ("分子", "numerator", "#,##0.00", 12), ("分母", "denominator", "#,##0.00", 12),
    ("样本量", "sample_size", "#,##0", 9), ("状态", "status", None, 12), ("得分", "points", "+0.00;-0.00;0.00", 10),
    ("下一档可得", "next_band_points", "+0.00", 11), ("距下一档", "distance_to_next_band", "+0.0000;-0.0000", 11),
]
METRIC_COLUMNS = [
    *SUBJECT_COLUMNS, ("指标", "metric_label", None, 24), ("Metric", "metric", None, 28),
    ("单位", "unit", None, 10), ("值", "value", "0.0000", 12), ("分子", "numerator", "#,##0.00", 14),
    ("分母", "denominator", "#,##0.00", 14), ("样本量", "sample_size", "#,##0", 10), ("状态", "status", None, 12),
]
RULE_COLUMNS = [
    ("规则集", "rule_set", None, 12), ("维度", "dimension", None, 10), ("规则", "rule_id", None, 8),
    ("方式", "rule_type", None, 8), ("指标", "metric_label", None, 20), ("下限（含）", "lower_bound", "0.00##", 11),
    ("上限（不含）", "upper_bound", "0.00##", 12), ("基准", "benchmark", "0.00##", 9),
    ("每单位分值", "points_per_unit", "0.00####", 11), ("说明", "label_zh", None, 38), ("Rule", "label_en", None, 44),
]
QUALITY_COLUMNS = [
    ("原始表", "raw_table", None, 16), ("结果", "outcome", None, 14), ("原因", "reason", None, 28),
    ("行数", "row_count", "#,##0", 12),
]
WORDS = {
    "subject_type": SUBJECTS, "dimension": DIMENSIONS, "rule_type": RULE_TYPES, "outcome": OUTCOMES,
}
NOTES = [
    "得分由数据仓库按规则计算，本表只读取结果，不作任何计算。每一分的来源见“得分明细”，规则见“规则”。",
    "综合得分 = Σ 维度权重 × 维度分；加权维度缺少必需的数据时没有综合得分，也不参加排名。",
    "名次在同一规则集、同一可比组内按综合得分（两位小数）排列，同分同名次。",
    "名次变化为正表示名次上升。下一档可得与距下一档：指标再改善多少，可多得多少分。",
    "周期未结束时，得分为暂计。",
]


def write_table(book, name: str, frame: pd.DataFrame, columns: list[tuple], statuses: dict[str, str]) -> None:
    """Write one sheet: frozen header, filter, text as text (never a formula), numbers as numbers."""
    sheet = book.add_worksheet(name)
    head = book.add_format({"bold": True, "bg_color": "#E8EEF4", "border": 1, "text_wrap": True, "valign": "top"})
    words = WORDS | {"status": statuses}
    for position, (header, source, number_format, width) in enumerate(columns):
        shape = book.add_format({"num_format": number_format}) if number_format else None
        sheet.set_column(position, position, width, shape)
        sheet.write_string(0, position, header, head)
        for line, value in enumerate(frame[source], start=1):
            if value is None or value == "":
                continue
            if number_format:
                sheet.write_number(line, position, float(value))
            else:
                sheet.write_string(line, position, words.get(source, {}).get(value, str(value)))
    sheet.freeze_panes(1, 4 if len(columns) > 8 else 0)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    if len(frame):
        sheet.autofilter(0, 0, len(frame), len(columns) - 1)


def write_workbook(path: Path, period: Period, tables: dict[str, pd.DataFrame]) -> None:
    """Write the report as an Excel workbook with a native trend chart."""
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        write_overview(book, period, tables)
        write_table(book, "排名", tables["scores"], SCORE_COLUMNS, SCORE_STATUSES)
        write_table(book, "维度分", tables["dimensions"], DIMENSION_COLUMNS, {})
        write_table(book, "得分明细", tables["components"], COMPONENT_COLUMNS, COMPONENT_STATUSES)
        write_table(book, "指标", tables["metrics"], METRIC_COLUMNS, METRIC_STATUSES)
        write_table(book, "规则", tables["rules"], RULE_COLUMNS, {})
        write_table(book, "数据质量", tables["quality"], QUALITY_COLUMNS, {})
        sheet = book.add_worksheet("说明")
        sheet.set_column(0, 0, 110, book.add_format({"text_wrap": True}))
        for line, note in enumerate(NOTES):
            sheet.write_string(line, 0, note)


def write_overview(book, period: Period, tables: dict[str, pd.DataFrame]) -> None:
    """Write the first sheet: what this is, the halls' scores, their trend."""
    sheet = book.add_worksheet("总览")
    bold = book.add_format({"bold": True, "font_size": 14})
    head = book.add_format({"bold": True, "bg_color": "#E8EEF4", "text_wrap": True})
    score = book.add_format({"num_format": "0.00"})
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 20, 12)
    sheet.write_string(0, 0, f"政务大厅积分{PERIODS[period.period_type]}报 {period.title}", bold)
    facts = [
        ("周期", f"{period.start} 至 {period.end}" + ("" if period.is_closed else "（未结束，暂计）")),
        ("截止日期", str(period.as_of)),
        ("规则版本", "、".join(period.rule_book_hashes)),
        ("构建编号", period.build_id),
    ]
    for line, (label, value) in enumerate(facts, start=1):
        sheet.write_string(line, 0, label)
        sheet.write_string(line, 1, value)
    first = len(facts) + 2
    columns = [("大厅", "subject_name"), ("综合得分", "composite_score"), ("效率分", "efficiency_score"),
               ("满意度分", "satisfaction_score"), ("组内名次", "rank_in_group"), ("办件量", "case_count"),
               ("评价数", "rating_count"), ("投诉数", "complaint_count"), ("无得分的原因", "why")]
    halls = tables["scores"][tables["scores"].subject_type == "hall"]
    for position, (header, source) in enumerate(columns):
        sheet.write_string(first, position, header, head)
        for line, value in enumerate(halls[source], start=first + 1):
            if isinstance(value, str):
                sheet.write_string(line, position, value)
            elif value is not None:
                sheet.write_number(line, position, float(value), score if source.endswith("_score") else None)
    start = first + len(halls) + 3
    trend = tables["trend"].pivot(index="period_start", columns="hall_label", values="composite_score")
    sheet.write_string(start - 1, 0, "综合得分走势", head)
    chart = book.add_chart({"type": "line"})
    for line, period_start in enumerate(trend.index, start=start + 1):
        sheet.write_string(line, 0, str(period_start))
    for position, hall_label in enumerate(trend.columns, start=1):
        sheet.write_string(start, position, hall_label, head)
        for line, value in enumerate(trend[hall_label], start=start + 1):
            if value is not None and not pd.isna(value):
                sheet.write_number(line, position, float(value), score)
        rows = (start + 1, start + len(trend))
        chart.add_series({
            "name": ["总览", start, position],
            "categories": ["总览", rows[0], 0, rows[1], 0],
            "values": ["总览", rows[0], position, rows[1], position],
            "marker": {"type": "circle"},
        })
    chart.set_title({"name": "综合得分走势"})
    chart.set_y_axis({"num_format": "0"})
    chart.set_size({"width": 860, "height": 340})
    sheet.insert_chart(start + len(trend) + 2, 0, chart)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--period", required=True, choices=list(PERIODS))
    parser.add_argument("--start", type=date.fromisoformat, help="first day (default: the latest closed period)")
    parser.add_argument("--out", type=Path, default=Path("reports"))
    parser.add_argument("--target", help="output of profiles.yml (default: its own default)")
    options = parser.parse_args(arguments)
    try:
        marts = Marts(options.target)
        period = find_period(marts, options.period, options.start)
        tables = read_tables(marts, period)
        if find_period(marts, options.period, period.start) != period:
            raise WarehouseError("a build finished while the report was read; run the export again")
        options.out.mkdir(parents=True, exist_ok=True)
        stem = options.out / f"hall_scores_{period.period_type}_{period.start}"
        write_workbook(stem.with_suffix(".xlsx"), period, tables)
        write_page(stem.with_suffix(".html"), period, tables)
    except (WarehouseError, mysql.connector.Error, OSError, xlsxwriter.exceptions.XlsxFileError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print("open:")
    for suffix in (".html", ".xlsx"):
        print(f"  {stem.with_suffix(suffix)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
