"""Releases: answers of a closed wave change for readers in steps that reveal nobody.

A difference between two publishes of one table that one respondent alone has made shows what this one
answered. So a wave is published anew only when in every table that its readers saw nobody changed or at
least three respondents did; until then its rows stay those of its last release, whatever became of the
answers in landing. docs/methodology.md says what a reader may expect.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import orjson
from sqlalchemy import Connection, text

from dpg_warehouse.disclosure import Pattern, Rules
from dpg_warehouse.figures.digests import Digests, Table, table_of_need, table_of_share, tables_shown
from dpg_warehouse.figures.tables import Rows

LEAST_CHANGED = 3


@dataclass(frozen=True)
class FormerRelease:
    """What the last release of a wave showed."""

    release_number: int
    digests: Digests  # without those of respondents who were forgotten since
    tables: Sequence[Table]  # that readers saw; their counts include those who were forgotten since
    rows: Rows
    patterns: Sequence[Pattern] = ()


@dataclass(frozen=True)
class WaveRelease:
    """What becomes of one wave in this build."""

    survey_id: str
    wave_id: str
    release_number: int
    is_held: bool
    digests: Digests
    rows: Rows
    patterns: Sequence[Pattern] = ()
    left_out: Sequence[str] = ()  # what a held wave can no longer show, in words


@dataclass
class Releases:
    """The releases of a build, to be kept when it is published."""

    waves: list[WaveRelease] = field(default_factory=list)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know: which changes wait for others."""
        return tuple(
            f"{wave.survey_id} {wave.wave_id} stays at release {wave.release_number}: "
            + " ".join(
                (
                    f"changes of fewer than {LEAST_CHANGED} respondents are not published by themselves.",
                    *wave.left_out,
                )
            )
            for wave in self.waves
            if wave.is_held
        )


def count_changed(table: Table, then: Digests, now: Digests) -> int:
    """How many respondents came to the table, left it or answer otherwise since its last release."""
    before, after = table.members(then), table.members(now)
    edited = {one for one in before & after if then[one][table.subject] != now[one][table.subject]}
    forgotten = table.count - len(before)
    return len(before ^ after | edited) + forgotten


def count_moved(table: Table, then: Digests, now: Digests) -> int:
    """How many came to the table's segment or left it and answered its question both times."""
    if not table.is_of_segment:
        return 0
    moved = table.members(then) ^ table.members(now)
    return sum(table.subject in then.get(one, ()) and table.subject in now.get(one, ()) for one in moved)


def is_changed(former: FormerRelease, now: Digests) -> bool:
    """Whether any table that readers saw would show other respondents or answers."""
    return any(count_changed(table, former.digests, now) for table in former.tables)


def is_to_be_held(former: FormerRelease, now: Digests, rules: Rules) -> bool:
    """Whether the wave must go on showing its former release.

    Those who move between segments are a group themselves, the difference of two that are shown.
    """
    return any(
        0 < count_changed(table, former.digests, now) < LEAST_CHANGED
        or 0 < count_moved(table, former.digests, now) < rules.min_base
        for table in former.tables
    )


def hides_what_is_known(former: FormerRelease, now: Digests, rows: Rows) -> bool:
    """Whether rows no longer show a count that readers have and that is still the same.

    It would protect no other count of its question, of which something else changed.
    """
    changed = {
        replace(table, count=0) for table in former.tables if count_changed(table, former.digests, now)
    }
    return any(
        table not in changed and Table(table.subject) in changed
        for table, *_ in _published(former.rows) - _published(rows)
    )


def _published(rows: Rows) -> set[tuple[Table, str, str]]:
    shown = {
        (table_of_share(row), row["measure"], row["option_id"])
        for row in rows["released_shares"]
        if row["chosen_count"] is not None
    }
    return shown | {
        (table_of_need(row), "any_mention", row["option_id"])
        for row in rows["released_needs"]
        if row["chosen_count"] is not None
    }


def read_former(connection: Connection) -> dict[tuple[str, str], FormerRelease]:
    """The last release of every wave that was ever published."""
    digests: dict[tuple[str, str], dict[str, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
    for row in connection.execute(
        text("select source_id, wave_id, response_id, subject, digest from ops.release_answers")
    ):
        digests[row.source_id, row.wave_id][row.response_id][row.subject] = row.digest
    releases = connection.execute(
        text("""
            select source_id, wave_id, release_number, shown_tables, released_rows, patterns
            from ops.wave_releases
        """)
    )
    return {
        (row.source_id, row.wave_id): FormerRelease(
            row.release_number,
            digests[row.source_id, row.wave_id],
            [Table.from_json(table) for table in row.shown_tables],
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
                (source_id, wave_id, release_number, build_id, shown_tables, released_rows, patterns)
            values (
                :source_id, :wave_id, :release_number, :build_id, cast(:tables as jsonb),
                cast(:rows as jsonb), cast(:patterns as jsonb)
            )
            on conflict (source_id, wave_id) do update set
                release_number = excluded.release_number,
                released_at = case
                    when wave_releases.release_number = excluded.release_number
                        then wave_releases.released_at
                    else excluded.released_at
                end,
                build_id = excluded.build_id,
                shown_tables = excluded.shown_tables,
                released_rows = excluded.released_rows,
                patterns = excluded.patterns
        """),
        key
        | {
            "release_number": wave.release_number,
            "build_id": build_id,
            "tables": orjson.dumps(
                [table.as_json() for table in tables_shown(wave.rows, wave.digests)]
            ).decode(),
            "rows": orjson.dumps(wave.rows).decode(),
            "patterns": orjson.dumps([pattern.as_json() for pattern in wave.patterns]).decode(),
        },
    )
    connection.execute(
        text("delete from ops.release_answers where source_id = :source_id and wave_id = :wave_id"), key
    )
    kept = [(one, *digest) for one, digests in wave.digests.items() for digest in digests.items()]
    connection.execute(
        text("""
            insert into ops.release_answers (source_id, wave_id, response_id, subject, digest)
            select :source_id, :wave_id, *
            from unnest(cast(:ids as text[]), cast(:subjects as text[]), cast(:digests as text[]))
        """),
        key
        | {
            "ids": [one for one, _, _ in kept],
            "subjects": [subject for _, subject, _ in kept],
            "digests": [digest for _, _, digest in kept],
        },
    )
