"""The page of a move: the link by an app password, the start, the end."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.support.browser_pages import page_browser
from tests.support.moving import START, link
from tests.support.server import PASSWORD
from tests.support.world import SONGS

if TYPE_CHECKING:
    from tests.support.moving import Elsewhere
    from tests.support.server import Server

PAGE = "/account/move"


async def test_a_linked_account_moves_from_the_page_and_the_browser_stays_logged_in(
    home: Server, elsewhere: Elsewhere
) -> None:
    await home.scrobble(**SONGS[0], timestamp=START)
    await home.drained()
    async with page_browser(home) as browser:
        await browser.log_in(home.first)
        assert f'href="{PAGE}"' in (await browser.get("/account")).text
        await link(home, home.first, elsewhere.did, PASSWORD, elsewhere.server.url)
        linked = await browser.get(PAGE)
        assert elsewhere.person.handle in linked.text
        page = await browser.send(PAGE, f"{PAGE}/start")
        async with asyncio.timeout(30):
            while "You have moved" not in page.text:
                assert page.headers["Refresh"] == "5"
                await asyncio.sleep(0.05)
                page = await browser.get(PAGE)
        assert "Refresh" not in page.headers
        account = await browser.get("/account")
        assert f"@{elsewhere.person.handle}" in account.text
        assert ">alice<" in account.text, "the name on this server stays"
        assert len(await elsewhere.records()) == 1
        gone = await browser.send(PAGE, f"{PAGE}/delete-old")
        assert gone.path == "/account"
        old = await home.core.pds.accounts.find(home.did)
        assert old is not None
        assert old.status == "deleted"


async def test_a_link_can_be_cancelled_and_nothing_has_changed(home: Server, elsewhere: Elsewhere) -> None:
    async with page_browser(home) as browser:
        await browser.log_in(home.first)
        await link(home, home.first, elsewhere.did, PASSWORD, elsewhere.server.url)
        cancelled = await browser.send(PAGE, f"{PAGE}/cancel")
        assert f'action="{PAGE}/link"' in cancelled.text
        late = await browser.send(PAGE, f"{PAGE}/start")
        assert (late.status, "link the account" in late.text.lower()) == (400, True)
        assert f"@{home.handle}" in (await browser.get("/account")).text
