"""The themes that a question may have: a misspelt one would leave it out of its mart in silence."""

from __future__ import annotations

# What the challenges of challenges.csv are about; a question may be about all of one theme.
CHALLENGE_THEMES = frozenset({"financing", "scaling", "technical", "legal", "people"})

# Themes that fill marts of their own.
TOPICAL_THEMES = frozenset(
    {
        "financing",
        "team_size",
        "support_need",  # on which subjects help is wanted
        "support_use",  # in which form
        "community_interest",
        "offering_value",
        "implementer_concern",
    }
)

# Themes of questions that stand in trend_answer_share alone; `challenge` leaves it to the options.
NEUTRAL_THEMES = frozenset({"respondent", "challenge", "comment", "product", "methods", "other"})

KNOWN_THEMES = CHALLENGE_THEMES | TOPICAL_THEMES | NEUTRAL_THEMES
