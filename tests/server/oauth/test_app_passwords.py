"""Logging in without a browser, with an app password: the PDS is that of the DID document, and answers for nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.hostile import ABSENT, endless, garbage, json_answer, redirect
from tests.support.hostile.answers import changed

if TYPE_CHECKING:
    from tests.server.oauth.dance import Dance
    from tests.support.hostile.answers import Answer
    from tests.support.hostile.world import Person

CREATE_SESSION = "/xrpc/com.atproto.server.createSession"


async def log_in(dance: Dance, person: Person, **changes: Any) -> tuple[int, str]:
    body = {"handle": person.handle, "password": person.password, **changes}
    async with dance.server.http.post(f"{dance.server.url}/login", json=body) as answer:
        return answer.status, await answer.text()


async def refused(dance: Dance, person: Person, status: int, **changes: Any) -> str:
    """The login must be refused with this status, and leave nothing."""
    before = await dance.rows()
    answered, text = await log_in(dance, person, **changes)
    assert answered == status, text
    assert "jwt:" not in text
    assert person.password not in text
    assert await dance.rows() == before
    return text


async def test_an_app_password_opens_a_session_and_is_kept_nowhere(dance: Dance) -> None:
    rosa = dance.world.person("rosa")
    status, text = await log_in(dance, rosa)
    assert status == 200
    token = text.removeprefix("jwt:")
    made = await dance.server.tell(
        "app.rocksky.scrobble.createScrobble", {"title": "Roygbiv", "artist": "Boards of Canada"}, token=token
    )
    assert made[0] == 200
    await dance.server.drained()
    assert len(dance.world.pds.records) > 0
    stored = b"".join(path.read_bytes() for path in dance.server.core.settings.data_dir.glob("*.db*"))
    assert rosa.password.encode() not in stored
    assert not [token for token in dance.world.pds.app_sessions if token.encode() in stored]


async def test_a_wrong_password_leaves_nothing(dance: Dance) -> None:
    await refused(dance, dance.world.person("rosa"), 401, password="another one")


@pytest.mark.parametrize(
    "change",
    [
        {"did": "did:plc:" + "a" * 24},
        {"did": ABSENT},
        {"accessJwt": ABSENT},
        {"accessJwt": "two words"},
        {"refreshJwt": "line\r\nX: y"},
        {"handle": 7},
    ],
)
async def test_a_pds_that_answers_with_no_session_of_this_account_is_not_believed(
    dance: Dance, change: dict[str, Any]
) -> None:
    mallory = dance.world.person("mallory", dance.world.strange_pds)
    said = {"did": mallory.did, "handle": mallory.handle, "accessJwt": "a.b.c", "refreshJwt": "d.e.f"}
    dance.world.strange_pds.instead[CREATE_SESSION] = json_answer(changed(said, change))
    await refused(dance, mallory, 502)


async def test_a_pds_cannot_log_in_somebody_of_another_pds(dance: Dance) -> None:
    rosa, mallory = dance.world.person("rosa"), dance.world.person("mallory", dance.world.strange_pds)
    said = {"did": rosa.did, "handle": rosa.handle, "accessJwt": "a.b.c", "refreshJwt": "d.e.f"}
    dance.world.strange_pds.instead[CREATE_SESSION] = json_answer(said)
    await refused(dance, mallory, 502)


async def test_a_pds_cannot_log_in_the_administrator(dance: Dance) -> None:
    mallory = dance.world.person("mallory", dance.world.strange_pds)
    first = dance.server.first
    said = {"did": first.did, "handle": first.handle, "accessJwt": "a.b.c", "refreshJwt": "d.e.f"}
    dance.world.strange_pds.instead[CREATE_SESSION] = json_answer(said)
    await refused(dance, mallory, 502)


@pytest.mark.parametrize(
    "answer",
    [
        garbage("<html>", "text/html"),
        garbage("[]"),
        endless(),
        json_answer({}, 500),
        redirect("http://169.254.169.254/latest/meta-data", 307),
        redirect("https://other.example/xrpc/com.atproto.server.createSession", 308),
    ],
    ids=["html", "list", "endless", "broken", "inside", "elsewhere"],
)
async def test_a_pds_that_answers_something_else_gets_no_second_try(dance: Dance, answer: Answer) -> None:
    rosa = dance.world.person("rosa")
    dance.world.pds.instead[CREATE_SESSION] = answer
    await refused(dance, rosa, 502)
    assert len(dance.world.pds.asked(CREATE_SESSION)) == 1


async def test_a_password_is_not_sent_to_an_address_inside(dance: Dance) -> None:
    rosa, world = dance.world.person("rosa"), dance.world
    for inside in ("http://127.0.0.1:{port}", "https://[::ffff:127.0.0.1]:{port}", "http://169.254.169.254"):
        world.directory.move(rosa.did, inside.format(port=world.trap.port))
        await refused(dance, rosa, 502)


async def test_a_password_is_not_sent_when_the_handle_does_not_lead_back(dance: Dance) -> None:
    rosa, mallory = dance.world.person("rosa"), dance.world.person("mallory", dance.world.strange_pds)
    dance.world.directory.handles[rosa.handle] = mallory.did
    await refused(dance, rosa, 400)
    assert dance.world.strange_pds.log == []
