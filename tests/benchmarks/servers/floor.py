"""The floor: aiohttp, pydantic and uvloop with nothing between them, on the two shapes of the XRPC rows.

It has models written by hand, no lexicon, no router by NSID, no limits, no auth, no error table: what an XRPC runtime in
Python cannot be faster than.
"""

from __future__ import annotations

import sys
from typing import Annotated, Any

import uvloop
from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from tests.benchmarks.servers.constants import CREATED, PROCEDURE, QUERY, VIEW

AtUri = Annotated[str, Field(pattern=r"^at://[a-zA-Z0-9._:%-]+(/[a-zA-Z0-9.-]+(/[a-zA-Z0-9._~:-]{1,512})?)?$")]
Uri = Annotated[str, Field(pattern=r"^[a-z][a-z.-]{0,80}:\S+$")]
Datetime = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,20})?(Z|[+-]\d\d:\d\d)$")]


class Model(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True)


class Params(Model):
    did: str | None = None
    following: bool | None = None
    limit: Annotated[int, Field(ge=1)] = 50
    offset: Annotated[int, Field(ge=0)] = 0
    filter: Annotated[str, Field(max_length=2048)] | None = None


class View(Model):
    id: str
    did: str
    handle: str
    avatar: Uri
    title: str
    artist: str
    album_artist: str
    album: str
    album_art: Uri
    uri: Uri
    track_uri: AtUri
    artist_uri: AtUri
    album_uri: AtUri
    sha256: str
    created_at: Datetime
    liked: bool
    likes_count: int


class Page(Model):
    scrobbles: list[View]


class Scrobble(Model):
    title: str
    artist: str
    album_artist: str | None = None
    album: str | None = None
    duration: int | None = None
    timestamp: int | None = None
    track_number: int | None = None
    disc_number: int | None = None
    year: int | None = None
    release_date: str | None = None
    composer: str | None = None
    label: str | None = None
    mb_id: str | None = None
    album_art: Uri | None = None
    spotify_link: Uri | None = None


class Created(Model):
    id: str
    user: str
    user_display_name: str
    user_avatar: Uri
    title: str
    artist: str
    artist_uri: AtUri
    album: str | None
    album_uri: AtUri
    cover: Uri
    date: Datetime
    uri: AtUri
    sha256: str
    liked: bool
    likes_count: int


async def get_scrobbles(request: web.Request) -> web.Response:
    params = Params.model_validate(dict(request.query))
    page = Page(scrobbles=[View.model_validate(VIEW) for _ in range(params.limit)])
    return _json(page)


async def create_scrobble(request: web.Request) -> web.Response:
    scrobble = Scrobble.model_validate_json(await request.read())
    changed: dict[str, Any] = {"title": scrobble.title, "artist": scrobble.artist, "album": scrobble.album}
    return _json(Created.model_validate({**CREATED, **changed}))


def _json(model: Model) -> web.Response:
    body = model.model_dump_json(by_alias=True, exclude_none=True).encode()
    return web.Response(body=body, content_type="application/json")


async def _serve(port: int) -> None:
    app = web.Application()
    app.router.add_get(QUERY, get_scrobbles)
    app.router.add_post(PROCEDURE, create_scrobble)
    await web._run_app(app, host="127.0.0.1", port=port, print=None, access_log=None)


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1])))
