"""HTTP under XRPC: the server, bodies and their codings, answers, rate limits, what a server says about itself.

Nothing here knows a method. Other edges of the server use it too: whoever reads a request body reads it by `body`, so
that one bound on decoded bytes and on time holds for all of them.
"""
