"""What pages refuse before they look at it, and cookies that live as long as their sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tonearm.web.pages.handlers import BEGINNINGS

if TYPE_CHECKING:
    from tests.support.browser_pages import PageBrowser
    from tests.support.server import Server


async def test_a_form_that_is_too_large_or_is_none_is_refused(server: Server, browser: PageBrowser) -> None:
    page = await browser.post("/account/login", {"handle": "a" * 70_000})
    assert page.status == 413
    headers = {"Origin": server.url, "Accept": "text/html"}
    async with browser.http.post(f"{server.url}/account/login", json={"handle": "a"}, headers=headers) as answer:
        assert answer.status == 415
    headers["Content-Type"] = "application/x-www-form-urlencoded"
    for body in (b"\xff\xfe", b"handle=%ff", b"&".join(b"a=1" for _ in range(101))):
        async with browser.http.post(f"{server.url}/account/login", data=body, headers=headers) as answer:
            assert answer.status == 400
            assert "Not a form" in await answer.text()


async def test_logins_that_are_begun_again_and_again_are_held_up(server: Server, browser: PageBrowser) -> None:
    for _ in range(BEGINNINGS):
        page = await browser.post("/account/login", {"handle": "nobody.invalid"})
        assert page.status == 400
    page = await browser.post("/account/login", {"handle": "nobody.invalid"})
    assert page.status == 429
    assert int(page.headers["Retry-After"]) > 0


async def test_guesses_at_a_password_are_held_up_and_the_form_says_for_how_long(
    server: Server, browser: PageBrowser
) -> None:
    for _ in range(10):
        page = await browser.post("/account/login/password", {"name": server.first.name, "password": "wrong"})
        assert page.status == 400
    page = await browser.log_in(server.first)
    assert page.status == 429
    assert "seconds" in page.text.split('id="password-error"')[1]


async def test_each_page_renews_the_cookie_of_its_session(server: Server, browser: PageBrowser) -> None:
    await browser.log_in(server.first)
    page = await browser.get("/account/sessions")
    assert page.headers["Set-Cookie"].startswith("tonearm_session=")
    assert "Max-Age=2592000" in page.headers["Set-Cookie"]
    page = await browser.get("/static/style.css")
    assert "Set-Cookie" not in page.headers


async def test_behind_https_the_cookie_is_bound_to_the_host_and_to_https(tmp_path) -> None:
    import aiohttp

    from tests.support.server import running_server

    async with running_server(tmp_path, public_url="https://tonearm.example.org") as server:
        form = {"name": server.first.name, "password": server.password}
        headers = {"Origin": "https://tonearm.example.org"}
        path = f"{server.url}/account/login/password"
        async with (
            aiohttp.ClientSession() as http,
            http.post(path, data=form, headers=headers, allow_redirects=False) as answer,
        ):
            cookies = answer.headers.getall("Set-Cookie")
        session = next(cookie for cookie in cookies if "tonearm_session" in cookie)
        assert session.startswith("__Host-tonearm_session=")
        assert "Secure" in session
