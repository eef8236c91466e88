"""A loopback HTTP server that speaks JSON, and whose requests a test may answer itself."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

Json = dict[str, Any]


class JsonHandler(BaseHTTPRequestHandler):
    """Hands each request to the server's `answer`, unless the test's hook has answered it already."""

    protocol_version = "HTTP/1.1"
    server: JsonServer

    def do_GET(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def do_DELETE(self) -> None:
        self._handle()

    def _handle(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.content: Any = json.loads(raw) if raw else None
        parts = urlsplit(self.path)
        self.query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        self.server.requests.append(f"{self.command} {self.path}")
        if self.server.hook is None or not self.server.hook(self):
            self.server.answer(self, parts.path)

    def send_json(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        self.send_bytes(json.dumps(body).encode(), status, headers)

    def send_bytes(
        self,
        raw: bytes,
        status: int = 200,
        headers: dict[str, str] | None = None,
        *,
        cut_after: int | None = None,
    ) -> None:
        """Send a body; with `cut_after` that many bytes of it, and then nothing."""
        self.send_response(status)
        for name, value in {"Content-Length": str(len(raw)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw[:cut_after])
        self.close_connection = cut_after is not None

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's name)
        """Keep quiet."""


Hook = Callable[[JsonHandler], bool]


class JsonServer(ThreadingHTTPServer):
    """The server; in a `with` block it runs in a thread of its own."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, hook: Hook | None = None, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), JsonHandler)
        self.hook = hook
        self.requests: list[str] = []

    def answer(self, handler: JsonHandler, path: str) -> None:
        raise NotImplementedError

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shutdown()
        self.server_close()


def once(is_meant: Callable[[JsonHandler], bool], fault: Callable[[JsonHandler], None]) -> Hook:
    """A hook that does something else with the first request that is meant."""
    done: list[int] = []

    def hook(handler: JsonHandler) -> bool:
        if done or not is_meant(handler):
            return False
        done.append(1)
        fault(handler)
        return True

    return hook


def drop_connection(handler: JsonHandler) -> None:
    handler.close_connection = True


def always(is_meant: Callable[[JsonHandler], bool], fault: Callable[[JsonHandler], None]) -> Hook:
    """A hook that does something else with each request that is meant."""

    def hook(handler: JsonHandler) -> bool:
        if not is_meant(handler):
            return False
        fault(handler)
        return True

    return hook
