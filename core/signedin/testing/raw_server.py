"""A server on 127.0.0.1 that does exactly what a test says, byte by byte, also what no decent server would do."""

import socket
import ssl
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Behaviour = Callable[[socket.socket, threading.Event], object]
"""Serves one connection; the event is set when the test is over."""


@dataclass
class RawServer:
    """Where it listens, and how many connections came."""

    port: int
    connections: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        """Its address by http."""
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def serving(behaviour: Behaviour, *, tls: ssl.SSLContext | None = None) -> Generator[RawServer]:
    """Serve until the block ends; with `tls`, the behaviour sees what was decrypted."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = RawServer(port=listener.getsockname()[1])
        threads: list[threading.Thread] = []

        def serve(connection: socket.socket) -> None:
            with suppress(OSError):
                connection.settimeout(10)
                with tls.wrap_socket(connection, server_side=True) if tls else connection as stream:
                    behaviour(stream, server.over)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    if server.over.is_set():
                        connection.close()
                        return
                    server.connections += 1
                    threads.append(threading.Thread(target=serve, args=(connection,), daemon=True))
                    threads[-1].start()

        acceptor = threading.Thread(target=accept, daemon=True)
        acceptor.start()
        try:
            yield server
        finally:
            server.over.set()
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", server.port)).close()
            for thread in [acceptor, *threads]:
                thread.join(10)


def read_request(stream: socket.socket) -> bytes:
    """One whole request, head and body."""
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = stream.recv(65536)
        if not chunk:
            return data
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line.partition(b":")[2] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    while lengths and len(body) < int(lengths[0]):
        body += stream.recv(65536)
    return head + b"\r\n\r\n" + body


def replying(raw: bytes, requests: list[bytes] | None = None) -> Behaviour:
    """Read one request, send these bytes, close."""

    def behave(stream: socket.socket, over: threading.Event) -> None:
        request = read_request(stream)
        if requests is not None:
            requests.append(request)
        stream.sendall(raw)

    return behave


def hanging(stream: socket.socket, over: threading.Event) -> None:
    """Read one request and never answer."""
    read_request(stream)
    over.wait(10)
