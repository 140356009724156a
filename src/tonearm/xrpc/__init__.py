"""XRPC: the runtime that every method shares.

It owns everything between a socket and a handler: the verb, the query string, the body with its codings and limits,
who calls and what they may do, how often, the shape of answers and errors, event streams and their close codes.

The model: a lexicon's method is a value (`Query`, `Procedure`, `Subscription`) that generated code makes; a handler is
a plain coroutine that takes a call and its dependencies; `MethodRouter` is a dict from path to the two. The lexicon's
classes are imported on the first call of their method, since importing all of them costs more than starting the rest
of the server.

Rejected: aiohttp middlewares and one aiohttp route for each method. They read well, but each costs a coroutine and
several objects for each request, and the order of the steps (auth before body, limit before auth) is then spread over
files. Here one function for each kind of method runs the steps in order. Also rejected: `web.Response` on the way of
every good answer; its headers are built, copied and serialised again for each request although they never change.

The invariants: no body byte is read before the caller is admitted; nothing grows with what a client sends beyond a
stated limit; an unexpected exception never shows its text; a method without a stated `Access` cannot be served.
"""
