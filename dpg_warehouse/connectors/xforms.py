"""Reads an XForm, the XML that an XLSForm becomes: its questions' kinds, labels and choices."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from dpg_warehouse.records import JsonObject, ShapeError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element  # the type alone: defusedxml does the reading

_CONTROLS = {"select1": "select_one", "select": "select_multiple", "rank": "rank"}
# What a device fills in by itself, by the preload's parameters.
_PRELOADS = frozenset({"start", "end", "today", "deviceid", "username", "phonenumber", "email", "simserial"})
_ITEXT = re.compile(r"jr:itext\(\s*'([^']+)'\s*\)")
_INSTANCE = re.compile(r"instance\(\s*'([^']+)'\s*\)")


@dataclass(frozen=True)
class XForm:
    """What an XForm says beyond its fields, by `group/question` path.

    `languages` are parallel to each label; [None] where the form has no translations.
    """

    languages: tuple[str | None, ...]
    kinds: Mapping[str, str]
    labels: Mapping[str, list[str | None]]
    lists: Mapping[str, str]  # the choice list of a question
    relevants: Mapping[str, str]  # when a question is shown, in an XLSForm's words
    choices: tuple[JsonObject, ...]

    def said_of(self, path: str) -> JsonObject:
        """The label, the choice list and the condition of a field, where it has them."""
        said: JsonObject = {}
        if path in self.labels:
            said["label"] = self.labels[path]
        if path in self.lists:
            said["select_from_list_name"] = self.lists[path]
        if path in self.relevants:
            said["relevant"] = self.relevants[path]
        return said


def read_xform(body: bytes) -> XForm:
    """The XForm of a document; raise ShapeError where it is none, or would read something else."""
    try:
        root = fromstring(body)
    except (ParseError, DefusedXmlException, ValueError, RecursionError) as error:
        raise ShapeError("A form version is no XForm that can be read.") from error
    texts = _Texts.of(root)
    binds = {_path(bind): bind for bind in _named(root, "bind") if not _path(bind).startswith("meta/")}
    kinds = {path: kind for path, bind in binds.items() if (kind := _filled_in(bind))}
    relevants = {path: _relevant(bind) for path, bind in binds.items() if bind.get("relevant")}
    labels: dict[str, list[str | None]] = {}
    lists: dict[str, str] = {}
    choices = [row for instance in _named(root, "instance") for row in _listed(instance, texts)]
    for body_part in _named(root, "body"):
        for control in body_part.iter():
            path = _path(control)
            if not path or _name(control) in ("label", "hint", "value", "itemset"):
                continue
            label = next(_children(control, "label"), None)
            if label is not None:
                labels[path] = texts.of_label(label)
            if _name(control) in _CONTROLS:
                kinds[path] = _CONTROLS[_name(control)]
                lists[path], own = _choices_of(control, path, texts)
                choices.extend(own)
    return XForm(texts.languages, kinds, labels, lists, relevants, tuple(choices))


@dataclass(frozen=True)
class _Texts:
    """The translations of a form: language -> id -> text."""

    by_language: Mapping[str, Mapping[str, str]]

    @classmethod
    def of(cls, root: Element) -> _Texts:
        return cls(
            {
                translation.get("lang", ""): {
                    text.get("id", ""): _plain_value(text) for text in _children(translation, "text")
                }
                for translation in _named(root, "translation")
            }
        )

    @property
    def languages(self) -> tuple[str | None, ...]:
        return tuple(self.by_language) or (None,)

    def of_id(self, text_id: str) -> list[str | None]:
        return [texts.get(text_id) for texts in self.by_language.values()]

    def of_label(self, label: Element) -> list[str | None]:
        match = _ITEXT.search(label.get("ref", ""))
        if match:
            return self.of_id(match[1])
        return [_all_text(label)] * len(self.languages)


def _listed(instance: Element, texts: _Texts) -> Iterator[JsonObject]:
    """The choices of a secondary instance."""
    if not instance.get("id"):
        return
    for item in _named(instance, "item"):
        told = {_name(part): _all_text(part) for part in item}
        if told.get("name"):
            text_id, text = told.get("itextId"), told.get("label")
            label = texts.of_id(text_id) if text_id else [text] * len(texts.languages)
            yield {"list_name": str(instance.get("id")), "name": told["name"], "label": label}


def _choices_of(control: Element, path: str, texts: _Texts) -> tuple[str, list[JsonObject]]:
    """The choice list of a question, and its choices where they stand within it."""
    for itemset in _children(control, "itemset"):
        match = _INSTANCE.search(itemset.get("nodeset", ""))
        if match:
            return match[1], []
    rows: list[JsonObject] = []
    for item in _children(control, "item"):
        value, label = next(_children(item, "value"), None), next(_children(item, "label"), None)
        if value is not None:
            told = texts.of_label(label) if label is not None else [None] * len(texts.languages)
            rows.append({"list_name": path, "name": _all_text(value), "label": told})
    return path, rows


def _filled_in(bind: Element) -> str | None:
    """The type of a field that no respondent fills in."""
    told = {key.rsplit("}", 1)[-1]: value for key, value in bind.attrib.items()}
    named = told.get("preloadParams", "")
    if "preload" in told and named in _PRELOADS:
        return named
    if "calculate" in told:
        return "calculate"
    return "note" if told.get("readonly") == "true()" else None


def _relevant(bind: Element) -> str:
    """A condition with `${question}` where an XForm writes the question's path."""
    named = re.sub(
        r"\s*/[\w.-]+(?:/[\w.-]+)*/([\w.-]+)\s*",
        lambda match: f"${{{_odata_name(match[1])}}} ",
        bind.get("relevant", ""),
    )
    return named.strip()


def _path(element: Element) -> str:
    """The `group/question` path that an element refers to, as OData names it; empty where to none."""
    parts = (element.get("ref") or element.get("nodeset") or "").split("/")[2:]
    return "/".join(_odata_name(part) for part in parts)


def _odata_name(name: str) -> str:
    """A name as ODK Central makes an OData identifier of it."""
    return re.sub(r"[^A-Za-z0-9_]+", "_", re.sub(r"^([^A-Za-z_])", r"_\1", name))


def _plain_value(text: Element) -> str:
    """The text itself, not its short form nor the picture that stands beside it."""
    return next((_all_text(value) for value in _children(text, "value") if not value.get("form")), "")


def _all_text(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def _name(element: Element) -> str:
    tag = element.tag
    return tag.rsplit("}", 1)[-1] if isinstance(tag, str) else ""


def _named(element: Element, name: str) -> Iterator[Element]:
    return (one for one in element.iter() if _name(one) == name)


def _children(element: Element, name: str) -> Iterator[Element]:
    return (one for one in element if _name(one) == name)
