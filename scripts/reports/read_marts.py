"""Read the rows of a report from the marts as dictionaries, with decimals as Decimal and null as None.

reports.public removes what a public report must not show, once for pages, workbook and texts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from reports.marts import (
    DIMENSIONS,
    IN_HALL,
    IN_PERIOD,
    KEY,
    NAMED,
    SCORES,
    SUBJECT_NAME,
    SUBJECT_TYPES,
    Marts,
)
from reports.masking import excerpt, mask
from reports.public import make_public, read_exact_sets
from reports.sections import read_sections
from reports.texts import words_of
from warehouse import WarehouseError

TREND_PERIODS = 12
COMMENTS_PER_HALL = 8
COMMENT_LENGTH = 255
LIVE_COMPONENTS = "(select components.*, null as appeal_id from score_components as components)"
# The ledger does not hold the next step.
PUBLISHED_COMPONENTS = """(
    select components.*, live.distance_to_next_band, live.next_band_points
    from published_components as components
    left join score_components as live
        on components.period_type = live.period_type and components.period_start = live.period_start
        and components.hall_id = live.hall_id and components.subject_type = live.subject_type
        and components.subject_id = live.subject_id and components.rule_id = live.rule_id
        and components.appeal_id is null
)"""


def enough(standing: str, live: str, periods: str) -> str:
    """Return SQL for whether a score has enough ratings to be public, both as published and as known now."""
    least = f"least({standing}.rating_count, coalesce({live}.rating_count, {standing}.rating_count))"
    return f"coalesce({least} >= {periods}.public_minimum_ratings, 0)"


def of_subject(name: str, other: str, periods: str | None = None) -> str:
    """Return SQL that joins a mart to the subject of another, in that one's period or in a third's."""
    return " and ".join(
        f"{name}.{column} = {periods if periods and column.startswith('period') else other}.{column}"
        for column in ("period_type", "period_start", *KEY)
    )


SHOWN_PERIODS = f"""(
    select period_start from dim_periods
    where period_type = %(period_type)s and period_start <= %(start)s
    order by period_start desc limit {TREND_PERIODS}
)"""


@dataclass(frozen=True)
class Publication:
    """The latest revision of a published period; drift_count scores would differ if computed now."""

    revision: int
    day: date
    publication_hash: str
    drift_count: int


@dataclass(frozen=True)
class Period:
    """The period of the report and the source of its numbers; head_hash is the hash of the whole chain."""

    period_type: str
    start: date
    end: date
    is_closed: bool
    as_of: date
    public_minimum_ratings: int | None
    rule_book_hashes: tuple[str, ...]
    build_ids: tuple[str, ...]
    publication: Publication | None
    head_hash: str | None

    def title(self, language: str) -> str:
        """Return the period in words, such as 2026年9月 or 2026年9月7日至13日."""
        year, month = self.start.year, self.start.month
        quarter = (month + 2) // 3
        if language == "zh":
            week_end = f"{self.end.day}日"
            if self.end.month != month:
                week_end = f"{self.end.month}月{week_end}"
            if self.end.year != year:
                week_end = f"{self.end.year}年{week_end}"
            return {
                "month": f"{year}年{month}月", "quarter": f"{year}年第{quarter}季度", "year": f"{year}年",
            }.get(self.period_type, f"{year}年{month}月{self.start.day}日至{week_end}")
        return {
            "month": f"{self.start:%B} {year}", "quarter": f"Q{quarter} {year}", "year": str(year),
        }.get(self.period_type, f"{self.start} to {self.end}")


@dataclass
class Report:
    """All rows of the report of a period."""

    period: Period
    language: str
    is_public: bool
    hall: str | None
    scores: list[dict]
    components: list[dict]
    dimensions: list[dict]
    metrics: list[dict]
    contributions: list[dict]
    spreads: list[dict]
    trend: list[dict]
    quality: list[dict]
    quality_totals: dict
    undated_rows: int
    quality_by_hall: list[dict]
    quality_by_day: list[dict]
    unattributable: list[dict]
    rules: list[dict]
    weights: list[dict]
    parameters: list[dict]
    definitions: list[dict]
    # None: not to be shown.
    comments: list[dict] | None = None
    appeals: list[dict] = field(default_factory=list)
    sections: dict[str, list[dict] | None] = field(default_factory=dict)
    # For some subjects the public sees ranks without scores.
    ranks_only: bool = False

    @property
    def has_appeal_forms(self) -> bool:
        """Return whether each hall gets a form: for published periods, but not in public reports."""
        return self.period.publication is not None and not self.is_public

    @property
    def halls(self) -> list[dict]:
        """Return the score rows of the halls, in the order of their ranks."""
        return [row for row in self.scores if row["subject_type"] == "hall"]

    @property
    def page_halls(self) -> list[dict]:
        """Return the halls that get their own page."""
        return [row for row in self.halls if self.hall in (None, row["hall_id"])]


def find_period(marts: Marts, period_type: str, start: date | None) -> Period:
    """Return the given period, or the latest closed one with data.

    Raises WarehouseError if there is none; its text says what to do.
    """
    periods = marts.read(
        """
        select periods.period_start, periods.period_end, periods.is_closed, periods.as_of_date,
            periods.public_minimum_ratings,
            coalesce(sum(scores.case_count + scores.rating_count + scores.complaint_count), 0) as activity
        from dim_periods as periods
        left join scores
            on periods.period_type = scores.period_type
            and periods.period_start = scores.period_start
            and scores.subject_type = 'hall'
        where periods.period_type = %(period_type)s
        group by periods.period_start, periods.period_end, periods.is_closed, periods.as_of_date,
            periods.public_minimum_ratings
        order by periods.period_start
        """,
        period_type=period_type,
    )
    if not periods:
        raise WarehouseError(f"no {period_type} in schema {marts.schema}: load logs and run dbt build")
    if start is None:
        found = [row for row in periods if row["is_closed"] and row["activity"] > 0][-1:]
        if not found:
            last = periods[-1]["period_start"]
            raise WarehouseError(f"no closed {period_type} has any case yet; for the running one: --start {last}")
    else:
        found = [row for row in periods if row["period_start"] == start]
        if not found:
            around = [row["period_start"] for row in periods if row["period_start"] <= start <= row["period_end"]]
            right = (
                f"{start} lies in the one that starts on {around[0]}" if around else
                f"known are those from {periods[0]['period_start']} to {periods[-1]['period_start']}"
            )
            raise WarehouseError(f"--start: no {period_type} starts on {start}; {right}")
    row = found[0]
    here = {"period_type": period_type, "start": row["period_start"]}
    builds = marts.read(f"select distinct this.build_id from scores as this where {IN_PERIOD}", **here)
    publications = marts.read(
        f"""
        select this.revision, date(this.published_at) as day, this.publication_hash,
            (
                select count(*) from publication_drift as drift
                where this.period_type = drift.period_type and this.period_start = drift.period_start
            ) as drift_count
        from publications as this
        where {IN_PERIOD} and this.is_latest
        """,
        **here,
    )
    books = marts.read(
        f"select distinct this.rule_book_hash, this.revision from standing_scores as this where {IN_PERIOD}", **here)
    revision = publications[0]["revision"] if publications else None
    if any(book["revision"] != revision for book in books):
        raise WarehouseError(
            f"{period_type} {row['period_start']}：公布之后构建没有完成，请运行 dbt build"
            f" / {period_type} {row['period_start']}: a build published it and did not end; run dbt build")
    head = marts.read("select publication_hash from publications order by publication_number desc limit 1")
    return Period(
        period_type=period_type,
        start=row["period_start"],
        end=row["period_end"],
        is_closed=bool(row["is_closed"]),
        as_of=row["as_of_date"],
        public_minimum_ratings=row["public_minimum_ratings"],
        rule_book_hashes=tuple(sorted({book["rule_book_hash"] for book in books if book["rule_book_hash"]})),
        build_ids=tuple(sorted({build["build_id"] for build in builds})),
        publication=Publication(**publications[0]) if publications else None,
        head_hash=head[0]["publication_hash"] if head else None,
    )


def read_report(
    marts: Marts, period: Period, language: str, hall: str | None = None, is_public: bool = False,
    clerks: str = "name", has_comments: bool = False,
) -> Report:
    """Return all data of the report of a period.

    hall limits the details to that hall; clerks is name, number or none. make_public reduces a public
    report; only an internal one has comments, on request. Scores and points of a published period
    are those of its latest revision.
    Raises WarehouseError if there is no such hall, or if a build finished meanwhile.
    """
    here = {
        "period_type": period.period_type, "start": period.start, "end": period.end, "hall": hall,
        "is_public": is_public,
    }
    # These names come from the code, never from data.
    label, formula = f"label_{language}", f"formula_{language}"
    # A published period shows its points as published, whatever has changed since.
    if period.publication:
        in_period = f"{IN_PERIOD} and this.is_latest"
        component_source, dimension_source = PUBLISHED_COMPONENTS, "published_dimension_scores"
    else:
        in_period = IN_PERIOD
        component_source, dimension_source = LIVE_COMPONENTS, "dimension_scores"
    scores = marts.read(
        f"""
        select this.*, halls.hall_name, {SUBJECT_NAME}, coalesce(published.is_appealed, 0) as is_appealed,
            case this.subject_type when 'window' then this.department end as department,
            rankings.rank_in_group, rankings.ranked_in_group, rankings.rank_in_hall, rankings.ranked_in_hall,
            rankings.percentile, rankings.rank_change, rankings.score_change,
            {enough('this', 'live', 'periods')} as is_public,
            {enough('previous', 'previous_live', 'previous_periods')} as was_public,
            previous_periods.period_start as previous_start
        from standing_scores as this {NAMED}
        inner join dim_periods as periods
            on this.period_type = periods.period_type and this.period_start = periods.period_start
        left join dim_periods as previous_periods
            on this.period_type = previous_periods.period_type
            and this.period_start = date_add(previous_periods.period_end, interval 1 day)
        left join published_scores as published on {of_subject("published", "this")} and published.is_latest
        left join scores as live on {of_subject("live", "this")}
        left join standing_scores as previous on {of_subject("previous", "this", "previous_periods")}
        left join scores as previous_live on {of_subject("previous_live", "this", "previous_periods")}
        left join rankings on {of_subject("rankings", "this")}
        where {IN_PERIOD} and (this.subject_type = 'hall' or {IN_HALL})
        order by {SUBJECT_TYPES}, this.rule_set, this.peer_group, rankings.rank_in_group is null,
            rankings.rank_in_group, this.hall_id, this.subject_id
        """,
        **here,
    )
    known = [row["hall_id"] for row in scores if row["subject_type"] == "hall"]
    if hall is not None and hall not in known:
        shown = ", ".join(known[:12]) + (" …" if len(known) > 12 else "")
        raise WarehouseError(f"--hall: no hall {hall} in this period; known: {shown}")
    report = Report(
        period=period, language=language, is_public=is_public, hall=hall, scores=scores,
        components=marts.read(
            f"""
            select this.*, halls.hall_name, {SUBJECT_NAME}, this.{label} as label, metrics.{label} as metric_label,
                metrics.unit, metrics.is_private, coalesce(dimensions.{label}, this.dimension) as dimension_name
            from {component_source} as this {NAMED} {DIMENSIONS}
            left join dim_metrics as metrics on this.metric = metrics.metric
            where {in_period} and {IN_HALL}
            order by {SUBJECT_TYPES}, this.hall_id, this.subject_id, this.dimension, this.rule_id, this.appeal_id
            """,
            **here,
        ),
        dimensions=marts.read(
            f"""
            select this.*, coalesce(dimensions.{label}, this.dimension) as dimension_name
            from {dimension_source} as this {DIMENSIONS}
            where {in_period} and {IN_HALL} and this.subject_type = 'hall'
            order by this.hall_id, this.weight desc, this.dimension
            """,
            **here,
        ),
        metrics=marts.read(
            f"""
            select this.*, halls.hall_name, {SUBJECT_NAME}, metrics.{label} as metric_label, metrics.unit,
                metrics.direction, metrics.is_private
            from metrics as this {NAMED}
            inner join dim_metrics as metrics on this.metric = metrics.metric
            where {IN_PERIOD} and {IN_HALL} and this.subject_type <> 'item'
            order by {SUBJECT_TYPES}, this.hall_id, this.subject_id, this.metric
            """,
            **here,
        ),
        contributions=marts.read(
            f"""
            select this.*, halls.hall_name, this.{label} as label, metrics.{label} as metric_label, metrics.unit,
                metrics.is_private
            from hall_contributions as this
            inner join dim_halls as halls on this.hall_id = halls.hall_id
            left join dim_metrics as metrics on this.metric = metrics.metric
            where {IN_PERIOD} order by this.hall_id, this.step_number
            """,
            **here,
        ),
        spreads=marts.read(f"select this.* from score_spreads as this where {IN_PERIOD} order by this.hall_id", **here),
        trend=marts.read(
            f"""
            select this.period_start, this.hall_id, this.rule_set, halls.hall_name, this.{", this.".join(SCORES)},
                {enough('this', 'live', 'periods')} as is_public
            from standing_scores as this
            inner join dim_halls as halls on this.hall_id = halls.hall_id
            inner join dim_periods as periods
                on this.period_type = periods.period_type and this.period_start = periods.period_start
            inner join {SHOWN_PERIODS} as shown on this.period_start = shown.period_start
            left join scores as live on {of_subject("live", "this")}
            where this.subject_type = 'hall' and this.period_type = %(period_type)s
            order by this.period_start, this.hall_id
            """,
            **here,
        ),
        quality=marts.read(
            f"""
            select this.raw_table, this.outcome, this.reason, sum(this.row_count) as row_count
            from data_quality as this
            where {IN_DAYS}
            group by this.raw_table, this.outcome, this.reason
            order by field(this.raw_table, 'service_log', 'feedback', 'complaints'),
                field(this.outcome, 'counted', 'repaired', 'rejected', 'not_yet'), row_count desc, this.reason
            """,
            **here,
        ),
        quality_totals=marts.read(f"select {QUALITY_SUMS} from data_quality as this where {IN_DAYS}", **here)[0],
        undated_rows=marts.read(
            "select coalesce(sum(this.row_count), 0) as undated_rows from data_quality as this"
            f" where this.service_day is null and {OF_AUDIENCE}",
            **here,
        )[0]["undated_rows"],
        quality_by_hall=marts.read(
            f"""
            select this.hall_id, coalesce(halls.hall_name, this.hall_id) as hall_name, {QUALITY_SUMS}
            from data_quality as this
            left join dim_halls as halls on this.hall_id = halls.hall_id
            where {IN_DAYS} group by this.hall_id, halls.hall_name order by this.hall_id
            """,
            **here,
        ),
        quality_by_day=marts.read(
            f"select this.service_day, {QUALITY_SUMS} from data_quality as this where {IN_DAYS}"
            " group by this.service_day order by this.service_day",
            **here,
        ),
        unattributable=marts.read(
            f"""
            select this.hall_id, halls.hall_name, this.subject_type, metrics.{label} as metric_label,
                metrics.is_private
            from metrics as this
            inner join dim_halls as halls on this.hall_id = halls.hall_id
            inner join dim_metrics as metrics on this.metric = metrics.metric
            where {IN_PERIOD} and this.status = 'not_attributable'
                and this.subject_type in ('department', 'window', 'clerk')
            group by this.hall_id, halls.hall_name, this.subject_type, metrics.{label}, metrics.is_private
            order by this.hall_id, {SUBJECT_TYPES}, metrics.{label}
            """,
            **here,
        ),
        rules=read_rules(marts, language, here),
        weights=marts.read(
            f"""
            select this.rule_set, this.dimension, this.{label} as dimension_name, this.weight, this.min_score,
                this.max_score, this.valid_from
            from dim_weights as this
            where %(start)s between this.valid_from and this.valid_to
            order by this.rule_set, this.weight desc, this.dimension
            """,
            **here,
        ),
        parameters=marts.read(
            f"""
            select this.parameter, this.{label} as label, this.value_{language} as shown_value, this.reason,
                this.valid_from
            from dim_parameters as this
            where %(start)s between this.valid_from and this.valid_to order by this.parameter
            """,
            **here,
        ),
        definitions=marts.read(
            f"select metric, unit, direction, {label} as label, {formula} as formula from dim_metrics"
            " where is_measured order by metric"
        ),
        sections=read_sections(marts, here, words_of(language)),
    )
    if is_public:
        make_public(report, clerks, read_exact_sets(marts, here, SHOWN_PERIODS))
    else:
        report.comments = read_comments(marts, here) if has_comments else None
        report.appeals = read_appeals(marts, here)
    add_trends(marts, report, here)
    if find_period(marts, period.period_type, period.start) != period:
        raise WarehouseError("a build finished while the report was read; run the export again")
    return report


# The public sees no counts of feedback and complaints.
OF_AUDIENCE = "(not %(is_public)s or this.raw_table = 'service_log')"
IN_DAYS = f"this.service_day between %(start)s and %(end)s and {OF_AUDIENCE}"
QUALITY_SUMS = """
    coalesce(sum(row_count), 0) as raw_rows,
    coalesce(sum(case when outcome = 'counted' then row_count end), 0) as counted_rows,
    coalesce(sum(case when outcome = 'repaired' then row_count end), 0) as repaired_rows,
    coalesce(sum(case when outcome = 'rejected' then row_count end), 0) as rejected_rows,
    cast(coalesce(sum(case when outcome = 'rejected' then row_count end), 0) as decimal(30, 10)) / sum(row_count)
        as rejected_share
"""


def read_rules(marts: Marts, language: str, here: dict) -> list[dict]:
    """Return the rules in force for the period, with the text of the rule book."""
    label = f"label_{language}"
    return marts.read(
        f"""
        select this.*, this.{label} as label, metrics.{label} as metric_label, metrics.is_count,
            this.rule_{language} as sentence, this.example_{language} as example, this.improve_{language} as improve,
            coalesce(dimensions.{label}, this.dimension) as dimension_name
        from rule_book as this {DIMENSIONS}
        left join dim_metrics as metrics on this.metric = metrics.metric
        where %(start)s between this.valid_from and this.valid_to
            and coalesce(this.period_type, %(period_type)s) = %(period_type)s
        order by this.rule_set, this.dimension, this.rule_id, this.valid_from
        """,
        **here,
    )


def add_trends(marts: Marts, report: Report, here: dict) -> None:
    """Add to the halls' metrics their values in the periods whose scores the report shows."""
    values = {
        (row["hall_id"], row["metric"], row["period_start"]): row["value"]
        for row in marts.read(
            f"""
            select this.hall_id, this.metric, this.period_start, this.value
            from metrics as this
            inner join {SHOWN_PERIODS} as shown on this.period_start = shown.period_start
            where this.subject_type = 'hall' and this.period_type = %(period_type)s and {IN_HALL}
            """,
            **here,
        )
    }
    starts = sorted({start for _, _, start in values})
    shown = {(row["hall_id"], row["period_start"]) for row in report.trend}
    for row in report.metrics:
        if row["subject_type"] == "hall":
            row["trend"] = [
                values.get((row["hall_id"], row["metric"], start)) if (row["hall_id"], start) in shown else None
                for start in starts
            ]
            row["before"] = row["trend"][-2] if len(starts) > 1 else None


def read_comments(marts: Marts, here: dict) -> list[dict]:
    """Return the latest comments of each hall, with personal data masked."""
    rows = marts.read(
        f"""
        select numbered.*, coalesce(windows.window_name, numbered.window_id) as window_name
        from (
            select this.*, row_number() over (
                partition by this.hall_id order by this.feedback_date desc, this.window_id, this.comment_text
            ) as comment_number
            from {{work}}.stg_comments as this
            where this.feedback_date between %(start)s and %(end)s and this.comment_text is not null and {IN_HALL}
        ) as numbered
        left join dim_windows as windows
            on numbered.hall_id = windows.hall_id and numbered.window_id = windows.window_id
        where numbered.comment_number <= {COMMENTS_PER_HALL}
        order by numbered.hall_id, numbered.comment_number
        """,
        **here,
    )
    return [
        row | {
            "comment_text": excerpt(row["comment_text"], COMMENT_LENGTH),
            # A raw column may hold anything.
            "recorded_rating": mask(row["recorded_rating"] or ""),
        }
        for row in rows
    ]


def read_appeals(marts: Marts, here: dict) -> list[dict]:
    """Return the decided appeals with what they changed, without the submitter."""
    rows = marts.read(
        f"""
        select this.hall_id, this.subject_type, this.subject_id, {SUBJECT_NAME}, this.rule_id, this.decision,
            this.decided_at, this.decision_reason, this.points_adjustment, this.score_before, this.score_after,
            this.rank_before, this.rank_after
        from appeal_outcomes as this {NAMED}
        where {IN_PERIOD} and {IN_HALL} and this.decision in ('upheld', 'rejected') and this.problem is null
        order by this.hall_id, this.decided_at, this.appeal_id
        """,
        **here,
    )
    return [row | {"decision_reason": mask(row["decision_reason"] or "")} for row in rows]
