"""What `sources/` says: one folder a source, YAML and CSV, no code."""

from dpg_warehouse.configuration.folder import ConfigurationError, find_source, read_sources
from dpg_warehouse.configuration.questionnaire import Option, Question, join_ranked_fields, ranked_fields
from dpg_warehouse.configuration.reserved import is_reserved_option
from dpg_warehouse.configuration.source import Source
from dpg_warehouse.configuration.source_file import Feed, PersonalData, SourceFile, Wave

__all__ = [
    "ConfigurationError",
    "Feed",
    "Option",
    "PersonalData",
    "Question",
    "Source",
    "SourceFile",
    "Wave",
    "find_source",
    "is_reserved_option",
    "join_ranked_fields",
    "ranked_fields",
    "read_sources",
]
