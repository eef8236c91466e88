"""Checks of questions.csv and options.csv: what a question or an option refers to is there."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import product

from dpg_warehouse.configuration.conditions import Condition
from dpg_warehouse.configuration.questionnaire import Question
from dpg_warehouse.configuration.reserved import reads_as_merged_with
from dpg_warehouse.configuration.source import Source
from dpg_warehouse.configuration.themes import KNOWN_THEMES

# The two highest steps count together, so that a scale of fewer would say nothing or everything.
LEAST_STEPS = 3
CLOSED = frozenset({"single", "multiple", "rank", "scale"})
# need_by_challenge tells of those who named a challenge, among others, what they chose.
NAMING = frozenset({"multiple", "rank"})
CROSSED = frozenset({"single", "multiple"})


def question_problems(source: Source) -> Iterable[str]:
    """What is wrong with the questions and their options, a sentence part each."""
    for question in source.questions:
        for problem in _problems_of(source, question):
            yield f"questions.csv: {question.wave_id}, {question.question_id} {problem}"
    yield from _matrix_problems(source)
    yield from _option_problems(source)
    yield from _scale_problems(source)
    yield from _segment_problems(source)


def _problems_of(source: Source, question: Question) -> Iterable[str]:
    if question.theme not in KNOWN_THEMES:
        yield f"has theme {question.theme}, which is none of: {', '.join(sorted(KNOWN_THEMES))}"
    yield from _role_problems(source, question)
    for condition in question.conditions:
        yield from _condition_problems(source, question, condition)
    yield from _crossing_problems(source, question)
    yield from _place_problems(source, question)


def _role_problems(source: Source, question: Question) -> Iterable[str]:
    if question.asked_of == "all":
        return
    if question.segment_kind == "role":
        yield "tells the role, and so it is asked of all"
    roles = _roles_in(source, question.wave_id)
    if question.asked_of not in roles:
        known = ", ".join(sorted(roles)) or "none, as no question has segment_kind role"
        yield f"is asked of {question.asked_of}, but the wave's roles are: {known}"


def _roles_in(source: Source, wave_id: str) -> set[str]:
    about_roles = [q for q in source.questions if q.wave_id == wave_id and q.segment_kind == "role"]
    return {o.option_id for q in about_roles for o in source.options_of(wave_id, q.question_id)}


def _condition_problems(source: Source, question: Question, condition: Condition) -> Iterable[str]:
    asked = [q for q in source.questions if q.wave_id == question.wave_id]
    earlier = {q.question_id for q in asked[: asked.index(question)] if q.kind in CLOSED}
    if condition.question_id not in earlier:
        yield f"is shown if {condition.question_id}, which is no earlier question of the wave with options"
        return
    offered = {o.option_id for o in source.options_of(question.wave_id, condition.question_id)}
    for unknown in sorted(set(condition.option_ids) - offered):
        yield f"is shown if {condition.question_id} = {unknown}, which that question did not offer"


def _crossing_problems(source: Source, question: Question) -> Iterable[str]:
    if question.crossed_with is None:
        return
    others = {
        q.question_id
        for q in source.questions
        if q.wave_id == question.wave_id and q.kind in NAMING and q is not question
    }
    if question.crossed_with not in others:
        yield (
            f"is crossed with {question.crossed_with}, which is no other question of the wave that lets "
            "several options be named (kind multiple or rank)"
        )
    if question.kind not in CROSSED:
        yield f"is of kind {question.kind}, and single and multiple choices alone can be crossed"


def _place_problems(source: Source, question: Question) -> Iterable[str]:
    """Nobody can rank more than there is; where options are missing altogether, that is said elsewhere."""
    offered = {o.option_id for o in source.options_of(question.wave_id, question.question_id)}
    places = source.place_count_of(question)
    if places is not None and offered and places > len(offered):
        yield f"has {places} places, but only {len(offered)} options to put there"


def _option_problems(source: Source) -> Iterable[str]:
    asked: dict[tuple[str, str], list[Question]] = {}
    for question in source.questions:
        for name in {question.question_id, question.part_of} - {None}:
            for wave_id in (question.wave_id, "*"):
                asked.setdefault((wave_id, str(name)), []).append(question)
    challenges = {c.challenge_id for c in source.challenges}
    for option in source.options:
        about = asked.get((option.wave_id, option.question_id), [])
        where = f"options.csv: {option.wave_id}, {option.question_id}"
        if not about:
            yield f"{where} is not in questions.csv"
        if option.challenge_id and option.challenge_id not in challenges:
            yield f"options.csv: challenge {option.challenge_id} is not in challenges.csv"
        if not option.field and not option.code and any(q.layout != "coded" for q in about):
            yield (f"{where}, {option.option_id} needs `code`, or `field` where it has a column of its own")
        if option.is_exclusive and any(q.kind != "multiple" for q in about):
            yield f"{where}, {option.option_id} is exclusive, which options of kind multiple alone can be"


def _scale_problems(source: Source) -> Iterable[str]:
    for question in source.questions:
        options = source.options_of(question.wave_id, question.question_id)
        steps = {option.scale_value for option in options} - {None}
        if question.kind == "scale" and len(steps) < LEAST_STEPS:
            row = f" (a row of {question.part_of})" if question.part_of else ""
            yield (
                f"options.csv: {question.wave_id}, {question.question_id}{row} is a scale and needs at least "
                f"{LEAST_STEPS} different values of scale_value, but has {len(steps)}"
            )


def _segment_problems(source: Source) -> Iterable[str]:
    """Segments that are too small are merged, `a` and `b` into `a_or_b`: no option may be called so."""
    values: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for question in source.questions:
        if question.segment_kind:
            offered = source.options_of(question.wave_id, question.question_id)
            values[question.segment_kind] |= {(option.question_id, option.option_id) for option in offered}
    for kind, options in values.items():
        for (question_id, option_id), (_, other) in sorted(product(options, repeat=2)):
            if reads_as_merged_with(option_id, other):
                yield (
                    f"options.csv: {question_id}, {option_id} is what segments of {kind} are called that "
                    f"are merged with {other}; call it otherwise"
                )


def _matrix_problems(source: Source) -> Iterable[str]:
    questions = {(q.wave_id, q.question_id) for q in source.questions}
    rows = Counter((q.wave_id, q.part_of) for q in source.questions if q.part_of)
    for (wave_id, matrix), count in rows.items():
        if (wave_id, matrix) in questions:
            yield f"questions.csv: {wave_id}, {matrix} is a matrix and a question; name them apart"
        elif count == 1:
            yield f"questions.csv: {wave_id}, {matrix} is a matrix of one row; mind its spelling"
