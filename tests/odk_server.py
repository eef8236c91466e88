"""A loopback server that speaks ODK Central's REST and OData, as its documentation says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote, urlencode

from tests.json_server import Hook, Json, JsonHandler, JsonServer

EMAIL = "puller@example.org"
PASSWORD = "pa ss/wörd"  # noqa: S105 (planted: it must show nowhere)
BARE_TOKEN = "bare-session-token"  # noqa: S105
FORM = "/v1/projects/7/forms/tiny"

FIELDS: list[Json] = [
    {"name": "start", "path": "/start", "type": "dateTime"},
    {"name": "about", "path": "/about", "type": "structure"},
    {"name": "challenge", "path": "/about/challenge", "type": "string"},
    {"name": "topics", "path": "/about/topics", "type": "string", "selectMultiple": True},
    {"name": "email", "path": "/about/email", "type": "string"},
    {"name": "team", "path": "/team", "type": "int"},
    {"name": "place", "path": "/place", "type": "geopoint"},
    {"name": "people", "path": "/people", "type": "repeat"},
    {"name": "age", "path": "/people/age", "type": "int"},
    {"name": "meta", "path": "/meta", "type": "structure"},
    {"name": "instanceID", "path": "/meta/instanceID", "type": "string"},
]
XML = """<?xml version="1.0"?>
<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"
        xmlns:jr="http://openrosa.org/javarosa">
  <h:head><h:title>Tiny</h:title><model>
    <itext>
      <translation lang="English (en)">
        <text id="/data/about/challenge:label"><value>First challenge</value></text>
        <text id="money-label"><value>Money</value><value form="image">jr://images/money.png</value></text>
      </translation>
      <translation lang="Français (fr)">
        <text id="/data/about/challenge:label"><value>Premier défi</value></text>
        <text id="money-label"><value>Argent</value></text>
      </translation>
    </itext>
    <instance><data id="tiny" version="1"><start/><about><challenge/></about></data></instance>
    <instance id="challenges"><listed>
      <item><itextId>money-label</itextId><name>money</name></item>
      <item><label>Licence</label><name>licence</name></item>
    </listed></instance>
    <bind nodeset="/data/start" jr:preload="timestamp" jr:preloadParams="start" type="dateTime"/>
    <bind nodeset="/data/about/challenge" type="string"/>
  </model></h:head>
  <h:body>
    <group ref="/data/about"><label>About you</label>
      <select1 ref="/data/about/challenge"><label ref="jr:itext('/data/about/challenge:label')"/>
        <itemset nodeset="instance('challenges')/listed/item[true()]">
          <value ref="name"/><label ref="jr:itext(itextId)"/></itemset></select1>
      <select ref="/data/about/topics"><label>Topics</label>
        <item><label>Law</label><value>law</value></item></select>
    </group>
    <input ref="/data/team"><label>Team <output value="1"/> size</label></input>
  </h:body>
</h:html>
"""


def row(number: int, **changes: Any) -> Json:
    """A row of OData; `system` changes what the server says of it."""
    system = {
        "submissionDate": f"2024-01-{1 + number % 28:02}T08:00:00.000Z",
        "updatedAt": None,
        "submitterId": "28",
        "submitterName": "Planted Submitter",
        "status": None,
        "reviewState": None,
        "deviceId": "imei:planted",
        "edits": 0,
        "formVersion": "1",
        "deletedAt": None,
    } | changes.pop("system", {})
    answers = {"challenge": "money", "topics": "law", "email": None} | changes.pop("about", {})
    return {
        "__id": f"uuid:{number:04}",
        "__system": system,
        "start": "2024-01-01T08:00:00.000Z",
        "about": answers,
        "team": 3,
        "place": None,
        "people@odata.navigationLink": f"Submissions('uuid:{number:04}')/people",
        "people": [],
        "meta": {"instanceID": f"uuid:{number:04}"},
    } | changes


class OdkServer(JsonServer):
    """Project 7 with the form `tiny`. It hands out a session to who brings e-mail address and password."""

    def __init__(self, rows: Sequence[Any], hook: Hook | None = None, port: int = 0) -> None:
        super().__init__(hook, port)
        self.rows = list(rows)
        self.versions: list[Json] = [
            {"version": "1", "publishedAt": "2023-12-01T00:00:00.000Z", "xmlFormId": "tiny"},
        ]
        self.fields: Any = FIELDS
        self.xml = XML.encode()
        self.sessions = {BARE_TOKEN}
        self.opened_count = 0

    def answer(self, handler: JsonHandler, path: str) -> None:
        if path == "/v1/sessions" and handler.command == "POST":
            self._log_in(handler)
            return
        token = handler.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in self.sessions:
            handler.send_json(401, {"code": 401.2, "message": "Could not authenticate."})
        elif path == "/v1/sessions/current" and handler.command == "DELETE":
            self.sessions.discard(token)
            handler.send_json(200, {"success": True})
        elif path == f"{FORM}/versions":
            handler.send_json(200, self.versions)
        elif match := re.fullmatch(rf"{FORM}/versions/([^/]+)/fields", path):
            self._send_version(handler, match[1], self.fields)
        elif match := re.fullmatch(rf"{FORM}/versions/([^/]+)\.xml", path):
            handler.send_bytes(self.xml)
        elif path == f"{FORM}.svc/Submissions":
            handler.send_json(200, self.page(handler.query))
        else:
            handler.send_json(404, {"code": 404.1, "message": "Could not find the resource."})

    def _log_in(self, handler: JsonHandler) -> None:
        if handler.content != {"email": EMAIL, "password": PASSWORD}:
            handler.send_json(401, {"code": 401.2, "message": "Could not authenticate."})
            return
        self.opened_count += 1
        token = f"session-token-{self.opened_count}"
        self.sessions.add(token)
        handler.send_json(200, {"token": token, "csrf": "c", "expiresAt": "2030-01-01T00:00:00.000Z"})

    def _send_version(self, handler: JsonHandler, name: str, body: Any) -> None:
        known = {version["version"] or "___" for version in self.versions}
        handler.send_json(*((200, body) if unquote(name) in known else (404, {"code": 404.1})))

    def page(self, query: dict[str, str]) -> Json:
        """A page of rows, whose link names the server as it believes to be known."""
        start, top = int(query.get("$skiptoken", "0")), int(query["$top"])
        body: Json = {
            "value": self.rows[start : start + top],
            "@odata.context": "https://odk.internal/v1/projects/7/forms/tiny.svc/$metadata#Submissions",
            "@odata.count": len(self.rows),
        }
        if start + top < len(self.rows):
            told = urlencode(query | {"$skiptoken": str(start + top)})
            body["@odata.nextLink"] = f"https://odk.internal{FORM}.svc/Submissions?{told}"
        return body
