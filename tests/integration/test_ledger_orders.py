"""Whatever order pulls are loaded in, and however often, the ledger of responses is the same."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dpg_warehouse import landing, modelling
from dpg_warehouse.configuration import Source, find_source, read_sources
from dpg_warehouse.database import Role, connection_url, engine
from dpg_warehouse.pipeline.progress import silent
from dpg_warehouse.records import LoadStatus, Pull, PullRequest, Record
from dpg_warehouse.settings import Settings
from tests.pulls import survey_settings
from tests.queries import rows
from tests.servers_postgres import EMBEDDED, Servers

FIRST_DAY = date(2024, 2, 5)
HISTORIES = 30  # as many as one run of the models takes, each in a pair of waves
LEDGER = ("run", "--select=+int_response_versions +int_responses_counted")
Answer = tuple[str, int, str]  # what was answered, the number of the saving, the reviewer's verdict
State = dict[str, Answer]  # what one pull shows, by response
Version = tuple[str, int, str, str | None, bool, bool]

ANSWERS = st.tuples(
    st.sampled_from(["money", "licence", ""]),
    st.integers(1, 2),
    st.sampled_from(["", "validation_status_not_approved"]),
)
STATES = st.dictionaries(st.sampled_from(["r1", "r2", "r3"]), ANSWERS)


@dataclass(frozen=True)
class History:
    """What a wave's pulls showed, day by day, and the order in which they are loaded the other time."""

    states: tuple[State, ...]
    order: tuple[int, ...]


@st.composite
def histories(draw: st.DrawFn) -> History:
    states = draw(st.lists(STATES, min_size=1, max_size=5))
    once = draw(st.permutations(range(len(states))))
    again = draw(st.lists(st.sampled_from(range(len(states))), max_size=3))
    return History(tuple(states), (*once, *again))


def day(number: int) -> date:
    return FIRST_DAY + timedelta(days=number)


def expected_versions(states: tuple[State, ...]) -> set[Version]:
    """The versions by plain bookkeeping: response, number, from, to, is edit, is restoration."""
    versions: set[Version] = set()
    for response in sorted({name for state in states for name in state}):
        number, began, last = 0, "", None
        is_edit = is_restoration = False
        for index in range(len(states) + 1):
            answer = states[index].get(response, (None,))[0] if index < len(states) else last
            shown_before = index > 0 and response in states[index - 1]
            is_open = number > 0 and shown_before
            if index < len(states) and is_open and answer == last:
                continue
            if is_open:
                end = None if index == len(states) else str(day(index))
                versions.add((response, number, began, end, is_edit, is_restoration))
            if index < len(states) and response in states[index]:
                is_edit, is_restoration = number > 0 and answer != last, number > 0 and not shown_before
                number, began, last = number + 1, str(day(index)), answer
    return versions


def record(response: str, answer: Answer) -> Record:
    choice, saving, status = answer
    payload: dict[str, Any] = {"_uuid": str(saving), "_validation_status": status, "person": response}
    return Record(response, payload | ({"challenge": choice} if choice else {}))


def load(own: Settings, source: Source, wave_id: str, as_of: date, state: State) -> None:
    """Land one pull and accept it, as `ingest` does after gate 1."""
    records = tuple(record(response, answer) for response, answer in state.items())
    pull = Pull("responses", as_of, True, "a test", "test", "synthetic", None, len(records), records)
    request = PullRequest("tiny", wave_id, as_of, None)
    with landing.landing_session(engine(own, Role.LOADER)) as connection:
        with connection.begin():
            config_hash = landing.store_configuration(connection, source)
        fields = ("challenge", "person")
        load_id = landing.open_load(connection, request, config_hash, fields)
        landed = landing.land_pull(connection, load_id, "tiny", wave_id, pull)
        with connection.begin():
            decided = landing.decide(connection, landed, None, force=False)
    assert decided.status is LoadStatus.ACCEPTED


@pytest.fixture(scope="module")
def own(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A warehouse whose survey `tiny` has a pair of waves for each history."""
    folder: Path = tmp_path_factory.mktemp("orders")
    with servers.clean_database(EMBEDDED, folder / "home") as warehouse:
        changed = survey_settings(warehouse, folder, respondent_key="person")
        tiny = find_source(changed.source_roots, "tiny").folder
        described = yaml.safe_load((tiny / "source.yml").read_text(encoding="utf-8"))
        names = [f"w{n}{side}" for n in range(HISTORIES) for side in "ab"]
        (first,) = described["waves"]
        described["waves"] = [first | {"wave_id": name, "number": n} for n, name in enumerate(names, 1)]
        (tiny / "source.yml").write_text(yaml.safe_dump(described), encoding="utf-8")
        header, asked, *_ = (tiny / "questions.csv").read_text(encoding="utf-8").splitlines()
        lines = [asked.replace("w1,", f"{name},", 1) for name in names]
        (tiny / "questions.csv").write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
        yield changed


def clear(own: Settings) -> None:
    with engine(own, Role.LOADER).begin() as connection:
        connection.exec_driver_sql(
            "truncate landing.payloads, landing.memberships, landing.faults, ops.loads cascade"
        )


# Each example is a run of dbt on many waves, so that few do, and none is shrunk.
@settings(
    max_examples=3,
    phases=[Phase.explicit, Phase.generate],
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(drawn=st.lists(histories(), min_size=HISTORIES, max_size=HISTORIES), seed=st.integers(0, 1000))
def test_versions_are_those_of_plain_bookkeeping_in_any_order_of_loads(
    own: Settings, drawn: list[History], seed: int
) -> None:
    clear(own)
    source = find_source(own.source_roots, "tiny")
    pulls = [
        (f"w{n}a", index, h.states[index]) for n, h in enumerate(drawn) for index in range(len(h.states))
    ]
    pulls += [(f"w{n}b", index, h.states[index]) for n, h in enumerate(drawn) for index in h.order]
    for wave_id, index, state in pulls:
        shuffled = list(state.items())
        random.Random(seed).shuffle(shuffled)  # noqa: S311 - a test's order, not a secret
        load(own, source, wave_id, day(index), dict(shuffled))
    model_ledger(own)
    for number, history in enumerate(drawn):
        expected = expected_versions(history.states)
        last = history.states[-1]
        counted = {name for name, (answer, _, status) in last.items() if answer and not status}
        for side in "ab":
            assert found_versions(own, f"w{number}{side}") == expected
            assert counted_responses(own, f"w{number}{side}") == counted


def model_ledger(own: Settings) -> None:
    """The ledger's models alone, on what a build would freeze."""
    transformer = engine(own, Role.TRANSFORMER)
    sources = read_sources(own.source_roots).values()
    with transformer.begin() as connection:
        hashes = {source.source_id: landing.store_configuration(connection, source) for source in sources}
    frozen = modelling.freeze_inputs(transformer, hashes, modelling.Target())
    url = connection_url(own, Role.TRANSFORMER)
    results = modelling.DbtProject(own, url, frozen.target).run(LEDGER, silent)
    assert {result.status for result in results} == {"success"}


def found_versions(own: Settings, wave_id: str) -> set[Version]:
    statement = """
        select response_id, version_no, valid_from::text, valid_to::text, is_edit, is_restoration
        from intermediate.int_response_versions where wave_id = :wave_id
    """
    return set(rows(own, statement, Role.ANALYST, wave_id=wave_id))


def counted_responses(own: Settings, wave_id: str) -> set[str]:
    statement = "select response_id from intermediate.int_responses_counted where wave_id = :wave_id"
    return {name for (name,) in rows(own, statement, Role.ANALYST, wave_id=wave_id)}
