"""Fetch, land, validate, accept: what becomes of a pull."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from dpg_warehouse import connectors, landing
from dpg_warehouse.configuration import Source
from dpg_warehouse.database import Role, ServerUnavailableError, engine
from dpg_warehouse.pipeline.judging import judge, judge_accepted
from dpg_warehouse.pipeline.progress import Progress, silent
from dpg_warehouse.records import (
    Credentials,
    Load,
    LoadStatus,
    PullOutcome,
    PullRequest,
    ShapeError,
    TransportError,
    UsageError,
    WarehouseError,
)
from dpg_warehouse.settings import Settings


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
        fields = connectors.landed_fields(source, request.wave_id)
        load_id = landing.open_load(connection, request, config_hash, fields)
        try:
            protect = connectors.Protection.of(source, request.wave_id, settings.pseudonym_key)
            pull = connectors.fetch(source, request, protect, credentials, today())
            link_field = source.wave(request.wave_id).link_field if request.wave_id else None
            return landing.land_pull(connection, load_id, source.source_id, request.wave_id, pull, link_field)
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
    """Gate 1: accept or reject a landed load; an accepted one stays accepted.

    One that gate 1 refuses since its source's files changed is judged again. With `force` a load
    supersedes another accepted one of the same date.
    """
    if load.feed is None:
        return load
    loader = engine(settings, Role.LOADER)
    with landing.judging(loader, load):
        present = load_by_id(settings, load.load_id)  # another process may have judged it meanwhile
        if present.status is LoadStatus.ACCEPTED and present.later_refusal:
            return judge_accepted(settings, source, present)[0]
        if present.status is LoadStatus.ACCEPTED:
            return present
        if present.status is LoadStatus.WITHDRAWN and not force:
            return present  # a person took it back, so a repeated pull doesn't bring it in again
        if present.status in (LoadStatus.SUPERSEDED, LoadStatus.FAILED):
            raise UsageError(f"Load {present.load_id} is {present.status} and cannot be validated.")
        refusal = judge(settings, source, present)
        with loader.begin() as connection:
            return landing.decide(connection, present, refusal, force)


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
    on_progress: Progress = silent,
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


def backfill(
    settings: Settings,
    source: Source,
    folder: Path,
    since: date | None = None,
    until: date | None = None,
    on_progress: Progress = silent,
) -> list[PullOutcome]:
    """Every dated file of a folder as a pull of its own, oldest first; one that fails stops no other."""
    files = connectors.dated_files(folder, since, until)
    if not files:
        raise UsageError(f"There is no YYYY-MM-DD.json or .json.gz file in {folder} between these dates.")
    requests = [PullRequest(source.source_id, None, as_of, str(file)) for as_of, file in files]
    return ingest_all(settings, [(source, request) for request in requests], on_progress=on_progress)


def withdraw(settings: Settings, load_id: int, reason: str) -> Load:
    """Take an accepted load back; the next build goes without it."""
    with engine(settings, Role.LOADER).begin() as connection:
        landing.withdraw(connection, load_id, reason)
        return landing.find_load(connection, load_id)


def load_by_id(settings: Settings, load_id: int) -> Load:
    """The load of that number."""
    with engine(settings, Role.LOADER).connect() as connection:
        return landing.find_load(connection, load_id)


def today() -> date:
    """Today's date, UTC."""
    return datetime.now(UTC).date()
