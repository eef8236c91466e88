"""A loopback HTTP server that answers what a test tells it, byte for byte."""

from __future__ import annotations

import json
import socketserver
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any


@dataclass(frozen=True)
class Reply:
    """One answer: its status, body and headers; how much of it is sent, and how slowly."""

    status: int = 200
    body: bytes = b"[]"
    headers: dict[str, str] = field(default_factory=dict)
    cut_after: int | None = None  # bytes of the body, after which the connection is closed
    pause_s: float = 0.0  # before each byte of the body


def json_reply(body: Any, status: int = 200, **headers: str) -> Reply:
    return Reply(status, json.dumps(body).encode(), {k.replace("_", "-"): v for k, v in headers.items()})


class _Handler(socketserver.StreamRequestHandler):
    server: ScriptedServer

    def handle(self) -> None:
        request = []
        while (line := self.rfile.readline().decode("latin-1").strip()) != "":
            request.append(line)
        if not request:
            return
        self.server.requests.append(request[0].split(" ")[1])
        self.server.headers.append(
            {h.split(":", 1)[0].lower(): h.split(":", 1)[1].strip() for h in request[1:]}
        )
        self._send(self.server.next_reply())

    def _send(self, reply: Reply) -> None:
        headers = {"Content-Length": str(len(reply.body)), "Connection": "close"} | reply.headers
        head = [f"HTTP/1.1 {reply.status} Said", *(f"{name}: {value}" for name, value in headers.items())]
        self.wfile.write(("\r\n".join(head) + "\r\n\r\n").encode("latin-1"))
        body = reply.body if reply.cut_after is None else reply.body[: reply.cut_after]
        if not reply.pause_s:
            self.wfile.write(body)
            return
        for byte in body:
            time.sleep(reply.pause_s)
            try:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
            except OSError:  # the reader has lost patience, which is what the test is about
                return


class ScriptedServer(socketserver.ThreadingTCPServer):
    """Answers with its replies in turn, and with the last one from then on."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, replies: Sequence[Reply]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.replies = list(replies)
        self.requests: list[str] = []
        self.headers: list[dict[str, str]] = []
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def next_reply(self) -> Reply:
        with self._lock:
            return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]

    def __enter__(self) -> ScriptedServer:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shutdown()
        self.server_close()
