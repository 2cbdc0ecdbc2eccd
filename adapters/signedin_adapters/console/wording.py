"""Owns the prompt's texts, one paragraph to a line. Pure. An address stands alone on its line, to be copied whole."""

import time
from collections.abc import Sequence

from signedin.oauth.callback import CallbackRejected


def asking(app_name: str, asks: Sequence[str]) -> str:
    """What the user will be asked to allow."""
    if not asks:
        return f"{app_name} asks you to sign in."
    return "\n".join([f"{app_name} will ask you to let it:", *(f"  - {ask}" for ask in asks)])


def address(url: str, short_url: str | None, *, opening: bool) -> str:
    """Where to sign in."""
    first = (
        "Opening your browser. If none appears, open this address:" if opening else "Open this address in a browser:"
    )
    return f"{first}\n\n{url}" + (f"\n\nFor short: {short_url}" if short_url else "")


NO_BROWSER = "No browser could be opened from here: open the address yourself."
PASTE = "If the browser ends on a page that does not load, paste the whole address of that page here."
COPIED = "The address was sent to the clipboard, if the terminal allows that."
COPIED_CODE = "The code was sent to the clipboard, if the terminal allows that."
NOT_HERE = "The code is typed in the browser, not here. Still waiting."
ACCEPTED = "That is the answer. Finishing the sign-in."


def waiting(app_name: str, left: float, *, code: bool, copies: str | None) -> str:
    """The live line: what for, how long yet, what a key copies, if one does. `left` is seconds."""
    hint = f", c copies {copies}" if copies else ""
    return f"{_waiting(app_name, code=code)}, {time_left(left)}{hint}"


def time_left(left: float) -> str:
    """All of it that a narrow line has room for. `left` is seconds."""
    minutes, seconds = divmod(max(0, round(left)), 60)
    return f"{minutes}:{seconds:02} left"


def waiting_until(app_name: str, deadline: float, *, code: bool) -> str:
    """The same where no line is live. `deadline` is Unix seconds."""
    return f"{_waiting(app_name, code=code)} until {time.strftime('%H:%M', time.localtime(deadline))}."


def _waiting(app_name: str, *, code: bool) -> str:
    return f"Waiting for {'the code to be typed' if code else 'your browser'} ({app_name})"


def rejected(error: CallbackRejected, short_url: str) -> str:
    """Why a paste was not taken, in one line. It never repeats what was pasted."""
    if error.reason == "cut":
        return (
            "The end of that address is missing: terminals cut a line at 4096 characters. Still waiting: with the port "
            f"forwarded (ssh -L), open {short_url} in the browser, and nothing has to be pasted."
        )
    return f"{error.message} Still waiting."
