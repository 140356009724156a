"""What holds for every test: `--soak`, and that nothing is skipped where everything is required to run."""

from __future__ import annotations

import os

import pytest

REQUIRE_ALL = os.environ.get("TONEARM_REQUIRE_ALL") == "1"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--soak", action="store_true", help="run the long tests in full")


@pytest.fixture(scope="session")
def soak(pytestconfig: pytest.Config) -> bool:
    """Whether a test that is marked `soak` may take its full length; otherwise it takes seconds."""
    return bool(pytestconfig.getoption("--soak"))


def _fail_if_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
    """A part that is missing in CI must not go unseen."""
    if REQUIRE_ALL and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid} was skipped where everything has to run: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> object:
    report: pytest.TestReport = yield
    _fail_if_skipped(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> object:
    report: pytest.CollectReport = yield
    _fail_if_skipped(report)
    return report
