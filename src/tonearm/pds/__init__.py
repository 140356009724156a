"""Writing repositories: on any PDS over HTTP, or in the repository host that Tonearm brings along.

A repository is written through one protocol, `tonearm.pds.writer.RepoWriter`: a batch of record writes that is stored
whole or not at all, and a question which of some keys exist. `tonearm.pds.remote` speaks it to a PDS over HTTP with an
app-password session; `tonearm.pds.builtin` speaks it in process to repositories of our own. What goes wrong is told in
the classes of `tonearm.pds.errors`, which say whether a batch may be stored and whether it may be sent again.

Rejected: letting the outbox see status codes. Every PDS has its own (a taken key is a bare 500 on the reference), and
the decision "was it stored?" would be spread over every caller.

Invariant: a batch that raised anything but `PdsUnclearError` has stored nothing.
"""
