"""Looks at a wave's form or export before anything of it is declared or landed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from dpg_warehouse.configuration import Source, Wave
from dpg_warehouse.connectors.columns import read_columns
from dpg_warehouse.connectors.http import DEFAULT_POLICY
from dpg_warehouse.connectors.kinds import Assignment, connector_of
from dpg_warehouse.connectors.locations import is_url, resolve_path
from dpg_warehouse.connectors.personal_data import Protection
from dpg_warehouse.connectors.survey_fields import FieldRules
from dpg_warehouse.connectors.xlsforms import is_xlsform, read_xlsform
from dpg_warehouse.forms import Column
from dpg_warehouse.records import Credentials, JsonObject, PullRequest, UsageError

EXPORTS = ("delimited", "xlsx")
XLSFORM = "xlsform"


@dataclass(frozen=True)
class Look:
    """What was seen: the columns of an export, or the `content` of a form."""

    columns: tuple[Column, ...] = ()
    content: JsonObject | None = None


def file_of(source: Source, wave: Wave, location: str | None = None) -> Path | None:
    """The file that a location, or else the wave's own, names; None for a server."""
    if location is None and wave.connector not in (*EXPORTS, XLSFORM):
        return None
    return resolve_path(location or wave.location, None if location else source.folder)


def look_at_file(source: Source, wave: Wave, path: Path, known: frozenset[str]) -> Look:
    """The form or export in a file; `known` are codes and labels that earlier waves show already."""
    if is_url(str(path)) or not path.is_file():
        raise UsageError(f"There is no file {path}.")
    if wave.connector == XLSFORM or is_xlsform(path):
        return Look(content=read_xlsform(path))
    if wave.connector not in EXPORTS:
        raise UsageError(f"{path.name} is no XLSForm; say with --connector whether it is delimited or xlsx.")
    rules = source.file.personal_data.together_with(wave.personal_data)
    return Look(columns=read_columns(path, wave, Protection(drop=rules.drop), known))


def look_at_server(
    source: Source, wave: Wave, protection: Protection, credentials: Credentials, today: date
) -> Look:
    """The form that a survey server deployed last."""
    request = PullRequest(source.source_id, wave.wave_id, None, None)
    assignment = Assignment(source, request, protection, credentials, today, DEFAULT_POLICY)
    forms = connector_of(wave.connector)(assignment).forms
    content = forms[-1].payload.get("content") if forms else None
    if not isinstance(content, dict):
        raise UsageError(
            f"The server of wave {wave.wave_id} gives no form; draft from an export of it: "
            "--from FILE --connector delimited."
        )
    return Look(content=content)


def is_undeclared(source: Source, wave: Wave, name: str) -> bool:
    """Whether nobody has said yet what a field of the wave is."""
    rules = source.file.personal_data.together_with(wave.personal_data)
    protection = Protection(drop=(*rules.drop, *rules.pseudonymise))
    return FieldRules(source.declared_fields(wave.wave_id), wave.ignore, protection).is_undeclared(name)
