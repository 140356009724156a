"""From a submission to a record that its lexicon allows, and back to what was really known."""

from __future__ import annotations

from typing import Any

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from tonearm.atproto import dag_cbor
from tonearm.lexicons.app.rocksky.album import main as album_lex
from tonearm.lexicons.app.rocksky.artist import main as artist_lex
from tonearm.lexicons.app.rocksky.scrobble import main as scrobble_lex
from tonearm.lexicons.app.rocksky.song import main as song_lex
from tonearm.services import records
from tonearm.services.records import cut, play_facts, scrobble_record, submission_values
from tonearm.services.submission import ArtistCredit, InvalidScrobbleError, Submission

AT = 1_700_000_000
FAMILY = "👩‍👩‍👧‍👧"
"""One grapheme cluster of 25 bytes."""
FLAG = "🇮🇸"
ACCENTED = "e\u0301\u0323"

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
        for name in ("album", "album_artist", "mbid", "lyrics", "composer", "copyright_message", "label")
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
    assert facts.mbid == (play.mbid and play.mbid.lower())
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


ANYTHING = st.none() | st.integers() | st.text(max_size=3) | st.lists(st.integers(), max_size=2) | st.just({"a": 1})
FIELDS = "album albumArtist duration releaseDate year mbid isrc artists albumArtUrl spotifyLink trackNumber discNumber tonearm"


@given(
    st.fixed_dictionaries(
        {"title": st.just("Echoes"), "artist": st.just("Pink Floyd")},
        optional=dict.fromkeys(FIELDS.split(), ANYTHING),
    )
)
def test_foreign_fields_of_a_wrong_type_count_as_absent(record: dict[str, Any]):
    facts = play_facts(record)
    assert (facts.title, facts.artist) == ("Echoes", "Pink Floyd")
    for value in (facts.duration_ms, facts.year, facts.track_number, facts.disc_number):
        assert value is None or (type(value) is int and value > 0)


@pytest.mark.xfail(
    strict=True, reason="tags that are no list end the reading of the whole repository", raises=TypeError
)
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
