"""A person with a browser who logs in to a Tonearm in a hostile world, and what is left of it afterwards."""

from __future__ import annotations

import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.support.server import Person as Listener
from tests.support.server import Server, running_server
from tonearm.index.engine import Work, select
from tonearm.index.tables.columns import Table
from tonearm.services.signing_in.oauth_logins import FinishedLogin, OAuthLoginError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from tests.support.hostile import HostileWorld
    from tests.support.hostile.world import Person

BROWSER = "a browser's random cookie"
OTHER_BROWSER = "another browser's random cookie"
PAGE = {"kind": "page", "return_to": "/"}


@dataclass
class Clock:
    """The server's time; tests move it."""

    ahead_s: float = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead_s


@dataclass
class Dance:
    """The steps of a login, one by one."""

    server: Server
    world: HostileWorld
    clock: Clock = field(default_factory=Clock)

    async def begin(self, identifier: str, *, binding: str = BROWSER) -> str:
        """Where the browser is sent."""
        return await self.server.core.oauth_logins.begin(identifier, binding=binding, purpose=PAGE)

    async def agree(self, url: str) -> dict[str, str]:
        """The browser goes there, somebody agrees, and it comes back: the query of the callback."""
        async with self.server.http.get(url, allow_redirects=False) as answer:
            assert answer.status == 302, await answer.text()
            back = urlsplit(answer.headers["Location"])
        assert back.path == "/oauth/callback"
        return dict(parse_qsl(back.query))

    async def come_back(self, identifier: str, *, binding: str = BROWSER) -> dict[str, str]:
        """Everything up to the callback."""
        return await self.agree(await self.begin(identifier, binding=binding))

    async def finish(self, query: Mapping[str, str], *, binding: str = BROWSER) -> FinishedLogin:
        return await self.server.core.oauth_logins.finish(query, binding=binding)

    async def log_in(self, identifier: str) -> FinishedLogin:
        return await self.finish(await self.come_back(identifier))

    async def listener(self, person: Person) -> Listener:
        """Log in, and take a token for the API."""
        account = (await self.log_in(person.handle)).account
        token = await self.server.core.api_tokens.create(account.actor_id, "test")
        return Listener(account.name, person.handle, person.did, account.actor_id, "", token)

    async def rows(self) -> dict[str, int]:
        """How many rows each table has."""
        return await self.server.core.index.read(_rows())

    @asynccontextmanager
    async def refused(self, name: str, *words: str) -> AsyncIterator[None]:
        """What happens inside must fail with this error, say these words to the person, and leave nothing behind."""
        before = await self.rows()
        with pytest.raises(OAuthLoginError) as caught:
            yield
        said = str(caught.value)
        assert (caught.value.name, said) == (name, said)
        assert all(word in said for word in words), said
        assert is_a_sentence(said), said
        assert not [secret for secret in self.secrets() if secret in said + repr(caught.value)]
        assert added(before, await self.rows()) == {}
        assert self.world.live == []

    def secrets(self) -> set[str]:
        """Everything that a peer gave out or was given and that no error may show."""
        found: set[str] = set()
        for authority in (self.world.authority, self.world.strange_authority):
            for grant in authority.grants:
                found |= {*grant.access_tokens, *grant.spent, grant.refresh_token}
            for seen in authority.log:
                if seen.method == "POST":
                    names = ("code", "code_verifier", "refresh_token", "client_assertion", "state")
                    found |= {seen.form[name] for name in names if name in seen.form}
        return found - {""}


def is_a_sentence(text: str) -> bool:
    """Whether a person can make something of it."""
    return len(text) > 20 and " " in text and "Error" not in text and text.isprintable()


def added(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    """What there is more of. A login that was begun may be used up by its failure."""
    return {name: after[name] - count for name, count in before.items() if after[name] > count}


def _rows() -> Work[dict[str, int]]:
    counted = {}
    for name in Table.metadata.tables:
        counted[name] = (yield select(f'SELECT count(*) FROM "{name}"'))[0][0]
    return counted


@asynccontextmanager
async def dancing(folder: Path, world: HostileWorld, **settings: Any) -> AsyncIterator[Dance]:
    """A Tonearm in this world. Afterwards no peer may have had to complain, and nobody may be in the trap."""
    clock = Clock()
    async with running_server(folder, now=clock, **{**world.settings(), **settings}) as server:
        for authority in (world.authority, world.strange_authority):
            authority.client_origins[server.core.settings.url] = server.url
        yield Dance(server, world, clock)
    assert world.complaints == []
    assert world.trap.log == []
