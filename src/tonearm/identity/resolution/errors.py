"""Why an identity cannot be told. `name` is for clients, the message for people."""

from __future__ import annotations


class IdentityError(Exception):
    """Somebody cannot be identified. The message says who, why, and what may help."""

    name = "IdentityNotResolved"


class HandleNotFoundError(IdentityError):
    """No such handle, by DNS, https or any other way. The person should look for a typing mistake."""

    name = "HandleNotFound"


class HandleMismatchError(IdentityError):
    """The handle points at an account that does not claim it. It must not be believed."""

    name = "HandleMismatch"


class DidNotFoundError(IdentityError):
    """No such DID, one that was given up, or one of a method that the network does not use."""

    name = "DidNotFound"


class BadDidDocumentError(IdentityError):
    """The DID's document is of no use: malformed, or somebody else's."""

    name = "BadDidDocument"


class ResolutionUnavailableError(IdentityError):
    """Whoever would know does not answer. Worth asking again later."""

    name = "ResolutionUnavailable"
