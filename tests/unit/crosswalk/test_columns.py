"""Which questions an export's columns are taken for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from dpg_warehouse.configuration import ranked_fields
from dpg_warehouse.crosswalk.codebooks import Codebook
from dpg_warehouse.crosswalk.columns import form_of_columns
from dpg_warehouse.forms import Column, Form, FormQuestion

NO_CODES = Codebook({})


def column(field: str, *parts: str, values: Sequence[str] = (), marks: int = 0, **more: Any) -> Column:
    filled = max(marks.bit_count(), len(values), 1)
    return Column(field, parts or (field,), filled, tuple(values), marks=marks, **more)


def form_of(*columns: Column, codebook: Codebook = NO_CODES) -> Form:
    return form_of_columns(columns, codebook)


def only(form: Form) -> FormQuestion:
    (question,) = form.questions
    return question


def test_columns_of_which_nobody_marks_two_are_a_single_choice() -> None:
    question = only(
        form_of(
            column("q17 | Don't know", "q17", "How likely?", "Don't know", values=["0"], marks=0b001),
            column("q17 | Less", "q17", "How likely?", "Less", values=["1"], marks=0b010),
            column("q17 | More", "q17", "How likely?", "More", values=["2"], marks=0b100),
        )
    )
    assert (question.kind, question.layout, question.wording) == (
        "single",
        "column_per_option",
        "How likely?",
    )
    assert [(o.code, o.label, o.field) for o in question.options] == [
        ("0", "Don't know", "q17 | Don't know"),
        ("1", "Less", "q17 | Less"),
        ("2", "More", "q17 | More"),
    ]


def test_columns_of_which_somebody_marks_two_are_a_multiple_choice() -> None:
    question = only(
        form_of(
            column("Q1 01", "Q1 01\N{EM DASH}Which?", "Code", values=["Code"], marks=0b11),
            column("Q1 02", "Q1 02\N{EM DASH}Which?", "Text", values=["Text"], marks=0b10),
        )
    )
    assert (question.kind, question.wording) == ("multiple", "Which?")
    assert [option.code for option in question.options] == ["", ""]  # any text is a yes


def test_yes_and_no_in_an_options_column_leave_the_yes() -> None:
    question = only(
        form_of(
            column("topic_money", values=["1", "0"], marks=0b11),
            column("topic_law", values=["0", "1"], marks=0b01),
        )
    )
    assert [(o.field, o.code) for o in question.options] == [("topic_money", "1"), ("topic_law", "1")]


def test_a_column_for_each_row_and_option_is_a_matrix() -> None:
    parts = ("q8", "Is there a policy? (one per row)")
    form = form_of(
        column("a", *parts, "Using code - Yes", values=["1"], marks=0b01),
        column("b", *parts, "Using code - No", values=["2"], marks=0b10),
        column("c", *parts, "Open - source - Yes", values=["1"], marks=0b01),
        column("d", *parts, "Open - source - No", values=["2"], marks=0b10),
        Column("e", (*parts, "What else?"), 0),
    )
    assert [(q.wording, q.part_of, q.kind, len(q.options)) for q in form.questions] == [
        ("Using code", "Is there a policy? (one per row)", "single", 2),
        ("Open - source", "Is there a policy? (one per row)", "single", 2),
    ]


def test_columns_with_several_values_are_rows_of_a_matrix() -> None:
    form = form_of(
        column("Q4_1", "Q4_1", "How often?", "Write code", values=["1", "2"]),
        column("Q4_2", "Q4_2", "How often?", "Read code", values=["2", "1"]),
        codebook=Codebook({"4": {"1": "Never", "2": "Often"}}),
    )
    assert [(q.field, q.wording, q.part_of) for q in form.questions] == [
        ("Q4_1", "Write code", "How often?"),
        ("Q4_2", "Read code", "How often?"),
    ]
    assert [option.label for option in form.questions[1].options] == ["Never", "Often"]


def test_columns_of_places_are_one_rank() -> None:
    question = only(
        form_of(
            column("c1", "Greatest challenges", "First", values=["money", "law"]),
            column("c2", "Greatest challenges", "Second", values=["law", "people"]),
        )
    )
    assert (question.kind, question.layout, question.field) == ("rank", "column_per_rank", "c1|c2")
    assert [option.code for option in question.options] == ["money", "law", "people"]


def test_a_place_beside_each_option_is_a_rank_too() -> None:
    question = only(
        form_of(
            column("r1", "Please rank these", "Money", values=["1", "2"]),
            column("r2", "Please rank these", "Law", values=["2", "1"]),
        )
    )
    assert (question.kind, question.layout, question.note) == ("rank", "column_per_option", "")


def test_a_rank_of_which_nobody_used_the_last_places_says_what_place_count_may_be() -> None:
    columns = (
        column(f"r{n}", "Please rank your top two", label, values=["1", "2"])
        for n, label in enumerate(("Money", "Law", "Time"))
    )
    question = only(form_of(*columns))
    assert question.kind == "rank"
    assert question.note.endswith("if no more were asked for, place_count is 2.")


def test_codes_joined_by_blanks_are_a_multiple_choice() -> None:
    question = only(form_of(column("topics", values=["money", "law"], is_listed=True)))
    assert (question.kind, question.layout) == ("multiple", "space_separated")


def test_numbers_are_codes_where_a_codebook_says_so() -> None:
    columns = column("Q14", "Q14", "How likely?", "Response", values=["2", "1"], is_number=True)
    told = only(form_of(columns, codebook=Codebook({"14": {"1": "More", "2": "Less", "3": "Don't know"}})))
    assert [(o.code, o.label) for o in told.options] == [("1", "More"), ("2", "Less"), ("3", "Don't know")]
    assert "codebook" in only(form_of(columns)).note


def test_a_count_is_a_number() -> None:
    assert only(form_of(column("How many people?", values=["1", "2"], is_number=True))).kind == "number"
    assert only(form_of(column("Budget", is_number=True))).kind == "number"


def test_words_beside_a_question_are_no_question() -> None:
    form = form_of(
        column("Q10", "Q10", "Where is it?", "Response", values=["1", "2"]),
        column("Q10_other", "Q10_other", "Where is it?", "Other (please specify)"),
    )
    assert only(form).field == "Q10"
    assert list(form.other_fields) == ["Q10_other"]


def test_what_looks_personal_is_proposed_under_drop_and_asks_nothing() -> None:
    form = form_of(
        column("IP Address"),
        column("Your name"),
        column("Where can we write to?", is_personal=True),
        column("Name of the product", values=["A", "B"]),
    )
    assert form.personal_fields == ("IP Address", "Your name", "Where can we write to?")
    assert only(form).field == "Name of the product"


def test_columns_of_the_tool_itself_ask_nothing() -> None:
    form = form_of(
        column("Respondent ID", is_unique=True),
        column("Start Date"),
        column("Language | language", "Language", "language", values=["en", "fr"]),
    )
    assert form.questions == ()
    assert form.key_fields == ("Respondent ID",)
    assert set(form.other_fields) == {"Respondent ID", "Start Date", "Language | language"}


def test_values_too_few_gave_are_counted_for_the_reader() -> None:
    shown = Column("Region", ("Region",), 9, ("Africa", "Asia"), left_out_count=2)
    assert only(form_of(shown)).note == "Not shown: 2 values that fewer than three respondents gave."


def test_a_row_of_codes_above_a_row_of_questions_asks_nothing_itself() -> None:
    form = form_of(
        column("Q1", "Q1", "How will funding develop?", values=["1", "2"], is_number=True),
        column("Q2", "Q2", "What holds you back?", values=["More money", "People"]),
    )
    assert [(q.field, q.wording) for q in form.questions] == [
        ("Q1", "How will funding develop?"),
        ("Q2", "What holds you back?"),
    ]


def test_names_that_several_respondents_share_are_not_drafted() -> None:
    names = ["Ada Example", "Bea Example", "Cy Example"]
    form = form_of(
        column("Interviewer", values=names),
        column("x | Contact person", "About you", "Contact person", values=names),
        column(
            "Whom would you ask? | Interviewer", "Whom would you ask?", "Interviewer", values=["Interviewer"]
        ),
    )
    assert form.personal_fields == ("Interviewer", "x | Contact person")
    assert only(form).wording == "Whom would you ask?"
    assert "Example" not in repr(form)


def places(*texts: str, values: Sequence[str] = ("money", "law"), **more: Any) -> list[Column]:
    """Two or three columns that each hold one of the same values."""
    return [column(text, *text.split(" | "), values=values, **more) for text in texts]


@pytest.mark.parametrize(
    "texts",
    [
        ("Challenges | First choice", "Challenges | Second choice", "Challenges | Third choice"),
        ("Q9_1 | Which challenges? | 1st", "Q9_2 | Which challenges? | 2nd"),
        ("Challenges | Most important", "Challenges | Second most important"),
        ("Challenges [First choice]", "Challenges [Second choice]"),
        ("First challenge", "Second challenge"),
        ("Which challenges? | 1", "Which challenges? | 2"),
        ("challenge_1", "challenge_2"),
    ],
)
def test_places_are_told_by_a_header_of_any_number_of_rows(texts: tuple[str, ...]) -> None:
    question = only(form_of(*places(*texts)))
    assert (question.kind, question.layout) == ("rank", "column_per_rank")
    assert ranked_fields(question.field) == texts


def test_places_stand_in_their_order_whatever_the_order_of_columns() -> None:
    question = only(form_of(*places("C | Second", "C | First")))
    assert ranked_fields(question.field) == ("C | First", "C | Second")


def test_numbered_columns_that_say_one_thing_twice_are_no_places() -> None:
    form = form_of(
        *places("visit_1", "visit_2", values=("yes please", "rather not"), rows_of={"rather not": 1})
    )
    assert [question.kind for question in form.questions] == ["single", "single"]


def ranks(*rows: Sequence[int], text: str = "What holds you back?") -> list[Column]:
    """Columns of options that hold numbers, a row each response."""
    found = []
    for option, numbers in zip(("Money", "Law", "People"), zip(*rows, strict=True), strict=True):
        values = list(dict.fromkeys(map(str, numbers)))
        rows_of = {v: sum(1 << n for n, one in enumerate(numbers) if str(one) == v) for v in values}
        marks = (1 << len(numbers)) - 1
        found.append(column(option, text, option, values=values, marks=marks, rows_of=rows_of))
    return found


def test_numbers_that_no_response_repeats_are_places_even_if_nobody_says_rank() -> None:
    question = only(form_of(*ranks(*[(1, 2, 3), (3, 1, 2)] * 5)))
    assert (question.kind, question.layout) == ("rank", "column_per_option")
    assert "places of a rank" in question.note


def test_a_rank_with_ties_is_drafted_as_a_matrix_and_says_so() -> None:
    form = form_of(*ranks(*[(1, 2, 3), (1, 1, 2)] * 5, text="Please rank these"))
    assert [question.kind for question in form.questions] == ["single"] * 3
    assert all("one place twice" in question.note for question in form.questions)


def test_rows_of_a_matrix_show_each_others_steps_and_other_answers_stand_alone() -> None:
    form = form_of(
        column("a", "How often?", "Write code", values=["Often", "Never"]),
        column("b", "How often?", "Read code", values=["Sometimes", "Never"]),
        column("c", "How often?", "Sleep", values=["Well", "Badly"]),
    )
    write, read, sleep = form.questions
    assert (
        {o.code for o in write.options} == {o.code for o in read.options} == {"Often", "Never", "Sometimes"}
    )
    assert (write.part_of, read.part_of, sleep.part_of) == ("How often?", "How often?", "")
    assert sleep.wording == "How often? Sleep"


def test_a_grid_under_one_header_row_is_a_matrix() -> None:
    form = form_of(
        column("How often? [Write code]", values=["Often", "Never"]),
        column("How often? [Read code]", values=["Never", "Often"]),
    )
    assert [(q.wording, q.part_of) for q in form.questions] == [
        ("Write code", "How often?"),
        ("Read code", "How often?"),
    ]


def test_a_row_and_an_option_may_each_have_a_header_row() -> None:
    form = form_of(
        *(
            column(f"{row}{step}", "How often do you?", row, step, values=[step], marks=marks)
            for row in ("Write", "Read")
            for step, marks in (("Never", 0b01), ("Often", 0b10))
        )
    )
    assert [(q.wording, q.part_of, q.kind) for q in form.questions] == [
        ("Write", "How often do you?", "single"),
        ("Read", "How often do you?", "single"),
    ]
    assert [(o.label, o.code) for o in form.questions[0].options] == [("Never", ""), ("Often", "")]


def test_a_text_beside_options_stands_for_the_option_other() -> None:
    parts = ("Which apply?",)
    marked = [column(o, *parts, o, values=[o], marks=0b11) for o in ("Money", "Law")]
    form = form_of(*marked, column("o", *parts, "Other (please specify)", marks=0b10))
    assert [(o.field, o.code) for o in only(form).options] == [("Money", ""), ("Law", ""), ("o", "")]
    assert "o counts as chosen, and lands" in only(form).note
    beside = form_of(
        *marked,
        column("Other", *parts, "Other", values=["Other"], marks=0b10),
        column("o", *parts, "Other - text"),
    )
    assert [option.field for option in only(beside).options] == ["Money", "Law", "Other"]
    assert list(beside.other_fields) == ["o"]


def test_an_unused_text_beside_a_single_choice_is_no_row_of_a_matrix() -> None:
    form = form_of(
        column("r", "What holds you back?", "Response", values=["Money", "Law"], marks=0b011),
        column("o", "What holds you back?", "Other (please specify)", marks=0b100),
    )
    assert (only(form).field, only(form).wording, only(form).part_of) == ("r", "What holds you back?", "")
    assert "answered in o alone" in only(form).note


@pytest.mark.parametrize(
    "header",
    ["Do you work full time?", "What is the status of your product?", "When will you start a programme?"],
)
def test_a_question_that_mentions_the_time_is_one(header: str) -> None:
    assert only(form_of(column(header, values=["a", "b"]))).wording == header


@pytest.mark.parametrize(
    ("values", "order"),
    [
        (["10", "9", "1"], ["1", "9", "10"]),
        (["11-50", "2-4", "1", "5-10"], ["1", "2-4", "5-10", "11-50"]),
        (
            ["More than 1,000", "Under 10", "Don't know", "10-999"],
            ["Under 10", "10-999", "More than 1,000", "Don't know"],
        ),
        (["10 or more", "10", "0"], ["0", "10", "10 or more"]),
        (["money", "law"], ["money", "law"]),
    ],
)
def test_numbers_and_bands_rise(values: list[str], order: list[str]) -> None:
    question = only(form_of(column("How large is it?", values=values)))
    assert [option.label for option in question.options] == order
    assert question.is_in_order is (values != order)


def test_options_stand_as_the_codebook_lists_them() -> None:
    book = Codebook({"7": {"2": "More", "1": "Less", "0": "Don't know"}})
    question = only(
        form_of(column("Q7", "Q7", "How likely?", "Response", values=["0", "1", "9"]), codebook=book)
    )
    assert [option.code for option in question.options] == ["2", "1", "0", "9"]


def test_what_is_called_by_its_cells_alone_takes_its_label_from_them() -> None:
    form = form_of(
        *(
            column(f"Q1 0{n}", f"Q1 0{n}\N{EM DASH}Where is it?", values=[text], marks=1 << n)
            for n, text in enumerate(("In the cloud", "At home"))
        )
    )
    assert [(o.label, o.code) for o in only(form).options] == [("In the cloud", ""), ("At home", "")]


def test_names_beside_a_personal_column_are_not_shown() -> None:
    form = form_of(
        column("a", "About the visit", "Interviewer", values=["Ada Example", "Bea Example"]),
        column("b", "About the visit", "Greeted by", values=["Ada Example", "Nobody"]),
    )
    assert form.personal_fields == ("a",)
    assert "Example" not in repr(form)
