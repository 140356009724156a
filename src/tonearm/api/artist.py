"""`app.rocksky.artist.*`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tonearm.api import views

if TYPE_CHECKING:
    from tonearm.lexicons.app.rocksky import artist as lex
    from tonearm.services.history import History
    from tonearm.xrpc.method import QueryCall


async def get_artist(call: QueryCall[lex.get_artist.Params], history: History) -> lex.get_artist.Output:
    """The artist whose record this is."""
    return views.artist_detailed(await history.artist(call.params.uri))
