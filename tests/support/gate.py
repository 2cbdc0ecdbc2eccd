"""The way from an app to a provider on another host: a gate on 127.0.0.1 that lets through, says no, or says nothing.

The provider is the sandbox behind TLS, under a name that no name server knows. The gate is the network's proxy to those
who are told of it, and to those who go to it directly it is the provider itself.
"""

import socket
import ssl
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

from signedin.testing.certificates import certificate
from signedin.testing.raw_server import Behaviour, read_request, serving
from signedin_adapters.sandbox import Sandbox

HOST = "provider.invalid"
LET_THROUGH = b"HTTP/1.1 200 Connection established\r\n\r\n"
WANTS_A_PASSWORD = b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n"
SAYS_NO = b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n"


@dataclass
class Gate:
    """`answer` is what a proxy says first, None for nothing at all. `beyond` is the port that it leads to.

    `certificate` is the file that makes an app trust the provider.
    """

    port: int
    beyond: int
    certificate: Path
    answer: bytes | None = LET_THROUGH

    @property
    def url(self) -> str:
        """As a proxy's address."""
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def gate_to(sandbox: Sandbox, directory: Path, *, host: str = HOST) -> Generator[Gate]:
    """A gate that is open, until the block ends; the provider beyond it is called `host`."""
    context, trusted = certificate(directory, host=host)
    with provider(sandbox, context) as port:
        gate = Gate(port=0, beyond=port, certificate=trusted)
        with serving(_behaviour(gate)) as server:
            gate.port = server.port
            yield gate


@contextmanager
def provider(sandbox: Sandbox, context: ssl.SSLContext) -> Generator[int]:
    """The port of a server that shows this certificate and answers as the sandbox does."""

    def answer(stream: socket.socket, over: Event) -> None:
        head, _, body = read_request(stream).partition(b"\r\n\r\n")
        first, *headers = head.split(b"\r\n")
        kept = [line for line in headers if not line.lower().startswith((b"host:", b"connection:"))]
        ours = [f"Host: 127.0.0.1:{sandbox.port}".encode(), b"Connection: close"]
        with socket.create_connection(("127.0.0.1", sandbox.port)) as inner:
            inner.sendall(b"\r\n".join([first, *ours, *kept]) + b"\r\n\r\n" + body)
            _pass_on(inner, stream)

    with serving(answer, tls=context) as server:
        yield server.port


def _behaviour(gate: Gate) -> Behaviour:
    def behave(stream: socket.socket, over: Event) -> None:
        if gate.answer is None:
            over.wait(10)
            return
        first = stream.recv(65536)
        if first.startswith(b"CONNECT "):
            stream.sendall(gate.answer)
            if gate.answer is not LET_THROUGH:
                return
            first = b""
        with socket.create_connection(("127.0.0.1", gate.beyond)) as inner:
            inner.sendall(first)
            back = Thread(target=_pass_on, args=(inner, stream))
            back.start()
            _pass_on(stream, inner)
            back.join()

    return behave


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    """Until one of them ends."""
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
