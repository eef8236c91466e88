"""Which fields look like personal data by what they are called."""

from __future__ import annotations

import re

_PERSONAL = re.compile(
    r"""
    \be-?mails?\b | \bmail\s*address | \b(?:tele)?phones?\b | \bmobile\b | \bwhatsapp\b | \bcontacts?\b
    | \bip\s*addr | \bip\b | \baddress(?:es)?\b | \blinkedin\b | \btwitter\b | \bsignature\b
    | \b(?:first|last|full|given|family|middle|your|respondent'?s?|user)[\s_]*names?\b | ^names?$
    | \bname\b.*\b(?:organi[sz]ation|company|employer)\b | \b(?:organi[sz]ation|company|employer)\b.*\bname\b
    | \bsurname\b | \busername\b | \blatitude\b | \blongitude\b | \bgps\b | \bdate\s+of\s+birth\b
    | \bdevice\s*id\b
    """,
    re.IGNORECASE | re.VERBOSE,
)


def is_personal_name(text: str) -> bool:
    """Whether a header or a question asks who somebody is or where they can be reached."""
    return _PERSONAL.search(text) is not None
