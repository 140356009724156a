"""What every page and every failure has in common, as a browser sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.support.server import Server

HTML = {"Accept": "text/html,application/xhtml+xml"}


async def test_the_first_page_is_html_that_no_frame_may_hold_and_no_cache_keeps(server: Server) -> None:
    async with server.http.get(f"{server.url}/", headers=HTML) as answer:
        page = await answer.text()
    policy = answer.headers["Content-Security-Policy"]
    assert answer.status == 200
    assert answer.content_type == "text/html"
    assert "<h1>" in page
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "script" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"] == "no-store"


async def test_an_unknown_address_is_a_page_for_browsers_and_json_for_programs(server: Server) -> None:
    async with server.http.get(f"{server.url}/nothing-here", headers=HTML) as answer:
        assert answer.status == 404
        assert "Page not found" in await answer.text()
    async with server.http.get(f"{server.url}/nothing-here") as answer:
        assert answer.status == 404
        assert (await answer.json())["error"] == "NotFound"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_the_style_sheet_and_the_icon_are_cached_and_pages_name_the_sheets_content(server: Server) -> None:
    async with server.http.get(f"{server.url}/") as answer:
        page = await answer.text()
    address = page.split('rel="stylesheet" href="')[1].split('"')[0]
    async with server.http.get(server.url + address) as answer:
        assert answer.status == 200
        assert answer.content_type == "text/css"
        assert answer.headers["Cache-Control"].startswith("public")
