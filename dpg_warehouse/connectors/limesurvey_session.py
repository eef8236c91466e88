"""A session with LimeSurvey's RemoteControl 2: JSON-RPC, which says its errors with HTTP 200."""

from __future__ import annotations

import logging
from itertools import count
from types import TracebackType
from typing import Any

from dpg_warehouse.connectors.http import JsonClient
from dpg_warehouse.connectors.http_answers import how_to_mend
from dpg_warehouse.connectors.personal_data import mask_contacts
from dpg_warehouse.records import Credentials, ShapeError, TransportError, UsageError

log = logging.getLogger(__name__)
_SESSION_ENDED = "invalid session key"
_LONGEST_STATUS = 120


class StatusError(TransportError):
    """The server answered a call with a status instead of a result."""

    def __init__(self, message: str, status: str) -> None:
        """Keep the status beside the message."""
        super().__init__(message)
        self.status = status


class RemoteControl:
    """Calls one server's methods; a session that ended meanwhile is opened anew, once."""

    def __init__(
        self, client: JsonClient, path: str, credentials: Credentials, connection: str | None
    ) -> None:
        """Take a client, the path that RemoteControl lies at, and a user's name and password."""
        self._client = client
        self._path = path
        self._credentials = credentials
        self._connection = connection
        self._key = ""
        self._may_renew = True
        self._numbers = count(1)

    def __enter__(self) -> RemoteControl:
        """Open a session."""
        self._open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Release the session's key."""
        try:
            self._answer("release_session_key", self._key)
        except (TransportError, ShapeError):
            # What was read is whole all the same, and the server ends its sessions after a while.
            log.warning("%s did not release the session's key; it ends by itself.", self._client.host)

    def call(self, method: str, *parameters: Any) -> Any:
        """The result of a method; raise StatusError where the server answers with a status."""
        try:
            return self._result(method, parameters)
        except StatusError as refusal:
            if refusal.status.lower() != _SESSION_ENDED or not self._may_renew:
                raise
            self._may_renew = False
            self._open()
            return self._result(method, parameters)

    def _open(self) -> None:
        key = self._answer("get_session_key", self._credentials.login, self._credentials.token)
        if not isinstance(key, str) or not key:
            # The status may repeat the name, so it stays out of the sentence.
            raise TransportError(
                f"{self._client.host} refused the credentials; {how_to_mend(self._connection)} "
                "After several failures LimeSurvey refuses everyone from the same address for some minutes."
            )
        self._key = key

    def _result(self, method: str, parameters: tuple[Any, ...]) -> Any:
        result = self._answer(method, self._key, *parameters)
        status = result.get("status") if isinstance(result, dict) else None
        if status is None or status == "OK":
            return result
        told = mask_contacts(str(status)[:_LONGEST_STATUS]).replace(self._key, "…")
        raise StatusError(f"{self._client.host} answered {method} with: {told}", str(status))

    def _answer(self, method: str, *parameters: Any) -> Any:
        number = next(self._numbers)
        content = {"method": method, "params": parameters, "id": number}
        body = self._client.post(self._path, content)
        if not isinstance(body, dict) or "result" not in body or body.get("id") not in (number, None):
            raise ShapeError(
                f"{self._client.host} does not answer as RemoteControl 2 does.",
                ("expected result, error, id",),
            )
        if body.get("error") is not None:
            raise TransportError(f"{self._client.host} answered {method} with an error of its own.")
        return body["result"]


def user_credentials(credentials: Credentials, connection: str | None) -> Credentials:
    """The credentials, which must be a user's; raise UsageError where they are a bare token."""
    if credentials.login is None:
        raise UsageError(
            f"LimeSurvey wants a user's name and password, not a token; {how_to_mend(connection)}"
        )
    return credentials
