"""A survey's files: checked, held against forms and exports, and drafted for a next wave."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from dpg_warehouse import crosswalk
from dpg_warehouse.configuration import Source, Wave
from dpg_warehouse.connectors import Protection, looking
from dpg_warehouse.connectors.looking import XLSFORM
from dpg_warehouse.crosswalk import Adoption, Codebook, Coverage, CoverageCell, Draft, Finding, Problem
from dpg_warehouse.database import Role, engine
from dpg_warehouse.forms import Form
from dpg_warehouse.landing.forms import newest_form
from dpg_warehouse.pipeline.loading import today
from dpg_warehouse.records import Credentials, JsonObject, UsageError, WarehouseError
from dpg_warehouse.settings import Settings

__all__ = [
    "Adoption",
    "Coverage",
    "CoverageCell",
    "DraftRequest",
    "Problem",
    "SurveyCheck",
    "adopt_draft",
    "check_survey",
    "draft_survey",
]


@dataclass(frozen=True)
class SurveyCheck:
    """What is wrong with a survey's files, what they cover, and where waves disagree with them."""

    problems: tuple[Problem, ...]
    coverage: Coverage | None = None
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_sound(self) -> bool:
        """Whether the files can be used and no load would be rejected for what is known now."""
        return not self.problems and not any(finding.rejects for finding in self.findings)


@dataclass(frozen=True)
class DraftRequest:
    """Of which wave a draft is wanted, and where its form or export lies if source.yml doesn't say."""

    wave_id: str
    location: str | None = None
    connector: str | None = None
    header_rows: int | None = None
    codebook: Path | None = None


def check_survey(settings: Settings, source_id: str) -> SurveyCheck:
    """Check a survey's files, and hold each wave whose form or export is at hand against them."""
    problems, source = crosswalk.problems_in(settings.source_roots, source_id)
    if source is None:
        return SurveyCheck(problems)
    if source.file.kind != "survey":
        raise UsageError(f"{source_id} is a registry; its files have no questions.")
    findings: list[Finding] = []
    notes: list[str] = []
    for wave in source.file.waves if not problems else ():
        try:
            form = _form_at_hand(settings, source, wave)
        except WarehouseError as error:
            findings.append(Finding(wave.wave_id, str(error), rejects=True))
            continue
        if form is None:
            notes.append(f"wave {wave.wave_id}: neither its export nor a landed form is at hand")
            continue
        findings += crosswalk.uncovered(source, wave, form, partial(looking.is_undeclared, source, wave))
    return SurveyCheck(problems, crosswalk.coverage_of(source), tuple(findings), tuple(notes))


def draft_survey(
    settings: Settings, source: Source, request: DraftRequest, credentials: Credentials | None
) -> tuple[Draft, tuple[Path, ...]]:
    """Draft a wave's rows and write them beside the survey's files; returns the draft and its files."""
    wave = _wave_of(source, request)
    codebook = crosswalk.read_codebook(request.codebook) if request.codebook else Codebook({})
    form = _look(settings, source, wave, request.location, codebook, credentials)
    if not form.questions:
        raise UsageError(
            f"Wave {wave.wave_id}: no question was recognised; see header_rows and field_pattern."
        )
    draft = crosswalk.draft_rows(source, wave.wave_id, wave.number, form)
    return draft, crosswalk.write_draft(source.folder, draft)


def adopt_draft(settings: Settings, source_id: str, wave_id: str) -> Adoption:
    """Append a looked-over draft to the survey's files, if that brings no problem."""
    return crosswalk.adopt_draft(settings.source_roots, source_id, wave_id)


def _wave_of(source: Source, request: DraftRequest) -> Wave:
    """The wave of source.yml, or one that stands for it as far as reading its file needs."""
    changes = {"connector": request.connector, "header_rows": request.header_rows}
    changes = {name: value for name, value in changes.items() if value is not None}
    for wave in source.file.waves:
        if wave.wave_id == request.wave_id:
            return wave.model_copy(update=changes)
    if not (request.location and request.connector):
        raise UsageError(
            f"{source.source_id} has no wave {request.wave_id!r}. Add it under `waves` in source.yml with "
            "wave_id, number, label, connector, location and opened_on (docs/add_a_wave.md), or name its "
            "file: --from FILE --connector delimited|xlsx|xlsform."
        )
    stand_in = Wave(
        wave_id=request.wave_id,
        number=max((wave.number for wave in source.file.waves), default=0) + 1,
        label=request.wave_id,
        connector=XLSFORM,
        location=request.location,
        opened_on=today(),
    )
    return stand_in.model_copy(update=changes)


def _look(
    settings: Settings,
    source: Source,
    wave: Wave,
    location: str | None,
    codebook: Codebook,
    credentials: Credentials | None,
) -> Form:
    """The wave's form or export: from a file, from its server, else as it landed."""
    path = looking.file_of(source, wave, location)
    if path is not None:
        seen = looking.look_at_file(source, wave, path, frozenset(_known(source)))
        return _form(seen, codebook, wave)
    if credentials is not None:
        protection = Protection.of(source, wave.wave_id, settings.pseudonym_key)
        return _form(looking.look_at_server(source, wave, protection, credentials, today()), codebook, wave)
    content = _landed_form(settings, source, wave)
    if content is None:
        raise UsageError(
            f"Wave {wave.wave_id} has no form that landed; set DPGW_CONN_{(wave.connection or '').upper()} "
            "to ask its server, or name its XLSForm with --from."
        )
    return crosswalk.form_of_content(content)


def _form_at_hand(settings: Settings, source: Source, wave: Wave) -> Form | None:
    """The wave's export, if it is there, or the form that landed last."""
    path = looking.file_of(source, wave)
    if path is not None:
        if not path.is_file():
            return None
        return _form(looking.look_at_file(source, wave, path, frozenset(_known(source))), Codebook({}), wave)
    content = _landed_form(settings, source, wave)
    return None if content is None else crosswalk.form_of_content(content)


def _landed_form(settings: Settings, source: Source, wave: Wave) -> JsonObject | None:
    """The form that landed last; None where nothing did, or where there is no warehouse yet."""
    try:
        with engine(settings, Role.LOADER).connect() as connection:
            return newest_form(connection, source.source_id, wave.wave_id)
    except WarehouseError:
        return None


def _form(seen: looking.Look, codebook: Codebook, wave: Wave) -> Form:
    if seen.content is not None:
        return crosswalk.form_of_content(seen.content)
    if codebook.labels and not crosswalk.fits(codebook, seen.columns):
        raise UsageError(
            f"Wave {wave.wave_id}: the codebook names no column of the export. Its questions have to be "
            "called as the columns are, by number or text; field_pattern in source.yml shortens their names."
        )
    return crosswalk.form_of_columns(seen.columns, codebook, wave.languages[0] if wave.languages else "en")


def _known(source: Source) -> Iterator[str]:
    """Codes and labels that the files show already, in small letters."""
    for option in source.options:
        yield option.code.casefold()
        yield option.label.casefold()
