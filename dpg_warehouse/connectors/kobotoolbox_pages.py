"""Reads KoboToolbox's lists to the end, and proves that nothing moved meanwhile."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from dpg_warehouse.connectors.http import JsonClient
from dpg_warehouse.records import PassingTransportError, ShapeError, TransportError

PAGE = {"format": "json", "limit": "1000"}  # more than 1000 is silently cut to 1000
READINGS = 2


def read_all(client: JsonClient, path: str, query: dict[str, str]) -> tuple[list[Any], int]:
    """Every item of a list and how many the server states.

    Where the stated count changes between two pages, an item may have been skipped: the list is read
    again from its start, once.
    """
    for _ in range(READINGS):
        items, counts = _read_pages(client, path, query)
        if len(set(counts)) == 1:
            return items, counts[-1]
    raise PassingTransportError(
        f"{path} changed each time while it was read; try again when fewer people answer."
    )


def _read_pages(client: JsonClient, path: str, query: dict[str, str]) -> tuple[list[Any], list[int]]:
    items: list[Any] = []
    counts: list[int] = []
    seen: set[str] = set()
    page: dict[str, str] | str | None = query
    while page:
        body = client.get(path, page)
        results, count = _checked(path, body)
        items += results
        counts.append(count)
        page = _next_query(path, body.get("next"), seen, bool(results))
    return items, counts


def _checked(path: str, body: Any) -> tuple[list[Any], int]:
    found = sorted(body) if isinstance(body, dict) else [type(body).__name__]
    if isinstance(body, dict):
        results, count = body.get("results"), body.get("count")
        if isinstance(results, list) and isinstance(count, int) and not isinstance(count, bool):
            return results, count
    raise ShapeError(
        f"{path} is no list as KoboToolbox sends it.",
        ("expected count: a number, next, results: an array", f"found {', '.join(found[:20])}"),
    )


def _next_query(path: str, link: Any, seen: set[str], has_results: bool) -> str | None:
    """The query of the next page. Behind a proxy the link's own host and scheme may be wrong."""
    if not link:
        return None
    query = urlsplit(str(link)).query
    if not query or query in seen or not has_results:
        raise TransportError(f"{path} has pages that lead nowhere.")
    seen.add(query)
    return query
