"""Landing: dated complete pulls, stored once per distinct content. One load is one transaction."""

from dpg_warehouse.landing import overview
from dpg_warehouse.landing.configured import check_pseudonym_key, store_configuration
from dpg_warehouse.landing.loads import (
    decide,
    discard,
    fail,
    find_load,
    landing_session,
    open_load,
    use_configuration,
    withdraw,
)
from dpg_warehouse.landing.store import land_pull, reject_shape

__all__ = [
    "check_pseudonym_key",
    "decide",
    "discard",
    "fail",
    "find_load",
    "land_pull",
    "landing_session",
    "open_load",
    "overview",
    "reject_shape",
    "store_configuration",
    "use_configuration",
    "withdraw",
]
