"""A connection that Ada has signed in with, at a sandbox that runs."""

import json
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import anyio

from signedin import Attempt, Connection
from signedin_adapters.sandbox import Sandbox


def announce(sandbox: Sandbox, home: str) -> None:
    """Write what `signedin sandbox` writes, so that its providers find it."""
    file, found = os.path.join(home, "sandbox.json"), {"url": sandbox.url, "issuer": sandbox.issuer}
    with open(file, "w", encoding="utf-8") as stream:
        json.dump({**found, "api_base": sandbox.api_base, "codex_ports": sandbox.codex_ports}, stream)
    os.chmod(file, 0o600)


@asynccontextmanager
async def connected(sandbox: Sandbox, home: str, *, allow_plan: bool = True) -> AsyncGenerator[Connection]:
    """An account of its own, signed in over HTTP."""
    announce(sandbox, home)

    async def visit(attempt: Attempt) -> None:
        await attempt.submit(
            await anyio.to_thread.run_sync(lambda: sandbox.sign_in(attempt.url, allow_plan=allow_plan))
        )

    async with Connection.open(app_name="Acme Notes", provider="sandbox", home=home) as connection:
        await connection.sign_in(prompt=visit)
        yield connection
