"""Owns telling where a page is, and opening it there. The address stands alone on its line, to be copied."""

import os
import socket
from collections.abc import Callable
from functools import partial

from signedin.waiting import apart
from signedin_adapters import browser
from signedin_adapters.cli.invocation import Invocation
from signedin_adapters.console.ways import ssh_command
from signedin_adapters.place import Place, where


def tell(call: Invocation, listener: socket.socket, address: Callable[[str], str], *, what: str) -> None:
    """Say where `what` is that this listener serves, and open it. `address` makes one that lets a browser in."""
    out, port = call.out, listener.getsockname()[1]
    url = address(f"http://127.0.0.1:{port}")
    out.object({"url": url})
    if where(os.environ) is Place.SSH:
        out.note("Your browser runs on another machine. Run this there first:")
        out.note(f"\n  {ssh_command(port, os.environ)}\n")
    out.note(f"{what}, for one browser on this machine; the address works once, within a minute:")
    out.note()
    out.note(url)
    out.note()
    out.note(out.quiet_note("Ctrl-C ends it."))
    if not call.options.no_browser:
        apart(partial(browser.open_browser, url))
