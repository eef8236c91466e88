-- What the attacker of dpg_warehouse/disclosure made of each table of the marts.
select
    survey_id,
    wave_id,
    question_id,
    segment_kind,
    small_count,
    recoverable_count
from intermediate.disclosure_audit
