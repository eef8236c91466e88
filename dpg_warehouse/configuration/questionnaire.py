"""The rows of a survey's CSV files: from a wave's source fields and codes to questions and options."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from dpg_warehouse.configuration.source_file import Identifier, Part


def _blank_is_none(value: object) -> object:
    return None if value == "" else value


def _yes_or_no(value: object) -> object:
    return {"yes": True, "no": False, "": False}.get(value, value) if isinstance(value, str) else value


OptionalText = Annotated[str | None, BeforeValidator(_blank_is_none)]
YesNo = Annotated[bool, BeforeValidator(_yes_or_no)]
Comparability = Literal["identical", "reworded", "options_changed", "scale_changed", "broken"]


class Question(Part):
    """One question as one wave asked it.

    `field` names the source field; for `column_per_rank` the fields of rank 1, 2, … separated by
    `|`; for `column_per_option` it is empty, and options.csv names each option's field.
    """

    wave_id: Identifier
    question_id: Identifier
    field: str = ""
    layout: Literal["value", "space_separated", "column_per_option", "column_per_rank"]
    kind: Literal["single", "multiple", "rank", "scale", "number", "text"]
    theme: Identifier
    segment_kind: Annotated[Identifier | None, BeforeValidator(_blank_is_none)] = None
    asked_of: Identifier = "all"
    is_sensitive: YesNo = False
    comparability: Annotated[Comparability | None, BeforeValidator(_blank_is_none)] = None
    comparability_note: str = ""
    label: str
    wording: str
    language: str = "en"

    @model_validator(mode="after")
    def _is_consistent(self) -> Question:
        if (self.layout == "column_per_option") is bool(self.field):
            raise ValueError("`field` is empty for layout column_per_option, and only there")
        if self.kind == "rank" and self.layout == "value":
            raise ValueError("a rank has several places, which layout value cannot hold")
        return self

    @property
    def fields(self) -> tuple[str, ...]:
        """The source fields that hold the answer; empty for `column_per_option`."""
        parts = self.field.split("|") if self.layout == "column_per_rank" else [self.field]
        return tuple(part.strip() for part in parts if part.strip())


class Option(Part):
    """One option as one wave offered it (`*`: every wave that asked the question).

    `code` is the source's value; for `column_per_option` `field` is the option's own column, and an
    empty `code` takes every non-blank cell as chosen. `scale_value` orders a scale's options with
    the most at the top, whatever direction the codes run in.
    """

    wave_id: Identifier | Literal["*"]
    question_id: Identifier
    option_id: Identifier
    field: str = ""
    code: str = ""
    label: str
    sort: Annotated[int, Field(ge=0)]
    challenge_id: Annotated[Identifier | None, BeforeValidator(_blank_is_none)] = None
    scale_value: Annotated[float | None, BeforeValidator(_blank_is_none)] = None

    @model_validator(mode="after")
    def _is_consistent(self) -> Option:
        if not self.field and not self.code:
            raise ValueError("an option needs `code`, or `field` where it has a column of its own")
        return self


class Challenge(Part):
    """One row of `challenges.csv`, the taxonomy that all surveys share."""

    challenge_id: Identifier
    parent_challenge_id: Annotated[Identifier | None, BeforeValidator(_blank_is_none)] = None
    theme: Literal["financing", "scaling", "technical", "legal", "people"]
    label: str
    definition: str
    sort: Annotated[int, Field(ge=0)]


class PublishedFigure(Part):
    """What others published about a wave, as they said it."""

    wave_id: Identifier
    question_id: Annotated[Identifier | None, BeforeValidator(_blank_is_none)] = None
    claim: str
    value_text: str
    n_text: str = ""
    source: str


class Correction(Part):
    """The exclusion of one response, with its reason and what it expects to find.

    Single answers are not corrected: `value` is for that, and stays empty until they are.
    """

    wave_id: Identifier
    record_key: str
    action: Literal["exclude"]
    field: OptionalText = None
    expected: OptionalText = None
    value: Annotated[None, BeforeValidator(_blank_is_none)] = None
    reason: Annotated[str, Field(min_length=1)]
