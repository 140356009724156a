"""A PDS made of a list of answers: what `RemotePds` sends is kept, nothing goes over a socket."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from multidict import CIMultiDict

from tonearm.outbound import OutboundClient
from tonearm.pds.remote import PdsSession

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from yarl import URL

DID = "did:plc:ewvi7nxzyoun6zhxrhs64oiz"
URL = "https://pds.example"
REV = "3mabcdefghij2"
CID = "bafyreidfayvfuwqa7qlnopdjiqrxzs6blmoeu4rujcjtnci5beludirz2a"
COMMITTED = {"commit": {"cid": CID, "rev": REV}, "results": []}


@dataclass
class Sent:
    verb: str
    url: str
    options: dict[str, Any]

    @property
    def method(self) -> str:
        return self.url.rsplit(".", 1)[1]

    @property
    def token(self) -> str | None:
        return self.options["headers"].get("Authorization", "Bearer ").removeprefix("Bearer ") or None

    @property
    def body(self) -> Any:
        return json.loads(self.options["data"])


@dataclass
class Given:
    """An answer; `before` runs when it is asked for."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    before: Callable[[], Any] = lambda: None


class FakeResponse:
    def __init__(self, given: Given, url: URL, close: Callable[[], None]) -> None:
        self.status = given.status
        self.headers = CIMultiDict(given.headers)
        self.url = url
        self.close = close
        self.content = self
        self.raw = given.body if isinstance(given.body, bytes) else json.dumps(given.body).encode()

    async def iter_chunked(self, size: int) -> AsyncIterator[bytes]:
        for start in range(0, len(self.raw), size):
            yield self.raw[start : start + size]


class FakePds(OutboundClient):
    """The outbound client without its sockets. `answers` has, for each method, what comes next; the last one stays.

    An answer is a `Given`, or an exception that the HTTP client raises.
    """

    def __init__(self, **answers: Any) -> None:
        super().__init__(user_agent="test")
        self._session = self
        self.answers = {method: list(a) if isinstance(a, (list, tuple)) else [a] for method, a in answers.items()}
        self.sent: list[Sent] = []
        self.at_once = 0
        self.most_at_once = 0

    async def request(self, verb: str, url: URL, **options: Any) -> FakeResponse:
        sent = Sent(verb, str(url.with_query(None)), {**options, "params": dict(url.query)})
        self.sent.append(sent)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(0)
            queue = self.answers[sent.method]
            answer = queue.pop(0) if len(queue) > 1 else queue[0]
            if isinstance(answer, BaseException):
                raise answer
            answer.before()
        except BaseException:
            self._done()
            raise
        return FakeResponse(answer, url, self._done)

    def _done(self) -> None:
        self.at_once -= 1

    def methods(self) -> list[str]:
        return [sent.method for sent in self.sent]


def refused(error: str, status: int = 400, message: str = "", **headers: str) -> Given:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Given({"error": error, "message": message}, status, named)


def a_session(n: int = 1, did: str = DID) -> PdsSession:
    return PdsSession(did, "alice.test", URL, f"access-{n}", f"refresh-{n}")


def rotated_to(n: int, did: str = DID) -> Given:
    return Given({"did": did, "handle": "alice.test", "accessJwt": f"access-{n}", "refreshJwt": f"refresh-{n}"})
