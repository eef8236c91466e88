"""What the made-up respondents of a wave answer: quotas of plan.yml, dealt by chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from dpg_warehouse.configuration import Question, Source
from sample_data.chance import Chance

Plan = dict[str, Any]


@dataclass
class Respondent:
    """One respondent; `answers` holds a question's option ids, or its one number or text."""

    number: int
    submitted_at: datetime
    is_complete: bool = True
    answers: dict[str, list[str]] = field(default_factory=dict)


def make_respondents(source: Source, wave_id: str, plan: Plan) -> list[Respondent]:
    """The respondents of a wave in the order in which they answered."""
    wave = source.wave(wave_id)
    chance = Chance(f"{source.source_id} {wave_id}")
    respondents = _arrive(chance, plan["respondents"], wave.opened_on, wave.closed_on or wave.opened_on)
    questions = [q for q in source.questions if q.wave_id == wave_id and q.layout != "coded"]
    for question in questions:
        offered = {option.option_id for option in source.options_of(wave_id, question.question_id)}
        _answer(chance, question, plan["answers"].get(question.question_id, {}), offered, respondents)
    _break_off(chance, plan.get("broke_off", 0), questions, respondents)
    return respondents


def _arrive(chance: Chance, count: int, opened_on: date, closed_on: date) -> list[Respondent]:
    opened_at = datetime(opened_on.year, opened_on.month, opened_on.day, 8, tzinfo=UTC)
    seconds = int((closed_on - opened_on).total_seconds()) + 8 * 3600
    moments = sorted(opened_at + timedelta(seconds=chance.number(seconds)) for _ in range(count))
    return [Respondent(number, moment) for number, moment in enumerate(moments, 1)]


def _answer(
    chance: Chance, question: Question, quotas: Plan, offered: set[str], respondents: list[Respondent]
) -> None:
    asked = [r for r in respondents if question.asked_of == "all" or question.asked_of in r.answers["role"]]
    if question.kind == "rank":
        _rank(chance, question.question_id, quotas, offered, asked)
    elif question.kind == "multiple":
        _choose_several(chance, question.question_id, _checked(quotas, offered), offered, asked)
    else:
        allowed = offered or set(quotas)  # numbers and texts have no options
        _choose_one(chance, question.question_id, _checked(quotas, allowed), asked)


def _checked(quotas: Plan, offered: set[str]) -> Plan:
    if not set(quotas) <= offered:
        raise ValueError(f"plan.yml names options that are not offered: {sorted(set(quotas) - offered)}")
    return quotas


def _choose_one(
    chance: Chance, question_id: str, quotas: Plan, asked: Sequence[Respondent], lean: Plan | None = None
) -> None:
    waiting = {r.number: r for r in asked}
    if sum(quotas.values()) > len(waiting):
        raise ValueError(f"plan.yml has more answers to {question_id} than people who were asked")
    for option_id, count in quotas.items():
        leaning = {n: (lean or {}).get(option_id, 0.0) for n, r in waiting.items() if _is_small_team(r)}
        for number in chance.shuffled(list(waiting), leaning)[:count]:
            waiting.pop(number).answers[question_id] = [str(option_id)]


def _choose_several(
    chance: Chance, question_id: str, quotas: Plan, offered: set[str], asked: list[Respondent]
) -> None:
    for option_id, count in quotas.items():
        if count > len(asked):
            raise ValueError(f"plan.yml has more answers to {question_id} than people who were asked")
        for position in chance.shuffled(range(len(asked)))[:count]:
            asked[position].answers.setdefault(question_id, []).append(option_id)
    for respondent in asked:
        if question_id not in respondent.answers and "none" in offered:
            respondent.answers[question_id] = ["none"]


def _rank(
    chance: Chance, question_id: str, plan: Plan, offered: set[str], asked: Sequence[Respondent]
) -> None:
    """Deal the first choices by quota; draw the further ones by weight."""
    _choose_one(chance, question_id, _checked(plan["first"], offered), asked, plan.get("small_teams_lean"))
    further: dict[str, float] = _checked(plan["further"], offered)
    for respondent in asked:
        ranked = respondent.answers.get(question_id, [])
        for _ in range(chance.number(3)) if ranked else ():
            ranked.append(chance.pick({o: weight for o, weight in further.items() if o not in ranked}))


def _is_small_team(respondent: Respondent) -> bool:
    return respondent.answers.get("team_size") in (["one"], ["two_to_five"])


def _break_off(
    chance: Chance, count: int, questions: Sequence[Question], respondents: list[Respondent]
) -> None:
    """Some left the questionnaire half way: nothing after the ranked challenges."""
    kept = [question.question_id for question in questions]
    kept = kept[: kept.index("first_challenges") + 1]
    for position in chance.shuffled(range(len(respondents)))[:count]:
        respondent = respondents[position]
        respondent.is_complete = False
        respondent.answers = {q: answer for q, answer in respondent.answers.items() if q in kept}
