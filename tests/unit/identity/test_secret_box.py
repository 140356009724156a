"""Sealing secrets."""

from __future__ import annotations

import pytest

from tonearm.identity.secret_box import MasterKeyError, SecretBox, key_id_of

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


def test_the_representation_holds_no_key() -> None:
    shown = repr(SecretBox(KEY))
    assert KEY.hex() not in shown
    assert len(shown) < 40


def test_a_box_seals_with_the_newest_key_and_opens_with_each_that_it_has_learned() -> None:
    box = SecretBox(KEY)
    old = box.seal(SECRET, "row")
    box.learn(OTHER_KEY)
    new = box.seal(SECRET, "row")
    assert (old[:4], new[:4], box.key_id) == (key_id_of(KEY), key_id_of(OTHER_KEY), key_id_of(OTHER_KEY))
    assert box.open(old, "row") == box.open(new, "row") == SECRET
    assert SecretBox(OTHER_KEY).open(new, "row") == SECRET
    assert box.knows(key_id_of(KEY))
    assert not SecretBox(OTHER_KEY).knows(key_id_of(KEY))


def test_a_secret_does_not_open_under_the_id_of_another_known_key() -> None:
    """The key's id is bound to the secret too."""
    box = SecretBox(KEY)
    sealed = box.seal(SECRET, "row")
    box.learn(OTHER_KEY)
    with pytest.raises(MasterKeyError, match="does not open"):
        box.open(key_id_of(OTHER_KEY) + sealed[4:], "row")


@pytest.mark.parametrize("length", [0, 16, 31, 33, 64])
def test_a_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(MasterKeyError, match="32 bytes"):
        SecretBox(bytes(length))
