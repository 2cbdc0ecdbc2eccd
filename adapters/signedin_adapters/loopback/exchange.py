"""Owns one HTTP exchange on a connection: one request head within its limits, one answer, then the end (RFC 9112).

It must never read a body, keep a connection, or hand on a byte that h11 has not parsed.
"""

from dataclasses import dataclass

import anyio
import h11
from anyio.abc import SocketStream

from signedin.secret import Secret

HEAD_BYTES = 16 * 1024
READ_SECONDS = 5.0
_CHUNK = 4096
_DRAIN_SECONDS = 0.5
_DRAIN_BYTES = 64 * 1024
_TLS_HELLO = b"\x16\x03"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request head. `path` and `query` are as sent, nothing decoded; `query` is None where there is no "?".

    `bearer` is what its Authorization header carries (RFC 6750 §2.1), None where it has none of that kind.
    """

    method: str
    path: str
    query: str | None
    host: str
    bearer: Secret | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A whole answer. Names and values of `headers` are ASCII."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


class TlsSpoken(Exception):
    """The browser began a TLS handshake: it upgraded the address to https."""


class Unreadable(Exception):
    """What came is no request that is served here. `status` is what to answer."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Exchange:
    """One connection's only request and answer."""

    def __init__(self, stream: SocketStream) -> None:
        self._stream = stream
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=HEAD_BYTES)
        self._received = 0
        self._head_only = False

    async def read(self) -> Request:
        """The request head, whole within 5 s. Raises TlsSpoken, Unreadable, TimeoutError and anyio's stream errors."""
        with anyio.fail_after(READ_SECONDS):
            try:
                while (event := self._http.next_event()) is h11.NEED_DATA:
                    self._http.receive_data(await self._receive())
            except h11.RemoteProtocolError as error:
                raise Unreadable(error.error_status_hint) from None
        if not isinstance(event, h11.Request):
            raise Unreadable(400)
        self._head_only = event.method == b"HEAD"
        path, mark, query = event.target.decode("ascii").partition("?")
        headers = dict(event.headers)
        return Request(
            method=event.method.decode("ascii"),
            path=path,
            query=query if mark else None,
            host=headers.get(b"host", b"").decode("latin-1"),
            bearer=_bearer(headers.get(b"authorization", b"")),
        )

    async def _receive(self) -> bytes:
        data = await self._stream.receive(_CHUNK)
        if self._received == 0 and _TLS_HELLO.startswith(data[:2]):
            raise TlsSpoken
        self._received += len(data)
        if self._received > HEAD_BYTES:
            raise Unreadable(431)
        return data

    async def answer(self, answer: Answer) -> None:
        """Send the answer whole. Raises TimeoutError and anyio's stream errors."""
        headers = [*answer.headers, ("Content-Length", str(len(answer.body))), ("Connection", "close")]
        data = self._http.send(h11.Response(status_code=answer.status, headers=headers))
        if not self._head_only:
            data += self._http.send(h11.Data(data=answer.body))
        with anyio.fail_after(READ_SECONDS):
            await self._stream.send(data)

    async def drain(self) -> None:
        """Close our side, then read on for a moment: closing over unread bytes would reset the answer on its way."""
        await self._stream.send_eof()
        left = _DRAIN_BYTES
        with anyio.move_on_after(_DRAIN_SECONDS):
            while left > 0:
                left -= len(await self._stream.receive(_CHUNK))


def _bearer(value: bytes) -> Secret | None:
    scheme, _, token = value.decode("latin-1").partition(" ")
    return Secret(token) if scheme.lower() == "bearer" else None
