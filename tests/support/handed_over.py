"""A browser for `BROWSER` that opens nothing: it notes what it was started with and hands the address to the test."""

import os
from pathlib import Path
from shlex import quote

import anyio

SCRIPT = """#!/bin/sh
printf '%s\\n' "$0" "$@" >> {notes}
env >> {notes}
printf '%s\\n' "$1" > {pipe}
"""


class HandedOver:
    """The script, at `command`; `notes` is the file with its arguments and its environment, one on a line."""

    def __init__(self, directory: Path) -> None:
        self.command, self.notes = directory / "browser", directory / "notes"
        pipe = directory / "pipe"
        os.mkfifo(pipe)
        # Open for writing as well, so that the script never waits for its reader.
        self._pipe = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
        self.command.write_text(SCRIPT.format(notes=quote(str(self.notes)), pipe=quote(str(pipe))))
        self.command.chmod(0o700)

    async def address(self) -> str:
        """Wait for the next address that the browser is to open."""
        with anyio.fail_after(10):
            await anyio.wait_readable(self._pipe)
        return os.read(self._pipe, 65536).decode().strip()

    def close(self) -> None:
        os.close(self._pipe)
