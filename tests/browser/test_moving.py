"""A local account that becomes one of the real PDS, by that PDS's own log-in page."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.test_logins_elsewhere import Visit, picture, visit
from tests.support.accessibility import faults_of
from tests.support.moving import SCROBBLE, START, same_after_reindex, session
from tests.support.world import SONGS

if TYPE_CHECKING:
    from playwright.async_api import Page

__all__ = ["visit"]

pytestmark = [pytest.mark.needs_node, pytest.mark.xdist_group("browser-real-pds")]

ALBUM = "app.rocksky.album"
STATUS = "app.rocksky.actor.status"


async def test_an_account_is_moved_by_oauth_with_what_that_permits_and_the_rest_stands_in_the_queue(
    visit: Visit,
) -> None:
    server, page = visit.server, visit.page
    for number in range(30):
        await server.scrobble(**SONGS[number % len(SONGS)], timestamp=START + 300 * number)
    await server.drained()
    blob = await upload(server, picture(2, 3))
    with_file = {"$type": ALBUM, "title": "With a file", "artist": "Kate Bush", "albumArt": blob}
    await write(server, ALBUM, "3k2yihcrp6f2c", {**with_file, "createdAt": "2020-01-01T00:00:00.000Z"})
    await write(server, STATUS, "self", {"$type": STATUS, "createdAt": "2020-01-01T00:00:00.000Z", "track": {}})
    before = {collection: await server.records(collection) for collection in (SCROBBLE, ALBUM)}

    await sign_in(visit)
    await page.goto(f"{visit.url}/account")
    await page.get_by_role("link", name="Move the account").click()
    assert await faults_of(page) == []
    await page.get_by_label("Handle of the account to move to").fill(visit.account.handle)
    await page.get_by_role("button", name="Continue").click()
    await visit.sign_in_at_pds()
    await page.get_by_role("button", name="Authorize").click()
    await page.wait_for_url(f"{visit.url}/account/move")
    assert visit.account.handle in await page.locator("main").inner_text()
    assert await faults_of(page) == []
    await page.get_by_role("button", name="Start the move").click()
    await moved(page)

    assert await faults_of(page) == []
    assert "1 record was refused" in await page.locator("main").inner_text()
    assert {collection: await records(visit, collection) for collection in before} == before
    _, queue = await server.ask("app.tonearm.journal.getQueue", token=server.token)
    (entry,) = queue["entries"]
    assert (entry["collection"], entry["state"], entry["reason"]) == (STATUS, "refused", "NotPermitted")
    await visit.scrobble("Cloudbusting", server.token)
    for _ in range(100):
        if "Cloudbusting" in await visit.titles():
            break
        await asyncio.sleep(0.1)
    assert "Cloudbusting" in await visit.titles()
    await page.goto(f"{visit.url}/")
    assert visit.account.handle in await page.locator("main").inner_text(), "the browser stays signed in"
    await same_after_reindex(server)


async def sign_in(visit: Visit) -> None:
    await visit.page.goto(f"{visit.url}/account/login")
    await visit.page.locator("#name").fill(visit.server.first.name)
    await visit.page.locator("#password").fill(visit.server.password)
    await visit.page.keyboard.press("Enter")
    await visit.page.wait_for_url(f"{visit.url}/")


async def moved(page: Page) -> None:
    """Watch the page until it says so; it asks again by itself."""
    await page.get_by_role("heading", name="You have moved").wait_for(timeout=60_000)


async def records(visit: Visit, collection: str) -> dict[str, Any]:
    """All records of a collection of the repository on the real PDS, by record key."""
    found: dict[str, Any] = {}
    params = {"repo": visit.account.did, "collection": collection, "limit": "100"}
    while True:
        url = f"{visit.pds.url}/xrpc/com.atproto.repo.listRecords"
        async with visit.server.http.get(url, params=params) as answer:
            page = await answer.json()
        found |= {record["uri"].rsplit("/", 1)[1]: record["value"] for record in page["records"]}
        if not page.get("cursor") or not page["records"]:
            return found
        params["cursor"] = page["cursor"]


async def upload(server: Any, content: bytes) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {await session(server, server.first)}", "Content-Type": "image/png"}
    url = f"{server.url}/xrpc/com.atproto.repo.uploadBlob"
    async with server.http.post(url, data=content, headers=headers) as answer:
        assert answer.status == 200, await answer.text()
        return (await answer.json())["blob"]


async def write(server: Any, collection: str, rkey: str, record: dict[str, Any]) -> None:
    body = {"repo": server.did, "collection": collection, "rkey": rkey, "record": record, "validate": False}
    token = await session(server, server.first)
    status, answer = await server.tell("com.atproto.repo.createRecord", body, token=token)
    assert status == 200, answer
