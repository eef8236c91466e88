"""Small surveys and forms that the tests of the crosswalk make up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dpg_warehouse.configuration import Source, find_source
from dpg_warehouse.crosswalk import Draft, draft_rows
from dpg_warehouse.forms import Form, FormOption, FormQuestion

CHALLENGES = """\
challenge_id,parent_challenge_id,theme,label,definition,sort
financing,,financing,Financing,Money.,1
"""
SOURCE = """\
source_id: tiny
kind: survey
title: A survey that a test made up
publisher: A test
licence: CC0-1.0
data_origin: synthetic
waves:
  - {wave_id: w1, number: 1, label: First, connector: delimited, location: w1.csv, opened_on: 2023-05-01,
     closed_on: 2023-06-01, respondent_key: respondent}
  - {wave_id: w2, number: 2, label: Second, connector: delimited, location: w2.csv, opened_on: 2024-05-01,
     closed_on: 2024-06-01, respondent_key: respondent}
"""
QUESTIONS = """\
wave_id,question_id,field,layout,kind,theme,comparability,label,wording
w1,outlook,outlook,value,scale,financing,,Outlook,How will your funding develop over the next year?
w1,challenges,challenges,space_separated,multiple,challenge,,Challenges,What holds your product back?
"""
OPTIONS = """\
wave_id,question_id,option_id,field,code,label,sort,challenge_id,scale_value
w1,outlook,grow,,1,It will grow,1,,3
w1,outlook,stay,,2,It will stay as it is,2,,2
w1,outlook,shrink,,3,It will shrink,3,,1
w1,outlook,dont_know,,4,Don't know,4,,
w1,challenges,money,,m,Finding money,1,financing,
w1,challenges,people,,p,Finding people,2,,
"""


def survey_folder(root: Path, **files: str) -> Path:
    """A root with the survey `tiny`; `questions=`, `options=`, `source=` and others replace its files."""
    tiny = root / "tiny"
    tiny.mkdir(parents=True, exist_ok=True)
    (root / "challenges.csv").write_text(CHALLENGES, encoding="utf-8")
    texts = {"source": SOURCE, "questions": QUESTIONS, "options": OPTIONS} | files
    for name, text in texts.items():
        (tiny / f"{name}.{'yml' if name == 'source' else 'csv'}").write_text(text, encoding="utf-8")
    return tiny


def survey(root: Path, **files: str) -> Source:
    """The survey `tiny` as it is read."""
    survey_folder(root, **files)
    return find_source([root], "tiny")


def asked(wording: str, *options: str, kind: str = "single", field: str = "q", **more: Any) -> FormQuestion:
    """A question with options of these labels, numbered from 1."""
    listed = tuple(FormOption(str(n), {"en": label}) for n, label in enumerate(options, 1))
    return FormQuestion(field, "value", kind, {"en": wording}, listed, **more)


def two_waves_draft(root: Path) -> tuple[Source, Draft]:
    """A draft of wave w2 with a question asked before, whose codes run the other way, and a new one."""
    source = survey(root)
    steps = ("Don't know", "It will shrink", "It will stay as it is", "It will grow")
    form = Form(
        (
            asked("How will your funding develop over the next year?", *steps),
            asked("Do you need help?", "Yes", "No"),
        ),
        personal_fields=("Your e-mail",),
        key_fields=("ID", "Started"),
        other_fields={"ID": "", "Language": ""},
    )
    return source, draft_rows(source, "w2", 2, form)
