"""A small local server that speaks KoboToolbox's API v2, for the demo and for tests.

    python -m sample_data.kobo_server --token-file FILE [--port 8700] [--folder sample_data/kobotoolbox]

It answers from a folder with `asset.json`, `versions.json`, `version_<uid>.json` and
`submissions.json`: the asset, its versions and its data, page by page, for who brings the token.
"""

from __future__ import annotations

import argparse
import hmac
import json
import signal
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

Json = dict[str, Any]
MAX_PAGE = 1000
DEFAULT_FOLDER = Path(__file__).parent / "kobotoolbox"


class Bodies:
    """What the server tells, by asset uid: read anew for each server."""

    def __init__(self, asset: Json, versions: list[Json], submissions: list[Json]) -> None:
        """Keep an asset, its versions with their content, and its submissions."""
        self.asset = asset
        self.versions = versions
        self.submissions = submissions

    @classmethod
    def read(cls, folder: Path) -> Bodies:
        """The bodies of a folder."""
        versions = []
        for version in _results(folder / "versions.json"):
            detail = folder / f"version_{version['uid']}.json"
            versions.append(version | (_read(detail) if detail.exists() else {}))
        return cls(_read(folder / "asset.json"), versions, _results(folder / "submissions.json"))


class Handler(BaseHTTPRequestHandler):
    """Answers GET requests below /api/v2/assets/."""

    protocol_version = "HTTP/1.1"
    server: KoboServer

    def do_GET(self) -> None:
        """Answer, unless the token is wrong or a test's hook has answered already."""
        self.server.requests.append(self.path)
        if self.server.hook is not None and self.server.hook(self):
            return
        if not self._is_authorised():
            self.send_json(401, {"detail": "Invalid token."})
            return
        parts = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        body = self._body([part for part in parts.path.split("/") if part], query)
        self.send_json(*((200, body) if body is not None else (404, {"detail": "Not found."})))

    def _is_authorised(self) -> bool:
        sent = self.headers.get("Authorization", "")
        return hmac.compare_digest(sent.encode(), f"Token {self.server.token}".encode())

    def _body(self, path: list[str], query: dict[str, str]) -> Json | None:
        bodies = self.server.bodies
        match path:
            case ["api", "v2", "assets", uid, *rest] if uid == bodies.asset["uid"]:
                pass
            case _:
                return None
        match rest:
            case []:
                return bodies.asset
            case ["versions"]:
                brief = [{k: v for k, v in one.items() if k != "content"} for one in bodies.versions]
                return self._page(brief, query, "offset", 100)
            case ["versions", version]:
                return next((one for one in bodies.versions if one["uid"] == version), None)
            case ["data"] | ["data.json"]:
                return self._page(_sorted(bodies.submissions, query.get("sort", "")), query, "start", 100)
        return None

    def _page(self, rows: list[Json], query: dict[str, str], first: str, default: int) -> Json:
        start = _whole(query.get(first), 0)
        limit = min(_whole(query.get("limit"), default), MAX_PAGE)
        return {
            "count": len(rows),
            "next": self._link(query, first, start + limit, limit) if start + limit < len(rows) else None,
            "previous": self._link(query, first, max(0, start - limit), limit) if start else None,
            "results": rows[start : start + limit],
        }

    def _link(self, query: dict[str, str], first: str, start: int, limit: int) -> str:
        """A page's address as behind a proxy that hides the server's own name."""
        path = urlsplit(self.path).path
        return f"http://kobo.internal{path}?{urlencode(query | {first: str(start), 'limit': str(limit)})}"

    def send_json(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        """Send a body as JSON."""
        raw = json.dumps(body, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's name)
        """Keep quiet: who asks for what is nobody's business."""


Hook = Callable[[Handler], bool]


class KoboServer(ThreadingHTTPServer):
    """The server; in a `with` block it runs in a thread of its own.

    `hook` sees each request first and says whether it has answered it: tests inject faults with it.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, bodies: Bodies, token: str, port: int = 0, hook: Hook | None = None) -> None:
        """Listen on a loopback port (0: a free one)."""
        super().__init__(("127.0.0.1", port), Handler)
        self.bodies = bodies
        self.token = token
        self.hook = hook
        self.requests: list[str] = []
        self._thread = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )

    @property
    def url(self) -> str:
        """The server's address."""
        return f"http://127.0.0.1:{self.server_port}"

    def __enter__(self) -> KoboServer:
        """Start answering."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop answering and close the port."""
        self.shutdown()
        self.server_close()


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(description="Serve a sample wave as KoboToolbox's API v2 does.")
    parser.add_argument("--port", type=int, default=8700, help="loopback port; 0 picks a free one")
    parser.add_argument("--token-file", type=Path, required=True, help="file that holds the token")
    parser.add_argument("--folder", type=Path, default=DEFAULT_FOLDER, help="folder of the bodies")
    args = parser.parse_args()
    token = args.token_file.read_text(encoding="utf-8").strip()
    if not token:
        sys.exit(f"{args.token_file} holds no token.")
    server = KoboServer(Bodies.read(args.folder), token, args.port)
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    with server:
        print(f"KoboToolbox sample server on {server.url}", flush=True)
        stop.wait()


def _read(path: Path) -> Json:
    body: Json = json.loads(path.read_text(encoding="utf-8"))
    return body


def _results(path: Path) -> list[Json]:
    body = json.loads(path.read_text(encoding="utf-8"))
    results: list[Json] = body["results"] if isinstance(body, dict) else body
    return results


def _sorted(rows: list[Json], sort: str) -> list[Json]:
    """Rows by the one field that `sort` names, `{"_id":1}` or `{"_id":-1}`; else as they are."""
    try:
        ((field, direction),) = json.loads(sort or "{}").items()
    except ValueError:
        return rows
    return sorted(rows, key=lambda row: row.get(field) or 0, reverse=direction == -1)


def _whole(text: str | None, default: int) -> int:
    return int(text) if text and text.isdecimal() else default


if __name__ == "__main__":
    main()
