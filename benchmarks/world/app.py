"""Owns the app of the world: how it opens the one account of a home, and how its user signs in."""

import time

import anyio
import httpx

from signedin import Attempt, Connection
from signedin.connection import Opening
from signedin.oauth.messages import Request, Response
from signedin.ports import Clock
from signedin_adapters.http import HttpxClient
from world.token_requests import PATH

APP = "Acme Notes"


class TimedHttp(HttpxClient):
    """The HTTP client that apps get, which also knows how long each redemption of a refresh token took."""

    def __init__(self) -> None:
        super().__init__()
        self.redemptions: list[float] = []

    async def send(self, request: Request, *, seconds: float) -> Response:
        """Send, by the watch."""
        begun = time.monotonic()
        try:
            return await super().send(request, seconds=seconds)
        finally:
            if request.url.endswith(PATH):
                self.redemptions.append(time.monotonic() - begun)


def open_app(home: str, clock: Clock, http: HttpxClient | None = None) -> Opening:
    """The account of the home, under a clock, mostly the world's."""
    return Connection.open(
        app_name=APP, provider="sandbox", home=home, store="file", clock=clock, http=http or HttpxClient()
    )


async def browse(attempt: Attempt) -> None:
    """Play the browser: the server approves by itself and sends it back to the app."""
    async with httpx.AsyncClient(verify=False, trust_env=False, follow_redirects=True) as browser:
        await browser.get(attempt.url)


def sign_in(home: str, clock: Clock) -> None:
    """Leave a signed-in account in the home."""

    async def signing_in() -> None:
        async with open_app(home, clock) as connection:
            await connection.sign_in(prompt=browse)

    anyio.run(signing_in)
