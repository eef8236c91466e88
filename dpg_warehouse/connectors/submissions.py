"""How a form's submissions become records: KoboToolbox's names for fields, whatever server sends them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dpg_warehouse.connectors.gathering import Received
from dpg_warehouse.connectors.kobotoolbox_forms import (
    fields_of,
    is_device_field,
    short_names,
    types_by_path,
)
from dpg_warehouse.connectors.survey_fields import FieldRules, judge_response
from dpg_warehouse.records import Fault, FaultKind, JsonObject, Record

VALIDATION = "_validation_status"
# What the server itself says of a submission, and lands whatever is declared.
LANDED_SYSTEM = ("_id", "_submission_time", "__version__", "_uuid")


@dataclass(frozen=True)
class Submissions:
    """How a wave's submissions are read: its rules, and what its form versions offer.

    The first of `key_fields` that a submission has is its key.
    """

    rules: FieldRules
    types: Mapping[str, frozenset[str]]
    short: frozenset[str]
    key_fields: Sequence[str]

    @classmethod
    def of(cls, forms: Sequence[Record], rules: FieldRules, key_fields: Sequence[str]) -> Submissions:
        """The reading of these form versions' submissions under these rules."""
        versions = [fields_of(form) for form in forms]
        return cls(rules, types_by_path(versions), short_names(rules.declared, versions), key_fields)

    def judge(self, position: int, item: Any) -> Received | Fault:
        """A submission as a record of its landed fields, or what keeps it from being one."""
        if not isinstance(item, dict):
            return Fault(FaultKind.NOT_AN_OBJECT, position, detail="an item of results")
        payload = {name: as_text(item[name]) for name in LANDED_SYSTEM if item.get(name) is not None}
        payload[VALIDATION] = _validation_uid(item.get(VALIDATION))
        payload |= self._landed(item)
        key = next((item[name] for name in self.key_fields if item.get(name)), None)
        return judge_response(
            position,
            payload,
            self.key_fields[0],
            self.rules,
            key=str(key) if key else None,
            name_of=self._declared_name,
        )

    def field_faults(self, items: Sequence[Any]) -> tuple[Fault, ...]:
        """The faults of fields over all submissions."""
        found = {path for item in items if isinstance(item, dict) for path in self._found(item)}
        offered = {self._declared_name(path) for path in self.types} | {*LANDED_SYSTEM, VALIDATION}
        return self.rules.field_faults(self._questions(found), offered)

    def _landed(self, item: JsonObject) -> JsonObject:
        """The declared answers of a submission, or of an entry of a repeat."""
        landed: JsonObject = {}
        for path, value in item.items():
            if value in (None, "") or path == VALIDATION:
                continue
            if self.rules.is_landed(self._declared_name(path)):
                landed[path] = as_text(value)
            elif entries := [kept for entry in self._entries(path, value) if (kept := self._landed(entry))]:
                landed[path] = entries
        return landed

    def _found(self, item: JsonObject) -> Iterator[str]:
        """The paths of a submission; for a repeat of which a field is declared, those of its entries."""
        for path, value in item.items():
            if self._is_declared(path) or not self._holds_declared(path, value):
                yield path
            for entry in self._entries(path, value) if self._holds_declared(path, value) else ():
                yield from self._found(entry)

    def _is_declared(self, path: str) -> bool:
        return self._declared_name(path) in self.rules.declared

    def _holds_declared(self, path: str, value: Any) -> bool:
        within = (one for one in self.types if one.startswith(f"{path}/"))
        return isinstance(value, list) and any(self._is_declared(one) for one in within)

    def _entries(self, path: str, value: Any) -> list[JsonObject]:
        """The entries of a repeat of the form; none of what the server itself lists."""
        is_repeat = path in self.types and isinstance(value, list)
        return [entry for entry in value if isinstance(entry, dict)] if is_repeat else []

    def _questions(self, found: set[str]) -> Iterator[str]:
        """The paths that are questions' answers, not the server's or the device's own."""
        for path in found:
            is_system = path not in self.types and path.startswith(("_", "meta/", "formhub/"))
            if not is_system and not is_device_field(self.types, path):
                yield self._declared_name(path)

    def _declared_name(self, path: str) -> str:
        """The name under which a path is declared: itself, or the question's name without its groups."""
        name = path.rsplit("/", 1)[-1]
        return name if name in self.short else path


def as_text(value: Any) -> Any:
    """A scalar as text; a repeat's list as it is."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else value


def _validation_uid(status: Any) -> str:
    """What a reviewer said of a submission, without the reviewer."""
    return str(status.get("uid", "")) if isinstance(status, dict) else ""
