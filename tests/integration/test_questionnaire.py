"""Every kind and layout of a question, from its source to who is counted, against counts by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from dpg_warehouse import pipeline
from dpg_warehouse.configuration import find_source
from dpg_warehouse.database import Role, engine
from dpg_warehouse.records import Credentials, Load, LoadStatus, PullRequest
from dpg_warehouse.settings import Settings
from sample_data.kobo_server import Bodies, KoboServer
from tests.queries import rows
from tests.questionnaires import (
    IN_COLUMNS,
    KINDS,
    OPTIONS,
    SURVEY,
    Respondent,
    choices_by_hand,
    export_of,
    first_wave,
    members_by_hand,
    values_by_hand,
    write_files,
)
from tests.servers_postgres import EMBEDDED, Servers

Json = dict[str, Any]
TOKEN = "a-token"  # noqa: S105 (a test's own)
PLANTED = "planted words of a respondent"
MODELS = (
    ("staging", "stg_survey__answers"),
    ("intermediate", "int_questions_shown"),
    ("intermediate", "int_answers_counted"),
    ("intermediate", "int_question_members"),
    ("intermediate", "int_choices"),
    ("intermediate", "int_question_populations"),
    ("intermediate", "int_option_cells"),
    ("intermediate", "int_answer_values"),
)
SURVEY_ROWS = [
    *({"type": "begin_group", "name": "about"}, {"type": "text", "name": "role"}, {"type": "end_group"}),
    {"type": "begin_repeat", "name": "products"},
    *({"type": "text", "name": name} for name in ("type", "licence", "users", "story")),
    *({"type": "begin_repeat", "name": "parts"}, {"type": "text", "name": "name"}, {"type": "end_repeat"}),
    {"type": "end_repeat"},
]


def second_wave() -> Json:
    return {
        "wave_id": "w2",
        "number": 2,
        "label": "Second wave",
        "connector": "kobotoolbox",
        "connection": "kobo_demo",
        "location": "aTinyAsset",
        "opened_on": date(2025, 1, 1),
        "closed_on": date(2025, 2, 1),
    }


def submission(number: int, *products: Json) -> Json:
    return {
        "_id": number,
        "about/role": "owner1",
        "products": [{f"products/{name}": value for name, value in one.items()} for one in products],
        "__version__": "vFirst",
        "meta/rootUuid": f"uuid:{number}",
        "_uuid": f"saving-{number}",
        "_submission_time": "2025-01-02T00:00:00",
        "_validation_status": {},
    }


def parts(*names: str) -> list[Json]:
    return [{"products/parts/name": f"{name}1"} for name in names]


SUBMISSIONS = [
    submission(1, {"type": "software1", "parts": parts("core", "plugin")}, {"type": "data1", "users": "5"}),
    submission(2, {"type": "software1", "licence": "mit1"}, {"type": "software1", "licence": "mit1"}),
    submission(3, {"type": "data1", "story": PLANTED}, {"parts": parts("core")}),
    submission(4),
]


def pull(settings: Settings, wave_id: str, content: str | list[Json]) -> Load:
    """One pull of a wave: of an export's text, or of what a server tells."""
    source = find_source(settings.source_roots, SURVEY)
    request = PullRequest(SURVEY, wave_id, None, None)
    if isinstance(content, str):
        (source.folder / "w1.csv").write_text(content, encoding="utf-8")
        return pipeline.ingest(settings, source, request)
    form = {"survey": SURVEY_ROWS, "choices": [], "translations": [None], "settings": {}}
    versions = [{"uid": "vFirst", "date_deployed": "2025-01-01T00:00:00Z", "content": form}]
    bodies = Bodies({"uid": "aTinyAsset", "has_deployment": True}, versions, content)
    with KoboServer(bodies, TOKEN) as server:
        return pipeline.ingest(settings, source, request, Credentials(server.url, TOKEN))


def respondents() -> list[Respondent]:
    """A dozen complete ones, one who left, and one who answers what was not shown."""
    usual = {
        "role": ["owner"],
        "first": ["law"],
        "help": ["law", "other"],
        "topics": ["code", "law"],
        "obstacles": ["money", "income"],
        "order": ["code", "law"],
        "places": ["money", "code"],
        "best": ["law", "code"],
        "ranks": ["law", "people", "code", "money"],
        "pool": ["much"],
        "community": ["unknown"],
        "often_law": ["often"],
        "often_code": ["never"],
        "team": ["7"],
        "why_law": ["cost"],
        "why_not": ["time"],
        "last": ["yes"],
    }
    other = usual | {"role": ["implementer"], "concerns": ["trust"], "topics": ["none"], "best": ["code"]}
    del other["why_not"]
    left = {"role": ["owner"], "first": ["code"], "obstacles": ["licences"]}
    blank = {"role": ["owner"], "why_law": ["cost"], "last": ["no"], "comment": [PLANTED]}
    people = [Respondent(f"r{n}", True, usual if n % 2 else other) for n in range(12)]
    return [*people, Respondent("r12", False, left), Respondent("r13", True, blank)]


@dataclass(frozen=True)
class Questionnaire:
    """A publish of both waves, and the loads that it was made from."""

    settings: Settings
    loads: dict[str, Load]


@pytest.fixture(scope="module")
def published(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Questionnaire]:
    folder = tmp_path_factory.mktemp("questionnaire")
    with servers.clean_database(EMBEDDED, folder / "home") as own:
        write_files(folder / "roots" / SURVEY, [first_wave(), second_wave()])
        settings = replace(own, source_roots=(*own.source_roots[:1], folder / "roots"))
        loads = {
            "w1": pull(settings, "w1", export_of(respondents())),
            "w2": pull(settings, "w2", SUBMISSIONS),
        }
        for load in loads.values():
            assert load.status is LoadStatus.ACCEPTED, load.reason
        outcome = pipeline.build(settings)
        assert outcome.status == "published", outcome.reason
        yield Questionnaire(settings, loads)


def members_of(connection: Connection) -> dict[str, set[str]]:
    members: dict[str, set[str]] = {question: set() for question, kind in KINDS.items() if kind != "text"}
    found = connection.execute(
        text("select question_id, response_id from intermediate.int_question_members where wave_id = 'w1'")
    )
    for row in found:
        members[row[0]].add(row[1])
    return members


def choices_of(connection: Connection) -> dict[tuple[str, str, str], set[str]]:
    choices: dict[tuple[str, str, str], set[str]] = {}
    found = connection.execute(
        text("""
            select question_id, measure, option_id, response_id
            from intermediate.int_choices where wave_id = 'w1'
        """)
    )
    for row in found:
        choices.setdefault((row[0], row[1], row[2]), set()).add(row[3])
    return choices


def values_of(connection: Connection) -> set[tuple[str, str | None, str, float]]:
    found = connection.execute(
        text("""
            select question_id, option_id, response_id, value
            from intermediate.int_answer_values where wave_id = 'w1'
        """)
    )
    return {(row[0], row[1], row[2], row[3]) for row in found}


def test_every_layout_counts_as_by_hand(published: Questionnaire) -> None:
    with engine(published.settings, Role.TRANSFORMER).connect() as connection:
        assert members_of(connection) == members_by_hand(respondents())
        assert choices_of(connection) == choices_by_hand(respondents())
        assert values_of(connection) == values_by_hand(respondents())


def test_whoever_leaves_half_way_was_not_shown_the_rest(published: Questionnaire) -> None:
    with engine(published.settings, Role.TRANSFORMER).connect() as connection:
        members = members_of(connection)
    assert "r12" in members["help"]  # before the last question that they answered
    assert "r12" not in members["found"]


def test_what_was_not_shown_does_not_count_and_is_warned_of(published: Questionnaire) -> None:
    load = published.loads["w1"]
    warned = rows(
        published.settings,
        """
        select rule, example_keys from ops.validation_results
        where load_id = :load_id and is_latest and not success order by rule
        """,
        load_id=load.load_id,
    )
    assert warned == [("answered_only_where_shown", ["r13 in why_law"])]
    with engine(published.settings, Role.TRANSFORMER).connect() as connection:
        assert "r13" not in members_of(connection)["why_law"]


def test_text_that_nobody_coded_leaves_its_writer_out(published: Questionnaire) -> None:
    with engine(published.settings, Role.TRANSFORMER).connect() as connection:
        found = members_of(connection)["found"]
    assert "r13" not in found
    assert {"r0", "r1", "r2"} <= found


def test_options_of_one_challenge_are_united_and_labelled(published: Questionnaire) -> None:
    with engine(published.settings, Role.TRANSFORMER).connect() as connection:
        choices = choices_of(connection)
    measure = "any_mention"
    either = choices["obstacles", measure, "money"] | choices["obstacles", measure, "income"]
    assert choices["obstacles", measure, "challenge_financing"] == either
    assert rows(
        published.settings,
        """
        select option_id, option_label, challenge_id from marts.dim_option
        where survey_id = 'layouts' and question_id = 'obstacles' and starts_with(option_id, 'challenge_')
        """,
        Role.BI_READER,
    ) == [("challenge_financing", "Financing (any of its options)", "financing")]


def test_borda_is_of_the_places_that_were_asked_for(published: Questionnaire) -> None:
    """Of two places among four options: six put law first and code second, six code first and no other."""
    found = rows(
        published.settings,
        """
        select option_id, value, step_count, rule like 'mean points: of 2 places%'
        from marts.trend_scale_summary where question_id = 'best' and statistic = 'borda' order by option_id
        """,
        Role.BI_READER,
    )
    assert found == [
        ("code", 0.75, 4, True),
        ("law", 0.5, 4, True),
        ("money", 0, 4, True),
        ("people", 0, 4, True),
    ]


def test_two_places_have_no_first_three(published: Questionnaire) -> None:
    measures = """
        select question_id, array_agg(distinct measure order by measure) from marts.trend_answer_share
        where question_id in ('best', 'places') and wave_id = 'w1' group by 1 order by 1
    """
    assert rows(published.settings, measures, Role.BI_READER) == [
        ("best", ["any_mention", "first_choice"]),
        ("places", ["any_mention", "first_choice", "top3"]),
    ]


def test_the_population_is_the_list_or_the_segment_that_was_asked(published: Questionnaire) -> None:
    found = rows(
        published.settings,
        """
        select distinct question_id, population_count from intermediate.int_option_cells
        where wave_id = 'w1' and question_id in ('role', 'concerns', 'why_law', 'why_not')
        order by question_id
        """,
        Role.TRANSFORMER,
    )
    assert found == [("concerns", 20), ("role", 60), ("why_law", None), ("why_not", None)]


def test_labels_are_there_in_each_language(published: Questionnaire) -> None:
    wordings = """
        select language, wording, base from marts.dim_question_wave
        where wave_id = 'w1' and question_id = 'role' order by language
    """
    assert rows(published.settings, wordings, Role.BI_READER) == [
        ("en", "Who are you?", "answered"),
        ("fr", "Qui êtes-vous ?", "answered"),
    ]
    labels = """
        select question_id, language, option_label from marts.dim_option_wave
        where option_id = 'much' order by question_id, language
    """
    assert rows(published.settings, labels, Role.BI_READER) == [
        ("community", "en", "Much"),
        ("community", "fr", "Beaucoup"),
        ("pool", "en", "Much"),
        ("pool", "fr", "Beaucoup"),
    ]


def test_any_instance_of_a_repeat_counts_once(published: Questionnaire) -> None:
    found = rows(
        published.settings,
        """
        select question_id, option_id, array_agg(response_id order by response_id)
        from intermediate.int_choices
        where wave_id = 'w2' and question_id <> 'role' group by 1, 2 order by 1, 2
        """,
        Role.TRANSFORMER,
    )
    assert found == [
        ("licence", "mit", ["uuid:2"]),
        ("parts", "core", ["uuid:1", "uuid:3"]),
        ("parts", "plugin", ["uuid:1"]),
        ("types", "data", ["uuid:1", "uuid:3"]),
        ("types", "software", ["uuid:1", "uuid:2"]),
    ]


def test_free_text_is_in_no_mart(published: Questionnaire) -> None:
    """Neither a comment, nor a text in an option's own cell, nor one within a repeat."""
    planted = (PLANTED, "a text of my own")
    landed = rows(published.settings, "select payload::text from landing.payloads")
    assert all(any(words in payload for (payload,) in landed) for words in planted)
    leaving: list[str] = []
    with engine(published.settings, Role.TRANSFORMER).connect() as connection:
        columns = connection.execute(
            text("""
                select format('%I.%I', table_schema, table_name), quote_ident(column_name)
                from information_schema.columns
                where
                    (table_schema in ('marts_build', 'marts') or table_name like 'released\\_%')
                    and (data_type in ('text', 'json', 'jsonb', 'ARRAY') or data_type like 'character%')
            """)
        ).all()
        for table, column in columns:
            statement = text(f"select count(*) from {table} where {column}::text like any(:planted)")
            like = [f"%{words}%" for words in planted]
            if connection.execute(statement, {"planted": like}).scalar_one():
                leaving.append(f"{table}.{column}")
    assert len(columns) > 100
    assert leaving == []


@pytest.mark.parametrize(
    ("product", "verdict"),
    [
        ({"type": "hardware"}, "every_code_mapped: products/type = hardware"),
        ({"parts": parts("shell")}, "every_code_mapped: products/parts/name = shell1"),
        ({"licence": "agpl1"}, "one_choice_each: uuid:9 in licence"),
        ({"users": "6"}, "one_number_each: uuid:9 in users"),
        ({"users": "many"}, "numbers_are_numbers: products/users"),
    ],
)
def test_instances_that_would_be_misread_reject_the_load(
    warehouse: Settings, tmp_path: Path, product: Json, verdict: str
) -> None:
    write_files(tmp_path / "roots" / SURVEY, [first_wave(), second_wave()])
    settings = replace(warehouse, source_roots=(*warehouse.source_roots[:1], tmp_path / "roots"))
    first: Json = {"type": "software1", "licence": "mit1", "users": "5"}
    load = pull(settings, "w2", [submission(9, first, product)])
    assert load.status is LoadStatus.REJECTED
    assert verdict in (load.reason or "")


def test_none_of_these_beside_others_is_warned_of(warehouse: Settings, tmp_path: Path) -> None:
    write_files(tmp_path / "roots" / SURVEY, [first_wave(), second_wave()])
    settings = replace(warehouse, source_roots=(*warehouse.source_roots[:1], tmp_path / "roots"))
    load = pull(settings, "w1", export_of([Respondent("r1", True, {"topics": ["law", "none"]})]))
    assert load.status is LoadStatus.ACCEPTED
    assert rows(
        settings, "select rule, example_keys from ops.validation_results where is_latest and not success"
    ) == [("nothing_beside_none", ["r1 in topics"])]


def several(options: tuple[str, ...]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(options), unique=True, min_size=1)


def answers() -> st.SearchStrategy[dict[str, list[str]]]:
    by_question: dict[str, st.SearchStrategy[list[str]]] = {}
    for question, kind in KINDS.items():
        options = OPTIONS["value"] if kind == "scale" else OPTIONS.get(question, ())
        if kind in ("single", "scale"):
            by_question[question] = st.sampled_from(options).map(lambda option: [option])
        elif kind in ("multiple", "rank") and question != "found":
            by_question[question] = several(options)
        elif kind == "number":
            by_question[question] = st.integers(-5, 500).map(lambda number: [str(number)])
        elif kind == "text":
            by_question[question] = st.just([PLANTED])
    return st.fixed_dictionaries({}, optional=by_question)


def everybody() -> st.SearchStrategy[list[Respondent]]:
    one = st.tuples(st.integers(0, 30), st.booleans(), answers())
    return st.lists(one, max_size=12, unique_by=lambda drawn: drawn[0]).map(
        lambda drawn: [Respondent(f"r{number}", is_complete, said) for number, is_complete, said in drawn]
    )


def model_again(connection: Connection, home: Path, people: list[Respondent]) -> None:
    """Put other responses in the place of those of wave w1, and run the models on them."""
    responses = [
        {"id": one.response_id, "complete": one.is_complete, "payload": json.dumps(one.cells)}
        for one in people
    ]
    connection.execute(text("delete from staging.stg_survey__responses"))
    connection.execute(text("delete from intermediate.int_responses_counted"))
    if responses:
        connection.execute(
            text("""
                insert into staging.stg_survey__responses
                    (survey_id, wave_id, response_id, is_complete, payload)
                values ('layouts', 'w1', :id, :complete, cast(:payload as jsonb))
            """),
            responses,
        )
        connection.execute(
            text("""
                insert into intermediate.int_responses_counted (survey_id, wave_id, response_id, is_complete)
                values ('layouts', 'w1', :id, :complete)
            """),
            responses,
        )
    compiled = home / "dbt" / "main" / "compiled" / "dpg_warehouse" / "models"
    for schema, model in MODELS:
        sql = (compiled / schema / "survey" / f"{model}.sql").read_text(encoding="utf-8")
        connection.execute(text(f"delete from {schema}.{model}"))
        connection.exec_driver_sql(f"insert into {schema}.{model} {sql}")


def test_every_layout_is_among_the_questions() -> None:
    """What the counts by hand cover is what questions.csv admits."""
    assert set(IN_COLUMNS) <= set(KINDS)
    assert set(KINDS.values()) == {"single", "multiple", "rank", "scale", "number", "text"}


@hypothesis_settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(people=everybody())
def test_whatever_is_answered_counts_as_by_hand(published: Questionnaire, people: list[Respondent]) -> None:
    """In whatever order the responses come; single choices add up to their base, and no cell exceeds it."""
    with engine(published.settings, Role.TRANSFORMER).connect() as connection:
        model_again(connection, published.settings.home, people)
        members, choices = members_of(connection), choices_of(connection)
        values = values_of(connection)
        connection.rollback()
    assert members == members_by_hand(people)
    assert choices == choices_by_hand(people)
    assert values == values_by_hand(people)
    for (question, _, _), chosen in choices.items():
        assert chosen <= members[question]
    for question in (q for q, kind in KINDS.items() if kind == "single"):
        offered = [len(chosen) for (q, _, _), chosen in choices.items() if q == question]
        assert sum(offered) == len(members[question])


def test_a_coding_of_nobody_refuses_the_build(published: Questionnaire) -> None:
    """Runs last, since it changes the files; a coding of an unknown option never gets so far."""
    folder = find_source(published.settings.source_roots, SURVEY).folder
    with (folder / "codings.csv").open("a", encoding="utf-8") as file:
        file.write("w1,found,nobody,praise\n")
    outcome = pipeline.build(published.settings)
    assert outcome.status == "refused"
    failed = [m.unique_id.split(".")[2] for m in outcome.models if m.status == "fail"]
    assert failed == ["codings_are_of_known_responses"]
