"""A process of its own that begins a sign-in at the sandbox of a home and waits for a browser.

    waiting_sign_in.py HOME BACKEND LABEL

It says `waiting` once the sign-in is under way, and goes through the browser when a line comes in; then it says
`signed in`. An empty LABEL means the account that there is, or the first.
"""

import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import anyio
import httpx

from signedin import Attempt, Connection

ROOT = Path(__file__).parents[2]
APP = "Acme Notes"


class WaitingSignIn:
    """The running process. It is killed at the end of `waiting_sign_in`."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process, self.pid = process, process.pid

    def hears(self, word: str) -> None:
        """Wait for its next word."""
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == f"{word}\n"

    def goes_on(self) -> None:
        """Let it go through the browser, to the end."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        self.hears("signed in")

    def is_killed(self) -> None:
        """kill -9."""
        self._process.kill()
        self._process.wait()


@contextmanager
def waiting_sign_in(home: str, *, backend: str = "asyncio", label: str = "") -> Generator[WaitingSignIn]:
    """The process, waiting for its browser."""
    with subprocess.Popen(
        [sys.executable, __file__, home, backend, label],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(str(ROOT / part) for part in ("core", "adapters"))},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            waiting = WaitingSignIn(process)
            waiting.hears("waiting")
            yield waiting
        finally:
            process.kill()


def _say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


async def _browse_when_told(attempt: Attempt) -> None:
    _say("waiting")
    await anyio.to_thread.run_sync(sys.stdin.readline)
    async with httpx.AsyncClient(trust_env=False, follow_redirects=True) as browser:
        await browser.get(attempt.url)


async def main(home: str, label: str) -> None:
    """One sign-in."""
    async with Connection.open(app_name=APP, provider="sandbox", home=home, account=label or None) as connection:
        await connection.sign_in(prompt=_browse_when_told)
        _say("signed in")


if __name__ == "__main__":
    anyio.run(main, sys.argv[1], sys.argv[3], backend=sys.argv[2])
