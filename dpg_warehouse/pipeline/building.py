"""Build, check, publish: from accepted loads to what BI tools see."""

from __future__ import annotations

import time

from sqlalchemy import URL, Engine

from dpg_warehouse import landing, modelling, publish, validation
from dpg_warehouse.configuration import read_sources
from dpg_warehouse.database import Role, connection_url, engine
from dpg_warehouse.pipeline.progress import Progress, silent
from dpg_warehouse.records import BuildOutcome, ModelResult, WarehouseError
from dpg_warehouse.settings import Settings


def build(settings: Settings, on_progress: Progress = silent) -> BuildOutcome:
    """Freeze the inputs, run dbt into marts_build, check, publish. One build at a time.

    Returns `refused` with the reason where a check kept it from publishing; what readers see is
    then unchanged.
    """
    started = time.monotonic()
    transformer = engine(settings, Role.TRANSFORMER)
    url = connection_url(settings, Role.TRANSFORMER)
    with modelling.build_lock(transformer, lambda: on_progress("waiting for another build", 0, 0)):
        frozen = _freeze(settings, transformer)
        try:
            models, reason = _model_and_check(settings, transformer, url, frozen, on_progress)
            counts = {}
            if reason is None:
                modelling.end_build(transformer, frozen.build_id, "checked", None)
                on_progress("publishing", 0, 0)
                counts = publish.publish(transformer, frozen.build_id, _marts(models)).row_counts
            else:
                modelling.end_build(transformer, frozen.build_id, "refused", reason)
        except BaseException as error:
            reason = str(error) if isinstance(error, WarehouseError) else type(error).__name__
            modelling.end_build(transformer, frozen.build_id, "failed", reason)
            raise
    status = "published" if reason is None else "refused"
    return BuildOutcome(frozen.build_id, status, reason, counts, time.monotonic() - started, models)


def _freeze(settings: Settings, transformer: Engine) -> modelling.Build:
    sources = read_sources(settings.source_roots).values()
    with transformer.begin() as connection:
        hashes = {s.source_id: landing.store_configuration(connection, s) for s in sources}
    return modelling.freeze_inputs(transformer, hashes)


def _model_and_check(
    settings: Settings, transformer: Engine, url: URL, frozen: modelling.Build, on_progress: Progress
) -> tuple[tuple[ModelResult, ...], str | None]:
    """Run dbt and gate 2; the second value is why the build must not be published, if so."""
    models = modelling.run_dbt(settings, url, frozen.target, on_progress)
    modelling.record_results(transformer, frozen.build_id, models)
    errors = [model for model in models if model.status == "error"]
    if errors:
        log = settings.home / "logs" / "dbt" / "dbt.log"
        raise WarehouseError(f"dbt could not run {_first_of(errors)} (log: {log})")
    failed = [model for model in models if model.status == "fail"]
    if failed:
        return models, f"A test of the marts failed: {_first_of(failed)}."
    on_progress("checking the marts", 0, 0)
    verdict = validation.validate_build(settings, transformer, frozen.build_id)
    with transformer.begin() as connection:
        validation.record_verdict(connection, verdict, build_id=frozen.build_id)
    return models, None if verdict.success else validation.sentence(verdict)


def _first_of(models: list[ModelResult]) -> str:
    first = models[0]
    more = f" (and {len(models) - 1} more)" if models[1:] else ""
    return f"{first.unique_id}: {first.message}{more}"


def _marts(models: tuple[ModelResult, ...]) -> list[str]:
    return [
        model.unique_id.rsplit(".", 1)[-1]
        for model in models
        if model.resource_type == "model" and model.schema == "marts_build"
    ]
