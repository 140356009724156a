"""A small world of listeners and plays, and a recount of it in plain Python.

The expected answers come from the list of plays alone: nothing of the product computes them.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.support.server import Person, Server

START = 1_600_000_000

SONGS = [
    {"title": "Roygbiv", "artist": "Boards of Canada", "album": "Music Has the Right to Children", "duration": 151000},
    {"title": "Olson", "artist": "Boards of Canada", "album": "Music Has the Right to Children", "duration": 91000},
    {"title": "Группа крови", "artist": "Кино", "album": "Группа крови", "duration": 285000, "genres": ["рок"]},
    {"title": "風をあつめて", "artist": "はっぴいえんど", "album": "風街ろまん", "duration": 248000, "year": 1971},
    {
        "title": "Under Pressure",
        "artist": "Queen & David Bowie",
        "albumArtist": "Queen",
        "album": "Hot Space",
        "duration": 248000,
        "isrc": "GBUM71029605",
        "artists": [{"name": "Queen"}, {"name": "David Bowie"}],
        "genres": ["rock", "pop"],
    },
    {"title": "Body Language", "artist": "Queen", "album": "Hot Space", "duration": 272000, "genres": ["funk", "rock"]},
    {"title": "Weightless", "artist": "Marconi Union"},
]


@dataclass
class World:
    """Plays as they were reported: (listener's name, song number, second)."""

    people: dict[str, Person]
    plays: list[tuple[str, int, int]] = field(default_factory=list)
    uris: dict[tuple[str, int, int], dict[str, Any]] = field(default_factory=dict)

    def of(self, name: str) -> list[tuple[str, int, int]]:
        return sorted((play for play in self.plays if play[0] == name), key=lambda play: -play[2])

    def latest(self) -> list[tuple[str, int, int]]:
        return sorted(self.plays, key=lambda play: -play[2])

    def count(self, **wanted: str) -> tuple[int, int]:
        """(plays, listeners) of the songs with these values."""
        hits = [p for p in self.plays if all(album_artist_or(SONGS[p[1]], k) == v for k, v in wanted.items())]
        return len(hits), len({name for name, _, _ in hits})

    def first(self, number: int) -> tuple[str, int, int]:
        return min((play for play in self.plays if play[1] == number), key=lambda play: play[2])


def album_artist_or(song: dict[str, Any], name: str) -> Any:
    if name == "albumArtist":
        return song.get("albumArtist", song["artist"])
    return song.get(name, song["title"] if name == "album" else None)


async def seeded_world(server: Server, *, seed: int = 7, plays: int = 60) -> World:
    """Two more listeners, and plays of all songs at distinct seconds."""
    people = {
        "alice": server.first,
        "bob": await server.create_account("bob"),
        "zoe": await server.create_account("zoe"),
    }
    world = World(people)
    rng = random.Random(seed)
    seconds = rng.sample(range(START, START + 400 * 86_400), plays)
    for second in seconds:
        world.plays.append((rng.choice(list(people)), rng.randrange(len(SONGS)), second))
    made = await asyncio.gather(
        *(server.scrobble(people[n], **SONGS[number], timestamp=s) for n, number, s in world.plays)
    )
    world.uris = dict(zip(world.plays, made, strict=True))
    return world
