"""What `scripts/install`, `run` and `check` promise, on a copy of them beside stand-ins that record how they are called."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[2] / "scripts"

RECORDER = """#!/bin/sh
echo "${0##*/} $*" >>"$RECORD"
case "$*" in *"$FAIL_ON"*) exit 1 ;; esac
[ "${0##*/}" != tonearm ] || echo "stdout of tonearm"
case "$*" in "-m venv"*) mkdir -p .venv/bin && cp "$0" .venv/bin/python ;; esac
"""


class Copy:
    """A folder with the scripts and a Python that only records its calls."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "scripts").mkdir(parents=True)
        for name in ("install", "run", "check"):
            shutil.copy(SCRIPTS / name, folder / "scripts" / name)
        (folder / "pyproject.toml").write_text("one\n")
        (folder / "constraints.txt").write_text("two\n")
        self.record = folder / "record"
        self.python = self.stand_in("python3")

    def stand_in(self, name: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(RECORDER)
        path.chmod(0o755)
        return path

    def call(self, script: str, *arguments: str, fail_on: str = "nothing") -> subprocess.CompletedProcess[str]:
        self.record.write_text("")
        return subprocess.run(
            [self.folder / "scripts" / script, *arguments],
            env={
                "PATH": os.environ["PATH"],
                "TONEARM_PYTHON": str(self.python),
                "RECORD": str(self.record),
                "FAIL_ON": fail_on,
            },
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def calls(self) -> str:
        return self.record.read_text()


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path / "clone")


def test_the_first_install_makes_an_environment_with_the_pinned_packages(copy: Copy) -> None:
    assert copy.call("install").returncode == 0
    assert "python3 -m venv" in copy.calls
    assert "--constraint constraints.txt --editable .[check]" in copy.calls


def test_a_second_install_starts_no_python_at_all(copy: Copy) -> None:
    copy.call("install")
    assert copy.call("install").returncode == 0
    assert copy.calls == ""


@pytest.mark.parametrize("changed", ["pyproject.toml", "constraints.txt"])
def test_a_change_of_what_is_wanted_is_installed(copy: Copy, changed: str) -> None:
    copy.call("install")
    (copy.folder / changed).write_text("three\n")
    copy.call("install")
    assert "--editable" in copy.calls
    assert "-m venv" not in copy.calls


def test_the_tests_need_more_than_the_server(copy: Copy) -> None:
    copy.call("install")
    copy.call("install", "test")
    assert "--editable .[check,test]" in copy.calls
    copy.call("install", "test")
    assert copy.calls == ""
    copy.call("install")
    assert copy.calls == ""


def test_a_failed_install_is_tried_again(copy: Copy) -> None:
    failed = copy.call("install", fail_on="--editable")
    assert failed.returncode == 1
    assert "could not be installed" in failed.stderr
    assert copy.call("install").returncode == 0
    assert "--editable" in copy.calls


def test_a_moved_folder_gets_a_new_environment(copy: Copy, tmp_path: Path) -> None:
    copy.call("install")
    shutil.move(copy.folder, tmp_path / "moved")
    copy.folder, copy.record, copy.python = (
        tmp_path / "moved" / part if part else tmp_path / "moved" for part in ("", "record", "python3")
    )
    copy.call("install")
    assert "-m venv --clear" in copy.calls


def test_an_old_python_is_refused_with_what_to_do(copy: Copy) -> None:
    refused = copy.call("install", fail_on="version_info")
    assert refused.returncode == 1
    assert "Python 3.11 or newer is needed" in refused.stderr
    assert "TONEARM_PYTHON=" in refused.stderr


def test_a_python_without_venv_is_refused_with_what_to_do(copy: Copy) -> None:
    (copy.folder / "python3").write_text(RECORDER + 'case "$*" in *ensurepip*|"-m pip --version") exit 1 ;; esac\n')
    refused = copy.call("install")
    assert refused.returncode == 1
    assert "apt-get install python3-venv" in refused.stderr


def test_run_installs_and_then_is_the_server(copy: Copy) -> None:
    copy.stand_in(".venv/bin/tonearm")
    first = copy.call("run", "--help")
    assert first.stdout == "stdout of tonearm\n", "the installation must not write to stdout"
    assert "tonearm serve --help" in copy.calls
    second = copy.call("run")
    assert second.stdout == "stdout of tonearm\n"
    assert copy.calls == "tonearm serve\n"


def test_run_stops_where_nothing_could_be_installed(copy: Copy) -> None:
    copy.stand_in(".venv/bin/tonearm")
    assert copy.call("run", fail_on="--editable").returncode == 1
    assert "serve" not in copy.calls


def test_check_runs_every_step_and_names_those_that_failed(copy: Copy) -> None:
    copy.call("install")
    for tool in ("ruff", "mypy", "lint-imports"):
        copy.stand_in(f".venv/bin/{tool}")
    good = copy.call("check")
    assert good.returncode == 0, good.stdout + good.stderr
    assert "all 9 steps passed" in good.stdout
    bad = copy.call("check", fail_on="format --check")
    assert bad.returncode == 1
    assert "1 of 9 steps failed: format" in bad.stdout
    assert "tracked_text.py" in copy.calls


def test_check_can_run_one_step(copy: Copy) -> None:
    copy.call("install")
    copy.stand_in(".venv/bin/mypy")
    done = copy.call("check", "types")
    assert "all 1 steps passed" in done.stdout
    assert copy.calls == "mypy \n"


def test_check_refuses_a_step_that_it_does_not_have(copy: Copy) -> None:
    copy.call("install")
    refused = copy.call("check", "typos")
    assert refused.returncode == 2
    assert "no step is called typos" in refused.stderr
