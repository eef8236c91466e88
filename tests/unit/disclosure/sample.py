"""The bundled sample's waves as disclosure control reads them, made from the generator's plan."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import yaml

from dpg_warehouse.configuration import Question, Source, find_source
from dpg_warehouse.disclosure import Column, QuestionAnswers, Segmentation
from dpg_warehouse.disclosure.tables import Mask
from dpg_warehouse.settings import PROJECT_ROOT
from sample_data.respondents import Respondent, make_respondents

SURVEY = "dpg_owners_survey"
RANK_MEASURES = (("first_choice", 1), ("top3", 3), ("any_mention", None))


@dataclass(frozen=True)
class SampleWave:
    """Every question with options, and every way to part the respondents."""

    questions: tuple[QuestionAnswers, ...]
    segmentations: tuple[Segmentation, ...]


@cache
def sample_wave(wave_id: str) -> SampleWave:
    source = find_source([PROJECT_ROOT / "sources"], SURVEY)
    plans = yaml.safe_load((PROJECT_ROOT / "sample_data" / SURVEY / "plan.yml").read_text(encoding="utf-8"))
    respondents = make_respondents(source, wave_id, plans[wave_id])
    questions = [question for question in source.questions if question.wave_id == wave_id]
    return SampleWave(
        tuple(_answers(source, q, respondents) for q in questions if q.kind not in ("text", "number")),
        tuple(_segmentation(source, q, respondents) for q in questions if q.segment_kind),
    )


def _segmentation(source: Source, question: Question, respondents: list[Respondent]) -> Segmentation:
    options = sorted(
        source.options_of(question.wave_id, question.question_id), key=lambda option: option.sort
    )
    values = tuple(option.option_id for option in options)
    codes = [
        values.index(r.answers[question.question_id][0]) if question.question_id in r.answers else -1
        for r in respondents
    ]
    assert question.segment_kind
    return Segmentation(question.segment_kind, values, np.array(codes), question.segment_kind == "team_size")


def _answers(source: Source, question: Question, respondents: list[Respondent]) -> QuestionAnswers:
    options = list(source.options_of(question.wave_id, question.question_id))
    given = [r.answers.get(question.question_id, []) for r in respondents]
    chosen: dict[Column, Mask] = {}
    if question.kind == "scale":
        values = sorted(o.scale_value for o in options if o.scale_value is not None)
        top = {o.option_id for o in options if o.scale_value in values[-2:]}
        chosen[Column("scale_top2", "top_two")] = np.array([bool(top & set(answer)) for answer in given])
    for option in options if question.kind != "scale" else ():
        for measure, places in _measures(question.kind):
            mask = np.array([option.option_id in answer[:places] for answer in given])
            chosen[Column(measure, option.option_id)] = mask
    return QuestionAnswers(
        question.question_id,
        np.array([bool(answer) for answer in given]),
        chosen,
        {option.option_id: option.sort for option in options},
        question.is_sensitive,
        question.segment_kind is not None,
        frozenset() if question.kind == "scale" else frozenset({_measures(question.kind)[-1][0]}),
    )


def _measures(kind: str) -> tuple[tuple[str, int | None], ...]:
    if kind == "rank":
        return RANK_MEASURES
    return (("first_choice", None),) if kind == "single" else (("any_mention", None),)
