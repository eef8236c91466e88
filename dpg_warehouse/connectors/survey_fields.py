"""Which fields of a survey's response land: the declared ones, and of any other its name alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Literal

from dpg_warehouse.configuration import Source
from dpg_warehouse.connectors.gathering import Received
from dpg_warehouse.connectors.personal_data import Protection, mask_contacts
from dpg_warehouse.connectors.storable import first_unstorable
from dpg_warehouse.records import Fault, FaultKind, JsonObject, Record, UsageError

# What a spreadsheet writes where a formula failed: never an answer, in an export of it neither.
CELL_ERRORS = frozenset({"#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"})


@dataclass(frozen=True)
class FieldRules:
    """What a wave's configuration says of its fields."""

    declared: frozenset[str]
    ignore: tuple[str, ...] | Literal["*"]
    protection: Protection

    def is_landed(self, name: str) -> bool:
        """Whether a field's values are kept; a rule that drops it outweighs its declaration."""
        return name in self.declared and not self.protection.drops(name)

    def is_undeclared(self, name: str) -> bool:
        """Whether nobody has said yet what a field is."""
        named = name in self.declared or self.protection.drops(name) or self.protection.pseudonymises(name)
        return not named and not self._is_ignored(name)

    def field_faults(self, found: Iterable[str], offered: Iterable[str]) -> tuple[Fault, ...]:
        """Faults of fields: found but not declared, or declared but not offered by the source."""
        missing = {name for name in self.declared if not self.protection.drops(name)} - set(offered)
        undeclared = {name for name in found if self.is_undeclared(name)}
        # A name that holds an address or a number is a respondent's, put where a field's belongs.
        return tuple(
            [
                Fault(FaultKind.UNDECLARED_FIELD, detail=mask_contacts(name)[:200])
                for name in sorted(undeclared)
            ]
            + [Fault(FaultKind.MISSING_FIELD, detail=name) for name in sorted(missing)]
        )

    def _is_ignored(self, name: str) -> bool:
        if self.ignore == "*":
            return True
        names = {name, name.rsplit("/", 1)[-1]}
        return any(one == glob or fnmatchcase(one, glob) for glob in self.ignore for one in names)


def judge_response(
    position: int,
    payload: JsonObject,
    key_field: str,
    rules: FieldRules,
    *,
    key: str | None = None,
    name_of: Callable[[str], str] = str,
) -> Received | Fault:
    """A response's landed fields as a record, or what keeps them from being one.

    `payload` holds the landed fields under the names that the source gives them; `name_of` says under
    which they land. The key is the field `key_field`, or `key` where that field doesn't land.
    """
    unstorable = first_unstorable(payload | {key_field: key} if key else payload)
    if unstorable is not None:
        return Fault(FaultKind.UNSTORABLE, position, detail=unstorable)
    protected = rules.protection.apply(payload)
    key = key or protected.get(key_field)
    if key is not None and mask_contacts(key) != key:
        raise UsageError(
            f"The respondent key {key_field} holds e-mail addresses or phone numbers; "
            "name it under personal_data.pseudonymise in source.yml."
        )
    masked = {name_of(name): _named(mask_contacts(value), name_of) for name, value in protected.items()}
    if key is None:
        return Fault(FaultKind.NO_KEY, position, detail=f"without {key_field}", payload=masked)
    broken = sorted(name for name, value in masked.items() if isinstance(value, str) and value in CELL_ERRORS)
    if broken:
        return Fault(FaultKind.CELL_ERROR, position, key, f"a failed formula in {', '.join(broken)}", masked)
    return Received(position, Record(key, masked))


def landed_fields(source: Source, wave_id: str | None) -> tuple[str, ...] | None:
    """The fields of a wave that its configuration lets land; None for a registry, which lands whole."""
    if wave_id is None:
        return None
    rules = source.file.personal_data.together_with(source.wave(wave_id).personal_data)
    protection = Protection(drop=rules.drop)
    return tuple(sorted(name for name in source.declared_fields(wave_id) if not protection.drops(name)))


def _named(value: Any, name_of: Callable[[str], str]) -> Any:
    """A value whose fields have the names under which they land: those of a repeat's entries too."""
    if isinstance(value, list):
        return [_named(one, name_of) for one in value]
    if isinstance(value, dict):
        return {name_of(name): _named(inner, name_of) for name, inner in value.items()}
    return value
