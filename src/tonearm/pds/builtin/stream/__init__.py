"""The event stream of the built-in PDS: `frames` encodes what happened, `events` keeps it in order and sends it.

Invariant: an event is stored in the transaction of what it tells, and its number is above every number before it.
"""
