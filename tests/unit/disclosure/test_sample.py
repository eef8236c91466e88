"""On the bundled sample the tables of segments are safe, and stay useful."""

from __future__ import annotations

from collections import Counter

import pytest

from dpg_warehouse.disclosure import PublishedCell, Rules, audit, release_all, release_segments
from tests.unit.disclosure.sample import sample_wave

RULES = Rules()


def published_cells(wave_id: str) -> list[PublishedCell]:
    wave = sample_wave(wave_id)
    cells: list[PublishedCell] = []
    for question in wave.questions:
        cells += release_all(question, RULES).cells
        for segmentation in wave.segmentations:
            cells += release_segments(question, segmentation, RULES).cells
    return cells


@pytest.mark.parametrize("wave_id", ["2022", "2023", "2024"])
def test_the_attacker_finds_nothing_in_the_sample(wave_id: str) -> None:
    questions = sample_wave(wave_id).questions
    everyone = frozenset((question.question_id, m) for question in questions for m in question.everyone_chose)
    attributes = frozenset(question.question_id for question in questions if question.is_attribute)
    assert audit(published_cells(wave_id), RULES, everyone, attributes=attributes) == ()


@pytest.mark.parametrize("wave_id", ["2022", "2023", "2024"])
def test_segment_tables_stay_useful(wave_id: str) -> None:
    cells = [cell for cell in published_cells(wave_id) if cell.segment_kind != "all"]
    shown = Counter(cell.cell_status for cell in cells if cell.base_count is not None)
    assert shown["published"] > 0.6 * shown.total()
    with_band = [cell for cell in cells if cell.cell_status == "banded" and cell.share_band]
    assert len(with_band) == shown["banded"]


def test_the_headline_of_the_first_wave_has_every_option() -> None:
    headline = [
        cell
        for cell in published_cells("2022")
        if cell.question_id == "first_challenges" and cell.segment_kind == "all"
    ]
    assert {cell.cell_status for cell in headline} == {"published"}
    assert len({cell.option_id for cell in headline}) == 7
    assert max(c.chosen_count or 0 for c in headline if c.measure == "first_choice") == 26


@pytest.mark.parametrize("wave_id", ["2022", "2023", "2024"])
def test_the_first_challenge_is_shown_by_segment(wave_id: str) -> None:
    key = ("first_challenges", "first_choice", "financing")
    cells = [c for c in published_cells(wave_id) if (c.question_id, *c.column) == key]
    kinds = {c.segment_kind for c in cells if c.chosen_count is not None}
    assert kinds > {"role", "team_size", "product_type", "funding_source", "sdg_focus"}
