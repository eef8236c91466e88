"""Turns the attacker loose on the marts themselves, and writes what he found where gate 2 looks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

import orjson
from sqlalchemy import Connection, Engine, text

from dpg_warehouse.disclosure import PublishedCell, Rules
from dpg_warehouse.disclosure.auditing import Conditions, Finding, audit

WaveKey = tuple[str, str]
Names = tuple[str, ...]
Audited = dict[str, str | int]  # a row of disclosure_audit

_DEFINITION = """
    drop table if exists {schema}.disclosure_audit;
    create table {schema}.disclosure_audit (
        build_id bigint not null,
        survey_id text not null,
        wave_id text not null,
        question_id text not null,
        segment_kind text not null,
        small_count integer not null,
        recoverable_count integer not null,
        primary key (survey_id, wave_id, question_id, segment_kind)
    );
"""
_CELLS = """
    select survey_id, wave_id, question_id, 'all' as segment_kind, 'all' as segment_value, measure,
        option_id, cell_status, base_count, chosen_count, share_band, is_derived
    from marts_build.trend_answer_share
    where cell_status in ('published', 'banded', 'too_few')
    union all
    select survey_id, wave_id, question_id, segment_kind, segment_value, measure,
        option_id, cell_status, base_count, chosen_count, share_band,
        is_derived and option_id <> 'all_other' as is_derived
    from marts_build.trend_answer_share_by_segment
    union all
    select survey_id, wave_id, question_id, 'named_' || challenge_option_id, challenge_option_id,
        'any_mention', option_id, cell_status, base_count, chosen_count, share_band, false
    from marts_build.need_by_challenge
"""
# Of a single choice the base is who chose something, and of a multiple one where that is its base.
_EVERYONE_CHOSE = """
    select distinct survey_id, wave_id, question_id, measure
    from marts_build.trend_answer_share
    inner join {schema}.int_questions_described using (survey_id, wave_id, question_id)
    where kind = 'single' and measure = 'first_choice'
        or kind in ('multiple', 'rank') and measure = 'any_mention' and base = 'answered'
"""
_ATTRIBUTES = (
    "select distinct survey_id, wave_id, question_id, segment_kind from {schema}.int_segments_offered"
)
_SENSITIVE = "select survey_id, wave_id, question_id from {schema}.int_questions_described where is_sensitive"
_CONDITIONS = """
    select survey_id, wave_id, question_id, condition ->> 0, condition ->> 1
    from {schema}.int_questions_described
    cross join jsonb_array_elements(conditions) as condition
"""


def audit_marts(engine: Engine, rules: Rules, schema: str, build_id: int) -> None:
    """Audit every wave of marts_build; the findings go to `disclosure_audit` in the schema.

    They carry the build's id, so that gate 2 can tell the audit of a former build.
    """
    with engine.begin() as connection:
        tables: dict[WaveKey, list[PublishedCell]] = defaultdict(list)
        for row in connection.execute(text(_CELLS)):
            tables[row.survey_id, row.wave_id].append(PublishedCell(*row[2:]))
        everyone = _by_wave(connection, _EVERYONE_CHOSE, schema)
        sensitive = _by_wave(connection, _SENSITIVE, schema)
        attributes = _by_wave(connection, _ATTRIBUTES, schema)
        conditions = _by_wave(connection, _CONDITIONS, schema)
        rows: list[Audited] = []
        for wave, cells in tables.items():
            found = audit(
                cells,
                rules,
                frozenset((question, measure) for question, measure in everyone.get(wave, ())),
                *_special(sensitive.get(wave, ()), attributes.get(wave, ()), conditions.get(wave, ())),
            )
            rows += _rows(build_id, wave, cells, found)
        for statement in _DEFINITION.replace("{schema}", schema).split(";"):
            if statement.strip():
                connection.execute(text(statement))
        connection.execute(
            text(f"""
                insert into {schema}.disclosure_audit
                select * from jsonb_populate_recordset(null::{schema}.disclosure_audit, cast(:rows as jsonb))
            """),  # noqa: S608 - a schema of our own
            {"rows": orjson.dumps(rows).decode()},
        )


def _by_wave(connection: Connection, statement: str, schema: str) -> Mapping[WaveKey, list[Names]]:
    found: dict[WaveKey, list[Names]] = defaultdict(list)
    for row in connection.execute(text(statement.replace("{schema}", schema))):
        found[row.survey_id, row.wave_id].append(tuple(row[2:]))
    return found


def _special(
    sensitive: Iterable[Names], attributes: Iterable[Names], conditions: Iterable[Names]
) -> tuple[frozenset[str], frozenset[str], Conditions, frozenset[str]]:
    """What the audit has to know of a wave's questions, in the order of its arguments."""
    kind_of = {row[0]: row[1] for row in attributes}
    filters: dict[str, dict[str, frozenset[str]]] = defaultdict(lambda: defaultdict(frozenset))
    for question_id, filter_id, option_id in conditions:
        filters[question_id][filter_id] |= {option_id}
    put_to_one = {question_id for question_id, by_filter in filters.items() if kind_of.keys() & by_filter}
    return (
        frozenset(question_id for (question_id,) in sensitive) | put_to_one,
        frozenset(kind_of),
        filters,
        frozenset(kind for question_id, kind in kind_of.items() if question_id in filters),
    )


def _rows(
    build_id: int, wave: WaveKey, cells: list[PublishedCell], findings: tuple[Finding, ...]
) -> Iterator[Audited]:
    counts = Counter(
        (finding.question_id, finding.segment_kind, finding.problem == "recoverable") for finding in findings
    )
    for question_id, kind in sorted({(cell.question_id, cell.segment_kind) for cell in cells}):
        yield {
            "build_id": build_id,
            "survey_id": wave[0],
            "wave_id": wave[1],
            "question_id": question_id,
            "segment_kind": kind,
            "small_count": counts[question_id, kind, False],
            "recoverable_count": counts[question_id, kind, True],
        }
