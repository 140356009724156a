"""What can go wrong when a repository is written, in the terms the outbox decides by.

Each class answers two questions: may the batch already be stored, and is it worth sending again. A caller needs no
other fact, so status codes and transport exceptions stop here.
"""

from __future__ import annotations


class PdsError(Exception):
    """A PDS did not do what it was asked. Catch a subclass to decide what to do next."""


class PdsUnavailableError(PdsError):
    """The PDS could not be reached, or said so itself, and nothing was stored.

    Send the same batch again later.
    """


class PdsUnclearError(PdsError):
    """The outcome is unknown: the batch may be stored in full, or not at all.

    Ask `RepoWriter.existing` which of the keys are there before sending anything again. A taken record key ends here
    too, because the reference PDS answers it with a bare 500.
    """


class PdsRateLimitedError(PdsError):
    """The PDS refused for now because of its rate limit, and nothing was stored.

    Attributes:
        retry_at: earliest moment to try again, seconds since the Unix epoch.
    """

    def __init__(self, retry_at: float, message: str = "the PDS limits the rate of requests") -> None:
        """Remember when to come back."""
        super().__init__(message)
        self.retry_at = retry_at


class PdsSessionLostError(PdsError):
    """There is no usable session for the account, and nothing was stored.

    Keep the batch and ask the account's owner to log in again.
    """


class PdsRefusedError(PdsError):
    """The PDS refused the request for what it says, and nothing was stored; sending it again would not help.

    Attributes:
        name: the XRPC error name, for example `InvalidRequest`.
        message: the PDS's own words, at most 500 characters; may be empty.
    """

    def __init__(self, name: str, message: str) -> None:
        """Remember the refusal in the PDS's own words."""
        super().__init__(f"{name}: {message}" if message else name)
        self.name = name
        self.message = message
