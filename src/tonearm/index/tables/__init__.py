"""The tables, described with SQLModel: what Alembic compares and what a reader learns the schema from.

Hot paths use plain SQL (`queries`, `journal`, `outbox`), never these classes as objects. Times are `*_at` columns in
microseconds since 1970 UTC. `tid` is a record key as its 64-bit integer. Ids of songs, artists and albums are derived
from their identity (`services.identity_hash`) and are the integer of their record key too.
"""

from tonearm.index.tables.accounts import Account, AccountDeletion, Actor, RemoteLogin
from tonearm.index.tables.catalog import Album, Artist, Song
from tonearm.index.tables.login_tickets import LoginTicket
from tonearm.index.tables.logins import ApiToken, LoginSession, MasterKeyChange, PlayerKey, ServerKey
from tonearm.index.tables.moves import AccountMove, FormerIdentity, MovedPlay
from tonearm.index.tables.oauth import OAuthClientKey, OAuthRequest, OAuthSession
from tonearm.index.tables.plays import ActorAlbum, ActorArtist, ActorSong, Idempotency, Journal, Play, Tombstone
from tonearm.index.tables.writes import Event, Outbox, OutboxActor, RepoWriteRow

__all__ = [
    "Account",
    "AccountDeletion",
    "AccountMove",
    "Actor",
    "ActorAlbum",
    "ActorArtist",
    "ActorSong",
    "Album",
    "ApiToken",
    "Artist",
    "Event",
    "FormerIdentity",
    "Idempotency",
    "Journal",
    "LoginSession",
    "LoginTicket",
    "MasterKeyChange",
    "MovedPlay",
    "OAuthClientKey",
    "OAuthRequest",
    "OAuthSession",
    "Outbox",
    "OutboxActor",
    "Play",
    "PlayerKey",
    "RemoteLogin",
    "RepoWriteRow",
    "ServerKey",
    "Song",
    "Tombstone",
]
