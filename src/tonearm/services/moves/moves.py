"""Linking an account to an outside identity, and starting, stopping and watching its move."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from tonearm.index import outbox
from tonearm.index.queries import actors, moves
from tonearm.index.queries.moves import MoveRow
from tonearm.services.accounts import AccountError
from tonearm.services.identity_hash import MICROS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tonearm.index.engine import Database, Work
    from tonearm.index.queries.actors import AccountRow

CANCELLABLE = frozenset({"linking", "linked", "checking"})
ENDED = frozenset({"done", "cancelled"})


class MoveRefusedError(AccountError):
    """The account cannot be linked to that identity, or its move cannot be started. The message says why."""


class MoveNotFoundError(AccountError):
    """The account has no move. Link it to an outside identity first."""


class MoveNotCancellableError(AccountError):
    """The account has the outside identity already. The move can be paused, and goes on where it was."""


@dataclass(frozen=True, slots=True)
class MoveView:
    """How a move stands, for its owner.

    `total` are the records of the old repository, `copied` those of them that went to the outside one or are on their
    way, `passed_over` those that it had already or that were deleted; `waiting` are on their way now, and `refused`
    stand in the owner's queue. `reason` and `message` say what holds it up.
    """

    move_id: str
    state: str
    paused: bool
    from_did: str
    from_handle: str
    to_did: str | None
    to_handle: str | None
    pds_url: str | None
    total: int
    copied: int
    passed_over: int
    waiting: int
    refused: int
    reason: str | None
    message: str | None
    updated_at: int

    @property
    def cancellable(self) -> bool:
        """Whether nothing irrevocable has been done."""
        return self.state in CANCELLABLE


class Hosting(Protocol):
    """What the end of a move needs of the built-in PDS."""

    async def remove_repository(self, did: str) -> None:
        """Remove a repository and its identity; nothing happens when there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Moves:
    """The moves of this server's accounts. `wake` tells the worker that there is something to do."""

    database: Database
    hosting: Hosting
    now: Callable[[], float]
    public_url: str
    wake: Callable[[], None]

    async def check_linkable(self, actor_id: int) -> None:
        """See to it that an account can be linked, before anybody is asked to log in elsewhere.

        Raises:
            MoveRefusedError: it is not local, or its move is under way.
        """
        await self.database.read(self._linkable(actor_id))

    async def begin_link(self, actor_id: int) -> str:
        """Begin to link an account whose owner is signed in; answers the id for the login at the other side.

        Raises:
            MoveRefusedError: the account is not local, or its move is under way.
        """
        return await self.database.write(self._begin_link(actor_id))

    async def link(self, actor_id: int, other: AccountRow, *, move_id: str | None = None) -> MoveView:
        """Link an account to an outside identity, whose owner has just logged in to it.

        Args:
            actor_id: the local account; its owner is signed in to it.
            other: the account that the login at the other side led to.
            move_id: what `begin_link` answered, when the login came back from elsewhere.

        Raises:
            MoveRefusedError: they cannot be linked.
        """
        return await self.database.write(self._link(actor_id, other.actor_id, move_id))

    async def start(self, actor_id: int) -> MoveView:
        """Start the move of a linked account, or go on with one that was paused or waits before it tries again.

        Raises:
            MoveNotFoundError: the account was not linked.
            MoveRefusedError: the login at the other side is still awaited.
        """
        view = await self.database.write(self._start(actor_id))
        self.wake()
        return view

    async def pause(self, actor_id: int) -> MoveView:
        """Let a move rest until `start`. Plays go on to be taken, and what is in the outbox to be published.

        Raises:
            MoveNotFoundError: nothing is being moved.
        """
        return await self.database.write(self._pause(actor_id))

    async def cancel(self, actor_id: int) -> MoveView:
        """Give a move up before the identity has changed.

        Raises:
            MoveNotFoundError: nothing is being moved.
            MoveNotCancellableError: it is too late.
        """
        return await self.database.write(self._cancel(actor_id))

    async def delete_old(self, actor_id: int) -> None:
        """Delete the old repository of an account whose move is done. What refers to it is still led on.

        Raises:
            MoveNotFoundError: the account has none.
            MoveRefusedError: the move is not done, or records stand in the queue whose files are in the old repository.
        """
        view = await self.view(actor_id)
        if view.state != "done":
            raise MoveRefusedError("the move is not done, so the old repository is still needed")
        if view.refused:
            raise MoveRefusedError(f"{view.refused} records stand in the queue: retry or discard them first")
        await self.hosting.remove_repository(view.from_did)
        await self.database.write(moves.forget_move(actor_id, view.move_id))

    async def view(self, actor_id: int) -> MoveView:
        """How an account's move stands.

        Raises:
            MoveNotFoundError: there is none.
        """
        return await self.database.read(self._view(actor_id))

    def _begin_link(self, actor_id: int) -> Work[str]:
        account = yield from self._linkable(actor_id)
        now = self._micros()
        move_id = secrets.token_urlsafe(16)
        yield from moves.put_move(MoveRow(actor_id, move_id, account.did, account.handle, now, now))
        return move_id

    def _linkable(self, actor_id: int) -> Work[AccountRow]:
        account = yield from actors.account_of(actor_id)
        if account is None or account.pds_url is not None:
            raise MoveRefusedError("only a local account, whose repository is on this server, can be moved from here")
        row = yield from moves.move_of(actor_id)
        if row is not None and row.state not in CANCELLABLE | ENDED:
            raise MoveRefusedError(f"this account is being moved to {row.to_handle} already")
        return account

    def _link(self, actor_id: int, other_id: int, move_id: str | None) -> Work[MoveView]:
        account = yield from self._linkable(actor_id)
        row = yield from moves.move_of(actor_id)
        if move_id is not None and (row is None or row.move_id != move_id or row.state != "linking"):
            raise MoveRefusedError("this link was not begun here, or was cancelled. Begin again")
        other = yield from actors.account_of(other_id)
        if other is None:
            raise MoveRefusedError("there is no login with that identity")
        pds_url = self._outside(account, other)
        another = yield from moves.move_to(other.did)
        if another is not None and another.actor_id != actor_id:
            raise MoveRefusedError(f"{other.handle} is part of another account's move")
        now = self._micros()
        linked = MoveRow(actor_id, move_id or secrets.token_urlsafe(16), account.did, account.handle, now, now)
        yield from moves.put_move(
            linked._replace(state="linked", to_did=other.did, to_handle=other.handle, pds_url=pds_url)
        )
        return (yield from self._view(actor_id))

    def _outside(self, account: AccountRow, other: AccountRow) -> str:
        """The PDS of the other side, if it is one that an account can move to."""
        if other.actor_id == account.actor_id or other.pds_url is None:
            raise MoveRefusedError(f"{other.handle} is an account of this server: name an identity elsewhere")
        if urlsplit(other.pds_url).netloc == urlsplit(self.public_url).netloc:
            raise MoveRefusedError(f"{other.handle} has its repository on this server: name an identity elsewhere")
        if other.state != "active":
            raise MoveRefusedError(f"the account of {other.handle} here is {other.state}")
        if other.role != "none":
            raise MoveRefusedError(
                f"{other.handle} has the role {other.role} here, which would be lost. "
                f"Take it away first: tonearm account grant {other.name} none"
            )
        return other.pds_url

    def _start(self, actor_id: int) -> Work[MoveView]:
        row = yield from _row(actor_id)
        if row.state == "linking":
            raise MoveRefusedError("log in to the outside identity first")
        if row.state == "linked":
            row = row._replace(state="checking")
        yield from moves.change_move(
            row._replace(paused=0, due_at=0, failures=0, reason=None, message=None, updated_at=self._micros())
        )
        return (yield from self._view(actor_id))

    def _pause(self, actor_id: int) -> Work[MoveView]:
        row = yield from _row(actor_id)
        yield from moves.change_move(row._replace(paused=1, updated_at=self._micros()))
        return (yield from self._view(actor_id))

    def _cancel(self, actor_id: int) -> Work[MoveView]:
        row = yield from _row(actor_id)
        if row.state not in CANCELLABLE:
            raise MoveNotCancellableError(
                f"the account is {row.to_handle} now, so the move cannot be taken back. It can be paused"
            )
        yield from moves.change_move(row._replace(state="cancelled", updated_at=self._micros()))
        return (yield from self._view(actor_id))

    def _view(self, actor_id: int) -> Work[MoveView]:
        row = yield from moves.move_of(actor_id)
        if row is None:
            raise MoveNotFoundError("this account is not linked to an outside identity")
        waiting, refused = yield from moves.writes_until(actor_id, row.last_write_id)
        reason, message = row.reason, row.message
        if reason is None and waiting:
            held = yield from outbox.actor_state(actor_id)
            reason, message = held.reason, held.message
        return MoveView(
            move_id=row.move_id,
            state=row.state,
            paused=bool(row.paused),
            from_did=row.from_did,
            from_handle=row.from_handle,
            to_did=row.to_did,
            to_handle=row.to_handle,
            pds_url=row.pds_url,
            total=row.total,
            copied=row.copied,
            passed_over=row.looked_at - row.copied,
            waiting=waiting,
            refused=refused,
            reason=None if reason is None else reason.removesuffix("Error"),
            message=message,
            updated_at=row.updated_at,
        )

    def _micros(self) -> int:
        return int(self.now() * MICROS)


def _row(actor_id: int) -> Work[MoveRow]:
    row = yield from moves.move_of(actor_id)
    if row is None or row.state in ENDED:
        raise MoveNotFoundError("nothing is being moved: link the account to an outside identity first")
    return row
