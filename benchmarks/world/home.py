"""Owns homes that were signed in to once, for what needs no server any more as long as the token is good."""

import json
import os

import anyio

from signedin import Connection
from signedin_adapters.sandbox import Sandbox
from world.app import browse


def sign_in_once(home: str, sandbox: Sandbox, *, app_name: str) -> None:
    """Leave a signed-in account of the app in the home; the sandbox, which approves by itself, is over then."""
    with sandbox.running():
        with open(os.path.join(home, "sandbox.json"), "w", encoding="utf-8") as file:
            json.dump({"url": sandbox.url, "issuer": sandbox.issuer, "api_base": sandbox.api_base}, file)

        async def signing_in() -> None:
            async with Connection.open(app_name=app_name, provider="sandbox", home=home, store="file") as connection:
                await connection.sign_in(prompt=browse)

        anyio.run(signing_in)
