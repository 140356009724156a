"""Credentials of our own: sessions of browsers and apps, API tokens, player keys, and the keys of this server.

What somebody shows us to be let in, apart from a password and from what their PDS vouches for. A credential is shown
once and kept as a hash; what has to be used again (a player's secret, the server's own keys) is sealed with the master
key. When a credential was last used is written in the background, never on the way of a request.

Rejected: one kind of credential for all. A browser's session is opened by a cookie and slides, an app's is short and is
renewed, a token is named and lasts, a player's secret must be known to us: each has its own life and its own end.

Invariant: ending a credential ends it everywhere within a second, and what is kept opens nothing without the master
key.
"""
