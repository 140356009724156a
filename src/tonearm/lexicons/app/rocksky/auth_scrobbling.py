# Generated from lexicons/app/rocksky/authScrobbling.json by scripts/codegen. Do not edit.
"""`app.rocksky.authScrobbling`, a permission set.

What a scrobbler asks an account to permit: writing the collections of plays and of what they name.
"""

from typing import Final

from tonearm.xrpc import permissions

NSID: Final = "app.rocksky.authScrobbling"

PERMISSIONS: Final = permissions.PermissionSet(
    NSID,
    (
        permissions.Permission(
            "repo",
            {"collection": ("app.rocksky.album", "app.rocksky.artist", "app.rocksky.scrobble", "app.rocksky.song")},
        ),
    ),
    title="Scrobbling",
    detail="Keep what you listen to in your repository: plays, and the songs, albums and artists that they name.",
)
