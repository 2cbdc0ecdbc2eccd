"""Owns who listens on a port of this machine, as far as the system tells.

It asks the system and connects to nothing. Linux and macOS name a user's own programs; root is told of all. psutil is
imported when a port turns out to be taken, not before.
"""

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

from signedin_adapters.unshown import UNSHOWN

if TYPE_CHECKING:
    from psutil import Process

UNNAMED = "a program that the system does not name"
_NAME_LENGTH = 40
_IN_THE_WAY = {"127.0.0.1", "::1", "0.0.0.0", "::"}


def listens(pid: int, port: int) -> bool:
    """Whether this process listens on the port: False where it does not, or is over, or the system does not tell."""
    import psutil

    try:
        sockets = psutil.Process(pid).net_connections("tcp")
    except (psutil.Error, OSError):
        return False
    return any(_port(each) == port for each in sockets)


def names(ports: Collection[int]) -> dict[int, str]:
    """Who listens on each of these ports, for people: "codex (process 4711)", or UNNAMED. Blocks for a moment."""
    found: dict[int, set[int]] = {port: set() for port in ports}
    for pid, port in _listening():
        if pid is not None and port in found:
            found[port].add(pid)
    return {port: " and ".join(map(_name, sorted(pids))) or UNNAMED for port, pids in found.items()}


def _listening() -> Iterator[tuple[int | None, int]]:
    """Each process with each port that it listens on where a browser on this machine would come."""
    import psutil

    try:
        sockets: list[tuple[int | None, Any]] = [(each.pid, each) for each in psutil.net_connections("tcp")]
    except (psutil.Error, OSError):  # macOS tells an ordinary user nothing about all at once
        sockets = [(process.pid, each) for process in psutil.process_iter() for each in _sockets(process)]
    return ((pid, port) for pid, each in sockets if (port := _port(each)) is not None)


def _sockets(process: "Process") -> list[Any]:
    import psutil

    try:
        return list(process.net_connections("tcp"))
    except (psutil.Error, OSError):
        return []


def _port(connection: Any) -> int | None:
    """The port, where somebody listens at an address that is ours, or at all of them."""
    here: tuple[str, int] | tuple[()] = connection.laddr
    if connection.status == "LISTEN" and here and here[0] in _IN_THE_WAY:
        return here[1]
    return None


def fit_to_show(name: str) -> str:
    """A process's name without what could steer a terminal, and not too long; it may come to nothing."""
    return "".join(letter for letter in UNSHOWN.sub("", name) if letter.isprintable())[:_NAME_LENGTH].strip()


def _name(pid: int) -> str:
    import psutil

    try:
        told = psutil.Process(pid).name()
    except (psutil.Error, OSError):
        told = ""
    return f"{fit_to_show(told) or 'a program'} (process {pid})"
