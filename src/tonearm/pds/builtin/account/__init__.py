"""Accounts of the built-in PDS: identities, keys, sessions.

`identities` and `keys` are what an account is, `accounts` makes and changes it. `sessions` opens sessions with an
account's own password (checked by whoever owns the accounts) or an app password, `tokens` are the JWTs, `service_auth`
the tokens for other services.

Invariant: no secret leaves this package in the clear: keys are sealed, passwords and refresh tokens are hashed.
"""
