"""A survey's crosswalk: checks its files, shows what they cover, drafts the rows of a next wave."""

from dpg_warehouse.crosswalk.adopting import Adoption, adopt_draft
from dpg_warehouse.crosswalk.codebooks import Codebook, read_codebook
from dpg_warehouse.crosswalk.columns import fits, form_of_columns
from dpg_warehouse.crosswalk.coverage import Coverage, CoverageCell, coverage_of
from dpg_warehouse.crosswalk.drafts import Draft, draft_rows
from dpg_warehouse.crosswalk.files import write_draft
from dpg_warehouse.crosswalk.findings import Finding, uncovered
from dpg_warehouse.crosswalk.problems import problems_in
from dpg_warehouse.crosswalk.questionnaires import form_of_content
from dpg_warehouse.crosswalk.reading import Problem

__all__ = [
    "Adoption",
    "Codebook",
    "Coverage",
    "CoverageCell",
    "Draft",
    "Finding",
    "Problem",
    "adopt_draft",
    "coverage_of",
    "draft_rows",
    "fits",
    "form_of_columns",
    "form_of_content",
    "problems_in",
    "read_codebook",
    "uncovered",
    "write_draft",
]
