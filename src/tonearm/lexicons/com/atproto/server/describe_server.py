# Generated from lexicons/com/atproto/server/describeServer.json by scripts/codegen. Do not edit.
"""`com.atproto.server.describeServer`, a query.

Tell what the server is and what an account here needs.
"""

from typing import ClassVar, Final

from pydantic import Field

from tonearm.xrpc import constraints, models
from tonearm.xrpc.method import Query

NSID: Final = "com.atproto.server.describeServer"


class Params(models.Params):
    """No parameters."""


class Links(models.Object):
    """Addresses of the server's policies."""

    TYPE: ClassVar[str] = "com.atproto.server.describeServer#links"

    privacy_policy: constraints.Uri | None = Field(default=None, alias="privacyPolicy")
    """Privacy policy."""
    terms_of_service: constraints.Uri | None = Field(default=None, alias="termsOfService")
    """Terms of service."""


class Contact(models.Object):
    """How to reach the operators."""

    TYPE: ClassVar[str] = "com.atproto.server.describeServer#contact"

    email: str | None = None
    """E-mail address."""


class Output(models.Output):
    """The output."""

    invite_code_required: bool | None = Field(default=None, alias="inviteCodeRequired")
    """Whether an account needs an invite code."""
    phone_verification_required: bool | None = Field(default=None, alias="phoneVerificationRequired")
    """Whether an account needs a confirmed telephone number."""
    blob_upload_limit: constraints.Int | None = Field(default=None, alias="blobUploadLimit")
    """Largest blob that can be uploaded, in bytes."""
    available_user_domains: list[str] = Field(alias="availableUserDomains")
    """Domains under which the server gives handles, each with its leading dot."""
    links: Links | None = None
    """Addresses of the server's policies."""
    contact: Contact | None = None
    """How to reach the operators."""
    did: constraints.Did
    """DID of the server."""


METHOD: Query[Params, Output] = Query(NSID, Params, Output)
