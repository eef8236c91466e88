"""Takes a forgotten respondent's identifiers out of what was written about loads, builds and files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, text

FORGOTTEN = "(forgotten)"
# Names of faulty records are cut off at this length, maybe in the middle of a key.
LONGEST_EXAMPLE = 400
# Files of a source that name respondents.
NAMING_FILES = ("corrections", "codings")
_TOKEN = "[A-Za-z0-9_-]"  # noqa: S105 - a pattern
_IN_BRACKETS = re.compile(r"\[[^\]]*\]")
_ONE_ROW = """
    where source_id = :source_id and config_hash = :config_hash and file = :file and row_no = :row_no
"""
_DELETE_ROW = text(f"delete from ops.configuration_rows {_ONE_ROW}")  # noqa: S608 - own text
_CHANGE_ROW = text(f"update ops.configuration_rows set content = cast(:content as jsonb) {_ONE_ROW}")  # noqa: S608 - own text


@dataclass(frozen=True)
class Redaction:
    """What to look for: the keys of records, and all that names a respondent as whole words."""

    keys: frozenset[str]
    pattern: re.Pattern[str] | None  # None where nobody is to be found

    @classmethod
    def of(cls, keys: Iterable[str], words: Iterable[str] = ()) -> Redaction:
        """The redaction of these; a root UUID is found without its prefix too."""
        both = frozenset(spelling for key in keys for spelling in (key, key.removeprefix("uuid:")))
        longest_first = sorted(both | set(words), key=lambda word: (-len(word), word))
        listed = "|".join(re.escape(word) for word in longest_first)
        return cls(both, re.compile(f"(?<!{_TOKEN})(?:{listed})(?!{_TOKEN})") if listed else None)

    def is_about(self, record_key: str) -> bool:
        """Whether a record of that key is the respondent's."""
        return record_key.strip() in self.keys

    def is_in(self, text: str) -> bool:
        """Whether a text holds an identifier."""
        return self.pattern is not None and self.pattern.search(text) is not None

    def within(self, text: str) -> str:
        """The text without identifiers."""
        return text if self.pattern is None else self.pattern.sub(FORGOTTEN, text)

    def of_reason(self, reason: str) -> str:
        """A reason without identifiers: they stand in brackets, where other words are no keys."""
        return _IN_BRACKETS.sub(lambda match: self.within(match[0]), reason)


def redact_verdicts(
    connection: Connection, source_id: str, redaction_of: Callable[[str | None], Redaction]
) -> int:
    """Take the identifiers out of verdicts' examples and out of reasons; returns how many rows changed.

    `redaction_of` gives what to look for in a wave, whose keys may be another wave's for other people.
    """
    found = connection.execute(
        text("""
            select results.result_id, results.example_keys, loads.wave_id
            from ops.validation_results as results
            inner join ops.loads as loads on results.load_id = loads.load_id
            where loads.source_id = :source_id and cardinality(results.example_keys) > 0
        """),
        {"source_id": source_id},
    )
    changed = 0
    for row in found.mappings().all():
        result_id, examples = row["result_id"], row["example_keys"]
        redaction = redaction_of(row["wave_id"])
        kept = [_example(redaction, example) for example in examples]
        if kept != examples:
            changed += connection.execute(
                text("update ops.validation_results set example_keys = :kept where result_id = :result_id"),
                {"kept": kept, "result_id": result_id},
            ).rowcount
    return changed + _redact_reasons(connection, source_id, redaction_of)


def _example(redaction: Redaction, example: str) -> str:
    is_cut_off = len(example) >= LONGEST_EXAMPLE and redaction.pattern is not None
    return FORGOTTEN if is_cut_off else redaction.within(example)


def _redact_reasons(
    connection: Connection, source_id: str, redaction_of: Callable[[str | None], Redaction]
) -> int:
    """Of loads, and of builds that were refused for a load: such a reason names the load's source."""
    changed = 0
    for table, number, column, wave, of_source in (
        ("loads", "load_id", "reason", "wave_id", "source_id = :source_id"),
        ("loads", "load_id", "later_refusal", "wave_id", "source_id = :source_id"),
        ("builds", "build_id", "reason", "null", "strpos(reason, :source_id) > 0"),
    ):
        stated = f"""
            select {number} as number, {column} as stated, {wave} as wave_id from ops.{table}
            where {column} is not null and {of_source}
        """  # noqa: S608 - own names
        restated = f"update ops.{table} set {column} = :kept where {number} = :number"  # noqa: S608 - own names
        for row in connection.execute(text(stated), {"source_id": source_id}).all():
            redaction = redaction_of(row.wave_id)
            kept = redaction.of_reason(row.stated)
            if kept != row.stated:
                changed += connection.execute(text(restated), {"kept": kept, "number": row.number}).rowcount
    return changed


def redact_configurations(
    connection: Connection, source_id: str, redaction_of: Callable[[str | None], Redaction]
) -> int:
    """Take rows about the respondent out of stored configurations, and mentions out of other rows."""
    found = connection.execute(
        text("""
            select config_hash, file, row_no, content from ops.configuration_rows
            where source_id = :source_id and file = any(:files)
        """),
        {"source_id": source_id, "files": list(NAMING_FILES)},
    )
    changed = 0
    for row in found.mappings().all():
        content: dict[str, Any] = row["content"]
        redaction = redaction_of(content.get("wave_id"))
        key = {"source_id": source_id} | {name: row[name] for name in ("config_hash", "file", "row_no")}
        if redaction.is_about(str(content.get("record_key") or "")):
            changed += connection.execute(_DELETE_ROW, key).rowcount
        elif redaction.is_in(str(content.get("reason") or "")):
            kept = content | {"reason": redaction.within(content["reason"])}
            changed += connection.execute(
                _CHANGE_ROW, key | {"content": orjson.dumps(kept).decode()}
            ).rowcount
    return changed
