"""What can go wrong between us, a PDS and its authorization server."""

from __future__ import annotations

import re

MESSAGE_LIMIT = 300
_SECRET = re.compile(r"(?=[A-Za-z_-]*[0-9])[A-Za-z0-9_-]{22,}")
"""What a server may quote of a request: tokens, codes and keys look like this, and words do not."""


def in_their_words(text: str) -> str:
    """What a server says of itself, to be shown or logged: short, of printable characters, and without secrets."""
    printable = "".join(c if c.isprintable() else " " for c in text[: 10 * MESSAGE_LIMIT])
    return _SECRET.sub("\N{HORIZONTAL ELLIPSIS}", printable)[:MESSAGE_LIMIT]


class OAuthError(Exception):
    """Something about a login or a session did not work. `name` is for programs, the message for people."""

    name = "OAuthError"


class OAuthUnavailableError(OAuthError):
    """This server has no client id under its public URL, so nobody can log in. Change the public URL."""

    name = "OAuthUnavailable"


class ServerUnsuitableError(OAuthError):
    """A PDS or an authorization server does not keep atproto's rules. Trying again will not help."""

    name = "ServerUnsuitable"


class ServerUnavailableError(OAuthError):
    """A server did not answer, or answered with an error of its own. Try again later.

    Attributes:
        lost: the request was sent and may have had its effect, though no answer came.
    """

    name = "ServerUnavailable"

    def __init__(self, message: str, *, lost: bool = False) -> None:
        """Remember whether the request may have had its effect."""
        super().__init__(message)
        self.lost = lost


class ServerRefusedError(OAuthError):
    """An authorization server refused a request, in its own words.

    Attributes:
        code: the error code of OAuth, for example `invalid_grant`.
    """

    name = "ServerRefused"

    def __init__(self, code: str, description: str, where: str) -> None:
        """Remember the refusal; `code` and `description` are as the server sent them."""
        told = f": {in_their_words(description)}" if description else ""
        super().__init__(f"{where} refused the request ({in_their_words(code)}){told}")
        self.code = code


class TokenAnswerError(OAuthError):
    """An authorization server's answer with tokens breaks a rule, so that none of them may be used. Revoke them."""

    name = "TokensUnsuitable"


class IssuerMismatchError(OAuthError):
    """A server speaks for an account that is not its own. Nothing that it said may be used."""

    name = "IssuerMismatch"
