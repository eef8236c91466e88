"""The shape of KoboToolbox's lists."""

from __future__ import annotations

from typing import Any

from dpg_warehouse.connectors.paging import Page, is_count
from dpg_warehouse.records import ShapeError

PAGE = {"format": "json", "limit": "1000"}  # more than 1000 is silently cut to 1000


def page_of(path: str, body: Any) -> Page:
    """One page of a list; raise ShapeError where it is none."""
    found = sorted(body) if isinstance(body, dict) else [type(body).__name__]
    if isinstance(body, dict):
        results, count, link = body.get("results"), body.get("count"), body.get("next")
        if isinstance(results, list) and is_count(count):
            return Page(results, count, str(link) if link else None)
    raise ShapeError(
        f"{path} is no list as KoboToolbox sends it.",
        ("expected count: a number, next, results: an array", f"found {', '.join(found[:20])}"),
    )
