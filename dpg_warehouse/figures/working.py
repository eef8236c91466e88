"""Works out all figures of a build: wave by wave, then between waves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, text

from dpg_warehouse.disclosure import Pattern, Rules
from dpg_warehouse.figures.answers import WaveAnswers, WaveReader
from dpg_warehouse.figures.changes import ShownWave, changes_of, read_pairs
from dpg_warehouse.figures.digests import digests_of
from dpg_warehouse.figures.keeping import keep_what_may_be_shown
from dpg_warehouse.figures.ranking import add_ranks, add_segment_tests
from dpg_warehouse.figures.releases import (
    FormerRelease,
    Releases,
    WaveRelease,
    hides_what_is_known,
    is_changed,
    why_to_be_held,
)
from dpg_warehouse.figures.remembering import read_former
from dpg_warehouse.figures.renaming import renames_beside_changes
from dpg_warehouse.figures.responses import count_responses
from dpg_warehouse.figures.shares import needs_by_challenge, release_shares
from dpg_warehouse.figures.summaries import summarise
from dpg_warehouse.figures.tables import Row, Rows, no_rows, write_tables
from dpg_warehouse.figures.weighting import add_weighted_shares

HIDDEN = (
    "a count that readers have would be withheld now, although nothing of it changed, beside one that "
    "changed: the two together would tell it."
)
RENAMED = (
    "names were changed beside answers: give the questions, options and segments their former names back "
    "until the answers are released, and rename them after that."
)
Progress = Callable[[str, int, int], None]
WaveKey = tuple[str, str]


@dataclass(frozen=True)
class _Worked:
    """One wave with what it shows from now on; `answers` only where it shows them."""

    wave: WaveAnswers
    release: WaveRelease

    @property
    def shown(self) -> ShownWave:
        answers = None if self.release.is_held else self.wave
        return ShownWave(self.release.rows["released_shares"], answers)


def work_out(
    engine: Engine, rules: Rules, schema: str, *, is_to_be_published: bool, on_progress: Progress
) -> Releases:
    """Read the first run's tables in `schema` and write the released ones beside them.

    Returns what each wave shows, to be kept when the build is published. A build that is not to be
    published shows the answers as they are.
    """
    with engine.begin() as connection:
        former = read_former(connection) if is_to_be_published else {}
        waves = WaveReader(connection, schema).waves()
        described = _described_waves(connection, schema)
        worked: dict[WaveKey, _Worked] = {}
        for number, wave in enumerate(waves):
            on_progress(f"figures of {wave.survey_id} {wave.wave_id}", number, len(waves))
            release = _release(wave, rules, former.get(wave.key), described[wave.key])
            worked[wave.key] = _Worked(wave, release)
        rows = _together(one.release.rows for one in worked.values())
        rows["released_changes"] = list(_changes(connection, schema, worked, rules))
        write_tables(connection, schema, rows)
    return Releases([one.release for one in worked.values()])


def _release(wave: WaveAnswers, rules: Rules, former: FormerRelease | None, described: Row) -> WaveRelease:
    now = digests_of(wave)
    if former is not None:
        why = RENAMED if renames_beside_changes(former, wave, now) else why_to_be_held(former, now, rules)
        if why is not None:
            return _held(wave, rules, former, why)
    rows, patterns, weighting_note = _figures(wave, rules, former.patterns if former else [])
    if former is not None and hides_what_is_known(former, now, rows):
        return _held(wave, rules, former, HIDDEN)
    number = 1 if former is None else former.release_number + is_changed(former, now)
    rows["released_waves"] = [_wave_row(wave, number, described) | {"weighting_note": weighting_note}]
    return WaveRelease(*wave.key, number, is_held=False, digests=now, rows=rows, patterns=patterns)


def _held(wave: WaveAnswers, rules: Rules, former: FormerRelease, why: str) -> WaveRelease:
    """The former rows, as far as today's rules and configuration still let them be shown."""
    rows, left_out = keep_what_may_be_shown(former.rows, wave, rules)
    rows["released_waves"] = [row | {"is_held": True} for row in rows["released_waves"]]
    return WaveRelease(
        *wave.key,
        former.release_number,
        is_held=True,
        digests=former.digests,
        rows=rows,
        told=[why, *left_out],
    )


def _figures(wave: WaveAnswers, rules: Rules, former: Iterable[Pattern]) -> tuple[Rows, list[Pattern], str]:
    """The rows of one wave by table, but for those about the wave itself and its changes.

    With them what the next release must keep, and what is to be said of the weights.
    """
    previous = {(pattern.question_id, pattern.segment_kind): pattern for pattern in former}
    shares = release_shares(wave, rules, previous)
    add_ranks(wave, shares)
    add_segment_tests(wave, shares)
    weighting_note = add_weighted_shares(wave, shares)
    crossings = [(q.question_id, q.crossed_with) for q in wave.questions if q.crossed_with]
    needs, need_patterns = needs_by_challenge(wave, crossings, rules, previous)
    rows = no_rows() | {
        "released_shares": shares.rows,
        "released_summaries": summarise(wave, rules, shares),
        "released_responses": count_responses(wave, rules),
        "released_needs": needs,
    }
    return rows, shares.patterns + need_patterns, weighting_note


def _wave_row(wave: WaveAnswers, number: int, described: Row) -> Row:
    complete = described["complete_count"]
    return {
        "survey_id": wave.survey_id,
        "wave_id": wave.wave_id,
        "release_number": number,
        "is_held": False,
        **described,
        "partial_count": None if complete is None else len(wave.respondents) - complete,
    }


def _described_waves(connection: Connection, schema: str) -> dict[WaveKey, Row]:
    statement = text(f"""
        select waves.survey_id, waves.wave_id, waves.as_of, waves.frame_count, invited.eligible_count,
            waves.frame_as_of, waves.response_count, waves.complete_count, waves.excluded_count,
            waves.not_approved_count, waves.blank_count, waves.duplicate_count, waves.deleted_count,
            waves.edited_count, waves.form_version_count
        from {schema}.int_waves_described as waves
        left join {schema}.int_lists_invited as invited
            on waves.survey_id = invited.survey_id and waves.wave_id = invited.wave_id
        where waves.response_count is not null
    """)  # noqa: S608 - a schema of our own
    found = [dict(row) for row in connection.execute(statement).mappings()]
    return {(row.pop("survey_id"), row.pop("wave_id")): row for row in found}


def _changes(
    connection: Connection, schema: str, worked: Mapping[WaveKey, _Worked], rules: Rules
) -> Iterable[Row]:
    for pair in read_pairs(connection, schema):
        earlier = worked.get((pair.survey_id, pair.base_wave_id))
        later = worked.get((pair.survey_id, pair.wave_id))
        if earlier is not None and later is not None:
            yield from changes_of(pair, earlier.shown, later.shown, rules)


def _together(rows_of_waves: Iterable[Rows]) -> Rows:
    together = no_rows()
    for rows in rows_of_waves:
        for table, some in rows.items():
            together[table] += some
    return together
