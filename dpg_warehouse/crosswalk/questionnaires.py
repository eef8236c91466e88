"""Reads a questionnaire, as survey servers and XLSForms have it, as questions with options."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from dpg_warehouse.configuration import join_ranked_fields
from dpg_warehouse.crosswalk.personal import is_personal_name, may_list_persons
from dpg_warehouse.forms import Form, FormOption, FormQuestion
from dpg_warehouse.records import JsonObject

_FILTERED = "A choice filter shows some codes under several labels."
_REPEATED = "Stands in a repeat: one respondent answers it several times, which no layout can hold."
_LAYOUTS = {
    "select_one": ("value", "single"),
    "select_one_from_file": ("value", "single"),
    "select_multiple": ("space_separated", "multiple"),
    "select_multiple_from_file": ("space_separated", "multiple"),
    "rank": ("space_separated", "rank"),
    "integer": ("value", "number"),
    "decimal": ("value", "number"),
    "range": ("value", "number"),
    "int": ("value", "number"),
    "text": ("value", "text"),
    "string": ("value", "text"),
}
# What these types hold is about a person or a place, whatever the question asks.
_PERSONAL_TYPES = frozenset(
    {"audio", "barcode", "email", "file", "geopoint", "geoshape", "geotrace", "image", "phonenumber", "video"}
)
# A device fills these in by itself; connectors leave them out unless somebody declares them.
_DEVICE_TYPES = frozenset(
    {
        "audit",
        "background-audio",
        "deviceid",
        "end",
        "simserial",
        "start",
        "subscriberid",
        "today",
        "username",
    }
)
# Questions in a row that take their answers from one list ask for the first, the second, … place.
_PLACE = re.compile(r"(?:^|[^a-z0-9])(?:1st|2nd|[3-9]th|3rd|first|second|third|fourth|fifth)(?:[^a-z0-9]|$)")


def form_of_content(content: JsonObject) -> Form:
    """The questions of a form's `content`: `survey`, `choices` and `translations`."""
    languages = tuple(_language(one) for one in content.get("translations") or (None,))
    choices = _choices(content, languages)
    questions, personal, others = [], [], {}
    for row in _with_groups(content["survey"]):
        kind, path = row["type"], row["$xpath"]
        listed = choices.get(str(row.get("select_from_list_name")), ())
        if kind in _PERSONAL_TYPES or (kind in _LAYOUTS and _asks_for_person(row, listed)):
            personal.append(path)
        elif kind in _LAYOUTS:
            questions.append(_question(row, languages, choices))
        elif not kind.startswith(("begin_", "end_")) and kind not in _DEVICE_TYPES | {"note"}:
            others[path] = f"a field of type {kind}"
    others = {path: why for path, why in others.items() if not path.startswith("meta/")}
    named = _named_shortly(questions)
    return Form(tuple(_ranks_joined(named)), languages, tuple(personal), others)


def _question(
    row: JsonObject, languages: tuple[str, ...], choices: Mapping[str, tuple[FormOption, ...]]
) -> FormQuestion:
    layout, kind = _LAYOUTS[row["type"]]
    options = choices.get(str(row.get("select_from_list_name")), ())
    is_filtered = len({option.code for option in options}) < len(options)
    return FormQuestion(
        field=row["$xpath"],
        layout=layout,
        kind=kind,
        wordings=_by_language(row.get("label"), languages),
        options=tuple({option.code: option for option in options}.values()),
        name=row["name"],
        group_wordings=_by_language(row["group_label"], languages),
        relevant=" and ".join(f"({part})" for part in row["relevants"]) if row["relevants"] else "",
        note=" ".join([_FILTERED] * is_filtered + [_REPEATED] * row["is_repeated"]),
    )


def _choices(content: JsonObject, languages: tuple[str, ...]) -> dict[str, tuple[FormOption, ...]]:
    lists: dict[str, list[FormOption]] = defaultdict(list)
    for choice in content.get("choices") or ():
        code = str(choice.get("name") or choice.get("$autovalue") or "")
        lists[str(choice.get("list_name"))].append(
            FormOption(code, _by_language(choice.get("label"), languages))
        )
    return {name: tuple(options) for name, options in lists.items()}


def _with_groups(rows: list[JsonObject]) -> Iterator[JsonObject]:
    """The rows with their path, and with the conditions of the groups that they stand in."""
    groups: list[tuple[str, list[str], Any, bool]] = []
    for row in rows:
        kind = str(row.get("type", ""))
        if kind.startswith("end_"):
            groups[-1:] = []
            continue
        kind = kind.split()[0] if kind else ""
        name = str(row.get("name") or row.get("$autoname") or "")
        above = groups[-1][1] if groups else []
        relevants = [*above, *([str(row["relevant"])] if row.get("relevant") else [])]
        path = str(row.get("$xpath") or "/".join([*(group[0] for group in groups), name]))
        is_repeated = bool(groups) and groups[-1][3]
        told = {
            "relevants": relevants,
            "group_label": groups[-1][2] if groups else None,
            "is_repeated": is_repeated,
        }
        if kind.startswith("begin_"):
            groups.append((name, relevants, row.get("label"), is_repeated or kind == "begin_repeat"))
        yield row | told | {"type": kind, "name": name, "$xpath": path}
        if row.get("_or_other") and kind.startswith("select"):
            yield told | {"type": "text", "name": f"{name}_other", "$xpath": f"{path}_other"}


def _named_shortly(questions: list[FormQuestion]) -> list[FormQuestion]:
    """Fields without their groups, as they may be declared, where no two questions have one name."""
    counts = Counter(question.name for question in questions)
    return [
        dataclasses.replace(question, field=question.name) if counts[question.name] == 1 else question
        for question in questions
    ]


def _ranks_joined(questions: list[FormQuestion]) -> Iterator[FormQuestion]:
    """First, second and third place as one question of kind rank, where three questions ask for them."""
    run: list[FormQuestion] = []
    for question in [*questions, None]:
        is_place = question is not None and _is_place(question)
        if is_place and question and (not run or _codes(run[0]) == _codes(question)):
            run.append(question)
            continue
        yield from _rank_of(run)
        run = [question] if is_place and question else []
        if question is not None and not is_place:
            yield question


def _rank_of(run: list[FormQuestion]) -> list[FormQuestion]:
    if len(run) < 2:
        return run
    first = run[0]
    joined = {
        language: " / ".join(question.wordings.get(language, "") for question in run)
        for language in first.wordings
    }
    return [
        dataclasses.replace(
            first,
            field=join_ranked_fields(question.field for question in run),
            layout="column_per_rank",
            kind="rank",
            wordings=dict(first.group_wordings) or joined,
        )
    ]


def _is_place(question: FormQuestion) -> bool:
    said = f"{question.name.replace('_', ' ')} {question.wording}".lower()
    return question.kind == "single" and _PLACE.search(said) is not None


def _codes(question: FormQuestion) -> set[str]:
    return {option.code for option in question.options}


def _asks_for_person(row: JsonObject, choices: tuple[FormOption, ...]) -> bool:
    label = row.get("label")
    texts = [str(text) for text in (row["name"], *(label if isinstance(label, list) else [label])) if text]
    if row["type"] in ("text", "string"):
        return any(is_personal_name(text) for text in texts)
    return may_list_persons(texts, [choice.label for choice in choices])


def _by_language(label: Any, languages: tuple[str, ...]) -> dict[str, str]:
    texts = label if isinstance(label, list) else [label] * len(languages)
    return {
        language: " ".join(str(text).split())
        for language, text in zip(languages, texts, strict=False)
        if text
    }


def _language(name: Any) -> str:
    """`Français (fr)` as fr; a name without a code as it is; `en` where a form says none."""
    match = re.search(r"\(([A-Za-z-]{2,12})\)\s*$", str(name or ""))
    return match[1] if match else str(name or "en")
