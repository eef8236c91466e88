"""Writes a draft beside a survey's files, and files so that no failure leaves half of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import yaml

from dpg_warehouse.crosswalk.drafted import Row
from dpg_warehouse.crosswalk.drafts import Draft
from dpg_warehouse.records import UsageError


def write_draft(folder: Path, draft: Draft) -> tuple[Path, ...]:
    """Write the draft's files; raise UsageError where there is a draft of the wave already."""
    tables = {"questions": draft.questions, "options": draft.options, "translations": draft.translations}
    paths = {name: draft_file(folder, draft.wave_id, name) for name in tables}
    about = draft_file(folder, draft.wave_id, "source")
    there = [path.name for path in (*paths.values(), about) if path.exists()]
    if there:
        raise UsageError(
            f"{folder} holds a draft of wave {draft.wave_id} already ({', '.join(there)}); "
            "take it over with `dpgw survey adopt`, or delete it to draft anew."
        )
    texts = {paths[name]: csv_text(list(rows[0]), rows) for name, rows in tables.items() if rows}
    texts[about] = _about_wave(draft)
    replace_together({path: text.encode() for path, text in texts.items()})
    return tuple(texts)


def _about_wave(draft: Draft) -> str:
    """What source.yml may want to say of the wave, for a person to look at."""
    form = draft.form
    said: dict[str, object] = {}
    if form.personal_fields:
        said["personal_data"] = {"drop": list(form.personal_fields)}
    if form.key_fields:
        said["respondent_key"] = form.key_fields[0]
    if len(form.languages) > 1:
        said["languages"] = list(form.languages)
    ignored = [name for name in form.other_fields if name not in form.key_fields[:1]]
    if ignored:
        said["ignore"] = ignored
    proposed = yaml.safe_dump(said, allow_unicode=True, sort_keys=False, width=100) if said else ""
    keys = ", ".join(form.key_fields[1:])
    more = f"# Other columns in which every row differs: {keys}\n" if keys else ""
    return (
        f"# Proposed for wave {draft.wave_id} in source.yml. Look at each line: what is called like\n"
        f"# personal data may be none, and what is none may be called like anything.\n{more}{proposed}"
    )


def draft_file(folder: Path, wave_id: str, name: str) -> Path:
    """Where the drafted rows of a table are, or `source` for what source.yml may want to say."""
    return folder / f"draft_{wave_id}_{name}.{'yml' if name == 'source' else 'csv'}"


def csv_text(columns: Sequence[str], rows: Iterable[Row], *, header: bool = True) -> str:
    """Rows as a CSV file's text."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", extrasaction="ignore", lineterminator="\n")
    if header:
        writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def replace_together(contents: Mapping[Path, bytes]) -> None:
    """Write files so that each has its old content or its new one, and all have the old one if any fails."""
    before = {path: path.read_bytes() if path.exists() else None for path in contents}
    try:
        for path, content in contents.items():
            _unfinished(path).write_bytes(content)
        for path in contents:
            _unfinished(path).replace(path)
    except BaseException:
        for path, content_before in before.items():
            _put_back(path, content_before)
        raise


def _put_back(path: Path, content: bytes | None) -> None:
    _unfinished(path).unlink(missing_ok=True)
    if content is None:
        path.unlink(missing_ok=True)
    elif path.read_bytes() != content:
        _unfinished(path).write_bytes(content)
        _unfinished(path).replace(path)


def _unfinished(path: Path) -> Path:
    return path.with_name(f"{path.name}.unfinished")
