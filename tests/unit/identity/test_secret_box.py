"""Sealing secrets, and the file of the key that does it."""

from __future__ import annotations

import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tonearm.identity.secret_box import MasterKeyError, SecretBox, write_secret_file

if TYPE_CHECKING:
    from pathlib import Path

KEY, OTHER_KEY = bytes(range(32)), bytes(range(1, 33))
SECRET = b"the refresh token of did:plc:abc"


def test_what_was_sealed_opens_again() -> None:
    sealed = SecretBox(KEY).seal(SECRET, "remote_login did:plc:abc")
    assert SECRET not in sealed
    assert SecretBox(KEY).open(sealed, "remote_login did:plc:abc") == SECRET


def test_sealing_twice_gives_other_bytes() -> None:
    box = SecretBox(KEY)
    assert box.seal(SECRET, "row") != box.seal(SECRET, "row")


def test_what_was_sealed_for_one_row_does_not_open_for_another() -> None:
    box = SecretBox(KEY)
    sealed = box.seal(SECRET, "remote_login did:plc:abc")
    with pytest.raises(MasterKeyError, match="remote_login did:plc:abd"):
        box.open(sealed, "remote_login did:plc:abd")


def test_another_key_is_told_apart_by_its_id() -> None:
    sealed = SecretBox(KEY).seal(SECRET, "row")
    with pytest.raises(MasterKeyError, match="another master key"):
        SecretBox(OTHER_KEY).open(sealed, "row")


def test_every_changed_byte_is_noticed() -> None:
    box = SecretBox(KEY)
    sealed = box.seal(b"secret", "row")
    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(MasterKeyError):
            box.open(bytes(changed), "row")


@pytest.mark.parametrize("length", [0, 3, 4, 16, 31])
def test_what_was_cut_short_is_refused(length: int) -> None:
    box = SecretBox(KEY)
    with pytest.raises(MasterKeyError):
        box.open(box.seal(b"secret", "row")[:length], "row")


def test_keys_for_several_purposes_are_independent() -> None:
    box = SecretBox(KEY)
    keys = {SecretBox.derive(KEY, "secrets"), SecretBox.derive(KEY, "sessions"), KEY}
    assert len(keys) == 3
    assert box.session_key == SecretBox.derive(KEY, "sessions")
    assert SecretBox(OTHER_KEY).session_key != box.session_key


def test_the_representation_holds_no_key() -> None:
    shown = repr(SecretBox(KEY))
    assert KEY.hex() not in shown
    assert SecretBox(KEY).session_key.hex() not in shown
    assert len(shown) < 40


@pytest.mark.parametrize("length", [0, 16, 31, 33, 64])
def test_a_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(MasterKeyError, match="32 bytes"):
        SecretBox(bytes(length))


def test_a_new_key_is_made_for_its_owner_alone_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    sealed = SecretBox.load(path, data_exists=False).seal(SECRET, "row")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(bytes.fromhex(path.read_text().strip())) == 32
    assert SecretBox.load(path, data_exists=True).open(sealed, "row") == SECRET
    assert SecretBox.load(path, data_exists=False).open(sealed, "row") == SECRET


def test_no_key_is_made_beside_data(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    with pytest.raises(MasterKeyError, match=r"master\.key is missing"):
        SecretBox.load(path, data_exists=True)
    assert not path.exists()


@pytest.mark.parametrize("text", ["", "zz" * 32, "ab" * 31, "ab" * 33, "abc"])
def test_a_file_that_holds_no_key_is_refused_and_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "master.key"
    path.write_text(text)
    with pytest.raises(MasterKeyError, match="32 bytes"):
        SecretBox.load(path, data_exists=False)
    assert path.read_text() == text


def test_a_key_file_of_other_bytes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    path.write_bytes(b"\xff\xfe" * 32)
    with pytest.raises(MasterKeyError, match="hexadecimal"):
        SecretBox.load(path, data_exists=True)


def test_an_existing_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    write_secret_file(path, "first")
    with pytest.raises(FileExistsError):
        write_secret_file(path, "second")
    assert path.read_text() == "first\n"
    assert [each.name for each in tmp_path.iterdir()] == ["secret"]


def test_of_several_that_start_at_once_all_get_the_same_key(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    starts = threading.Barrier(8)

    def start() -> bytes:
        starts.wait()
        return SecretBox.load(path, data_exists=False).session_key

    with ThreadPoolExecutor(8) as threads:
        keys = {future.result() for future in [threads.submit(start) for _ in range(8)]}
    assert keys == {SecretBox.load(path, data_exists=True).session_key}


def test_a_file_system_without_hard_links_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr("os.link", refuse)
    test_an_existing_file_is_never_overwritten(tmp_path)
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600
