"""What the built-in PDS refuses, in its own terms. The XRPC handlers and the in-process writer each map these once."""

from __future__ import annotations


class BuiltinPdsError(Exception):
    """The repository host refused; nothing was stored. Catch a subclass."""


class RepoNotFoundError(BuiltinPdsError):
    """No repository here has this DID or handle."""


class RepoInactiveError(BuiltinPdsError):
    """The repository is deactivated or taken down. `status` says which."""

    def __init__(self, status: str) -> None:
        super().__init__(f"the repository is {status}")
        self.status = status


class InvalidWriteError(BuiltinPdsError):
    """The write itself is wrong (key, size, content); it will always be refused. The message is for the caller."""


class RecordExistsError(BuiltinPdsError):
    """A create named a record key that is taken."""


class RecordNotFoundError(BuiltinPdsError):
    """An update, a delete or a read named a record that is not there."""


class InvalidSwapError(BuiltinPdsError):
    """The caller's idea of the current commit or record is out of date. `current` is its CID as text, "" for none."""

    def __init__(self, what: str, current: str) -> None:
        super().__init__(f"{what} was at {current or 'no record'}")
        self.current = current


class BlobNotFoundError(BuiltinPdsError):
    """A record references a blob that was not uploaded to this repository, or a read asked for one."""


class HandleError(BuiltinPdsError):
    """The handle is malformed, outside the domains of this host, or taken. The message is for the caller."""


class RepoBusyError(BuiltinPdsError):
    """Other processes kept committing to the same repository. Try again."""


class SessionError(BuiltinPdsError):
    """The token is not good: `name` is the XRPC error name (`InvalidToken`, `ExpiredToken`)."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


class KeysMissingError(BuiltinPdsError):
    """Repositories exist whose keys can't be opened. The server must not start: new keys would not be theirs."""


class BlockNotFoundError(BuiltinPdsError):
    """A block that was asked for by its CID is not part of the repository's newest commit."""
