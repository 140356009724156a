"""The avatar of whoever is signed in, from this server: no page of ours makes a browser ask another host for anything.

The picture is somebody else's: it is fetched by the guarded client, has to be small and a picture by its first bytes
(what it calls itself does not count), and is served with headers under which nothing in it can run.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from aiohttp import web

from tonearm.outbound import OutboundError
from tonearm.web.security import signed_in
from tonearm.web.static_files import STATIC

if TYPE_CHECKING:
    from tonearm.outbound import OutboundClient
    from tonearm.services.history import History

PATH = "/account/avatar"
LIMIT_BYTES = 1_000_000
"""The largest avatar of a profile. Source: lexicon app.bsky.actor.profile."""
KEPT = 16
TIMEOUT_S = 8.0
REDIRECTS = 2
_KINDS = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF8", "image/gif"))
HEADERS = {
    # For each cookie apart: the next person at this browser has another avatar at the same address.
    "Cache-Control": "private, max-age=600",
    "Vary": "Cookie",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


class Picture(NamedTuple):
    """A picture and its media type."""

    body: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Avatars:
    """The handler, and the pictures that were fetched last."""

    history: History
    outbound: OutboundClient
    public_url: str
    _kept: OrderedDict[str, Picture] = field(default_factory=OrderedDict)

    def address(self, avatar_url: str | None) -> str:
        """The path by which a page shows an avatar: here, where the picture is ours already."""
        own = f"{self.public_url}/"
        return avatar_url.removeprefix(own[:-1]) if avatar_url and avatar_url.startswith(own) else PATH

    async def serve(self, request: web.Request) -> web.Response:
        """Answer with the avatar of who is signed in, or with what stands in for one."""
        actor = await self.history.actor((await signed_in(request)).account.did)
        picture = await self._picture(actor.avatar_url) if actor.avatar_url else None
        if picture is None:
            picture = Picture((STATIC / "avatar.svg").read_bytes(), "image/svg+xml")
        return web.Response(body=picture.body, content_type=picture.media_type, headers=HEADERS)

    async def _picture(self, url: str) -> Picture | None:
        known = self._kept.get(url)
        if known is not None:
            return known
        try:
            answer = await self.outbound.fetch(
                "GET", url, limit_bytes=LIMIT_BYTES, timeout_s=TIMEOUT_S, redirects=REDIRECTS
            )
        except OutboundError:
            return None
        media_type = media_type_of(answer.body)
        if answer.status != 200 or media_type is None:
            return None
        picture = self._kept[url] = Picture(answer.body, media_type)
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return picture


def media_type_of(body: bytes) -> str | None:
    """What kind of picture this is by its first bytes; None for anything that is none, SVG among it."""
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "image/webp"
    if body[4:12] in (b"ftypavif", b"ftypavis"):
        return "image/avif"
    return next((media_type for mark, media_type in _KINDS if body.startswith(mark)), None)
