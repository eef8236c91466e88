"""A made-up questionnaire in every kind and layout, and who chose what by a count of its own."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import yaml

Answers = Mapping[str, Sequence[str]]  # question -> the options in their order, or the number or text
Cell = tuple[str, str, str]  # question, measure, option

SURVEY = "layouts"
QUESTIONS = """\
wave_id,question_id,field,layout,kind,theme,segment_kind,part_of,asked_of,shown_if,label,wording,place_count
w1,role,role,value,single,respondent,role,,all,,Role,Who are you?
w1,first,,column_per_option,single,challenge,,,all,,First,What comes first?
w1,help,,column_per_option,multiple,support_need,,,all,,Help,With what do you want help?
w1,topics,topics,space_separated,multiple,support_need,,,all,,Topics,Which topics?
w1,obstacles,obstacles,space_separated,multiple,challenge,,,all,,Obstacles,What hinders you?
w1,order,order,space_separated,rank,challenge,,,all,,Order,In which order?
w1,places,,column_per_option,rank,challenge,,,all,,Places,In which place?
w1,best,,column_per_option,rank,challenge,,,all,,Best,Which are the best two?,2
w1,ranks,r1|r2|r3|r4,column_per_rank,rank,challenge,,,all,,Ranks,Which first?
w1,pool,pool,value,scale,offering_value,,value,all,,Pool,What is the pool worth?
w1,community,community,value,scale,offering_value,,value,all,,Community,What is a community worth?
w1,often_law,,column_per_option,single,methods,,often,all,,Law,How often do you ask for law?
w1,often_code,,column_per_option,single,methods,,often,all,,Code,How often do you ask for code?
w1,team,team,value,number,team_size,,,all,,Team,How many are you?
w1,concerns,concerns,space_separated,multiple,implementer_concern,,,implementer,,Concerns,What worries you?
w1,why_law,why_law,value,single,challenge,,,all,help = law or other,Why,Why is that?
w1,why_not,why_not,value,single,challenge,,,owner,why_law = cost,Why not,Why not?
w1,comment,comment,value,text,comment,,,all,,Comment,Anything else?
w1,found,comment,coded,multiple,comment,,,all,,Found,Anything else?
w1,last,last,value,single,methods,,,all,,Last,Was it long?
w2,role,about/role,value,single,respondent,role,,all,,Role,Who are you?
w2,types,products/type,value,multiple,product,,,all,,Types,What is each product?
w2,parts,products/parts/name,value,multiple,product,,,all,,Parts,Of what does it consist?
w2,licence,products/licence,value,single,product,,,all,,Licence,Which licence do they have?
w2,users,products/users,value,number,product,,,all,,Users,How many use it?
w2,story,products/story,value,text,comment,,,all,,Story,What is its story?
"""
# Options by question; the code of an option is its id and a 1, but for columns of their own.
OPTIONS = {
    "role": ("owner", "implementer"),
    "first": ("law", "code"),
    "help": ("law", "code", "other"),
    "topics": ("law", "code", "none"),
    "obstacles": ("money", "income", "licences"),
    "order": ("law", "code", "money"),
    "places": ("law", "code", "money"),
    "best": ("law", "code", "money", "people"),
    "ranks": ("law", "code", "money", "people"),
    "value": ("much", "some", "little", "unknown"),
    "often_law": ("often", "never"),
    "often_code": ("often", "never"),
    "concerns": ("cost", "trust"),
    "why_law": ("cost", "time"),
    "why_not": ("cost", "time"),
    "found": ("praise", "complaint"),
    "last": ("yes", "no"),
    "types": ("software", "data"),
    "parts": ("core", "plugin"),
    "licence": ("mit", "agpl"),
}
CHALLENGES = {"money": "financing", "income": "sustainable_business_model", "licences": "licensing"}
STEPS = {"much": 3, "some": 2, "little": 1}
YES = {"help": "yes", "first": "1", "often_law": "1", "often_code": "1"}
IN_COLUMNS = ("first", "help", "places", "best", "often_law", "often_code")
PLACES = {"best": 2}
UNITED = {"obstacles": ("money", "income")}
SHOWN_BASE = ("help", "obstacles", "concerns", "found")
CONDITIONS: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "concerns": (("role", ("implementer",)),),
    "why_law": (("help", ("law", "other")),),
    "why_not": (("role", ("owner",)), ("help", ("law", "other")), ("why_law", ("cost",))),
}
CODINGS = {"r0": ("praise",), "r1": ("praise", "complaint")}
FRAME = {("role", "owner"): 40, ("role", "implementer"): 20}
KINDS = {
    row["question_id"]: row["kind"]
    for row in csv.DictReader(io.StringIO(QUESTIONS))
    if row["wave_id"] == "w1"
}


@dataclass(frozen=True)
class Respondent:
    """Who answers wave w1."""

    response_id: str
    is_complete: bool
    answers: Answers = field(default_factory=dict)

    @property
    def cells(self) -> dict[str, str]:
        """The answers as the export writes them."""
        return {name: cell for q, answer in self.answers.items() for name, cell in _cells(q, answer)}


def _cells(question: str, answer: Sequence[str]) -> Iterable[tuple[str, str]]:
    if question in IN_COLUMNS:
        for place, option in enumerate(answer, 1):
            text = "a text of my own" if option == "other" else YES.get(question, str(place))
            yield f"{question}_{option}", text
    elif question == "ranks":
        yield from ((f"r{place}", f"{option}1") for place, option in enumerate(answer, 1))
    elif question in ("team", "comment"):
        yield question, answer[0]
    else:
        yield question, " ".join(f"{option}1" for option in answer)


def write_files(folder: Path, waves: Sequence[Mapping[str, Any]]) -> None:
    """The survey's folder, with these entries of its waves."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "questions.csv").write_text(QUESTIONS, encoding="utf-8")
    options = [
        _option_row(q, option, sort) for q, all_ in OPTIONS.items() for sort, option in enumerate(all_)
    ]
    _write(
        folder / "options.csv",
        "wave_id,question_id,option_id,field,code,label,sort,challenge_id,scale_value,is_exclusive",
        options,
    )
    codings = [("w1", "found", key, option) for key, found in CODINGS.items() for option in found]
    _write(folder / "codings.csv", "wave_id,question_id,record_key,option_id", codings)
    margins = [("w1", *segment, count) for segment, count in FRAME.items()]
    _write(folder / "frame.csv", "wave_id,segment_kind,segment_value,invited_count", margins)
    translations = [
        ("w1", "role", "", "fr", "Rôle", "Qui êtes-vous ?"),
        ("w1", "value", "much", "fr", "Beaucoup", ""),
    ]
    _write(folder / "translations.csv", "wave_id,question_id,option_id,language,label,wording", translations)
    description = {
        "source_id": SURVEY,
        "kind": "survey",
        "title": "A survey that a test made up",
        "publisher": "A test",
        "licence": "CC0-1.0",
        "data_origin": "synthetic",
        "waves": list(waves),
    }
    (folder / "source.yml").write_text(yaml.safe_dump(description), encoding="utf-8")


def first_wave(**changes: Any) -> dict[str, Any]:
    """Wave w1, an export."""
    wave = {
        "wave_id": "w1",
        "number": 1,
        "label": "First wave",
        "connector": "delimited",
        "location": "w1.csv",
        "opened_on": date(2024, 1, 1),
        "closed_on": date(2024, 2, 1),
        "exported_on": date(2024, 2, 2),
        "languages": ["en", "fr"],
        "frame": {"count": sum(FRAME.values())},
        "respondent_key": "respondent",
        "complete_when": {"field": "status", "values": ["complete"]},
    }
    return wave | changes


def export_of(respondents: Sequence[Respondent]) -> str:
    """The export of wave w1."""
    fields = sorted(
        {f"{q}_{option}" for q in IN_COLUMNS for option in OPTIONS[q]}
        | {"r1", "r2", "r3", "r4"}
        | {question for question in KINDS if question not in (*IN_COLUMNS, "ranks", "found")}
    )
    file = io.StringIO()
    writer = csv.DictWriter(file, ["respondent", "status", *fields], lineterminator="\n")
    writer.writeheader()
    for one in respondents:
        status = "complete" if one.is_complete else "partial"
        writer.writerow({"respondent": one.response_id, "status": status} | one.cells)
    return file.getvalue()


def _option_row(question: str, option: str, sort: int) -> tuple[object, ...]:
    wave = "w2" if question in ("types", "parts", "licence") else "*" if question == "role" else "w1"
    is_column = question in IN_COLUMNS
    own_field = f"{question}_{option}" if is_column else ""
    code = f"{option}1" if not is_column else "" if option == "other" else YES.get(question, "")
    return (
        *(wave, question, option, own_field, "" if question == "found" else code, option.title(), sort),
        CHALLENGES.get(option, "") if question == "obstacles" else "",
        STEPS.get(option, "") if question == "value" else "",
        "yes" if option == "none" else "",
    )


def _write(path: Path, header: str, rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header.split(","))
        writer.writerows(rows)


def _was_shown(one: Respondent, question: str) -> bool:
    order = list(KINDS)
    reached = max((order.index(q) for q in one.answers), default=-1)
    if one.response_id in CODINGS:
        reached = max(reached, order.index("found"))
    conditions = CONDITIONS.get(question, ())
    is_asked = all(set(one.answers.get(q, ())) & set(options) for q, options in conditions)
    return is_asked and (one.is_complete or reached >= order.index(question))


def _chosen(one: Respondent, question: str) -> Sequence[str]:
    return CODINGS.get(one.response_id, ()) if question == "found" else one.answers.get(question, ())


def members_by_hand(respondents: Sequence[Respondent]) -> dict[str, set[str]]:
    """Who is in each question's base."""
    members: dict[str, set[str]] = {}
    for question in KINDS:
        if KINDS[question] == "text":
            continue
        members[question] = {
            one.response_id
            for one in respondents
            if _was_shown(one, question)
            and (question in SHOWN_BASE or _chosen(one, question))
            and not (question == "found" and one.answers.get("comment") and not _chosen(one, "found"))
        }
    return members


MEASURES: dict[str, dict[str, Callable[[Sequence[str]], Sequence[str]]]] = {
    "single": {"first_choice": lambda chosen: chosen},
    "multiple": {"any_mention": lambda chosen: chosen},
    "rank": {
        "first_choice": lambda chosen: chosen[:1],
        "top3": lambda chosen: chosen[:3],
        "any_mention": lambda chosen: chosen,
    },
    "scale": {"scale_top2": lambda chosen: ["top_two"] if {"much", "some"} & set(chosen) else []},
}


def choices_by_hand(respondents: Sequence[Respondent]) -> dict[Cell, set[str]]:
    """Who chose each option that anybody chose."""
    choices: dict[Cell, set[str]] = {}
    for question, kind in KINDS.items():
        for measure, counted in MEASURES.get(kind, {}).items():
            if measure == "top3" and PLACES.get(question, 3) < 3:
                continue
            for one in respondents:
                if not _was_shown(one, question):
                    continue
                options = list(counted(_chosen(one, question)))
                united = ["challenge_financing"] if set(UNITED.get(question, ())) & set(options) else []
                for option in [*options, *united]:
                    choices.setdefault((question, measure, option), set()).add(one.response_id)
    return choices


def values_by_hand(respondents: Sequence[Respondent]) -> set[tuple[str, str | None, str, float]]:
    """(question, option of a rank, respondent, value) of scales, ranks and numbers."""
    values: set[tuple[str, str | None, str, float]] = set()
    for one in respondents:
        for question, answer in one.answers.items():
            if not _was_shown(one, question):
                continue
            if KINDS[question] == "rank":
                values |= {(question, o, one.response_id, float(n)) for n, o in enumerate(answer, 1)}
            elif KINDS[question] == "scale" and answer[0] in STEPS:
                values.add((question, None, one.response_id, float(STEPS[answer[0]])))
            elif KINDS[question] == "number":
                values.add((question, None, one.response_id, float(answer[0])))
    return values
