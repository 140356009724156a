"""The one place where requests are sent to a PDS.

A PDS's address comes from an administrator or from a DID document, which anybody can write. So the client that is
injected here decides what may be connected to (`tonearm.outbound`), redirects are not followed, and every answer is
bounded in time and size.
"""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from yarl import URL

from tonearm.outbound import OutboundError, OutboundRefusedError, OutboundUnavailableError
from tonearm.pds.errors import PdsError, PdsRefusedError, PdsUnavailableError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from tonearm.outbound import OutboundAnswer, OutboundClient
    from tonearm.pds.remote.access import PdsAccess

ANSWER_LIMIT_BYTES = 4 * 1024 * 1024
"""Largest JSON answer that is read. A record is at most 1 MiB, the answer to a full batch about 40 KiB."""

CALL_TIMEOUT_S = 30.0
JSON = "application/json"
MESSAGE_LIMIT = 500


@dataclass(frozen=True, slots=True)
class Answer:
    """What a PDS answered: `body` is the parsed JSON object, or None when the body was anything else."""

    nsid: str
    status: int
    headers: Mapping[str, str]
    body: dict[str, Any] | None

    @property
    def error(self) -> str:
        """The XRPC error name, or an empty string."""
        return self._text("error")

    @property
    def message(self) -> str:
        """The PDS's message for people, cut to a bounded length; may be empty."""
        return self._text("message")

    def _text(self, key: str) -> str:
        value = self.body.get(key) if self.body else None
        return value[:MESSAGE_LIMIT] if isinstance(value, str) else ""


def pds_base_url(text: str) -> str:
    """Check the address of a PDS and answer it as scheme and authority, without a trailing slash.

    Raises:
        PdsRefusedError: it is no `http` or `https` URL of a host, or carries a user name, path, query or fragment.
    """
    try:
        url = URL(text)
    except ValueError:
        raise PdsRefusedError("InvalidRequest", "the address of the PDS is not a URL") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise PdsRefusedError("InvalidRequest", "the address of the PDS must start with https:// or http://")
    if url.user is not None or url.password is not None or url.raw_path not in ("", "/") or url.query or url.fragment:
        raise PdsRefusedError("InvalidRequest", "the address of the PDS must be a host and nothing more")
    return str(url.origin())


class PdsTransport:
    """Sends XRPC calls through an injected HTTP client."""

    def __init__(self, http: OutboundClient, *, timeout_s: float = CALL_TIMEOUT_S) -> None:
        """Use a client that somebody else closes.

        Args:
            http: decides where connections may go.
            timeout_s: longest time for one whole call.
        """
        self._http = http
        self._timeout_s = timeout_s

    async def get(self, pds_url: str, nsid: str, params: Mapping[str, str], *, lost: type[PdsError]) -> Answer:
        """Call a query without credentials. The errors are those of `post`."""
        return await self._call("GET", _method_url(pds_url, nsid, params), nsid, body=None, headers={}, lost=lost)

    async def post(
        self, pds_url: str, nsid: str, body: bytes | None, *, token: str | None, lost: type[PdsError]
    ) -> Answer:
        """Call a procedure and read its answer, whatever its status.

        Args:
            pds_url: a base URL that `pds_base_url` accepted.
            nsid: the method.
            body: JSON, or None for a method without input.
            token: bearer token.
            lost: the error for a request that was sent and not answered in full.

        Raises:
            PdsUnavailableError: there was no connection, or the address is not allowed, so the request was not sent.
            PdsError: of the class `lost`.
        """
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return await self._call("POST", _method_url(pds_url, nsid), nsid, body=body, headers=headers, lost=lost)

    async def post_as(
        self, access: PdsAccess, nsid: str, body: bytes, *, lost: type[PdsError], media_type: str = JSON
    ) -> Answer:
        """Call a procedure for an account; once more when the PDS only wanted the request to be authorised otherwise.

        `media_type` is that of the body. The arguments and errors are else those of `post`.
        """
        url = _method_url(access.pds_url, nsid)
        for _ in range(2):
            headers = {"Content-Type": media_type, **access.headers("POST", url)}
            answer = await self._call("POST", url, nsid, body=body, headers=headers, lost=lost)
            if not access.heard(url, answer.status, answer.headers):
                return answer
        raise PdsUnavailableError(f"{nsid} at {access.pds_url} was to be authorised otherwise each time")

    @asynccontextmanager
    async def stream(
        self, pds_url: str, nsid: str, params: Mapping[str, str]
    ) -> AsyncIterator[tuple[Answer | None, AsyncIterator[bytes]]]:
        """Open an answer that is not JSON.

        Yields:
            None and the chunks of the body; or the answer, read in full, when its status is not 200.

        Raises:
            PdsUnavailableError: no connection, or it was lost before the end.
        """
        try:
            async with self._http.stream("GET", _method_url(pds_url, nsid, params)) as stream:
                answer = None if stream.status == 200 else _answer(nsid, await stream.read(ANSWER_LIMIT_BYTES))
                yield answer, stream.chunks()
        except OutboundError as error:
            raise PdsUnavailableError(f"{nsid} at {error}") from None

    async def _call(
        self, method: str, url: str, nsid: str, *, body: bytes | None, headers: dict[str, str], lost: type[PdsError]
    ) -> Answer:
        headers = {"Accept": JSON, **({"Content-Type": JSON} if body is not None else {}), **headers}
        try:
            answer = await self._http.fetch(
                method, url, headers=headers, body=body, limit_bytes=ANSWER_LIMIT_BYTES, timeout_s=self._timeout_s
            )
        except OutboundRefusedError as error:
            raise PdsUnavailableError(f"{nsid} at {error}") from None
        except OutboundUnavailableError as error:
            raise (lost if error.sent else PdsUnavailableError)(f"{nsid} at {error}") from None
        except OutboundError as error:
            raise lost(f"{nsid} at {error}") from None
        return _answer(nsid, answer)


def _method_url(pds_url: str, nsid: str, params: Mapping[str, str] | None = None) -> str:
    return str((URL(pds_url) / "xrpc" / nsid).with_query(params))


def _answer(nsid: str, answer: OutboundAnswer) -> Answer:
    return Answer(nsid, answer.status, answer.headers, _json_object(answer.body))


def _json_object(raw: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
