-- Each cell is judged by rule_columns.csv, as in the check before a merge (scripts/rules/columns.py). What follows
-- that looks at several rows at once.
-- depends_on: {{ ref('item_standards') }}
-- depends_on: {{ ref('pilots') }}
-- depends_on: {{ ref('quality_limits') }}
-- depends_on: {{ ref('rating_levels') }}
-- depends_on: {{ ref('reward_tiers') }}
-- depends_on: {{ ref('work_calendar') }}
{{ config(post_hook=["{{ raise_rule_problems() }}", "{{ raise_old_ledger() }}"]) }}

{%- set seeds = rule_columns() -%}
{%- set number = "'^[+-]?[0-9]{1,9}([.][0-9]{1,10})?$'" -%}
{%- set day = "'^[0-9]{4}-[0-9]{2}-[0-9]{2}$'" -%}
{%- set unseen = "'[\\\\p{Cc}\\\\p{Cf}\\\\p{Zl}\\\\p{Zp}\\\\x{A0}]'" -%}
{%- set full_width = "'[！-～\u3000]'" %}

with

-- The words that a cell may hold: kinds of its own file, or the first column of a reference file.
word_lists as (

    select seed as word_list, group_concat(distinct kind order by kind separator '|') as words
    from {{ ref('rule_columns') }}
    where kind is not null
    group by seed
    union all
    select 'dimensions' as word_list, group_concat(trim(dimension) separator '|') as words
    from {{ ref('dimensions') }}
    union all
    select 'units' as word_list, group_concat(trim(unit) separator '|') as words
    from {{ ref('units') }}

),

columns as (

    select
        rules.seed,
        rules.column_name,
        rules.kind,
        rules.data_type,
        coalesce(rules.is_required, '') = '1' as is_required,
        coalesce(rules.codes, word_lists.words) as codes,
        rules.unit,
        rules.least,
        rules.most,
        {{ seed_number('rules.least') }} as least_number,
        coalesce(rules.is_above_least, '') = '1' as is_above_least,
        {{ seed_number('rules.most') }} as most_number,
        coalesce(rules.is_whole, '') = '1' as is_whole,
        rules.not_below,
        rules.above
    from {{ ref('rule_columns') }} as rules
    left join word_lists
        on word_lists.word_list = coalesce(rules.known_in, case when rules.data_type = 'kind' then rules.seed end)

),

cells as (

    {% for seed, columns in seeds.items() -%}
    {%- set key = [] -%}
    {%- set kind = [] -%}
    {%- for name, column in columns.items() -%}
    {%- if column.is_key %}{% do key.append("coalesce(`" ~ name ~ "`, '')") %}{% endif -%}
    {%- if column.data_type == 'kind' %}{% do kind.append(name) %}{% endif -%}
    {%- endfor -%}
    {%- for name, column in columns.items() -%}
    select
        '{{ seed }}' as seed,
        concat_ws('/', {{ key | join(', ') }}) as row_key,
        '{{ name }}' as column_name,
        {{ kind[0] if kind else 'null' }} as kind,
        `{{ name }}` as cell,
        {{ '`' ~ column.other ~ '`' if column.other else 'null' }} as other_cell
    from {{ ref(seed) }}
    {%- if not loop.last %}
    union all
    {% endif -%}
    {%- endfor -%}
    {%- if not loop.last %}
    union all
    {% endif -%}
    {%- endfor %}

),

matched as (

    select
        cells.seed,
        cells.row_key,
        cells.column_name,
        cells.kind,
        cells.cell,
        cells.other_cell,
        columns.data_type,
        columns.is_required,
        columns.codes,
        columns.least,
        columns.most,
        columns.least_number,
        columns.most_number,
        columns.is_above_least,
        columns.is_whole,
        columns.not_below,
        columns.above,
        case columns.data_type when 'label' then 255 when 'text' then 16000 else 64 end as longest,
        case
            when columns.data_type = 'number' and cells.cell regexp {{ number }} then {{ seed_number('cells.cell') }}
        end as number,
        case when cells.other_cell regexp {{ number }} then {{ seed_number('cells.other_cell') }} end as other_number,
        case when columns.data_type = 'date' and cells.cell regexp {{ day }} then {{ seed_date('cells.cell') }} end
            as calendar_day,
        case when cells.other_cell regexp {{ day }} then {{ seed_date('cells.other_cell') }} end as other_day
    from cells
    left join columns
        on cells.seed = columns.seed
        and cells.column_name = columns.column_name
        and (columns.kind is null or columns.kind = cells.kind)

),

cell_problems as (

    select
        concat(matched.seed, '.csv') as seed_file,
        matched.row_key,
        matched.column_name,
        case
            when matched.data_type is null and coalesce(matched.cell, '') <> ''
                and find_in_set(matched.kind, replace(kinds.words, '|', ',')) > 0
                then concat('此类行不用此列；应留空 / a ', matched.kind, ' row does not use it; leave it empty')
            when matched.data_type is null or (coalesce(matched.cell, '') = '' and not matched.is_required) then null
            when coalesce(matched.cell, '') = '' then '为空；必须填写 / the cell is empty; a value is needed'
            when matched.cell regexp {{ blank_ends() }}
                then concat('"', left(matched.cell, 40), '" 首尾有空格；应删去 / has blanks around it; delete them')
            when
                {{ "replace(matched.cell, '\n', '')" }} regexp {{ unseen }}
                or (matched.data_type <> 'text' and instr(matched.cell, '\n') > 0)
                then concat(
                    '"', left(matched.cell, 40), '" 含有看不见的字符；应删去 / holds an unseen character; delete it'
                )
            when matched.data_type in ('id', 'kind', 'number', 'date') and matched.cell regexp {{ full_width }}
                then concat(
                    '"', left(matched.cell, 40), '" 含有全角字符；应写半角 / holds full-width characters; '
                    'write plain ones'
                )
            when char_length(matched.cell) > matched.longest
                then concat(
                    '有 ', char_length(matched.cell), ' 个字符；应不超过 ', matched.longest, ' 个 / has ',
                    char_length(matched.cell), ' characters; write at most ', matched.longest
                )
            when matched.data_type = 'number' and matched.number is null
                then concat(
                    '"', left(matched.cell, 40), '" 不是数字；应写成 12 或 0.90 这样 / is not a number; '
                    'write digits such as 12 or 0.90'
                )
            when matched.data_type = 'date' and matched.calendar_day is null
                then concat(
                    '"', left(matched.cell, 40), '" 不是日期；应写成 2026-03-31 这样 / is not a date; '
                    'write it as 2026-03-31'
                )
            when
                find_in_set(matched.cell, replace(matched.codes, '|', ',')) = 0
                or instr(case when matched.codes is not null then matched.cell end, ',') > 0
                then concat(
                    '"', left(matched.cell, 40), '" 不认识；可用 ', replace(matched.codes, '|', '、'),
                    ' / is not known; use ', replace(matched.codes, '|', ', ')
                )
            when
                matched.number < matched.least_number
                or matched.number > matched.most_number
                or (matched.is_above_least and matched.number = matched.least_number)
                then concat(
                    matched.cell, ' 超出范围；应',
                    concat_ws(
                        '、',
                        concat(case when matched.is_above_least then '大于 ' else '不小于 ' end, matched.least),
                        concat('不大于 ', matched.most)
                    ),
                    ' / is out of range; write ',
                    concat_ws(
                        ', ',
                        case
                            when matched.is_above_least then concat('above ', matched.least)
                            else concat(matched.least, ' or more')
                        end,
                        concat(matched.most, ' or less')
                    )
                )
            when matched.is_whole and matched.number <> floor(matched.number)
                then concat(matched.cell, ' 不是整数；应写整数 / is not whole; write a whole number')
            when matched.number < matched.other_number or matched.calendar_day < matched.other_day
                then concat(
                    matched.cell, ' 小于 ', coalesce(matched.not_below, matched.above), ' ', matched.other_cell,
                    '；应不小于它 / is below ', coalesce(matched.not_below, matched.above), ' ', matched.other_cell,
                    '; it must be at least that'
                )
            when matched.above is not null and matched.number = matched.other_number
                then concat(
                    '没有值能落入：不大于 ', matched.above, ' ', matched.other_cell,
                    '；应大于它 / no value is in the band: it is not above ', matched.above, ' ', matched.other_cell,
                    '; write a higher one'
                )
        end as problem
    from matched
    left join word_lists as kinds on matched.seed = kinds.word_list
    having problem is not null -- `where` would judge each cell twice

),

-- A dated row may not meet another of its key on any day; an undated key may stand once only.
dated as (

    {% for seed, columns in seeds.items() -%}
    {%- set key = [] -%}
    {%- for name, column in columns.items() if column.is_key and name != 'valid_from' -%}
    {% do key.append("coalesce(trim(`" ~ name ~ "`), '')") %}
    {%- endfor -%}
    select
        '{{ seed }}' as seed,
        concat_ws('/', {{ key | join(', ') }}) as row_key,
        '{{ 'valid_from' if 'valid_from' in columns else columns | first }}' as column_name,
        {{ seed_date('valid_from') if 'valid_from' in columns else "cast('1900-01-01' as date)" }} as valid_from,
        {{ valid_until() if 'valid_from' in columns else "cast('9999-12-31' as date)" }} as valid_to
    from {{ ref(seed) }}
    {%- if not loop.last %}
    union all
    {% endif -%}
    {%- endfor %}

),

followed as (

    select
        dated.*,
        max(valid_to) over (
            partition by seed, row_key order by valid_from, valid_to rows between unbounded preceding and 1 preceding
        ) as last_day_before
    from dated

),

rules as (

    select
        {{ seed_text('rule_set') }} as rule_set,
        {{ seed_text('rule_id') }} as rule_id,
        {{ seed_text('dimension') }} as dimension,
        {{ seed_text('metric') }} as metric,
        {{ seed_text('subject_type') }} as subject_type,
        {{ seed_text('period_type') }} as period_type,
        {{ seed_text('rule_type') }} as rule_type,
        {{ seed_number('lower_bound') }} as lower_bound,
        {{ seed_number('upper_bound') }} as upper_bound,
        {{ seed_date('valid_from') }} as valid_from,
        {{ valid_until() }} as valid_to,
        concat_ws('/', rule_set, rule_id, valid_from) as row_key
    from {{ ref('scoring_rules') }}

),

weights as (

    select
        {{ seed_text('rule_set') }} as rule_set,
        {{ seed_text('dimension') }} as dimension,
        {{ seed_number('weight') }} as weight,
        {{ seed_date('valid_from') }} as valid_from,
        {{ valid_until() }} as valid_to,
        concat_ws('/', rule_set, dimension, valid_from) as row_key
    from {{ ref('dimension_weights') }}

),

assignments as (

    select
        {{ seed_text('hall_id') }} as hall_id,
        {{ seed_text('rule_set') }} as rule_set,
        {{ seed_date('valid_from') }} as valid_from,
        {{ valid_until() }} as valid_to
    from {{ ref('rule_set_assignments') }}

),

triggers as (

    select
        {{ seed_text('trigger_id') }} as trigger_id,
        {{ seed_text('subject_type') }} as subject_type,
        {{ seed_text('period_type') }} as period_type,
        {{ seed_text('metric') }} as metric,
        {{ seed_number('lower_bound') }} as lower_bound,
        {{ seed_number('upper_bound') }} as upper_bound,
        concat_ws('/', trigger_id, valid_from) as row_key
    from {{ ref('improvement_triggers') }}

),

keywords as (

    select
        {{ seed_text('category') }} as category,
        concat_ws('|', coalesce({{ seed_text('label_zh', 255) }}, ''), coalesce({{ seed_text('label_en', 255) }}, ''))
            as labels,
        concat_ws('/', category, keyword, valid_from) as row_key
    from {{ ref('pain_point_keywords') }}

),

-- Weights change only on these days, so checking them checks all days.
weight_change_days as (

    select rule_set, valid_from as change_day from weights
    union distinct
    select rule_set, date_add(valid_to, interval 1 day) as change_day
    from weights where valid_to < '9999-12-31'

),

weight_sums as (

    select days.rule_set, days.change_day, sum(weights.weight) as weight_sum
    from weight_change_days as days
    inner join weights
        on days.rule_set = weights.rule_set
        and days.change_day between weights.valid_from and weights.valid_to
    group by days.rule_set, days.change_day

),

rule_change_days as (

    select rule_set, change_day from weight_change_days
    union distinct
    select rule_set, valid_from as change_day from rules

),

rules_without_weight as (

    select rules.row_key, rules.dimension, min(days.change_day) as change_day
    from rules
    inner join rule_change_days as days
        on rules.rule_set = days.rule_set
        and days.change_day between rules.valid_from and rules.valid_to
    left join weights
        on rules.rule_set = weights.rule_set
        and rules.dimension = weights.dimension
        and days.change_day between weights.valid_from and weights.valid_to
    where weights.dimension is null
    group by rules.row_key, rules.dimension

),

unknown_metrics as (

    select
        rules.row_key,
        case
            when definitions.metric is null
                then concat(
                    '"', rules.metric, '" 不是已定义的指标 / is not a metric of metric_definitions.csv'
                )
            else concat('"', rules.metric, '" 尚未测量 / is defined but not measured yet')
        end as problem
    from rules
    left join {{ ref('metric_definitions') }} as definitions on rules.metric = definitions.metric
    where rules.metric is not null and coalesce(definitions.is_measured, '0') <> '1'

),

overlapping_bands as (

    select
        later.row_key,
        case when later.rule_type = 'base' then 'points' else 'lower_bound' end as column_name,
        case
            when later.rule_type = 'base' then concat(
                    '与 ', earlier.row_key, ' 同为基础分，会相加 / a base beside ', earlier.row_key,
                    '; both would be summed'
                )
            else concat(
                '与 ', earlier.row_key, ' 的取值重叠；同一数值只应落入一行 / the values overlap those of ',
                earlier.row_key, '; a value must fall into one row only'
            )
        end as problem
    from rules as later
    inner join rules as earlier
        on later.rule_set = earlier.rule_set
        and later.dimension = earlier.dimension
        and coalesce(later.metric, '') = coalesce(earlier.metric, '')
        and later.rule_type = earlier.rule_type
        and later.rule_id > earlier.rule_id
        and later.valid_from <= earlier.valid_to
        and earlier.valid_from <= later.valid_to
    where
        later.rule_type in ('base', 'band', 'slope')
        and (later.subject_type is null or earlier.subject_type is null or later.subject_type = earlier.subject_type)
        and (later.period_type is null or earlier.period_type is null or later.period_type = earlier.period_type)
        and (later.lower_bound is null or earlier.upper_bound is null or later.lower_bound < earlier.upper_bound)
        and (earlier.lower_bound is null or later.upper_bound is null or earlier.lower_bound < later.upper_bound)

),

missing_parameters as (

    select columns.kind as parameter
    from columns
    left join {{ ref('metric_parameters') }} as parameters on columns.kind = trim(parameters.parameter)
    where columns.seed = 'metric_parameters' and columns.column_name = 'value' and parameters.parameter is null

),

problems as (

    select seed_file, row_key, column_name, problem
    from cell_problems
    union all
    select
        concat(seed, '.csv') as seed_file,
        case column_name when 'valid_from' then concat(row_key, '/', valid_from) else row_key end as row_key,
        column_name,
        case column_name
            when 'valid_from'
                then '与同一键的另一行同日有效；前一行应止于后一行生效的前一天 / '
                    'another row of the same key is in force on the same day; end it the day before'
            else '有多行；应只留一行 / there is more than one row; keep one'
        end as problem
    from followed
    where valid_from <= last_day_before
    union all
    select
        'metric_parameters.csv' as seed_file, parameter as row_key, 'parameter' as column_name,
        '缺少此参数；应补一行 / the parameter is missing; it needs a row' as problem
    from missing_parameters
    union all
    select
        'metric_parameters.csv' as seed_file, concat_ws('/', parameters.parameter, valid_from) as row_key,
        'unit' as column_name,
        concat(
            parameters.parameter, ' 不以 ', parameters.unit, ' 计；应为 ', columns.unit, ' / is not read in ',
            parameters.unit, '; write ', columns.unit
        ) as problem
    from {{ ref('metric_parameters') }} as parameters
    inner join columns
        on columns.seed = 'metric_parameters'
        and columns.column_name = 'value'
        and columns.kind = trim(parameters.parameter)
    where columns.unit <> trim(parameters.unit)
    union all
    select
        'pain_point_keywords.csv' as seed_file, row_key, 'category' as column_name,
        concat('"', category, '" 在表中另有含义；应换一个词 / means something else in the marts; write another word')
            as problem
    from keywords
    where category in ('all', 'unclassified')
    union all
    select
        'pain_point_keywords.csv' as seed_file, category as row_key, 'label_zh' as column_name,
        '同一类别的各行名称不同；应只有一个 / the rows of the category name it differently; it has one label only'
            as problem
    from keywords
    group by category
    having count(distinct labels) > 1
    union all
    select
        'improvement_triggers.csv' as seed_file, triggers.row_key, 'metric' as column_name,
        concat(
            '"', triggers.metric, '" 既非已测量的指标也非得分 / is neither a measured metric nor a score'
        ) as problem
    from triggers
    left join {{ ref('metric_definitions') }} as definitions
        on triggers.metric = definitions.metric and definitions.is_measured = '1'
    where
        definitions.metric is null
        and triggers.metric not in (
            {% for score in score_names() -%}
            '{{ score }}'{{ "," if not loop.last }}
            {% endfor %}
        )
    union all
    select
        'improvement_triggers.csv' as seed_file, row_key, 'upper_bound' as column_name,
        '上下限都为空，任何值都会触发；应至少写一个 / both bounds are empty, every value fires it; write one of them'
            as problem
    from triggers
    where upper_bound is null and lower_bound is null
    union all
    {% for column in ['subject_type', 'period_type', 'metric'] -%}
    select
        'improvement_triggers.csv' as seed_file, trigger_id as row_key, '{{ column }}' as column_name,
        '同一条件的各行判断的不是同一件事，后一行会接着前一行的次数；应另写一个编号 / the rows of the trigger judge '
        'different things, and a later one would continue the runs; write another id' as problem
    from triggers
    group by trigger_id
    having count(distinct coalesce({{ column }}, '')) > 1
    union all
    {% endfor -%}
    select 'scoring_rules.csv' as seed_file, row_key, 'metric' as column_name, problem
    from unknown_metrics
    union all
    select 'scoring_rules.csv' as seed_file, row_key, column_name, problem
    from overlapping_bands
    union all
    select
        'scoring_rules.csv' as seed_file, row_key, 'dimension' as column_name,
        concat(
            '"', dimension, '" 自 ', change_day, ' 起在 dimension_weights.csv 中没有权重；不计入写 0 / has no weight in '
            'dimension_weights.csv on ', change_day, ', when this rule is in force; write 0 for none'
        ) as problem
    from rules_without_weight
    union all
    select
        'dimension_weights.csv' as seed_file, concat_ws('/', rule_set, change_day) as row_key, 'weight' as column_name,
        concat(
            '权重合计为 ', weight_sum, '；应正好为 1 / the weights in force sum to ', weight_sum,
            '; they must sum to exactly 1'
        ) as problem
    from weight_sums
    where weight_sum <> 1
    union all
    select
        'rule_set_assignments.csv' as seed_file, concat_ws('/', assignments.hall_id, assignments.rule_set) as row_key,
        'rule_set' as column_name,
        concat(
            '"', assignments.rule_set, '" 在 scoring_rules.csv 中没有规则 / has no row in scoring_rules.csv'
        ) as problem
    from assignments
    where not exists (select 1 from rules where rules.rule_set = assignments.rule_set)
    union all
    select
        'rule_set_assignments.csv' as seed_file, '(none)' as row_key, 'hall_id' as column_name,
        concat(
            {{ as_of_date() }}, ' 没有 hall_id 为空的行，其余大厅没有规则集 / no row with an empty hall_id is in force on ',
            {{ as_of_date() }}, ': halls without a row of their own have no rule set'
        ) as problem
    from (select 1 as one) as once
    where not exists (
        select 1 from assignments
        where hall_id is null and {{ as_of_date() }} between valid_from and valid_to
    )
    union all
    select
        'exemptions.csv' as seed_file, exemption_id as row_key, 'hall_id' as column_name,
        'hall_id 与 rule_id 都为空，会豁免所有人的所有规则 / hall_id and rule_id are both empty, which exempts everybody '
        'from everything; write one of them' as problem
    from {{ ref('exemptions') }}
    where coalesce(hall_id, '') = '' and coalesce(rule_id, '') = ''
    union all
    select
        'exemptions.csv' as seed_file, exemption_id as row_key, 'subject_type' as column_name,
        '写了 subject_id 而此列为空 / the cell is empty beside a subject_id; write the type of the subject' as problem
    from {{ ref('exemptions') }}
    where coalesce(subject_id, '') <> '' and coalesce(subject_type, '') = ''

)

select
    cast(seed_file as char(64)) as seed_file,
    cast(left(row_key, 200) as char(200)) as row_key,
    cast(column_name as char(64)) as column_name,
    cast(left(problem, 500) as char(500)) as problem
from problems
