"""Identity: who somebody is, and the secrets that prove it.

It owns the sealing of secrets, the master key's file, password hashes, the forms of API and access tokens, the
resolution of handles and DIDs, and the OAuth client. A secret is either hashed (what we only compare) or sealed with
the master key (what we must use again); nothing is kept in the clear (invariant 7). Which tokens there are, and whose,
the services know. Rejected: keys made anew when they are missing, which would turn a lost file into silently unreadable
data: the start is refused instead.
"""
