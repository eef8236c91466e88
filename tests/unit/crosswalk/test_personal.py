"""Which headers and questions are taken for personal data, and which are not."""

from __future__ import annotations

import pytest

from dpg_warehouse.crosswalk.personal import asks_for_person, is_personal_name, may_list_persons

NAMES = ("Ada Example", "Bea Example", "Cy Example")


@pytest.mark.parametrize(
    "text",
    [
        "Name",
        "Your name",
        "What is your name?",
        "Please type your name",
        "Interviewer",
        "interviewer_name",
        "enumerator_id",
        "enumeratorCode",
        "Contact person",
        "Main contact",
        "Who is your contact at the network?",
        "Which interviewer did you talk to?",
        "Who interviewed you?",
        "Filled in by",
        "Team",
        "Which team interviewed you?",
        "Name of the product owner",
        "Product name and your name",
        "Name of organisation",
        "Data collector",
        "Nombre del encuestador",
        "Nombre de la persona",
        "Nombre",
        "Nom de la personne",
        "Nome da pessoa",
        "Person in charge",
        "Maintainer",
        "Assigned to",
        "Pr\N{LATIN SMALL LETTER E WITH ACUTE}nom",
        "Enqu\N{LATIN SMALL LETTER E WITH CIRCUMFLEX}teur",
    ],
)
def test_whoever_is_asked_for_is_protected_in_a_closed_list_too(text: str) -> None:
    assert asks_for_person(text)
    assert is_personal_name(text)
    assert may_list_persons((text,), NAMES)


@pytest.mark.parametrize(
    "text", ["Nombre de personnes", "Nombre de productos", "Number of maintainers", "People"]
)
def test_a_number_or_a_thing_asks_for_nobody(text: str) -> None:
    assert not asks_for_person(text)


@pytest.mark.parametrize("text", ["Phone", "What is your address?", "contact_email", "LinkedIn"])
def test_where_somebody_can_be_reached_is_protected(text: str) -> None:
    assert is_personal_name(text)
    assert may_list_persons((text,), ("12 Some Street", "13 Some Street"))


@pytest.mark.parametrize(
    "text",
    [
        "Name of your programme type",
        "Name of the product",
        "product_name",
        "Country name",
        "Name up to three challenges and begin with the greatest.",
        "Please name your greatest challenge",
        "Team size",
        "How large is your team?",
        "What team size do you have?",
        "Preferred contact method",
        "Which challenges does your product address in the first place?",
        "Does your organization have a formal policy governing the use of mobile devices?",
        "Which of these describes you best?",
        "Do you have a mobile app?",
    ],
)
def test_what_asks_for_nobody_keeps_its_answers(text: str) -> None:
    assert not may_list_persons((text,), ("One", "Another", "A third"))


def test_a_yes_and_what_the_header_says_name_nobody() -> None:
    assert not may_list_persons(("Do you have a contact person?",), ("Yes", "No"))
    assert not may_list_persons(("Whom would you ask?", "Interviewer"), ("Interviewer",))
    assert not may_list_persons(("Whom would you ask?", "Project manager"), ("2",))
    assert may_list_persons(("Interviewer",), ("1", "2", "3"))
    assert may_list_persons(("Interviewer",), ("Ada",))
