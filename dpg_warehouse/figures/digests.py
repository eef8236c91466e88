"""What each respondent said, in digests by question and by group, and in which shown tables it counts."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from dpg_warehouse.disclosure.tables import ALL, UNKNOWN
from dpg_warehouse.figures.answers import Mask, WaveAnswers
from dpg_warehouse.figures.tables import Row, Rows

# Of each respondent: subject -> digest. A subject is the response itself, a question, or a way to part
# the respondents; who is not in a question's base, or has no known value, has no digest of it.
Digests = Mapping[str, Mapping[str, str]]
_RESPONSE = "response"
_NAMED = "named"
_SEGMENT = "segment "
# Of each respondent, too, the groups that their answers put them in.
_GROUPS = "groups"


class Group(NamedTuple):
    """Those of whom one thing is true; all three are digests, and `members` is of nothing but its members."""

    name: str
    fact: str
    members: str

    def __str__(self) -> str:
        """The group as one line."""
        return " ".join(self)


class _Answer(NamedTuple):
    """One thing that can be true of an answer, and of whom it is."""

    question_id: str
    option_id: str  # nothing where it is about the question as a whole
    fact: str
    mask: Mask

    def group(self, members: Iterable[str]) -> Group:
        """Those of whom it is true as a group."""
        name = name_digest(self.question_id, self.option_id)
        return Group(name, _digest(self.fact)[:16], _digest("\n".join(members))[:16])


@dataclass(frozen=True)
class Table:
    """One table that readers saw: a subject, for everybody or for a group, and how many were in it."""

    subject: str
    group_subject: str | None = None
    group: frozenset[str | None] = frozenset()  # digests of its values; None for those without one
    count: int = 0

    @property
    def is_of_segment(self) -> bool:
        """Whether its group is one of a segment kind."""
        return self.group_subject is not None and self.group_subject.startswith(_SEGMENT)

    def members(self, digests: Digests) -> set[str]:
        """The respondents who count in it."""
        return {
            respondent
            for respondent, of_subject in digests.items()
            if self.subject in of_subject
            and (self.group_subject is None or of_subject.get(self.group_subject) in self.group)
        }

    def as_json(self) -> list[Any]:
        """The table as what JSON can hold."""
        return [self.subject, self.group_subject, sorted(self.group, key=str), self.count]

    @classmethod
    def from_json(cls, document: list[Any]) -> Table:
        """The table that `as_json` wrote."""
        subject, group_subject, group, count = document
        return cls(subject, group_subject, frozenset(group), count)


def digests_of(wave: WaveAnswers) -> dict[str, dict[str, str]]:
    """The digests of every respondent of the wave: whatever a figure could depend on."""
    facts: dict[tuple[int, str], list[str]] = defaultdict(list)
    for n, known in enumerate(zip(wave.links, wave.complete, strict=True)):
        facts[n, _RESPONSE].append(repr(known))
    for subject, fact, mask in _parts(wave):
        for found in np.flatnonzero(mask):
            facts[int(found), subject].append(fact)
    groups: dict[str, list[str]] = defaultdict(list)
    for answer in _answers(wave):
        places = [int(place) for place in np.flatnonzero(answer.mask)]
        group = str(answer.group([wave.respondents[place] for place in places]))
        for place in places:
            facts[place, _question(answer.question_id)].append(answer.fact)
            groups[wave.respondents[place]].append(group)
    digests: dict[str, dict[str, str]] = {respondent: {} for respondent in wave.respondents}
    for (n, subject), of_one in facts.items():
        digests[wave.respondents[n]][subject] = _digest("\n".join(sorted(of_one)))
    for respondent, of_respondent in groups.items():
        digests[respondent][_GROUPS] = "\n".join(sorted(of_respondent))
    return digests


def groups_of(digests: Digests) -> set[Group]:
    """Every group of a wave that anybody is in."""
    lines = {line for of_one in digests.values() for line in of_one.get(_GROUPS, "").splitlines()}
    return {Group(*line.split()) for line in lines}


def name_digest(question_id: str, option_id: str) -> str:
    """What stands for an option, or for a question as a whole, in a group."""
    return _digest(f"{question_id} {option_id}")[:16]


def _answers(wave: WaveAnswers) -> Iterator[_Answer]:
    for question_id, base in wave.members.items():
        yield _Answer(question_id, "", "base", base)
    for key, mask in wave.chosen.items():
        base = wave.base_of(key.question_id)
        yield _Answer(key.question_id, key.option_id, f"choice {key.measure} {key.option_id}", mask & base)
    for (question_id, option_id), values in wave.values.items():
        base = wave.base_of(question_id)
        for value in np.unique(values[base & ~np.isnan(values)]):
            fact = f"value {option_id} {float(value)!r}"
            yield _Answer(question_id, option_id or "", fact, base & (values == value))


def _parts(wave: WaveAnswers) -> Iterator[tuple[str, str, Mask]]:
    """Subject and fact of the ways in which answers part the respondents, with whom it is true of."""
    crossing = {question.crossed_with for question in wave.questions}
    for key, mask in wave.chosen.items():
        if key.question_id in crossing and key.measure == "any_mention":
            yield _named(key.question_id, key.option_id), _NAMED, mask
    for segment in wave.segments:
        for code, value in enumerate(segment.values):
            yield _segment(segment.kind), value, segment.codes == code


def tables_shown(rows: Rows, digests: Digests) -> list[Table]:
    """The tables of which these rows show a count, with how many of the respondents are in each."""
    return [replace(table, count=len(table.members(digests))) for table in sorted(_tables(rows), key=repr)]


def _tables(rows: Rows) -> set[Table]:
    shown = {table_of_share(row) for row in rows["released_shares"] if row["base_count"] is not None}
    shown |= {table_of_need(row) for row in rows["released_needs"] if row["base_count"] is not None}
    shown |= {Table(_question(row["question_id"])) for row in rows["released_summaries"]}
    return shown | {
        _grouped(_RESPONSE, row["segment_kind"], [row["segment_value"]]) for row in rows["released_responses"]
    }


def table_of_share(row: Row) -> Table:
    """The table that a row of released_shares belongs to."""
    return _grouped(_question(row["question_id"]), row["segment_kind"], row["segment_parts"])


def table_of_need(row: Row) -> Table:
    """The table that a row of released_needs belongs to: those who named its challenge."""
    named = _named(row["challenge_question_id"], row["challenge_option_id"])
    return Table(_question(row["question_id"]), named, frozenset({_digest(_NAMED)}))


def _grouped(subject: str, segment_kind: str, parts: Iterable[str]) -> Table:
    if segment_kind == ALL:
        return Table(subject)
    group = frozenset(None if part == UNKNOWN else _digest(part) for part in parts)
    return Table(subject, _segment(segment_kind), group)


def _question(question_id: str) -> str:
    return f"question {question_id}"


def _segment(kind: str) -> str:
    return f"{_SEGMENT}{kind}"


def _named(question_id: str, option_id: str) -> str:
    return f"named {question_id} {option_id}"


def _digest(fact: str) -> str:
    return hashlib.sha256(fact.encode()).hexdigest()[:32]
