"""What differs between the scores by the present and by the proposed rules, and which changes move nothing."""

from __future__ import annotations

from datetime import date

from rules.changes import KEYS, Change, first_day, last_day, read_rows
from rules.trial import MEASURED_BY, PERIOD_TYPES, Warehouse

DELTAS = """
    select proposed.period_type, proposed.period_start, proposed.hall_id, proposed.subject_type, proposed.subject_id,
        present.case_count,
        present.composite_score as old_score, proposed.composite_score as new_score,
        coalesce(proposed.composite_score - present.composite_score, 0) as delta,
        present.status as old_status, proposed.status as new_status,
        old_ranks.rank_in_group as old_rank, new_ranks.rank_in_group as new_rank
    from {proposed}.scores as proposed
    inner join {present}.scores as present
        using (period_type, period_start, hall_id, subject_type, subject_id)
    left join {present}.rankings as old_ranks using (period_type, period_start, hall_id, subject_type, subject_id)
    left join {proposed}.rankings as new_ranks using (period_type, period_start, hall_id, subject_type, subject_id)
"""
COUNTS = """
    count(*) as units, sum(delta > 0) as gain, sum(delta < 0) as lose,
    sum(old_status = 'scored' or new_status = 'scored') as scored, sum(old_status <> new_status) as status_changes,
    sum(not old_rank <=> new_rank) as rank_changes, round(avg(nullif(delta, 0)), 2) as mean_change,
    round(max(delta), 2) as largest_gain, round(min(delta), 2) as largest_loss
"""


def crossings(in_latest: str) -> str:
    """Return a query for the rewards and actions of the latest periods that begin or end under the proposed rules."""
    subject = "period_type, period_start, hall_id, subject_type, subject_id"

    def held(book: str) -> str:
        return f"""
            select {subject}, 'reward' as kind, tier_id as id, label_zh, label_en
            from {{{book}}}.reward_candidates where is_candidate and ({in_latest})
            union all
            select {subject}, 'action' as kind, trigger_id as id, label_zh, label_en
            from {{{book}}}.improvement_actions where is_open and ({in_latest})
        """

    return f"""
        select {subject}, kind, id, min(label_zh) as label_zh, min(label_en) as label_en,
            sum(change_sign) as change_sign
        from (
            select proposed.*, 1 as change_sign from ({held("proposed")}) as proposed
            union all
            select present.*, -1 as change_sign from ({held("present")}) as present
        ) as sides
        group by {subject}, kind, id
        having sum(change_sign) <> 0
        order by kind desc, id, change_sign desc, {subject}
    """


def effects(warehouse: Warehouse, periods: list[dict]) -> dict:
    """Return what differs between the scores by the present and by the proposed rules, as rows for the page."""
    warehouse.select(f"create table {{proposed}}.score_deltas as {DELTAS}")
    warehouse.select(f"create table {{proposed}}.component_deltas as {COMPONENT_DELTAS}")
    latest = {period["period_type"]: period["period_start"] for period in periods}
    shown = "month" if "month" in latest else max(latest, key=PERIOD_TYPES.index, default=None)
    in_latest = " or ".join(f"(period_type = '{kind}' and period_start = '{start}')" for kind, start in latest.items())
    in_shown = f"period_type = '{shown}' and period_start = '{latest[shown]}'"
    subject = "hall_id, subject_type, subject_id"
    movers = {}
    for name, order, sign in (("gainers", "desc", ">"), ("losers", "asc", "<")):
        movers[name] = warehouse.select(f"""
            select movers.*, reasons.rule_id, round(reasons.weighted_change, 2) as weighted_change
            from (
                select * from {{proposed}}.score_deltas as deltas where {in_shown} and delta {sign} 0
                order by delta {order}, {subject} limit 10
            ) as movers
            left join (
                select hall_id, subject_type, subject_id, rule_id, weighted_change,
                    row_number() over (
                        partition by {subject} order by weighted_change {order}, rule_id
                    ) as place
                from {{proposed}}.component_deltas as component_deltas where {in_shown}
            ) as reasons using ({subject})
            where reasons.place = 1 or reasons.place is null
            order by delta {order}, {subject}
        """)
    return {
        "latest": latest,
        "shown": shown,
        "summary": warehouse.select(f"""
            select period_type, period_start, subject_type, {COUNTS}
            from {{proposed}}.score_deltas as deltas where {in_latest}
            group by period_type, period_start, subject_type
            order by field(period_type, 'week', 'month', 'quarter', 'year'),
                field(subject_type, 'hall', 'department', 'window', 'clerk')
        """),
        "halls": warehouse.select(f"""
            select * from (select hall_id, round(max(case when subject_type = 'hall' then delta end), 2) as hall_change,
                sum(subject_type <> 'hall' and delta > 0) as gain, sum(subject_type <> 'hall' and delta < 0) as lose,
                round(avg(case when subject_type = 'window' then delta end), 2) as window_change,
                round(avg(case when subject_type = 'clerk' then delta end), 2) as clerk_change
            from {{proposed}}.score_deltas as deltas where {in_shown} group by hall_id) as halls
            order by abs(coalesce(hall_change, 0)) desc, hall_id
        """),
        "sizes": warehouse.select(f"""
            select subject_type, size, min(case_count) as fewest_cases, max(case_count) as most_cases, {COUNTS}
            from (
                select deltas.*, ntile(3) over (partition by subject_type order by case_count, {subject}) as size
                from {{proposed}}.score_deltas as deltas where {in_shown} and new_status = 'scored'
            ) as sized
            group by subject_type, size order by field(subject_type, 'hall', 'department', 'window', 'clerk'), size
        """),
        "ranks": warehouse.select(f"""
            select * from {{proposed}}.score_deltas as deltas where {in_shown} and old_rank <> new_rank
            order by abs(cast(old_rank as signed) - cast(new_rank as signed)) desc, {subject} limit 10
        """),
        "crossings": warehouse.select(crossings(in_latest)),
        "back_test": warehouse.select(f"""
            select period_type, period_start, {COUNTS} from {{proposed}}.score_deltas as deltas
            group by period_type, period_start
            order by field(period_type, 'week', 'month', 'quarter', 'year'), period_start
        """),
        **movers,
    }


# All components of both sides: a rule may be new or gone.
COMPONENT_DELTAS = """
    select period_type, period_start, hall_id, subject_type, subject_id, rule_id,
        sum(points) as point_change, sum(weighted_points) as weighted_change
    from (
        select components.period_type, components.period_start, components.hall_id, components.subject_type,
            components.subject_id, components.rule_id, components.points,
            components.points * scored.weight as weighted_points
        from {proposed}.score_components as components
        inner join {proposed}.dimension_scores as scored
            using (period_type, period_start, hall_id, subject_type, subject_id, dimension)
        union all
        select components.period_type, components.period_start, components.hall_id, components.subject_type,
            components.subject_id, components.rule_id, -components.points,
            -components.points * scored.weight as weighted_points
        from {present}.score_components as components
        inner join {present}.dimension_scores as scored
            using (period_type, period_start, hall_id, subject_type, subject_id, dimension)
    ) as sides
    group by period_type, period_start, hall_id, subject_type, subject_id, rule_id
    having sum(points) <> 0 or sum(weighted_points) <> 0
"""


def touches(change: Change, moved: list[dict], crossed: set[str]) -> bool:
    """Return whether a changed row can have moved any of the components, rewards or actions that moved."""
    row = change.row
    if change.seed in ("improvement_triggers", "reward_tiers"):
        return row[KEYS[change.seed][0]] in crossed
    columns = {
        "scoring_rules": ("rule_set", "rule_id"), "dimension_weights": ("rule_set",),
        "rule_set_assignments": ("hall_id",), "exemptions": ("hall_id", "subject_type", "subject_id", "rule_id"),
    }.get(change.seed, ())
    return any(all(row[column] in ("", subject[column]) for column in columns) for subject in moved)


def without_effect(
    warehouse: Warehouse, changes: list[Change], rules: dict[str, str], day: date, crossed: set[str]
) -> list[tuple]:
    """Return (change, reason in Chinese, reason in English) of each changed row that moves no score."""
    followed = {row["rule_set"] for row in read_rows(rules["rule_set_assignments"])
                if first_day(row) <= day <= last_day(row)}
    weights = {(row["rule_set"], row["dimension"]): float(row["weight"])
               for row in read_rows(rules["dimension_weights"]) if first_day(row) <= day <= last_day(row)}
    moved = warehouse.select("""
        select distinct scores.rule_set, moved.hall_id, moved.subject_type, moved.subject_id, moved.rule_id
        from {proposed}.component_deltas as moved
        inner join {proposed}.scores as scores using (period_type, period_start, hall_id, subject_type, subject_id)
    """)
    shadowed = {row["hall_id"] for row in warehouse.select("""
        select distinct hall_id from {proposed}.score_deltas as deltas
        where old_status <> new_status and 'shadow' in (old_status, new_status)
    """)}
    idle = []
    for change in changes:
        row = change.row
        if change.words_only:
            reason = ("只改了说明文字", "only its words differ")
        elif change.seed == "pilots" and not any(side["shadow_until"] for side in (change.old, change.new) if side):
            reason = ("没有影子期，只作比较", "without a shadow time it only compares")
        elif change.new and not change.old and not first_day(row) <= day <= last_day(row):
            reason = (f"{day} 这天未生效", f"not in force on {day}")
        elif change.seed == "metric_parameters" and row["parameter"] not in MEASURED_BY:
            reason = ("该参数在重新统计原始记录后才起作用，无法预览", "it acts when logs are counted again: no preview")
        elif change.seed in ("item_standards", "rating_levels"):
            reason = ("重新统计每日数据后才起作用，无法预览", "it acts when days are counted again: no preview")
        elif change.seed in ("metric_definitions", "work_calendar", "quality_limits", "pain_point_keywords"):
            reason = ("这个文件不影响得分", "this file moves no score")
        elif change.seed in ("scoring_rules", "dimension_weights") and row["rule_set"] not in followed:
            reason = ("没有大厅使用该规则集", "no hall follows its rule set")
        elif change.seed == "scoring_rules" and not weights.get((row["rule_set"], row["dimension"])):
            reason = ("该维度权重为 0", "its dimension has weight 0")
        elif not (row["hall_id"] in shadowed if change.seed == "pilots" else touches(change, moved, crossed)):
            reason = ("所评周期的结果不因它而变", "nothing in the judged periods differs by it")
        else:
            continue
        idle.append((change, *reason))
    return idle


def rule_books(warehouse: Warehouse, schema: str) -> dict[str, str]:
    """Return the hash of each rule set's rules for the latest closed period that was judged."""
    return {row["rule_set"]: row["hash"] for row in warehouse.select(f"""
        select rule_set, min(rule_book_hash) as hash from {{{schema}}}.scores as scores
        where is_closed and rule_set is not null and period_start = (
            select max(period_start) from {{{schema}}}.scores as later
            where later.is_closed and later.rule_set = scores.rule_set
        )
        group by rule_set order by rule_set
    """)}
