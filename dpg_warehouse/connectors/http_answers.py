"""What an HTTP answer means: which failures pass, and how to say them without a secret."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from typing import Any

import httpx

from dpg_warehouse.connectors.storable import read_json
from dpg_warehouse.records import PassingTransportError, TransportError

_PASSING = frozenset({408, 425, 429, *range(500, 600)})


class RefusedError(TransportError):
    """A server refused the credentials (401), or what they may do (403)."""

    def __init__(self, message: str, status: int) -> None:
        """Keep the status beside the message."""
        super().__init__(message)
        self.status = status


def check_status(url: httpx.URL, status: int, headers: httpx.Headers, connection: str | None) -> None:
    """Raise what a status other than 200 means; `connection` is named where credentials are refused."""
    if status == 200:
        return
    if status in (401, 403):
        raise RefusedError(
            f"{place(url)} refused the credentials ({status}); {how_to_mend(connection)}", status
        )
    if status in _PASSING:
        wait = _retry_after(headers.get("Retry-After"))
        raise PassingTransportError(f"{place(url)} answered {status}.", wait)
    raise TransportError(f"{place(url)} answered {status}.")


def decode(url: httpx.URL, body: bytes) -> Any:
    """The JSON of a body."""
    if not body.strip():
        raise PassingTransportError(f"{place(url)} sent an empty answer.")
    try:
        return read_json(body)
    except ValueError as error:
        # Half a body and a proxy's error page look alike from here, and both may pass.
        raise PassingTransportError(f"{place(url)} sent what is no complete JSON.") from error


def how_to_mend(connection: str | None) -> str:
    """Where the credentials that a server refused come from."""
    if connection is None:
        return "the source declares no connection; add one to its source.yml."
    return f"check the Airflow connection {connection}, or DPGW_CONN_{connection.upper()}."


def place(url: httpx.URL) -> str:
    """Host and path: never a query, where a secret may be."""
    port = f":{url.port}" if url.port else ""
    return f"{url.host}{port}{url.path}"


def cause(error: httpx.HTTPError | httpx.DecodingError) -> str:
    """Why an exchange broke off, in words."""
    names = {
        "ConnectError": "no connection",
        "RemoteProtocolError": "the answer stopped half way",
        "ReadError": "the connection was lost",
        "DecodingError": "the compressed answer is damaged",
    }
    return names.get(type(error).__name__, type(error).__name__)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


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
