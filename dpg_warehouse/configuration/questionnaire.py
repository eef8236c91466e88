"""The rows of a survey's CSV files: from a wave's source fields and codes to questions and options."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from dpg_warehouse.configuration.conditions import Condition, read_conditions
from dpg_warehouse.configuration.reserved import is_reserved_option, is_reserved_segment_kind
from dpg_warehouse.configuration.source_file import Identifier, Part


def blank_is_none(value: object) -> object:
    """A CSV file's empty cell."""
    return None if value == "" else value


def _yes_or_no(value: object) -> object:
    return {"yes": True, "no": False, "": False}.get(value, value) if isinstance(value, str) else value


OptionalText = Annotated[str | None, BeforeValidator(blank_is_none)]
OptionalIdentifier = Annotated[Identifier | None, BeforeValidator(blank_is_none)]
YesNo = Annotated[bool, BeforeValidator(_yes_or_no)]
Comparability = Literal["identical", "reworded", "options_changed", "scale_changed", "broken"]


def ranked_fields(field: str) -> tuple[str, ...]:
    """The fields of rank 1, 2, …: between `|`, or `||` where they hold a `|` (headers of several rows)."""
    return tuple(part.strip() for part in field.split("||" if "||" in field else "|"))


def join_ranked_fields(fields: Iterable[str]) -> str:
    """The fields of rank 1, 2, … as one cell of questions.csv, which ranked_fields() takes apart."""
    listed = tuple(fields)
    return ("||" if any("|" in field for field in listed) else "|").join(listed)


class Question(Part):
    """One question as one wave asked it.

    `field` names the source field; for `column_per_rank` the fields of rank 1, 2, … separated by
    `|` (or `||`); for `column_per_option` it is empty, and options.csv names each option's field; for
    `coded` it is the field of the free text that a person coded. `place_count` is how many options a rank
    asks for, where these are not all of them and its fields don't say so.
    """

    wave_id: Identifier
    question_id: Identifier
    field: str = ""
    layout: Literal["value", "space_separated", "column_per_option", "column_per_rank", "coded"]
    kind: Literal["single", "multiple", "rank", "scale", "number", "text"]
    theme: Identifier
    segment_kind: OptionalIdentifier = None
    part_of: OptionalIdentifier = None  # the matrix whose row this question is
    asked_of: Identifier = "all"
    shown_if: str = ""
    base: Annotated[Literal["answered", "shown"] | None, BeforeValidator(blank_is_none)] = None
    crossed_with: OptionalIdentifier = None
    is_sensitive: YesNo = False
    place_count: Annotated[Annotated[int, Field(ge=1)] | None, BeforeValidator(blank_is_none)] = None
    comparability: Annotated[Comparability | None, BeforeValidator(blank_is_none)] = None
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
        if self.layout == "coded" and self.kind != "multiple":
            raise ValueError("several things may be found in one text: layout coded is for kind multiple")
        if self.place_count is not None and self.kind != "rank":
            raise ValueError("`place_count` is of kind rank alone")
        if self.layout == "column_per_rank" and self.place_count not in (None, len(self.fields)):
            raise ValueError(
                f"`place_count` is {self.place_count}, and `field` has {len(self.fields)} places"
            )
        if self.base == "shown" and self.kind not in ("multiple", "rank"):
            raise ValueError("`base` is `shown` for kinds multiple and rank alone")
        if self.segment_kind and is_reserved_segment_kind(self.segment_kind):
            raise ValueError(f"segment_kind {self.segment_kind} is a name that the warehouse gives by itself")
        read_conditions(self.shown_if)
        return self

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """What must have been answered before for the question to be shown, `asked_of` apart."""
        return read_conditions(self.shown_if)

    @property
    def fields(self) -> tuple[str, ...]:
        """The source fields that hold the answer; empty for `column_per_option`."""
        parts = ranked_fields(self.field) if self.layout == "column_per_rank" else (self.field.strip(),)
        return tuple(part for part in parts if part)


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
    challenge_id: OptionalIdentifier = None
    scale_value: Annotated[float | None, BeforeValidator(blank_is_none)] = None
    is_exclusive: YesNo = False  # "none of these": it excludes every other option

    @model_validator(mode="after")
    def _is_consistent(self) -> Option:
        if is_reserved_option(self.option_id):
            raise ValueError(f"option_id {self.option_id} is a name that the warehouse gives by itself")
        return self


class Challenge(Part):
    """One row of `challenges.csv`, the taxonomy that all surveys share."""

    challenge_id: Identifier
    parent_challenge_id: OptionalIdentifier = None
    theme: Literal["financing", "scaling", "technical", "legal", "people"]
    label: str
    definition: str
    sort: Annotated[int, Field(ge=0)]


class PublishedFigure(Part):
    """What others published about a wave, as they said it."""

    wave_id: Identifier
    question_id: OptionalIdentifier = None
    claim: str
    value_text: str
    n_text: str = ""
    source: str


class Correction(Part):
    """What is done to one response, with its reason and what it expects to find.

    `exclude` leaves the response out. `set` puts `value` in the place of what is `expected` in
    `field`; an empty cell is no answer.
    """

    wave_id: Identifier
    record_key: str
    action: Literal["exclude", "set"]
    field: OptionalText = None
    expected: OptionalText = None
    value: OptionalText = None
    reason: Annotated[str, Field(min_length=1)]

    @model_validator(mode="after")
    def _is_consistent(self) -> Correction:
        if self.action == "exclude" and self.value is not None:
            raise ValueError("an exclusion sets no `value`")
        if self.action == "set" and (self.field is None or self.value == self.expected):
            raise ValueError("action set needs a `field`, and a `value` unlike the `expected` one")
        return self
