"""Reads a server's list to its end, and proves that nothing moved meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard
from urllib.parse import urlsplit

from dpg_warehouse.records import PassingTransportError, TransportError

READINGS = 2
Get = Callable[[str, Mapping[str, str] | str | None], Any]


@dataclass(frozen=True)
class Page:
    """One page of a list: its items, how many the whole list has by now, and the next page's address."""

    items: list[Any]
    stated_count: int
    following: str | None


@dataclass(frozen=True)
class Reading:
    """All items of a list, and each count that the server stated while they were read."""

    items: list[Any]
    stated_counts: list[int]


def read_steadily(name: str, read: Callable[[], Reading]) -> tuple[list[Any], int]:
    """Every item of a list and how many the server states.

    Where the stated count changes while the list is read, an item may have been skipped: the list is
    read again from its start, once.
    """
    for _ in range(READINGS):
        reading = read()
        if len(set(reading.stated_counts)) == 1:
            return reading.items, reading.stated_counts[-1]
    raise PassingTransportError(
        f"{name} changed each time while it was read; try again when fewer people answer."
    )


def read_all(
    get: Get, path: str, query: Mapping[str, str], page_of: Callable[[str, Any], Page]
) -> tuple[list[Any], int]:
    """Every item of a list of several pages; `page_of` reads one answer."""
    return read_steadily(path, lambda: _read_pages(get, path, query, page_of))


def _read_pages(
    get: Get, path: str, query: Mapping[str, str], page_of: Callable[[str, Any], Page]
) -> Reading:
    items: list[Any] = []
    counts: list[int] = []
    seen: set[str] = set()
    wanted: Mapping[str, str] | str | None = query
    while wanted:
        page = page_of(path, get(path, wanted))
        items += page.items
        counts.append(page.stated_count)
        wanted = _next_query(path, page, seen)
    return Reading(items, counts)


def _next_query(path: str, page: Page, seen: set[str]) -> str | None:
    """The query of the next page: never its host, which is wrong behind a proxy, or somebody else's."""
    if not page.following:
        return None
    query = urlsplit(page.following).query
    if not query or query in seen or not page.items:
        raise TransportError(f"{path} has pages that lead nowhere.")
    seen.add(query)
    return query


def is_count(value: Any) -> TypeGuard[int]:
    """Whether a JSON value is a count."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
