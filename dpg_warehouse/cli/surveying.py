"""Commands about a survey's files: check them, draft the rows of a next wave, take a draft over."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from dpg_warehouse.cli.console import EXIT_USAGE, err, out, say_error
from dpg_warehouse.cli.loading import SourceId
from dpg_warehouse.configuration import Source, find_source
from dpg_warehouse.credentials import credentials_from_environment
from dpg_warehouse.records import Credentials
from dpg_warehouse.settings import Settings

if TYPE_CHECKING:
    from dpg_warehouse.pipeline.surveying import Coverage, CoverageCell, Problem

survey = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Check and draft a survey's files.")
WaveId = Annotated[str, typer.Option("--wave", help="The wave's wave_id.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    survey.command()(check)
    survey.command()(draft)
    survey.command()(adopt)
    app.add_typer(survey, name="survey")


def check(source: SourceId) -> None:
    """Check a survey's files: everything that is wrong, with file and line, and what they cover.

    Waves whose export is in its place, or whose form has landed, are held against the files too.
    Needs no database. Exit code 0: sound; 2: something to mend.

    Example: dpgw survey check dpg_owners_survey
    """
    from dpg_warehouse.pipeline import surveying

    found = surveying.check_survey(Settings.from_environment(), source)
    _print_problems(found.problems)
    if found.coverage:
        out.print(_coverage_table(found.coverage))
    for finding in found.findings:
        style = "red" if finding.rejects else "yellow"
        out.print(f"wave {finding.wave_id}: {finding.text}", style=style, markup=False, soft_wrap=True)
    for note in found.notes:
        out.print(note, markup=False, soft_wrap=True)
    if not found.is_sound:
        count = len(found.problems) + sum(finding.rejects for finding in found.findings)
        say_error(f"{source} has {_counted(count, 'problem')} to mend.")
        raise typer.Exit(EXIT_USAGE)
    out.print(f"{source} is sound.")


def draft(
    source: SourceId,
    wave: WaveId,
    location: Annotated[
        str | None, typer.Option("--from", help="Its XLSForm or export, if not where source.yml says.")
    ] = None,
    connector: Annotated[
        str | None, typer.Option(help="What FILE is: delimited, xlsx or xlsform; for a new wave.")
    ] = None,
    header_rows: Annotated[
        int | None, typer.Option(help="How many rows the header of FILE has.", min=1, max=5)
    ] = None,
    codebook: Annotated[
        Path | None, typer.Option(help="A CSV file that says what the export's numbers mean.", dir_okay=False)
    ] = None,
) -> None:
    """Draft a wave's rows from its form or export, matched with earlier waves, for a person to look over.

    Writes draft_WAVE_questions.csv and others beside the survey's files and changes none of them. No
    answer to an open question is read into them.

    Example: dpgw survey draft my_survey --wave 2026 --from form.xlsx --connector xlsform
    """
    from dpg_warehouse.pipeline import surveying

    settings = Settings.from_environment()
    found = find_source(settings.source_roots, source)
    request = surveying.DraftRequest(wave, location, connector, header_rows, codebook)
    with err.status(f"looking at wave {wave}"):
        drafted, files = surveying.draft_survey(settings, found, request, _credentials(found, wave))
    new = len(drafted.questions) - drafted.matched_count
    out.print(
        f"{len(drafted.questions)} questions: {drafted.matched_count} resemble one of an earlier wave, "
        f"{new} look new; {len(drafted.options)} options."
    )
    for field in drafted.form.personal_fields:
        out.print(f"looks like personal data, proposed under drop: {field}", markup=False, soft_wrap=True)
    for field in drafted.form.repeated_fields:
        out.print(
            f"several columns are named {field}, so it was left out; tell them apart with field_pattern",
            style="yellow",
            markup=False,
            soft_wrap=True,
        )
    for file in files:
        out.print(f"wrote {file}", markup=False, soft_wrap=True)
    out.print(
        "Look at every row: `match` is the wave that asked the question before, `score` how alike they are "
        "(100: the same). Delete what you don't want, correct ids and grades, then run\n"
        f"  dpgw survey adopt {source} --wave {wave}\n  dpgw survey check {source}",
        markup=False,
        soft_wrap=True,
    )


def adopt(source: SourceId, wave: WaveId) -> None:
    """Append a draft that was looked over to questions.csv, options.csv and translations.csv.

    The columns match, score and note are left out, and the draft is deleted. Nothing is changed where
    the wave has rows already, or where the draft would bring problems that the files don't have now:
    these are listed with file and line. Exit code 0: taken over; 2: something to mend.

    Example: dpgw survey adopt my_survey --wave 2026
    """
    from dpg_warehouse.pipeline import surveying

    adoption = surveying.adopt_draft(Settings.from_environment(), source, wave)
    if adoption.problems:
        _print_problems(adoption.problems)
        problems = _counted(len(adoption.problems), "problem")
        say_error(f"The draft of wave {wave} would bring {problems}, so nothing was changed: mend it first.")
        raise typer.Exit(EXIT_USAGE)
    for file, count in adoption.added.items():
        out.print(f"{file}: {_counted(count, 'row')} of wave {wave} added")
    if not adoption.is_wave_known:
        out.print(
            f"Wave {wave} is not in source.yml yet; until you add it there, no command can read {source}.",
            style="yellow",
            markup=False,
            soft_wrap=True,
        )


def _print_problems(problems: Iterable[Problem]) -> None:
    for problem in problems:
        line = f", line {problem.line}" if problem.line else ""
        out.print(f"{problem.file}{line}: {problem.text}", markup=False, soft_wrap=True)


def _counted(count: int, thing: str) -> str:
    return f"{count} {thing}{'s' if count != 1 else ''}"


def _credentials(source: Source, wave_id: str) -> Credentials | None:
    connections = [wave.connection for wave in source.file.waves if wave.wave_id == wave_id]
    return credentials_from_environment(connections[0] if connections else None)


def _coverage_table(coverage: Coverage) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("question", "theme", *coverage.wave_ids):
        table.add_column(column, overflow="fold")
    for question_id in coverage.question_ids:
        cells = [_cell_text(coverage.cells.get((question_id, wave_id))) for wave_id in coverage.wave_ids]
        table.add_row(question_id, coverage.themes[question_id], *cells)
    return table


def _cell_text(cell: CoverageCell | None) -> Text:
    """How a wave asked a question: kind, options, mapped challenges, and how it compares with which wave."""
    if cell is None:
        return Text("-", style="dim")
    said = cell.kind if not cell.option_count else f"{cell.kind} {cell.option_count}"
    if cell.place_count is not None:
        said = f"{cell.kind} {cell.place_count} of {cell.option_count}"
    if cell.challenge_count:
        said += f" ({cell.challenge_count} challenges)"
    if cell.compared_with:
        grade = cell.comparability or "no grade"
        said += f"\n{grade} since {cell.compared_with}"
    style = "yellow" if cell.compared_with and cell.comparability not in ("identical", "reworded") else ""
    return Text(said, style=style)
