"""Owns an API that costs its server nothing: a process of its own that has each answer ready, byte for byte.

So what is measured against it is what the client does. It believes every token, and speaks as much HTTP/1.1 as httpx
needs: one request after another on a connection that stays open.
"""

import asyncio
import socket
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from signedin_adapters.sandbox.parts import Part
from signedin_adapters.sandbox.server import Sandbox
from world.app import APP
from world.figures import on_disk
from world.home import sign_in_once
from world.processes import Line, Program

HEAD_END = b"\r\n\r\n"


@contextmanager
def signed_in(answers: Mapping[str, bytes]) -> Generator[str]:
    """A home with an account whose API gives these answers, by "METHOD /path"."""
    with on_disk() as home, Program(_serve, dict(answers)) as api:
        sign_in_once(home, ApiElsewhere(base=f"http://127.0.0.1:{api.hear()}/v1", auto_approve=True), app_name=APP)
        yield home


@dataclass(kw_only=True, eq=False)
class ApiElsewhere(Sandbox):
    """A sandbox whose tokens are for an API that it does not serve."""

    base: str

    def audience(self, part: Part) -> str:
        """That API."""
        return self.base


def whole(body: bytes, media_type: str) -> bytes:
    """An answer in one piece."""
    return _head(media_type, f"Content-Length: {len(body)}") + body


def chunked(pieces: list[bytes], media_type: str) -> bytes:
    """An answer in chunks (RFC 9112 §7.1), one for each piece."""
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in (*pieces, b""))
    return _head(media_type, "Transfer-Encoding: chunked") + chunks


def _head(media_type: str, framing: str) -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\n{framing}".encode() + HEAD_END


class _Answering(asyncio.Protocol):
    """One connection."""

    def __init__(self, answers: Mapping[str, bytes]) -> None:
        self._answers, self._came = answers, bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The transport writes, too."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer as soon as the request is whole."""
        self._came += data
        head, end, body = bytes(self._came).partition(HEAD_END)
        if end and len(body) >= _length(head):
            self._came.clear()
            method, path, _ = head.partition(b"\r\n")[0].decode().split(" ")
            self._transport.write(self._answers[f"{method} {path}"])


def _length(head: bytes) -> int:
    """Of the body that the head announces."""
    fields = (line.partition(b":") for line in head.lower().split(b"\r\n"))
    return next((int(value) for name, _, value in fields if name == b"content-length"), 0)


def _serve(line: Line, answers: Mapping[str, bytes]) -> None:
    asyncio.run(_answer(line, answers))


async def _answer(line: Line, answers: Mapping[str, bytes]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = await asyncio.get_running_loop().create_server(lambda: _Answering(answers), sock=listener)
        line.send(listener.getsockname()[1])
        await server.serve_forever()
