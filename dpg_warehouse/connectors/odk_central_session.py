"""A session with ODK Central: opened with e-mail address and password, or a token that exists already."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, TypeVar

from dpg_warehouse.connectors.http import JsonClient
from dpg_warehouse.connectors.http_answers import RefusedError
from dpg_warehouse.records import Credentials, ShapeError, TransportError

log = logging.getLogger(__name__)
T = TypeVar("T")


class OdkSession:
    """Reads from one server; a session that was lost meanwhile is opened anew, once."""

    def __init__(self, client: JsonClient, prefix: str, credentials: Credentials) -> None:
        """Take a client that carries no credentials yet; `prefix` is the path that the server lies at."""
        self._client = client
        self._sessions = f"{prefix}/v1/sessions"
        self._credentials = credentials
        self._may_renew = credentials.login is not None

    def __enter__(self) -> OdkSession:
        """Log in."""
        if self._credentials.login is None:
            self._client.authorise(f"Bearer {self._credentials.token}")
        else:
            self._log_in()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Log out of a session of our own."""
        if self._credentials.login is None:
            return
        try:
            self._client.delete(f"{self._sessions}/current")
        except TransportError:
            # What was read is whole all the same, and the server ends its sessions after a day.
            log.warning("%s did not let us log out; the session ends by itself.", self._client.host)

    def get(self, path: str, query: Mapping[str, str] | str | None = None) -> Any:
        """The JSON at a path."""
        return self._renewing(lambda: self._client.get(path, query))

    def get_bytes(self, path: str) -> bytes:
        """What is at a path, as it is."""
        return self._renewing(lambda: self._client.get_bytes(path))

    def _log_in(self) -> None:
        login = {"email": self._credentials.login, "password": self._credentials.token}
        body = self._client.post(self._sessions, login)
        token = body.get("token") if isinstance(body, dict) else None
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise ShapeError(
                f"{self._client.host} opens no session as ODK Central does.", ("expected token: a text",)
            )
        self._client.authorise(f"Bearer {token}")

    def _renewing(self, read: Callable[[], T]) -> T:
        try:
            return read()
        except RefusedError as refusal:
            if refusal.status != 401 or not self._may_renew:
                raise
            self._may_renew = False
            self._log_in()
            return read()
