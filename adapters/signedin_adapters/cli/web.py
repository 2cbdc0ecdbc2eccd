"""Owns `signedin web`: the page in the foreground, for this machine's own browsers, until Ctrl-C.

It listens on 127.0.0.1 alone. Its address lets one browser in, once and soon: whoever finds it later, in a list of
processes or on a screen, has nothing of it.
"""

import argparse
import errno
import socket

import anyio

from signedin.errors import SignInFailed
from signedin_adapters.cli import exit_codes
from signedin_adapters.cli.connecting import connected
from signedin_adapters.cli.extras import extra
from signedin_adapters.cli.invocation import Invocation
from signedin_adapters.cli.page_address import tell

EXAMPLES = (
    "signedin web",
    "signedin web --port 8766 --no-browser",
    "signedin web --provider sandbox",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where it listens, and who opens it."""
    parser.add_argument("--port", type=_port, default=0, metavar="N", help="listen there (default: a free one)")
    parser.add_argument("--no-browser", action="store_true", help="print the address, and open nothing")


def run(call: Invocation) -> int:
    """Serve until Ctrl-C, which is its usual end."""
    with extra("web"):
        from signedin_adapters.cli.page_server import serve
        from signedin_adapters.web import create_app

    async def show(listener: socket.socket) -> None:
        async with connected(call, signed_in=False) as connection:
            page = create_app(connection, home=call.program.home, again=_again(call), remedy=call.program.remedy)
            tell(call, listener, page.address, what="The page")
            await serve(page, listener)

    with _listening(call.options.port) as listener:
        anyio.run(show, listener)
    call.out.note("The page is closed.")
    return exit_codes.OK


def _again(call: Invocation) -> str:
    return f"Run `{call.program.command('web')}` again: it opens the page anew."


def _listening(port: int) -> socket.socket:
    """Raises SignInFailed where the port is another's."""
    try:
        return socket.create_server(("127.0.0.1", port))
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        raise SignInFailed(f"Port {port} is taken", case="port-in-use-other-tool") from None


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: a number from 1 to 65535")
    return int(text)
