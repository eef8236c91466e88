"""What of an XLSForm's skip logic becomes `shown_if`."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpg_warehouse.configuration.conditions import read_conditions
from dpg_warehouse.crosswalk.relevance import shown_if

KNOWN = {
    "role": ("role", {"1": "owner", "2": "implementer"}),
    "wants_help": ("wants_help", {"yes": "yes", "no": "no"}),
}


@pytest.mark.parametrize(
    ("relevant", "condition"),
    [
        ("${role} = '1'", "role = owner"),
        ("selected(${role}, '2')", "role = implementer"),
        ("selected(../role, '2')", "role = implementer"),
        ('${role} = "1" or ${role} = "2"', "role = owner or implementer"),
        ("(${role} = '1') and (selected(${wants_help}, 'yes'))", "role = owner and wants_help = yes"),
        (
            "((${role}='1' or ${role}='2') and ${wants_help}='yes')",
            "role = owner or implementer and wants_help = yes",
        ),
        ("${role} = '1' and ${role} = '1'", "role = owner"),
        ("${role} != '1'", None),
        ("not(selected(${role}, '1'))", None),
        ("${age} > 17", None),
        ("${role} = '1' or ${wants_help} = 'yes'", None),
        ("${role} = '3'", None),
        ("${unknown} = '1'", None),
        ("0", None),
    ],
)
def test_simple_conditions_are_translated_and_others_are_not(relevant: str, condition: str | None) -> None:
    assert shown_if(relevant, KNOWN) == condition
    if condition:
        assert read_conditions(condition)


@given(st.text(alphabet="()${}role='12 andor,", max_size=40))
def test_whatever_a_form_says_the_result_can_be_read(relevant: str) -> None:
    condition = shown_if(relevant, KNOWN)
    if condition:
        read_conditions(condition)
