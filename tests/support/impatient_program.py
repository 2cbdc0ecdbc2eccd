"""A program with less patience for a keyring, to be run as a process of its own: the command, or an app of ours.

    command ARGUMENTS…
    asyncio|trio HOME

The app opens its account, says the case that it meets, and comes to its end as any program does.
"""

import sys

import anyio

from signedin import Connection
from signedin_adapters.cli import main
from signedin_adapters.stores import patience

PATIENCE_SECONDS = 1.5


async def look(home: str) -> None:
    async with Connection.open(app_name="signedin", provider="acme", home=home, store="keyring") as connection:
        sys.stdout.write(f"{connection.case.id if connection.case else 'well'}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    patience.FOREGROUND_SECONDS = patience.BACKGROUND_SECONDS = PATIENCE_SECONDS
    runner, *arguments = sys.argv[1:]
    if runner == "command":
        sys.argv[1:] = arguments
        sys.exit(main())
    anyio.run(look, arguments[0], backend=runner)
