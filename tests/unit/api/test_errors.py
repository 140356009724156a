"""What a caller is told of errors that only other servers can bring about."""

from __future__ import annotations

import pytest

from tonearm.api.errors import error_table
from tonearm.services.signing_in.login_policy import LoginNotAllowedError
from tonearm.services.signing_in.password_logins import PasswordLoginError


@pytest.mark.parametrize(
    ("error", "wanted"),
    [
        (PasswordLoginError("WrongPassword", "no"), (401, "AuthenticationRequired")),
        (PasswordLoginError("AuthFactorTokenRequired", "make an app password"), (400, "LoginRefused")),
        (PasswordLoginError("AccountTakedown", "ask those who run the PDS"), (400, "LoginRefused")),
        (PasswordLoginError("PdsUnavailable", "try again later"), (400, "LoginRefused")),
        (LoginNotAllowedError("ask the administrator"), (400, "LoginNotAllowed")),
    ],
)
def test_a_refused_login_is_told_with_what_to_do(error: Exception, wanted: tuple[int, str]) -> None:
    told = error_table().translate(error)
    assert told is not None
    assert (told.status, told.name, told.message) == (*wanted, str(error))
