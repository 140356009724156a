"""Writing repositories on any PDS over HTTP.

What it owns: the app-password session of an account on its PDS (login, rotation, loss), the one place where requests
to a PDS are sent (`transport`), the meaning of every answer (`outcome`), and keeping clear of a PDS's rate limits
(`pacing`). `RemotePds` puts them together behind `tonearm.pds.writer.RepoWriter`. Sessions of other kinds are kept by
others (OAuth: `tonearm.services.signing_in.oauth_sessions`); to a call they are all an `access.PdsAccess`.

A call loads the session, asks the rate budget, sends one request, and reads one bounded answer. When the PDS says that
the access token is no longer good, the session is renewed once and the request is sent once more. Rotation runs in a
task of its own, one for each account, under the store's lock, which reaches over processes; the new tokens are stored
before anybody uses them, because a refresh token is good for one use and a lost one costs the owner a login.

Rejected: keeping sessions in memory between calls. A second process would rotate them behind our back, and one load
for a batch of up to 200 records is cheap. Also rejected: reading the expiry out of the access token. It is the PDS's
own business, and the answer that a token has expired has to be handled anyway.

Rejected, for `existing`: walking `listRecords` from the first key to the last. Where a page starts is told by a cursor
that only the PDS may interpret, so a seek to a key works on one implementation and lies on another.

Invariant: neither a password nor a token appears in a log, a `repr` or the text of an error.
"""

from tonearm.pds.remote.login import login
from tonearm.pds.remote.session import PdsSession, SessionStore
from tonearm.pds.remote.transport import pds_base_url
from tonearm.pds.remote.writer import RemotePds

__all__ = ["PdsSession", "RemotePds", "SessionStore", "login", "pds_base_url"]
