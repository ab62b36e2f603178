-- Warns for a year after an exemption's last day, so that someone decides whether it ends or is
-- renewed, and about an exemption without a last day. The row stays for the periods it applied to.
{{ config(severity='warn') }}

select exemption_id, hall_id, subject_type, subject_id, rule_id, valid_from, valid_to
from {{ ref('stg_exemptions') }}
where
    valid_to between date_sub({{ as_of_date() }}, interval 1 year) and date_sub({{ as_of_date() }}, interval 1 day)
    or valid_to = '9999-12-31'
