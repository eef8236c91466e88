"""Which figures of a wave may be shown: merging, collapsing, banding, and the attacker who tries them.

Pure functions on values; no SQL. `releasing` decides, `attacker` judges what was decided by the
published cells alone.
"""

from dpg_warehouse.disclosure.attacker import AttackedCell, attack
from dpg_warehouse.disclosure.auditing import Finding, audit
from dpg_warehouse.disclosure.filters import tells_filter
from dpg_warehouse.disclosure.patterns import Pattern
from dpg_warehouse.disclosure.releasing import Release, release_all, release_segments
from dpg_warehouse.disclosure.tables import (
    ALL,
    ALL_OTHER,
    CellStatus,
    Column,
    PublishedCell,
    QuestionAnswers,
    Rules,
    Segmentation,
)

__all__ = [
    "ALL",
    "ALL_OTHER",
    "AttackedCell",
    "CellStatus",
    "Column",
    "Finding",
    "Pattern",
    "PublishedCell",
    "QuestionAnswers",
    "Release",
    "Rules",
    "Segmentation",
    "attack",
    "audit",
    "release_all",
    "release_segments",
    "tells_filter",
]
