"""Between the two runs of dbt: what of the answers may be shown, with what SQL cannot work out.

It reads the models of the first run, lets disclosure/ and estimation/ work, and writes the tables
`released_*`, which hold counts and figures and no respondent (docs/decisions/0013).
"""

from dpg_warehouse.disclosure import Rules
from dpg_warehouse.figures.auditing import audit_marts
from dpg_warehouse.figures.releases import Releases
from dpg_warehouse.figures.remembering import keep_releases
from dpg_warehouse.figures.working import work_out

__all__ = ["Releases", "Rules", "audit_marts", "keep_releases", "work_out"]
