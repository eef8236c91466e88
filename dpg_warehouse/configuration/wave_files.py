"""The rows of the CSV files that say more of a wave: its invited list, its translations, its codings."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from dpg_warehouse.configuration.questionnaire import OptionalIdentifier, blank_is_none
from dpg_warehouse.configuration.source_file import Identifier, Part

Count = Annotated[int, Field(ge=0)]


class FrameMargin(Part):
    """How many of the invited list belong to one segment; `all`, `all` is the whole list.

    A blank count of those who were not reached or not eligible is unknown, not 0.
    """

    wave_id: Identifier
    segment_kind: Identifier
    segment_value: Identifier
    invited_count: Count
    bounced_count: Annotated[Count | None, BeforeValidator(blank_is_none)] = None
    ineligible_count: Annotated[Count | None, BeforeValidator(blank_is_none)] = None

    @model_validator(mode="after")
    def _is_consistent(self) -> FrameMargin:
        if (self.bounced_count or 0) + (self.ineligible_count or 0) > self.invited_count:
            raise ValueError("more bounced or were ineligible than were invited")
        return self


class Translation(Part):
    """A question (where `option_id` is empty) or one of its options in a further language."""

    wave_id: Identifier
    question_id: Identifier
    option_id: OptionalIdentifier = None
    language: Annotated[str, Field(min_length=1)]
    label: Annotated[str, Field(min_length=1)]
    wording: str = ""

    @model_validator(mode="after")
    def _is_consistent(self) -> Translation:
        if (self.option_id is None) is not bool(self.wording):
            raise ValueError("a question's translation has a `wording`, and an option's has none")
        return self


class Coding(Part):
    """What a person found in one response's free text."""

    wave_id: Identifier
    question_id: Identifier
    record_key: Annotated[str, Field(min_length=1)]
    option_id: Identifier
