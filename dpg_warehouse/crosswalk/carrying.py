"""What comes along from the question that a drafted one resembles, where the new wave has what it names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dpg_warehouse.configuration.conditions import Condition
from dpg_warehouse.configuration.question_checks import CLOSED, CROSSED, NAMING
from dpg_warehouse.crosswalk.drafted import Drafted
from dpg_warehouse.crosswalk.relevance import shown_if


def carry_along(drafted: Sequence[Drafted]) -> None:
    """Fill in whom a question was asked of, when it was shown, its base and what it is crossed with.

    What names a question, an option or a role that the wave doesn't have is left out, with a note.
    """
    naming = {one.question_id for one in drafted if one.row["kind"] in NAMING}
    roles = {i for one in drafted if one.row["segment_kind"] == "role" for i in one.option_ids}
    for place, one in enumerate(drafted):
        _carry_base(one)
        _carry_crossing(one, naming)
        _carry_role(one, roles)
        _carry_skip_logic(one, drafted[:place])


def _carry_base(one: Drafted) -> None:
    base = one.match.earlier.question.base if one.match else None
    if base == "shown" and one.row["kind"] not in ("multiple", "rank"):
        one.note(f"base {base} was left out, as it is for kinds multiple and rank alone.")
    else:
        one.row["base"] = base or ""


def _carry_crossing(one: Drafted, naming: set[str]) -> None:
    other = one.match.earlier.question.crossed_with if one.match else None
    if other and one.row["kind"] in CROSSED and other in naming - {one.question_id}:
        one.row["crossed_with"] = other
    elif other:
        one.note(f"crossed_with {other} was left out, as this wave doesn't have both as choices.")


def _carry_role(one: Drafted, roles: set[str]) -> None:
    role = one.match.earlier.question.asked_of if one.match else "all"
    if role in roles and one.row["segment_kind"] != "role":
        one.row["asked_of"] = role
    elif role != "all":
        one.note(f"asked_of {role} was left out, as no question of this wave has that role as an option.")


def _carry_skip_logic(one: Drafted, above: Sequence[Drafted]) -> None:
    """The form's own condition, where it tells one; an export tells none, so that the last wave's holds."""
    before = one.match.earlier.question.shown_if if one.match else ""
    if one.question.relevant:
        known = {
            other.question.name or other.question.field: (other.question_id, _ids_by_code(other))
            for other in above
        }
        condition = shown_if(one.question.relevant, known)
        one.row["shown_if"] = condition or ""
        if condition is None:
            one.note(f"Shown if {one.question.relevant}")
    elif before and one.question.name:
        one.note(f"The wave before showed it if {before}; this form shows it to all.")
    elif before and one.match and _holds(one.match.earlier.question.conditions, above):
        one.row["shown_if"] = before
    elif before:
        one.note(f"shown_if {before} was left out, as no earlier question of this wave has these options.")


def _holds(conditions: Iterable[Condition], above: Sequence[Drafted]) -> bool:
    """Whether all that the conditions name stands above in this wave too."""
    offered = {one.question_id: {*one.option_ids} for one in above if one.row["kind"] in CLOSED}
    return all({*one.option_ids} <= offered.get(one.question_id, set()) for one in conditions)


def _ids_by_code(one: Drafted) -> dict[str, str]:
    return {
        option.code: option_id for option, option_id in zip(one.question.options, one.option_ids, strict=True)
    }
