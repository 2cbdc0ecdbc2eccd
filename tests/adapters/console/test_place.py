"""Where a terminal is."""

import pytest

from signedin_adapters.console.place import Place, where


def nowhere(_: str) -> bool:
    return False


@pytest.mark.parametrize(
    ("marker", "place"),
    [
        ({"SSH_CONNECTION": "198.51.100.4 52114 203.0.113.7 22"}, Place.SSH),
        ({"SSH_TTY": "/dev/pts/3"}, Place.SSH),
        ({"CODESPACES": "true"}, Place.EDITOR),
        ({"REMOTE_CONTAINERS": "true"}, Place.EDITOR),
        ({"container": "podman"}, Place.CONTAINER),
        ({"WSL_DISTRO_NAME": "Ubuntu"}, Place.WSL),
        ({"USER": "ada", "SSH_TTY": ""}, Place.HERE),
    ],
)
def test_the_environment_tells(marker: dict[str, str], place: Place) -> None:
    """One marker is enough, and an empty one is none."""
    assert where(marker, nowhere) is place


@pytest.mark.parametrize("file", ["/.dockerenv", "/run/.containerenv"])
def test_a_container_may_only_have_left_a_file(file: str) -> None:
    """Docker sets no variable."""
    assert where({}, lambda path: path == file) is Place.CONTAINER


def test_ssh_into_a_container_is_ssh() -> None:
    """The way back to the browser is what counts."""
    assert where({"SSH_TTY": "/dev/pts/3", "CODESPACES": "true"}, lambda _: True) is Place.SSH
