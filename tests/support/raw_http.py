"""A client that sends exactly the bytes it is given: what a browser, a scanner or an attacker could send."""

from dataclasses import dataclass

import anyio
from anyio.abc import SocketStream


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A whole answer; header names in lower case. Status 0: the connection ended without one."""

    status: int
    headers: dict[str, str]
    body: str


async def connect(port: int, address: str = "127.0.0.1") -> SocketStream:
    return await anyio.connect_tcp(address, port)


async def ask(
    port: int,
    target: str,
    *,
    method: str = "GET",
    host: str | None = None,
    address: str = "127.0.0.1",
    extra: str = "",
) -> Reply:
    """Send one request, read until the connection ends."""
    named = f"127.0.0.1:{port}" if host is None else host
    return await send(port, f"{method} {target} HTTP/1.1\r\nHost: {named}\r\n{extra}\r\n".encode(), address=address)


async def send(port: int, data: bytes, *, address: str = "127.0.0.1") -> Reply:
    async with await connect(port, address) as stream:
        await stream.send(data)
        return await read(stream)


async def read(stream: SocketStream) -> Reply:
    received = b""
    try:
        while True:
            received += await stream.receive()
    except (anyio.EndOfStream, anyio.BrokenResourceError):
        return parse(received)


def parse(received: bytes) -> Reply:
    if not received:
        return Reply(status=0, headers={}, body="")
    head, _, body = received.partition(b"\r\n\r\n")
    status, *lines = head.decode("ascii").split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    return Reply(status=int(status.split()[1]), headers=headers, body=body.decode())
