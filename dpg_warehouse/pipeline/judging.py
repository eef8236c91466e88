"""Gate 1 on a load, and again on accepted loads whose source's files have changed since."""

from __future__ import annotations

from collections.abc import Iterable

from dpg_warehouse import connectors, landing, validation
from dpg_warehouse.configuration import Source
from dpg_warehouse.database import Role, engine
from dpg_warehouse.records import Load
from dpg_warehouse.settings import Settings


def judge(settings: Settings, source: Source, load: Load) -> str | None:
    """Run gate 1 by the source's present files and keep the verdict; returns why it refuses, if so."""
    loader = engine(settings, Role.LOADER)
    with loader.begin() as connection:
        config_hash = landing.store_configuration(connection, source)
        fields = connectors.landed_fields(source, load.wave_id)
        landing.use_configuration(connection, load, config_hash, fields)
    verdict = validation.validate_load(settings, loader, source, load)
    with loader.begin() as connection:
        validation.record_verdict(connection, verdict, load_id=load.load_id)
    return None if verdict.success else validation.sentence(verdict)


def judge_again(settings: Settings, source: Source, load: Load) -> Load:
    """Judge an accepted load again: it stays accepted, and builds refuse it while gate 1 does."""
    loader = engine(settings, Role.LOADER)
    with landing.judging(loader, source.source_id):
        refusal = judge(settings, source, load)
        with loader.begin() as connection:
            return landing.note_later_verdict(connection, load, refusal)


def judge_changed(settings: Settings, sources: Iterable[Source]) -> str | None:
    """Judge each wave's newest accepted load again where its source's files changed since.

    Returns why a build must not read one of them, if so. A load that passes is not judged again until
    the files change again.
    """
    refused = []
    for source in sources:
        waves = {wave.wave_id for wave in source.file.waves}
        with engine(settings, Role.LOADER).connect() as connection:
            changed = landing.loads_to_judge_again(connection, source.source_id, source.config_hash)
        refused += [
            _sentence(judged)
            for judged in (judge_again(settings, source, load) for load in changed if load.wave_id in waves)
            if judged.later_refusal
        ]
    more = f" (And {len(refused) - 1} more waves.)" if refused[1:] else ""
    return refused[0] + more if refused else None


def _sentence(load: Load) -> str:
    return (
        f"Gate 1 refuses wave {load.wave_id} of {load.source_id} since its files changed: "
        f"{load.later_refusal} Mend the files, or pull the wave again (with --force if "
        f"{load.as_of} is taken); `dpgw revalidate {load.load_id}` tells whether it would pass."
    )
