-- The rules in words, with an example computed from each row.
{{ config(primary_key=['rule_set', 'rule_id', 'valid_from']) }}

{%- set subject_types = {'hall': '大厅', 'department': '部门', 'window': '窗口', 'clerk': '人员'} -%}
{%- set period_types = {
    'week': ('周', 'weeks'), 'month': ('月', 'months'), 'quarter': ('季度', 'quarters'), 'year': ('年', 'years'),
    'rolling_7d': ('滚动七天', 'rolling seven days'),
} %}

with

rules as (

    select
        stg_scoring_rules.*,
        -- The as-of date if the rule is in force then, otherwise its nearest day.
        least(greatest(cast({{ as_of_date() }} as date), valid_from), valid_to) as shown_on
    from {{ ref('stg_scoring_rules') }} as stg_scoring_rules

),

described as (

    select
        rules.*,
        weights.weight,
        metrics.unit,
        metrics.is_count,
        coalesce(metrics.label_zh, rules.metric) as metric_zh,
        coalesce(metrics.label_en, rules.metric) as metric_en,
        concat(metrics.label_zh, ' = ', metrics.formula_zh) as measures_zh,
        concat(metrics.label_en, ' = ', metrics.formula_en) as measures_en,
        metrics.improve_zh,
        metrics.improve_en,
        units.scale,
        units.word_zh,
        units.word_en,
        units.words_en,
        coalesce(units.step_zh, '1') as step_zh,
        coalesce(units.step_en, 'unit') as step_en,
        units.least_value,
        units.greatest_value,
        coalesce(units.edge_step, 1) as edge_step,
        coalesce(units.example_distance, 1) as example_distance,
        dimensions.label_zh as dimension_zh,
        lower(dimensions.label_en) as dimension_en,
        -- The side of the benchmark on which a slope counts.
        case
            when rules.lower_bound >= rules.benchmark or rules.benchmark <= units.least_value then 'above'
            when rules.upper_bound <= rules.benchmark or rules.benchmark >= units.greatest_value then 'below'
            else 'both'
        end as side,
        -- A bound that only repeats the benchmark or the end of the range is left out.
        case
            when rules.lower_bound <> coalesce(rules.benchmark, rules.lower_bound - 1) then rules.lower_bound
        end as slope_lower,
        case
            when rules.upper_bound <> coalesce(rules.benchmark, rules.upper_bound - 1) then rules.upper_bound
        end as slope_upper
    from rules
    left join {{ ref('stg_metric_definitions') }} as metrics on rules.metric = metrics.metric
    left join {{ ref('stg_units') }} as units on metrics.unit = units.unit
    left join {{ ref('stg_dimensions') }} as dimensions on rules.dimension = dimensions.dimension
    left join {{ ref('stg_dimension_weights') }} as weights
        on rules.rule_set = weights.rule_set
        and rules.dimension = weights.dimension
        and rules.shown_on between weights.valid_from and weights.valid_to

),

-- The condition in words: for a band its bounds, for a slope what its benchmark does not say.
conditions as (

    select
        described.*,
        {% for language, exactly, at_least, below, between in [
            ('zh', "concat('为 ', ", "concat('达到 ', ", "concat('低于 ', ", "'在 '"),
            ('en', "concat('exactly ', ", "concat('at least ', ", "concat('below ', ", "'from '"),
        ] -%}
        {% for kind, lower, upper in [
            ('band', 'lower_bound', 'upper_bound'), ('slope', 'slope_lower', 'slope_upper'),
        ] -%}
        case
            when is_count = 1 and {{ upper }} - {{ lower }} = 1
                then {{ exactly }}
                    {{- shown_amount(lower, 'zh', 'described') if language == 'zh' else shown_number(lower) }})
            when {{ lower }} is not null and {{ upper }} is not null
                then concat(
                    {{ between }}, {{ shown_amount(lower, language, 'described') }},
                    '{{ "（含）至 " if language == "zh" else " to below " }}',
                    {{ shown_amount(upper, language, 'described') }},
                    '{{ "（不含）之间" if language == "zh" }}'
                )
            when {{ lower }} is not null
                then {{ at_least }}{{ shown_amount(lower, language, 'described') }},
                    '{{ "（含）以上" if language == "zh" }}')
            when {{ upper }} is not null
                then {{ below }}{{ shown_amount(upper, language, 'described') }})
            else ''
        end as {{ kind }}_condition_{{ language }},
        {% endfor -%}
        {% endfor -%}
        -- Where the slope begins, seen from its benchmark, and the value of the example.
        case side
            when 'below' then least(benchmark, coalesce(upper_bound, benchmark))
            else greatest(benchmark, coalesce(lower_bound, benchmark))
        end as slope_start
    from described

),

examples as (

    select
        conditions.*,
        case side
            when 'below'
                then greatest(
                    slope_start - example_distance,
                    coalesce(lower_bound, least_value, slope_start - example_distance)
                )
            else least(
                slope_start + example_distance,
                coalesce(upper_bound - edge_step, greatest_value, slope_start + example_distance)
            )
        end as example_value
    from conditions

),

pointed as (

    select
        examples.*,
        least(
            greatest(
                points_per_unit * abs(example_value - benchmark),
                coalesce(min_points, points_per_unit * abs(example_value - benchmark))
            ),
            coalesce(max_points, greatest(
                points_per_unit * abs(example_value - benchmark),
                coalesce(min_points, points_per_unit * abs(example_value - benchmark))
            ))
        ) as example_points,
        points_per_unit / coalesce(scale, 1) as points_per_step
    from examples

),

worded as (

    select
        pointed.*,
        case rule_type
            when 'base' then concat(dimension_zh, '每期从 ', {{ shown_points('points') }}, ' 分起算。')
            when 'band'
                then concat(
                    metric_zh, band_condition_zh,
                    case
                        when points > 0 then concat('，加 ', {{ shown_points('points') }}, ' 分。')
                        when points < 0 then concat('，减 ', {{ shown_points('abs(points)') }}, ' 分。')
                        else '，不加减分。'
                    end
                )
            else concat(
                metric_zh, case when slope_condition_zh <> '' then concat(slope_condition_zh, '时，') else '' end,
                case
                    when benchmark = 0 then '每 '
                    else concat(
                        case side when 'above' then '高于 ' when 'below' then '低于 ' else '与 ' end,
                        {{ shown_amount('benchmark', 'zh', 'pointed') }},
                        case when side = 'both' then '相差的部分，每 ' else '的部分，每 ' end
                    )
                end,
                step_zh, case when points_per_unit < 0 then '减 ' else '加 ' end,
                {{ shown_points('abs(points_per_step)') }}, ' 分',
                case when is_count = 1 then '' else concat('，不足 ', step_zh, '按比例计算') end,
                coalesce(concat('，最低 ', {{ shown_points('min_points') }}, ' 分'), ''),
                coalesce(concat('，最高 ', {{ shown_points('max_points') }}, ' 分'), ''),
                '。'
            )
        end as rule_zh,
        case rule_type
            when 'base'
                then concat(
                    'The ', dimension_en, ' dimension starts every period at ', {{ shown_points('points') }}, ' points.'
                )
            when 'band'
                then concat(
                    metric_en, ': ', band_condition_en, ' gives ', {{ shown_points('points', signed=true) }},
                    case when abs(points) = 1 then ' point.' else ' points.' end
                )
            else concat(
                metric_en, case when slope_condition_en <> '' then concat(', when ', slope_condition_en) else '' end,
                ': ', {{ shown_points('points_per_step', signed=true) }},
                case when abs(points_per_step) = 1 then ' point' else ' points' end, ' for each ', step_en,
                case
                    when benchmark = 0 then ''
                    else concat(
                        case side when 'both' then ' away from ' else concat(' ', side, ' ') end,
                        {{ shown_amount('benchmark', 'en', 'pointed') }}
                    )
                end,
                case when is_count = 1 then '' else ', fractions in proportion' end,
                coalesce(concat(', not less than ', {{ shown_points('min_points') }}), ''),
                coalesce(concat(', not more than ', {{ shown_points('max_points') }}), ''),
                '.'
            )
        end as rule_en,
        {% for language, separator, points_word, untouched in [
            ('zh', '；', ' 分', '没有加减分'), ('en', '; ', '', 'nothing added or taken'),
        ] -%}
        case rule_type
            when 'base'
                then concat('{{ untouched }} → ', {{ shown_points('points') }}, '{{ points_word }}')
            when 'slope'
                then concat_ws(
                    '{{ separator }}',
                    concat(
                        {{ shown_amount('benchmark', language, 'pointed') }}, ' → 0{{ points_word }}'
                    ),
                    concat(
                        {{ shown_amount('example_value', language, 'pointed') }}, ' → ',
                        {{ shown_points('example_points', signed=true) }}, '{{ points_word }}'
                    )
                )
            else concat_ws(
                '{{ separator }}',
                case
                    when lower_bound > coalesce(least_value, lower_bound - 1)
                        then concat(
                            {{ shown_amount('(lower_bound - edge_step)', language, 'pointed') }},
                            ' → 0{{ points_word }}'
                        )
                end,
                concat(
                    {{ shown_amount('lower_bound', language, 'pointed') }}, ' → ',
                    {{ shown_points('points', signed=true) }}, '{{ points_word }}'
                ),
                case
                    when coalesce(upper_bound - edge_step <> lower_bound, upper_bound is not null)
                        then concat(
                            {{ shown_amount('(upper_bound - edge_step)', language, 'pointed') }}, ' → ',
                            {{ shown_points('points', signed=true) }}, '{{ points_word }}'
                        )
                end,
                concat({{ shown_amount('upper_bound', language, 'pointed') }}, ' → 0{{ points_word }}')
            )
        end as example_{{ language }},
        {% endfor -%}
        case
            when rule_type = 'base' then '本维度至少有一项指标有数据，才有得分。'
            when when_missing = 'zero' then '没有数据时按 0 计算。'
            when when_missing = 'require' then '没有数据、样本太少或无法归属时，本维度没有得分。'
            else '没有数据、样本太少或无法归属时，本条不计分，其他规则照常。'
        end as when_missing_zh,
        case
            when rule_type = 'base' then 'The dimension has a score only when one of its metrics has data.'
            when when_missing = 'zero' then 'Without data the value counts as 0.'
            when when_missing = 'require'
                then 'Without data, with too small a sample or unattributed, the dimension has no score.'
            else 'Without data, with too small a sample or unattributed, this rule gives no points; the others hold.'
        end as when_missing_en,
        concat(
            case subject_type
                {% for code, word in subject_types.items() -%}
                when '{{ code }}' then '{{ word }}'
                {% endfor -%}
                else '{{ subject_types.values() | join("、") }}'
            end,
            '；',
            case period_type
                {% for code, words in period_types.items() -%}
                when '{{ code }}' then '{{ words[0] }}'
                {% endfor -%}
                else '{{ period_types.values() | map(attribute=0) | join("、") }}'
            end
        ) as scope_zh,
        concat(
            case subject_type
                {% for code in subject_types -%}
                when '{{ code }}' then '{{ code }}s'
                {% endfor -%}
                else '{{ subject_types | join("s, ") }}s'
            end,
            '; ',
            case period_type
                {% for code, words in period_types.items() -%}
                when '{{ code }}' then '{{ words[1] }}'
                {% endfor -%}
                else '{{ period_types.values() | map(attribute=1) | join(", ") }}'
            end
        ) as scope_en
    from pointed

)

select
    rule_set,
    rule_id,
    valid_from,
    valid_to,
    {{ as_of_date() }} between valid_from and valid_to as is_in_force,
    dimension,
    weight,
    metric,
    unit,
    rule_type,
    subject_type,
    period_type,
    lower_bound,
    upper_bound,
    benchmark,
    points,
    points_per_unit,
    min_points,
    max_points,
    label_zh,
    label_en,
    rule_zh,
    rule_en,
    example_zh,
    example_en,
    measures_zh,
    measures_en,
    improve_zh,
    improve_en,
    min_sample,
    when_missing,
    when_missing_zh,
    when_missing_en,
    scope_zh,
    scope_en,
    decided_on,
    reason,
    source,
    '{{ invocation_id }}' as build_id
from worded
