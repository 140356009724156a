"""The file of the master key."""

from __future__ import annotations

import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tonearm.identity.master_key import load_master_key, replace_master_key, write_secret_file
from tonearm.identity.secret_box import MasterKeyError

if TYPE_CHECKING:
    from pathlib import Path


def test_a_new_key_is_made_for_its_owner_alone_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    key = load_master_key(path, data_exists=False)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(bytes.fromhex(path.read_text().strip())) == 32
    assert load_master_key(path, data_exists=True) == load_master_key(path, data_exists=False) == key


def test_no_key_is_made_beside_data(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    with pytest.raises(MasterKeyError, match=r"master\.key is missing"):
        load_master_key(path, data_exists=True)
    assert not path.exists()


@pytest.mark.parametrize("text", ["", "zz" * 32, "ab" * 31, "ab" * 33, "abc"])
def test_a_file_that_holds_no_key_is_refused_and_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "master.key"
    path.write_text(text)
    with pytest.raises(MasterKeyError, match="32 bytes"):
        load_master_key(path, data_exists=False)
    assert path.read_text() == text


def test_a_key_file_of_other_bytes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    path.write_bytes(b"\xff\xfe" * 32)
    with pytest.raises(MasterKeyError, match="hexadecimal"):
        load_master_key(path, data_exists=True)


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
        return load_master_key(path, data_exists=False)

    with ThreadPoolExecutor(8) as threads:
        keys = {future.result() for future in [threads.submit(start) for _ in range(8)]}
    assert keys == {load_master_key(path, data_exists=True)}


def test_a_file_system_without_hard_links_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr("os.link", refuse)
    test_an_existing_file_is_never_overwritten(tmp_path)
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_a_key_takes_the_place_of_the_files_at_once(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    load_master_key(path, data_exists=False)
    replace_master_key(path, bytes(range(32)))
    assert load_master_key(path, data_exists=True) == bytes(range(32))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["master.key"]
