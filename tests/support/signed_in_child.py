"""A process of its own on the home in argv[1]: opens the account, refreshes it, and ends. argv[2] is the backend."""

import sys

import anyio
from tests.support.stage import APP

from signedin import Connection


async def main(home: str) -> None:
    """One errand."""
    async with Connection.open(app_name=APP, provider="sandbox", home=home) as connection:
        await connection.refresh()


if __name__ == "__main__":
    anyio.run(main, sys.argv[1], backend=sys.argv[2])
