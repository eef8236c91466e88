"""Releases: answers of a closed wave change for readers in steps that reveal nobody.

A difference between two publishes that one respondent alone has made shows what this one answered. So a
wave whose answers changed is published anew only when at least three respondents changed; until then its
rows stay those of its last release, whatever became of the answers in landing. docs/methodology.md says
what a reader may expect.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import orjson
from sqlalchemy import Connection, text

from dpg_warehouse.disclosure import Pattern
from dpg_warehouse.figures.answers import WaveAnswers
from dpg_warehouse.figures.tables import Rows

LEAST_CHANGED = 3


@dataclass(frozen=True)
class FormerRelease:
    """What the last release of a wave showed."""

    release_number: int
    response_count: int  # how many respondents it had, those who were forgotten since included
    digests: Mapping[str, str]  # respondent -> digest of the answers; without those forgotten since
    rows: Rows
    patterns: Sequence[Pattern] = ()


@dataclass(frozen=True)
class WaveRelease:
    """What becomes of one wave in this build."""

    survey_id: str
    wave_id: str
    release_number: int
    is_held: bool
    digests: Mapping[str, str]
    rows: Rows
    patterns: Sequence[Pattern] = ()


@dataclass
class Releases:
    """The releases of a build, to be kept when it is published."""

    waves: list[WaveRelease] = field(default_factory=list)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know: which changes wait for others."""
        return tuple(
            f"{wave.survey_id} {wave.wave_id} stays at release {wave.release_number}: "
            f"changes of fewer than {LEAST_CHANGED} respondents are not published by themselves."
            for wave in self.waves
            if wave.is_held
        )


def count_changed(wave: WaveAnswers, former: FormerRelease) -> int:
    """How many respondents came, went or answer otherwise since the former release."""
    now, then = wave.digests, former.digests
    still_there = sum(respondent in now for respondent in then)
    edited = sum(now[respondent] != digest for respondent, digest in then.items() if respondent in now)
    return edited + (len(now) - still_there) + (former.response_count - still_there)


def is_to_be_held(wave: WaveAnswers, former: FormerRelease | None) -> bool:
    """Whether the wave must go on showing its former release."""
    return former is not None and 0 < count_changed(wave, former) < LEAST_CHANGED


def read_former(connection: Connection) -> dict[tuple[str, str], FormerRelease]:
    """The last release of every wave that was ever published."""
    digests: dict[tuple[str, str], dict[str, str]] = {}
    for row in connection.execute(
        text("select source_id, wave_id, response_id, answers_digest from ops.release_answers")
    ):
        digests.setdefault((row.source_id, row.wave_id), {})[row.response_id] = row.answers_digest
    releases = connection.execute(
        text("""
            select source_id, wave_id, release_number, response_count, released_rows, patterns
            from ops.wave_releases
        """)
    )
    return {
        (row.source_id, row.wave_id): FormerRelease(
            row.release_number,
            row.response_count,
            digests.get((row.source_id, row.wave_id), {}),
            row.released_rows,
            [Pattern.from_json(pattern) for pattern in row.patterns],
        )
        for row in releases
    }


def keep_releases(connection: Connection, build_id: int, releases: Releases) -> None:
    """Remember what each wave shows from now on; a held wave's release stays as it was."""
    for wave in releases.waves:
        if not wave.is_held:
            _keep(connection, build_id, wave)


def _keep(connection: Connection, build_id: int, wave: WaveRelease) -> None:
    key = {"source_id": wave.survey_id, "wave_id": wave.wave_id}
    connection.execute(
        text("""
            insert into ops.wave_releases
                (source_id, wave_id, release_number, build_id, response_count, released_rows, patterns)
            values (
                :source_id, :wave_id, :release_number, :build_id, :response_count, cast(:rows as jsonb),
                cast(:patterns as jsonb)
            )
            on conflict (source_id, wave_id) do update set
                release_number = excluded.release_number,
                released_at = case
                    when wave_releases.release_number = excluded.release_number
                        then wave_releases.released_at
                    else excluded.released_at
                end,
                build_id = excluded.build_id,
                response_count = excluded.response_count,
                released_rows = excluded.released_rows,
                patterns = excluded.patterns
        """),
        key
        | {
            "release_number": wave.release_number,
            "build_id": build_id,
            "response_count": len(wave.digests),
            "rows": orjson.dumps(wave.rows).decode(),
            "patterns": orjson.dumps([pattern.as_json() for pattern in wave.patterns]).decode(),
        },
    )
    connection.execute(
        text("delete from ops.release_answers where source_id = :source_id and wave_id = :wave_id"), key
    )
    connection.execute(
        text("""
            insert into ops.release_answers (source_id, wave_id, response_id, answers_digest)
            select :source_id, :wave_id, * from unnest(cast(:ids as text[]), cast(:digests as text[]))
        """),
        key | {"ids": list(wave.digests), "digests": list(wave.digests.values())},
    )
