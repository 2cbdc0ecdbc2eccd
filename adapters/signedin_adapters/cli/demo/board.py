"""Owns `signedin demo --web`: the fault board in the foreground, for this machine's own browsers, until Ctrl-C."""

import socket

import anyio

from signedin_adapters.cli.invocation import Invocation
from signedin_adapters.cli.page_address import tell
from signedin_adapters.cli.page_server import serve
from signedin_adapters.web.board import create_board


def show(call: Invocation) -> None:
    """Serve on a free port. What a play made goes with the play, and the last one with the server."""
    board = create_board(again=f"Run `{call.program.command('demo --web')}` again: it opens the board anew.")

    async def serving(listener: socket.socket) -> None:
        await serve(board, listener)
        await board.aclose()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        tell(call, listener, board.address, what="The fault board")
        anyio.run(serving, listener)
    call.out.note("The board is closed.")
