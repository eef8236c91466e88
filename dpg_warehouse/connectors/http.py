"""Reads JSON over HTTP: timeouts, bounded retries, no redirect elsewhere, and no secret in any message."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from types import TracebackType
from typing import Any

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt
from tenacity.wait import wait_exponential_jitter

from dpg_warehouse import __version__
from dpg_warehouse.connectors.storable import read_json
from dpg_warehouse.records import PassingTransportError, TransportError, UsageError

USER_AGENT = f"dpg-warehouse/{__version__} (DPG Trends Warehouse; scheduled survey and registry pulls)"
_PASSING = frozenset({408, 425, 429, *range(500, 600)})

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
    """Reads JSON from one server; a token goes to that server and nowhere else."""

    def __init__(
        self, base_url: str, policy: HttpPolicy, *, token: str | None = None, connection: str | None = None
    ) -> None:
        """Open a client for the server of `base_url`; `connection` is named where a token is refused."""
        self._home = httpx.URL(base_url).copy_with(username=None, password=None)
        self._policy = policy
        self._connection = connection
        if token and self._home.scheme != "https" and not _is_loopback(self._home.host):
            raise UsageError(f"The token for {self._home.host} would travel unencrypted; use https.")
        headers = {"User-Agent": USER_AGENT, "Accept": "application/json"}
        timeout = httpx.Timeout(policy.read_timeout_s, connect=policy.connect_timeout_s)
        self._client = httpx.Client(
            headers=headers | ({"Authorization": f"Token {token}"} if token else {}),
            timeout=timeout,
            follow_redirects=False,
            # A proxy would see what is sent to this machine itself, its token in the clear.
            trust_env=not _is_loopback(self._home.host),
        )

    def __enter__(self) -> JsonClient:
        """Use the client in a `with` block, which closes it."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        self._client.close()

    def get(self, path: str, query: Mapping[str, str] | str | None = None) -> Any:
        """The JSON at a path of the server; raise TransportError when tries are used up.

        `query` is a mapping, or a query string as the server itself wrote it.
        """
        url = self._home.copy_with(path=path)
        if query:
            url = (
                url.copy_with(query=query.encode())
                if isinstance(query, str)
                else url.copy_merge_params(query)
            )
        tries = Retrying(
            stop=stop_after_attempt(self._policy.attempts),
            wait=self._wait,
            retry=retry_if_exception_type(PassingTransportError),
            reraise=True,
        )
        return tries(self._get_once, url)

    def _wait(self, state: RetryCallState) -> float:
        failure = state.outcome.exception() if state.outcome else None
        if isinstance(failure, PassingTransportError) and failure.retry_after_s is not None:
            return min(failure.retry_after_s, self._policy.longest_wait_s)
        first, longest = self._policy.first_wait_s, self._policy.longest_wait_s
        return wait_exponential_jitter(multiplier=first, max=longest, jitter=first)(state)

    def _get_once(self, url: httpx.URL) -> Any:
        for _ in range(self._policy.max_redirects + 1):
            status, headers, body = self._exchange(url)
            if status not in (301, 302, 303, 307, 308):
                self._check_status(url, status, headers)
                return _decode(url, body)
            url = self._followed(url, headers.get("Location", ""))
        raise TransportError(f"{_place(url)} redirects in circles.")

    def _exchange(self, url: httpx.URL) -> tuple[int, httpx.Headers, bytes]:
        deadline = time.monotonic() + self._policy.whole_answer_s
        try:
            with self._client.stream("GET", url) as response:
                body = bytearray()
                for chunk in response.iter_bytes():
                    body += chunk
                    if len(body) > self._policy.max_bytes:
                        raise TransportError(
                            f"{_place(url)} sends more than {self._policy.max_bytes:,} bytes."
                        )
                    if time.monotonic() > deadline:
                        raise PassingTransportError(f"{_place(url)} took too long to send its answer.")
                return response.status_code, response.headers, bytes(body)
        except httpx.TimeoutException as error:
            raise PassingTransportError(f"{_place(url)} did not answer in time.") from error
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise PassingTransportError(f"{_place(url)} broke off: {_cause(error)}.") from error

    def _check_status(self, url: httpx.URL, status: int, headers: httpx.Headers) -> None:
        if status == 200:
            return
        if status in (401, 403):
            raise TransportError(f"{_place(url)} refused the token ({status}); {self._how_to_mend()}")
        if status in _PASSING:
            wait = _retry_after(headers.get("Retry-After"))
            raise PassingTransportError(f"{_place(url)} answered {status}.", wait)
        raise TransportError(f"{_place(url)} answered {status}.")

    def _how_to_mend(self) -> str:
        if self._connection is None:
            return "the source declares no connection; add one to its source.yml."
        variable = f"DPGW_CONN_{self._connection.upper()}"
        return f"check the Airflow connection {self._connection}, or {variable}."

    def _followed(self, url: httpx.URL, location: str) -> httpx.URL:
        """Where a redirect leads, if that is the same server."""
        target = url.join(location)
        upgraded = (
            (url.scheme, target.scheme) == ("http", "https") and url.port is None and target.port is None
        )
        same_server = (target.scheme, target.port) == (url.scheme, url.port) or upgraded
        if not location or target.host != url.host or not same_server:
            raise TransportError(
                f"{_place(url)} redirects to {target.scheme}://{target.host}, another server; "
                "if it has moved, change the location."
            )
        return target.copy_with(username=None, password=None)


def _decode(url: httpx.URL, body: bytes) -> Any:
    try:
        return read_json(body)
    except ValueError as error:
        # Half a body and a proxy's error page look alike from here, and both may pass.
        raise PassingTransportError(f"{_place(url)} sent what is no complete JSON.") from error


def _place(url: httpx.URL) -> str:
    """Host and path: never a query, where a secret may be."""
    port = f":{url.port}" if url.port else ""
    return f"{url.host}{port}{url.path}"


def _cause(error: httpx.HTTPError | httpx.DecodingError) -> str:
    names = {
        "ConnectError": "no connection",
        "RemoteProtocolError": "the answer stopped half way",
        "ReadError": "the connection was lost",
        "DecodingError": "the compressed answer is damaged",
    }
    return names.get(type(error).__name__, type(error).__name__)


def _retry_after(value: str | None) -> float | None:
    """Seconds that a Retry-After header asks for, as a number or a date."""
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
