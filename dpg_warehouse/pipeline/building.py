"""Build, check, publish: from accepted loads to what BI tools see."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import Engine

from dpg_warehouse import figures, landing, modelling, publish, validation
from dpg_warehouse.configuration import Source, read_sources
from dpg_warehouse.database import Role, connection_url, engine
from dpg_warehouse.pipeline.judging import judge_changed
from dpg_warehouse.pipeline.progress import Progress, silent
from dpg_warehouse.records import BuildOutcome, ModelResult, WarehouseError
from dpg_warehouse.settings import Settings


@dataclass
class _Building:
    """One build on its way: what dbt said so far, what may be released, and why it must stop, if so.

    `sources` are the files whose rows it reads, as they were when it froze them.
    """

    frozen: modelling.Build
    sources: Mapping[str, Source]
    models: list[ModelResult] = field(default_factory=list)
    releases: figures.Releases = field(default_factory=figures.Releases)
    refusal: str | None = None


def build(settings: Settings, on_progress: Progress = silent, as_of: date | None = None) -> BuildOutcome:
    """Freeze the inputs, model, work out the figures, check, publish. One build at a time.

    Returns `refused` with the reason where a check kept it from publishing; what readers see is
    then unchanged. A build as of a date goes to schemas of its own and publishes nothing.
    """
    started = time.monotonic()
    target = modelling.Target(as_of)
    transformer = engine(settings, Role.TRANSFORMER)
    with modelling.build_lock(transformer, lambda: on_progress("waiting for another build", 0, 0)):
        building = _freeze(settings, transformer, target)
        frozen = building.frozen
        try:
            _model_and_check(settings, transformer, building, on_progress)
            status, counts = _conclude(transformer, building, on_progress)
        except BaseException as error:
            reason = str(error) if isinstance(error, WarehouseError) else type(error).__name__
            modelling.end_build(transformer, frozen.build_id, "failed", reason)
            raise
    return BuildOutcome(
        frozen.build_id,
        status,
        building.refusal,
        counts,
        time.monotonic() - started,
        tuple(building.models),
        building.releases.notes,
    )


def as_of_schema(as_of: date) -> str:
    """The schema that holds the marts of a build as of a date."""
    return modelling.Target(as_of).schema("marts_build")


def drop_old_as_of_schemas(settings: Settings, before: datetime) -> list[str]:
    """Drop the schemas of builds as of a date that began before then; returns their names."""
    transformer = engine(settings, Role.TRANSFORMER)
    with modelling.build_lock(transformer, lambda: None), transformer.begin() as connection:
        return modelling.drop_old_as_of_schemas(connection, before)


def _freeze(settings: Settings, transformer: Engine, target: modelling.Target) -> _Building:
    sources = read_sources(settings.source_roots)
    with transformer.begin() as connection:
        hashes = {s.source_id: landing.store_configuration(connection, s) for s in sources.values()}
    return _Building(modelling.freeze_inputs(transformer, hashes, target), sources)


def _model_and_check(
    settings: Settings, transformer: Engine, building: _Building, on_progress: Progress
) -> None:
    """dbt, the figures between its two runs, and gate 2; `refusal` says why to stop."""
    _prepare(settings, transformer, building, on_progress)
    if building.refusal:
        return
    target = building.frozen.target
    project = modelling.DbtProject(settings, connection_url(settings, Role.TRANSFORMER), target)
    _run_dbt(transformer, building, project, modelling.BEFORE_FIGURES, on_progress)
    if building.refusal:
        return
    rules = figures.Rules(settings.min_base, settings.min_cell)
    building.releases = figures.work_out(
        transformer,
        rules,
        target.schema("intermediate"),
        is_to_be_published=target.as_of is None,
        on_progress=on_progress,
    )
    _run_dbt(transformer, building, project, modelling.AFTER_FIGURES, on_progress)
    if building.refusal or target.as_of is not None:
        return
    on_progress("checking the marts", 0, 0)
    build_id = building.frozen.build_id
    figures.audit_marts(transformer, rules, target.schema("intermediate"), build_id)
    verdict = validation.validate_build(settings, transformer, build_id)
    with transformer.begin() as connection:
        validation.record_verdict(connection, verdict, build_id=build_id)
    building.refusal = None if verdict.success else validation.sentence(verdict)


def _prepare(settings: Settings, transformer: Engine, building: _Building, on_progress: Progress) -> None:
    """Schemas of its own for a build as of a date; for the main one, loads that changed files may refuse."""
    target = building.frozen.target
    if target.as_of is not None:
        with transformer.begin() as connection:
            modelling.make_as_of_schemas(connection, target)
        return
    on_progress("judging loads by changed files", 0, 0)
    building.refusal = judge_changed(settings, building.sources, building.frozen.build_id)


def _run_dbt(
    transformer: Engine,
    building: _Building,
    project: modelling.DbtProject,
    command: tuple[str, ...],
    on_progress: Progress,
) -> None:
    models = project.run(command, on_progress)
    modelling.record_results(transformer, building.frozen.build_id, models)
    building.models += models
    errors = [model for model in models if model.status == "error"]
    if errors:
        raise WarehouseError(f"dbt could not run {_first_of(errors)} (log: {project.log})")
    failed = [model for model in models if model.status == "fail"]
    if failed:
        building.refusal = f"A test of the marts failed: {_first_of(failed)}."


def _conclude(transformer: Engine, building: _Building, on_progress: Progress) -> tuple[str, dict[str, int]]:
    """Publish what passed its checks; returns the build's status and each mart's number of rows."""
    build_id = building.frozen.build_id
    if building.refusal:
        modelling.end_build(transformer, build_id, "refused", building.refusal)
        return "refused", {}
    modelling.end_build(transformer, build_id, "checked", None)
    if building.frozen.target.as_of is not None:
        return "checked", {}
    on_progress("publishing", 0, 0)
    published = publish.publish(
        transformer,
        build_id,
        _marts(building.models),
        also=lambda connection: figures.keep_releases(connection, build_id, building.releases),
    )
    return "published", published.row_counts


def _first_of(models: list[ModelResult]) -> str:
    first = models[0]
    more = f" (and {len(models) - 1} more)" if models[1:] else ""
    return f"{first.unique_id}: {first.message}{more}"


def _marts(models: list[ModelResult]) -> list[str]:
    return [
        model.unique_id.rsplit(".", 1)[-1]
        for model in models
        if model.resource_type == "model" and model.schema == "marts_build"
    ]
