"""Landing: dated complete pulls, stored once per distinct content. One load is one transaction."""

from dpg_warehouse.landing import overview
from dpg_warehouse.landing.configured import check_pseudonym_key, store_configuration
from dpg_warehouse.landing.forgetting import Erasure, forget, redaction_in_wave
from dpg_warehouse.landing.identifiers import Identifier
from dpg_warehouse.landing.judged_again import loads_to_judge_again, note_later_verdict, use_configuration
from dpg_warehouse.landing.loads import (
    decide,
    discard,
    fail,
    find_load,
    judging,
    landing_session,
    open_load,
    withdraw,
)
from dpg_warehouse.landing.redaction import NAMING_FILES
from dpg_warehouse.landing.respondents import (
    Respondent,
    Search,
    asked_of,
    find_respondent,
    link_fields,
    waves_of,
)
from dpg_warehouse.landing.store import land_pull, reject_shape
from dpg_warehouse.landing.tombstones import forgotten_of

__all__ = [
    "NAMING_FILES",
    "Erasure",
    "Identifier",
    "Respondent",
    "Search",
    "asked_of",
    "check_pseudonym_key",
    "decide",
    "discard",
    "fail",
    "find_load",
    "find_respondent",
    "forget",
    "forgotten_of",
    "judging",
    "land_pull",
    "landing_session",
    "link_fields",
    "loads_to_judge_again",
    "note_later_verdict",
    "open_load",
    "overview",
    "redaction_in_wave",
    "reject_shape",
    "store_configuration",
    "use_configuration",
    "waves_of",
    "withdraw",
]
