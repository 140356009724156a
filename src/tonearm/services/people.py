"""Who somebody is, as answers show it: read often, changed rarely, so remembered for a moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tonearm.index.queries import actors

if TYPE_CHECKING:
    from collections.abc import Callable

    from tonearm.index.engine import Database
    from tonearm.index.queries.actors import ActorRow

BELIEVED_S = 1.0
REMEMBERED = 10_000


@dataclass(slots=True)
class People:
    """Actors by id. What another process changes is seen within `BELIEVED_S`."""

    database: Database
    now: Callable[[], float]
    _known: dict[int, tuple[float, ActorRow]] = field(default_factory=dict)

    async def actor(self, actor_id: int) -> ActorRow:
        """The actor with this id.

        Raises:
            KeyError: there is none.
        """
        known = self._known.get(actor_id)
        if known is not None and known[0] > self.now():
            return known[1]
        actor = (await self.database.read(actors.actors_with_ids([actor_id])))[actor_id]
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        self._known[actor_id] = (self.now() + BELIEVED_S, actor)
        return actor
