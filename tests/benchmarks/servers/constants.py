"""What every server of the XRPC rows answers and is asked: the same constants, whatever the server is written in."""

from __future__ import annotations

import json
from typing import Any

QUERY = "/xrpc/app.rocksky.scrobble.getScrobbles"
PROCEDURE = "/xrpc/app.rocksky.scrobble.createScrobble"
PARAMETERS = "?did=did:plc:ewvi7nxzyoun6zhxrhs64oiz&limit={limit}&offset=0"

_REPOSITORY = "at://did:plc:ewvi7nxzyoun6zhxrhs64oiz"
_HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_COVER = "https://tonearm.test/images/9f86d081884c7d659a2feaa0c55ad015.jpg"
_AVATAR = "https://tonearm.test/images/listener.jpg"

VIEW: dict[str, Any] = {
    "id": "3m5jz3uvq2k2z",
    "did": "did:plc:ewvi7nxzyoun6zhxrhs64oiz",
    "handle": "listener.test",
    "avatar": _AVATAR,
    "title": "Velti Luriten Antendor",
    "artist": "Nobalo",
    "albumArtist": "Nobalo",
    "album": "Tenmarze",
    "albumArt": _COVER,
    "uri": f"{_REPOSITORY}/app.rocksky.scrobble/3m5jz3uvq2k2z",
    "trackUri": f"{_REPOSITORY}/app.rocksky.song/3m5jz3uvq2k2a",
    "artistUri": f"{_REPOSITORY}/app.rocksky.artist/3m5jz3uvq2k2b",
    "albumUri": f"{_REPOSITORY}/app.rocksky.album/3m5jz3uvq2k2c",
    "sha256": _HASH,
    "createdAt": "2025-12-31T23:59:07.000Z",
    "liked": False,
    "likesCount": 0,
}

CREATED: dict[str, Any] = {
    "id": "3m5jz3uvq2k2z",
    "user": "listener.test",
    "userDisplayName": "listener.test",
    "userAvatar": _AVATAR,
    "title": "",
    "artist": "",
    "artistUri": VIEW["artistUri"],
    "album": "",
    "albumUri": VIEW["albumUri"],
    "cover": _COVER,
    "date": "2025-12-31T23:59:07.000Z",
    "uri": VIEW["uri"],
    "sha256": _HASH,
    "liked": False,
    "likesCount": 0,
}

SCROBBLE: dict[str, Any] = {
    "title": "Velti Luriten Antendor",
    "artist": "Nobalo",
    "albumArtist": "Nobalo",
    "album": "Tenmarze",
    "duration": 303_000,
    "timestamp": 1_767_225_547,
    "trackNumber": 7,
    "discNumber": 1,
    "year": 1997,
    "releaseDate": "1997-05-21",
    "composer": "Tenmarze Orisu",
    "label": "Qufen Records",
    "mbId": "b10bbbfc-cf9e-42e0-be17-e2c3e1d2600d",
    "albumArt": "https://covers.test/release/76df3287-6cda-33eb-8e9a-044b5e15ffdd/front-500.jpg",
    "spotifyLink": "https://open.spotify.test/track/4LRPiXqCikLlN15c3yImP7",
}
"""A body of a little over 460 bytes, as players with good tags send it."""


def answers() -> bytes:
    """Return the constants as the JSON document that the servers on Node read."""
    return json.dumps({"views": [VIEW] * 50, "created": CREATED}).encode()


def scrobble_body() -> bytes:
    """Return the procedure's body."""
    return json.dumps(SCROBBLE, separators=(",", ":")).encode()
