"""Drops, pseudonymises and masks personal data, before anything else sees a record."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

from dpg_warehouse.configuration import Source
from dpg_warehouse.records import JsonObject, UsageError

PSEUDONYM_PREFIX = "p_"
EMAIL_REMOVED = "[e-mail removed]"
PHONE_REMOVED = "[phone removed]"
HEADER_JOINT = " | "  # between the parts of a header of several rows

# The look-behind starts a match at a word's beginning only, which keeps long texts linear.
# `git@host` is how repositories are addressed, not a person.
_EMAIL = re.compile(r"(?<![\w.%+-])(?!git@)[\w.%+-]++@(?:[\w-]+\.)+[^\W\d_]{2,}")
# International form alone: anything looser takes years, versions and grant numbers for phones.
_PHONE = re.compile(r"(?<![\w/=])\+\d{1,3}[ .(-]*(?:\d[ .()-]{0,2}){7,12}\d(?!\d)")


@dataclass(frozen=True)
class Protection:
    """The personal-data rules of one pull: field names, globs (`*_email`) or paths.

    In a path, `[]` marks a list (`organizations[].contact_email`); it matches a single object too,
    so that a source which turns the one into the other doesn't leak. Names and globs hold at any
    depth, for the last part of a group path (`contact/email`), and for each part of a header of several
    rows (`Contact | Contact e-mail`).
    """

    drop: tuple[str, ...] = ()
    pseudonymise: tuple[str, ...] = ()
    key: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Refuse rules that need a key where there is none."""
        if self.pseudonymise and not self.key:
            raise UsageError(
                "The source declares fields to pseudonymise; set DPGW_PSEUDONYM_KEY to a long random text."
            )

    @classmethod
    def of(cls, source: Source, wave_id: str | None, key: str | None) -> Protection:
        """The rules of a source together with those of one of its waves."""
        rules = source.file.personal_data
        if wave_id is not None:
            rules = rules.together_with(source.wave(wave_id).personal_data)
        return cls(drop=rules.drop, pseudonymise=rules.pseudonymise, key=key)

    def drops(self, path: str) -> bool:
        """Whether the field at a path (keys joined by dots) is to be left out."""
        return _is_named(self.drop, path)

    def pseudonymises(self, path: str) -> bool:
        """Whether the field at a path is to be replaced by a pseudonym."""
        return _is_named(self.pseudonymise, path)

    def apply(self, payload: JsonObject) -> JsonObject:
        """The payload without what is to be dropped, and with pseudonyms where they are declared."""
        protected: JsonObject = self._within(payload, "")
        return protected

    def _within(self, value: Any, path: str) -> Any:
        if isinstance(value, dict):
            return {
                key: self._field(inner, f"{path}.{key}" if path else key)
                for key, inner in value.items()
                if not self.drops(f"{path}.{key}" if path else key)
            }
        if isinstance(value, list):
            return [self._within(inner, path) for inner in value]
        return value

    def _field(self, value: Any, path: str) -> Any:
        if self.key and self.pseudonymises(path):
            return _pseudonymise_within(value, self.key)
        return self._within(value, path)


def pseudonym(value: str, key: str) -> str:
    """A keyed, irreversible stand-in for a value (HMAC-SHA-256, 96 bits); the same for the same value."""
    digest = hmac.new(key.encode(), value.strip().encode(), hashlib.sha256).hexdigest()
    return PSEUDONYM_PREFIX + digest[:24]


def key_fingerprint(key: str) -> str:
    """A text that tells one pseudonym key from another and says nothing about either."""
    return hmac.new(key.encode(), b"dpg-warehouse: fingerprint of the key", hashlib.sha256).hexdigest()[:16]


def mask_emails(text: str) -> str:
    """The text with every e-mail address replaced."""
    return _EMAIL.sub(EMAIL_REMOVED, text) if "@" in text else text


def mask_contacts(value: Any) -> Any:
    """A JSON value with every e-mail address and international phone number in its texts replaced.

    Free text (a registry's complaint procedures, a survey's comments) names people's addresses in
    places that no rule can foresee.
    """
    if isinstance(value, str):
        masked = mask_emails(value)
        return _PHONE.sub(PHONE_REMOVED, masked) if "+" in masked else masked
    if isinstance(value, dict):
        return {key: mask_contacts(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [mask_contacts(inner) for inner in value]
    return value


def _pseudonymise_within(value: Any, key: str) -> Any:
    if isinstance(value, dict):
        return {name: _pseudonymise_within(inner, key) for name, inner in value.items()}
    if isinstance(value, list):
        return [_pseudonymise_within(inner, key) for inner in value]
    if value is None or not str(value).strip():
        return value
    return pseudonym(str(value), key)


@lru_cache(maxsize=20_000)
def _is_named(rules: tuple[str, ...], path: str) -> bool:
    name = path.rsplit(".", 1)[-1]
    names = {path, name, name.rsplit("/", 1)[-1], *path.split(HEADER_JOINT)}
    for rule in rules:
        if "[]" in rule:
            if fnmatchcase(path, rule.replace("[]", "")):
                return True
        elif rule in names or any(fnmatchcase(candidate, rule) for candidate in names):
            return True
    return False
