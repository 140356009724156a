"""What goes wrong on the way to a page, as browsers and programs are told.

One middleware turns every failure of the web routes into an answer: a page for those who accept HTML, and JSON of
XRPC's shape for the others. A 500 names the request in the log, and tells nothing of the exception.
"""

from __future__ import annotations

import logging
import secrets
from typing import TYPE_CHECKING

from aiohttp import web

from tonearm.xrpc.errors import XrpcError
from tonearm.xrpc.http.responses import place_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from aiohttp.typedefs import Handler, Middleware

    ShowError = Callable[[web.Request, "WebError"], Awaitable[web.StreamResponse]]

log = logging.getLogger(__name__)

_NAMES = {401: "AuthenticationRequired", 403: "Forbidden", 404: "NotFound", 429: "RateLimitExceeded"}


class WebError(Exception):
    """A request that a page cannot be given for. `title` and `message` are shown; `link` (path, text) leads on.

    Programs get `name`, that of `STATUS_OF_ERROR` unless given.
    """

    def __init__(
        self,
        status: int,
        title: str,
        message: str,
        *,
        link: tuple[str, str] = ("/", "Go to the first page"),
        name: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.name = name or _NAMES.get(status, "InternalServerError" if status >= 500 else "InvalidRequest")
        self.headers = dict(headers or {})
        self.title = title
        self.message = message
        self.link = link


def _of_status(status: int) -> WebError:
    if status == 404:
        return WebError(404, "Page not found", "There is no page at this address. Check it for typing mistakes.")
    if status == 405:
        return WebError(405, "That does not work here", "This address does not take this kind of request.")
    if status == 413:
        return WebError(413, "That is too much", "What was sent is larger than this address takes.")
    if status == 429:
        return WebError(429, "Too many tries", "There were too many tries from your network. Wait some minutes.")
    return WebError(status, f"Error {status}", "The request could not be answered.")


def error_answers(show: ShowError) -> Middleware:
    """The middleware that answers failures, with `show` for those who read HTML."""

    @web.middleware
    async def answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except WebError as error:
            failure = error
        except XrpcError as error:
            failure = _of_status(error.status)
            failure.name, failure.message, failure.headers = error.name, error.message, error.headers
        except web.HTTPException as error:
            if error.status < 400:
                raise
            failure = _of_status(error.status)
            failure.headers = {name: error.headers[name] for name in ("Allow",) if name in error.headers}
        except Exception:
            request_id = secrets.token_hex(8)
            log.exception("request %s to %s failed", request_id, place_of(request))
            failure = WebError(
                500,
                "Something went wrong",
                f"The fault is ours, and it is in the server's log as {request_id}. Try again in a moment.",
            )
        answer = await _answer(request, failure, show)
        answer.headers.update(failure.headers)
        return answer

    return answer_errors


async def _answer(request: web.Request, error: WebError, show: ShowError) -> web.StreamResponse:
    if "text/html" in request.headers.get("Accept", ""):
        return await show(request, error)
    return web.json_response({"error": error.name, "message": error.message}, status=error.status)


def sentence(error: Exception | str) -> str:
    """An error's message as a sentence. A handle, DID or address that it begins with stays as it is."""
    text = str(error)
    if not any(mark in text.partition(" ")[0] for mark in ".:/"):
        text = text[:1].upper() + text[1:]
    return text + ("" if text.endswith((".", "!", "?")) else ".")
