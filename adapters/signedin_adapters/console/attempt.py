"""Owns `Attempt`: what the prompt needs of a sign-in attempt, with a browser or with a device code."""

from collections.abc import Sequence
from typing import Protocol


class Attempt(Protocol):
    """One attempt, as `Connection.authorize` gives it. `deadline` is Unix seconds."""

    @property
    def url(self) -> str:
        """What a browser has to open: the authorization URL, or the page that takes the code."""
        ...

    @property
    def short_url(self) -> str | None:
        """Redirects to `url`, on this machine. None where nothing listens here."""
        ...

    @property
    def user_code(self) -> str | None:
        """What the user types at `url` (RFC 8628 §3.3), as the server wrote it. None where the browser comes back."""
        ...

    @property
    def complete_url(self) -> str | None:
        """`url` with the code in it (RFC 8628 §3.3.1), where the server gave one."""
        ...

    timeout_case: str
    """What it means if the deadline passes: the id of a case."""

    @property
    def deadline(self) -> float:
        """When the attempt gives up."""
        ...

    @property
    def app_name(self) -> str:
        """Who asks."""
        ...

    @property
    def asks(self) -> Sequence[str]:
        """What the user will be asked to allow."""
        ...

    @property
    def ways(self) -> Sequence[str]:
        """Which ways to sign in there are here: of "browser", "paste" and "device"."""
        ...

    async def submit(self, pasted: str, /) -> None:
        """Take a pasted callback URL. Raises CallbackRejected, which ends nothing."""
        ...
