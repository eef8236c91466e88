"""How a looked-over draft comes into a survey's files, and what keeps it out of them."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from dpg_warehouse.configuration import find_source
from dpg_warehouse.crosswalk import adopt_draft, draft_rows, problems_in, write_draft
from dpg_warehouse.crosswalk.problems import LOOKED_AT
from dpg_warehouse.forms import Form
from dpg_warehouse.records import UsageError
from tests.unit.crosswalk.builders import QUESTIONS, SOURCE, asked, survey_folder, two_waves_draft


def written(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A survey's folder with a draft of wave w2."""
    source, draft = two_waves_draft(tmp_path)
    write_draft(source.folder, draft)
    return source.folder


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_an_adopted_draft_is_read_and_its_helping_columns_are_gone(folder: Path, tmp_path: Path) -> None:
    before = written(folder, "questions.csv")
    assert adopt_draft([tmp_path], "tiny", "w2").added == {"questions.csv": 2, "options.csv": 6}
    assert not list(folder.glob("draft_*"))
    after = written(folder, "questions.csv")
    assert [{name: row[name] for name in before[0]} for row in after[: len(before)]] == before
    assert not set(LOOKED_AT) & set(after[0])
    adopted = find_source([tmp_path], "tiny")
    assert [question.question_id for question in adopted.questions if question.wave_id == "w2"] == [
        "outlook",
        "need_help",
    ]


def test_a_wave_that_has_rows_is_not_adopted_again(tmp_path: Path) -> None:
    source, draft = two_waves_draft(tmp_path)
    write_draft(source.folder, draft)
    adopt_draft([tmp_path], "tiny", "w2")
    write_draft(source.folder, draft)
    before = (source.folder / "options.csv").read_bytes()
    with pytest.raises(UsageError, match="has rows of wave w2 already"):
        adopt_draft([tmp_path], "tiny", "w2")
    assert (source.folder / "options.csv").read_bytes() == before


def test_without_a_draft_there_is_nothing_to_adopt(tmp_path: Path) -> None:
    survey_folder(tmp_path)
    with pytest.raises(UsageError, match="no draft of wave w9"):
        adopt_draft([tmp_path], "tiny", "w9")


def test_a_survey_without_files_starts_from_its_first_draft(tmp_path: Path) -> None:
    folder = survey_folder(tmp_path)
    (folder / "questions.csv").unlink()
    (folder / "options.csv").unlink()
    source = find_source([tmp_path], "tiny")
    write_draft(folder, draft_rows(source, "w1", 1, Form((asked("Where?", "Here", "There"),))))
    adopt_draft([tmp_path], "tiny", "w1")
    assert [question.wave_id for question in find_source([tmp_path], "tiny").questions] == ["w1"]


def test_files_that_need_no_further_column_stay_as_they_stand(folder: Path, tmp_path: Path) -> None:
    """Somebody's line endings and quotes are no business of the draft."""
    options = folder / "options.csv"
    before = options.read_bytes().replace(b"\n", b"\r\n").replace(b"It will grow", b'"It will grow"')
    options.write_bytes(before.rstrip())
    adopt_draft([tmp_path], "tiny", "w2")
    after = options.read_bytes()
    assert after.startswith(before)
    assert after.count(b"\r\n") == after.count(b"\n") == len(before.splitlines()) + 6


def misspelt_kind(folder: Path) -> None:
    edit(folder / "draft_w2_questions.csv", ",scale,", ",scael,")


def unknown_challenge(folder: Path) -> None:
    edit(folder / "draft_w2_options.csv", "It will shrink,3,,", "It will shrink,3,finance,")


def lost_steps(folder: Path) -> None:
    edit(folder / "draft_w2_options.csv", ",,1,\n", ",,,\n")


def another_wave(folder: Path) -> None:
    edit(folder / "draft_w2_questions.csv", ",w2,need_help,", ",w3,need_help,")


def semicolons(folder: Path) -> None:
    edit(folder / "draft_w2_options.csv", ",", ";")


def other_letters(folder: Path) -> None:
    path = folder / "draft_w2_questions.csv"
    path.write_bytes(path.read_bytes().replace(b"Do you need help?", b"Do you need a caf\xe9?"))


@pytest.mark.parametrize(
    ("spoil", "file", "line", "text"),
    [
        (misspelt_kind, "draft_w2_questions.csv", 2, "kind: "),
        (unknown_challenge, "draft_w2_options.csv", 3, "challenge finance is not in challenges.csv"),
        (lost_steps, "draft_w2_options.csv", 4, "w2, outlook is a scale and needs at least 3"),
        (another_wave, "draft_w2_questions.csv", 3, "is about wave w3 in the draft of w2"),
        (semicolons, "draft_w2_options.csv", 1, "has semicolons between its columns"),
        (other_letters, "draft_w2_questions.csv", 1, "can't be read as a CSV file in UTF-8"),
    ],
)
def test_a_draft_that_would_bring_problems_changes_nothing_and_tells_its_lines(
    folder: Path, tmp_path: Path, spoil: Callable[[Path], None], file: str, line: int, text: str
) -> None:
    spoil(folder)
    before = contents(folder)
    adoption = adopt_draft([tmp_path], "tiny", "w2")
    assert adoption.added == {}
    assert (file, line) in [(one.file, one.line) for one in adoption.problems if text in one.text]
    assert contents(folder) == before


def test_problems_that_the_files_have_already_keep_no_draft_out(folder: Path, tmp_path: Path) -> None:
    edit(folder / "questions.csv", ",challenge,", ",chalenge,")
    before, _ = problems_in([tmp_path], "tiny")
    assert len(before) == 1
    assert adopt_draft([tmp_path], "tiny", "w2").problems == ()
    assert problems_in([tmp_path], "tiny")[0] == before


def test_a_source_that_cannot_be_read_judges_no_draft(folder: Path, tmp_path: Path) -> None:
    edit(folder / "source.yml", "publisher: A test", "publisher: [")
    with pytest.raises(UsageError, match=r"source.yml can't be used"):
        adopt_draft([tmp_path], "tiny", "w2")


def test_a_wave_that_nobody_described_yet_is_adopted_and_judged(tmp_path: Path) -> None:
    folder = survey_folder(tmp_path, source=SOURCE)
    source = find_source([tmp_path], "tiny")
    french = asked("Where?", "Here", "There")
    write_draft(folder, draft_rows(source, "w3", 3, Form((french,), languages=("en", "fr"))))
    edit(folder / "draft_w3_questions.csv", ",other,", ",othre,")
    (problem,) = adopt_draft([tmp_path], "tiny", "w3").problems
    assert "theme othre" in problem.text
    edit(folder / "draft_w3_questions.csv", ",othre,", ",other,")
    adoption = adopt_draft([tmp_path], "tiny", "w3")
    assert (adoption.added, adoption.is_wave_known) == ({"questions.csv": 1, "options.csv": 2}, False)


@pytest.mark.parametrize("failing", [1, 2, 3, 4])
def test_a_failure_in_the_middle_leaves_the_files_as_they_were(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    """Two files are written, then each takes the place of the old one: whichever of the four steps fails."""
    before = contents(folder)
    write, replace, steps = Path.write_bytes, Path.replace, iter(range(1, 100))

    def fail_once(act: Callable[..., object]) -> Callable[..., object]:
        def step(*arguments: object) -> object:
            if next(steps) == failing:
                raise OSError("the disk is full")
            return act(*arguments)

        return step

    monkeypatch.setattr(Path, "write_bytes", fail_once(write))
    monkeypatch.setattr(Path, "replace", fail_once(replace))
    with pytest.raises(OSError, match="the disk is full"):
        adopt_draft([tmp_path], "tiny", "w2")
    assert contents(folder) == before


def test_an_adoption_that_was_cut_off_goes_on_where_it_ended(folder: Path, tmp_path: Path) -> None:
    """The power failed after the first of two files: the same command takes over what is left, once."""
    original = (folder / "options.csv").read_bytes()
    drafts = {path: path.read_bytes() for path in folder.glob("draft_*")}
    adopt_draft([tmp_path], "tiny", "w2")
    (folder / "options.csv").write_bytes(original)
    for path, content in drafts.items():
        path.write_bytes(content)
    assert adopt_draft([tmp_path], "tiny", "w2").added == {"questions.csv": 2, "options.csv": 6}
    assert problems_in([tmp_path], "tiny")[0] == ()
    assert len(written(folder, "questions.csv")) == len(QUESTIONS.splitlines()) - 1 + 2
    assert not list(folder.glob("draft_*"))
