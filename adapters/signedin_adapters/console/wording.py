"""Owns the prompt's texts. Pure; lines are as long as they have to be, since an address must not be broken."""

import shlex
import time
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from signedin.oauth.callback import CallbackRejected


def asking(app_name: str, asks: Sequence[str]) -> str:
    """What the user will be asked to allow."""
    if not asks:
        return f"{app_name} asks you to sign in."
    return "\n".join([f"{app_name} will ask you to let it:", *(f"  - {ask}" for ask in asks)])


def forwarding(short_url: str, environ: Mapping[str, str]) -> str | None:
    """Over SSH: the command that brings the browser's answer here. None on a machine one sits at."""
    if not is_remote(environ):
        return None
    return (
        "This terminal is connected by SSH, and your browser runs on another machine. Run this there first:\n"
        f"\n  {_ssh_command(urlsplit(short_url).port or 0, environ)}\n"
        "\nThen open the address below there. Without the forwarding, paste the address that the browser ends on here."
    )


def is_remote(environ: Mapping[str, str]) -> bool:
    """Whether the terminal is at the end of an SSH connection."""
    return bool(environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"))


def _ssh_command(port: int, environ: Mapping[str, str]) -> str:
    """The user's own ssh command once more, as far as this end knows it, with the listener's port forwarded."""
    _, _, address, ssh_port = (environ.get("SSH_CONNECTION", "").split() + [""] * 4)[:4]
    user = environ.get("USER") or environ.get("LOGNAME")
    host = address or "HOST"
    words = ["ssh", "-L", f"{port}:127.0.0.1:{port}", *(["-p", ssh_port] if ssh_port not in {"", "22"} else [])]
    return shlex.join([*words, f"{user}@{host}" if user else host])


def address(url: str, short_url: str, *, opening: bool) -> str:
    """Where to sign in. The address stands alone on its line, to be copied whole."""
    first = (
        "Opening your browser. If none appears, open this address:" if opening else "Open this address in a browser:"
    )
    return f"{first}\n\n{url}\n\nFor short: {short_url}"


NO_BROWSER = "No browser could be opened from here: open the address yourself."
PASTE = "If the browser ends on a page that does not load, paste the whole address of that page here."
COPIED = "The address was sent to the clipboard, if the terminal allows that."
ACCEPTED = "That is the answer. Finishing the sign-in."


def waiting(app_name: str, left: float, *, keys: bool) -> str:
    """The live line: what for, how long yet, what can be done. `left` is seconds."""
    minutes, seconds = divmod(max(0, round(left)), 60)
    hint = ", c copies the address" if keys else ""
    return f"Waiting for your browser ({app_name}), {minutes}:{seconds:02} left{hint}"


def waiting_until(app_name: str, deadline: float) -> str:
    """The same where no line is live. `deadline` is Unix seconds."""
    return f"Waiting for your browser ({app_name}) until {time.strftime('%H:%M', time.localtime(deadline))}."


def rejected(error: CallbackRejected, short_url: str) -> str:
    """Why a paste was not taken, in one line. It never repeats what was pasted."""
    if error.reason == "cut":
        return (
            "The end of that address is missing: terminals cut a line at 4096 characters. Still waiting: with the port "
            f"forwarded (ssh -L), open {short_url} in the browser, and nothing has to be pasted."
        )
    return f"{error.message} Still waiting."
