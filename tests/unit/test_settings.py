"""What the settings come to, which of them contradict each other, and secrets in files."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tonearm.outbound.destinations import Destinations
from tonearm.settings import PREFIX, Settings, SettingsError, load_settings

if TYPE_CHECKING:
    from pathlib import Path

KEY = "0123456789abcdef" * 4


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(PREFIX):
            monkeypatch.delenv(name)


def loaded(monkeypatch: pytest.MonkeyPatch, **values: str) -> Settings:
    for name, value in values.items():
        monkeypatch.setenv(f"{PREFIX}{name.upper()}", value)
    return load_settings()


def test_without_any_variable_everything_is_local() -> None:
    settings = load_settings()
    assert settings.url == "http://127.0.0.1:8070"
    assert settings.index_url == "sqlite:///data/index.db"
    assert settings.pds_url == "sqlite:///data/pds.db"
    assert settings.local_handle_domain == "test"


@pytest.mark.parametrize(
    ("values", "url"),
    [
        ({"host": "192.0.2.7", "port": "9000"}, "http://192.0.2.7:9000"),
        ({"host": "::1"}, "http://[::1]:8070"),
        ({"public_url": "https://music.example/"}, "https://music.example"),
        ({"public_url": "https://music.example:8443", "port": "9000"}, "https://music.example:8443"),
        ({"public_url": ""}, "http://127.0.0.1:8070"),
    ],
)
def test_the_url(monkeypatch: pytest.MonkeyPatch, values: dict[str, str], url: str) -> None:
    assert loaded(monkeypatch, **values).url == url


def test_every_host_that_may_be_private_can_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = loaded(monkeypatch, allowed_private_hosts=" nas.lan, 10.0.0.5:2583,[::1]:80,box_1 ,")
    assert settings.private_hosts == {"nas.lan", "10.0.0.5:2583", "[::1]:80", "box_1"}
    Destinations(allowed_private_hosts=settings.private_hosts)


@pytest.mark.parametrize(
    ("values", "domain"),
    [
        ({"public_url": "https://music.example"}, "music.example"),
        ({"public_url": "https://music.example", "handle_domain": ".Listeners.Example"}, "listeners.example"),
        ({"public_url": "http://192.0.2.7:8070"}, "test"),
        ({"public_url": "http://jukebox.local"}, "test"),
        ({"public_url": "http://jukebox"}, "test"),
    ],
)
def test_the_domain_of_local_handles(monkeypatch: pytest.MonkeyPatch, values: dict[str, str], domain: str) -> None:
    assert loaded(monkeypatch, **values).local_handle_domain == domain


POSTGRES = "postgresql://tonearm@db.example:5433/music?sslmode=require"


def test_both_stores_share_a_postgresql_database(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = loaded(monkeypatch, database_url=POSTGRES)
    assert settings.index_url == settings.pds_url == POSTGRES


def test_the_pds_may_have_a_database_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = loaded(monkeypatch, database_url=POSTGRES, pds_database_url="sqlite:////srv/pds.db")
    assert (settings.index_url, settings.pds_url) == (POSTGRES, "sqlite:////srv/pds.db")


def test_a_password_is_put_into_the_database_url_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = loaded(monkeypatch, database_url=POSTGRES, database_password="p@ss/w:rd?#")
    parts = urlsplit(settings.index_url)
    assert (parts.username, parts.password) == ("tonearm", "p%40ss%2Fw%3Ard%3F%23")
    assert (parts.hostname, parts.port, parts.path, parts.query) == ("db.example", 5433, "/music", "sslmode=require")
    assert "p%40ss" not in repr(settings)
    assert "p@ss" not in repr(settings)


def refused(monkeypatch: pytest.MonkeyPatch, **values: str) -> str:
    with pytest.raises(SettingsError) as caught:
        loaded(monkeypatch, **values)
    return str(caught.value)


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"database_password": "x"}, ["DATABASE_PASSWORD", "DATABASE_URL"]),
        ({"database_password": "x", "database_url": "sqlite:///x.db"}, ["DATABASE_PASSWORD", "DATABASE_URL"]),
        (
            {"database_password": "x", "database_url": "postgresql://u:other@h/db"},
            ["DATABASE_PASSWORD", "DATABASE_URL"],
        ),
        ({"database_url": "mysql://h/db"}, ["DATABASE_URL"]),
        ({"pds_database_url": "index.db"}, ["PDS_DATABASE_URL"]),
        ({"public_url": "music.example"}, ["PUBLIC_URL"]),
        ({"public_url": "https://music.example/tonearm"}, ["PUBLIC_URL"]),
        ({"public_url": "https://music.example?x=1"}, ["PUBLIC_URL"]),
        ({"public_url": "https://music.example#x"}, ["PUBLIC_URL"]),
        ({"public_url": "https://user:secret@music.example"}, ["PUBLIC_URL"]),
        ({"public_url": "http://[::1"}, ["PUBLIC_URL"]),
        ({"plc_url": "plc.example"}, ["PLC_URL"]),
        ({"handle_resolver_url": "https://pds.example/xrpc"}, ["HANDLE_RESOLVER_URL"]),
        ({"allowed_private_hosts": "http://nas.lan"}, ["ALLOWED_PRIVATE_HOSTS"]),
        ({"allowed_private_hosts": "nas.lan:99999"}, ["ALLOWED_PRIVATE_HOSTS"]),
        ({"allowed_private_hosts": "nas.lan,[::1"}, ["ALLOWED_PRIVATE_HOSTS"]),
        ({"allowed_private_hosts": "[1:2]"}, ["ALLOWED_PRIVATE_HOSTS"]),
        ({"allowed_private_hosts": "10.0.0.0/8"}, ["ALLOWED_PRIVATE_HOSTS"]),
        ({"allowed_private_hosts": "*"}, ["ALLOWED_PRIVATE_HOSTS"]),
        ({"public_url": "http://music.example:99999"}, ["PUBLIC_URL"]),
        ({"frontend_url": "https://rocksky.example/app"}, ["FRONTEND_URL"]),
        ({"allowed_logins": "alice.example.com"}, ["ALLOWED_LOGINS", "LOGIN"]),
        ({"login": "allow", "allowed_logins": "alice.example.com, alice"}, ["ALLOWED_LOGINS"]),
        ({"login": "closed"}, ["LOGIN"]),
        ({"port": "0"}, ["PORT"]),
        ({"port": "65536", "rate_limit": "-1"}, ["PORT", "RATE_LIMIT"]),
        ({"first_account": "yes"}, ["FIRST_ACCOUNT"]),
        ({"log_level": "loud"}, ["LOG_LEVEL"]),
    ],
)
def test_what_cannot_be_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, str], named: list[str]
) -> None:
    message = refused(monkeypatch, **values)
    for name in named:
        assert PREFIX + name in message
    assert "secret" not in message.replace("_SECRET", "")


@pytest.mark.parametrize("key", ["zz" * 32, "ab" * 31, "ab" * 33, "0x" + "ab" * 31, "correct horse battery"])
def test_a_master_key_that_is_none_is_refused_without_showing_it(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    message = refused(monkeypatch, master_key=key)
    assert "TONEARM_MASTER_KEY" in message
    assert "64 hexadecimal digits" in message
    assert key not in message


@pytest.mark.parametrize("name", ["master_key", "database_password"])
def test_a_secret_may_be_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_text(f" {KEY}\n")
    settings = loaded(monkeypatch, database_url=POSTGRES, **{f"{name}_file": str(tmp_path / "secret")})
    assert getattr(settings, name).get_secret_value() == KEY


def test_a_secret_in_a_file_and_in_the_environment_is_refused_by_both_names(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text(KEY)
    message = refused(monkeypatch, master_key=KEY, master_key_file=str(tmp_path / "secret"))
    assert "TONEARM_MASTER_KEY and TONEARM_MASTER_KEY_FILE" in message


def test_a_file_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    message = refused(monkeypatch, master_key_file=str(tmp_path / "nowhere"))
    assert "TONEARM_MASTER_KEY_FILE" in message
    assert "nowhere" in message


def test_a_file_that_is_no_text_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"\xff\xfe\x00")
    assert "TONEARM_MASTER_KEY_FILE" in refused(monkeypatch, master_key_file=str(tmp_path / "secret"))
