"""Forget: one respondent erased everywhere, and left out of every later pull."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sqlalchemy import text

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

    `was_forgotten`: nothing is left of them, and their tombstone stands.
    """

    search: landing.Search
    respondent: landing.Respondent
    was_forgotten: bool = False
    naming_rows: tuple[str, ...] = ()


def find_respondent(settings: Settings, source: Source, key: str, wave_id: str | None = None) -> Found:
    """What landing holds of the respondent who goes by `key`; nothing changes.

    Raises UsageError where the key may be of several people, or where nothing is known of it and the
    source has several waves: which one's pulls to come should leave it out, a person has to say.
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

    With `wave_id` the key is that of a record of this wave. What builds derived goes first and landing
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
            erasure = landing.forget(connection, found.search, reason)
    with loader.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in _VACUUMED:  # a deleted row's bytes stay in its page until then
            connection.execute(text(f"vacuum {table}"))
    return Forgotten(erasure, emptied, tuple(schemas))


def _find(settings: Settings, source: Source, key: str, wave_id: str | None) -> Found:
    names = _names(settings, source, key, wave_id)
    with engine(settings, Role.LOADER).connect() as connection:
        links = landing.link_fields(connection, source.source_id)
        links |= {wave.wave_id: wave.link_field for wave in source.file.waves if wave.link_field}
        search = landing.Search(source.source_id, names, wave_id, links)
        respondent = landing.find_respondent(connection, search)
        if respondent.is_known:
            return Found(search, respondent)
        if gone := landing.forgotten_of(connection, source.source_id, respondent.identifiers):
            return Found(search, replace(respondent, identifiers=gone), was_forgotten=True)
        if wave_id is not None or not source.file.waves:
            return Found(search, respondent)
        search = replace(search, wave_id=_only_wave(source))
        return Found(search, landing.find_respondent(connection, search))


def _only_wave(source: Source) -> str:
    if len(source.file.waves) > 1:
        raise UsageError(
            f"{source.source_id} holds nothing under this key; to keep it out of pulls to come, say with "
            "--wave of which wave it is."
        )
    return source.file.waves[0].wave_id


def _naming_rows(source: Source, found: Found) -> Iterator[str]:
    for file, number, row in source.configuration_rows:
        if file in landing.NAMING_FILES:
            redaction = landing.redaction_in_wave(found.search, found.respondent, row.get("wave_id"))
            if any(redaction.is_in(str(row.get(column) or "")) for column in ("record_key", "reason")):
                yield f"{file}.csv, row {number}"


def _names(settings: Settings, source: Source, key: str, wave_id: str | None) -> tuple[str, ...]:
    """The key as given, as KoboToolbox writes it, and as its pseudonym where the source makes some."""
    if not key.strip():
        raise UsageError("An empty key names nobody.")
    waves = source.file.waves if wave_id is None else (source.wave(wave_id),)
    rules = [source.file.personal_data, *(wave.personal_data for wave in waves)]
    names = {key.strip(), f"uuid:{key.strip().removeprefix('uuid:')}"}
    if any(rule.pseudonymise for rule in rules):
        if not settings.pseudonym_key:
            raise UsageError(
                f"{source.source_id} makes pseudonyms; set DPGW_PSEUDONYM_KEY to find this key's."
            )
        with engine(settings, Role.LOADER).begin() as connection:
            fingerprint = connectors.key_fingerprint(settings.pseudonym_key)
            landing.check_pseudonym_key(connection, fingerprint)
        names.add(connectors.pseudonym(key, settings.pseudonym_key))
    return tuple(sorted(names))
