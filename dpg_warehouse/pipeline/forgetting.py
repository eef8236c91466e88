"""Forget: one respondent erased everywhere, and left out of every later pull."""

from __future__ import annotations

from dataclasses import dataclass

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


def link_fields(source: Source, wave_id: str | None) -> tuple[str, ...]:
    """The fields that name a respondent in every answer: of one wave, or of all."""
    waves = source.file.waves if wave_id is None else (source.wave(wave_id),)
    return tuple(sorted({wave.link_field for wave in waves if wave.link_field}))


def find_respondent(
    settings: Settings, source: Source, key: str, wave_id: str | None = None
) -> landing.Respondent:
    """What landing holds of the respondent who goes by `key`; nothing changes."""
    names = _names(settings, source, key, wave_id)
    with engine(settings, Role.LOADER).connect() as connection:
        links = link_fields(source, wave_id)
        return landing.find_respondent(connection, source.source_id, names, links, wave_id)


def naming_files(source: Source, respondent: landing.Respondent, key: str) -> list[str]:
    """The rows of the source's files that name the respondent: a person has to take them out."""
    redaction = landing.Redaction.of({key, *respondent.values()} if respondent.is_known else {key})
    return [
        f"{file}.csv, row {number}"
        for file, number, row in source.configuration_rows
        if file in landing.NAMING_FILES
        and any(redaction.is_in(str(row.get(column) or "")) for column in ("record_key", "reason"))
    ]


def forget(
    settings: Settings,
    source: Source,
    key: str,
    wave_id: str | None = None,
    reason: str = "The respondent asked for it.",
    on_progress: Progress = silent,
) -> Forgotten:
    """Erase the respondent who goes by `key`, and keep a tombstone that later pulls respect.

    What builds derived goes first and landing last, in a transaction of its own, so that whoever is
    interrupted can repeat it: the key is still known until everything of it is gone. No build runs
    meanwhile. The marts follow with the next build, as their release allows.
    """
    names = _names(settings, source, key, wave_id)
    transformer, loader = engine(settings, Role.TRANSFORMER), engine(settings, Role.LOADER)
    emptied, schemas = 0, list[str]()
    with modelling.build_lock(transformer, lambda: on_progress("waiting for a build", 0, 0)):
        if find_respondent(settings, source, key, wave_id).is_known:
            with transformer.begin() as connection:
                emptied = modelling.empty_derived_tables(connection)
                schemas = modelling.drop_as_of_schemas(connection)
        with loader.begin() as connection:
            erasure = landing.forget(
                connection, source.source_id, names, link_fields(source, wave_id), wave_id, reason
            )
    with loader.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in _VACUUMED:  # a deleted row's bytes stay in its page until then
            connection.execute(text(f"vacuum {table}"))
    return Forgotten(erasure, emptied, tuple(schemas))


def _names(settings: Settings, source: Source, key: str, wave_id: str | None) -> list[str]:
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
    return sorted(names)
