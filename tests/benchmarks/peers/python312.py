"""Finds Python 3.12 and libmagic, which one peer needs and the product does not."""

from __future__ import annotations

import ctypes.util
import glob
import os
import shutil
from pathlib import Path

from tests.benchmarks.processes import ServerFailedError, command
from tests.benchmarks.report import PeerAbsentError

_CHECK = "import sys, venv, ensurepip; raise SystemExit(sys.version_info[:2] != (3, 12))"


async def find(peer: str) -> str:
    """Return a Python 3.12 that can make virtual environments: on PATH, else one of pyenv's versions.

    Raises:
        PeerAbsentError: there is none.
    """
    for candidate in _candidates():
        try:
            await command([candidate, "-c", _CHECK])
        except ServerFailedError:
            continue  # a shim of a version that is not chosen, or one without venv
        return candidate
    raise PeerAbsentError(peer, "no Python 3.12 on PATH or among pyenv's versions")


async def ensure_libmagic(peer: str) -> None:
    """Make sure that libmagic is there, installing Debian's package when we may.

    Raises:
        PeerAbsentError: it is missing and cannot be installed.
    """
    if ctypes.util.find_library("magic"):
        return
    if shutil.which("apt-get") and os.geteuid() == 0:
        try:
            await command(["apt-get", "install", "-y", "-q", "libmagic1"], env={"DEBIAN_FRONTEND": "noninteractive"})
        except ServerFailedError as error:
            raise PeerAbsentError(peer, str(error)) from error
    if not ctypes.util.find_library("magic"):
        raise PeerAbsentError(peer, "libmagic is missing; on Debian: apt-get install libmagic1")


def _candidates() -> list[str]:
    on_path = shutil.which("python3.12")
    root = os.environ.get("PYENV_ROOT") or str(Path.home() / ".pyenv")
    versions = sorted(glob.glob(f"{root}/versions/3.12*/bin/python3.12"), reverse=True)  # noqa: PTH207 - sorted text
    return [*([on_path] if on_path else []), *versions]
