"""What the write path promises, in plain Python: which reports are which plays. Nothing of the product decides here."""

from __future__ import annotations

from dataclasses import dataclass, field

from tonearm.services.submission import Submission


@dataclass(frozen=True)
class Song:
    """A song that is reported. Two songs with one MBID or ISRC are one recording under two titles.

    `junk` is what a player sends as both for any song of which it knows neither.
    """

    title: str
    duration_s: int | None = None
    mbid: str | None = None
    isrc: str | None = None
    junk: str | None = None

    def is_like(self, other: Song) -> bool:
        return (
            self.title == other.title
            or (self.mbid is not None and self.mbid == other.mbid)
            or (self.isrc is not None and self.isrc == other.isrc)
        )


SONGS = (
    Song("Running Up That Hill", junk="unknown"),
    Song("Echoes", duration_s=1410, junk="unknown"),
    Song("Hounds of Love", duration_s=182, mbid="0b9b5a4e-0e5c-4ea7-a0f2-52de9e9bd2a5"),
    Song("Hounds of Love (2018 Remaster)", duration_s=182, mbid="0b9b5a4e-0e5c-4ea7-a0f2-52de9e9bd2a5"),
    Song("Cloudbusting", isrc="GBAYE8500042"),
    Song("Cloudbusting (Single Version)", duration_s=390, isrc="GBAYE8500042"),
)
ARTIST = "Various"


@dataclass(frozen=True)
class Report:
    """A play as a player reports it. `token` makes it findable in the journal."""

    token: bytes
    actor_id: int
    song: Song
    at_s: int | None
    says_duration: bool
    key: str | None
    reported_at: float

    @property
    def second(self) -> int:
        return int(self.reported_at) if self.at_s is None else self.at_s

    @property
    def duration_s(self) -> int | None:
        return self.song.duration_s if self.says_duration else None

    def submission(self) -> Submission:
        return Submission.of(
            now_s=self.reported_at,
            title=self.song.title,
            artist=ARTIST,
            played_at_s=self.at_s,
            duration_ms=self.duration_s and self.duration_s * 1000,
            mbid=self.song.mbid or self.song.junk,
            isrc=self.song.isrc or self.song.junk,
            idempotency_key=self.key,
            raw=self.token,
        )


@dataclass(eq=False)
class Play:
    """One listen. `acknowledged` when any report of it was answered; `given_up` when its owner discarded it."""

    actor_id: int
    song: Song
    second: int
    acknowledged: bool = False
    given_up: bool = False

    @property
    def name(self) -> tuple[int, str, int]:
        return self.actor_id, self.song.title, self.second


@dataclass
class Model:
    """The plays that there are, by the reports that were stored."""

    plays: list[Play] = field(default_factory=list)
    outcomes: dict[bytes, str] = field(default_factory=dict)
    acknowledged: set[bytes] = field(default_factory=set)
    _keys: dict[tuple[int, str], list[Play]] = field(default_factory=dict)
    _durations: dict[str, int] = field(default_factory=dict)
    _made_by: dict[str, int] = field(default_factory=dict)

    @property
    def live(self) -> list[Play]:
        return [play for play in self.plays if not play.given_up]

    def store(self, report: Report) -> tuple[str, list[Play]]:
        """A report is stored. Answers what becomes of it, and the play (or the plays, any of which) it stands for."""
        outcome, plays = self._judge(report)
        self.outcomes[report.token] = outcome
        if outcome == "stored":
            plays = [Play(report.actor_id, report.song, report.second)]
            self.plays += plays
            self._learn(report)
        if report.key is not None and plays:
            self._keys.setdefault((report.actor_id, report.key), plays)
        return outcome, plays

    def _judge(self, report: Report) -> tuple[str, list[Play]]:
        if report.key is not None and (report.actor_id, report.key) in self._keys:
            return "duplicate", self._keys[report.actor_id, report.key]
        same = [play for play in self.live if self._is_same(report, play)]
        if same:
            return "duplicate", same
        buried = [play for play in self.plays if play.name == (report.actor_id, report.song.title, report.second)]
        return ("deleted", buried) if buried else ("stored", [])

    def _is_same(self, report: Report, play: Play) -> bool:
        if report.actor_id != play.actor_id or not report.song.is_like(play.song):
            return False
        apart = abs(report.second - play.second)
        if apart == 0:
            return True
        known = max(report.duration_s or 0, self._durations.get(play.song.title, 0))
        return report.at_s is None and apart < max(30, known / 2)

    def _learn(self, report: Report) -> None:
        self._learn_of(report.song, report.actor_id, report.duration_s)

    def _learn_of(self, song: Song, actor_id: int, duration_s: int | None) -> None:
        """Whoever plays a song first says how long it is, at once or later."""
        maker = self._made_by.setdefault(song.title, actor_id)
        if maker == actor_id and duration_s:
            self._durations.setdefault(song.title, duration_s)

    def edit(self, play: Play, song: Song, token: bytes, duration_s: int | None) -> bool:
        """A play's owner says that it was another song; False when that play is there already.

        What it was is a deleted play from now on, and what it has become is none.
        """
        others = [other for other in self.live if other is not play and other.actor_id == play.actor_id]
        if any(other.second == play.second and song.is_like(other.song) for other in others):
            return False
        if song != play.song:
            self.plays = [p for p in self.plays if p.name != (play.actor_id, song.title, play.second)]
            self.plays.append(Play(play.actor_id, play.song, play.second, given_up=True))
            play.song = song
        self.outcomes[token] = "stored"
        self._learn_of(song, play.actor_id, duration_s)
        return True

    def named(self, report: Report, play: Play) -> None:
        """The answer has named one of the plays that a report may stand for: its key leads to that one from now on."""
        if report.key is not None:
            self._keys[report.actor_id, report.key] = [play]

    def acknowledge(self, report: Report, play: Play) -> None:
        """The reporter has been told that it is kept."""
        self.acknowledged.add(report.token)
        play.acknowledged = True
