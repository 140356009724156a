"""Where everything is required to run, as in CI, a skipped test counts as failed; elsewhere it says its reason."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

SKIPS = {
    "in_the_test": "import pytest\ndef test_it(): pytest.skip('no Node')\n",
    "by_a_mark": "import pytest\n@pytest.mark.skipif(True, reason='no Node')\ndef test_it(): pass\n",
    "by_a_fixture": "import pytest\n@pytest.fixture\ndef f(): pytest.skip('no Node')\ndef test_it(f): pass\n",
    "the_module": "import pytest\npytest.skip('no Node', allow_module_level=True)\n",
}


def run(folder: Path, source: str, required: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_one.py").write_text(source + "def test_another(): pass\n")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider", "-rs", folder],
        cwd=ROOT,
        env={**os.environ, "TONEARM_REQUIRE_ALL": required},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("source", SKIPS.values(), ids=SKIPS)
def test_a_skip_fails_where_everything_is_required(source: str, tmp_path: Path) -> None:
    done = run(tmp_path, source, "1")
    assert done.returncode != 0, done.stdout
    assert "was skipped where everything has to run" in done.stdout
    assert "no Node" in done.stdout


def test_a_skip_elsewhere_passes_and_says_why(tmp_path: Path) -> None:
    done = run(tmp_path, SKIPS["in_the_test"], "")
    assert done.returncode == 0, done.stdout
    assert "1 passed, 1 skipped" in done.stdout
    assert "no Node" in done.stdout
