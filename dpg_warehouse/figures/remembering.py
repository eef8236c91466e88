"""What each wave showed, as the warehouse remembers it from one publish to the next."""

from __future__ import annotations

from collections import defaultdict

import orjson
from sqlalchemy import Connection, text

from dpg_warehouse.disclosure import Pattern
from dpg_warehouse.figures.digests import Table, tables_shown
from dpg_warehouse.figures.releases import FormerRelease, Releases, WaveRelease


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
