# Generated from lexicons/com/atproto/label/defs.json by scripts/codegen. Do not edit.
"""`com.atproto.label.defs`.

Labels: short marks on accounts and records.
"""

from typing import Annotated, ClassVar, Final, TypeAlias

from pydantic import Field

from tonearm.xrpc import constraints, models, values

NSID: Final = "com.atproto.label.defs"


class Label(models.Object):
    """A mark that a labeler puts on an account or a record."""

    TYPE: ClassVar[str] = "com.atproto.label.defs#label"

    ver: constraints.Int | None = None
    """Version of the label format."""
    src: constraints.Did
    """DID of the labeler."""
    uri: constraints.Uri
    """What is marked: AT-URI of a record, or a DID."""
    cid: constraints.CidText | None = None
    """Only this version of the record is marked."""
    val: Annotated[str, constraints.Text(max_bytes=128)]
    """The mark."""
    neg: bool | None = None
    """Whether this takes an earlier label back."""
    cts: constraints.Datetime
    """When the label was made."""
    exp: constraints.Datetime | None = None
    """When it ceases to count."""
    sig: values.ByteString | None = None
    """Signature of the label in DAG-CBOR."""


class SelfLabel(models.Object):
    """One mark of `#selfLabels`."""

    TYPE: ClassVar[str] = "com.atproto.label.defs#selfLabel"

    val: Annotated[str, constraints.Text(max_bytes=128)]
    """The mark."""


class SelfLabels(models.Object):
    """Marks that a record's author puts on it."""

    TYPE: ClassVar[str] = "com.atproto.label.defs#selfLabels"

    values_: Annotated[list[SelfLabel], constraints.Items(maximum=10)] = Field(alias="values")
    """The marks."""


class LabelValueDefinitionStrings(models.Object):
    """Name and explanation of a mark in one language."""

    TYPE: ClassVar[str] = "com.atproto.label.defs#labelValueDefinitionStrings"

    lang: constraints.Language
    """The language."""
    name: Annotated[str, constraints.Text(max_bytes=640, max_graphemes=64)]
    """Name."""
    description: Annotated[str, constraints.Text(max_bytes=100000, max_graphemes=10000)]
    """Explanation."""


class LabelValueDefinition(models.Object):
    """What a labeler means by a mark, and what it should do."""

    TYPE: ClassVar[str] = "com.atproto.label.defs#labelValueDefinition"

    identifier: Annotated[str, constraints.Text(max_bytes=100, max_graphemes=100)]
    """The mark: lower-case letters and hyphens."""
    severity: str
    """How strongly it is shown.

    Known values: inform, alert, none.
    """
    blurs: str
    """What it hides.

    Known values: content, media, none.
    """
    default_setting: str | None = Field(default=None, alias="defaultSetting")
    """What it does where the reader has not chosen.

    Known values: ignore, warn, hide.

    A reader takes an absent one for 'warn'.
    """
    adult_only: bool | None = Field(default=None, alias="adultOnly")
    """Whether only readers who allow adult content can change what it does."""
    locales: list[LabelValueDefinitionStrings]
    """Its name and explanation in several languages."""


LabelValue: TypeAlias = str
"""Marks with a meaning of their own in the protocol, and some that are widely used.

Known values: !hide, !warn, !no-unauthenticated, porn, sexual, nudity, graphic-media, bot.
"""
