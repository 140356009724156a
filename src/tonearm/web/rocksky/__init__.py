"""The routes that Rocksky's own clients call beside XRPC: logging in, their own profile, tokens and player keys.

Their web client sends the browser to `GET /login?handle=…`, which leads to the listener's PDS and, by
`/oauth/callback`, back to the client's page with `?did=…`. The page then asks `GET /token` with the header
`session-did`. The command line asks `POST /login {handle, cli}` for an address to open, and waits on
`http://localhost:6996` for the page to post the token. With an app password `POST /login` answers `jwt:TOKEN`.

The paths, methods and bodies are Rocksky's. What it does with them is not: there whoever named a DID in time got its
token. Here the token goes to the browser that logged in (`services/signing_in/client_logins.py`). The address that
`POST /login` answers is one of our own, so that a login is bound to the browser that opens it, not to the program that
asked for it. Who may call what stands in `routes.py`.

Rejected: answering `GET /token` by the header alone when the front end is on another origin, whose pages send no
cookies unless they are told to. Such a front end is served under our own origin, or asks with credentials.

Invariant: a token is given to the browser or program that proved who it is, once, and nothing is told of anybody else.
"""
