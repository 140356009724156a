"""Fixtures of the tests that talk to whole other systems."""

from tests.network.targets import http, outbound, target
from tests.support.real_pds import real_account, real_pds

__all__ = ["http", "outbound", "real_account", "real_pds", "target"]
