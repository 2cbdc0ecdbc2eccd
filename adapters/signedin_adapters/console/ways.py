"""Owns what is said of the ways to sign in where the browser may not find back: each with what to run. Pure.

Which ways there are, the attempt says; what the command of another way is called, whoever runs the prompt.
"""

import re
import shlex
from collections.abc import Mapping
from urllib.parse import urlsplit

from signedin_adapters.console.attempt import Attempt
from signedin_adapters.place import Place, where

Commands = Mapping[str, str]
"""What to type for another way: for "device" the command that signs in with a code. A way without one is not named."""

_OCCASIONS = {
    Place.SSH: "This terminal is connected by SSH, and your browser runs on another machine. What works from there:",
    Place.EDITOR: "This is a container behind your editor. If the answer of your browser does not arrive here:",
    Place.CONTAINER: "This is a container. If the answer of a browser outside does not arrive here:",
    Place.WSL: "This is WSL. If the answer of a browser in Windows does not arrive here:",
}
_PASTE = (
    "Paste the answer. Open the address below in any browser, and paste here the whole address that it ends on, also "
    "where that page does not load."
)
_ADDRESS = re.compile(r"[0-9A-Fa-f:][0-9A-Fa-f.:]*(%[0-9A-Za-z.-]+)?")
_PORT = re.compile(r"[0-9]{1,5}")
_SHARED = "Give the container the machine's own network (docker run --network host), where the browser is on it."


def told(attempt: Attempt, place: Place, environ: Mapping[str, str], commands: Commands) -> str | None:
    """The ways that are open at this place, the best first. None where one sits in front of the machine."""
    if place is Place.HERE:
        return None
    brought = _brought_here(place, urlsplit(attempt.short_url or "").port or 0, environ)
    paste = _PASTE if "paste" in attempt.ways else None
    others = (brought, paste) if place is Place.SSH else (paste, brought)
    ways = (device(attempt, commands), *others)
    return "\n\n".join((_OCCASIONS[place], *(f"- {way}" for way in ways if way)))


def device(attempt: Attempt, commands: Commands) -> str | None:
    """How to sign in with a code instead. None where the provider has no such way, or nobody knows its command."""
    if "device" not in attempt.ways or "device" not in commands:
        return None
    return f"Sign in with a code instead, in any browser: press Ctrl-C here, then run:\n\n  {commands['device']}"


def forwarding(attempt: Attempt, environ: Mapping[str, str]) -> str | None:
    """What to run where the browser is, so that its answer comes here. None where it comes by itself."""
    port = urlsplit(attempt.short_url or "").port
    return None if port is None or where(environ) is not Place.SSH else ssh_command(port, environ)


def _brought_here(place: Place, port: int, environ: Mapping[str, str]) -> str | None:
    """How the browser's answer comes to the listener's port."""
    if place is Place.SSH:
        return (
            "Bring the answer here. Run this where the browser is, then open the address below there:\n\n"
            f"  {ssh_command(port, environ)}"
        )
    if place is Place.EDITOR:
        return f"Bring the answer here. Forward port {port} in the editor, under the same number."
    return _SHARED if place is Place.CONTAINER else None


def ssh_command(port: int, environ: Mapping[str, str]) -> str:
    """The user's own ssh command once more, as far as this end knows it, with this port forwarded.

    It will be run: what is no address, port or name is left out.
    """
    _, _, address, ssh_port = (environ.get("SSH_CONNECTION", "").split() + [""] * 4)[:4]
    user = environ.get("USER") or environ.get("LOGNAME") or ""
    host = address if _ADDRESS.fullmatch(address) else "HOST"
    elsewhere = _PORT.fullmatch(ssh_port) and ssh_port != "22"
    words = ["ssh", "-L", f"{port}:127.0.0.1:{port}", *(["-p", ssh_port] if elsewhere else [])]
    return shlex.join([*words, f"{user}@{host}" if user.isprintable() and user[:1] not in {"", "-"} else host])
