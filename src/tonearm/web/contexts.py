"""What each page is made from. A template gets the shared `frame` and one of these as `page`, and nothing else.

Texts are plain; the templates escape them. Times are shown as they are spelled here, in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Frame:
    """What is around every page. `handle` is empty for strangers; `csrf` goes into each form of somebody signed in."""

    style_url: str
    version: str
    path: str
    handle: str
    csrf: str
    links: tuple[tuple[str, str], ...] = (
        ("/", "Home"),
        ("/account/tokens", "API tokens"),
        ("/account/keys", "Player keys"),
        ("/account/sessions", "Sessions"),
        ("/account", "Account"),
    )


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """error.html: why there is no page, and a link that leads on."""

    status: int
    title: str
    message: str
    link_path: str
    link_text: str


@dataclass(frozen=True, slots=True)
class FrontPage:
    """front.html: what this server is, for those who are not signed in."""

    version: str
