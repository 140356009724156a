"""The pages' part of the table of routes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tonearm.web.pages.home import HomePages
from tonearm.web.routes import WebRoute

if TYPE_CHECKING:
    from tonearm.web.rendering import Pages


def page_routes(pages: Pages) -> list[WebRoute]:
    """Every page, and who may see it."""
    home = HomePages(pages)
    return [WebRoute("GET", "/", "anyone", home.home)]
