"""The shape of `source.yml`. docs/add_a_source.md explains each entry for the person who writes it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from dpg_warehouse.records import FaultKind


def _number_as_text(value: object) -> object:
    """YAML reads an unquoted `2025` as a number."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Identifier = Annotated[
    str, BeforeValidator(_number_as_text), Field(pattern=r"^[a-z0-9][a-z0-9_]*$", max_length=60)
]


class Part(BaseModel):
    """A part of the file: unknown entries are errors, so that a typo never passes silently."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PersonalData(Part):
    """Field names, globs (`*_email`) or paths (`organizations[].contact_email`)."""

    drop: tuple[str, ...] = ()
    pseudonymise: tuple[str, ...] = ()

    def together_with(self, other: PersonalData) -> PersonalData:
        """The rules of both."""
        return PersonalData(
            drop=(*self.drop, *other.drop), pseudonymise=(*self.pseudonymise, *other.pseudonymise)
        )


class Frame(Part):
    """Who was invited: how many, and as of when the list was made."""

    count: Annotated[int, Field(gt=0)]
    as_of: date | None = None


class Feed(Part):
    """One series of pulls of a registry. The feed with the lowest precedence number wins a date."""

    feed: Identifier
    title: str
    precedence: int
    covers: dict[str, tuple[str, ...]]  # format generation -> the stages that it serves


class CompleteWhen(Part):
    """A response is complete when `field` has one of `values` (any value where none is named)."""

    field: str
    values: tuple[str, ...] = ()


SERVERS = {"kobotoolbox": "KoboToolbox", "odk_central": "ODK Central", "limesurvey": "LimeSurvey"}
# What these servers hand out was sent off by the respondent as a whole.
WHOLE_BY_NATURE = frozenset({"kobotoolbox", "odk_central"})
Aspect = Literal["frame", "mode", "season", "languages"]


class Wave(Part):
    """One wave of a survey."""

    wave_id: Identifier
    number: Annotated[int, Field(ge=1)]
    label: str
    connector: Identifier  # a kind that a module of dpg_warehouse/connectors declares
    location: str  # a file beside source.yml, an absolute path, or a form's name on its server
    connection: Identifier | None = None  # Airflow connection, or DPGW_CONN_<ID>
    opened_on: date
    closed_on: date | None = None  # None: still open, so its answers are not published
    exported_on: date | None = None  # the as_of date of an export file
    mode: str = "web"
    languages: tuple[str, ...] = ("en",)
    frame: Frame | None = None
    data_origin: Literal["collected", "synthetic"] | None = None
    respondent_key: str | None = None  # required for exports
    header_rows: Annotated[int, Field(ge=1, le=5)] = 1
    skip_rows: Annotated[int, Field(ge=0)] = 0  # banner lines above the header
    sheet: str | None = None
    delimiter: str = ","
    encoding: str = "utf-8-sig"
    field_pattern: str | None = None  # its first group names the field of a joined header
    submitted_at: str | None = None
    language_field: str | None = None
    complete_when: CompleteWhen | None = None
    link_field: str | None = None  # pseudonymised; names the respondent in every answer and wave
    changes: dict[Aspect, Annotated[str, Field(min_length=1)]] = {}  # since the wave before, in words
    ignore: tuple[str, ...] | Literal["*"] = ()
    personal_data: PersonalData = PersonalData()

    @model_validator(mode="after")
    def _is_consistent(self) -> Wave:
        if self.connector in SERVERS and not self.connection:
            raise ValueError(f"wave {self.wave_id}: a wave on {SERVERS[self.connector]} needs `connection`")
        if self.connector in ("delimited", "xlsx") and not self.respondent_key:
            raise ValueError(
                f"wave {self.wave_id}: an export needs `respondent_key`, the column that names a respondent"
            )
        if self.closed_on and self.closed_on < self.opened_on:
            raise ValueError(f"wave {self.wave_id}: closed_on is before opened_on")
        return self

    @property
    def submissions_are_whole(self) -> bool:
        """Whether a response never lacks its end because the respondent left."""
        return self.connector in WHOLE_BY_NATURE


class SourceFile(Part):
    """`source.yml`."""

    source_id: Identifier
    kind: Literal["registry", "survey"]
    title: str
    publisher: str
    licence: str
    homepage: str | None = None
    description: str = ""
    data_origin: Literal["collected", "synthetic"] = "collected"
    schedule: str | None = None  # cron or preset for the ingest DAG; None: triggered by hand
    owner: str = "data-engineering"
    eligible: str = ""  # survey: who may answer
    location: str | None = None  # registry: the default location
    connection: Identifier | None = None
    personal_data: PersonalData = PersonalData()
    tolerate: dict[FaultKind, Annotated[int, Field(ge=0)]] = {}
    feeds: tuple[Feed, ...] = ()
    waves: tuple[Wave, ...] = ()

    @model_validator(mode="after")
    def _is_consistent(self) -> SourceFile:
        if self.kind == "registry" and not (self.feeds and self.location):
            raise ValueError("a registry needs `location` and `feeds`")
        if self.kind == "survey" and not self.waves:
            raise ValueError("a survey needs `waves`")
        for name, values in {
            "wave_id": [w.wave_id for w in self.waves],
            "wave number": [str(w.number) for w in self.waves],
            "feed": [f.feed for f in self.feeds],
        }.items():
            twice = sorted({value for value in values if values.count(value) > 1})
            if twice:
                raise ValueError(f"{name} {', '.join(twice)} is there twice")
        return self
