"""Made-up waves for tests of figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from dpg_warehouse.figures.answers import CellKey, Invited, OptionCell, Question, Segment, WaveAnswers

Choice = str | None


def made_up_wave(
    single: Mapping[str, Sequence[Choice]],
    *,
    wave_id: str = "1",
    count: int | None = None,
    respondents: tuple[str, ...] | None = None,
    segments: Mapping[str, Sequence[Choice]] | None = None,
    invited: Mapping[str, Mapping[str, int]] | None = None,
    frame_count: int | None = 150,
    ineligible: Mapping[str, int] | None = None,
    sensitive: frozenset[str] = frozenset(),
    unions: Mapping[str, frozenset[str]] | None = None,
    links: Sequence[str | None] | None = None,
) -> WaveAnswers:
    """A wave of single choices; each question's answers run over the respondents, None for no answer.

    `unions` are derived options of every question: a name and the options that it unites.
    `ineligible` are, of any segment and of `all`, those of the invited who were not eligible.
    """
    number = count if count is not None else len(next(iter(single.values())))
    out = dict(ineligible or {})
    frame = None if frame_count is None else Invited(frame_count, None, out.get("all"))
    asked_count = frame.eligible_count if frame else None
    cells, chosen = [], {}
    for question, answers in single.items():
        given = np.array([answer or "" for answer in answers])
        parts = {option: frozenset({option}) for option in sorted({a for a in answers if a})}
        for option, united in (parts | dict(unions or {})).items():
            key = CellKey(question, "first_choice", option)
            chosen[key] = np.isin(given, list(united))
            is_derived = option not in parts
            cells.append(OptionCell(key, "single", is_derived, question in sensitive, 0, asked_count))
    return WaveAnswers(
        survey_id="made_up",
        wave_id=wave_id,
        wave_number=1,
        frame=frame,
        respondents=respondents or tuple(f"r{n}" for n in range(number)),
        links=tuple(links or [None] * number),
        complete=(True,) * number,
        questions=tuple(Question(q, "single", q in sensitive, None, None, None) for q in single),
        cells=tuple(cells),
        members={q: np.array([a is not None for a in answers]) for q, answers in single.items()},
        chosen=chosen,
        values={},
        segments=tuple(
            _segment(kind, values, (invited or {}).get(kind, {}), out)
            for kind, values in (segments or {}).items()
        ),
    )


def _segment(
    kind: str, members: Sequence[Choice], invited: Mapping[str, int], ineligible: Mapping[str, int]
) -> Segment:
    values = tuple(sorted({value for value in members if value}))
    codes = np.array([values.index(value) if value else -1 for value in members], dtype=np.int64)
    counts = {value: Invited(count, None, ineligible.get(value)) for value, count in invited.items()}
    return Segment(kind, kind, values, codes, False, counts)
