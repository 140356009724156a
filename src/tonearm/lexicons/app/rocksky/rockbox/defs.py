# Generated from lexicons/app/rocksky/rockbox/defs.json by scripts/codegen. Do not edit.
"""`app.rocksky.rockbox.defs`.

Sound settings of Rockbox players.
"""

from typing import Annotated, ClassVar, Final

from pydantic import Field

from tonearm.xrpc import constraints, models

NSID: Final = "app.rocksky.rockbox.defs"


class CrossfadeSettings(models.Object):
    """How one track blends into the next."""

    TYPE: ClassVar[str] = "app.rocksky.rockbox.defs#crossfadeSettings"

    fade_in_delay: Annotated[
        int, constraints.Integer(minimum=0, maximum=7000)
    ] | None = Field(default=None, alias="fadeInDelay")
    """Milliseconds before the new track fades in, 0 to 7000."""
    fade_in_duration: Annotated[
        int, constraints.Integer(minimum=0, maximum=15000)
    ] | None = Field(default=None, alias="fadeInDuration")
    """Milliseconds that the fade-in takes, 0 to 15000."""
    fade_out_delay: Annotated[
        int, constraints.Integer(minimum=0, maximum=7000)
    ] | None = Field(default=None, alias="fadeOutDelay")
    """Milliseconds before the old track fades out, 0 to 7000."""
    fade_out_duration: Annotated[
        int, constraints.Integer(minimum=0, maximum=15000)
    ] | None = Field(default=None, alias="fadeOutDuration")
    """Milliseconds that the fade-out takes, 0 to 15000."""
    fade_out_mix_mode: str | None = Field(default=None, alias="fadeOutMixMode")
    """`crossfade` or `mix`."""
    mode: str | None = None
    """When to crossfade, by Rockbox's name of the mode."""


class EqualizerBand(models.Object):
    """One band of the equalizer."""

    TYPE: ClassVar[str] = "app.rocksky.rockbox.defs#equalizerBand"

    frequency: Annotated[int, constraints.Integer(minimum=20, maximum=22000)]
    """Centre or cut-off in hertz, 20 to 22000."""
    gain: Annotated[int, constraints.Integer(minimum=-240, maximum=240)]
    """Tenths of a decibel, -240 to 240."""
    q: Annotated[int, constraints.Integer(minimum=5, maximum=640)]
    """Quality factor in tenths, 5 to 640."""


class EqualizerSettings(models.Object):
    """The equalizer."""

    TYPE: ClassVar[str] = "app.rocksky.rockbox.defs#equalizerSettings"

    bands: list[EqualizerBand] | None = None
    """The bands, lowest first."""
    enabled: bool | None = None
    """Whether it is on."""
    precut: Annotated[int, constraints.Integer(minimum=-240, maximum=0)] | None = None
    """Reduction before the bands in tenths of a decibel, -240 to 0."""


class ReplayGainSettings(models.Object):
    """How loudness is evened out."""

    TYPE: ClassVar[str] = "app.rocksky.rockbox.defs#replayGainSettings"

    mode: str | None = None
    """`track`, `album`, `shuffle` or `off`."""
    preamp: Annotated[int, constraints.Integer(minimum=-120, maximum=120)] | None = None
    """Added gain in tenths of a decibel, -120 to 120."""
    prevent_clipping: bool | None = Field(default=None, alias="preventClipping")
    """Whether gain is reduced where it would clip."""


class ToneSettings(models.Object):
    """Tone controls."""

    TYPE: ClassVar[str] = "app.rocksky.rockbox.defs#toneSettings"

    balance: Annotated[int, constraints.Integer(minimum=-100, maximum=100)] | None = None
    """Percent to the right, -100 (left only) to 100 (right only)."""
    bass: Annotated[int, constraints.Integer(minimum=-24, maximum=24)] | None = None
    """Decibels, -24 to 24."""
    channels: str | None = None
    """Channel configuration, by Rockbox's name."""
    treble: Annotated[int, constraints.Integer(minimum=-24, maximum=24)] | None = None
    """Decibels, -24 to 24."""


class SettingsView(models.Object):
    """All sound settings of an account."""

    TYPE: ClassVar[str] = "app.rocksky.rockbox.defs#settingsView"

    created_at: constraints.Datetime = Field(alias="createdAt")
    """When settings were first stored."""
    updated_at: constraints.Datetime | None = Field(default=None, alias="updatedAt")
    """When they were last changed."""
    crossfade: CrossfadeSettings | None = None
    """Blending of tracks."""
    equalizer: EqualizerSettings | None = None
    """Equalizer."""
    replay_gain: ReplayGainSettings | None = Field(default=None, alias="replayGain")
    """Evening out of loudness."""
    tone: ToneSettings | None = None
    """Bass, treble, balance and channels."""
