"""Speaks JSON over HTTP: timeouts, bounded retries, no redirect elsewhere, and no secret in any message."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, TypeVar

import httpx
import orjson
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt
from tenacity.wait import wait_exponential_jitter

from dpg_warehouse import __version__
from dpg_warehouse.connectors.http_answers import cause, check_status, decode, is_loopback, place
from dpg_warehouse.records import PassingTransportError, TransportError, UsageError

USER_AGENT = f"dpg-warehouse/{__version__} (DPG Trends Warehouse; scheduled survey and registry pulls)"
_REDIRECTS = (301, 302, 303, 307, 308)
T = TypeVar("T")

# httpx logs each request's whole address at INFO, its query included.
logging.getLogger("httpx").setLevel(logging.WARNING)


@dataclass(frozen=True)
class HttpPolicy:
    """How long to wait, how often to try, how much to read."""

    attempts: int = 5
    first_wait_s: float = 1.0
    longest_wait_s: float = 60.0  # caps what Retry-After asks for, too
    connect_timeout_s: float = 10.0
    read_timeout_s: float = 60.0
    whole_answer_s: float = 600.0  # a server that sends a byte now and then never hits a read timeout
    max_bytes: int = 256 * 1024 * 1024
    max_redirects: int = 3


DEFAULT_POLICY = HttpPolicy()


class JsonClient:
    """Speaks to one server; a secret goes to that server and nowhere else."""

    def __init__(
        self, base_url: str, policy: HttpPolicy, *, token: str | None = None, connection: str | None = None
    ) -> None:
        """Open a client for the server of `base_url`; `connection` is named where a token is refused."""
        self._home = httpx.URL(base_url).copy_with(username=None, password=None)
        self._policy = policy
        self._connection = connection
        timeout = httpx.Timeout(policy.read_timeout_s, connect=policy.connect_timeout_s)
        self._client = httpx.Client(
            headers={"User-Agent": USER_AGENT, "Accept": "application/json"},
            timeout=timeout,
            follow_redirects=False,
            # A proxy would see what is sent to this machine itself, its token in the clear.
            trust_env=not is_loopback(self._home.host),
        )
        if token:
            self.authorise(f"Token {token}")

    def __enter__(self) -> JsonClient:
        """Use the client in a `with` block, which closes it."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        self._client.close()

    @property
    def host(self) -> str:
        """The server's host, for people to read."""
        return self._home.host

    def authorise(self, header: str) -> None:
        """Send this Authorization header from now on."""
        self._refuse_to_send_in_clear()
        self._client.headers["Authorization"] = header

    def get(self, path: str, query: Mapping[str, str] | str | None = None) -> Any:
        """The JSON at a path of the server; raise TransportError when tries are used up.

        `query` is a mapping, or a query string as the server itself wrote it.
        """
        return self._tried(lambda url: decode(url, self._read(url)), path, query)

    def get_bytes(self, path: str) -> bytes:
        """What is at a path of the server, as it is; raise TransportError when tries are used up."""
        return self._tried(lambda url: self._read(url, {"Accept": "*/*"}), path)

    def post(self, path: str, content: Mapping[str, Any]) -> Any:
        """The JSON that a server answers to a JSON body, which may hold a secret.

        It is tried again as a `get` is: post only what may be said twice.
        """
        self._refuse_to_send_in_clear()
        return self._tried(lambda url: decode(url, self._send("POST", url, orjson.dumps(content))), path)

    def delete(self, path: str) -> None:
        """Delete what is at a path of the server, in one try."""
        self._send("DELETE", self._url(path))

    def _url(self, path: str, query: Mapping[str, str] | str | None = None) -> httpx.URL:
        url = self._home.copy_with(path=path)
        if not query:
            return url
        if isinstance(query, str):
            return url.copy_with(query=query.encode())
        return url.copy_merge_params(query)

    def _tried(
        self, exchange: Callable[[httpx.URL], T], path: str, query: Mapping[str, str] | str | None = None
    ) -> T:
        tries = Retrying(
            stop=stop_after_attempt(self._policy.attempts),
            wait=self._wait,
            retry=retry_if_exception_type(PassingTransportError),
            reraise=True,
        )
        return tries(exchange, self._url(path, query))

    def _wait(self, state: RetryCallState) -> float:
        failure = state.outcome.exception() if state.outcome else None
        if isinstance(failure, PassingTransportError) and failure.retry_after_s is not None:
            return min(failure.retry_after_s, self._policy.longest_wait_s)
        first, longest = self._policy.first_wait_s, self._policy.longest_wait_s
        return wait_exponential_jitter(multiplier=first, max=longest, jitter=first)(state)

    def _read(self, url: httpx.URL, headers: Mapping[str, str] | None = None) -> bytes:
        for _ in range(self._policy.max_redirects + 1):
            status, answered, body = self._exchange("GET", url, headers=headers)
            if status not in _REDIRECTS:
                check_status(url, status, answered, self._connection)
                return body
            url = self._followed(url, answered.get("Location", ""))
        raise TransportError(f"{place(url)} redirects in circles.")

    def _send(self, method: str, url: httpx.URL, content: bytes | None = None) -> bytes:
        """One exchange that may carry a secret in its body: it follows no redirect at all."""
        headers = {"Content-Type": "application/json"} if content else {}
        status, answered, body = self._exchange(method, url, content, headers)
        if status in _REDIRECTS:
            target = url.join(answered.get("Location", ""))
            raise TransportError(
                f"{place(url)} redirects to {target.scheme}://{place(target)}; "
                "if that is right, write it as the connection's address."
            )
        check_status(url, status, answered, self._connection)
        return body

    def _exchange(
        self,
        method: str,
        url: httpx.URL,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, httpx.Headers, bytes]:
        deadline = time.monotonic() + self._policy.whole_answer_s
        try:
            with self._client.stream(method, url, content=content, headers=headers) as response:
                body = bytearray()
                for chunk in response.iter_bytes():
                    body += chunk
                    if len(body) > self._policy.max_bytes:
                        raise TransportError(
                            f"{place(url)} sends more than {self._policy.max_bytes:,} bytes."
                        )
                    if time.monotonic() > deadline:
                        raise PassingTransportError(f"{place(url)} took too long to send its answer.")
                return response.status_code, response.headers, bytes(body)
        except httpx.TimeoutException as error:
            raise PassingTransportError(f"{place(url)} did not answer in time.") from error
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise PassingTransportError(f"{place(url)} broke off: {cause(error)}.") from error

    def _followed(self, url: httpx.URL, location: str) -> httpx.URL:
        """Where a redirect leads, if that is the same server."""
        target = url.join(location)
        upgraded = (
            (url.scheme, target.scheme) == ("http", "https") and url.port is None and target.port is None
        )
        same_server = (target.scheme, target.port) == (url.scheme, url.port) or upgraded
        if not location or target.host != url.host or not same_server:
            raise TransportError(
                f"{place(url)} redirects to {target.scheme}://{target.host}, another server; "
                "if it has moved, change the location."
            )
        return target.copy_with(username=None, password=None)

    def _refuse_to_send_in_clear(self) -> None:
        if self._home.scheme != "https" and not is_loopback(self._home.host):
            raise UsageError(f"The token for {self._home.host} would travel unencrypted; use https.")
