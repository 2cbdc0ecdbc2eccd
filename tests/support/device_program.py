"""A process that signs in with a code and waits for it to be typed: `HOME PROVIDER RUNNER`. It says the code."""

import sys

import anyio

from signedin import Attempt, Connection


async def show(attempt: Attempt) -> None:
    """One line, then nothing."""
    print(attempt.user_code, flush=True)  # noqa: T201
    await anyio.sleep_forever()


async def main(home: str, provider: str) -> None:
    """Until somebody decides, or kills it."""
    async with Connection.open(app_name="Acme Notes", provider=provider, home=home) as connection:
        await connection.sign_in(device=True, prompt=show)


if __name__ == "__main__":
    _, home, provider, runner = sys.argv
    anyio.run(main, home, provider, backend=runner)
