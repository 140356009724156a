"""An OAuth client for the AT Protocol: how somebody with an account on any PDS lets this server write for them.

The model. A login goes through four hands: the resolver names the account's PDS, the PDS names its one authorization
server, that server's metadata name its endpoints (`discovery`, `metadata`), and there a request is pushed, agreed to in
the browser, and exchanged for tokens (`endpoints`). Tokens are bound to a key of the session: each request carries a
proof of it (`dpop`) with the nonce that the server last gave. What was granted is parsed (`scopes`). Who we are is a
document under our own URL (`clients`): a confidential client that signs with its own keys where the public URL is
https, and the development client that atproto gives to programs on localhost where it is http on loopback.

Nothing here keeps anything: requests, sessions and client keys are rows that `tonearm.services.oauth_*` read and write.

Rejected: a general OAuth library. Nearly every rule that matters here is atproto's own (who may speak for a DID, which
metadata are required, what a scope means), and a library that asks for none of them by itself is one forgotten check
away from a stolen account. Rejected too: keeping metadata of servers between logins. They are a few hundred
milliseconds once, and what is fetched anew cannot be an answer that was planted before.

Invariant: a token counts only after the DID that it was issued for has itself, by a fresh walk over DID document and
PDS, named the issuer that gave it.
"""
