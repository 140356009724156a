"""The life of an account after it was made: deactivated, reactivated, deleted; and all that we hold of it, exported.

An account is `active`, `deactivated` by its owner, `suspended` by an administrator, or `deleting`. Whatever it is in
is one column, and `AccountStates` answers for it: every credential is held against it on every call, and what others
are shown leaves out those who are not active. Nothing is lost by deactivation: plays that wait for the repository go on
waiting, and the credentials work again afterwards.

A deletion is a row that says how far it is, and stages that may each be repeated: a process that is killed leaves a
deletion that the next one goes on with. The credentials and the state go first, in one transaction with the row; what
is large goes in chunks, each with its place in the same transaction; the account's own row goes last. Catalogue rows
are shared and stay, in the hands of somebody else who played them. The actor's row stays as an empty shell, because
actor ids must not be given to anybody else.

Rejected: deleting in one transaction, which would hold up every other writer for minutes; and marking rows as deleted
to be swept some day, since what we say is deleted must be gone.

Invariant: when a deletion is done, no row of ours has the person's id, DID, handle, name or words.
`queries/erasing.py` has the one list of tables; a test compares it with all tables that there are.
"""

from tonearm.services.lifecycle.deletion import Deletion, DeletionError
from tonearm.services.lifecycle.lifecycle import Lifecycle
from tonearm.services.lifecycle.states import AccountStates

__all__ = ["AccountStates", "Deletion", "DeletionError", "Lifecycle"]
