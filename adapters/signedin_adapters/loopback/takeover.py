"""Owns how a sign-in comes by its port: the first that is free, or that an earlier sign-in of ours gives up for it.

Where a port is fixed and taken:

    a note about it lies at home         no → the next port (another program has it, or a sign-in of another home)
    who left it still listens there      no → the next port (a note of the dead, beside another program)
    POST /cancel with the note's secret  200, or it is gone → the port is free in a moment, or another sign-in of ours
                                         has it by then, and is asked; anything else → the next port

Nobody else is ever asked: other tools have a `/cancel` too, and it would end a sign-in that is not ours to end.
"""

import socket
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from functools import partial

import anyio
from anyio.abc import SocketStream
from anyio.streams.buffered import BufferedByteReceiveStream

from signedin.classify.listening import is_in_use, listening_case
from signedin.errors import SignInFailed
from signedin.waiting import apart, wait
from signedin_adapters.loopback import holder, note
from signedin_adapters.loopback.binding import IPV4, IPV6, bind

PATH = "/cancel"
ASKING_SECONDS = 2.0
"""How long an earlier sign-in has to answer, and then how long its port has to come free."""
_PAUSE_SECONDS = 0.05
_STATUS_LINE_BYTES = 256


async def take(host: str, ports: Sequence[int], *, home: str | None) -> list[socket.socket]:
    """Listen on the first of `ports` that can be had; 0 is a port of the system's choice, `home` is where notes lie.

    Raises SignInFailed with the case of `classify.listening`; where ports are taken, it names them and the programs.
    """
    refused: dict[int, int] = {}
    for port in ports:
        try:
            return bind(host, port)
        except OSError as error:
            refused[port] = error.errno or 0
        if is_in_use(refused[port]) and home is not None:
            with anyio.move_on_after(2 * ASKING_SECONDS):
                if sockets := await _from_ours(host, port, home):
                    return sockets
    raise await wait(apart(partial(no_port, host, refused)))


async def _from_ours(host: str, port: int, home: str) -> list[socket.socket]:
    """Listen once our sign-ins let go of the port; nothing where none of ours does.

    One that was faster than this one is asked in its turn, and a port that came free by itself is taken.
    """
    left = note.read(home, port=port)
    while True:
        patience = ASKING_SECONDS if left is not None and await _gives_up(left, port) else 0.0
        if sockets := await _once_free(host, port, home, asked=left, seconds=patience):
            return sockets
        asked, left = left, note.read(home, port=port)
        if left == asked:
            return []


async def _gives_up(left: note.Note, port: int) -> bool:
    """Whether who left the note still has the port, and lets go of it now, or did before it could say so."""
    if not await wait(apart(partial(holder.listens, left.pid, port))):
        return False
    with anyio.move_on_after(ASKING_SECONDS):
        for _, address in (IPV4, IPV6):
            try:
                async with await anyio.connect_tcp(address, port) as stream:
                    return await _makes_way(stream, left)
            except OSError:
                continue
            except (anyio.BrokenResourceError, anyio.IncompleteRead):
                return True
            except anyio.DelimiterNotFound:
                return False
    return False


async def _makes_way(stream: SocketStream, left: note.Note) -> bool:
    """Ask; whether the answer is yes. The secret is in no variable, which a crash report would show."""
    await stream.send(
        f"POST {PATH} HTTP/1.1\r\nHost: {left.authority}\r\nAuthorization: Bearer {left.secret.reveal()}\r\n"
        "Content-Length: 0\r\nConnection: close\r\n\r\n".encode("ascii")
    )
    status = await BufferedByteReceiveStream(stream).receive_until(b"\r\n", _STATUS_LINE_BYTES)
    return status.startswith(b"HTTP/1.1 200 ")


async def _once_free(
    host: str, port: int, home: str, *, asked: note.Note | None, seconds: float
) -> list[socket.socket]:
    """The port; nothing where it does not come free by then, or another note tells that somebody new has it."""
    deadline = anyio.current_time() + seconds
    while True:
        with suppress(OSError):
            return bind(host, port)
        if anyio.current_time() >= deadline or note.read(home, port=port) not in (None, asked):
            return []
        await anyio.sleep(_PAUSE_SECONDS)


def no_port(host: str, refused: Mapping[int, int]) -> SignInFailed:
    """Why none of the ports could be had, by what the system said to each. Blocks while it looks who has them."""
    case = listening_case(refused)
    return SignInFailed(_told(case, host, refused), case=case)


def _told(case: str, host: str, refused: Mapping[int, int]) -> str:
    if case == "port-in-use-other-tool":
        return _taken(host, refused, holder.names([port for port, number in refused.items() if is_in_use(number)]))
    if case == "port-excluded-windows":
        named = f"port {_listed(refused)}" if len(refused) == 1 else f"ports {_listed(refused)}"
        return f"The system does not let programs use {named} on {host}."
    if case == "no-thread":
        return "The system gave this process nothing to listen with."
    return f"This machine lets nothing listen on {host}."


def _taken(host: str, refused: Mapping[int, int], names: Mapping[int, str]) -> str:
    if len(refused) == 1:
        return f"Port {_listed(refused)} on {host} is taken by {next(iter(names.values()))}."
    by = ", ".join(f"{port} by {names.get(port, 'the system itself')}" for port in refused)
    return f"Ports {_listed(refused)} on {host} are taken: {by}."


def _listed(ports: Collection[int]) -> str:
    return " and ".join(map(str, ports))
