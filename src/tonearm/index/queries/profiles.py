"""Profiles: whose are to be read, and what was read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tonearm.index.engine import Work, execute, select

if TYPE_CHECKING:
    from tonearm.index.queries.actors import AccountRow


class Profile(NamedTuple):
    """What somebody calls themselves."""

    handle: str
    display_name: str | None
    avatar_url: str | None


def take_due(before: int, next_at: int, limit: int) -> Work[list[str]]:
    """DIDs of accounts whose profiles were read before a time, or never; the others leave them alone until `next_at`.

    `next_at` stands in the place of the time of the last reading, so it is the time at which one is due less a period.
    """
    rows = yield select(
        "SELECT a.actor_id, a.did FROM account c JOIN actor a ON a.actor_id = c.actor_id WHERE c.state <> 'deleting' "
        "AND (a.profile_at IS NULL OR a.profile_at < $1) ORDER BY a.profile_at IS NOT NULL, a.profile_at LIMIT $2",
        *(before, limit),
    )
    if rows:
        yield execute(
            "UPDATE actor SET profile_at = $2 WHERE actor_id = ANY($1)", [actor_id for actor_id, _ in rows], next_at
        )
    return [did for _, did in rows]


def keep_profile(account: AccountRow, profile: Profile, now: int) -> Work[bool]:
    """Keep a profile; False when nothing is new. Of two people with a handle, the one who has it now is found by it."""
    rows = yield select("SELECT handle, display_name, avatar_url FROM actor WHERE actor_id = $1", account.actor_id)
    if not rows:
        return False
    changed = Profile(*rows[0]) != profile
    at = "updated_at = $5, " if changed else ""
    yield execute(
        f"UPDATE actor SET handle = $2, display_name = $3, avatar_url = $4, {at}profile_at = $5 WHERE actor_id = $1",
        *(account.actor_id, *profile, now),
    )
    if account.pds_url is not None and account.name == account.handle != profile.handle:
        # The name was their handle: whoever has that handle next must not be taken for them.
        taken = yield select("SELECT 1 FROM account WHERE name = $1", profile.handle)
        name = account.did if taken or profile.handle.endswith(".invalid") else profile.handle
        yield execute("UPDATE account SET name = $2 WHERE actor_id = $1", account.actor_id, name)
    return changed
