"""Owns where a terminal is: in front of its user, or somewhere that a browser's answer may not reach.

What it says orders and informs. It switches nothing off: a marker is no proof.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from enum import Enum


class Place(Enum):
    """Where the terminal is, as far as markers say."""

    HERE = "here"
    SSH = "ssh"
    EDITOR = "editor"
    CONTAINER = "container"
    WSL = "wsl"


_MARKERS = (
    (Place.SSH, ("SSH_CONNECTION", "SSH_TTY")),
    (Place.EDITOR, ("CODESPACES", "REMOTE_CONTAINERS")),
    (Place.CONTAINER, ("container",)),
    (Place.WSL, ("WSL_DISTRO_NAME", "WSL_INTEROP")),
)
_CONTAINER_FILES = ("/.dockerenv", "/run/.containerenv")


def where(environ: Mapping[str, str], exists: Callable[[str], bool] = os.path.exists) -> Place:
    """The place that the environment names, else a container that left its mark in the file system."""
    return next(iter(_places(environ, exists)), Place.HERE)


def markers(environ: Mapping[str, str], exists: Callable[[str], bool] = os.path.exists) -> tuple[str, ...]:
    """All that is special about this machine, for the log: the places by their names, and "ci"."""
    names = [place.value for place in _places(environ, exists)]
    return (*dict.fromkeys(names), *(("ci",) if environ.get("CI") else ()))


def _places(environ: Mapping[str, str], exists: Callable[[str], bool]) -> Iterator[Place]:
    for place, names in _MARKERS:
        if any(environ.get(name) for name in names):
            yield place
    if any(map(exists, _CONTAINER_FILES)):
        yield Place.CONTAINER
