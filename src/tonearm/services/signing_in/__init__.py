"""Signing in: how somebody proves who they are, and what their PDS then lets us do.

Owns the two ways in (OAuth at any PDS, and passwords, which are either a local account's or an app password), who may
come in at all, the sessions with PDSes that logins bring, and their end.

Model. A login ends with an account and, for a repository elsewhere, with a session at its PDS: the permission to write,
which belongs to the account and not to the browser. The session is refreshed by one holder of a lease, stored before it
is used, and when it is lost the account's writes wait in the outbox for the next login.

Rejected: a session with the PDS for each browser, which would end there when one of them logs out, while players go on.

Invariant: a login that fails leaves nothing behind, neither here nor at the PDS.
"""
