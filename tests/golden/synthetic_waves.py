"""Writes the made-up answers that the golden numbers are computed from: survey_golden_input.csv.

    python -m tests.golden.synthetic_waves

Two synthetic waves: 40 of 150 invited answered the earlier and 44 of 160 the later one, some of them
both. Chance comes from random.Random.random() alone, which Python promises to keep.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Mapping, Sequence
from pathlib import Path

GOLDEN = Path(__file__).parent
INPUT = GOLDEN / "survey_golden_input.csv"
SEED = 20220322

FRAME = {"earlier": 150, "later": 160}
ANSWERED = {"earlier": 40, "later": 44}
SHARES: dict[str, dict[str, float]] = {
    "role": {"owner": 0.5, "would_be_owner": 0.25, "implementer": 0.25},
    "team_size": {"one": 0.35, "two_to_five": 0.4, "six_or_more": 0.25},
    "region": {"africa": 0.4, "asia": 0.35, "europe": 0.25},
    "challenge": {"financing": 0.5, "licensing": 0.2, "skills": 0.2, "demand": 0.1},
}


def drawn(chance: random.Random, shares: Mapping[str, float]) -> str:
    point, total = chance.random(), 0.0
    for value, share in shares.items():
        total += share
        if point < total:
            return value
    return value


def rows() -> Sequence[dict[str, str]]:
    """A row for each answer; respondents 1 to 20 of the earlier wave answered the later one too."""
    chance = random.Random(SEED)  # noqa: S311 - no secret
    found = []
    for wave, count in ANSWERED.items():
        for number in range(1, count + 1):
            row = {
                "wave": wave,
                "respondent": str(number if wave == "earlier" or number <= 20 else number + 40),
            }
            row |= {name: drawn(chance, shares) for name, shares in SHARES.items()}
            lean = 0.25 if row["role"] == "owner" else 0.0
            row["wants_experts"] = str(int(chance.random() < 0.45 + lean))
            row["wants_community"] = str(int(chance.random() < 0.6))
            row["in_base"] = str(int(chance.random() < 0.85))
            found.append(row)
    return found


def text() -> str:
    """The file's content."""
    written = io.StringIO()
    table = rows()
    writer = csv.DictWriter(written, fieldnames=list(table[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
    return written.getvalue()


if __name__ == "__main__":
    INPUT.write_text(text(), encoding="utf-8")
