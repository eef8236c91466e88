"""Fetches one dated pull from a source. The only package that speaks to sources."""

from __future__ import annotations

from datetime import date

from dpg_warehouse.configuration import Source
from dpg_warehouse.connectors.http import DEFAULT_POLICY, HttpPolicy
from dpg_warehouse.connectors.locations import dated_files
from dpg_warehouse.connectors.personal_data import Protection, key_fingerprint, pseudonym
from dpg_warehouse.connectors.survey_fields import landed_fields
from dpg_warehouse.records import Credentials, Pull, PullRequest, UsageError

__all__ = [
    "DEFAULT_POLICY",
    "HttpPolicy",
    "Protection",
    "dated_files",
    "fetch",
    "key_fingerprint",
    "landed_fields",
    "pseudonym",
]


def fetch(
    source: Source,
    request: PullRequest,
    protect: Protection,
    credentials: Credentials | None,
    today: date,
    *,
    policy: HttpPolicy = DEFAULT_POLICY,
) -> Pull:
    """Fetch a complete pull of a registry, or of one wave of a survey.

    `protect` comes from `Protection.of`; what it drops is in no part of the pull. Raises
    UsageError, TransportError (trying again may help) or ShapeError (it won't).
    """
    # Here, because a connector's module imports this package.
    from dpg_warehouse.connectors.kinds import Assignment, connector_of

    assignment = Assignment(source, request, protect, credentials, today, policy)
    return connector_of(_kind(source, request))(assignment)


def _kind(source: Source, request: PullRequest) -> str:
    if source.file.kind == "registry":
        if request.wave_id is not None:
            raise UsageError(f"{source.source_id} is a registry and has no waves; leave the wave out.")
        return source.file.kind
    if request.wave_id is None:
        known = ", ".join(wave.wave_id for wave in source.file.waves)
        raise UsageError(f"{source.source_id} is a survey; name one of its waves: {known}.")
    return source.wave(request.wave_id).connector
