"""Finds the questions and options of earlier waves that a new wave's texts resemble."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from rapidfuzz import fuzz

from dpg_warehouse.configuration import Option, Question, Source
from dpg_warehouse.forms import FormQuestion

# Below these a match is more often wrong than right (tried on three waves of a real survey).
_LEAST_QUESTION_SCORE = 62
_LEAST_OPTION_SCORE = 72
_SAME_WORDS = 97
_SHORT_LIST = 3  # yes, no, don't know: lists as short as this are everywhere
_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_NOT_WORDS = re.compile(r"[^\w+<>%]+")
# Ways to write one thing, which lists of options differ in without meaning another thing.
_SPELLINGS = (
    (re.compile(r"(?<=\d),(?=\d{3})"), ""),
    (re.compile(r"(\d)\s*(?:or more|and more|and over|\+)"), r"\1+"),
    (re.compile(r"(\d)\s*(?:-|to|\u2013)\s*(?=\d)"), r"\1 "),
    (re.compile(r"\bi?\s*(?:dont|do not) know\b.*|^(?:not sure|unsure|unknown)$"), "dont know"),
)
_Left = TypeVar("_Left", bound=Hashable)
_Right = TypeVar("_Right", bound=Hashable)


@dataclass(frozen=True)
class Earlier:
    """A question as the last wave before asked it, with its options."""

    question: Question
    options: tuple[Option, ...]


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
        Earlier(question, _once(source.options_of(question.wave_id, question.question_id)))
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
    return "identical" if text_score(question.wording, before.wording) >= _SAME_WORDS else "reworded"


def text_score(one: str, other: str) -> float:
    """How alike two texts are, from 0 to 100: order and asides count little."""
    left, right = plain(one), plain(other)
    if not left or not right:
        return 0.0
    return 0.5 * fuzz.ratio(left, right) + 0.5 * fuzz.token_sort_ratio(left, right)


@lru_cache(maxsize=10_000)
def plain(text: str) -> str:
    """A text in small letters, without asides in brackets, punctuation and curly quotes."""
    small = text.casefold().replace("\u2019", "'").replace("'", "")
    for pattern, spelling in _SPELLINGS:
        small = pattern.sub(spelling, small)
    return _NOT_WORDS.sub(" ", _ASIDE.sub(" ", small)).strip() or _NOT_WORDS.sub(" ", small).strip()


def _steps_changed(match: Match, kept: set[str]) -> bool:
    """Whether a step of the scale, other than a don't know, has come or gone."""
    steps = {option.option_id for option in match.earlier.options if option.scale_value is not None}
    return not steps <= kept


def _question_score(question: FormQuestion, other: Earlier) -> float:
    """Wording counts most; options tell more the longer their list; a field of the same name settles it."""
    before = other.question
    wording = max(
        text_score(question.wording, before.wording),
        text_score(_asked(question.wording), _asked(before.wording)),
        text_score(f"{question.part_of} {question.wording}", before.wording),
        text_score(question.wording, before.label) * 0.9,
    )
    score = wording
    if question.options and other.options:
        weight = 0.5 if len(other.options) > _SHORT_LIST else 0.25
        mixed = (1 - weight) * wording + weight * _options_score(question, other)
        score = max(mixed, wording * 0.9)
    elif bool(question.options) is not bool(other.options):
        score = wording * 0.7
    same_name = question.name and question.name in (before.question_id, before.field.rsplit("/", 1)[-1])
    return max(score, 95.0) if same_name else score


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
    """Each option once; several codes may stand for one."""
    return tuple({option.option_id: option for option in options}.values())
