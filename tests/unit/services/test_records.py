"""From a submission to a record that its lexicon allows, and back to what was really known."""

from __future__ import annotations

import datetime as dt
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from tests.support.faulty_pds import new_index
from tonearm.atproto import dag_cbor
from tonearm.atproto.cid import cid_of_dag_cbor
from tonearm.index.sqlite import connect, run_work
from tonearm.lexicons.app.rocksky.album import main as album_lex
from tonearm.lexicons.app.rocksky.artist import main as artist_lex
from tonearm.lexicons.app.rocksky.scrobble import main as scrobble_lex
from tonearm.lexicons.app.rocksky.song import main as song_lex
from tonearm.services import records
from tonearm.services.indexing import IndexedPlay, Indexing
from tonearm.services.records import cut, play_facts, scrobble_record, submission_values
from tonearm.services.submission import ArtistCredit, InvalidScrobbleError, Submission

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

AT = 1_700_000_000
FAMILY = "👩‍👩‍👧‍👧"
"""One grapheme cluster of 25 bytes."""
FLAG = "🇮🇸"
ACCENTED = "e\u0301\u0323"
MBID = "0b9b5a4e-0e5c-4ea7-a0f2-52de9e9bd2a5"

CLUSTERS = st.sampled_from(["a", "é", ACCENTED, FAMILY, FLAG, "風", "\r\n", "각", "नि"])
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20) | st.builds(
    lambda clusters, times: "".join(clusters) * times, st.lists(CLUSTERS, max_size=8), st.integers(1, 90)
)
URIS = st.none() | st.sampled_from(["https://images.example/a.jpg", "http://images.example/b.png", "spotify:track:x"])
COUNTS = st.none() | st.integers(-5, 2**53 - 1)


@st.composite
def submissions(draw: st.DrawFn) -> Submission:
    """Whatever the edge of createScrobble can hand over."""
    values: dict[str, Any] = {
        name: draw(st.none() | TEXTS)
        for name in ("album", "album_artist", "lyrics", "composer", "copyright_message", "label")
    }
    values |= {name: draw(COUNTS) for name in ("duration_ms", "track_number", "disc_number", "year")}
    values |= {
        name: draw(URIS)
        for name in ("album_art_url", "artist_picture_url", "spotify_link", "lastfm_link", "tidal_link", "deezer_link")
    }
    return Submission.of(
        now_s=AT,
        title="." + draw(TEXTS),
        artist="." + draw(TEXTS),
        mbid=draw(st.none() | TEXTS | st.sampled_from([MBID, MBID.upper(), f"mbid:{MBID}"])),
        isrc=draw(st.none() | st.sampled_from(["GBAYE8500042", "gb-aye-85-00042", "x" * 40])),
        release_date=draw(st.sampled_from([None, "1985-09-16", "1985", "1985-02-30", "16/09/1985"])),
        artists=tuple(
            draw(st.lists(st.builds(ArtistCredit, st.just("Kate Bush"), st.none() | st.just("m")), max_size=2))
        ),
        genres=tuple(draw(st.lists(st.sampled_from(["pop", "art pop", "x" * 300]), max_size=3))),
        **values,
    )


@given(submissions())
def test_every_submission_leads_to_records_that_their_lexicons_allow(play: Submission):
    for lexicon, record in (
        (scrobble_lex, scrobble_record(play, AT)),
        (song_lex, records.song_record(play, AT)),
        (album_lex, records.album_record(play, AT)),
        (artist_lex, records.artist_record(play, AT)),
    ):
        block = dag_cbor.encode(record)
        assert dag_cbor.encode(lexicon.Record.from_data(dag_cbor.decode(block)).to_data()) == block


@given(submissions())
def test_a_record_tells_the_index_what_was_really_known(play: Submission):
    facts = play_facts(dag_cbor.decode(dag_cbor.encode(scrobble_record(play, AT))))
    assert (facts.title, facts.artist) == (play.title, play.artist)
    assert facts.album == (play.album or play.title)
    assert facts.album_known == (play.album is not None)
    assert facts.album_artist == (play.album_artist or play.artist)
    assert facts.duration_ms == play.duration_ms
    assert (facts.track_number, facts.disc_number, facts.year) == (play.track_number, play.disc_number, play.year)
    assert facts.mbid == (MBID if play.mbid and MBID in play.mbid.lower() else None)
    assert facts.isrc == ("GBAYE8500042" if play.isrc and "x" not in play.isrc else None)
    assert facts.release_date == ("1985-09-16" if play.release_date == "1985-09-16" else None)
    assert facts.artists == play.artists
    assert facts.genres == tuple(genre[:256] for genre in play.genres)
    for known, given_url in ((facts.cover_url, play.album_art_url), (facts.picture_url, play.artist_picture_url)):
        assert known == (given_url if given_url and given_url.startswith("http") else None)


@given(submissions())
def test_an_edit_that_changes_nothing_leads_to_the_same_record(play: Submission):
    record = scrobble_record(play, AT)
    again = Submission.of(now_s=AT, **submission_values(record))
    assert again.played_at_s == AT
    assert _trimmed(scrobble_record(again, AT)) == _trimmed(record)


def _trimmed(record: dict[str, Any]) -> dict[str, Any]:
    """A text that was cut may end in white space, which an edit takes off."""
    return {name: value.rstrip() if type(value) is str else value for name, value in record.items()}


@given(TEXTS, st.integers(1, 60))
def test_text_is_cut_at_a_grapheme_boundary_and_no_shorter_than_it_must_be(text: str, limit_bytes: int):
    kept = cut(text, limit_bytes)
    assert text.startswith(kept)
    assert len(kept.encode()) <= limit_bytes
    clusters = regex.findall(r"\X", text)
    whole: list[str] = []
    while len(whole) < len(clusters) and len("".join(clusters[: len(whole) + 1]).encode()) <= limit_bytes:
        whole.append(clusters[len(whole)])
    if whole or not text:
        assert kept == "".join(whole)
    else:
        assert kept == text.encode()[:limit_bytes].decode(errors="ignore"), "a cluster that is too long for itself"


@pytest.mark.parametrize(
    ("text", "limit_bytes", "kept"),
    [
        ("abc", 3, "abc"),
        ("abcd", 3, "abc"),
        ("aé", 2, "a"),
        (FAMILY * 3, 74, FAMILY * 2),
        (FAMILY * 3, 75, FAMILY * 3),
        (FLAG + "🇳🇴", 12, FLAG),
        ("n" + ACCENTED, 5, "n"),
        ("a\r\nb", 2, "a"),
        (FAMILY, 10, "👩‍👩"[:2]),
    ],
)
def test_examples_of_cutting(text: str, limit_bytes: int, kept: str):
    assert cut(text, limit_bytes) == kept


def test_no_text_stays_no_text():
    assert cut(None, 10) is None


def test_what_was_assumed_is_named_and_what_was_cut_is_kept():
    play = Submission.of(now_s=AT, title="t" * 600, artist="a" * 300)
    record = scrobble_record(play, AT)
    assert (record["title"], record["artist"]) == ("t" * 512, "a" * 256)
    assert (record["album"], record["albumArtist"], record["duration"]) == ("t" * 256, "a" * 256, 1)
    assert record["tonearm"] == {
        "assumed": ["album", "albumArtist", "duration"],
        "full": {"title": "t" * 600, "artist": "a" * 300, "album": "t" * 600, "albumArtist": "a" * 300},
    }


def test_a_complete_play_needs_no_extension():
    play = Submission.of(
        now_s=AT, title="Echoes", artist="Pink Floyd", album="Meddle", album_artist="Pink Floyd", duration_ms=9
    )
    assert "tonearm" not in scrobble_record(play, AT)


@pytest.mark.parametrize(
    "record",
    [{}, {"title": "Echoes"}, {"title": "", "artist": "Pink Floyd"}, {"title": 5, "artist": "Pink Floyd"}],
)
def test_a_record_without_title_or_artist_is_no_play(record: dict[str, Any]):
    with pytest.raises(InvalidScrobbleError):
        play_facts(record)


SAMPLES = [
    *("Echoes", "\x00", "a\x00b", MBID, "GBAYE8500042", "1985-09-16T00:00:00.000Z", "1985-02-30", "20"),
    *("https://images.example/a.jpg", "https://", "http://\x00", "spotify:track:0VjIjW4GlUZAMYd2vXMi3b"),
    *(0, 1, -1, 2**53 - 1, 2**53, 2**63 - 1, -(2**63), True, False, None),
]
"""Right and wrong values of the fields, anywhere."""
NAMES = [
    "title",
    "artist",
    "album",
    "albumArtist",
    "duration",
    "trackNumber",
    "discNumber",
    "year",
    "releaseDate",
    "mbid",
    "isrc",
    "spotifyLink",
    "tags",
    "artists",
    "albumArtUrl",
    "tonearm",
    "assumed",
    "full",
    "artistPicture",
    "name",
]
ANYTHING = st.recursive(
    st.sampled_from(SAMPLES)
    | st.text()
    | st.integers(-(2**63), 2**63 - 1)
    | st.binary(max_size=3)
    | st.just(cid_of_dag_cbor(b"\xa0")),
    lambda inner: (
        st.lists(inner | st.sampled_from(NAMES), max_size=3)
        | st.dictionaries(st.sampled_from(NAMES) | st.text(), inner, max_size=5)
    ),
    max_leaves=8,
)
ANY_RECORD = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(NAMES, ANYTHING),
        "title": st.just("Echoes") | ANYTHING,
        "artist": st.just("Pink Floyd") | ANYTHING,
        "artists": ANYTHING | st.lists(st.fixed_dictionaries({}, optional={"name": ANYTHING, "mbid": ANYTHING})),
        "tonearm": ANYTHING
        | st.fixed_dictionaries(
            {}, optional={"full": ANYTHING, "assumed": st.lists(ANYTHING), "artistPicture": ANYTHING}
        ),
    },
)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path = tmp_path_factory.mktemp("records") / "index.db"
    new_index(path)
    with closing(connect(path)) as connection:
        yield connection


@given(record=ANY_RECORD)
def test_whatever_a_foreign_record_holds_the_index_can_take_it_or_it_is_no_play(
    index: sqlite3.Connection, record: dict[str, Any]
):
    try:
        facts = play_facts(dag_cbor.decode(dag_cbor.encode(record)))
    except InvalidScrobbleError:
        return
    for told in (facts.title, facts.artist, facts.album, facts.album_artist):
        assert _is_text(told)
    for count in (facts.duration_ms, facts.year, facts.track_number, facts.disc_number):
        assert count is None or (type(count) is int and 0 < count < 2**53)
    for maybe in (facts.release_date, facts.mbid, facts.isrc, facts.spotify_id, facts.cover_url, facts.picture_url):
        assert maybe is None or _is_text(maybe)
    assert facts.release_date is None or dt.date.fromisoformat(facts.release_date)
    assert type(facts.album_known) is bool
    assert all(_is_text(genre) for genre in facts.genres)
    assert all(_is_text(credit.name) and (credit.mbid is None or _is_text(credit.mbid)) for credit in facts.artists)
    index.execute("BEGIN")
    try:
        run_work(index, Indexing().index_plays([IndexedPlay(1, 1, facts)]))
    finally:
        index.execute("ROLLBACK")


def _is_text(value: object) -> bool:
    """A text that either database takes."""
    return type(value) is str and value != "" and "\x00" not in value


ECHOES: dict[str, Any] = {"title": "Echoes", "artist": "Pink Floyd"}


@pytest.mark.parametrize(
    ("field", "absent"),
    [
        *(("album", "Echoes"), ("albumArtist", "Pink Floyd"), ("duration", None), ("trackNumber", None)),
        *(("discNumber", None), ("year", None), ("releaseDate", None), ("mbid", None), ("isrc", None)),
        *(("spotifyLink", None), ("tags", ()), ("artists", ()), ("albumArtUrl", None), ("tonearm", None)),
    ],
)
@pytest.mark.parametrize("value", [[], {}, True, -1, "\x00", "", None, b"", ["x"], {"a": 1}, 2**62, 0])
def test_a_field_of_a_wrong_kind_counts_as_absent(field: str, absent: Any, value: object):
    facts = play_facts({**ECHOES, field: value})
    assert field != "tags" or value != ["x"] or facts.genres == ("x",)
    if not (field == "tags" and value == ["x"]):
        assert facts == play_facts(ECHOES)
    names = {"albumArtist": "album_artist", "duration": "duration_ms", "trackNumber": "track_number"}
    names |= {"discNumber": "disc_number", "releaseDate": "release_date", "spotifyLink": "spotify_id"}
    names |= {"tags": "genres", "albumArtUrl": "cover_url", "tonearm": "picture_url"}
    assert getattr(play_facts(ECHOES), names.get(field, field)) == absent


def test_an_album_that_is_no_text_is_not_known():
    assert not play_facts({**ECHOES, "album": 5}).album_known
    assert play_facts({**ECHOES, "album": "Meddle"}).album_known


@pytest.mark.parametrize("full", [5, "", None, ["Echoes"], "\x00"])
def test_a_full_text_that_is_none_gives_way_to_the_one_that_was_cut(full: object):
    record = {**ECHOES, "album": "Meddle", "tonearm": {"full": {"title": full, "artist": full, "album": full}}}
    facts = play_facts(record)
    assert (facts.title, facts.artist, facts.album, facts.album_known) == ("Echoes", "Pink Floyd", "Meddle", True)


def test_of_a_list_what_is_of_the_right_kind_is_taken():
    credited = [{"name": "Pink Floyd", "mbid": 5}, {"name": 5}, "Pink Floyd", {}, None, {"name": "Clare Torry"}]
    facts = play_facts({**ECHOES, "tags": ["rock", 5, None, "", ["x"], "prog"], "artists": credited})
    assert facts.genres == ("rock", "prog")
    assert facts.artists == (ArtistCredit("Pink Floyd"), ArtistCredit("Clare Torry"))


@pytest.mark.parametrize(
    ("text", "day"),
    [("1971-10-31", "1971-10-31"), ("1971-10-31T00:00:00.000Z", "1971-10-31"), ("1971", None), ("1971-02-30", None)],
)
def test_a_release_date_is_a_day_of_the_calendar(text: str, day: str | None):
    assert play_facts({**ECHOES, "releaseDate": text}).release_date == day


@pytest.mark.parametrize("tags", [1, True])
def test_tags_that_are_no_list_count_as_absent(tags: object):
    assert play_facts({"title": "Echoes", "artist": "Pink Floyd", "tags": tags}).genres == ()


@pytest.mark.parametrize(
    "link",
    [
        "https://open.spotify.com/track/0VjIjW4GlUZAMYd2vXMi3b",
        "https://open.spotify.com/intl-de/track/0VjIjW4GlUZAMYd2vXMi3b?si=1",
        "spotify:track:0VjIjW4GlUZAMYd2vXMi3b",
    ],
)
def test_a_spotify_link_names_its_track(link: str):
    facts = play_facts({"title": "t", "artist": "a", "spotifyLink": link})
    assert facts.spotify_id == "0VjIjW4GlUZAMYd2vXMi3b"


def test_times_are_written_as_lexicons_want_them():
    assert records.datetime_text(AT) == "2023-11-14T22:13:20.000Z"
    assert records.release_datetime("2024-02-29") == "2024-02-29T00:00:00.000Z"
    assert records.release_datetime("2023-02-29") is None
