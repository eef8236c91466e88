"""Who answered, by what the invited list says of them."""

from __future__ import annotations

import numpy as np

from dpg_warehouse.disclosure import ALL, Rules
from dpg_warehouse.disclosure.tables import UNKNOWN
from dpg_warehouse.figures.answers import Invited, Mask, Segment, WaveAnswers
from dpg_warehouse.figures.tables import Row


def count_responses(wave: WaveAnswers, rules: Rules) -> list[Row]:
    """One row for the whole list, and one for each value of an attribute whose numbers are known.

    Respondents who do not say which value is theirs have a row of their own, which has no list.
    """
    everybody = np.ones(len(wave.respondents), dtype=bool)
    rows = [_row(wave, ALL, ALL, wave.frame, everybody, shows_parts=True)]
    if len(wave.respondents) < rules.min_base:
        return rows
    for segment in wave.segments:
        if segment.invited.keys() != set(segment.values):
            continue
        shows_parts = _is_safe(wave, segment, rules)
        rows += [
            _row(wave, segment.kind, value, segment.invited[value], segment.codes == place, shows_parts)
            for place, value in enumerate(segment.values)
        ]
        unknown = segment.codes < 0
        if unknown.any():
            rows.append(_row(wave, segment.kind, UNKNOWN, None, unknown, shows_parts))
    return rows


def _is_safe(wave: WaveAnswers, segment: Segment, rules: Rules) -> bool:
    """Whether who broke off may be shown by segment: no cell is small, of those unknown neither."""
    complete = np.array([is_complete is True for is_complete in wave.complete])
    places = [*range(len(segment.values)), *([-1] if np.any(segment.codes < 0) else [])]
    sizes = [np.count_nonzero(segment.codes == place) for place in places]
    counts = [np.count_nonzero(complete & (segment.codes == place)) for place in places]
    return bool(min(sizes) >= rules.min_base) and not any(
        rules.is_small(int(count), int(size)) for count, size in zip(counts, sizes, strict=True)
    )


def _row(
    wave: WaveAnswers, kind: str, value: str, invited: Invited | None, members: Mask, shows_parts: bool
) -> Row:
    known = [is_complete for is_complete, here in zip(wave.complete, members, strict=True) if here]
    has_parts = shows_parts and bool(known) and None not in known
    return {
        "survey_id": wave.survey_id,
        "wave_id": wave.wave_id,
        "segment_kind": kind,
        "segment_value": value,
        "invited_count": invited.count if invited else None,
        "bounced_count": invited.bounced_count if invited else None,
        "ineligible_count": invited.ineligible_count if invited else None,
        "responded_count": len(known),
        "partial_count": known.count(False) if has_parts else None,
        "complete_count": known.count(True) if has_parts else None,
    }
