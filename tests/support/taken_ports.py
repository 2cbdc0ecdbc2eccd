"""Ports that somebody has; never fixed ones, for other runs share the machine."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.nursery import PYTHONPATH

OURS = """
import sys
import anyio
from tests.support.waiting import waiting

async def main(home, host, port):
    async with waiting(host=host, ports=[int(port)], home=home) as here:
        print("held", flush=True)
        await here.arrived.wait()
        print(here.case, flush=True)

anyio.run(main, *sys.argv[2:], backend=sys.argv[1])
"""
"""A sign-in of ours, until it is asked for its port."""
FOREIGN = """
import socket, sys

with socket.create_server((sys.argv[1], int(sys.argv[2])), family=int(sys.argv[3])) as server:
    print("held", flush=True)
    while True:
        connection, _ = server.accept()
        with connection:
            print(connection.recv(4096).partition(b"\\r\\n")[0].decode(), flush=True)
            connection.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\nConnection: close\\r\\n\\r\\n")
"""
"""Another tool's sign-in: it says what it is asked, and agrees to everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PortHolder:
    """Another process that listens on `port`."""

    process: "subprocess.Popen[str]"
    port: int

    @property
    def pid(self) -> int:
        return self.process.pid

    def says(self) -> str:
        """Its next line; "" once it has ended."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().rstrip("\n")

    def stop(self) -> None:
        """SIGSTOP: it keeps its sockets and answers nothing."""
        self.process.send_signal(signal.SIGSTOP)

    def kill(self) -> None:
        """As a crash does: nothing is tidied up."""
        self.process.kill()
        self.process.wait()


def occupied(address: str = "127.0.0.1", port: int = 0) -> socket.socket:
    """A socket of this process that listens."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.bind((address, port))
    sock.listen()
    return sock


def refuses(port: int, address: str = "127.0.0.1") -> bool:
    """Whether nobody listens there."""
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as sock:
        return sock.connect_ex((address, port)) != 0


@contextmanager
def ours(home: Path, port: int, *, host: str = "127.0.0.1", backend: str = "asyncio") -> Generator[PortHolder]:
    """A sign-in of ours that waits in another process, until the block ends; then says its case."""
    with _running(OURS, backend, str(home), host, str(port), port=port) as holder:
        yield holder


@contextmanager
def foreign(port: int, *, address: str = "127.0.0.1", program: str = sys.executable) -> Generator[PortHolder]:
    """Another tool that listens, until the block ends; it says the first line of each request.

    `program` is the interpreter, by any name.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with _running(FOREIGN, address, str(port), str(int(family)), port=port, program=program) as holder:
        yield holder


@contextmanager
def _running(code: str, *arguments: str, port: int, program: str = sys.executable) -> Generator[PortHolder]:
    command = [program, "-c", code, *arguments]
    environment = os.environ | {"PYTHONPATH": PYTHONPATH}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        holder = PortHolder(process=process, port=port)
        try:
            assert holder.says() == "held"
            yield holder
        finally:
            process.kill()
