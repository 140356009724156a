"""`app.tonearm.move.*`: a local account becomes an identity elsewhere, with its records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tonearm.lexicons.app.tonearm import move as lex
from tonearm.services.identity_hash import MICROS
from tonearm.services.records import datetime_text
from tonearm.xrpc.auth import MANAGE, READ

if TYPE_CHECKING:
    from tonearm.api.session import AddressOf
    from tonearm.lexicons.router import Router
    from tonearm.services.moves import Moves, MoveView
    from tonearm.services.signing_in.password_logins import PasswordLogins
    from tonearm.xrpc.method import ProcedureCall, QueryCall


def add_move_routes(router: Router, moves: Moves, passwords: PasswordLogins, address_of: AddressOf) -> None:
    """Bind the methods of moves."""
    methods = router.app_tonearm_move
    methods.link_account(MANAGE, link_account, moves, passwords, address_of)
    methods.start_move(MANAGE, start_move, moves)
    methods.pause_move(MANAGE, pause_move, moves)
    methods.cancel_move(MANAGE, cancel_move, moves)
    methods.delete_old_repository(MANAGE, delete_old_repository, moves)
    methods.get_move(READ, get_move, moves)


async def link_account(
    call: ProcedureCall[lex.link_account.Params, lex.link_account.Input],
    moves: Moves,
    passwords: PasswordLogins,
    address_of: AddressOf,
) -> lex.link_account.Output:
    """Link the caller's account to an identity that an app password proves."""
    await moves.check_linkable(call.caller.actor_id)
    other = await passwords.log_in(call.input.identifier, call.input.password, address=address_of(call.request))
    return lex.link_account.Output(move=view_of(await moves.link(call.caller.actor_id, other)))


async def start_move(call: ProcedureCall[lex.start_move.Params, None], moves: Moves) -> lex.start_move.Output:
    """Start the caller's move, or go on with it."""
    return lex.start_move.Output(move=view_of(await moves.start(call.caller.actor_id)))


async def pause_move(call: ProcedureCall[lex.pause_move.Params, None], moves: Moves) -> lex.pause_move.Output:
    """Let the caller's move rest."""
    return lex.pause_move.Output(move=view_of(await moves.pause(call.caller.actor_id)))


async def cancel_move(call: ProcedureCall[lex.cancel_move.Params, None], moves: Moves) -> lex.cancel_move.Output:
    """Give the caller's move up."""
    return lex.cancel_move.Output(move=view_of(await moves.cancel(call.caller.actor_id)))


async def delete_old_repository(call: ProcedureCall[lex.delete_old_repository.Params, None], moves: Moves) -> None:
    """Delete the caller's old repository."""
    await moves.delete_old(call.caller.actor_id)


async def get_move(call: QueryCall[lex.get_move.Params], moves: Moves) -> lex.get_move.Output:
    """How the caller's move stands."""
    return lex.get_move.Output(move=view_of(await moves.view(call.caller.actor_id)))


def view_of(move: MoveView) -> lex.defs.MoveView:
    """A move as the wire has it."""
    return lex.defs.MoveView(
        state=move.state,
        paused=move.paused,
        cancellable=move.cancellable,
        from_did=move.from_did,
        from_handle=move.from_handle,
        to_did=move.to_did,
        to_handle=move.to_handle,
        pds_url=move.pds_url,
        total=move.total,
        copied=move.copied,
        passed_over=move.passed_over,
        waiting=move.waiting,
        refused=move.refused,
        reason=move.reason,
        message=move.message,
        updated_at=datetime_text(move.updated_at // MICROS),
    )
