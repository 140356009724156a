"""Every setting is described, documented, and a secret when it is one."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tonearm.settings import PREFIX, Settings, SettingsError, load_settings, secret_names

ROOT = Path(__file__).parents[2]
FIELDS = Settings.model_fields


def test_the_page_is_what_the_code_says() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "checks" / "settings_page.py"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", FIELDS)
def test_every_setting_is_described_in_a_sentence(name: str) -> None:
    description = FIELDS[name].description or ""
    assert description[:1].isupper() or description[:1].islower()
    assert description.endswith(".")
    assert len(description) > 20


@pytest.mark.parametrize("page", ["README.md", "docs/operations.md", "docs/settings.md", "CONTRIBUTING.md"])
def test_every_variable_that_a_page_names_exists(page: str) -> None:
    known = {PREFIX + name.upper() for name in FIELDS} | {PREFIX + name.upper() + "_FILE" for name in secret_names()}
    tools = {"TONEARM_PYTHON", "TONEARM_SOMETHING", "TONEARM_SOMETHING_FILE", "TONEARM_TEST_POSTGRES_URL"}
    named = set(re.findall(rf"\b{PREFIX}[A-Z_]+[A-Z]\b", (ROOT / page).read_text()))
    assert named <= known | tools


def test_what_sounds_secret_is_a_secret() -> None:
    sounds = {name for name in FIELDS if re.search(r"password|secret|token|(?<!public_)key$", name)}
    assert sounds == set(secret_names())


def test_a_secret_is_in_no_representation(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("ab" * 32 + "\n")
    monkeypatch.setenv("TONEARM_MASTER_KEY_FILE", str(tmp_path / "key"))
    settings = load_settings()
    assert settings.master_key is not None
    assert settings.master_key.get_secret_value() == "ab" * 32
    for shown in (repr(settings), str(settings), settings.model_dump_json()):
        assert "abab" not in shown


def test_a_secret_given_twice_stops_the_start_with_both_names(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("ab" * 32)
    monkeypatch.setenv("TONEARM_MASTER_KEY_FILE", str(tmp_path / "key"))
    monkeypatch.setenv("TONEARM_MASTER_KEY", "cd" * 32)
    with pytest.raises(SettingsError, match=r"TONEARM_MASTER_KEY and TONEARM_MASTER_KEY_FILE"):
        load_settings()


def test_a_bad_value_is_named_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONEARM_PORT", "http")
    with pytest.raises(SettingsError, match="TONEARM_PORT"):
        load_settings()


def test_the_settings_cannot_be_changed_after_the_start() -> None:
    settings = load_settings()
    with pytest.raises(ValueError, match="frozen"):
        settings.port = 1  # type: ignore[misc]


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith(PREFIX):
            monkeypatch.delenv(name)
