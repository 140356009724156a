"""How times and browsers are spelled, and where a form may lead."""

from datetime import UTC, datetime

import pytest

from tonearm.web.pages.avatar import media_type_of
from tonearm.web.pages.shown import device, moment
from tonearm.web.security import local_path

LINUX = "Mozilla/5.0 (X11; Linux x86_64)"


@pytest.mark.parametrize(
    ("agent", "told"),
    [
        (f"{LINUX} AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36", "Chrome on Linux"),
        (f"{LINUX.replace('X11; Linux x86_64', 'Windows NT 10.0')} Chrome/1 Safari/1 Edg/1", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0", "Firefox on Android"),
        ("curl/8.5.0", "curl"),
        ("", "Unknown browser"),
        ("<script>", "Unknown browser"),
    ],
)
def test_a_browser_is_named_as_people_know_it(agent: str, told: str):
    assert device(agent) == told


def test_a_time_is_told_in_utc_to_people_and_to_programs():
    when = moment(datetime(2026, 11, 5, 9, 3, 7, tzinfo=UTC))
    assert when == ("5 Nov 2026, 09:03", "2026-11-05T09:03:07+00:00")


@pytest.mark.parametrize(
    "path", ["//a.example", "https://a.example", "/\\a.example", "a", "", "/a\nb", "/" + "a" * 1000]
)
def test_nothing_but_a_path_of_this_server_is_gone_on_to(path: str):
    assert local_path(path) == "/"


def test_a_path_of_this_server_is_gone_on_to_as_it_is():
    assert local_path("/account/tokens?done=revoked#x") == "/account/tokens?done=revoked#x"


@pytest.mark.parametrize(
    ("start", "media_type"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"\0\0\0\x20ftypavif", "image/avif"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>", None),
        (b"<!doctype html>", None),
        (b"", None),
    ],
)
def test_a_picture_is_one_by_its_first_bytes(start: bytes, media_type: str | None):
    assert media_type_of(start) == media_type
