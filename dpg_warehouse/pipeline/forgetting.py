"""Forget: one respondent erased everywhere, and left out of every later pull."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sqlalchemy import Connection, text

from dpg_warehouse import connectors, landing, modelling
from dpg_warehouse.configuration import Source
from dpg_warehouse.database import Role, engine
from dpg_warehouse.pipeline.progress import Progress, silent
from dpg_warehouse.records import UsageError
from dpg_warehouse.settings import Settings

_VACUUMED = ("landing.payloads", "landing.faults", "landing.memberships", "ops.validation_results")


@dataclass(frozen=True)
class Forgotten:
    """What `forget` did, as counts; `schemas` are the dropped ones of builds as of a date."""

    erasure: landing.Erasure
    emptied_table_count: int
    schemas: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """Who is to be forgotten, and the rows of the source's files that name them: for a person to take out.

    `was_forgotten`: nothing is left of them, and their tombstone stands. Of somebody whom landing doesn't
    hold, `kept_out_of` are the waves whose pulls to come leave the key out; none where it is taken for
    what link_field holds, which is left out of every wave.
    """

    search: landing.Search
    respondent: landing.Respondent
    was_forgotten: bool = False
    kept_out_of: tuple[str | None, ...] = ()
    naming_rows: tuple[str, ...] = ()


def find_respondent(settings: Settings, source: Source, key: str, wave_id: str | None = None) -> Found:
    """What landing holds of the respondent who goes by `key`; nothing changes.

    Raises UsageError where the key may be of several people, or where nothing is known of it and it may
    be a key of several waves.
    """
    found = _find(settings, source, key, wave_id)
    return replace(found, naming_rows=tuple(_naming_rows(source, found)))


def forget(
    settings: Settings,
    source: Source,
    key: str,
    wave_id: str | None = None,
    reason: str = "The respondent asked for it.",
    on_progress: Progress = silent,
) -> Forgotten:
    """Erase the respondent who goes by `key`, and keep a tombstone that later pulls respect.

    With `wave_id` the key is of somebody of this wave. What builds derived goes first and landing
    last, in a transaction of its own, so that whoever is interrupted can repeat it: the key is still
    known until everything of it is gone. No build runs meanwhile. The marts follow with the next build,
    as their release allows.
    """
    transformer, loader = engine(settings, Role.TRANSFORMER), engine(settings, Role.LOADER)
    emptied, schemas = 0, list[str]()
    with modelling.build_lock(transformer, lambda: on_progress("waiting for a build", 0, 0)):
        found = _find(settings, source, key, wave_id)
        if found.was_forgotten:
            return Forgotten(landing.Erasure(), 0, ())
        if found.respondent.is_known:
            modelling.empty_logs(settings)  # dbt repeats what Postgres says of a row
            with transformer.begin() as connection:
                emptied = modelling.empty_derived_tables(connection)
                schemas = modelling.drop_as_of_schemas(connection)
        with loader.begin() as connection:
            erasure = landing.forget(connection, found.search, reason, found.kept_out_of)
    with loader.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in _VACUUMED:  # a deleted row's bytes stay in its page until then
            connection.execute(text(f"vacuum {table}"))
    return Forgotten(erasure, emptied, tuple(schemas))


def _find(settings: Settings, source: Source, key: str, wave_id: str | None) -> Found:
    with engine(settings, Role.LOADER).connect() as connection:
        landed = landing.waves_of(connection, source.source_id)
        if wave_id not in landed and wave_id is not None:
            source.wave(wave_id)  # refuses what no file knows either
        search = _search(settings, connection, source, key, wave_id)
        respondent = landing.find_respondent(connection, search)
        asked = landing.asked_of(
            search if wave_id is None else replace(search, link=None),
            landed | {wave.wave_id for wave in source.file.waves},
        )
        gone = landing.forgotten_of(connection, source.source_id, asked)
    if respondent.is_known and wave_id is None and gone - respondent.identifiers:
        raise UsageError(
            f"Somebody of this key was forgotten already, and {source.source_id} holds somebody who may be "
            "another person: say with --wave whose record is meant."
        )
    return Found(search, respondent) if respondent.is_known else _unknown(source, search, gone)


def _unknown(source: Source, search: landing.Search, gone: frozenset[landing.Identifier]) -> Found:
    """Who is in landing no more, or not yet; a name of pulls to come has to be one thing alone."""
    if gone:
        return Found(search, landing.Respondent(source.source_id, gone), was_forgotten=True)
    waves: tuple[str | None, ...] = tuple(wave.wave_id for wave in source.file.waves) or (None,)
    if search.wave_id is not None:
        search, waves = replace(search, link=None), (search.wave_id,)
    elif len(waves) > 1 and search.link is None:
        raise UsageError(
            f"{source.source_id} holds nothing under this key; to keep it out of pulls to come, say with "
            "--wave of which wave it is."
        )
    elif len(waves) > 1:
        waves = ()
    named = landing.Respondent(source.source_id, landing.asked_of(search, waves))
    return Found(search, named, kept_out_of=waves)


def _naming_rows(source: Source, found: Found) -> Iterator[str]:
    for file, number, row in source.configuration_rows:
        if file in landing.NAMING_FILES:
            redaction = landing.redaction_in_wave(found.search, found.respondent, row.get("wave_id"))
            key, reason = str(row.get("record_key") or ""), str(row.get("reason") or "")
            if redaction.is_about(key) or redaction.is_in(reason):
                yield f"{file}.csv, row {number}"


def _search(
    settings: Settings, connection: Connection, source: Source, key: str, wave_id: str | None
) -> landing.Search:
    """The key as given, as KoboToolbox writes it, and as its pseudonym where the source makes some.

    What links respondents is always stored as a pseudonym. A wave that was taken out of the files is
    read as its last ones had it.
    """
    if not key.strip():
        raise UsageError("An empty key names nobody.")
    names = {key.strip(), f"uuid:{key.strip().removeprefix('uuid:')}"}
    described = {wave.wave_id: wave.link_field for wave in source.file.waves}
    stored = landing.link_fields(connection, source.source_id)
    links = {wave: link for wave, link in {**stored, **described}.items() if link}
    pseudonym = _pseudonym(settings, connection, source, key)
    if pseudonym is not None:
        names.add(pseudonym)
    return landing.Search(
        source.source_id, tuple(sorted(names)), pseudonym if links else None, wave_id, links
    )


def _pseudonym(settings: Settings, connection: Connection, source: Source, key: str) -> str | None:
    if not settings.pseudonym_key:
        rules = [source.file.personal_data, *(wave.personal_data for wave in source.file.waves)]
        if any(rule.pseudonymise for rule in rules):
            raise UsageError(
                f"{source.source_id} makes pseudonyms; set DPGW_PSEUDONYM_KEY to find this key's."
            )
        return None
    landing.check_pseudonym_key(connection, connectors.key_fingerprint(settings.pseudonym_key))
    return connectors.pseudonym(key, settings.pseudonym_key)
