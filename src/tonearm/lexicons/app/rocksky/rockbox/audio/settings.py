# Generated from lexicons/app/rocksky/rockbox/audio/settings.json by scripts/codegen. Do not edit.
"""`app.rocksky.rockbox.audio.settings`, a record."""

from typing import ClassVar, Final

from pydantic import Field

from tonearm.lexicons.app.rocksky.rockbox import defs as rockbox_defs
from tonearm.xrpc import constraints, models

NSID: Final = "app.rocksky.rockbox.audio.settings"


class Record(models.Record):
    """Sound settings for the account's Rockbox players."""

    TYPE: ClassVar[str] = NSID

    created_at: constraints.Datetime = Field(alias="createdAt")
    """When settings were first stored."""
    updated_at: constraints.Datetime | None = Field(default=None, alias="updatedAt")
    """When they were last changed."""
    crossfade: rockbox_defs.CrossfadeSettings | None = None
    """Blending of tracks."""
    equalizer: rockbox_defs.EqualizerSettings | None = None
    """Equalizer."""
    replay_gain: rockbox_defs.ReplayGainSettings | None = Field(default=None, alias="replayGain")
    """Evening out of loudness."""
    tone: rockbox_defs.ToneSettings | None = None
    """Bass, treble, balance and channels."""


KEY: Final = "literal:self"
