"""What a wave's form or export shows of its questions: never what one respondent said."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """A column of an export.

    `parts` are the header's texts from top to bottom. `values` are given for columns that look like
    closed questions alone, the most frequent first. `marks` has a bit for each row that says
    something in this column, or a yes where the column says yes or no; `rows_of` for each value
    the rows that give it.
    """

    field: str
    parts: tuple[str, ...]
    filled_count: int
    values: tuple[str, ...] = ()
    left_out_count: int = 0  # values that too few gave to be shown
    is_listed: bool = False  # each cell holds several codes, and `values` are these codes
    is_number: bool = False
    is_personal: bool = False
    is_unique: bool = False  # every row has another value
    is_twice: bool = False  # another column has the same name
    marks: int = 0
    rows_of: Mapping[str, int] = dataclasses.field(default_factory=dict, repr=False)

    @property
    def heading(self) -> str:
        """What a header of several rows says above the column's own text; a question rather than its code."""
        above = self.parts[:-1]
        return next((part for part in above if " " in part), max(above, key=len, default=""))

    @property
    def is_closed(self) -> bool:
        """Whether its answers come from a list."""
        return bool(self.values)


@dataclass(frozen=True)
class FormOption:
    """One option of a question, with its label by language."""

    code: str
    labels: Mapping[str, str]
    field: str = ""  # its own column, where it has one

    @property
    def label(self) -> str:
        """The label in the first language that has one, else the code."""
        return next((text for text in self.labels.values() if text), "") or self.code


@dataclass(frozen=True)
class FormQuestion:
    """One question as a form or an export shows it."""

    field: str
    layout: str
    kind: str
    wordings: Mapping[str, str]  # by language, the form's first one first
    options: tuple[FormOption, ...] = ()
    name: str = ""  # what the form calls it
    group_wordings: Mapping[str, str] = dataclasses.field(
        default_factory=dict
    )  # of the group that it stands in
    part_of: str = ""  # the question text of the matrix whose row it is
    relevant: str = ""  # when it is shown, in XLSForm's words
    note: str = ""  # what a person should look at
    is_in_order: bool = True  # options stand as a form lists them, and not as often as they were chosen

    @property
    def wording(self) -> str:
        """The question in the form's first language that has it."""
        return next((text for text in self.wordings.values() if text), "")


@dataclass(frozen=True)
class Form:
    """The questions of a wave, and what else it holds."""

    questions: tuple[FormQuestion, ...]
    languages: tuple[str, ...] = ()
    personal_fields: tuple[str, ...] = ()
    other_fields: Mapping[str, str] = dataclasses.field(
        default_factory=dict
    )  # field -> why it is no question
    key_fields: tuple[str, ...] = ()  # columns in which every row differs
    repeated_fields: tuple[str, ...] = ()  # names of more than one column, which cannot land
