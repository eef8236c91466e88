"""What an export's numbers mean."""

from __future__ import annotations

from pathlib import Path

import pytest

from dpg_warehouse.crosswalk.codebooks import Codebook, mended, read_codebook
from dpg_warehouse.records import ShapeError

AS_VENDORS_WRITE_IT = """\
,A survey,,
Page,Q#,R#,Questions and Responses
1,1,,How large is the team?
,,1,0 (nobody yet)
,,2,4-Feb
,,3,Nov-50
1,2,,"How often do you … (one per row) [Never, Sometimes, Often]"
,,1,Write code
,,2,Read code
"""


@pytest.mark.parametrize(
    ("damaged", "label"),
    [("4-Feb", "2-4"), ("9-May", "5-9"), ("Nov-50", "11-50"), ("2-4", "2-4"), ("May", "May")],
)
def test_what_a_spreadsheet_took_for_a_date_is_mended(damaged: str, label: str) -> None:
    assert mended(damaged) == label


def test_a_vendors_codebook_gives_labels_by_question_number(tmp_path: Path) -> None:
    path = tmp_path / "codebook.csv"
    path.write_text(AS_VENDORS_WRITE_IT, encoding="utf-8-sig")
    codebook = read_codebook(path)
    assert codebook.of("Q1") == {"1": "0 (nobody yet)", "2": "2-4", "3": "11-50"}
    assert codebook.of("Q2_2") == {"1": "Never", "2": "Sometimes", "3": "Often"}
    assert codebook.of("Q3") == {}


def test_a_plain_list_of_codes_will_do(tmp_path: Path) -> None:
    path = tmp_path / "codes.csv"
    path.write_text("field,code,label\nrole,1,Owner\nrole,2,Implementer\n", encoding="utf-8")
    assert read_codebook(path).of("role") == {"1": "Owner", "2": "Implementer"}


@pytest.mark.parametrize("body", [b"a,b\n1,2\n", b"\xff\xfe\x00bad"])
def test_a_file_that_is_no_codebook_is_refused(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "codes.csv"
    path.write_bytes(body)
    with pytest.raises(ShapeError, match=r"codes\.csv"):
        read_codebook(path)


def test_a_question_may_be_named_by_its_text_and_numbers_in_texts_are_none() -> None:
    book = Codebook({"How often?": {"1": "Never"}, "3": {"1": "Wrong"}})
    assert book.of("How often? [Write code]", "How often?") == {"1": "Never"}
    assert book.of("What are your 3 greatest challenges?") == {}
    assert book.of("Q3_1") == book.of("3") == {"1": "Wrong"}
