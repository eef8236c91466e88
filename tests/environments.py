"""The environment by which a process of its own works on a test's warehouse."""

from __future__ import annotations

import os

from dpg_warehouse.settings import Settings


def environment_of(settings: Settings) -> dict[str, str]:
    """This process' environment, with the settings in the place of the person's own."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("DPGW_")},
        "DPGW_HOME": str(settings.home),
        "WAREHOUSE_URL": settings.warehouse_url or "",
        "DPGW_SOURCES": ":".join(str(root) for root in settings.source_roots[1:]),
    }
