"""What can go wrong with a request to somebody else's server. No message quotes a header, a body, a path or a query."""

from __future__ import annotations


class OutboundError(Exception):
    """A request got no usable answer. The message names the origin and says why."""


class OutboundRefusedError(OutboundError):
    """The address is not one that may be talked to; nothing was sent there. Asking again does not help.

    The scheme, the host, its addresses or a redirect are not allowed. An administrator can allow a host with
    `TONEARM_ALLOWED_PRIVATE_HOSTS`.
    """


class OutboundUnavailableError(OutboundError):
    """There was no answer in time, or it broke off. It may be worth asking again later.

    Attributes:
        sent: whether the request may have arrived, and so may have taken effect.
        unknown_host: the name does not exist.
    """

    def __init__(self, message: str, *, sent: bool, unknown_host: bool = False) -> None:
        super().__init__(message)
        self.sent = sent
        self.unknown_host = unknown_host


class OutboundAnswerError(OutboundError):
    """There was an answer, and it is of no use: too large, compressed though that was not asked for, or no JSON."""
