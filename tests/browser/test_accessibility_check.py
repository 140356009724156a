"""The measure itself: a page with faults has them found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.accessibility import faults_of

if TYPE_CHECKING:
    from playwright.async_api import Page

BAD = """<!doctype html><html><head><title>x</title></head><body>
<main id=m><h1>One</h1><h1>Two</h1><h4>Four</h4>
<p style="color:#999;background:#aaa">Hard to read at all</p>
<input id=m name=a aria-describedby=gone><img src="data:,"><button></button>
<div style="width:2000px">wide</div></main></body></html>"""


async def test_each_kind_of_fault_is_found(page: Page) -> None:
    await page.set_content(BAD)
    found = "\n".join(await faults_of(page))
    for fault in (
        "no language",
        "no title",
        "2 first headings",
        "no one header",
        "no one footer",
        "h4 after h1",
        "no way to skip",
        "no label",
        "no name",
        "no alt",
        "id twice: m",
        "aria-describedby of nothing: gone",
        "script or style in the page",
        "contrast 1.2",
        "wider than the window",
    ):
        assert fault in found, fault
