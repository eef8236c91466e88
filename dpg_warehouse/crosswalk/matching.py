"""Finds the questions and options of earlier waves that a new wave's texts resemble."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import TypeVar

from dpg_warehouse.configuration import Option, Question, Source
from dpg_warehouse.crosswalk.likeness import text_score
from dpg_warehouse.forms import FormQuestion

# Below these a match is more often wrong than right (tried on three waves of a real survey).
_LEAST_QUESTION_SCORE = 62
_LEAST_OPTION_SCORE = 72
_LEAST_ROW_SCORE = 50
_SAME_WORDS = 97
_SHORT_LIST = 3  # yes, no, don't know: lists as short as this are everywhere
_Left = TypeVar("_Left", bound=Hashable)
_Right = TypeVar("_Right", bound=Hashable)


@dataclass(frozen=True)
class Earlier:
    """A question as the last wave before asked it, with its options."""

    question: Question
    options: tuple[Option, ...]
    own_text: str = ""  # of a row of a matrix, its wording without what all rows begin with


@dataclass(frozen=True)
class Match:
    """What a question resembles, how much (0 to 100), and which option resembles which."""

    earlier: Earlier
    score: int
    options: Mapping[int, tuple[Option, int]]  # place of the new option -> the earlier one, score


def earlier_questions(source: Source, wave_number: int) -> tuple[Earlier, ...]:
    """Each question as the last wave before `wave_number` asked it."""
    numbers = {wave.wave_id: wave.number for wave in source.file.waves}
    last: dict[str, Question] = {}
    for question in sorted(source.questions, key=lambda question: numbers[question.wave_id]):
        if numbers[question.wave_id] < wave_number:
            last[question.question_id] = question
    return tuple(
        Earlier(
            question,
            _once(source.options_of(question.wave_id, question.question_id)),
            _own_text(question, last.values()),
        )
        for question in last.values()
    )


def match_questions(questions: Sequence[FormQuestion], earlier: Sequence[Earlier]) -> dict[int, Match]:
    """The best match of each question by its place; no earlier question is matched twice."""
    scores = {
        (place, index): _question_score(question, other)
        for place, question in enumerate(questions)
        for index, other in enumerate(earlier)
    }
    pairs = _best_pairs(scores, _LEAST_QUESTION_SCORE)
    return {
        place: Match(earlier[index], round(score), _match_options(questions[place], earlier[index]))
        for place, (index, score) in pairs.items()
    }


def comparability(question: FormQuestion, match: Match) -> str:
    """The grade that texts and options suggest."""
    before = match.earlier.question
    if question.kind != before.kind and (question.kind, before.kind) != ("single", "scale"):
        return "broken"
    kept = {option.option_id for option, _ in match.options.values()}
    is_same_list = len(match.options) == len(question.options) and kept == {
        option.option_id for option in match.earlier.options
    }
    if not is_same_list and before.kind not in ("number", "text"):
        return (
            "scale_changed" if before.kind == "scale" and _steps_changed(match, kept) else "options_changed"
        )
    wordings = (question.wording, f"{question.part_of} {question.wording}")
    likest = max(text_score(wording, before.wording) for wording in wordings)
    return "identical" if likest >= _SAME_WORDS else "reworded"


def _steps_changed(match: Match, kept: set[str]) -> bool:
    """Whether a step of the scale, other than a don't know, has come or gone."""
    steps = {option.option_id for option in match.earlier.options if option.scale_value is not None}
    return not steps <= kept


def _question_score(question: FormQuestion, other: Earlier) -> float:
    """Wording counts most; options tell more the longer their list; a field of the same name settles it."""
    before = other.question
    wording = _wording_score(question, other)
    score = wording
    if question.options and other.options:
        weight = 0.5 if len(other.options) > _SHORT_LIST else 0.25
        if question.part_of and other.own_text:  # options that all rows share tell none from another
            weight = 0.25 if wording > _LEAST_ROW_SCORE else 0.0
        mixed = (1 - weight) * wording + weight * _options_score(question, other)
        score = max(mixed, wording * 0.9)
    elif bool(question.options) is not bool(other.options):
        score = wording * 0.7
    same_name = question.name and question.name in (before.question_id, before.field.rsplit("/", 1)[-1])
    return max(score, 95.0) if same_name else score


def _wording_score(question: FormQuestion, other: Earlier) -> float:
    before = other.question
    if question.part_of and other.own_text:
        together = text_score(question.wording, other.own_text)
    else:
        together = text_score(f"{question.part_of} {question.wording}", before.wording)
    return max(
        together,
        text_score(question.wording, before.wording),
        text_score(_asked(question.wording), _asked(before.wording)),
        text_score(question.wording, before.label) * 0.9,
    )


def _own_text(question: Question, others: Iterable[Question]) -> str:
    """What a row of a matrix asks by itself; nothing of a question that stands in none."""
    rows = [one.wording.split() for one in others if one.part_of and one.part_of == question.part_of]
    if len(rows) < 2:
        return ""
    shared = takewhile(lambda words: len(set(words)) == 1, zip(*rows, strict=False))
    return " ".join(question.wording.split()[len(list(shared)) :])


def _asked(text: str) -> str:
    """The question itself, without the explanations that follow it."""
    asked, mark, _ = text.partition("?")
    return asked + mark


def _options_score(question: FormQuestion, other: Earlier) -> float:
    """How much of the longer list of options has a counterpart in the other."""
    matched = _match_options(question, other)
    longest = max(len(question.options), len(other.options))
    return sum(score for _, score in matched.values()) / longest


def _match_options(question: FormQuestion, other: Earlier) -> Mapping[int, tuple[Option, int]]:
    scores = {
        (place, index): max(text_score(option.label, before.label), _same_text(option.label, before))
        for place, option in enumerate(question.options)
        for index, before in enumerate(other.options)
    }
    pairs = _best_pairs(scores, _LEAST_OPTION_SCORE)
    return {place: (other.options[index], round(score)) for place, (index, score) in pairs.items()}


def _same_text(label: str, before: Option) -> float:
    """Text exports have the option's text for a code, or as the end of its column's header."""
    return max(text_score(label, before.code), text_score(label, before.field.rpartition(" | ")[2]))


def _best_pairs(
    scores: Mapping[tuple[_Left, _Right], float], least: float
) -> dict[_Left, tuple[_Right, float]]:
    """The best pairs first, each side once."""
    pairs: dict[_Left, tuple[_Right, float]] = {}
    taken: set[_Right] = set()
    for (left, right), score in sorted(scores.items(), key=lambda item: -item[1]):
        if score >= least and left not in pairs and right not in taken:
            pairs[left] = (right, score)
            taken.add(right)
    return pairs


def _once(options: Sequence[Option]) -> tuple[Option, ...]:
    """Each option once, in their order; several codes may stand for one."""
    return tuple({option.option_id: option for option in sorted(options, key=lambda o: o.sort)}.values())
