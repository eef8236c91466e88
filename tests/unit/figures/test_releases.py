"""A closed wave changes for readers in steps of at least three respondents, in every table they see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from dpg_warehouse.disclosure import Rules
from dpg_warehouse.figures.answers import WaveAnswers
from dpg_warehouse.figures.digests import digests_of, table_of_share, tables_shown
from dpg_warehouse.figures.releases import (
    FormerRelease,
    Releases,
    WaveRelease,
    count_changed,
    hides_what_is_known,
    is_changed,
    why_to_be_held,
)
from dpg_warehouse.figures.renaming import renames_beside_changes
from dpg_warehouse.figures.responses import count_responses
from dpg_warehouse.figures.shares import SharesOfWave, release_shares
from dpg_warehouse.figures.tables import Row, Rows, no_rows
from tests.unit.figures.waves import Choice, made_up_wave

RULES = Rules(10, 3)
Answers = Mapping[str, Sequence[Choice]]
MONEY: dict[str, list[Choice]] = {"q": [*["money"] * 20, *["licence"] * 20]}
TWO: dict[str, list[Choice]] = MONEY | {"r": [*["yes", "no"] * 20]}
ROLES = {"role": ["owner"] * 14 + ["helper"] * 14 + ["student"] * 12}


def rows_of(wave: WaveAnswers, shares: SharesOfWave | None = None) -> Rows:
    return no_rows() | {
        "released_shares": (shares or release_shares(wave, RULES, {})).rows,
        "released_responses": count_responses(wave, RULES),
    }


def released(wave: WaveAnswers, forgotten: Iterable[str] = ()) -> FormerRelease:
    """The wave as it was released; of the forgotten no digest is left."""
    digests, rows, gone = digests_of(wave), rows_of(wave), set(forgotten)
    left = {one: of_one for one, of_one in digests.items() if one not in gone}
    return FormerRelease(1, left, tables_shown(rows, digests), rows)


def is_held(then: WaveAnswers, now: WaveAnswers, forgotten: Iterable[str] = ()) -> bool:
    return why_to_be_held(released(then, forgotten), digests_of(now), RULES) is not None


def edited(answers: Answers, question: str, places: Iterable[int], answer: str) -> dict[str, list[Choice]]:
    changed = {name: list(given) for name, given in answers.items()}
    for place in places:
        changed[question][place] = answer
    return changed


def without(wave: WaveAnswers, answers: Answers, count: int) -> WaveAnswers:
    """The wave without its first respondents."""
    rest = {question: given[count:] for question, given in answers.items()}
    return made_up_wave(rest, respondents=wave.respondents[count:])


def test_what_has_not_changed_is_not_held() -> None:
    wave = made_up_wave(TWO, segments=ROLES)
    assert not is_held(wave, wave)
    assert not is_changed(released(wave), digests_of(wave))


def test_two_edits_wait_for_a_third_of_the_same_question() -> None:
    wave = made_up_wave(TWO)
    two, three = (made_up_wave(edited(TWO, "q", range(count), "licence")) for count in (2, 3))
    assert is_held(wave, two)
    assert not is_held(wave, three)


def test_three_edits_of_three_questions_are_three_tables_that_one_person_moved() -> None:
    answers = TWO | {"s": ["yes", "no"] * 20}
    now = edited(edited(edited(answers, "q", [0], "licence"), "r", [4], "no"), "s", [8], "no")
    assert is_held(made_up_wave(answers), made_up_wave(now))


def test_a_new_question_releases_no_pending_edit_and_is_none_itself() -> None:
    new: dict[str, list[Choice]] = {"new": ["yes", "no"] * 20}
    assert is_held(made_up_wave(MONEY), made_up_wave(edited(MONEY, "q", [0], "licence") | new))
    assert not is_held(made_up_wave(MONEY), made_up_wave(MONEY | new))


def test_three_edits_in_three_segments_are_three_tables_that_one_person_moved() -> None:
    wave = made_up_wave(TWO, segments=ROLES)
    spread, together = (edited(TWO, "r", places, "no") for places in ([0, 14, 28], [0, 2, 4]))
    assert is_held(wave, made_up_wave(spread, segments=ROLES))
    assert not is_held(wave, made_up_wave(together, segments=ROLES))


def test_a_segment_of_fewer_than_the_base_does_not_move_to_another_group() -> None:
    """The two groups' former and present counts would tell that of the five who moved."""
    roles = {"role": ["owner"] * 19 + ["helper"] * 21}
    for moved, held in ((5, True), (9, True)):
        regrouped = {"role": ["owner"] * (19 - moved) + ["helper"] * (21 + moved)}
        assert is_held(made_up_wave(TWO, segments=roles), made_up_wave(TWO, segments=regrouped)) is held


def renamed(answers: Answers, question: str, names: Mapping[str, str]) -> dict[str, list[Choice]]:
    """The answers to the question under other names of its options."""
    return {
        name: [names.get(one or "", one) if name == question else one for one in given]
        for name, given in answers.items()
    }


def is_held_for_its_names(
    then: Answers, now: Answers, forgotten: int = 0, roles: Mapping[str, Sequence[Choice]] | None = None
) -> bool:
    wave = made_up_wave(then, segments=ROLES if roles else None)
    rest = {question: given[forgotten:] for question, given in now.items()}
    changed = made_up_wave(rest, segments=roles, respondents=wave.respondents[forgotten:])
    former = released(wave, wave.respondents[:forgotten])
    return renames_beside_changes(former, changed, digests_of(changed))


FUNDS = {"money": "funds"}


def test_a_renaming_is_released_by_itself_and_lets_no_changed_answer_through() -> None:
    """All who chose a renamed option count as changed: one edit among them would be seen by readers."""
    assert not is_held_for_its_names(TWO, renamed(TWO, "q", FUNDS))
    for question, place, answer in (("q", 0, "licence"), ("q", 25, "money"), ("r", 0, "no")):
        edit = edited(TWO, question, [place], answer)
        assert is_held_for_its_names(TWO, renamed(edit, "q", FUNDS)), (question, place)
        assert not is_held(
            made_up_wave(MONEY), made_up_wave(renamed(edited(MONEY, "q", [0], "licence"), "q", FUNDS))
        )
    assert is_held_for_its_names(TWO, renamed(TWO, "q", FUNDS), forgotten=1)


def test_the_only_one_of_an_option_does_not_change_to_another_beside_a_renaming() -> None:
    """The group of one is the same, but under a name that readers know as another's."""
    offered = {option: frozenset({option}) for option in ("people", "law")}
    then = {"q": [*["money"] * 20, *["licence"] * 19, "people"]}
    former = released(made_up_wave(then, unions=offered))
    for answers, is_held_back in ((then, False), (edited(then, "q", [39], "law"), True)):
        wave = made_up_wave(renamed(answers, "q", FUNDS), unions=offered)
        assert renames_beside_changes(former, wave, digests_of(wave)) is is_held_back


def test_names_of_questions_and_segments_are_covered_alike() -> None:
    moved = edited(TWO, "q", [0], "licence")
    named = [{"other": answers["q"], "r": answers["r"]} for answers in (TWO, moved)]
    assert [is_held_for_its_names(TWO, now) for now in named] == [False, True]
    functions = {"function": ROLES["role"]}
    assert [is_held_for_its_names(TWO, now, roles=functions) for now in (TWO, moved)] == [False, True]


def test_what_is_added_or_taken_away_alone_is_no_renaming() -> None:
    moved = edited(TWO, "r", [0, 2, 4], "no")
    assert not is_held_for_its_names(TWO, moved | {"new": ["yes", "no"] * 20})
    assert not is_held_for_its_names(TWO, {"r": moved["r"]})


def test_a_forgotten_respondent_counts_as_changed_although_no_digest_is_left() -> None:
    wave = made_up_wave(TWO)
    two, three = (without(wave, TWO, count) for count in (2, 3))
    assert is_held(wave, two, forgotten=wave.respondents[:2])
    assert not is_held(wave, three, forgotten=wave.respondents[:3])


def test_a_kept_table_goes_through_json_as_it_is() -> None:
    for table in released(made_up_wave(TWO, segments=ROLES)).tables:
        assert type(table).from_json(table.as_json()) == table


def test_a_count_that_readers_have_hides_no_other() -> None:
    """One yes among students is banded, and so is a second group's; of that one readers have the count."""
    then, now = lonely(["yes"] * 4 + ["no"] * 8), lonely(["yes"] + ["no"] * 11)
    first = released(then)
    assert why_to_be_held(first, digests_of(now), RULES) is None
    patterns = {(p.question_id, p.segment_kind): p for p in release_shares(then, RULES, {}).patterns}
    rows = rows_of(now, release_shares(now, RULES, patterns))
    assert hides_what_is_known(first, digests_of(now), rows)
    assert not hides_what_is_known(first, digests_of(then), rows)


def lonely(students: Sequence[Choice]) -> WaveAnswers:
    answers = ["yes"] * 7 + ["no"] * 7 + ["yes"] * 6 + ["no"] * 8 + [*students]
    return made_up_wave({"q": answers}, segments=ROLES)


def test_a_note_says_what_a_held_wave_leaves_out() -> None:
    held = WaveRelease("tiny", "w1", 4, True, {}, no_rows(), told=["nobody moved.", "q is left out."])
    (note,) = Releases([held, replace(held, is_held=False)]).notes
    assert note == "tiny w1 stays at release 4: nobody moved. q is left out."


def test_why_a_wave_is_held_names_the_tables_or_the_moves() -> None:
    then, now = made_up_wave(TWO), made_up_wave(edited(TWO, "q", [0, 1], "licence"))
    told = why_to_be_held(released(then), digests_of(now), RULES)
    assert (
        told
        == "1 of its 3 tables would change by fewer than 3 respondents, which is not published by itself."
    )
    moved = {"role": ["helper"] * 4 + ROLES["role"][4:]}
    then, now = made_up_wave(MONEY, segments=ROLES), made_up_wave(MONEY, segments=moved)
    told = why_to_be_held(released(then), digests_of(now), RULES)
    assert told == (
        "fewer than 10 respondents moved from one segment to another, which is not published by itself."
    )


CHOICE = st.sampled_from(["yes", "no", None])
ROLE = st.sampled_from(["owner", "helper", "student"])
PERSON = st.tuples(CHOICE, CHOICE, ROLE)
EDITS = st.dictionaries(st.integers(0, 39), st.one_of(PERSON, st.none()), max_size=14)
People = dict[str, tuple[Choice, Choice, str]]


def wave_of(people: People) -> WaveAnswers:
    columns = list(zip(*people.values(), strict=True))
    return made_up_wave(
        {"q": columns[0], "r": columns[1]},
        segments={"role": columns[2]},
        respondents=tuple(people),
    )


def changed_in(row: Row, then: People, now: People) -> int:
    """How many respondents a published table changed through, by plain bookkeeping."""
    place = "qr".index(row["question_id"])
    parts = set(row["segment_parts"])

    def part_of(people: People, one: str) -> Choice:
        person = people.get(one)
        is_in = person is not None and (row["segment_kind"] == "all" or person[2] in parts)
        return person[place] if person is not None and is_in else None

    return sum(part_of(then, one) != part_of(now, one) for one in then.keys() | now.keys())


@settings(max_examples=60, deadline=None)
@given(st.lists(PERSON, min_size=40, max_size=40), EDITS, st.booleans())
def test_whatever_is_released_changes_no_table_through_one_or_two(
    people: list[tuple[Choice, Choice, str]],
    edits: dict[int, tuple[Choice, Choice, str] | None],
    forget: bool,
) -> None:
    then = {f"r{n}": person for n, person in enumerate(people)}
    now = {
        f"r{n}": person for n, person in enumerate(edits.get(n, p) for n, p in enumerate(people)) if person
    }
    forgotten = then.keys() - now.keys() if forget else set()
    former = released(wave_of(then), forgotten)
    shown = [row for row in former.rows["released_shares"] if row["base_count"] is not None]
    if why_to_be_held(former, digests_of(wave_of(now)), RULES) is None:
        assert not {changed_in(row, then, now) for row in shown} & {1, 2}
    for row, table in product(shown, former.tables):
        if table_of_share(row) == replace(table, count=0):
            assert count_changed(table, former.digests, digests_of(wave_of(now))) == changed_in(
                row, then, now
            )


NAMES = st.permutations(["yes", "no"]).flatmap(
    lambda options: st.sampled_from([{options[0]: "aye"}, dict(zip(options, ("aye", "nay"), strict=True))])
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(CHOICE, min_size=40, max_size=40), st.dictionaries(st.integers(0, 39), CHOICE, max_size=4), NAMES
)
def test_whatever_is_renamed_the_wave_is_held_if_and_only_if_an_answer_changed(
    answers: list[Choice], edits: dict[int, Choice], names: dict[str, str]
) -> None:
    then = {"q": [*answers, "yes", "no"] * 2}
    now = {"q": [edits.get(place, answer) for place, answer in enumerate(then["q"])]}
    assert is_held_for_its_names(then, renamed(now, "q", names)) is (now != then)
