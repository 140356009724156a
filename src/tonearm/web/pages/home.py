"""The first page: what this server is, or, for somebody signed in, who they are and what they played last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tonearm.web.contexts import FrontPage

if TYPE_CHECKING:
    from aiohttp import web

    from tonearm.web.rendering import Pages


@dataclass(frozen=True, slots=True)
class HomePages:
    """The handlers."""

    pages: Pages

    async def home(self, request: web.Request) -> web.Response:
        """Show the first page."""
        return await self.pages.show(request, "front", FrontPage(self.pages.version))
