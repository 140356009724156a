"""`app.rocksky.actor.*`: people and their plays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tonearm.api import views
from tonearm.lexicons.app.rocksky import actor as lex
from tonearm.xrpc.errors import XrpcError

if TYPE_CHECKING:
    from tonearm.api.views import Images
    from tonearm.services.history import History
    from tonearm.xrpc.method import QueryCall


async def get_profile(
    call: QueryCall[lex.get_profile.Params], history: History, images: Images
) -> lex.get_profile.Output:
    """Somebody's profile, or the caller's own."""
    whose = call.params.did or (call.principal.did if call.principal else None)
    if whose is None:
        raise XrpcError("AuthenticationRequired", "Say whose profile with the parameter did, or send your token.")
    return views.profile_detailed(await history.actor(whose), images)


async def get_actor_scrobbles(
    call: QueryCall[lex.get_actor_scrobbles.Params], history: History, images: Images
) -> lex.get_actor_scrobbles.Output:
    """Somebody's plays, latest first."""
    params = call.params
    page = await history.plays(params.did, limit=params.limit, offset=params.offset or 0, cursor=params.cursor)
    return lex.get_actor_scrobbles.Output(
        scrobbles=[views.scrobble_basic(play, images) for play in page.plays], cursor=page.cursor
    )
