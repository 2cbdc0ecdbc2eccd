"""The fault board: every case of the catalogue, played or told on this machine, side by side with what it leaves.

An ASGI application like the page, behind the same gate, door and one-time address. It touches no account of the user's:
each play has a sandbox, a home and a log of its own, which go when it is over.
"""

from signedin_adapters.web.board.app import Board, create_board

__all__ = ["Board", "create_board"]
