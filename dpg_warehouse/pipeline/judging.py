"""Gate 1 on a load, and again on accepted loads whose source's files have changed since."""

from __future__ import annotations

from collections.abc import Mapping

from dpg_warehouse import connectors, landing, validation
from dpg_warehouse.configuration import Source
from dpg_warehouse.database import Role, engine
from dpg_warehouse.records import Load
from dpg_warehouse.settings import Settings


def judge(settings: Settings, source: Source, load: Load) -> str | None:
    """Run gate 1 by these files of the source and keep the verdict; returns why it refuses, if so.

    The caller holds the load under `landing.judging` until the decision stands.
    """
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
    with landing.judging(engine(settings, Role.LOADER), load):
        return judge_accepted(settings, source, load)[0]


def judge_accepted(settings: Settings, source: Source, load: Load) -> tuple[Load, str | None]:
    """The load as it is now, and why gate 1 refuses it: one that was replaced meanwhile keeps no refusal.

    The caller holds the load under `landing.judging`.
    """
    refusal = judge(settings, source, load)
    with engine(settings, Role.LOADER).begin() as connection:
        return landing.note_later_verdict(connection, load, refusal), refusal


def judge_changed(settings: Settings, sources: Mapping[str, Source], build_id: int) -> str | None:
    """Judge what a build froze: each wave's newest load, where its source's files changed since.

    `sources` are the files as the build froze them, by source. Returns why the build must not read one
    of the loads, if so. A load that passes is not judged again until the files change again.
    """
    with engine(settings, Role.LOADER).connect() as connection:
        changed = landing.loads_to_judge_again(connection, build_id)
    refused = []
    for load in changed:
        source = sources[load.source_id]
        if load.wave_id in {wave.wave_id for wave in source.file.waves}:
            with landing.judging(engine(settings, Role.LOADER), load):
                _, refusal = judge_accepted(settings, source, load)
            refused += [_sentence(load, refusal)] if refusal else []
    more = f" (And {len(refused) - 1} more waves.)" if refused[1:] else ""
    return refused[0] + more if refused else None


def _sentence(load: Load, refusal: str) -> str:
    return (
        f"Gate 1 refuses wave {load.wave_id} of {load.source_id} since its files changed: "
        f"{refusal} Mend the files, or pull the wave again (with --force if "
        f"{load.as_of} is taken); `dpgw revalidate {load.load_id}` tells whether it would pass."
    )
