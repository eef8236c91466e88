"""Names that the warehouse gives by itself, so that a survey's files must not."""

from __future__ import annotations

import re

# `all` is everybody; the others unite options of a question.
_OPTION_ID = re.compile(r"all|all_other|top_two|other_options|challenge_.*")
# The whole of a wave, and those who named one challenge.
_SEGMENT_KIND = re.compile(r"all|named_.*")
_BETWEEN = "_or_"  # joins the parts of a merged segment


def is_reserved_option(option_id: str) -> bool:
    """Whether the warehouse itself calls an option or a segment so."""
    return _OPTION_ID.fullmatch(option_id) is not None


def is_reserved_segment_kind(segment_kind: str) -> bool:
    """Whether the warehouse itself calls a kind of segments so."""
    return _SEGMENT_KIND.fullmatch(segment_kind) is not None


def reads_as_merged_with(option_id: str, other: str) -> bool:
    """Whether an option is called as if it united another with more; what is merged would be unclear."""
    return option_id != other and _joined(other) in _joined(option_id)


def _joined(name: str) -> str:
    return f"{_BETWEEN}{name}{_BETWEEN}"
