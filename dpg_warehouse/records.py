"""The values that pass between the packages: a pull, its records and faults, a load, a verdict."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

JsonObject = dict[str, Any]


class WarehouseError(Exception):
    """An error whose message is one clear sentence for the person at the keyboard."""


class UsageError(WarehouseError):
    """What was asked for cannot be done as asked (exit code 2)."""


class PassingError(WarehouseError):
    """A server is busy, away for a moment or broke off: the one kind of failure that is worth a retry."""


class TransportError(WarehouseError):
    """A source could not be reached, refused us, or its answer stopped half way."""


class PassingTransportError(TransportError, PassingError):
    """A source is busy or broke off; `retry_after_s` is what it asked for."""

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        """Keep the server's wish beside the message."""
        super().__init__(message)
        self.retry_after_s = retry_after_s


class ShapeError(WarehouseError):
    """A source's answer has a shape that no known format generation has; trying again won't help.

    `difference` lists what was expected and what was found, a line each, without any values.
    """

    def __init__(self, message: str, difference: tuple[str, ...] = ()) -> None:
        """Keep the difference beside the message."""
        super().__init__(message)
        self.difference = difference


@dataclass(frozen=True)
class Credentials:
    """Where a source's server is and what it wants; neither shows in a repr.

    With a `login` (a user's name or e-mail address) the token is that user's password.
    """

    base_url: str
    token: str = field(repr=False)
    login: str | None = field(default=None, repr=False)


class LoadStatus(StrEnum):
    """The states of a load; docs/architecture.md draws the transitions."""

    OPENED = "opened"
    LANDED = "landed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    HELD = "held"
    FAILED = "failed"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class FaultKind(StrEnum):
    """What can be wrong with one received record or one declared field."""

    FRAGMENT = "fragment"  # a record without the fields that make it a record
    TEST_RECORD = "test_record"  # a record that its publisher marked as a test
    NO_KEY = "no_key"
    DUPLICATE_KEY = "duplicate_key"
    NOT_AN_OBJECT = "not_an_object"
    UNSTORABLE = "unstorable"  # NUL, a lone surrogate, NaN: Postgres cannot hold it
    CELL_ERROR = "cell_error"  # a spreadsheet's formula failed where an answer belongs
    UNDECLARED_FIELD = "undeclared_field"  # about a field: record_key is None, detail its name
    MISSING_FIELD = "missing_field"  # declared, but the source does not send it
    UNKNOWN_SHAPE = "unknown_shape"  # about the pull: detail is one line of the difference

    @property
    def is_about_record(self) -> bool:
        """Whether the fault takes one received record out of the load."""
        return self not in (FaultKind.UNDECLARED_FIELD, FaultKind.MISSING_FIELD, FaultKind.UNKNOWN_SHAPE)


@dataclass(frozen=True)
class PullRequest:
    """What is to be pulled: one source, at most one wave, as it stands on one date (UTC)."""

    source_id: str
    wave_id: str | None
    as_of: date | None  # None: today for a live location, the file's own date for a dated file
    location: str | None  # overrides the configured location
    force: bool = False


@dataclass(frozen=True)
class Record:
    """One keyed record without personal data: `payload` is all that will be stored of it."""

    key: str
    payload: JsonObject


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a received record or field.

    `position` counts received records from 1. `detail` names fields and never holds a value.
    `payload` is the faulty record without personal data, where Postgres can hold it.
    """

    kind: FaultKind
    position: int | None = None
    record_key: str | None = None
    detail: str = ""
    payload: JsonObject | None = None


@dataclass(frozen=True)
class Pull:
    """A complete set of keyed records as a source gave them on one date.

    `expected_count` is what the source states (None where it states nothing), `received_count`
    what arrived; every received record is in `records` or in `faults`.
    `format` is the generation of the source's format (`v1`, `v1_daily`, `v2`, `kobotoolbox_v2`, …).
    `forms` are the form versions that a survey server deployed, as landed documents.
    """

    feed: str
    as_of: date
    is_live: bool
    location: str  # for people to read: no credentials, no query string
    format: str
    data_origin: str  # collected | synthetic
    expected_count: int | None
    received_count: int
    records: tuple[Record, ...]
    faults: tuple[Fault, ...] = ()
    forms: tuple[Record, ...] = ()


@dataclass(frozen=True)
class Load:
    """One row of ops.loads."""

    load_id: int
    source_id: str
    feed: str | None
    wave_id: str | None
    as_of: date | None
    status: LoadStatus
    reason: str | None
    expected_count: int | None = None
    received_count: int | None = None
    tolerated_count: int | None = None
    new_payload_count: int | None = None
    forgotten_count: int = 0  # received records of respondents who were forgotten
    later_refusal: str | None = None  # why gate 1 refuses it since its source's files changed
    started_at: datetime | None = None
    finished_at: datetime | None = None
    newly_accepted: bool = False  # whether the step that returned this value accepted it


@dataclass(frozen=True)
class PullOutcome:
    """What became of one pull of several: a load, or the error that there is none for."""

    request: PullRequest
    load: Load | None = None
    error: WarehouseError | None = None


@dataclass(frozen=True)
class RuleResult:
    """The outcome of one rule. Counts and record keys only: a failing value never leaves the database."""

    rule: str
    asset: str
    expectation: str
    severity: str  # reject | warn
    success: bool
    column: str | None = None
    evaluated_count: int | None = None
    unexpected_count: int | None = None
    observed: float | None = None
    example_keys: tuple[str, ...] = ()
    description: str = ""


@dataclass(frozen=True)
class ModelResult:
    """What dbt said of one model or test."""

    unique_id: str
    resource_type: str  # model | test | unit_test | …
    status: str
    seconds: float
    schema: str | None = None
    rows_affected: int | None = None
    failures: int | None = None
    message: str | None = None


@dataclass(frozen=True)
class BuildOutcome:
    """What became of a build: `published`, `refused` with the reason, or `checked` (as of a date)."""

    build_id: int
    status: str
    reason: str | None
    row_counts: dict[str, int]
    duration_s: float
    models: tuple[ModelResult, ...] = ()
    notes: tuple[str, ...] = ()  # what a person should know although nothing is wrong


@dataclass(frozen=True)
class Verdict:
    """What a suite says of one load, or of the marts of one build."""

    suite: str
    suite_hash: str
    results: tuple[RuleResult, ...] = field(default=())

    @property
    def success(self) -> bool:
        """Whether no rule that rejects has failed."""
        return all(result.success or result.severity != "reject" for result in self.results)

    @property
    def failures(self) -> tuple[RuleResult, ...]:
        """The failed rules that reject, in the suite's order."""
        return tuple(r for r in self.results if not r.success and r.severity == "reject")
