"""The shared catalogue: one row for each identity, whatever id it gets, and completed by its maker alone."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.faulty_pds import new_index
from tonearm.index.sqlite import connect, run_work
from tonearm.services import records
from tonearm.services.catalog import Bounded, Catalog
from tonearm.services.records import PlayFacts, play_facts, scrobble_record
from tonearm.services.submission import Submission

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

AT = 1_700_000_000
MAKER, OTHER = 1, 2
MBID, OTHER_MBID = "0b9b5a4e-0e5c-4ea7-a0f2-52de9e9bd2a5", "f5c4e0d5-2f3c-4dfb-9d75-9fb5e5a2a7c1"
ISRC, OTHER_ISRC = "GBAYE8500042", "GBAYE8500043"


def facts(title: str = "Echoes", artist: str = "Pink Floyd", **known: Any) -> PlayFacts:
    return play_facts(scrobble_record(Submission.of(now_s=AT, title=title, artist=artist, **known), AT))


@pytest.fixture
def index(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    new_index(tmp_path / "index.db")
    with closing(connect(tmp_path / "index.db")) as connection:
        yield connection


def place(index: sqlite3.Connection, catalog: Catalog, *plays: tuple[int, PlayFacts]) -> None:
    run_work(index, catalog.place(plays))


def row(index: sqlite3.Connection, table: str, *columns: str) -> tuple[Any, ...]:
    (found,) = index.execute(f"SELECT {', '.join(columns)} FROM {table}").fetchall()
    return tuple(found)


def test_a_row_is_made_by_the_first_who_plays_it(index: sqlite3.Connection):
    place(index, Catalog(), (MAKER, facts(duration_ms=9)), (OTHER, facts(title="ECHOES", duration_ms=8)))
    assert row(index, "song", "title", "duration_ms", "made_by") == ("Echoes", 9, MAKER)
    assert row(index, "artist", "name", "made_by") == ("Pink Floyd", MAKER)
    assert row(index, "album", "title", "assumed", "made_by") == ("Echoes", 1, MAKER)


@pytest.mark.parametrize("forgetful", [False, True], ids=["remembered", "looked up"])
def test_its_maker_completes_a_row_and_changes_nothing_that_is_known(index: sqlite3.Connection, forgetful: bool):
    catalog = Catalog()
    for known in ({"duration_ms": 9}, {"mbid": MBID, "duration_ms": 5}, {"isrc": ISRC, "mbid": OTHER_MBID}):
        place(index, catalog, (MAKER, facts(**known)))
        if forgetful:
            catalog.forget()
    assert row(index, "song", "duration_ms", "mbid", "isrc") == (9, MBID, ISRC)


@pytest.mark.parametrize("forgetful", [False, True], ids=["remembered", "looked up"])
def test_nobody_else_completes_it(index: sqlite3.Connection, forgetful: bool):
    catalog = Catalog()
    place(index, catalog, (MAKER, facts(album="Meddle")))
    if forgetful:
        catalog.forget()
    everything = facts(
        album="Meddle", duration_ms=9, mbid=MBID, isrc=ISRC, year=1971, album_art_url="https://x.example/a.png",
        artist_picture_url="https://x.example/b.png", spotify_link="spotify:track:0VjIjW4GlUZAMYd2vXMi3b",
    )  # fmt: skip
    place(index, catalog, (OTHER, everything))
    assert row(index, "song", "duration_ms", "mbid", "isrc", "spotify_id", "made_by") == (None, None, None, None, MAKER)
    assert row(index, "album", "year", "cover_url", "made_by") == (None, None, MAKER)
    assert row(index, "artist", "picture_url", "made_by") == (None, MAKER)


def test_anybody_may_say_that_an_assumed_album_is_one(index: sqlite3.Connection):
    catalog = Catalog()
    place(index, catalog, (MAKER, facts()))
    assert row(index, "album", "assumed") == (1,)
    place(index, catalog, (OTHER, facts(album="Echoes")))
    assert row(index, "album", "assumed", "made_by") == (0, MAKER)


@pytest.mark.parametrize("together", [False, True], ids=["later", "together"])
@pytest.mark.parametrize("forgetful", [False, True], ids=["remembered", "looked up"])
def test_whoever_names_an_assumed_album_gives_it_no_cover(index: sqlite3.Connection, forgetful: bool, together: bool):
    catalog = Catalog()
    known = {"album_art_url": "https://evil.example/x.png", "year": 1666, "release_date": "1666-01-01"}
    plays = [(MAKER, facts()), (OTHER, facts(album="Echoes", **known))]
    for group in [plays] if together else [plays[:1], plays[1:]]:
        place(index, catalog, *group)
        if forgetful:
            catalog.forget()
    assert row(index, "album", "cover_url", "year", "release_date", "assumed") == (None, None, None, 0)
    place(index, catalog, (MAKER, facts(album_art_url="https://good.example/x.png")), (MAKER, facts(year=1971)))
    assert row(index, "album", "cover_url", "year", "assumed") == ("https://good.example/x.png", 1971, 0)


def test_an_album_that_was_named_is_not_assumed_again(index: sqlite3.Connection):
    catalog = Catalog()
    place(index, catalog, (MAKER, facts(album="Echoes")), (MAKER, facts()), (OTHER, facts()))
    assert row(index, "album", "assumed") == (0,)


def test_the_first_value_of_a_field_stays(index: sqlite3.Connection):
    place(index, Catalog(), (MAKER, facts(duration_ms=9)), (MAKER, facts(duration_ms=8, mbid=MBID)))
    place(index, Catalog(), (MAKER, facts(mbid=OTHER_MBID, isrc=ISRC)), (MAKER, facts(isrc=OTHER_ISRC, track_number=1)))
    assert row(index, "song", "duration_ms", "mbid", "isrc", "track_number") == (9, MBID, ISRC, 1)


def test_what_another_knows_fills_nothing_between_two_plays_of_the_maker(index: sqlite3.Connection):
    place(index, Catalog(), (MAKER, facts()), (OTHER, facts(mbid=OTHER_MBID, isrc=ISRC)), (MAKER, facts(mbid=MBID)))
    assert row(index, "song", "mbid", "isrc") == (MBID, None)


def test_plays_that_arrive_together_complete_a_row_as_they_would_one_by_one(index: sqlite3.Connection):
    place(index, Catalog(), (MAKER, facts(duration_ms=9)), (MAKER, facts(mbid=MBID)), (MAKER, facts(isrc=ISRC)))
    assert row(index, "song", "duration_ms", "mbid", "isrc") == (9, MBID, ISRC)


def test_a_transaction_that_failed_leaves_nothing_in_memory(index: sqlite3.Connection):
    catalog = Catalog()
    index.execute("BEGIN")
    place(index, catalog, (MAKER, facts()))
    index.execute("ROLLBACK")
    catalog.forget()
    place(index, catalog, (MAKER, facts()))
    assert row(index, "song", "title") == ("Echoes",)


@pytest.mark.parametrize("fresh", [False, True], ids=["remembered", "looked up"])
def test_an_id_that_is_taken_by_another_identity_makes_way_for_the_next(
    index: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, fresh: bool
):
    monkeypatch.setattr(records, "identity_id", lambda _identity: 7)
    catalog = Catalog()
    for title in ("Echoes", "Seamus", "Fearless"):
        place(index, catalog, (MAKER, facts(title)))
        catalog = Catalog() if fresh else catalog
    place(index, catalog, (OTHER, facts("Seamus")), (OTHER, facts("Fearless")), (OTHER, facts("Echoes")))
    assert [catalog.ids_of(facts(title))[0] for title in ("Echoes", "Seamus", "Fearless")] == [7, 8, 9]
    assert index.execute("SELECT song_id, title FROM song ORDER BY song_id").fetchall() == [
        (7, "Echoes"),
        (8, "Seamus"),
        (9, "Fearless"),
    ]


KNOWN = st.fixed_dictionaries(
    {},
    optional={
        "album": st.just("Echoes"),
        "duration_ms": st.integers(1, 3),
        "track_number": st.integers(1, 3),
        "mbid": st.sampled_from([MBID, OTHER_MBID]),
        "year": st.integers(1971, 1973),
        "album_art_url": st.sampled_from(["https://x.example/1", "https://x.example/2"]),
        "artist_picture_url": st.sampled_from(["https://x.example/3", "https://x.example/4"]),
    },
)
PLAYS = st.lists(st.tuples(st.integers(1, 2), st.sampled_from(["Echoes", "ECHOES"]), KNOWN), min_size=1, max_size=8)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(plays=PLAYS, cuts=st.sets(st.integers(1, 7)), remembered=st.sampled_from([1, 1000]))
def test_however_plays_are_grouped_the_rows_are_the_same(
    index: sqlite3.Connection, plays: list[Any], cuts: set[int], remembered: int
):
    made = [(actor_id, facts(title, **known)) for actor_id, title, known in plays]
    cut_at = [0, *sorted(cut for cut in cuts if cut < len(made)), len(made)]
    found = []
    for groups in ([[play] for play in made], [made[a:b] for a, b in pairwise(cut_at)]):
        catalog = Catalog(remembered)
        for group in groups:
            place(index, catalog, *group)
        tables = ("song", "album", "artist")
        found.append([index.execute(f"SELECT * FROM {table}").fetchall() for table in tables])
        for table in tables:
            index.execute(f"DELETE FROM {table}")
    assert found[0] == found[1]
    assert [len(rows) for rows in found[0]] == [1, 1, 1]


GROUPS = st.lists(
    st.tuples(
        st.booleans(),
        st.lists(
            st.tuples(st.integers(1, 2), st.sampled_from("ABCDEF"), st.sampled_from("xyz")), min_size=1, max_size=5
        ),
    ),
    min_size=1,
    max_size=6,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(groups=GROUPS, remembered=st.sampled_from([1, 3, 1000]))
def test_in_a_tiny_space_of_ids_each_identity_has_one_row_of_its_own(
    index: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, groups: list[Any], remembered: int
):
    monkeypatch.setattr(records, "identity_id", lambda identity: len(identity) % 2)
    for table in ("song", "album", "artist"):
        index.execute(f"DELETE FROM {table}")
    catalog = Catalog(remembered)
    identities: dict[int, str] = {}
    for restarted, group in groups:
        catalog = Catalog(remembered) if restarted else catalog
        plays = [(actor_id, facts(title, artist)) for actor_id, title, artist in group]
        place(index, catalog, *plays)
        for _, play in plays:
            song_id, artist_id, album_id = catalog.ids_of(play)
            assert identities.setdefault(song_id, play.identity) == play.identity
            held = index.execute("SELECT title, artist, artist_id, album_id FROM song WHERE song_id = ?", (song_id,))
            assert held.fetchone() == (play.title, play.artist, artist_id, album_id)
            held = index.execute("SELECT title, artist_name FROM album WHERE album_id = ?", (album_id,))
            assert held.fetchone() == (play.album, play.album_artist)
            held = index.execute("SELECT name FROM artist WHERE artist_id = ?", (artist_id,))
            assert held.fetchone() == (play.album_artist,)
    assert len(set(identities.values())) == len(identities)
    assert index.execute("SELECT count(*) FROM song").fetchone() == (len(identities),)


def test_what_is_remembered_is_bounded_and_the_oldest_goes_first():
    kept: Bounded[int, int] = Bounded(10)
    for number in range(100):
        kept.keep([(number, number)])
        assert len(kept) <= 10
        assert number in kept
    kept.keep((number, number) for number in range(200, 300))
    assert len(kept) <= 10
    assert list(kept) == list(range(300 - len(kept), 300))
