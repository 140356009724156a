"""The table of XRPC methods: what each demands of its caller, who handles it, and with what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tonearm.api import actor, album, apikey, artist, journal, scrobble, session, song, token
from tonearm.xrpc.auth import ANYONE, MANAGE, READ, SCROBBLE

if TYPE_CHECKING:
    from tonearm.api.session import AddressOf, PasswordLogins
    from tonearm.api.views import Images
    from tonearm.lexicons.router import Router
    from tonearm.services.credentials.api_tokens import ApiTokens
    from tonearm.services.credentials.logins import Logins
    from tonearm.services.credentials.player_keys import PlayerKeys
    from tonearm.services.history import History
    from tonearm.services.journal_queue import JournalQueue
    from tonearm.services.people import People
    from tonearm.services.scrobbles import Scrobbles


def add_routes(
    router: Router, *, scrobbles: Scrobbles, history: History, queue: JournalQueue, people: People, images: Images
) -> None:
    """Bind every method of ours. What is not bound answers 501."""
    scrobble_methods = router.app_rocksky_scrobble
    scrobble_methods.create_scrobble(SCROBBLE, scrobble.create_scrobble, scrobbles, people, images)
    scrobble_methods.get_scrobbles(ANYONE, scrobble.get_scrobbles, history, images)
    scrobble_methods.get_scrobble(ANYONE, scrobble.get_scrobble, history, images)
    router.app_rocksky_actor.get_profile(ANYONE, actor.get_profile, history, images)
    router.app_rocksky_actor.get_actor_scrobbles(ANYONE, actor.get_actor_scrobbles, history, images)
    router.app_rocksky_song.get_song(ANYONE, song.get_song, history, images)
    router.app_rocksky_artist.get_artist(ANYONE, artist.get_artist, history)
    router.app_rocksky_album.get_album(ANYONE, album.get_album, history, images)
    journal_methods = router.app_tonearm_journal
    journal_methods.get_queue(READ, journal.get_queue, queue)
    journal_methods.retry_entry(MANAGE, journal.retry_entry, queue)
    journal_methods.discard_entry(MANAGE, journal.discard_entry, queue)
    journal_methods.edit_entry(MANAGE, journal.edit_entry, queue)


def add_credential_routes(
    router: Router,
    *,
    logins: Logins,
    passwords: PasswordLogins,
    api_tokens: ApiTokens,
    player_keys: PlayerKeys,
    address_of: AddressOf,
) -> None:
    """Bind the methods that make, list and revoke credentials."""
    sessions = router.app_tonearm_session
    sessions.create_session(ANYONE, session.create_session, logins, passwords, address_of)
    sessions.refresh_session(ANYONE, session.refresh_session, logins)
    sessions.list_sessions(MANAGE, session.list_sessions, logins)
    sessions.revoke_session(READ, session.revoke_session, logins)
    tokens = router.app_tonearm_token
    tokens.create_token(MANAGE, token.create_token, api_tokens)
    tokens.list_tokens(MANAGE, token.list_tokens, api_tokens)
    tokens.revoke_token(MANAGE, token.revoke_token, api_tokens)
    keys = router.app_rocksky_apikey
    keys.create_apikey(MANAGE, apikey.create_apikey, player_keys)
    keys.get_apikeys(MANAGE, apikey.get_apikeys, player_keys)
    keys.update_apikey(MANAGE, apikey.update_apikey, player_keys)
    keys.remove_apikey(MANAGE, apikey.remove_apikey, player_keys)
