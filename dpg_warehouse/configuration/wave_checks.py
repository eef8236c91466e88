"""Checks of the files about waves: the invited list, translations, codings, corrections, figures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from fnmatch import fnmatchcase

from dpg_warehouse.configuration.source import Source
from dpg_warehouse.configuration.source_file import Wave
from dpg_warehouse.configuration.wave_files import FrameMargin


def wave_problems(source: Source) -> Iterable[str]:
    """What is wrong with the waves and what is said about them, a sentence part each."""
    waves = {wave.wave_id for wave in source.file.waves}
    named = {
        "questions.csv": {row.wave_id for row in source.questions},
        "published_figures.csv": {row.wave_id for row in source.published_figures},
        "corrections.csv": {row.wave_id for row in source.corrections},
        "frame.csv": {row.wave_id for row in source.frame},
        "translations.csv": {row.wave_id for row in source.translations},
        "codings.csv": {row.wave_id for row in source.codings},
    }
    unknown = [
        f"{file}: wave {wave_id} is not in source.yml"
        for file, wave_ids in named.items()
        for wave_id in sorted(wave_ids - waves)
    ]
    yield from unknown
    if not unknown:
        yield from _link_problems(source)
        yield from _figure_problems(source)
        yield from _correction_problems(source)
        yield from _margin_problems(source)
        yield from _translation_problems(source)
        yield from _coding_problems(source)


def _link_problems(source: Source) -> Iterable[str]:
    for wave in source.file.waves:
        rules = source.file.personal_data.together_with(wave.personal_data).pseudonymise
        name = wave.link_field
        if name and not any(
            fnmatchcase(part, rule) for rule in rules for part in (name, name.split("/")[-1])
        ):
            yield (
                f"source.yml: wave {wave.wave_id} links respondents by {name}: "
                "name it under personal_data.pseudonymise"
            )


def _figure_problems(source: Source) -> Iterable[str]:
    asked = {(question.wave_id, question.question_id) for question in source.questions}
    for figure in source.published_figures:
        if figure.question_id and (figure.wave_id, figure.question_id) not in asked:
            yield f"published_figures.csv: {figure.wave_id}, {figure.question_id} is not in questions.csv"


def _correction_problems(source: Source) -> Iterable[str]:
    for correction in source.corrections:
        declared = source.declared_fields(correction.wave_id)
        if correction.action == "set" and correction.field not in declared:
            yield (
                f"corrections.csv: {correction.wave_id}, {correction.record_key} sets {correction.field}, "
                "which no question or option of the wave reads"
            )


def _margin_problems(source: Source) -> Iterable[str]:
    for margin in source.frame:
        segments = _segments_in(source, margin.wave_id) | {("all", "all")}
        if (margin.segment_kind, margin.segment_value) not in segments:
            yield (
                f"frame.csv: {margin.wave_id}, {margin.segment_kind} {margin.segment_value} is no option of "
                "a question of the wave with that segment_kind"
            )
    invited: dict[tuple[str, str], int] = defaultdict(int)
    for margin in source.frame:
        invited[margin.wave_id, margin.segment_kind] += margin.invited_count
    for (wave_id, kind), count in invited.items():
        yield from _sum_problems(source.wave(wave_id), kind, count)
    for wave_id in sorted({wave_id for wave_id, _ in invited}):
        yield from _disagreements(source, wave_id)


def _sum_problems(wave: Wave, kind: str, count: int) -> Iterable[str]:
    if wave.frame is None:
        yield f"frame.csv: wave {wave.wave_id} has no `frame` in source.yml that says how many were invited"
    elif wave.frame.count != count:
        yield (
            f"frame.csv: {wave.wave_id}, {kind} adds up to {count}, but source.yml says that "
            f"{wave.frame.count} were invited"
        )


def _disagreements(source: Source, wave_id: str) -> Iterable[str]:
    """Kinds that tell different numbers of the same list: every figure is about its eligible people.

    Where one kind says who was ineligible, each has to. Of the bounced, a kind may know nothing.
    """
    of_kind: dict[str, list[FrameMargin]] = defaultdict(list)
    for margin in source.frame:
        if margin.wave_id == wave_id:
            of_kind[margin.segment_kind].append(margin)
    ineligible = {
        kind: sum(margin.ineligible_count or 0 for margin in margins) for kind, margins in of_kind.items()
    }
    bounced = {
        kind: sum(margin.bounced_count or 0 for margin in margins)
        for kind, margins in of_kind.items()
        if all(margin.bounced_count is not None for margin in margins)
    }
    for column, sums in (("ineligible_count", ineligible), ("bounced_count", bounced)):
        if len(set(sums.values())) > 1:
            found = ", ".join(f"{kind} {count}" for kind, count in sorted(sums.items()))
            yield f"frame.csv: {wave_id}, {column} adds up differently by kind: {found}"


def _segments_in(source: Source, wave_id: str) -> set[tuple[str, str]]:
    return {
        (question.segment_kind, option.option_id)
        for question in source.questions
        if question.wave_id == wave_id and question.segment_kind
        for option in source.options_of(wave_id, question.question_id)
    }


def _translation_problems(source: Source) -> Iterable[str]:
    for row in source.translations:
        where = f"translations.csv: {row.wave_id}, {row.question_id}"
        about = source.questions_named(row.wave_id, row.question_id)
        if not about or (row.option_id is None and about[0].question_id != row.question_id):
            yield f"{where} is not in questions.csv"
        for question in about:
            offered = {o.option_id for o in source.options_of(row.wave_id, question.question_id)}
            if row.option_id and row.option_id not in offered:
                yield f"{where}, {row.option_id} is not in options.csv"
            if row.language == question.language:
                yield f"{where} has its {row.language} label in questions.csv and options.csv"
        if row.language not in source.wave(row.wave_id).languages:
            yield f"{where} is in {row.language}, which is none of the wave's `languages`"


def _coding_problems(source: Source) -> Iterable[str]:
    for coding in source.codings:
        where = f"codings.csv: {coding.wave_id}, {coding.question_id}"
        about = source.questions_named(coding.wave_id, coding.question_id)
        if not any(q.question_id == coding.question_id and q.layout == "coded" for q in about):
            yield f"{where} is no question with layout coded"
        elif coding.option_id not in {
            o.option_id for o in source.options_of(coding.wave_id, coding.question_id)
        }:
            yield f"{where}, {coding.option_id} is not in options.csv"
