"""Owns what it means that no port could be had, by what the system said of each.

A holder of our own is asked to make way before (`loopback.takeover`), so whoever still has a port is not ours to end.
What Windows says was never run there, only looked up here.
"""

import errno
from collections.abc import Mapping

from signedin.classify.transport import EXHAUSTED, STRANDED

_WINDOWS_DENIED, _WINDOWS_IN_USE, _WINDOWS_NO_DESCRIPTOR, _WINDOWS_NO_BUFFER = 10013, 10048, 10024, 10055
_IN_USE = frozenset({errno.EADDRINUSE, _WINDOWS_IN_USE})
_DENIED = frozenset({errno.EACCES, _WINDOWS_DENIED})
_EXHAUSTED = EXHAUSTED | {_WINDOWS_NO_DESCRIPTOR, _WINDOWS_NO_BUFFER}


def is_in_use(number: int) -> bool:
    """Whether the system says that somebody has the port."""
    return number in _IN_USE


def listening_case(refused: Mapping[int, int]) -> str:
    """The case of the ports that could not be had, each with its errno; 0 is a port of the system's own choice.

    A port that the system chooses is reserved for nobody: where even that is denied, nothing may listen at all.
    """
    numbers = set(refused.values())
    if numbers & _IN_USE:
        return "port-in-use-other-tool"
    if any(port and number in _DENIED for port, number in refused.items()):
        return "port-excluded-windows"
    return STRANDED if numbers & _EXHAUSTED else "listener-silent"
