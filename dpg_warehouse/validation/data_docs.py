"""Makes Great Expectations' pages stand on their own: they load styles and scripts from eight hosts.

A page about a survey should call nobody, and should be readable where nobody can be called.
"""

from __future__ import annotations

import re
from pathlib import Path

STYLE = (Path(__file__).parent / "data_docs.css").read_text(encoding="utf-8")

_OTHER_HOSTS = re.compile(
    r"""<script[^>]*\bsrc=["']https?:[^>]*>\s*</script>|<(?:link|img)[^>]*\b(?:href|src)=["']https?:[^>]*>""",
    re.IGNORECASE | re.DOTALL,
)


def stand_alone(folder: Path) -> None:
    """Take what other hosts would serve out of every page below the folder, and style the pages here."""
    for page in folder.rglob("*.html"):
        html = _OTHER_HOSTS.sub("", page.read_text(encoding="utf-8"))
        page.write_text(html.replace("</head>", f"<style>{STYLE}</style>\n</head>", 1), encoding="utf-8")
    (folder / "index.html").write_text(_index(folder), encoding="utf-8")


def _index(folder: Path) -> str:
    """A list of links: the index of Great Expectations is empty without the scripts of other hosts."""
    pages = sorted((folder / "validations").rglob("*.html"), key=lambda page: page.name)
    links = "\n".join(f'<li><a href="{page.relative_to(folder)}">{page.stem}</a></li>' for page in pages)
    title = f"Validation of {folder.parent.name}, {folder.name}"
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{STYLE}</style></head>\n<body><h1>{title}</h1>\n<ul>\n{links}\n</ul></body></html>\n"
    )
