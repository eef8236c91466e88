"""Which questions an export's columns are taken for."""

from __future__ import annotations

from collections.abc import Sequence

from dpg_warehouse.crosswalk.codebooks import Codebook
from dpg_warehouse.crosswalk.columns import form_of_columns
from dpg_warehouse.forms import Column, Form, FormQuestion

NO_CODES = Codebook({})


def column(field: str, *parts: str, values: Sequence[str] = (), marks: int = 0, **more: bool) -> Column:
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
    assert (question.kind, question.layout) == ("rank", "column_per_option")


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
