"""One call of the real command, and all that it lets out: what it says, leaves behind, and tells its children."""

import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, PIPE
from zipfile import ZipFile

import anyio
from anyio.abc import ByteReceiveStream, Process
from tests.support.handed_over import HandedOver
from tests.support.stage import browse

START_UP = """
import logging, os, sys

logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
audit = os.open(os.environ["AUDIT"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
noted = ("subprocess.", "os.exec", "os.posix_spawn", "os.system", "os.mkdir", "os.rename", "os.link", "open", "socket.")


def note(event, arguments):
    if event.startswith(noted):
        os.write(audit, f"{event} {arguments!r}\\n".encode(errors="backslashreplace"))


sys.addaudithook(note)
"""
"""What the interpreter runs before the command: every log to stderr, and a note of each child, file and connection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overheard:
    """How a call ended, and what it let out: (where, what) pairs."""

    code: int
    let_out: tuple[tuple[str, bytes], ...]

    @property
    def stderr(self) -> bytes:
        """What was said to people, with all that was logged."""
        return dict(self.let_out)["stderr"]


class Listening:
    """A machine's worth of directories under `root`, in which the command is run and listened to."""

    def __init__(self, root: Path) -> None:
        self.home = root / "home"
        self._root, self._audit = root, root / "audit"
        for directory in ("home", "start-up", "browser", "tmp"):
            (root / directory).mkdir(mode=0o700)
        (root / "start-up" / "sitecustomize.py").write_text(START_UP)
        self._browser = HandedOver(root / "browser")

    def close(self) -> None:
        """Let go of the browser."""
        self._browser.close()

    async def call(
        self, *arguments: str, until: bytes | None = None, typed: bytes = b"", **environment: str
    ) -> Overheard:
        """Run the command on `typed` to its end, or until it has said `until`; a browser does what it is told."""
        command = [str(Path(sys.executable).with_name("signedin")), *arguments]
        with anyio.fail_after(40):
            process = await anyio.open_process(
                command,
                stdin=PIPE if typed else DEVNULL,
                stdout=PIPE,
                stderr=PIPE,
                env=self._environment() | environment,
                cwd=self._root / "tmp",
            )
            async with process, anyio.create_task_group() as tasks:
                tasks.start_soon(self._browse)
                if process.stdin is not None:
                    await process.stdin.send(typed)
                    await process.stdin.aclose()
                said = await _listen_to(process, until)
                code = await process.wait()
                tasks.cancel_scope.cancel()
        return Overheard(code=code, let_out=(*said, *self._left_behind()))

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self._root),
            "TMPDIR": str(self._root / "tmp"),
            "PYTHONPATH": str(self._root / "start-up"),
            "PYTHONASYNCIODEBUG": "1",
            "AUDIT": str(self._audit),
            "BROWSER": str(self._browser.command),
            "SIGNEDIN_HOME": str(self.home),
            "SIGNEDIN_PROVIDER": "sandbox",
            "SIGNEDIN_LOG": "debug",
        }

    async def _browse(self) -> None:
        url = await self._browser.address()
        await anyio.to_thread.run_sync(browse, url)

    def _left_behind(self) -> Iterator[tuple[str, bytes]]:
        """The names and contents of all files, the notes of children among them."""
        paths = sorted(path for path in self._root.rglob("*") if "start-up" not in path.parts)
        yield "file names", "\n".join(map(str, paths)).encode()
        for path in paths:
            if path.is_file():
                yield str(path.relative_to(self._root)), path.read_bytes()
            if path.suffix == ".zip":
                yield from _unpacked(path)


def _unpacked(path: Path) -> Iterator[tuple[str, bytes]]:
    with ZipFile(path) as packed:
        for name in packed.namelist():
            yield f"{path.name}: {name}", packed.read(name)


async def _listen_to(process: Process, until: bytes | None) -> tuple[tuple[str, bytes], ...]:
    stdout, stderr = bytearray(), bytearray()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_hear, process, process.stderr, stderr, None)
        tasks.start_soon(_hear, process, process.stdout, stdout, until)
    return ("stdout", bytes(stdout)), ("stderr", bytes(stderr))


async def _hear(process: Process, stream: ByteReceiveStream | None, said: bytearray, until: bytes | None) -> None:
    assert stream is not None
    async for piece in stream:
        said += piece
        if until is not None and until in said:
            process.send_signal(signal.SIGINT)
            until = None
