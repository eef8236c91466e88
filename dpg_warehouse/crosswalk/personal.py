"""Which fields look like personal data by what they are called.

Three respondents may share a contact person or an interviewer, so that a closed list is no proof that it
holds no names. Where in doubt, a field is proposed as personal: a question that is missing names nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_MANY_WORDS = 5  # a longer text may mention an address without asking for one
_REACHED_AT = re.compile(
    r"""
    \be-?mails?\b | \bmail\s*address | \b(?:tele)?phones?\b | \bmobile\b | \bwhatsapp\b | \bcontacts?\b
    | \bip\s*addr | \bip\b | \baddress(?:es)?\b | \blinked\s?in\b | \btwitter\b | \bsignature\b
    | \bsurname\b | \busername\b | \blatitude\b | \blongitude\b | \bgps\b | \bdate\s+of\s+birth\b
    | \bdevice\s*id\b | \bcourriel\b | \btéléphone\b | \bteléfono\b | \bcorreo\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
_PERSON = (
    r"(?:interviewers?|enumerators?|surveyors?|data\s+(?:collector|clerk)s?|field\s*(?:worker|officer|agent)s?"
    r"|contacts?(?:\s+persons?)?|focal\s+(?:point|person)s?|supervisors?|facilitators?|moderators?|mentors?"
    r"|trainers?|coach|informants?|referees?|recruiters?|enquêt(?:eur|rice)s?|encuestador(?:es|as?)?"
    r"|entrevistador(?:es|as?)?"
    r"|(?:team|project|product|program(?:me)?|community)\s+(?:lead(?:er)?|manager|coordinator|owner|head)s?)"
)
_ASKS_WHO = re.compile(
    rf"""
    ^\W*(?:(?:the|your|our|main|primary|lead|name|of|responsible|assigned)\s+)*{_PERSON}
        (?:\s+(?:id|code|initials|no\.?|\#?\d+))*\W*$
    | \b(?:who|whom|which|initials|id|code)\b.*\b{_PERSON}\b
    | \bwho\s+(?:interviewed|referred|recruited|invited|filled|completed|conducted|collected|entered)\b
    | \b(?:interviewed|filled\s+(?:in|out)|completed|entered|collected|recorded|submitted)\s+by\b
    | ^\W*(?:(?:the|your|field|survey)\s+)*teams?\W*$
    | \b(?:which|what)\s+team\b(?!\s+(?:size|type|model|structure|role))
    | \bpréno\w+ | \bapellidos?\b | ^\W*n(?:oms?|ombres?|omes?)\W*$ | \bvotre\s+nom\b | \bsobrenome\b
    | \bn(?:om|ombre|ome)\s+(?:de\s+(?:la\s+|los\s+|las\s+)?|del\s+|d[aou]s?\s+|de\s+l['\u2019]|des\s+|du\s+)
        (?:{_PERSON}|personas?|pessoas?|responsables?|contacts?|contactos?)\b
    | \bnom\s+de\s+la\s+personne\b
    | ^\W*(?:(?:the|your|our|main)\s+)*(?:persons?|people)\s+(?:in\s+charge|responsible)\b
    | ^\W*(?:assigned|reported|reviewed|recruited)\s+(?:to|by)\W*$
    | ^\W*(?:(?:the|your|our|main|lead)\s+)*(?:reviewers?|maintainers?|managers?|founders?|responsables?)\W*$
    """,
    re.IGNORECASE | re.VERBOSE,
)
# As a noun; who is asked to "name up to three challenges" is not asked for a name.
_NAME = re.compile(
    r"\bnames?\b(?!\s+(?:up|the|your|one|two|three|four|five|a|an|any|all|some|at|other|further|its|their|\d))"
    r"|\binitials\b",
    re.IGNORECASE,
)
_THING = (
    r"(?:products?|program(?:me)?s?|projects?|tools?|software|apps?|applications?|platforms?|countr(?:y|ies)"
    r"|regions?|provinces?|districts?|licen[cs]es?|standards?|languages?|sectors?|domains?|brands?"
    r"|repositor(?:y|ies)|frameworks?|librar(?:y|ies)|services?|initiatives?|courses?|events?|datasets?"
    r"|databases?|files?|features?|goals?|challenges?|types?|categor(?:y|ies))"
)
_NO_PERSON = re.compile(
    rf"""
    \bnames?\s+of\s+(?:[\w-]+\s+){{0,3}}?{_THING}\b(?!\W+(?:owner|lead|manager|maintainer|contact|officer
        |coordinator|developer|founder|director|head|team|staff|member))
    | \b{_THING}(?:'s)?\s+names?\b
    | \b(?:contact|address|phone|mobile|e-?mail)\s+(?:method|channel|type|format|frequency|provider)s?\b
    | \bmobile\s+(?:apps?|applications?|money|devices?|platforms?|first)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
_YES_OR_NO = frozenset({"yes", "no", "true", "false", "y", "n"})


def is_personal_name(text: str) -> bool:
    """Whether a header or a question asks who somebody is or where they can be reached."""
    return asks_for_person(text) or _REACHED_AT.search(_words(text)) is not None


def asks_for_person(text: str) -> bool:
    """Whether a header or a question asks who somebody is, so that any answer to it may be a name."""
    said = _words(text)
    return any(pattern.search(said) for pattern in (_ASKS_WHO, _NAME))


def may_list_persons(texts: Iterable[str], answers: Iterable[str]) -> bool:
    """Whether answers that people chose from a list may name persons, by the texts above them.

    Answers that repeat these texts, and a yes or a no, name nobody.
    """
    above = tuple(texts)
    nobody = _YES_OR_NO | {text.casefold() for text in above}
    telling = [answer for answer in answers if answer.casefold() not in nobody]
    if not telling:
        return False
    if any(asks_for_person(text) for text in above):
        return len(telling) > 1 or not telling[0].isdigit()  # a number alone is the mark of an option
    short = [text for text in above if len(_words(text).split()) <= _MANY_WORDS]
    return any(is_personal_name(text) for text in short) and not all(a.isdigit() for a in telling)


def _words(text: str) -> str:
    """The text in words, without what is called by a name and is nobody: `contactEmail`, `product_name`."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).replace("_", " ").replace("/", " ")
    return _NO_PERSON.sub(" ", apart)
