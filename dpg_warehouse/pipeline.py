"""The path: fetch, land, validate, accept; then build, check, publish. DAGs and command line call these."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine

from dpg_warehouse import connectors, landing, modelling, publish, validation
from dpg_warehouse.configuration import Source, read_sources
from dpg_warehouse.database import Role, ServerUnavailableError, connection_url, engine
from dpg_warehouse.records import (
    BuildOutcome,
    Credentials,
    Load,
    LoadStatus,
    ModelResult,
    PullOutcome,
    PullRequest,
    ShapeError,
    TransportError,
    UsageError,
    WarehouseError,
)
from dpg_warehouse.settings import Settings

Progress = Callable[[str, int, int], None]


def _silent(_what: str, _done: int, _total: int) -> None:
    """Progress that nobody looks at."""


def plan(
    source: Source,
    wave: str | None = None,
    as_of: date | None = None,
    location: str | None = None,
    force: bool = False,
) -> tuple[PullRequest, ...]:
    """The pulls that a request comes to: one for a registry, one for each wave asked for of a survey."""
    if source.file.kind == "registry":
        if wave:
            raise UsageError(f"{source.source_id} is a registry and has no waves; leave the wave out.")
        return (PullRequest(source.source_id, None, as_of, location, force),)
    waves = [source.wave(wave)] if wave else sorted(source.file.waves, key=lambda w: w.number)
    if location and len(waves) > 1:
        raise UsageError(f"A location of your own holds one wave of {source.source_id}: name the wave too.")
    return tuple(PullRequest(source.source_id, w.wave_id, as_of, location, force) for w in waves)


def land(
    settings: Settings, source: Source, request: PullRequest, credentials: Credentials | None = None
) -> Load:
    """Fetch one pull and land it in one transaction.

    Returns the load as `landed`, or the load that held the same content already, or one that is
    `rejected` for its unknown shape. Raises TransportError after having marked the load `failed`.
    """
    with landing.landing_session(engine(settings, Role.LOADER)) as connection:
        with connection.begin():
            config_hash = landing.store_configuration(connection, source)
            if settings.pseudonym_key:
                landing.check_pseudonym_key(connection, connectors.key_fingerprint(settings.pseudonym_key))
        load_id = landing.open_load(connection, request, config_hash)
        try:
            protect = connectors.Protection.of(source, request.wave_id, settings.pseudonym_key)
            pull = connectors.fetch(source, request, protect, credentials, today())
            return landing.land_pull(connection, load_id, source.source_id, request.wave_id, pull)
        except ShapeError as error:
            return landing.reject_shape(connection, load_id, source.source_id, error)
        except UsageError:
            landing.discard(connection, load_id)
            raise
        except TransportError as error:
            landing.fail(connection, load_id, str(error))
            raise
        except Exception as error:
            landing.fail(connection, load_id, f"{type(error).__name__}: see the log of the process.")
            raise


def validate(settings: Settings, source: Source, load: Load, force: bool = False) -> Load:
    """Gate 1: accept or reject a landed load; an accepted one stays as it is.

    With `force` it supersedes another accepted load of the same date.
    """
    if load.status is LoadStatus.ACCEPTED or load.feed is None:
        return load
    if load.status is LoadStatus.WITHDRAWN and not force:
        return load  # a person took it back, so a repeated pull doesn't bring it in again
    if load.status in (LoadStatus.SUPERSEDED, LoadStatus.FAILED):
        raise UsageError(f"Load {load.load_id} is {load.status} and cannot be validated.")
    loader = engine(settings, Role.LOADER)
    with loader.begin() as connection:
        landing.use_configuration(connection, load, landing.store_configuration(connection, source))
    verdict = validation.validate_load(settings, loader, source, load)
    with loader.begin() as connection:
        validation.record_verdict(connection, verdict, load_id=load.load_id)
        refusal = None if verdict.success else validation.sentence(verdict)
        return landing.decide(connection, load, refusal, force)


def ingest(
    settings: Settings,
    source: Source,
    request: PullRequest,
    credentials: Credentials | None = None,
) -> Load:
    """One pull from the source to its verdict."""
    load = land(settings, source, request, credentials)
    return validate(settings, source, load, request.force)


def ingest_all(
    settings: Settings,
    pulls: Sequence[tuple[Source, PullRequest]],
    credentials_of: Callable[[Source, str | None], Credentials | None] = lambda _source, _wave: None,
    on_progress: Progress = _silent,
) -> list[PullOutcome]:
    """Several pulls, one after another; one that fails stops none of the others.

    Only a warehouse that is out of reach ends them all, as ServerUnavailableError.
    """
    outcomes = []
    for number, (source, request) in enumerate(pulls):
        on_progress(f"{source.source_id} {request.wave_id or request.as_of or ''}", number, len(pulls))
        try:
            load = ingest(settings, source, request, credentials_of(source, request.wave_id))
            outcomes.append(PullOutcome(request, load))
        except ServerUnavailableError:
            raise
        except WarehouseError as error:
            outcomes.append(PullOutcome(request, error=error))
    on_progress("done", len(pulls), len(pulls))
    return outcomes


def load_by_id(settings: Settings, load_id: int) -> Load:
    """The load of that number."""
    with engine(settings, Role.LOADER).connect() as connection:
        return landing.find_load(connection, load_id)


def build(settings: Settings, on_progress: Progress = _silent) -> BuildOutcome:
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


def withdraw(settings: Settings, load_id: int, reason: str) -> Load:
    """Take an accepted load back; the next build goes without it."""
    with engine(settings, Role.LOADER).begin() as connection:
        landing.withdraw(connection, load_id, reason)
        return landing.find_load(connection, load_id)


def today() -> date:
    """Today's date, UTC."""
    return datetime.now(UTC).date()


def backfill(
    settings: Settings,
    source: Source,
    folder: Path,
    since: date | None = None,
    until: date | None = None,
    on_progress: Progress = _silent,
) -> list[PullOutcome]:
    """Every dated file of a folder as a pull of its own, oldest first; one that fails stops no other."""
    files = connectors.dated_files(folder, since, until)
    if not files:
        raise UsageError(f"There is no YYYY-MM-DD.json or .json.gz file in {folder} between these dates.")
    requests = [PullRequest(source.source_id, None, as_of, str(file)) for as_of, file in files]
    return ingest_all(settings, [(source, request) for request in requests], on_progress=on_progress)


def overview(settings: Settings) -> dict[str, list[dict[str, Any]]]:
    """Sources with their newest loads, freshness in days, and the last builds."""
    with engine(settings, Role.LOADER).connect() as connection:
        fresh = landing.overview.newest_accepted(connection)
        return {
            "loads": landing.overview.last_loads(connection),
            "freshness": [row | {"age_days": (today() - row["latest_as_of"]).days} for row in fresh],
            "builds": landing.overview.last_builds(connection),
        }


def refused_loads(settings: Settings) -> list[dict[str, Any]]:
    """Loads that are rejected or held and wait for somebody."""
    with engine(settings, Role.LOADER).connect() as connection:
        return landing.overview.refused_loads(connection)


def why_refused(settings: Settings, load_id: int) -> dict[str, Any]:
    """Status and reason of a load, the rules that it breaks, and its faults by kind."""
    with engine(settings, Role.LOADER).connect() as connection:
        load = landing.find_load(connection, load_id)
        return {
            "status": load.status.value,
            "reason": load.reason,
            "rules": landing.overview.broken_rules(connection, load_id),
            "faults": landing.overview.faults(connection, load_id),
        }
