"""The ways to leave: deactivated, exported, deleted; and failures of ours."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

    from tests.support.browser_pages import PageBrowser
    from tests.support.server import Server


async def test_a_deactivated_account_comes_no_further_than_to_its_reactivation(
    server: Server, browser: PageBrowser
) -> None:
    bob = await server.create_account("bob")
    await browser.log_in(bob)
    page = await browser.send("/account", "/account/deactivate")
    assert page.path == "/account/inactive"
    for path in ("/", "/account", "/account/tokens"):
        assert (await browser.get(path)).path == "/account/inactive"
    status, _ = await server.tell("app.rocksky.scrobble.createScrobble", {"title": "a", "artist": "b"}, token=bob.token)
    assert status == 401
    page = await browser.send("/account/inactive", "/account/reactivate")
    assert "active again" in page.text
    status, _ = await server.tell("app.rocksky.scrobble.createScrobble", {"title": "a", "artist": "b"}, token=bob.token)
    assert status == 200


async def test_the_last_administrator_is_told_why_they_cannot_leave(server: Server, browser: PageBrowser) -> None:
    await browser.log_in(server.first)
    page = await browser.send("/account", "/account/deactivate")
    assert page.status == 400
    assert "administrator" in page.text.split('role="alert"')[1]
    page = await browser.send("/account/delete", "/account/delete", typed=server.handle)
    assert page.status == 400
    assert "administrator" in page.text.split('role="alert"')[1]


async def test_an_account_is_deleted_only_when_its_handle_is_typed_and_then_wholly(
    server: Server, browser: PageBrowser
) -> None:
    bob = await server.create_account("bob")
    await server.scrobble(bob, title="Gone", artist="Soon")
    await browser.log_in(bob)
    page = await browser.send("/account/delete", "/account/delete", typed="bob")
    assert page.status == 400
    assert 'href="#typed"' in page.text
    page = await browser.send("/account/delete", "/account/delete", typed=f"@{bob.handle}")
    assert page.path.startswith("/account/deletions/")
    for _ in range(200):
        if "is deleted</h1>" in page.text:
            break
        assert page.headers["Refresh"] == "3"
        await asyncio.sleep(0.05)
        page = await browser.get(page.path)
    assert "holds nothing of you" in page.text
    assert "Refresh" not in page.headers
    assert (await browser.get("/account")).path.startswith("/account/login")
    page = await browser.log_in(bob)
    assert page.status == 400


async def test_the_data_come_as_a_file_that_only_their_owner_gets(server: Server, browser: PageBrowser) -> None:
    assert (await browser.get("/account/export")).path.startswith("/account/login")
    await browser.log_in(server.first)
    async with browser.http.get(f"{server.url}/account/export") as answer:
        body = await answer.read()
    assert answer.content_type == "application/zip"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Cache-Control"] == "no-store"
    assert body.startswith(b"PK")


async def test_a_fault_of_ours_is_a_page_that_names_its_log_line_and_nothing_else(
    server: Server, browser: PageBrowser, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await server.scrobble(title="a", artist="b")
    await browser.log_in(server.first)

    def fail(*_: object) -> None:
        raise RuntimeError("the inner secret")

    monkeypatch.setattr("tonearm.web.pages.home.moment", fail)
    with caplog.at_level(logging.ERROR):
        page = await browser.get("/")
    assert page.status == 500
    assert "inner secret" not in page.text
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    logged = next(record for record in caplog.records if record.exc_info)
    assert logged.args[0] in page.text
