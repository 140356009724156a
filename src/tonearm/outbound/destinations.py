"""Where requests may go.

A destination is public when its scheme is https and all that is connected to is a public address. What an administrator
named may be anywhere and may use http: an origin exactly, or a host that is allowed to be private.
"""

from __future__ import annotations

import asyncio
import re
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from tonearm.outbound.addresses import is_public
from tonearm.outbound.errors import OutboundRefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST_URL = 8192
LOOKUPS_AT_ONCE = 8
EXEMPT = ", unless an administrator names its host in TONEARM_ALLOWED_PRIVATE_HOSTS"
_ENDS_IN_A_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)\.?", re.IGNORECASE).fullmatch
_IPV4 = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}").fullmatch


class Destinations:
    """Says whether a URL may be asked, and which addresses of a host may be connected to."""

    def __init__(self, *, allowed_private_hosts: Iterable[str] = (), trusted_origins: Iterable[str] = ()) -> None:
        """Take what an administrator allows.

        Args:
            allowed_private_hosts: `host` for all its ports, or `host:port`; an IPv6 address in brackets.
            trusted_origins: `scheme://host` or `scheme://host:port`.

        Raises:
            ValueError: an entry is none of these. The message quotes it.
        """
        self._hosts: set[tuple[str, int | None]] = {_host_and_port(entry) for entry in allowed_private_hosts}
        self._origins = {_origin(text) for text in trusted_origins}

    def check(self, text: str | URL) -> URL:
        """Return the URL, which may be asked as far as its text goes.

        Raises:
            OutboundRefusedError: it is malformed, or not allowed.
        """
        try:
            url = URL(text)
            host, port = url.raw_host, url.port
        except (ValueError, TypeError):
            raise OutboundRefusedError("that is no URL that can be asked") from None
        if url.scheme not in ("http", "https") or not host or not port or len(str(url)) > LONGEST_URL:
            raise OutboundRefusedError("a URL to ask must begin with https:// and name a host")
        if url.raw_user is not None or url.raw_password is not None:
            raise OutboundRefusedError("a URL to ask must not hold a user name or a password")
        if self.is_configured(url):
            return url
        if url.scheme != "https":
            raise OutboundRefusedError(f"{origin_of(url)} must be asked over https{EXEMPT}")
        if ":" in host or _ENDS_IN_A_NUMBER(host):
            canonical = ":" in host or _IPV4(host) is not None
            if not canonical or not is_public(host):
                raise OutboundRefusedError(f"{origin_of(url)} is not a public address{EXEMPT}")
        return url

    def is_configured(self, url: URL) -> bool:
        """Whether an administrator named this origin, or allows its host to be private."""
        host, port = (url.raw_host or "").lower().rstrip("."), url.port
        return (url.scheme, host, port) in self._origins or self._may_be_private(host, port)

    def may_be_anywhere(self, host: str, port: int) -> bool:
        """Whether every address of a host may be connected to, for the sake of some URL that `check` accepted."""
        host = host.lower().rstrip(".")
        return self._may_be_private(host, port) or any((host, port) == origin[1:] for origin in self._origins)

    def _may_be_private(self, host: str, port: int | None) -> bool:
        return (host, None) in self._hosts or (host, port) in self._hosts


def origin_of(url: URL) -> str:
    """The scheme, host and port of a URL, for messages."""
    return str(url.origin())


def _origin(text: str) -> tuple[str, str, int | None]:
    url = URL(text)
    if url.scheme not in ("http", "https") or not url.raw_host:
        raise ValueError(f"an origin is http:// or https:// with a host, not {text!r}")
    return url.scheme, url.raw_host.lower(), url.port


def _host_and_port(entry: str) -> tuple[str, int | None]:
    bare = entry.strip().lower()
    if bare.count(":") > 1 and not bare.startswith("["):
        bare = f"[{bare}]"
    try:
        url = URL(f"none://{bare}")
        host, port = url.raw_host, url.explicit_port
    except ValueError:
        host = port = None
    if not host or url.raw_path not in ("", "/") or "@" in bare or url.query_string or url.fragment:
        raise ValueError(f"a host that may be private is written host or host:port, not {entry!r}")
    return host.rstrip("."), port


class GuardedResolver(AbstractResolver):
    """Looks hosts up for the HTTP client, and leaves out the addresses that must not be connected to.

    The client connects to what is answered here and asks nobody else, so a name that resolves to something else a
    moment later gains nothing. Lookups have threads of their own: a slow name server must not hold up other work.
    """

    def __init__(self, destinations: Destinations) -> None:
        """Take the rules."""
        self._destinations = destinations
        self._threads = ThreadPoolExecutor(LOOKUPS_AT_ONCE, "outbound-dns")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Answer the addresses of a host that may be connected to.

        Raises:
            OSError: there is no such host.
            OutboundRefusedError: none of its addresses may be connected to.
        """
        found = await asyncio.get_running_loop().run_in_executor(self._threads, _look_up, host, port, family)
        if not self._destinations.may_be_anywhere(host, port):
            found = [result for result in found if is_public(result["host"])]
        if not found:
            raise OutboundRefusedError(f"{host} has no public address{EXEMPT}")
        return found

    async def close(self) -> None:
        """Let the threads end."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _look_up(host: str, port: int, family: int) -> list[ResolveResult]:
    infos = socket.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM)
    return [
        ResolveResult(
            hostname=host,
            host=str(address[0]),
            port=port,
            family=found,
            proto=proto,
            flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
        )
        for found, _, proto, _, address in infos
        if found in (socket.AF_INET, socket.AF_INET6)
    ]
