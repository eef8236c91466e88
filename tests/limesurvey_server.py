"""A loopback server that speaks LimeSurvey's RemoteControl 2, as its documentation and source say.

No answers of a real server are at hand: their shapes are those of `remotecontrol_handle.php`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

from tests.json_server import Hook, Json, JsonHandler, JsonServer

USER = "puller"
PASSWORD = "pa ss/wörd"  # noqa: S105 (planted: it must show nowhere)
SURVEY = 123456
PATH = "/index.php/admin/remotecontrol"


def response(number: int, **changes: Any) -> Json:
    """A response as the JSON export holds it: texts, one column for each option."""
    return {
        "id": str(number),
        "submitdate": "2024-01-05 08:00:00",
        "lastpage": "3",
        "startlanguage": "en",
        "seed": "1177286454",
        "challenge": "money",
        "team": "3",
        "Q10[SQ001]": "Y",
        "Q10[SQ002]": "",
    } | changes


class LimeServer(JsonServer):
    """One survey. It opens a session for who brings the user's name and password."""

    def __init__(self, rows: Sequence[Any], hook: Hook | None = None, port: int = 0) -> None:
        super().__init__(hook, port)
        self.rows = list(rows)
        self.is_active = True
        self.is_nested = False  # as servers before version 4 export
        self.stated_count: int | None = None
        self.keys: set[str] = set()
        self.opened_count = 0
        self.calls: list[str] = []
        self.statuses: dict[str, str] = {}  # method -> the status to answer it with

    def answer(self, handler: JsonHandler, path: str) -> None:
        if path != PATH:
            handler.send_json(404, {})
            return
        call = handler.content
        self.calls.append(call["method"])
        result = self._result(call["method"], call["params"])
        handler.send_json(200, {"id": call["id"], "result": result, "error": None})

    def _result(self, method: str, params: list[Any]) -> Any:
        if method in self.statuses:
            return {"status": self.statuses[method]}
        if method == "get_session_key":
            return self._open(params)
        if params[0] not in self.keys:
            return {"status": "Invalid session key"}
        if method == "release_session_key":
            self.keys.discard(params[0])
            return "OK"
        if params[1] != SURVEY:
            return {"status": "Invalid surveyid"}
        if method == "get_summary":
            count = len(self.rows) if self.stated_count is None else self.stated_count
            return str(count) if self.is_active else {"status": "No available data"}
        return self._export()

    def _open(self, params: list[Any]) -> Any:
        if params != [USER, PASSWORD]:
            return {"status": f"Invalid user name or password of {params[0]}"}
        self.opened_count += 1
        key = f"session-key-{self.opened_count}"
        self.keys.add(key)
        return key

    def _export(self) -> Any:
        if not self.is_active:
            return {"status": "No Data, survey table does not exist."}
        if not self.rows:
            return {"status": "No Data, could not get max id."}
        rows = [{str(n): one} for n, one in enumerate(self.rows, 1)] if self.is_nested else self.rows
        return exported({"responses": rows})


def exported(body: Any) -> str:
    """A document as `export_responses` hands it out."""
    return base64.b64encode(json.dumps(body).encode()).decode()
