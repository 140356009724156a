# Generated from lexicons/app/rocksky/rockbox/putAudioSettings.json by scripts/codegen. Do not edit.
"""`app.rocksky.rockbox.putAudioSettings`, a procedure.

Store the sound settings of the signed-in account's Rockbox players. Parts that are left out stay as they are.
"""

from typing import Final, TypeAlias

from pydantic import Field

from tonearm.lexicons.app.rocksky.rockbox import defs as rockbox_defs
from tonearm.xrpc import models
from tonearm.xrpc.method import Procedure

NSID: Final = "app.rocksky.rockbox.putAudioSettings"


class Params(models.Params):
    """No parameters."""


class Input(models.Input):
    """The input."""

    crossfade: rockbox_defs.CrossfadeSettings | None = None
    """Blending of tracks."""
    equalizer: rockbox_defs.EqualizerSettings | None = None
    """Equalizer."""
    replay_gain: rockbox_defs.ReplayGainSettings | None = Field(default=None, alias="replayGain")
    """Evening out of loudness."""
    tone: rockbox_defs.ToneSettings | None = None
    """Bass, treble, balance and channels."""


Output: TypeAlias = rockbox_defs.SettingsView

METHOD: Procedure[Params, Input, Output] = Procedure(NSID, Params, Input, Output)
