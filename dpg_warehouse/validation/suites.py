"""Reads a suite: `suite.yml` names rules, the SQL files beside it project what the rules look at."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dpg_warehouse.records import UsageError, WarehouseError
from dpg_warehouse.settings import PROJECT_ROOT

EXPECTATIONS = PROJECT_ROOT / "expectations"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Rule(_Part):
    """One rule. `failing` is a condition on the projection that holds for the rows that break it."""

    rule: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    says: str  # one sentence for people: what must hold
    expectation: str
    kwargs: dict[str, Any] = {}
    severity: Literal["reject", "warn"] = "reject"
    failing: str | None = None
    example: str | None = None  # SQL for what names a failing row; the asset's own where absent


class Asset(_Part):
    """One projection and the rules on it. `example` is SQL that names a row and is no answer.

    `each` is SQL that names tables: the query is asked of each of them, as `{{ mart }}`, so that a table
    that is added needs no mention.
    """

    asset: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    query: str
    each: str | None = None
    example: str
    rules: tuple[Rule, ...]


class Suite(_Part):
    """A suite with its SQL read in; `suite_hash` changes with any of its files."""

    suite: str
    rule_count: int
    assets: tuple[Asset, ...]
    queries: dict[str, str] = {}
    suite_hash: str = ""

    def query(self, asset: Asset, **numbers: int) -> str:
        """The asset's SQL with `:load_id` or `:build_id` filled in; only whole numbers can be."""
        return re.sub(r"(?<!:):(\w+)\b", lambda m: str(int(numbers[m[1]])), self.queries[asset.query])

    def query_of_each(self, asset: Asset, tables: Iterable[str], **numbers: int) -> str:
        """The asset's SQL asked of each table."""
        query = self.query(asset, **numbers)
        return "\nunion all\n".join(f"(\n{query.replace('{{ mart }}', _name(table))}\n)" for table in tables)


def _name(table: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", table):
        raise WarehouseError(f"{table!r} is no name for a table of ours.")
    return table


def suite_folder(source_id: str, kind: str, root: Path = EXPECTATIONS) -> Path:
    """A source's own suite, else the one for all sources of its kind."""
    own = root / source_id
    return own if own.is_dir() else root / kind


def read_suite(folder: Path) -> Suite:
    """The suite of a folder; raise UsageError where it cannot be read or its rule count is off."""
    path = folder / "suite.yml"
    try:
        suite = Suite.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
        files = {file for asset in suite.assets for file in (asset.query, asset.each) if file}
        queries = {file: (folder / file).read_text(encoding="utf-8") for file in files}
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise UsageError(f"The suite {path} cannot be read: {error}") from error
    count = sum(len(asset.rules) for asset in suite.assets)
    if count != suite.rule_count:
        raise UsageError(f"{path} states {suite.rule_count} rules, but holds {count}.")
    parts = [path.read_text(encoding="utf-8"), *(queries[name] for name in sorted(queries))]
    digest = hashlib.blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()
    return suite.model_copy(update={"queries": queries, "suite_hash": digest})
