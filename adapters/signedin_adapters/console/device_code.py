"""Owns how a device code is shown (RFC 8628 §3.3): where to type it, the code, a QR code where one fits, a warning."""

from signedin_adapters.console import qr
from signedin_adapters.console.attempt import Attempt
from signedin_adapters.console.screen import GAP, Screen
from signedin_adapters.unshown import UNSHOWN

TEXT_COLUMNS = 36
"""What the text beside a QR code needs at least."""
BOX_COLUMNS = 12
"""What a box needs beside the code in it."""
OTHER_ROWS = 5
"""What has to be seen together with it: the address above it, the line that counts down below."""

_SCAN = "The picture opens the address on a phone."
_SCAN_COMPLETE = "Or scan the picture: the code is in it, and the page then shows the same one."
_WARNING = (
    "Only type this code if you began this sign-in yourself, and never give it to anybody. Whoever sends you a code to "
    "type wants to get into your account."
)


def show(attempt: Attempt, screen: Screen) -> None:
    """Say everything about the code, for good; the live line is the prompt's."""
    code, complete_url = UNSHOWN.sub("", attempt.user_code or ""), attempt.complete_url
    screen.say(f"Open this address in any browser, here or on another device:\n\n{attempt.url}\n")
    if complete_url and (picture := _picture(complete_url, code, screen)):
        screen.say_beside(picture, f"\n{_code(code, boxed=True)}\n\n{_SCAN_COMPLETE}\n\n{_WARNING}")
    elif picture := _picture(attempt.url, code, screen):
        screen.say_beside(picture, f"\n{_code(code, boxed=True)}\n\n{_SCAN}\n\n{_WARNING}")
    else:
        whole = f"\n\nOr open this one, which has the code in it:\n\n{complete_url}" if complete_url else ""
        boxed = screen.draws and len(code) + BOX_COLUMNS <= screen.size.columns
        screen.say(f"{_code(code, boxed=boxed)}{whole}\n\n{_WARNING}\n")


def _picture(url: str, code: str, screen: Screen) -> tuple[str, ...]:
    """The QR code of the address; nothing where it could not be seen whole, with the text beside it."""
    if not screen.draws:
        return ()
    rows, room = qr.rows(url), screen.size
    columns = len(rows[0]) + GAP + max(TEXT_COLUMNS, len(code) + BOX_COLUMNS)
    return rows if columns <= room.columns and len(rows) + OTHER_ROWS <= room.lines else ()


def _code(code: str, *, boxed: bool) -> str:
    """The code as the server wrote it, so that it can be marked and copied too."""
    if not boxed:
        return f"Type this code there:\n\n  {code}"
    edge = "─" * (len(code) + 8)
    return f"Type this code there:\n\n  ┌{edge}┐\n  │    {code}    │\n  └{edge}┘"
