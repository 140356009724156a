"""Headless Chromium, as Debian packages it, driven by playwright. Without it these tests are skipped with the reason;
where everything is required to run, that is a failure instead.
"""

from __future__ import annotations

import os
import shutil
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from tests.support.real_pds import skip_or_fail

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser

NAMES = ("chromium", "chromium-browser", "google-chrome")


def find_chromium() -> str:
    """The browser's path; skips or fails without one."""
    for name in NAMES:
        path = shutil.which(name)
        if path:
            return path
    skip_or_fail("Chromium is missing: install the package chromium")
    raise AssertionError


@asynccontextmanager
async def running_chromium(*switches: str) -> AsyncIterator[Browser]:
    """Run a browser with nothing of anybody's in it."""
    path = find_chromium()
    from playwright.async_api import async_playwright

    more = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium's sandbox does not run as root
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=path, args=["--disable-dev-shm-usage", *more, *switches]
        )
        try:
            yield browser
        finally:
            await browser.close()
