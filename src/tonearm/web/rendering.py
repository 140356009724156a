"""Templates into pages. jinja2 is imported, and a template compiled, when the first page needs it, in a thread."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tonearm.web.security import SECURITY, SESSION_COOKIE, browser_session, csrf_token

if TYPE_CHECKING:
    from jinja2 import Environment, Template

    from tonearm.web.errors import WebError

HERE = Path(__file__).parent
TEMPLATES = HERE / "templates"
STYLE = HERE / "static" / "style.css"


@dataclass(slots=True)
class Pages:
    """Renders pages in the frame that they share."""

    version: str
    _environment: Environment | None = None
    _style_url: str = ""
    _templates: dict[str, Template] = field(default_factory=dict)

    async def show(self, request: web.Request, template: str, page: Any, *, status: int = 200) -> web.Response:
        """Answer with a page: `templates/NAME.html` over `page`, a dataclass of `contexts`, as `page`."""
        compiled = self._templates.get(template)
        if compiled is None:
            compiled = await asyncio.to_thread(self._load, template)
        # After a failure of ours it must not fail again while it is told: the database may be what fails.
        session = await browser_session(request) if status < 500 else None
        from tonearm.web.contexts import Frame  # noqa: PLC0415 - the first page only

        frame = Frame(
            style_url=self._style_url,
            version=self.version,
            path=request.path,
            handle=session.account.handle if session else "",
            csrf=csrf_token(session) if session else "",
        )
        text = compiled.render(frame=frame, page=page)
        response = web.Response(text=text, status=status, content_type="text/html", charset="utf-8")
        if session:  # it lives for a while after its last use, and so shall its cookie
            known = request.app[SECURITY]
            known.sign_in(response, known.cookie(request, SESSION_COOKIE))
        return response

    async def show_error(self, request: web.Request, error: WebError) -> web.Response:
        """Answer with the page of a failure."""
        from tonearm.web.contexts import ErrorPage  # noqa: PLC0415 - the first page only

        path, text = error.link
        page = ErrorPage(error.status, error.title, error.message, path, text)
        return await self.show(request, "error", page, status=error.status)

    def _load(self, template: str) -> Template:
        if self._environment is None:
            from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - the first page only

            self._style_url = f"/static/style.css?v={sha256(STYLE.read_bytes()).hexdigest()[:12]}"
            self._environment = Environment(
                loader=FileSystemLoader(TEMPLATES),
                autoescape=True,
                undefined=StrictUndefined,
                trim_blocks=True,
                lstrip_blocks=True,
                auto_reload=False,
            )
        loaded = self._templates[template] = self._environment.get_template(f"{template}.html")
        return loaded
