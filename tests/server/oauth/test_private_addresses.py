"""Nothing that a stranger names makes the server call an address inside: not at first, and not by a redirect.

One server meets all the addresses: the claim is the same for each, and the trap, which listens on loopback, is looked at
when the server has ended.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.hostile import redirect
from tests.support.hostile.authorization import METADATA, PAR, TOKEN
from tests.support.hostile.pds import RESOURCE
from tonearm.services.signing_in.oauth_logins import OAuthLoginError

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from tests.server.oauth.dance import Dance

INSIDE = [
    "http://127.0.0.1:{port}",
    "http://localhost:{port}",
    "http://[::ffff:127.0.0.1]:{port}",
    "http://[::ffff:7f00:1]:{port}",
    "http://[::1]:{port}",
    "http://0.0.0.0:{port}",
    "http://2130706433:{port}",
    "http://0x7f.1:{port}",
    "http://127.1:{port}",
    "http://[64:ff9b::127.0.0.1]:{port}",
    "http://[2002:7f00:1::]:{port}",
    "https://127.0.0.1:{port}",
    "https://localhost:{port}",
    "https://[::ffff:127.0.0.1]:{port}",
    "http://169.254.169.254",
    "https://169.254.169.254",
    "https://10.0.0.1",
    "https://192.168.0.1",
    "https://100.64.0.1",
    "https://[fd00::1]",
    "https://[fe80::1]",
]


@pytest.fixture
def inside(dance: Dance) -> list[str]:
    return [address.format(port=dance.world.trap.port) for address in INSIDE]


async def refused(what: Awaitable[object]) -> str:
    """The name of the error with which it is refused."""
    with pytest.raises(OAuthLoginError) as caught:
        await what
    return caught.value.name


async def test_a_pds_inside_is_not_asked(dance: Dance, inside: list[str]) -> None:
    before = await dance.rows()
    for number, address in enumerate(inside):
        person = dance.world.person(f"p{number}")
        dance.world.directory.move(person.did, address)
        assert await refused(dance.begin(person.handle)) in ("ServerUnsuitable", "BadDidDocument"), address
    assert await dance.rows() == before


async def test_an_authorization_server_inside_is_not_asked(dance: Dance, inside: list[str]) -> None:
    rosa = dance.world.person("rosa")
    for address in inside:
        dance.world.pds.resource = {"authorization_servers": [address]}
        async with dance.refused("ServerUnsuitable"):
            await dance.begin(rosa.handle)


async def test_a_server_inside_that_a_person_types_is_not_asked(dance: Dance, inside: list[str]) -> None:
    before = await dance.rows()
    for address in inside:
        assert await refused(dance.begin(address)) in ("ServerUnsuitable", "IdentifierInvalid"), address
    assert await dance.rows() == before


@pytest.mark.parametrize("path", [RESOURCE, METADATA, PAR])
async def test_no_redirect_leads_inside(dance: Dance, inside: list[str], path: str) -> None:
    rosa, world = dance.world.person("rosa"), dance.world
    peer = world.pds if path == RESOURCE else world.authority
    for address in inside:
        peer.instead[path] = redirect(address + path, 307)
        async with dance.refused("ServerUnsuitable"):
            await dance.begin(rosa.handle)


@pytest.mark.parametrize("name", ["pushed_authorization_request_endpoint", "token_endpoint"])
async def test_no_endpoint_leads_inside(dance: Dance, inside: list[str], name: str) -> None:
    rosa = dance.world.person("rosa")
    for address in inside:
        dance.world.authority.metadata = {name: address + TOKEN}
        async with dance.refused("ServerUnsuitable"):
            await dance.finish(await dance.come_back(rosa.handle))


async def test_no_logout_leads_inside(dance: Dance, inside: list[str]) -> None:
    rosa = dance.world.person("rosa")
    for address in inside:
        dance.world.authority.metadata = {}
        await dance.log_in(rosa.handle)
        dance.world.authority.metadata = {"revocation_endpoint": address + TOKEN}
        await dance.server.core.oauth_sessions.end(rosa.did)
        assert not await dance.server.core.oauth_sessions.has(rosa.did)


async def test_a_did_web_inside_is_not_asked(dance: Dance) -> None:
    before, port = await dance.rows(), dance.world.trap.port
    for host in (f"127.0.0.1%3A{port}", f"localhost%3A{port}", "169.254.169.254", "10.0.0.1"):
        names = ("IdentifierInvalid", "DidNotFound", "BadDidDocument", "ServerUnsuitable")
        assert await refused(dance.begin(f"did:web:{host}")) in names, host
    assert await dance.rows() == before


async def test_a_handle_inside_is_not_asked(dance: Dance) -> None:
    before = await dance.rows()
    for handle in ("127.0.0.1", "localhost", "rosa.localhost", "rosa.local", "rosa.internal"):
        assert await refused(dance.begin(handle)) in ("IdentifierInvalid", "HandleNotFound"), handle
    assert await dance.rows() == before


async def test_the_walk_at_the_callback_does_not_lead_inside(dance: Dance, inside: list[str]) -> None:
    before = await dance.rows()
    for number, address in enumerate(inside):
        person = dance.world.person(f"p{number}")
        query = await dance.come_back(person.handle)
        dance.world.directory.move(person.did, address)
        name = await refused(dance.finish(query))
        assert name in ("ServerUnsuitable", "IssuerMismatch", "BadDidDocument"), address
    assert await dance.rows() == before
    assert dance.world.live == []
