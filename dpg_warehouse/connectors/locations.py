"""Where a pull's document lies: a file, a folder of dated files, or a server's address."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

from dpg_warehouse.records import ShapeError, UsageError

_DATED_NAME = re.compile(r"(\d{4}-\d{2}-\d{2})\.json(?:\.gz)?")
_JSON_NAME = re.compile(r".+\.json(?:\.gz)?")


def is_url(location: str) -> bool:
    """Whether a location is a server's address."""
    return location.lower().startswith(("http://", "https://"))


def resolve_path(location: str, folder: Path | None) -> Path:
    """The path of a location: relative ones start at the source's folder, or at the working one."""
    path = Path(location).expanduser()
    return path if path.is_absolute() or folder is None else folder / path


def date_in_name(path: Path) -> date | None:
    """The date that names a file `YYYY-MM-DD.json[.gz]`; None for other names."""
    match = _DATED_NAME.fullmatch(path.name)
    if match is None:
        return None
    try:
        return date.fromisoformat(match[1])
    except ValueError as error:
        raise UsageError(f"{path.name} is named like a dated file, but {match[1]} is no date.") from error


def dated_files(
    folder: Path, since: date | None = None, until: date | None = None
) -> list[tuple[date, Path]]:
    """The files `YYYY-MM-DD.json[.gz]` of a folder, both ends of the window included, oldest first."""
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder}.")
    found: dict[date, Path] = {}
    for path in sorted(folder.iterdir()):
        day = date_in_name(path) if path.is_file() else None
        if day is None or (since and day < since) or (until and day > until):
            continue
        if day in found:
            raise UsageError(f"{folder} holds {found[day].name} and {path.name}: keep one file a date.")
        found[day] = path
    return sorted(found.items())


def dated_file(folder: Path, as_of: date | None) -> Path:
    """The folder's file of a date, or its newest; raise UsageError naming the nearest dates."""
    files = dict(dated_files(folder))
    if not files:
        raise UsageError(f"{folder} holds no file named YYYY-MM-DD.json or YYYY-MM-DD.json.gz.")
    if as_of is None:
        return files[max(files)]
    if as_of not in files:
        before = [str(day) for day in files if day < as_of][-1:]
        after = [str(day) for day in files if day > as_of][:1]
        raise UsageError(
            f"{folder} holds no pull of {as_of}; the nearest it has: {' and '.join(before + after)}."
        )
    return files[as_of]


def agreed_date(said: Mapping[str, date | None], today: date) -> date:
    """The one date that all who name one agree on; raise UsageError where they don't."""
    named = {who: day for who, day in said.items() if day is not None}
    if not named:
        raise UsageError("Nothing says of which date this file is; name it with --as-of YYYY-MM-DD.")
    if len(set(named.values())) > 1:
        claims = ", ".join(f"{who} says {day}" for who, day in named.items())
        raise UsageError(f"The pull's date is not clear: {claims}.")
    day = next(iter(named.values()))
    if day > today:
        raise UsageError(f"The pull is dated {day}, which lies after today ({today}, UTC).")
    return day


def live_date(asked: date | None, today: date) -> date:
    """Today; raise UsageError where another date was asked of a server that only knows today."""
    if asked not in (None, today):
        raise UsageError(
            f"A live source can't say how it stood on {asked}; leave --as-of out, or name a dated file."
        )
    return today


def read_document(path: Path) -> bytes:
    """The bytes of a `.json` or `.json.gz` file."""
    if not _JSON_NAME.fullmatch(path.name):
        raise UsageError(f"{path} is neither a .json nor a .json.gz file.")
    try:
        body = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} can't be read: {error.strerror}.") from error
    if path.suffix != ".gz":
        return body
    try:
        return gzip.decompress(body)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ShapeError(f"{path.name} is no complete gzip file.") from error


def shown(location: str) -> str:
    """A location for people to read: an address without login and query, a path as it is."""
    if not is_url(location):
        return location
    parts = urlsplit(location)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname}{port}{parts.path}"
