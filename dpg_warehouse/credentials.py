"""Credentials of sources, out of the environment: never out of a committed file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from dpg_warehouse.configuration import Source
from dpg_warehouse.records import Credentials, UsageError

NO_LOGIN = "token"  # in a user's place it says that the secret is a token and nobody's password


def connection_id(source: Source, wave_id: str | None) -> str | None:
    """The name of the connection that a pull needs; None where it needs none."""
    return source.wave(wave_id).connection if wave_id else source.file.connection


def credentials_from_environment(
    connection: str | None, environment: Mapping[str, str] | None = None
) -> Credentials | None:
    """What DPGW_CONN_<ID> says, an URL `https://USER:SECRET@host[:port]`; None where it isn't set.

    USER and SECRET may be percent-encoded, as in any URL; the user `token` means a bare token.
    """
    env = os.environ if environment is None else environment
    name = f"DPGW_CONN_{(connection or '').upper()}"
    text = env.get(name) if connection else None
    if not text:
        return None
    parts, port = urlsplit(text), _port(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or not parts.password or port < 0:
        # The value holds a secret, so the sentence doesn't repeat it.
        raise UsageError(
            f"{name} is no URL with a token; write https://token:SECRET@host, or https://USER:PASSWORD@host."
        )
    host = parts.hostname + (f":{port}" if port else "")
    return Credentials(
        f"{parts.scheme}://{host}{parts.path.rstrip('/')}",
        unquote(parts.password),
        login_of(unquote(parts.username or "")),
    )


def login_of(user: str | None) -> str | None:
    """The login that a user's name is; None where it only says that the secret is a token."""
    return user if user and user != NO_LOGIN else None


def _port(text: str) -> int:
    """The port, 0 where none is named, and -1 where what is named is none."""
    try:
        return urlsplit(text).port or 0
    except ValueError:
        return -1
