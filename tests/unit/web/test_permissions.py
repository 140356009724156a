"""What we ask for has words that people understand."""

from tonearm.services.records import COLLECTIONS
from tonearm.web.pages.permissions import in_words


def test_every_collection_that_we_ask_for_is_told_of_in_words_once():
    told = in_words(COLLECTIONS)
    names = [name for permission in told for name in permission.collections]
    assert sorted(names) == sorted(COLLECTIONS)
    assert "Other records" not in [permission.title for permission in told]


def test_a_collection_without_words_is_still_told_of():
    told = in_words(["app.rocksky.scrobble", "org.example.thing"])
    assert [permission.title for permission in told] == ["What you play", "Other records"]
    assert told[-1].collections == ("org.example.thing",)
